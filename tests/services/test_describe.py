"""A picture is put into words for whoever brought it: in turn, by the rules, and kept nowhere."""

import asyncio
import io
from dataclasses import replace

import pytest
from PIL import Image

from bot.domain import Cause, PersonId, Private, Refusal, Upload
from bot.policy.promptrules import check_rule
from bot.policy.server import Rule
from bot.services.declare import Declare
from bot.services.describe import MOST_WAITING, Describe, Described
from bot.services.studio import Studio
from bot.storage.database import many
from bot.words import describing
from tests.asks import ask
from tests.services.conftest import ANA, CARD, UTC, House

URL = "https://cdn.discordapp.com/attachments/1/2/fox.png"


@pytest.fixture
def declare(house: House) -> Declare:
    return Declare(house.memory, house.clock, UTC)


def describe(house: House, declare: Declare, said, rules=()) -> Describe:
    async def caption(content: bytes):
        assert content.startswith(b"RIFF"), "only what the intake wrote is looked at"
        return said

    return Describe(house.intake, declare, Studio(CARD, house.engine), rules, caption)


def brings(house: House, size=(90, 60)):
    file = io.BytesIO()
    Image.new("RGB", size, "red").save(file, "PNG")
    house.brought[URL] = file.getvalue()
    return ask("", uploads=(Upload(Private(URL), len(file.getvalue()), "image/png"),))


async def test_ana_hears_what_her_picture_shows_and_its_shape(house: House, declare: Declare):
    await declare.give(ANA)
    told = await describe(house, declare, ["a red fox", "a fox"])(brings(house))

    assert Described(("a red fox", "a fox"), "3:2") == told


async def test_nothing_of_a_described_picture_is_stored(house: House, declare: Declare):
    await declare.give(ANA)
    await describe(house, declare, ["a red fox"])(brings(house))

    async with house.memory.db.read() as tx:
        for table in ("jobs", "recipes", "inputs"):
            assert [] == await many(tx, f"SELECT * FROM {table}")


async def test_who_never_declared_their_rights_has_nothing_fetched(house: House, declare: Declare):
    told = await describe(house, declare, ["a red fox"])(brings(house))

    assert Refusal(Cause.DESCRIBE_UNDECLARED) == told
    assert [] == house.fetched


async def test_what_the_operator_forbids_to_ask_for_is_not_said(house: House, declare: Declare):
    rule = check_rule("foxes", "fox", is_pattern=False)
    assert isinstance(rule, Rule)
    await declare.give(ANA)

    told = await describe(house, declare, ["a red fox", "a pond"], (rule,))(brings(house))
    assert isinstance(told, Described)
    assert ("a pond",) == told.captions

    told = await describe(house, declare, ["a red fox"], (rule,))(brings(house))
    assert Refusal(Cause.DESCRIBE_NOTHING) == told


async def test_a_model_that_fails_is_told_and_what_is_no_picture_is_refused(
    house: House, declare: Declare
):
    await declare.give(ANA)
    asked = brings(house)
    assert Refusal(Cause.DESCRIBE_FAILED) == await describe(house, declare, None)(asked)

    house.brought[URL] = b"GIF89a, or so it says"
    assert Refusal(Cause.INPUT_FORMAT) == await describe(house, declare, ["a fox"])(asked)


async def test_pictures_are_described_one_at_a_time_and_a_long_line_is_told(
    house: House, declare: Declare
):
    await declare.give(ANA)
    may_say, at_once, most_at_once = asyncio.Event(), 0, 0

    async def caption(_: bytes):
        nonlocal at_once, most_at_once
        at_once += 1
        most_at_once = max(most_at_once, at_once)
        await may_say.wait()
        at_once -= 1
        return ["a fox"]

    slow = Describe(house.intake, declare, Studio(CARD, house.engine), (), caption)
    house.intake._waiting.clear()
    asked = [brings(house) for _ in range(MOST_WAITING)]
    waiting = [asyncio.create_task(slow(one)) for one in asked]
    while slow._waiting < MOST_WAITING:
        await asyncio.wait(waiting, timeout=0.01)

    assert Refusal(Cause.DESCRIBE_BUSY) == await slow(brings(house))

    may_say.set()
    told = await asyncio.gather(*waiting)
    assert 1 == most_at_once
    assert any(isinstance(one, Described) for one in told)


async def test_a_crowd_that_asks_at_the_same_moment_makes_no_longer_line(
    house: House, declare: Declare
):
    crowd = [PersonId(ANA + number) for number in range(3 * MOST_WAITING)]
    for person in crowd:
        await declare.give(person)
    may_say = asyncio.Event()

    async def caption(_: bytes):
        await may_say.wait()
        return ["a fox"]

    slow = Describe(house.intake, declare, Studio(CARD, house.engine), (), caption)
    asked = [replace(brings(house), person=person) for person in crowd]
    waiting = [asyncio.create_task(slow(one)) for one in asked]
    while sum(one.done() for one in waiting) < len(crowd) - MOST_WAITING:
        assert slow._waiting <= MOST_WAITING
        await asyncio.wait(waiting, timeout=0.01)

    may_say.set()
    told = await asyncio.gather(*waiting)
    assert 2 * MOST_WAITING == told.count(Refusal(Cause.DESCRIBE_BUSY))


@pytest.mark.parametrize("said", ["a red fox", "it's 100% (nearly), isn't it?", "лиса - 狐 .com"])
def test_a_caption_can_be_read_back_out_of_the_answer_that_showed_it(said: str):
    post = describing.described(["something else", said], "3:2")

    assert said == describing.caption_of(post.content, 2)
    assert "" == describing.caption_of(post.content, 3)
    assert ["v1:caption1:3:2", "v1:caption2:3:2"] == [one.custom_id for one in post.buttons]
