"""One suite for every Messenger: the fake of our tests, and the real one over the real discord.py.

The real one speaks to the sandbox, which keeps Discord's rules. What the fake promises to the tests
of the deeds is therefore what Discord does.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass

import pytest

from bot.client.client import DarkroomClient
from bot.client.endpoint import choose
from bot.client.messenger import DiscordMessenger
from bot.domain import ChannelId, DmId, PersonId
from bot.errors import Refused, Unreachable
from bot.ports import (
    Answer,
    Archived,
    Button,
    Closed,
    File,
    Forbidden,
    Found,
    Gone,
    Messenger,
    Post,
    Standing,
    TooLarge,
)
from bot.sandbox import happenings, shipped_world, talk
from bot.sandbox.clock import Clock
from bot.sandbox.entities import Overwrite
from bot.sandbox.permissions import Permission
from bot.sandbox.server import Sandbox
from tests.fakes import FakeMessenger
from tests.sandbox.bots import pointed_at

ANA = PersonId(shipped_world.ANA_ID)
GENERAL = ChannelId(shipped_world.GENERAL_ID)
TOKEN = "sandbox.conformance"
NOW = 1_800_000_000
LIMIT_BYTES = 10 * 1024 * 1024
CALLS = {"send": "POST", "edit": "PATCH", "delete": "DELETE"}
METHODS = CALLS | {"ours": "GET", "delete_many": "POST"}
FOR_NOW = (
    {"status": 401},
    {"status": 403, "page": True},
    {"rate_limit": {"via": False}},
    {"code": 40003},
    {"code": 40004},
    {"code": 40333},
)
PAGE = 100
"""Messages of one page, for the fake as for Discord."""


@dataclass(frozen=True)
class Read:
    """A message as a person can read it."""

    message_id: int
    content: str
    files: tuple[tuple[str, str], ...]
    custom_ids: tuple[str, ...]
    pings: tuple[int, ...]


class FakeStage:
    """The fake, and hands on its weather."""

    def __init__(self) -> None:
        self.messenger = FakeMessenger()

    def close_dm(self) -> None:
        self.messenger.closed.add(ANA)

    def take_permissions(self) -> None:
        self.messenger.forbidden.add(GENERAL)

    def archive(self) -> None:
        self.messenger.archived.add(GENERAL)

    def lock(self) -> None:
        self.messenger.archived.add(GENERAL)
        self.messenger.locked.add(GENERAL)

    def hide_channel(self) -> None:
        self.messenger.hidden.add(GENERAL)

    def remove_channel(self) -> None:
        self.messenger.gone.add(GENERAL)

    def take_right_to_bulk(self) -> None:
        self.messenger.no_bulk.add(GENERAL)

    def turn_days(self, days: int) -> None:
        self.messenger.bulk_from = 1 << 60

    def remove_messages(self, channel: int) -> None:
        self.messenger.wipe(channel)

    def say(self, channel: int) -> None:
        """Others' messages are none of the fake's business: it has only ours."""

    def fail(self, call: str) -> None:
        self.messenger.fail(call)

    def lose(self, call: str) -> None:
        self.messenger.lose(call)

    def expire(self, token: str) -> None:
        self.messenger.expired.add(token)

    def read(self, channel: int) -> list[Read]:
        return [
            Read(
                message.message_id,
                message.post.content,
                tuple((one.filename, one.description) for one in message.post.files),
                tuple(button.custom_id for button in message.post.buttons),
                (message.post.mention,) if message.post.mention else (),
            )
            for message in self.messenger.channels.get(channel, [])
        ]


class RealStage:
    """discord.py against a sandbox, and hands on its world."""

    def __init__(self, sandbox: Sandbox, client: DarkroomClient) -> None:
        self.sandbox, self.world = sandbox, sandbox.world
        self.messenger = DiscordMessenger()
        self.messenger.client = client

    def close_dm(self) -> None:
        self.world.users[ANA].dms = "closed"

    def archive(self) -> None:
        self.world.channels[GENERAL].archived = True

    def lock(self) -> None:
        self.archive()
        self.world.channels[GENERAL].locked = True

    def take_permissions(self) -> None:
        lost = int(Permission.SEND_MESSAGES | Permission.ATTACH_FILES)
        overwrite = Overwrite(shipped_world.BOT_ID, 1, deny=lost)
        self.world.channels[GENERAL].overwrites.append(overwrite)

    def hide_channel(self) -> None:
        overwrite = Overwrite(shipped_world.BOT_ID, 1, deny=int(Permission.VIEW_CHANNEL))
        self.world.channels[GENERAL].overwrites.append(overwrite)

    def remove_channel(self) -> None:
        happenings.remove_channel(self.world, self.world.channels[GENERAL])

    def take_right_to_bulk(self) -> None:
        overwrite = Overwrite(shipped_world.BOT_ID, 1, deny=int(Permission.MANAGE_MESSAGES))
        self.world.channels[GENERAL].overwrites.append(overwrite)

    def turn_days(self, days: int) -> None:
        self.sandbox.clock.advance(days * 86400)

    def remove_messages(self, channel: int) -> None:
        self.world.messages[channel].clear()

    def say(self, channel: int) -> None:
        talk.say(self.world, self.world.users[ANA], self.world.channels[channel], "hello", None)

    def fail(self, call: str) -> None:
        self.sandbox.weather.add(self._rule(call) | {"status": 503})

    def lose(self, call: str) -> None:
        self.sandbox.weather.add(self._rule(call) | {"lost_answer": True})

    def expire(self, token: str) -> None:
        """The sandbox has never heard of it."""

    def read(self, channel: int) -> list[Read]:
        return [
            Read(
                message.id,
                message.content,
                tuple((one.filename, one.description or "") for one in message.attachments),
                tuple(
                    button["custom_id"]
                    for row in message.components
                    for button in row["components"]
                ),
                tuple(message.mentions),
            )
            for message in self.world.messages.get(channel, {}).values()
        ]

    def _rule(self, call: str) -> dict[str, object]:
        return {"method": METHODS[call], "route": "/messages", "times": 1}


async def _nothing(_: DarkroomClient) -> None:
    return


@pytest.fixture(params=["the fake", "discord.py"])
async def stage(request) -> AsyncIterator[FakeStage | RealStage]:
    if request.param == "the fake":
        yield FakeStage()
        return
    async with Sandbox(clock=Clock(owned=True, start=NOW), rate_limits=False) as sandbox:
        with pointed_at(sandbox.url):
            async with DarkroomClient(choose(TOKEN, sandbox.url), _nothing) as client:
                await client.login(TOKEN)
                yield RealStage(sandbox, client)
        assert [] == sandbox.gaps


@pytest.fixture
def messenger(stage) -> Messenger:
    return stage.messenger


def post(content: str = "hello", *, job: str = "a", size: int = 0, **changed) -> Post:
    files = (File("image-1.webp", b"x" * size, "Picture made by AI"),) if size else ()
    plain = {"files": files, "buttons": (Button(f"v1:cancel:{job}", "Cancel"),)}
    return Post(content, **(plain | changed))


async def standing(answering) -> int:
    answer: Answer = await answering
    assert isinstance(answer, Standing), answer
    return answer.message_id


async def test_a_message_that_is_sent_stands_as_it_was_meant(stage, messenger):
    said = post("a **fox**", size=10, buttons=(Button("v1:delete:a", "Delete", "🗑️", danger=True),))

    message = await standing(messenger.send(GENERAL, said, nonce="n1"))

    files = (("image-1.webp", "Picture made by AI"),)
    assert [Read(message, "a **fox**", files, ("v1:delete:a",), ())] == stage.read(GENERAL)


async def test_a_nonce_is_sent_once_however_often_it_is_asked(stage, messenger):
    first = await standing(messenger.send(GENERAL, post(), nonce="n1"))
    again = await standing(messenger.send(GENERAL, post(), nonce="n1"))
    other = await standing(messenger.send(GENERAL, post(), nonce="n2"))

    assert first == again != other
    assert [first, other] == [message.message_id for message in stage.read(GENERAL)]


async def test_two_at_once_with_one_nonce_are_one_message(stage, messenger):
    answers = await asyncio.gather(
        *(standing(messenger.send(GENERAL, post(), nonce="n1")) for _ in range(2))
    )

    assert 1 == len(set(answers)) == len(stage.read(GENERAL))


async def test_only_who_is_named_is_pinged(stage, messenger):
    text = f"<@{ANA}> <@{shipped_world.MOD_ID}> @everyone"

    await messenger.send(GENERAL, post(text), nonce="n1")
    await messenger.send(GENERAL, post(text, mention=ANA), nonce="n2")

    assert [(), (ANA,)] == [message.pings for message in stage.read(GENERAL)]


async def test_an_edit_makes_a_message_read_anew_with_other_files_and_buttons(stage, messenger):
    message = await standing(messenger.send(GENERAL, post(size=10), nonce="n1"))

    answer = await messenger.edit(GENERAL, message, post("done", job="b"))

    assert message == answer.message_id
    assert [Read(message, "done", (), ("v1:cancel:b",), ())] == stage.read(GENERAL)


async def test_the_same_edit_twice_changes_nothing_more(stage, messenger):
    message = await standing(messenger.send(GENERAL, post(), nonce="n1"))
    await messenger.edit(GENERAL, message, post("done", size=10))
    once = stage.read(GENERAL)

    await messenger.edit(GENERAL, message, post("done", size=10))

    assert once == stage.read(GENERAL)


async def test_what_is_deleted_is_gone_and_deleting_it_again_is_a_success(stage, messenger):
    message = await standing(messenger.send(GENERAL, post(), nonce="n1"))

    for _ in range(2):
        await messenger.delete(GENERAL, message)

    assert [] == stage.read(GENERAL)


async def many(messenger: Messenger, count: int) -> list[int]:
    return [
        await standing(messenger.send(GENERAL, post(), nonce=f"n{number}"))
        for number in range(count)
    ]


async def test_many_go_at_once_and_the_others_stay_and_once_more_is_a_success(stage, messenger):
    *doomed, kept = await many(messenger, 4)

    assert await messenger.delete_many(GENERAL, doomed)
    assert await messenger.delete_many(GENERAL, doomed)

    assert [kept] == [read.message_id for read in stage.read(GENERAL)]


async def test_a_hundred_may_go_at_once_and_not_one_more(stage, messenger):
    doomed = await many(messenger, 101)

    with pytest.raises(Refused):
        await messenger.delete_many(GENERAL, doomed)
    with pytest.raises(Refused):
        await messenger.delete_many(GENERAL, doomed[:1])
    assert 101 == len(stage.read(GENERAL))
    assert await messenger.delete_many(GENERAL, doomed[1:])
    assert 1 == len(stage.read(GENERAL))


async def test_without_the_right_to_it_none_goes_at_once_but_each_by_itself(stage, messenger):
    first, second = await many(messenger, 2)
    stage.take_right_to_bulk()

    assert not await messenger.delete_many(GENERAL, [first, second])
    assert 2 == len(stage.read(GENERAL))
    await messenger.delete(GENERAL, first)
    assert [second] == [read.message_id for read in stage.read(GENERAL)]


@pytest.mark.parametrize("why", ["old", "hidden"])
async def test_what_is_old_or_out_of_our_sight_does_not_go_at_once(stage, messenger, why):
    both = await many(messenger, 2)
    if why == "old":
        stage.turn_days(15)
    else:
        stage.hide_channel()

    assert not await messenger.delete_many(GENERAL, both)
    assert 2 == len(stage.read(GENERAL))


async def test_in_a_channel_that_is_gone_nothing_stands_any_more(stage, messenger):
    both = await many(messenger, 2)
    stage.remove_channel()

    assert await messenger.delete_many(GENERAL, both)


@pytest.mark.parametrize("lost", [False, True])
async def test_when_discord_fails_nobody_knows_whether_they_went(stage, messenger, lost):
    both = await many(messenger, 2)
    weather = stage.lose if lost else stage.fail
    weather("delete_many")

    with pytest.raises(Unreachable):
        await messenger.delete_many(GENERAL, both)

    assert (0 if lost else 2) == len(stage.read(GENERAL))


@pytest.mark.parametrize("stage", ["discord.py"], indirect=True)
async def test_before_discord_has_told_of_its_servers_nobody_is_taken_for_no_moderator(stage):
    """A connection that is just being made anew, which is when a purge that was cut off goes on."""
    with pytest.raises(Unreachable):
        await stage.messenger.membership(shipped_world.CAFE_ID, PersonId(shipped_world.MOD_ID))


async def test_a_message_is_found_by_its_button(stage, messenger):
    first = await standing(messenger.send(GENERAL, post(job="a"), nonce="n1"))
    other = await standing(messenger.send(GENERAL, post(job="b"), nonce="n2"))

    assert first == (await messenger.find(GENERAL, "v1:cancel:a", since=NOW)).message_id
    assert other == (await messenger.find(GENERAL, "v1:cancel:b", since=NOW)).message_id
    for unknown in ("v1:cancel:c", "v1:delete:a", "v1:cancel:", ""):
        assert await messenger.find(GENERAL, unknown, since=NOW) is None


async def test_of_two_messages_with_one_button_the_newest_is_found(stage, messenger):
    """An edited place and the result that replaces it carry the same button: the result counts."""
    await messenger.send(GENERAL, post(job="a"), nonce="n1")
    newest = await standing(messenger.send(GENERAL, post(job="a"), nonce="n2"))

    found = await messenger.find(GENERAL, "v1:cancel:a", since=NOW)

    assert newest == found.message_id


async def test_a_dm_is_opened_and_is_the_same_every_time(stage, messenger):
    channel = await messenger.open_dm(ANA)

    message = await standing(messenger.send(channel, post(), nonce="n1"))

    assert channel == await messenger.open_dm(ANA)
    assert [message] == [read.message_id for read in stage.read(channel)]
    assert message == (await messenger.find(channel, "v1:cancel:a", since=NOW)).message_id


async def test_a_closed_dm_says_so_and_takes_nothing(stage, messenger):
    channel = await messenger.open_dm(ANA)
    stage.close_dm()
    assert channel == await messenger.open_dm(ANA)

    assert isinstance(await messenger.send(channel, post(), nonce="n1"), Closed)
    assert [] == stage.read(channel)


async def test_what_stands_in_a_dm_that_closed_can_still_be_edited_and_deleted(stage, messenger):
    channel = await messenger.open_dm(ANA)
    message = await standing(messenger.send(channel, post(), nonce="n1"))
    stage.close_dm()

    assert isinstance(await messenger.edit(channel, message, post("done")), Standing)
    await messenger.delete(channel, message)

    assert [] == stage.read(channel)


async def test_without_permission_nothing_is_sent(stage, messenger):
    stage.take_permissions()

    assert isinstance(await messenger.send(GENERAL, post(size=10), nonce="n1"), Forbidden)
    assert [] == stage.read(GENERAL)


async def test_without_permission_no_picture_is_put_into_what_stands(stage, messenger):
    message = await standing(messenger.send(GENERAL, post(), nonce="n1"))
    stage.take_permissions()

    assert isinstance(await messenger.edit(GENERAL, message, post(size=10)), Forbidden)
    assert [()] == [read.files for read in stage.read(GENERAL)]


async def test_a_channel_that_is_gone_says_so(stage, messenger):
    message = await standing(messenger.send(GENERAL, post(), nonce="n1"))
    stage.remove_channel()

    assert isinstance(await messenger.send(GENERAL, post(), nonce="n2"), Gone)
    assert isinstance(await messenger.edit(GENERAL, message, post()), Gone)
    assert await messenger.find(GENERAL, "v1:cancel:a", since=NOW) is None
    await messenger.delete(GENERAL, message)


async def test_what_stands_out_of_our_sight_is_not_taken_for_deleted(stage, messenger):
    message = await standing(messenger.send(GENERAL, post(), nonce="n1"))
    stage.hide_channel()

    assert isinstance(await messenger.edit(GENERAL, message, post("done")), Gone)
    with pytest.raises(Refused):
        await messenger.delete(GENERAL, message)

    assert ["hello"] == [read.content for read in stage.read(GENERAL)]


async def test_a_message_that_is_gone_says_so(stage, messenger):
    message = await standing(messenger.send(GENERAL, post(), nonce="n1"))
    stage.remove_messages(GENERAL)

    assert isinstance(await messenger.edit(GENERAL, message, post()), Gone)


async def test_what_stands_is_there_and_what_was_deleted_is_not(stage, messenger):
    message = await standing(messenger.send(GENERAL, post(), nonce="n1"))
    before = await messenger.is_there(GENERAL, message)
    stage.remove_messages(GENERAL)

    assert (True, False) == (before, await messenger.is_there(GENERAL, message))


async def test_in_a_channel_that_is_gone_nothing_is_there(stage, messenger):
    message = await standing(messenger.send(GENERAL, post(), nonce="n1"))
    stage.remove_channel()

    assert not await messenger.is_there(GENERAL, message)


async def test_what_is_out_of_our_sight_may_be_there(stage, messenger):
    message = await standing(messenger.send(GENERAL, post(), nonce="n1"))
    stage.hide_channel()

    assert await messenger.is_there(GENERAL, message)


async def test_in_a_thread_that_sleeps_nothing_is_edited_and_a_new_message_wakes_it(
    stage, messenger
):
    message = await standing(messenger.send(GENERAL, post(), nonce="n1"))
    stage.archive()
    edited = await messenger.edit(GENERAL, message, post("done"))
    sent = await messenger.send(GENERAL, post("new"), nonce="n2")

    assert (Archived, Standing) == (type(edited), type(sent))
    assert isinstance(await messenger.edit(GENERAL, message, post("done")), Standing)
    assert ["done", "new"] == [read.content for read in stage.read(GENERAL)]


async def test_a_thread_that_is_locked_takes_nothing(stage, messenger):
    message = await standing(messenger.send(GENERAL, post(), nonce="n1"))
    stage.lock()

    assert isinstance(await messenger.edit(GENERAL, message, post("done")), Archived)
    assert isinstance(await messenger.send(GENERAL, post(), nonce="n2"), Archived)
    assert ["hello"] == [read.content for read in stage.read(GENERAL)]


@pytest.mark.parametrize("stage", ["discord.py"], indirect=True)
@pytest.mark.parametrize("refusal", FOR_NOW, ids=str)
@pytest.mark.parametrize("call", ["send", "edit", "delete", "open_dm", "whisper", "is_there"])
async def test_what_discord_refuses_for_now_says_nothing_of_the_message(stage, call, refusal):
    """Its token reset, its edge, a limit: none of it is a reason to give up what was accepted."""
    message = await standing(stage.messenger.send(GENERAL, post(), nonce="n1"))
    stage.sandbox.weather.add(refusal)

    with pytest.raises(Unreachable):
        await _call(stage.messenger, call, message)


async def test_a_file_at_the_limit_is_taken_and_one_over_it_is_too_large(stage, messenger):
    message = await standing(messenger.send(GENERAL, post(size=LIMIT_BYTES), nonce="n1"))

    over = post(size=LIMIT_BYTES + 1)

    assert isinstance(await messenger.send(GENERAL, over, nonce="n2"), TooLarge)
    assert isinstance(await messenger.edit(GENERAL, message, over), TooLarge)
    assert [message] == [read.message_id for read in stage.read(GENERAL)]


@pytest.mark.parametrize("call", CALLS)
async def test_when_discord_fails_nobody_knows_and_nothing_happened(stage, messenger, call):
    message = await standing(messenger.send(GENERAL, post(), nonce="n1"))
    before = stage.read(GENERAL)
    stage.fail(call)

    with pytest.raises(Unreachable):
        await _call(messenger, call, message)

    assert before == stage.read(GENERAL)


@pytest.mark.parametrize("call", ["send", "edit"])
async def test_when_the_answer_is_lost_nobody_knows_and_it_has_happened(stage, messenger, call):
    message = await standing(messenger.send(GENERAL, post(), nonce="n1"))
    stage.lose(call)

    with pytest.raises(Unreachable):
        await _call(messenger, call, message)

    expected = {"send": ["hello", "new"], "edit": ["new"]}
    assert expected[call] == [read.content for read in stage.read(GENERAL)]


async def test_a_delete_whose_answer_was_lost_has_happened_and_can_be_repeated(stage, messenger):
    message = await standing(messenger.send(GENERAL, post(), nonce="n1"))
    stage.lose("delete")

    with suppress(Unreachable):  # the HTTP client may have asked again by itself
        await messenger.delete(GENERAL, message)

    assert [] == stage.read(GENERAL)
    await messenger.delete(GENERAL, message)


async def test_what_was_sent_and_whose_answer_was_lost_is_found(stage, messenger):
    stage.lose("send")
    with pytest.raises(Unreachable):
        await messenger.send(GENERAL, post(job="lost"), nonce="n1")

    found = await messenger.find(GENERAL, "v1:cancel:lost", since=NOW)

    assert found.message_id == stage.read(GENERAL)[0].message_id
    assert found == await messenger.send(GENERAL, post(job="lost"), nonce="n1")
    assert 1 == len(stage.read(GENERAL))


async def test_our_messages_in_a_dm_are_read_back_newest_first_with_what_their_buttons_carry(
    stage, messenger
):
    dm = await messenger.open_dm(ANA)
    buttons = tuple(Button(f"v1:{verb}:a", verb) for verb in ("again", "recipe", "delete"))
    first = await standing(messenger.send(dm, post(size=10, buttons=buttons), nonce="n1"))
    stage.say(dm)
    plain = await standing(messenger.send(dm, post(buttons=()), nonce="n2"))
    stage.say(dm)

    found = await messenger.ours(dm)

    carried = ("v1:again:a", "v1:recipe:a", "v1:delete:a")
    assert [Found(plain, ()), Found(first, carried)] == found


async def test_our_messages_are_read_back_page_by_page_each_once(stage, messenger):
    dm = await messenger.open_dm(ANA)
    sent = []
    for number in range(PAGE + 3):
        sent.append(await standing(messenger.send(dm, post(job=str(number)), nonce=f"n{number}")))
        if not number % 50:
            stage.say(dm)

    pages, before = [], None
    while page := await messenger.ours(dm, before=before):
        pages.append([found.message_id for found in page])
        before = page[-1].message_id

    assert [PAGE, 3] == [len(page) for page in pages]
    assert sent[::-1] == [message for page in pages for message in page]


@pytest.mark.parametrize("in_dm", [False, True])
async def test_one_message_of_ours_is_read_back_with_its_buttons_and_pictures(
    stage, messenger, in_dm
):
    place = await messenger.open_dm(ANA) if in_dm else GENERAL
    files = tuple(File(f"image-{number}.webp", b"RIFF" * number) for number in (1, 2))
    buttons = (Button("v1:delete:a", "Delete"),)
    sent = await standing(messenger.send(place, Post("two", files, buttons), nonce="n1"))

    found = await messenger.read_back(place, sent)

    assert (sent, ("v1:delete:a",)) == (found.message_id, found.custom_ids)
    assert [(0, 4), (1, 8)] == [
        (number, each.size_bytes) for number, each in found.pictures.items()
    ]
    assert all(each.is_made_here for each in found.pictures.values())


async def test_what_is_not_there_or_out_of_our_sight_is_not_read_back(stage, messenger):
    sent = await standing(messenger.send(GENERAL, post(), nonce="n1"))
    assert await messenger.read_back(GENERAL, sent + 1) is None
    stage.hide_channel()

    assert await messenger.read_back(GENERAL, sent) is None


async def test_what_was_edited_is_read_back_with_its_new_buttons_and_what_was_deleted_is_not(
    stage, messenger
):
    dm = await messenger.open_dm(ANA)
    edited = await standing(messenger.send(dm, post(job="a"), nonce="n1"))
    deleted = await standing(messenger.send(dm, post(job="b"), nonce="n2"))
    await messenger.edit(dm, edited, post(job="c"))
    await messenger.delete(dm, deleted)

    assert [Found(edited, ("v1:cancel:c",))] == await messenger.ours(dm)


async def test_a_dm_without_messages_of_ours_is_an_empty_page(stage, messenger):
    dm = await messenger.open_dm(ANA)
    stage.say(dm)

    assert [] == await messenger.ours(dm)


async def test_a_dm_that_closed_can_still_be_read_back(stage, messenger):
    dm = await messenger.open_dm(ANA)
    message = await standing(messenger.send(dm, post(), nonce="n1"))
    stage.close_dm()

    assert [message] == [found.message_id for found in await messenger.ours(dm)]


async def test_a_dm_out_of_our_sight_is_an_empty_page(stage, messenger):
    stage.remove_channel()

    assert [] == await messenger.ours(DmId(GENERAL))


async def test_when_discord_fails_nobody_knows_what_stands_in_the_dm(stage, messenger):
    dm = await messenger.open_dm(ANA)
    await messenger.send(dm, post(), nonce="n1")
    stage.fail("ours")

    with pytest.raises(Unreachable):
        await messenger.ours(dm)


async def test_an_answer_whose_token_has_expired_is_not_rewritten(stage, messenger):
    stage.expire("a-token-of-yesterday")

    assert not await messenger.whisper("a-token-of-yesterday", post())


async def test_without_a_connection_nobody_knows():
    with pytest.raises(Unreachable):
        await DiscordMessenger().send(GENERAL, post(), nonce="n1")


async def _call(messenger: Messenger, call: str, message: int) -> None:
    match call:
        case "send":
            await messenger.send(GENERAL, post("new"), nonce="n2")
        case "edit":
            await messenger.edit(GENERAL, message, post("new"))
        case "delete":
            await messenger.delete(GENERAL, message)
        case "is_there":
            await messenger.is_there(GENERAL, message)
        case "open_dm":
            await messenger.open_dm(ANA)
        case "whisper":
            await messenger.whisper("a-token", post("new"))
