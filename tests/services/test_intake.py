"""Pictures that people bring: read before anything is queued, and gone with their job."""

from __future__ import annotations

import asyncio
import io
from dataclasses import replace

import pytest
from PIL import Image

from bot.crypto.receipts import Scope
from bot.domain import Cause, Ending, OptOut, Private, Question, Receipt, Refusal, Upload, Why
from bot.policy.starts import LONGEST_UPSCALED_PX
from bot.ports import Unfetched
from bot.services.intake import MOST_OF_ONE, MOST_WAITING
from bot.storage import choices, datamap
from gen.job import Kind
from tests.asks import ask
from tests.fakes import FakeEngine
from tests.services.conftest import ANA, MOD, House
from tests.services.erasing import Eraser
from tests.services.test_export import exported

RED, BLUE = (200, 10, 10), (10, 10, 200)
CDN = "https://cdn.discordapp.com/attachments/1/2/"


def drawn(width: int = 90, height: int = 60, colour: tuple[int, int, int] = RED) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(stream, "PNG")
    return stream.getvalue()


def brings(house: House, *contents: bytes | Unfetched, **changed: object) -> tuple[Upload, ...]:
    """Attach files at Discord; gives what Discord says of them."""
    uploads = []
    for content in contents:
        address = f"{CDN}{len(house.brought)}.png"
        house.brought[address] = content
        size = len(content) if isinstance(content, bytes) else 9
        uploads.append(Upload(Private(address), size, "image/png", **changed))
    return tuple(uploads)


async def varies(house: House, *contents: bytes, **changed: object) -> dict[str, object]:
    """What `/vary` asks, of somebody who has declared their rights."""
    await house.declare.give(ANA)
    return {"kind": Kind.VARY, "uploads": brings(house, *(contents or (drawn(),)))} | changed


async def inputs_of(house: House) -> list[tuple]:
    return (await house.rows())["db.inputs"]


def slow(house: House) -> None:
    house.engine = FakeEngine(auto=False)
    house.start_again()


async def opts_out(house: House) -> None:
    """Only the row: what else stops goes by what each step reads of it."""
    async with house.memory.db.transaction() as tx:
        await choices.set_opt_out(
            tx, house.memory.keys.person(ANA), OptOut.NO_PROCESSING, day="2027-01-15"
        )


# --- what comes of a picture


async def test_anas_picture_reaches_the_painter_and_ends_with_its_job(house: House):
    job = await house.accepted("a fox", **await varies(house))
    [(_, _, blob)] = await inputs_of(house)
    assert [blob] == house.files()

    await house.finish()

    [(_, spec)] = house.engine.given
    [content] = house.engine.brought[job]
    assert (Kind.VARY, 1, 0.6, (96, 64)) == (
        spec.kind, spec.inputs, spec.strength, (spec.width, spec.height)
    )  # fmt: skip
    assert RED == Image.open(io.BytesIO(content)).getpixel((0, 0))
    assert ([], []) == (await inputs_of(house), house.files())


@pytest.mark.parametrize("visibility", ["public", "stealth"])
async def test_what_lies_on_the_disk_of_it_is_sealed(house: House, on_disk, visibility):
    marked = drawn(colour=(12, 34, 56))
    await house.accepted("a fox", **await varies(house, marked, visibility=visibility))
    await house.accepted("a fox")

    [sealed] = [house.memory.blobs.get(name) for name in house.files()]

    assert b"RIFF" not in sealed
    assert b"WEBP" not in on_disk()


@pytest.mark.parametrize(
    ("picture", "size"),
    [((64, 64), (64, 64)), ((300, 200), (96, 64)), ((100, 20), (96, 64)), ((20, 100), (64, 64))],
)
async def test_it_is_made_at_the_models_size_that_is_nearest_in_shape(house: House, picture, size):
    await house.delivered("a fox", **await varies(house, drawn(*picture)))

    [(_, spec)] = house.engine.given
    assert size == (spec.width, spec.height)


async def test_a_picture_is_enlarged_as_it_is_and_needs_no_words(house: House):
    await house.delivered("", **await varies(house, drawn(90, 50), kind=Kind.UPSCALE, scale=4.0))

    [(_, spec)] = house.engine.given
    assert (360, 200, 0) == (spec.width, spec.height, spec.steps_to_do)


async def test_five_are_blended_in_their_order_and_a_mask_comes_last(house: House):
    colours = [(each, 0, 0) for each in (10, 60, 110, 160, 210)]
    five = await varies(house, *(drawn(64, 64, each) for each in colours), kind=Kind.BLEND)
    masked = await varies(house, drawn(), drawn(45, 30, BLUE), masked=True)

    blend = await house.delivered("", **five)
    vary = await house.delivered("a fox", **masked)

    def first(content: bytes) -> object:
        return Image.open(io.BytesIO(content)).getpixel((0, 0))

    assert colours == [first(each) for each in house.engine.brought[blend]]
    assert [RED, BLUE] == [first(each) for each in house.engine.brought[vary]]
    assert [False, True] == [spec.masked for _, spec in house.engine.given]


# --- what is refused, at no cost

BAD = {
    "an address that is not Discord's": (Unfetched.FOREIGN, Cause.INPUT_UNREAD),
    "a link that expired": (Unfetched.GONE, Cause.INPUT_GONE),
    "more than was said": (Unfetched.TOO_LARGE, Cause.INPUT_TOO_LARGE),
    "Discord does not answer": (Unfetched.UNREACHABLE, Cause.INPUT_UNREAD),
    "nothing": (b"", Cause.INPUT_BROKEN),
    "a page": (b"<html>", Cause.INPUT_FORMAT),
    "half of it": (drawn(400, 300)[:200], Cause.INPUT_BROKEN),
    "too thin": (drawn(1000, 20), Cause.INPUT_THIN),
}


@pytest.mark.parametrize("name", BAD)
async def test_a_picture_that_cannot_be_used_costs_nothing(house: House, name):
    content, cause = BAD[name]
    asked = await varies(house, content)
    before = await house.rows()

    assert Refusal(cause) == await house.ask("a fox", **asked)

    assert before == await house.rows()
    assert [] == house.files()


WRONG = {
    "a blend of one": ({"kind": Kind.BLEND}, 1, Cause.INPUT_MISSING),
    "a blend of six": ({"kind": Kind.BLEND}, 6, Cause.INPUT_MISSING),
    "two to vary": ({"kind": Kind.VARY}, 2, Cause.INPUT_MISSING),
    "none to vary": ({"kind": Kind.VARY}, 0, Cause.INPUT_MISSING),
    "a mask alone": ({"kind": Kind.IMAGINE, "masked": True}, 0, Cause.MASK_ALONE),
    "a strength alone": ({"kind": Kind.IMAGINE, "strength": 0.5}, 0, Cause.STRENGTH_ALONE),
}


@pytest.mark.parametrize("name", WRONG)
async def test_too_few_and_too_many_pictures_are_refused_unfetched(house: House, name):
    changed, count, cause = WRONG[name]
    asked = await varies(house) | {"uploads": brings(house, *[drawn()] * count)} | changed

    assert Refusal(cause) == await house.ask("a fox", **asked)
    assert [] == house.fetched


async def test_a_mask_of_another_shape_is_refused(house: House):
    asked = await varies(house, drawn(90, 60), drawn(60, 90), masked=True)

    assert Refusal(Cause.MASK_SHAPE) == await house.ask("a fox", **asked)


async def test_nothing_is_enlarged_beyond_what_is_made(house: House):
    asked = await varies(house, drawn(2000, 1000), kind=Kind.UPSCALE, scale=4.0)

    refused = Refusal(Cause.UPSCALE_SIZE, {"limit": LONGEST_UPSCALED_PX})
    assert refused == await house.ask("", **asked)


async def test_a_file_that_says_it_is_too_large_is_not_fetched(house: House):
    asked = await varies(house)
    [upload] = asked["uploads"]

    assert Refusal(Cause.INPUT_TOO_LARGE) == await house.ask(
        "a fox", **asked | {"uploads": (replace(upload, size_bytes=40 << 20),)}
    )
    assert [] == house.fetched


# --- who may not ask has nothing fetched


async def test_the_declaration_comes_before_the_first_picture_and_only_once(house: House):
    asked = {"kind": Kind.VARY, "uploads": brings(house, drawn())}

    question = await house.ask("a fox", **asked)
    assert isinstance(question, Question)
    assert (Why.RIGHTS, []) == (question.why, house.fetched)
    assert [] == house.files()

    waiting = house.questions.take(question.id, ANA)
    assert isinstance(
        await house.submit(replace(waiting.ask, confirmed=frozenset({Why.RIGHTS}))), Receipt
    )
    assert not await house.declare.needs(ANA)
    assert isinstance(await house.ask("a fox", **asked), Receipt)


async def test_her_own_result_needs_no_declaration(house: House):
    asked = {"kind": Kind.VARY, "uploads": brings(house, drawn(), is_made_here=True)}

    assert isinstance(await house.ask("a fox", **asked), Receipt)
    assert await house.declare.needs(ANA)


async def test_who_opted_out_while_the_question_stood_is_not_read(house: House):
    question = await house.ask("a fox", kind=Kind.VARY, uploads=brings(house, drawn()))
    await opts_out(house)
    waiting = house.questions.take(question.id, ANA)

    answer = await house.submit(replace(waiting.ask, confirmed=frozenset({Why.RIGHTS})))

    assert Refusal(Cause.OPTED_OUT) == answer
    assert [] == house.fetched
    assert await house.declare.needs(ANA)


async def test_a_closed_house_fetches_nothing(house: House):
    asked = await varies(house)
    house.room.close()

    refused = await house.ask("a fox", **asked)

    assert Cause.HOUSE_CLOSED is refused.cause
    assert [] == house.fetched


async def test_a_bad_word_beside_it_is_told_before_anything_is_fetched(house: House):
    refused = await house.ask("a fox", **await varies(house, steps=1000))

    assert Cause.STEPS is refused.cause
    assert [] == house.fetched


async def test_a_question_keeps_no_picture_in_memory(house: House):
    asked = await varies(house)

    question = await house.ask("mail ana@example.com", **asked)

    assert Why.PERSONAL is question.why
    assert () == house.questions.take(question.id, ANA).ask.inputs


async def test_who_erases_everything_while_it_is_read_has_nothing_queued(house: House):
    eraser = Eraser(house)
    asked = ask("a fox", **await varies(house))
    read, go_on = asyncio.Event(), asyncio.Event()
    take_in = house.intake.take_in

    async def slowly(content: bytes, side: int) -> object:
        read.set()
        await go_on.wait()
        return await take_in(content, side)

    house.intake.take_in = slowly
    answer = asyncio.create_task(house.submit(asked))
    await read.wait()
    await eraser.erased(Scope.EVERYTHING)
    go_on.set()

    assert Refusal(Cause.INPUT_GONE) == await answer
    assert [] == house.files()


async def test_a_crowd_is_read_a_few_at_a_time_and_the_rest_is_told(house: House):
    await house.declare.give(ANA)
    asked = ask("a fox", kind=Kind.VARY, uploads=brings(house, drawn()))
    held, at_once, most = asyncio.Event(), 0, 0
    take_in = house.intake.take_in

    async def slowly(content: bytes, side: int) -> object:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await held.wait()
        at_once -= 1
        return await take_in(content, side)

    house.intake.take_in = slowly
    people = [MOD + number for number in range(MOST_WAITING)]
    for person in people:
        await house.declare.give(person)
    reading = [
        asyncio.create_task(house.intake(replace(asked, person=person)))
        for person in [ANA] * (MOST_OF_ONE + 1) + people
    ]
    async with asyncio.timeout(10):
        while sum(each.done() for each in reading) < 3:
            left = [each for each in reading if not each.done()]
            await asyncio.wait(left, return_when=asyncio.FIRST_COMPLETED)
    held.set()
    answers = [await each for each in reading]

    refused = [answer for answer in answers if isinstance(answer, Refusal)]
    assert [Refusal(Cause.INPUT_BUSY)] * 3 == refused  # ana's third, and two beyond the most
    assert 2 == most


async def test_mods_picture_is_read_while_anas_five_are(house: House):
    await house.declare.give(MOD)
    anas = ask("", **await varies(house, *[drawn()] * 5, kind=Kind.BLEND))
    mods = ask("a fox", person=MOD, kind=Kind.VARY, uploads=brings(house, drawn(colour=BLUE)))
    held, others, take_in = asyncio.Event(), drawn(colour=BLUE), house.intake.take_in

    async def slowly(content: bytes, side: int) -> object:
        if content != others:
            await held.wait()
        return await take_in(content, side)

    house.intake.take_in = slowly
    waiting = [asyncio.create_task(house.intake(anas)) for _ in range(MOST_OF_ONE)]
    await asyncio.wait(waiting, timeout=0)
    async with asyncio.timeout(10):
        read = await house.intake(mods)
    still_waits = [not each.done() for each in waiting]
    held.set()
    answers = [await each for each in waiting]

    assert 1 == len(read.inputs)
    assert [True] * MOST_OF_ONE == still_waits
    assert [5] * MOST_OF_ONE == [len(answer.inputs) for answer in answers]


# --- they die with their job


async def test_a_cancelled_job_takes_its_picture_with_it(house: House):
    slow(house)
    job = await house.accepted("a fox", **await varies(house))

    await house.cancel(job, ANA)

    assert ([], []) == (await inputs_of(house), house.files())


async def test_opting_out_while_it_waits_destroys_it(house: House):
    slow(house)
    await house.placed("a fox", **await varies(house))

    await opts_out(house)
    await house.places()
    await house.dispatch.step()
    await house.tidies()

    assert ([], []) == (await inputs_of(house), house.files())
    assert [] == house.engine.given


async def test_a_job_that_moves_to_the_dm_takes_it_along_sealed_anew(house: House):
    slow(house)
    job = await house.placed("a fox", **await varies(house))
    [(_, _, before)] = await inputs_of(house)

    [moved] = await house.choose.stealth(ANA)

    [(twin, _, after)] = await inputs_of(house)
    assert (moved.twin, [after]) == (twin, house.files())
    assert before != after
    house.engine.auto = True
    await house.finish()
    assert RED == Image.open(io.BytesIO(house.engine.brought[twin][0])).getpixel((0, 0))
    assert job not in house.engine.brought
    assert ([], []) == (await inputs_of(house), house.files())


async def test_a_failed_and_a_lost_job_leave_none(house: House):
    house.engine.break_next()
    failed = await house.delivered("a fox", **await varies(house))
    slow(house)
    lost = await house.placed("a fox", **await varies(house, visibility="stealth"))
    for held in list(house.memory.keys.stealth.items()):
        await house.memory.keys.destroy(*held)
    house.start_again()
    await house.recover()

    assert Ending.FAILED is (await house.delivery(failed)).ending
    assert Ending.LOST is (await house.delivery(lost)).ending
    assert ([], []) == (await inputs_of(house), house.files())


async def test_a_crash_between_accepting_and_making_loses_no_picture(house: House):
    slow(house)
    job = await house.placed("a fox", **await varies(house))
    await house.dispatch.step()
    house.engine.crash()  # and the bot with it
    await house.quiet()

    house.engine = FakeEngine()
    house.start_again()
    await house.recover()
    await house.finish()

    assert RED == Image.open(io.BytesIO(house.engine.brought[job][0])).getpixel((0, 0))
    assert "delivered" == await house.state(job)
    assert ([], []) == (await inputs_of(house), house.files())


async def test_a_file_without_its_row_goes_at_the_next_start(house: House):
    await house.memory.keep_files([b"left by a crash"])
    kept = await house.accepted("a fox", **await varies(house))

    await house.recover()

    assert [kept] == [row[0] for row in await inputs_of(house)]
    assert 1 == len(house.files())


async def test_a_picture_whose_file_is_gone_ends_its_job_unmade(house: House):
    slow(house)
    job = await house.placed("a fox", **await varies(house))
    house.memory.blobs.drop(house.files())

    await house.dispatch.step()

    assert Ending.LOST is (await house.delivery(job)).ending
    assert [] == house.engine.given


# --- what its owner is told


async def test_the_export_holds_it_while_its_job_is_under_way(house: House):
    slow(house)
    await house.placed("a fox", **await varies(house))

    copy = await exported(house)

    content = copy.files["pictures/input-1.webp"]
    assert RED == Image.open(io.BytesIO(content)).getpixel((0, 0))


async def test_it_is_counted_as_hers_alone(house: House):
    slow(house)
    await house.placed("a fox", **await varies(house))

    def rows(counted: dict) -> int:
        return next(each.rows for (_, table), each in counted.items() if table == "inputs")

    keys = house.memory.keys
    assert 1 == rows(await datamap.counts(house.memory, keys.person(ANA)))
    assert 0 == rows(await datamap.counts(house.memory, keys.person(MOD)))
