"""`/privacy`: what is held of a person, and their power over it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from discord import app_commands
from discord.ext import commands

from bot import words
from bot.domain import PersonId, Refusal
from bot.policy.retention import LIFETIMES, DataClass
from bot.ports import Closed, Post
from bot.services.account import Account
from bot.services.attest import Verify
from bot.services.choose import Choose
from bot.services.declare import Declare
from bot.services.erase import Erase, Scope
from bot.services.export import Export
from bot.services.publish import Publish
from bot.services.retain import Kept, Retain
from bot.services.walk import Walked
from cogs._answers import Interaction, acknowledge, answer, answer_pages
from cogs._asks import ask_of
from cogs._buttons import Verb

_KIND = "Which kind of thing: /privacy data says what each is"
_TIGHTENED = [kind for kind, life in LIFETIMES.items() if life.person_may_shorten]


@dataclass(frozen=True)
class Powers:
    """What `/privacy` asks for."""

    account: Account
    publish: Publish
    choose: Choose
    retain: Retain
    export: Export
    erase: Erase
    verify: Verify
    declare: Declare


class Privacy(
    commands.GroupCog, name="privacy", description="What is held of you, and your power over it"
):
    """Answers about a person's own data, to them alone."""

    prompt = app_commands.Group(
        name="prompt", description="Whether public pictures show your words"
    )

    def __init__(self, powers: Powers) -> None:
        self.powers = powers

    @app_commands.command(
        name="show",
        description="What is stored, who sees it, what for and how long",
    )
    @app_commands.describe(job="A job's id, or the link of its message: tells that job's life")
    async def show(self, interaction: Interaction, job: str | None = None) -> None:
        """Open with the answers; then everything, generated from configuration."""
        await acknowledge(interaction)
        account, person = self.powers.account, _person(interaction)
        if job is not None:
            life = await account.life_of(job, person)
            await answer_pages(interaction, words.life(life) if life else [words.NO_SUCH_JOB])
            return
        kept = await account.effective(person, ask_of(interaction, ""))
        policy = await account.policy()
        checked = await account.selfcheck()
        await answer_pages(interaction, words.show(account.facts, kept, policy, checked))

    @app_commands.command(name="data", description="Every stored field that concerns you, counted")
    async def data(self, interaction: Interaction) -> None:
        """List what is stored, from the data map."""
        await acknowledge(interaction)
        stored = await self.powers.account.stored(_person(interaction))
        await answer_pages(interaction, words.stored(stored))

    @app_commands.command(name="changes", description="What changed in the privacy policy, by line")
    async def changes(self, interaction: Interaction) -> None:
        """Show the last change of the policy."""
        await acknowledge(interaction)
        await answer_pages(interaction, await self.powers.publish.changes())

    @app_commands.command(
        name="history", description="Who looked at, exported or erased your data, and when"
    )
    async def history(self, interaction: Interaction) -> None:
        """List acts on a person's data."""
        await acknowledge(interaction)
        happened = await self.powers.account.history(_person(interaction), interaction.guild_id)
        await answer_pages(interaction, words.history(happened))

    @app_commands.command(name="export", description="A copy of all I hold of you, by DM")
    async def export(self, interaction: Interaction) -> None:
        """Send it, once a day."""
        await acknowledge(interaction)
        outcome = await self.powers.export(_person(interaction))
        await answer(interaction, Post(words.EXPORT_ANSWERS[outcome]))

    @app_commands.command(
        name="delete", description="Erase a job, today's, or everything: with a signed receipt"
    )
    @app_commands.describe(
        what="What is to go", job="Which one: its id, or the link of the message with its picture"
    )
    async def delete(
        self,
        interaction: Interaction,
        what: Literal["job", "today", "everything"],
        job: str | None = None,
    ) -> None:
        """Ask once more first: nothing of it can be undone."""
        await acknowledge(interaction)
        named = job.strip().rpartition("/")[2] if job else ""
        preview = await self.powers.erase.preview(_person(interaction), Scope(what), named)
        if preview is None:
            await answer(interaction, Post(words.NOTHING_TO_ERASE))
            return
        confirm = words.erase_button(what, named)
        said = words.erase_question(preview)
        await answer(interaction, Post(said, buttons=(confirm, words.keep_button())))

    @app_commands.command(name="verify", description="Check a receipt that I signed")
    @app_commands.describe(receipt="The line that begins with darkroom-receipt.")
    async def verify(self, interaction: Interaction, receipt: str) -> None:
        """Say what a receipt states, or what is wrong with it."""
        await acknowledge(interaction)
        await answer(interaction, Post(words.verified(await self.powers.verify(receipt))))

    @app_commands.command(
        name="retention", description="How long something of yours is kept: only shorter"
    )
    @app_commands.rename(kind="class")
    @app_commands.describe(kind=_KIND, duration="How long: 0, 45m, 24h, 7d, 2w")
    @app_commands.choices(
        kind=[app_commands.Choice(name=kind.value, value=kind.value) for kind in _TIGHTENED]
    )
    async def retention(self, interaction: Interaction, kind: str, duration: str) -> None:
        """Tighten it, for what exists too."""
        await acknowledge(interaction)
        ask = ask_of(interaction, "")
        kept = await self.powers.retain(_person(interaction), DataClass(kind), duration, ask)
        said = words.refused(kept) if isinstance(kept, Refusal) else _said_of(kept)
        await answer(interaction, Post(said))

    @app_commands.command(
        name="training", description="Your wish about training; there is none either way"
    )
    async def training(self, interaction: Interaction, wish: Literal["off", "on"]) -> None:
        """Record a wish. No code acts on it, since none trains."""
        await acknowledge(interaction)
        chosen = await self.powers.choose.change(
            _person(interaction), lambda old: replace(old, training_wish=wish == "on")
        )
        await answer(interaction, Post(words.training(chosen.training_wish)))

    @app_commands.command(
        name="declaration", description="That you have the rights to what you upload, and consent"
    )
    async def declaration(
        self, interaction: Interaction, what: Literal["give", "take-back", "show"]
    ) -> None:
        """Give it, take it back, or say whether it stands."""
        await acknowledge(interaction)
        declare, person = self.powers.declare, _person(interaction)
        if what == "take-back" and await declare.take_back(person):
            await answer(interaction, Post(words.DECLARATION_TAKEN_BACK))
            return
        day = await (declare.give(person) if what == "give" else declare.given_on(person))
        await answer(interaction, Post(words.declared(day) if day else words.NO_DECLARATION))

    @prompt.command(name="hide", description="Post your public pictures without their words")
    async def hide(self, interaction: Interaction) -> None:
        """Hide words, from open jobs too."""
        await self._prompt(interaction, hides=True)

    @prompt.command(name="show", description="Post your public pictures with their words")
    async def unhide(self, interaction: Interaction) -> None:
        """Show words again, of new jobs."""
        await self._prompt(interaction, hides=False)

    @app_commands.command(
        name="opt-out", description="No training, never public, or no processing: you choose which"
    )
    async def opt_out(self, interaction: Interaction) -> None:
        """Ask which is meant; only the last erases."""
        await acknowledge(interaction)
        buttons = words.opt_out_buttons()
        await answer(interaction, Post(words.OPT_OUT_QUESTION, buttons=buttons))

    @app_commands.command(name="opt-in", description="Undo an opt-out")
    async def opt_in(self, interaction: Interaction) -> None:
        """Lift what was forbidden."""
        await acknowledge(interaction)
        lifted = await self.powers.choose.opt_in(_person(interaction))
        await answer(interaction, Post(words.OPTED_IN if lifted else words.WAS_IN))

    async def _prompt(self, interaction: Interaction, *, hides: bool) -> None:
        await acknowledge(interaction)
        await self.powers.choose.change(
            _person(interaction), lambda old: replace(old, hides_prompt=hides)
        )
        await answer(interaction, Post(words.prompt_hidden(hides)))


class PrivacyButtons:
    """What the buttons of `/privacy` do."""

    def __init__(self, powers: Powers) -> None:
        self.powers = powers

    def verbs(self) -> dict[str, Verb]:
        """Name each deed as its button's id does."""
        return {
            "erase": self._erase,
            "keep": self._keep,
            "untrained": self._untrained,
            "never": self._never,
            "leave": self._leave,
            "gone": self._gone,
        }

    async def _erase(self, interaction: Interaction, rest: str) -> None:
        scope, _, named = rest.partition(":")
        await answer(interaction, Post(words.ERASING))
        begun = await self.powers.erase.begin(
            _person(interaction),
            Scope(scope),
            interaction.token,
            interaction_id=interaction.id,
            job=named,
        )
        if not begun:
            await answer(interaction, Post(words.NOTHING_TO_ERASE))

    async def _keep(self, interaction: Interaction, _: str) -> None:
        await answer(interaction, Post(words.KEPT))

    async def _untrained(self, interaction: Interaction, _: str) -> None:
        await answer(interaction, Post(words.NO_TRAINING))

    async def _never(self, interaction: Interaction, _: str) -> None:
        moved = await self.powers.choose.never_public(_person(interaction))
        await answer(interaction, Post(words.now_never_public(len(moved))))

    async def _leave(self, interaction: Interaction, _: str) -> None:
        """Ask the second of two questions before everything goes."""
        preview = await self.powers.erase.preview(_person(interaction), Scope.EVERYTHING)
        if preview is None:
            raise LookupError("everything can always be aimed at")
        buttons = (words.leave_button(), words.keep_button())
        await answer(interaction, Post(words.opt_out_question(preview), buttons=buttons))

    async def _gone(self, interaction: Interaction, _: str) -> None:
        await answer(interaction, Post(words.ERASING))
        await self.powers.erase.opt_out_all(
            _person(interaction), interaction.token, interaction_id=interaction.id
        )


def _said_of(kept: Kept) -> str:
    """Say what applies now, and what was reached in the DM where only the DM knows."""
    said = words.retained(
        kept.kind,
        kept.effective,
        sooner=kept.sooner,
        is_longer=kept.is_longer,
        here=kept.here,
    )
    if kept.kind is not DataClass.STEALTH_RECIPE:
        return said
    match kept.walked:
        case None:
            walked = words.SHORTENED_NOT_NOW
        case Closed():
            walked = words.SHORTENED_NOT_IN_DM
        case Walked(found=found, acted=acted):
            walked = words.shortened_in_dm(found, acted)
    return f"{said}\n{walked}"


def _person(interaction: Interaction) -> PersonId:
    return PersonId(interaction.user.id)
