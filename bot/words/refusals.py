"""Why a request was refused: what is wrong, and what to do about it."""

from __future__ import annotations

from datetime import timedelta

from bot.domain import At, Cause, Private, Refusal, Shut
from bot.words import parameters
from bot.words.amounts import fast_time, said_of
from bot.words.echo import echo
from gen.inbound import (
    LONGEST_FILE_BYTES,
    MOST_ELONGATED,
    MOST_PIXELS,
    SHORTEST_SIDE_PX,
)
from gen.job import Speed


def refused(refusal: Refusal) -> str:
    """Say what is wrong and what to do about it."""
    return REFUSALS[refusal.cause].format_map(
        {name: _fact(value) for name, value in parameters.facts(refusal).items()}
    )


def _fact(value: object) -> object:
    if isinstance(value, Shut):
        return _SHUT[value]
    if isinstance(value, At):
        return parameters.place(value)
    if isinstance(value, Private):
        return echo(value.reveal())
    if isinstance(value, tuple):
        return ", ".join(permission_name(str(item)) for item in value)
    if isinstance(value, Speed):
        return said_of(value)
    if isinstance(value, timedelta):
        return fast_time(value.total_seconds())
    return f"{value:g}" if isinstance(value, float) else value


def permission_name(flag: str) -> str:
    """Name a permission as Discord's own settings page does."""
    return _PERMISSIONS.get(flag, flag)


_PERMISSIONS = {
    "view_channel": "View Channel",
    "read_message_history": "Read Message History",
    "send_messages": "Send Messages",
    "send_messages_in_threads": "Send Messages in Threads",
    "attach_files": "Attach Files",
    "embed_links": "Embed Links",
}

_SHUT = {
    Shut.DISK: "my disk is nearly full. Ask again in a while",
    Shut.LOG: "my database has to catch up. Ask again in a few minutes",
    Shut.RESTARTING: "I am restarting. Ask again in a minute",
}

REFUSALS: dict[Cause, str] = {
    Cause.PROMPT_EMPTY: "There is no word in that prompt. Say what you want to see, such as "
    "`/imagine prompt: a red star`.",
    Cause.PROMPT_TOO_LONG: "Prompt and negative prompt together may have {limit} characters. "
    "Shorten one of them.",
    Cause.NOTHING_DRAWABLE: "Emoji and signs alone say nothing to the model. Describe the picture "
    "in words, such as `a red star`.",
    Cause.STEPS: "Steps go from {least} to {most}. Ask again within that range.",
    Cause.GUIDANCE: "Guidance goes from {least} to {most}. Ask again within that range.",
    Cause.SEED: "A seed is a whole number from {least} to {most}. Leave it out for a random one.",
    Cause.COUNT: "One job makes {least} to {most} pictures. Ask again within that range.",
    Cause.SIZE: "This model has no such aspect ratio. It knows: {ratios}.",
    Cause.PLAN_STEPS: "The plan {plan} allows up to {limit} steps. Ask again with fewer.",
    Cause.PLAN_COUNT: "The plan {plan} allows {limit} at most in one job. Ask again for fewer "
    "pictures.",
    Cause.PLAN_SIZE: "The plan {plan} allows pictures of up to {limit} pixels, width times height, "
    "and this shape has more. Ask again for another aspect ratio.",
    Cause.PLAN_STEALTH_NEVER: "The plan {plan} has no stealth, and this would have been a stealth "
    "job. Ask in a server channel without `visibility: stealth` or `--stealth`; nothing was made.",
    Cause.PLAN_STEALTH_ALWAYS: "With the plan {plan} every job is stealth. Leave out "
    "`visibility: public` or `--public`.",
    Cause.STEALTH_USED_UP: "Today's stealth jobs of the plan {plan} are used up ({limit} a day). "
    "Ask in public, or again tomorrow.",
    Cause.PICTURES_USED_UP: "This would go over today's pictures of the plan {plan} ({limit} a "
    "day). Ask for fewer, or again tomorrow.",
    Cause.GPU_TIME_USED_UP: "The plan {plan} includes {limit} of fast time a month, and this "
    "would go over what is left. Ask for less, or again from {turns} on; nothing was made or "
    "counted.",
    Cause.SPEED_NOT_IN_PLAN: "The plan {plan} has no {speed} jobs: its jobs are {offered}. `/plan "
    "show` lists what each plan has; nothing was changed.",
    Cause.WAITING_FULL: "With the plan {plan}, {limit} at most of your jobs may wait or run at a "
    "time. Ask again when one has finished, or `/cancel` one.",
    Cause.QUEUE_FULL: "The queue is full: {limit} jobs wait or run, about {line} of work. Ask "
    "again in a while; nothing was made or counted.",
    Cause.SERVER_FULL: "This server has {limit} public jobs that wait or run, which is all it may "
    "have. Ask again when some are done, or ask me in our DM; nothing was made or counted.",
    Cause.HOUSE_CLOSED: "I take nothing new just now: {why}. What waits or runs goes on; nothing "
    "was made or counted.",
    Cause.DM_IS_STEALTH: "Here in the DM every job is stealth; a public one needs a channel. "
    "Leave out `visibility: public` or `--public`, or ask in a server.",
    Cause.VISIBILITY_TWICE: "You said both public and stealth. Say one of them and ask again; "
    "nothing was made or counted.",
    Cause.NEVER_PUBLIC: "You chose that nothing of yours is ever public. Ask again without public, "
    "or undo that choice with `/privacy opt-in`.",
    Cause.CHOICE_NEEDS_STEALTH: "By your own choice this must be a stealth job, and the plan "
    "{plan} has no stealth; nothing was made or counted. `{undo}` takes the choice back.",
    Cause.DURATION: "That is no duration I know. Say a whole number of minutes, hours, days, weeks "
    "or years, such as {forms}; with 0 nothing is kept.",
    Cause.SPAN: "That is no moment I know. Say how long ago, such as {forms}, or a day, such as "
    "`2026-11-01`; 0 is now.",
    Cause.SPAN_ORDER: "That range ends before it begins. Say the earlier moment in `since` and the "
    "later one in `until`.",
    Cause.LOOSER_THAN_ALLOWED: "That is too long: `{what}` is capped by {by} at {limit}. Choose "
    "that or less.",
    Cause.SHORTER_THAN_WORKS: "That is too short: a picture must live long enough to be delivered, "
    "so `{what}` is {least} at least. Choose that or more.",
    Cause.LIFETIME_FIXED: "How long `{what}` is kept ({kept}) is not a person's choice. "
    "`/privacy show` lists what you can shorten.",
    Cause.FORUM_ROOT: "A forum's front page cannot hold a picture. Open a post in it and ask "
    "there.",
    Cause.BOT_PERMISSIONS: "I am missing a permission in this channel: {missing}. Ask a moderator "
    "to grant it to me, or ask in another channel.",
    Cause.ASKER_PERMISSIONS: "In this channel you need {missing} yourself before I post for you. "
    "Ask in another channel, or with `visibility: stealth`.",
    Cause.ASKER_TIMED_OUT: "You are in a time-out here, so I post nothing for you until it ends.",
    Cause.OPTED_OUT: "You asked me not to process anything of yours, so nothing was made or kept. "
    "`/privacy opt-in` undoes that.",
    Cause.REPEATED: "That request was accepted already; it is made once.",
    Cause.SERVER_ONLY: "That works only in a server, on what is that server's. Use it in a channel "
    "of the server you mean.",
    Cause.NOT_A_MODERATOR: "That is for this server's moderators: whoever has Manage Messages or "
    "Manage Server here, or the moderator role set with `/moderation role`. Ask one of them.",
    Cause.NEEDS_MANAGE_SERVER: "That needs the permission Manage Server. Ask somebody who has it.",
    Cause.NOTHING_HERE: "Nothing found here. I look only in this server, at what is public in it.",
    Cause.PREVIEW_OVER: "That preview is over: it was pressed already, is older than ten "
    "minutes or than my last start, or was shown to somebody else. This press purged nothing; ask "
    "for a new preview.",
    Cause.BLOCKED_HERE: "This server's moderators blocked you from using me here until {until}. "
    "Ask them about it; nothing was made or counted.",
    Cause.BLOCKED: "The operator of this bot has blocked you{until}. Nothing was made or counted; "
    "`/privacy show` still answers, and names whom to ask.",
    Cause.CHANNEL_NOT_ALLOWED: "In this server I post pictures only in {channels}. Ask there, or "
    "ask me in our DM.",
    Cause.SERVER_FORBIDS_STEALTH: "This server does not let stealth jobs be started from it, and "
    "this would have been one; nothing was made or counted. Ask me in our DM instead.",
    Cause.SERVER_FLOOR: "In this server every job is stealth. Leave out `visibility: public` or "
    "`--public`.",
    Cause.STEALTH_OFF: "Stealth is off for you until {until}: safety rules stopped too many of "
    "your stealth jobs. Nothing was made or counted; say `visibility: public` in a server, or wait "
    "until then.",
    Cause.PROMPT_RULE: "The rule **{rule}** of {whose} stops this prompt. Say it another way; "
    "nothing was made or counted.",
    Cause.RULE_NAME: "A rule's name has 1 to {limit} letters, digits, spaces or hyphens, and "
    "people whose prompt it stops read it. Give it such a name.",
    Cause.RULE_WORDS: "There is no word in that rule. Write words with commas between them, such "
    "as `gore, severed head`.",
    Cause.RULE_PATTERN: "That pattern cannot be used: {problem}. Patterns are in RE2's syntax "
    "(github.com/google/re2/wiki/Syntax), without look-around and back-references.",
    Cause.RULE_TOO_LONG: "A rule may have {limit} characters. Make it shorter, or two of it.",
    Cause.RULE_TOO_WIDE: "That pattern fits every prompt, as it fits the empty text. Make it ask "
    "for at least one character.",
    Cause.RULE_TOO_MANY: "There may be {limit} rules. Remove one first; one rule can hold several "
    "words, with commas between them.",
    Cause.RULE_TWICE: "There is a rule of that name here already. Take another name, or remove "
    "that one first.",
    Cause.NO_SUCH_RULE: "There is no rule of that name here. `/moderation rules list` names them.",
    Cause.NO_SUCH_PLAN: "There is no such plan to give here. There is: {plans}.",
    Cause.NO_CEILING: "Roles of this server can give no plan: the operator of this bot has set no "
    "ceiling for it. Only they can, with `darkroom plan ceiling {server} PLAN`.",
    Cause.ABOVE_CEILING: "Roles of this server may give plans up to {ceiling}, and {plan} is above "
    "that. Choose a lower one, or ask the operator of this bot to raise the ceiling.",
    Cause.PLAN_ROLE: "That role would give the plan to everybody or to a bot. Choose a role that "
    "members are given.",
    Cause.GRANT_UNTIL: "Say how long, or the last day of it, such as {forms}: later than now, and "
    "within ten years.",
    Cause.NOT_THE_OPERATOR: "Only the operator of this bot can do that: the owner of its "
    "application at Discord, or an admin or developer of the team that owns it. Ask them.",
    Cause.BLOCK_UNTIL: "Say how long, or the last day of it, such as {forms}; a year is the most.",
    Cause.NOT_THAT_PERSON: "You cannot block or strike yourself, nor me.",
    Cause.ROLE_OF_ALL: "Everybody has that role, so everybody would moderate. Choose another.",
    Cause.INPUT_GONE: "That picture is not there any more: Discord's link to it has expired, or it "
    "was deleted. Attach it again; nothing was made or counted.",
    Cause.INPUT_TOO_LARGE: f"That file is larger than the {LONGEST_FILE_BYTES >> 20} MiB I take. "
    "Attach a smaller one; nothing was made or counted.",
    Cause.INPUT_UNREAD: "I could not fetch that picture from Discord. Try again in a moment; "
    "nothing was made or counted.",
    Cause.INPUT_FORMAT: "That is no picture that I take. Attach a PNG, JPEG or WebP; nothing was "
    "made or counted.",
    Cause.INPUT_ANIMATED: "That picture moves, and I take only still ones. Attach one frame of it; "
    "nothing was made or counted.",
    Cause.INPUT_PIXELS: f"That picture has more than the {MOST_PIXELS // 1_000_000} million pixels "
    "I take. Make it smaller; nothing was made or counted.",
    Cause.INPUT_THIN: f"That picture is too small or too thin: each side needs {SHORTEST_SIDE_PX} "
    f"pixels, and the longer one may be {MOST_ELONGATED} times the shorter. Cut or enlarge it; "
    "nothing was made or counted.",
    Cause.INPUT_BROKEN: "That file is damaged or cut off, so I cannot read the picture in it. Save "
    "it anew as PNG, JPEG or WebP and attach that; nothing was made or counted.",
    Cause.INPUT_BUSY: "I am reading as many pictures as I can at a time, or two of yours already. "
    "Ask again in a moment; nothing was made or counted.",
    Cause.INPUT_MISSING: "That needs other pictures: one, or two to five for a blend. Attach them "
    "and ask again; nothing was made or counted.",
    Cause.DESCRIBE_BUSY: "Others wait to have a picture put into words, and it goes one at a time. "
    "Ask again in a minute; your picture was not looked at.",
    Cause.DESCRIBE_UNDECLARED: "Before I look at a picture of yours, say once that you have the "
    "rights to what you upload and the consent of those in it: `/privacy declaration give`.",
    Cause.DESCRIBE_FAILED: "I could not put that picture into words. Try again, or another "
    "picture; nothing of it was kept.",
    Cause.DESCRIBE_NOTHING: "What I would say of that picture may not be asked for here. Try "
    "another picture; nothing of it was kept.",
    Cause.MASK_SHAPE: "That mask is of another shape than its picture. Give both the same width "
    "and height; white in the mask is painted anew.",
    Cause.MASK_ALONE: "A mask needs a picture to lie on. Attach that as `image`, too; nothing was "
    "made or counted.",
    Cause.STRENGTH_ALONE: "`strength` says how far a picture is changed, and there is none. Attach "
    "one as `image`, or leave it out; nothing was made or counted.",
    Cause.UPSCALE_SIZE: "Enlarged, that picture would be longer than the {limit} pixels I make. "
    "Choose a smaller scale or picture; nothing was made or counted.",
    Cause.ADULT_PROMPT: "This asks for a picture for adults, and none may be made {where}. Say it "
    "another way; nothing was made or counted.",
    Cause.SETTING_NAME: "A name has 1 to {limit} letters, digits or hyphens, and begins with a "
    "letter. Give it such a name; nothing was changed.",
    Cause.SETTING_NAME_TAKEN: "Every prompt knows a parameter of that name already. Take another "
    "name; nothing was changed.",
    Cause.SETTING_VISIBILITY: "What you prefer never says who sees a job: neither `--public` nor "
    "`--stealth` can stand in it. `/stealth` and `/public` choose that; nothing was changed.",
    Cause.SETTING_WORDS: "Only parameters can stand there, such as `--ar 1:1 --steps 20`, and no "
    "other words. Nothing was changed.",
    Cause.SETTING_TOO_LONG: "That is longer than the {limit} characters I keep of it. Shorten it; "
    "nothing was changed.",
    Cause.SETTING_TOO_MANY: "You have {limit} of them, which is all I keep. Say one without a "
    "value to delete it first.",
    Cause.SETTING_ENTRIES: "Such a list has {limit} entries at most. Leave some out; nothing was "
    "changed.",
    Cause.SETTING_NOT_PLAIN: "Entries of such a list are plain words, such as `red, deep blue`: no "
    "parameters, weights, braces, backslashes or long dashes. Nothing was changed.",
    Cause.NO_SUCH_MODEL: "There is no model of that name. The nearest are: {near}; `/models` lists "
    "all. Nothing was made or counted.",
    Cause.MODEL_UNFIT: "**{model}** cannot be loaded just now: its files are damaged, or not as "
    "the operator added them. Choose another from `/models`; nothing was made or counted.",
    Cause.MODEL_MEMORY: "**{model}** needs about {needed} of memory for a picture of {size} "
    "pixels, and the painter has {has}. Choose a smaller shape or another model; nothing was made "
    "or counted.",
    Cause.NO_SUCH_SETTING: "You have none of that name, so there was nothing to delete. `/prefer "
    "option list` and `/prefer wildcard list` name yours.",
} | parameters.SENTENCES
