"""The real discord.py against the sandbox: everything that the bot uses, and what comes soon."""

from __future__ import annotations

import io
from typing import Any

import discord
from discord import app_commands, ui

from tests.sandbox.bots import Bot

PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"
    "0000000a49444154789c6300010000050001od"[:-2]
    + "0d0a2db40000000049454e44ae426082"
)


Tree = app_commands.CommandTree[Any]


def file(name: str = "image-1.png", content: bytes = PIXEL) -> discord.File:
    return discord.File(io.BytesIO(content), name)


class Asking(ui.Modal, title="Tell me"):
    """A modal with the fields that discord.py knows."""

    word: ui.Label[Any] = ui.Label(text="Word", component=ui.TextInput(custom_id="word"))
    color: ui.Label[Any] = ui.Label(
        text="Color",
        component=ui.Select(
            custom_id="color",
            required=True,
            options=[discord.SelectOption(label="Red"), discord.SelectOption(label="Blue")],
        ),
    )
    picture: ui.Label[Any] = ui.Label(
        text="Picture", component=ui.FileUpload(custom_id="picture", required=False)
    )

    async def on_submit(self, interaction: discord.Interaction[Any]) -> None:
        files = [one.filename for one in self.picture.component.values]
        words = f"{self.word.component.value} {self.color.component.values} {files}"
        await interaction.response.send_message(words, ephemeral=True)


class Panel(ui.View):
    """Buttons and menus of all kinds."""

    def __init__(self) -> None:
        super().__init__(timeout=None)

    @ui.button(label="Count", custom_id="count")
    async def count(self, interaction: discord.Interaction[Any], button: ui.Button[Any]) -> None:
        await interaction.response.edit_message(content="counted")

    @ui.button(label="Later", custom_id="later")
    async def later(self, interaction: discord.Interaction[Any], button: ui.Button[Any]) -> None:
        await interaction.response.defer()
        await interaction.edit_original_response(content="edited later")
        await interaction.followup.send("only you", ephemeral=True)

    @ui.button(label="Ask", custom_id="ask")
    async def ask(self, interaction: discord.Interaction[Any], button: ui.Button[Any]) -> None:
        await interaction.response.send_modal(Asking())

    @ui.button(label="Off", custom_id="off", disabled=True)
    async def off(self, interaction: discord.Interaction[Any], button: ui.Button[Any]) -> None:
        raise AssertionError("nobody can press this")

    @ui.select(
        custom_id="words",
        max_values=2,
        options=[discord.SelectOption(label=word) for word in ("one", "two", "three")],
    )
    async def words(self, interaction: discord.Interaction[Any], select: ui.Select[Any]) -> None:
        await interaction.response.send_message(" and ".join(select.values), ephemeral=True)

    @ui.select(cls=ui.UserSelect, custom_id="who")
    async def who(self, interaction: discord.Interaction[Any], select: ui.UserSelect[Any]) -> None:
        await interaction.response.send_message(select.values[0].name, ephemeral=True)

    @ui.select(cls=ui.ChannelSelect, custom_id="where")
    async def where(
        self, interaction: discord.Interaction[Any], select: ui.ChannelSelect[Any]
    ) -> None:
        await interaction.response.send_message(f"#{select.values[0].name}", ephemeral=True)


def with_commands(bot: Bot) -> None:
    """The commands of these tests."""
    add_options(bot.tree)
    add_answers(bot.tree)
    add_menus(bot.tree)


def add_options(tree: Tree) -> None:
    """Commands that take options of all kinds."""

    @tree.command()
    @app_commands.choices(size=[app_commands.Choice(name="Small", value=1)])
    async def everything(
        interaction: discord.Interaction[Any],
        text: app_commands.Range[str, 1, 20],
        count: app_commands.Range[int, 1, 4],
        size: int,
        ratio: float,
        loud: bool,
        person: discord.Member,
        role: discord.Role,
        place: discord.TextChannel,
        thing: discord.Role | discord.Member,
        picture: discord.Attachment,
    ) -> None:
        """Take one of each option."""
        content = await picture.read()
        words = [text, count, size, ratio, loud, person.name, role.name, place.name, thing.name]
        await interaction.response.send_message(f"{words} {content!r}", ephemeral=True)

    @tree.command()
    async def fruit(interaction: discord.Interaction[Any], name: str) -> None:
        """Complete itself."""
        await interaction.response.send_message(name, ephemeral=True)

    @fruit.autocomplete("name")
    async def _names(
        interaction: discord.Interaction[Any], current: str
    ) -> list[app_commands.Choice[str]]:
        fruits = ("apple", "apricot", "banana")
        return [app_commands.Choice(name=f, value=f) for f in fruits if f.startswith(current)]

    group = app_commands.Group(name="privacy", description="About privacy")

    @group.command()
    async def retention(interaction: discord.Interaction[Any], days: int) -> None:
        """Say for how long."""
        assert interaction.context.guild is (interaction.guild is not None)
        await interaction.response.send_message(f"{days} days", ephemeral=True)

    tree.add_command(group)


def add_answers(tree: Tree) -> None:
    """Commands that answer in other ways than at once with words."""

    @tree.command()
    async def slow(interaction: discord.Interaction[Any], ephemeral: bool) -> None:
        """Defer, then answer with a file."""
        await interaction.response.defer(ephemeral=ephemeral)
        await interaction.edit_original_response(content="done", attachments=[file()])
        original = await interaction.original_response()
        assert 1 == original.attachments[0].width

    @tree.command()
    async def panel(interaction: discord.Interaction[Any]) -> None:
        """Show buttons and menus."""
        await interaction.response.send_message("panel", view=Panel())


def add_menus(tree: Tree) -> None:
    """Entries of context menus."""

    @tree.context_menu(name="Echo")
    async def echo(interaction: discord.Interaction[Any], message: discord.Message) -> None:
        await interaction.response.send_message(f"echo {message.content}", ephemeral=True)

    @tree.context_menu(name="Wave")
    async def wave(interaction: discord.Interaction[Any], member: discord.Member) -> None:
        await interaction.response.send_message(f"wave {member.name}", ephemeral=True)
