"""What a person alone reads: answers to what they asked, and how their jobs ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import assert_never

from bot.domain import Ending, JobId, OptOut, Question, Receipt, Visibility, Why
from bot.policy import retention
from bot.ports import Button, Post
from bot.route import PublicRoute, Route, StealthRoute
from bot.words.amounts import duration, fast_time, said_of
from bot.words.echo import echo
from bot.words.parameters import many, together
from bot.words.pictures import rights_question
from bot.words.posts import cancel_button, only_me_button

CONTENT_LIMIT = 2000
"""Characters of a message (https://discord.com/developers/docs/resources/message)."""

UNKNOWN_WORDS_SHOWN = 8
UNKNOWN_WORD_LIMIT = 40
"""Characters: a text without spaces counts as one word, and must not crowd out the rest."""

PROFILE = (
    "Makes pictures with AI on its operator's own machine. /imagine to start, /help for the rest. "
    "Stealth jobs go only to your DM; nothing is trained on any job."
)
"""The application's description, shown in the bot's profile."""

AI_NOTICE = (
    "Pictures are made by AI, on the machine of this bot's operator. "
    "Each file carries a mark that says so, and nothing about you."
)


def accepted(receipt: Receipt) -> Post:
    """The answer to an accepted job: where it stands, who will see it, what it is used for."""
    lines = [_queued(receipt), *two_lines(receipt.visibility)]
    if receipt.fast_again_at is not None:
        lines.append(
            "Your fast time of this month is used up, so this job is relaxed: it waits longer and "
            f"takes none. There is new fast time <t:{receipt.fast_again_at}:R>."
        )
    if receipt.stealth_left_today is not None and receipt.visibility is Visibility.STEALTH:
        lines.append(f"Stealth jobs left today: {receipt.stealth_left_today}.")
    if receipt.engine_note:
        lines.append(receipt.engine_note)
    lines += receipt.notes
    if receipt.others:
        lines.insert(1, together(1 + len(receipt.others)))
        return Post("\n".join(lines)[:CONTENT_LIMIT])
    hide = (only_me_button(receipt.job),) if receipt.visibility is Visibility.PUBLIC else ()
    return Post("\n".join(lines)[:CONTENT_LIMIT], buttons=(*hide, cancel_button(receipt.job)))


def unknown(unknown_words: Sequence[str]) -> tuple[str, ...]:
    """Name the words of a prompt that the model has never seen, if there are any."""
    if not unknown_words:
        return ()
    shown = (word[:UNKNOWN_WORD_LIMIT] for word in unknown_words[:UNKNOWN_WORDS_SHOWN])
    quoted = ", ".join(f"“{echo(word)}”" for word in shown)
    return (f"This model does not know {quoted}; it paints the rest.",)


def kept(visibility: Visibility, seconds: int) -> str:
    """Say in the first answer ever how long what was asked for is kept."""
    recipe = f"for {retention.say(seconds)}" if seconds else "no longer than that"
    match visibility:
        case Visibility.PUBLIC:
            where = "sealed on this machine"
        case Visibility.STEALTH:
            where = "sealed, and only the buttons in your DM can open them"
        case _:
            assert_never(visibility)
    return (
        f"Kept: the picture's file goes when it is delivered; your words {recipe}, {where}. "
        "/privacy shows it all, /privacy delete ends it."
    )


def two_lines(visibility: Visibility) -> tuple[str, str]:
    """Who can see it, and what it may be used for: said with every status."""
    match visibility:
        case Visibility.PUBLIC:
            seen = "everybody who can read this channel."
        case Visibility.STEALTH:
            seen = (
                "you, in your DM with this bot; besides Discord, which carries it, and the "
                "operator, who runs the machine."
            )
        case _:
            assert_never(visibility)
    return (f"**Who can see it:** {seen}", USED_FOR)


USED_FOR = "**What it may be used for:** to make your picture; nothing is trained on it."


def _queued(receipt: Receipt) -> str:
    where = "Next in line" if receipt.position == 1 else f"Queued · position {receipt.position}"
    return f"{where}, about {duration(receipt.eta_seconds)} · {_pace(receipt)}."


def _pace(receipt: Receipt) -> str:
    took = f", {fast_time(receipt.fast_seconds)} of your fast time" if receipt.fast_seconds else ""
    return said_of(receipt.speed) + took


def delivered(job: JobId, route: Route) -> Post:
    """The ephemeral answer once the result stands."""
    match route:
        case PublicRoute():
            where = link(route.guild_id, route.channel_id, route.result_id)
            said, hide = f"in the channel. {where}", True
        case StealthRoute():
            said, hide = f"in your DM. {link(None, route.dm_id, route.result_id)}", False
    lines = [f"Done: your picture stands {said}", *two_lines(route.visibility), *route.notes]
    return Post("\n".join(lines)[:CONTENT_LIMIT], buttons=(only_me_button(job),) if hide else ())


_STAYS = (
    "Discord does not let me remove my message about it in <#{}>: ask somebody who may remove "
    "messages there."
)


def moved(channel_id: int, shared_at: int | None, *, stays: bool = False) -> str:
    """Tell an owner that their public job has become theirs alone, and what could be seen of it.

    `stays`: Discord does not let its place be removed.
    """
    since = f"Its place could be seen in <#{channel_id}> since <t:{shared_at}:t>"
    if shared_at is None:
        seen = "Nobody had seen it."
    elif stays:
        seen = f"{since}. {_STAYS.format(channel_id)}"
    else:
        seen = f"{since}; it is removed."
    return "\n".join([f"🔒 This job goes to your DM now. {seen}", *two_lines(Visibility.STEALTH)])


def stays(channel_id: int) -> str:
    """Tell an owner that a message about their job still stands where others read."""
    return _STAYS.format(channel_id)


def asked_back(question: Question) -> Post:
    """Ask before a job may be more public than its owner may expect. Nothing is queued yet."""
    match question.why:
        case Why.LOOSER if question.facts.get("of_stealth"):
            why = (
                "The picture this comes from was stealth, and your words say `--public`: this one "
                f"would be posted in <#{question.channel_id}> for everybody there."
            )
        case Why.LOOSER:
            why = (
                "Your last job would have gone only to your DM; by your plan, your choices and "
                "this server's settings now, "
                f"this one would be posted in <#{question.channel_id}> for everybody there."
            )
        case Why.PERSONAL:
            why = (
                "Your words hold something like an e-mail address, a phone number, an address or "
                f"an account number, and would be posted in <#{question.channel_id}>."
            )
        case Why.MANY:
            post, seen = many(question), Visibility(str(question.facts.get("seen", "public")))
            return replace(post, content="\n".join([post.content, *two_lines(seen)]))
        case Why.RIGHTS:
            return rights_question(question)
        case _:
            assert_never(question.why)
    lines = [
        f"{why} Nothing is queued or counted until you choose.",
        f"**Who could see it:** posted, everybody who can read <#{question.channel_id}>; else you, "
        "in your DM, besides Discord and the operator.",
        USED_FOR,
    ]
    only_me = Button(f"v1:mine:{question.id}", "Only to me", "🔒")
    return Post(
        "\n".join(lines),
        buttons=(
            Button(f"v1:post:{question.id}", "Post it", danger=True),
            *([only_me] if question.may_be_stealth else []),
            Button(f"v1:drop:{question.id}", "Cancel"),
        ),
    )


def link(guild_id: int | None, channel_id: int | None, message_id: int | None) -> str:
    """Link to a message, as Discord's clients open it."""
    return f"https://discord.com/channels/{guild_id or '@me'}/{channel_id}/{message_id}"


def ended(ending: Ending) -> str:
    """Tell an owner why an accepted job has no picture. All of these cost nothing."""
    return _ENDED[ending]


def now_stealth(moved: int, shared_at: Sequence[int]) -> str:
    """Answer to /stealth: what it means, and what of the open jobs could be seen meanwhile."""
    lines = ["🔒 From now on your jobs go only to your DM, until you say /public."]
    if moved:
        jobs = "One job that was" if moved == 1 else f"{moved} jobs that were"
        lines.append(f"{jobs} waiting or running goes to your DM now, too.")
    if shared_at:
        lines.append(
            f"Its place could be seen in the channel since <t:{min(shared_at)}:t>; it is being "
            "removed."
        )
    lines += two_lines(Visibility.STEALTH)
    lines.append("Pictures that stand already stay; 🔒 Only me or 🗑️ Delete takes them back.")
    return "\n".join(lines)


def now_public() -> str:
    """Answer to /public."""
    return "\n".join(
        [
            "From now on your jobs are posted in the channel you ask in, where your plan and the "
            "place allow it. In my DM every job stays stealth. Jobs accepted before do not change.",
            *two_lines(Visibility.PUBLIC),
        ]
    )


def opted_out(level: OptOut) -> str:
    """Remind a person of what they forbade, and how to undo it."""
    match level:
        case OptOut.NEVER_PUBLIC:
            said = "You asked that nothing of yours is ever public."
        case OptOut.NO_PROCESSING:
            said = "You asked me not to process anything of yours."
        case OptOut.ASK_FIRST:
            said = "You once said /stealth, so I ask before your next job is public."
        case _:
            assert_never(level)
    return f"{said} `/privacy opt-in` undoes that."


_ENDED = {
    Ending.CANCELLED: "Cancelled. It cost you nothing but the steps it had done.",
    Ending.MOVED: moved(0, None),
    Ending.ERASED: "Erased, as you wished. It cost you nothing.",
    Ending.EXPIRED: (
        "This picture could not be delivered for so long that its time was over, so it "
        "is gone. It cost you nothing; please ask again."
    ),
    Ending.PURGED: (
        "A moderator of that server, or the bot's operator, removed what you had waiting "
        "there. It cost you nothing; `/privacy history` has the entry."
    ),
    Ending.STOPPED: (
        "A safety check stopped this picture, so it was destroyed and shown to nobody. It "
        "cost you nothing; say it another way."
    ),
    Ending.DM_CLOSED: (
        "Your DM is closed to me, so this stealth job was not made; nothing was posted "
        "anywhere and it cost you nothing. Allow direct messages from this server's "
        "members (server menu → Privacy Settings), then ask again; after three refusals I wait "
        "ten minutes before I try your DM again."
    ),
    Ending.PLACE_GONE: (
        "The message your picture was to stand in is gone, or I may no longer post there, "
        "so the job was stopped. It cost you nothing; ask again where I may post."
    ),
    Ending.FAILED: (
        "This picture could not be made or kept, or Discord did not take it. It cost you "
        "nothing; ask again, and if it fails again try other words or fewer pictures."
    ),
    Ending.TOO_LARGE: (
        "This picture does not fit the painter's memory, even with the least memory it can do "
        "with. It cost you nothing; ask for a smaller size, or try another model."
    ),
    Ending.NO_MODEL: (
        "The model of this job could not be loaded, so it was not made. It cost you nothing; "
        "choose another with `model`, from those that `/models` lists."
    ),
    Ending.POISON: (
        "This job stopped the painter three times and was given up. It cost you nothing; "
        "try a smaller size or fewer steps."
    ),
    Ending.LOST: (
        "The key of this job is gone, as after the machine was switched off: keys of "
        "waiting stealth jobs live in memory only, by design. Nobody can read that job "
        "any more. It cost you nothing; please ask again."
    ),
}

POLICY_CHANGED = (
    "The privacy policy has changed since your last job: `/privacy changes` shows each line. "
    "What was made before keeps the stricter of old and new."
)
FORGOTTEN_QUESTION = (
    "I have forgotten that question, as I do after 15 minutes and when I restart. Nothing was "
    "posted or counted; please ask again."
)
DROPPED = "Dropped. Nothing was queued or counted."
ONLY_ME_MOVED = "\n".join(
    [
        "🔒 Done: the job goes on in your DM, and its place in the channel is being removed.",
        *two_lines(Visibility.STEALTH),
    ]
)
ONLY_ME_REMADE = "\n".join(
    [
        "🔒 Done: the post, its record and its recipe are gone. The picture is made again from the "
        "same words and seed, for your DM: one stealth job more today, and no picture more. What "
        "somebody saved is out of my reach.",
        *two_lines(Visibility.STEALTH),
    ]
)
ONLY_ME_REMOVED = (
    "🔒 Done: the post and its record are gone. I cannot make it again for your DM: its recipe was "
    "gone already, or it began with a picture of yours, which went with its job."
)
ONLY_ME_FULL = (
    "🔒 Done: the post, its record and its recipe are gone. So many jobs of yours wait already "
    "that I do not make this picture again; ask anew when some have finished."
)
EXPIRED_RECIPE = (
    "If this picture has only just come, press again in a moment. Otherwise what this button needs "
    "is gone: its time is over, or it was erased, or it is not yours. Then please ask anew with "
    "/imagine."
)
NOT_YOURS = "Only the person who asked for it can do that, while it is there."
ALREADY_ENDED = "That job has ended already; nothing to cancel."
DELETED = "Deleted."
COULD_NOT_DELETE = "Discord did not let me delete that message; press Delete again in a moment."
TRY_AGAIN = "Something went wrong on my side; nothing was queued or counted. Please try again."
STALE_BUTTON = "This button is from an older version and does nothing any more."
LOADING = "The painter is still loading its model; your job waits and starts by itself."
DOWN = "The painter is not running at the moment; your job waits and starts by itself."
