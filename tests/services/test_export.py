"""A person's copy of their data: all of theirs, nothing of anybody else's, to their DM alone."""

import ast
import asyncio
import io
import json
import zipfile
from dataclasses import dataclass
from datetime import UTC
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain import OptOut, PersonId, Receipt, Visibility
from bot.errors import Refused
from bot.policy.declaration import VERSION
from bot.policy.entries import ENTRIES
from bot.ports import Post, day_of
from bot.services import export
from bot.services.declare import Declare
from bot.services.export import SCHEMA, Export, Exported, pack
from bot.services.walk import Walk
from bot.storage import choices
from bot.storage.acts import Deed
from bot.words import keeping
from tests.fakes import FakeMessenger
from tests.services.conftest import ANA, MOD, House
from tests.services.desk import PLUM, RULE, Desk, mod

STEALTH = {"visibility": Visibility.STEALTH}
ROOT = Path(__file__).parents[2]


@dataclass
class Copy:
    """An export, unpacked."""

    data: dict
    files: dict[str, bytes]
    whole: bytes


def exporter(house: House) -> Export:
    return Export(
        memory=house.memory,
        messenger=house.messenger,
        walk=Walk(house.memory, house.messenger),
        recall=house.recall,
        lifetimes=house.lifetimes,
        clock=house.clock,
        ids=house.ids,
        zone=UTC,
    )


def post_in(messenger: FakeMessenger, person: int = ANA) -> Post:
    """The newest message with an export in somebody's DM."""
    [*_, post] = [
        post
        for post in messenger.stands(messenger.dm(person))
        if any(file.filename == "darkroom-export.zip" for file in post.files)
    ]
    return post


def unpacked(content: bytes) -> Copy:
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        assert file.testzip() is None
        files = {name: file.read(name) for name in file.namelist()}
    return Copy(json.loads(files["data.json"]), files, b"\0".join(files.values()))


async def exported(house: House, person: PersonId = ANA) -> Copy:
    assert Exported.SENT is await exporter(house)(person)
    [file] = post_in(house.messenger, person).files
    return unpacked(file.content)


async def live(house: House, person: PersonId, name: str) -> None:
    """One of everything of somebody's, each with words of their own."""
    await house.accepted(f"{name} public", person=person)
    await house.accepted(f"{name} stealth", person=person, **STEALTH)
    await house.finish()
    await house.rendered(f"{name} rendered", person=person)
    await house.accepted(f"{name} waiting", person=person, **STEALTH)


# --- what is in it


async def test_an_export_holds_every_word_of_its_owner(house):
    await live(house, ANA, "xylophone")

    copy = await exported(house)

    assert (SCHEMA, day_of(house.clock.now(), UTC)) == (copy.data["schema"], copy.data["made_on"])
    said = {(recipe["prompt"], recipe["visibility"]) for recipe in copy.data["recipes"]}
    assert {
        ("xylophone public", "public"),
        ("xylophone stealth", "stealth"),
        ("xylophone rendered", "public"),
        ("xylophone waiting", "stealth"),
    } == said
    assert all(recipe["seeds"] for recipe in copy.data["recipes"])
    assert 4 == len(copy.data["records"])
    assert [{"day": copy.data["made_on"], "pictures": 4, "stealth_jobs": 2}] == copy.data["usage"]


async def test_an_export_holds_pictures_that_are_not_delivered_yet(house):
    await house.accepted()
    await house.finish()
    job = await house.rendered(count=2)

    copy = await exported(house)

    assert [job, job] == [picture["job"] for picture in copy.data["pictures"]]
    for picture in copy.data["pictures"]:
        assert copy.files[picture["file"]].startswith(b"RIFF")
        assert picture["file"].startswith("pictures/image-")


async def test_an_export_links_what_stands_in_servers(house):
    await house.accepted()
    await house.finish()

    [post] = (await exported(house)).data["posts"]

    assert "https://discord.com/channels/100/200/5000" == post["link"]


async def test_an_export_holds_what_was_said_to_moderators_and_what_they_did(house):
    desk, by_mod = Desk(house), await house.delivered(person=MOD)
    await desk.rules(RULE)
    await Declare(house.memory, house.clock, UTC).give(ANA)
    await desk.reported(await house.delivered(), by=PLUM)
    await desk.judge.take_down(mod(), (await desk.judge.first(mod())).id, blocks_maker=True)
    await desk.reported(by_mod, by=ANA, token="a-token")
    await desk.contested("about a xylophone", by=ANA)

    copy = await exported(house)

    [report], [contest] = copy.data["reports"], copy.data["contests"]
    assert (100, by_mod, "other") == (report["guild_id"], report["job"], report["reason"])
    assert report["link"].startswith("https://discord.com/channels/100/200/")
    assert (RULE.name, "about a xylophone") == (contest["rule"], contest["text"])
    assert [{"day": copy.data["made_on"], "version": VERSION}] == copy.data["declaration"]
    assert ["report-removed", "blocked"] == [entry["act"] for entry in copy.data["audit"]]
    assert ["moderator", "moderator"] == [entry["actor"] for entry in copy.data["audit"]]
    assert [100] == [block["guild_id"] for block in copy.data["blocks"]]
    assert b"a-token" not in copy.whole


async def test_an_export_holds_every_part_that_the_data_map_names(house):
    copy = await exported(house)

    assert {entry.exported for entry in ENTRIES if entry.exported} <= set(copy.data)


async def test_an_export_says_what_is_not_in_it(house):
    copy = await exported(house)

    said = copy.files["README.txt"].decode()
    assert "IP addresses" in said
    assert any("IP addresses" in line for line in copy.data["not_held"])
    for entry in ENTRIES:
        if entry.is_personal and not entry.exported:
            assert entry.what in said


async def test_somebody_of_whom_nothing_is_held_is_told_just_that(house):
    copy = await exported(house)

    sections = ("people", "usage", "acts", "records", "recipes", "posts", "pictures", "exports")
    assert all(copy.data[section] == [] for section in sections)


async def test_no_file_of_ours_ever_holds_an_export(house, on_disk):
    await live(house, ANA, "xylophone")

    await exported(house)

    assert b"xylophone" not in on_disk()


# --- nobody else's


@given(first=st.sampled_from([ANA, MOD]), asks=st.lists(st.tuples(st.booleans(), st.booleans())))
@settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
async def test_nothing_of_anybody_else_is_in_an_export(house, first, asks):
    words_of = {ANA: "xylophone", MOD: "zeppelin"}
    jobs: dict[PersonId, set[str]] = {ANA: set(), MOD: set()}
    for by_ana, is_stealth in asks[:4]:
        person = ANA if by_ana else MOD
        seen = Visibility.STEALTH if is_stealth else Visibility.PUBLIC
        receipt = await house.ask(words_of[person], person=person, visibility=seen)
        if isinstance(receipt, Receipt):
            jobs[person].add(receipt.job)
        await house.finish()
    await house.rendered(words_of[first], person=first)
    other = MOD if first == ANA else ANA
    house.clock.turn(86400)

    copy = await exported(house, other)

    assert words_of[first].encode() not in copy.whole
    assert house.memory.keys.person(first).encode() not in copy.whole
    assert not [job for job in jobs[first] if job.encode() in copy.whole]
    assert {} == {name: file for name, file in copy.files.items() if name.startswith("pictures/")}
    await house.finish()


async def test_an_export_stands_in_its_owners_dm_and_nowhere_else(house):
    await live(house, ANA, "xylophone")

    await exported(house)

    seen = {
        channel for channel, post in house.messenger.seen if "darkroom-export.zip" in repr(post)
    }
    assert {house.messenger.dm(ANA)} == seen


async def test_only_the_export_makes_archives() -> None:
    """No other code may give out pictures together with what they were made from."""
    importing = {
        str(path.relative_to(ROOT))
        for package in ("bot", "cogs")
        for path in (ROOT / package).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Import) and "zipfile" in {alias.name for alias in node.names}
    }

    assert {"bot/services/export.py"} == importing


# --- one a day


async def test_there_is_one_export_a_day(house):
    export_for = exporter(house)
    assert Exported.SENT is await export_for(ANA)
    assert Exported.ONCE_A_DAY is await export_for(ANA)
    assert Exported.SENT is await export_for(MOD)

    house.clock.turn(86400)

    assert Exported.SENT is await export_for(ANA)


async def test_asking_twice_at_once_makes_one(house):
    export_for = exporter(house)

    answers = await asyncio.gather(export_for(ANA), export_for(ANA))

    assert [Exported.SENT, Exported.ONCE_A_DAY] == sorted(answers, reverse=True)


async def test_an_export_is_in_the_history(house):
    await exported(house)
    house.clock.turn(86400)

    [act] = (await exported(house)).data["acts"]

    assert (Deed.EXPORTED, "you", 1) == (act["act"], act["actor"], act["objects"])


async def refuses() -> None:
    raise Refused("closed")


@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        (lambda messenger: messenger.meanwhile("open_dm", refuses), Exported.DM_CLOSED),
        (lambda messenger: messenger.closed.add(ANA), Exported.DM_CLOSED),
        (lambda messenger: messenger.fail("open_dm"), Exported.NOT_NOW),
        (lambda messenger: messenger.fail("ours"), Exported.NOT_NOW),
        (lambda messenger: messenger.fail("send"), Exported.NOT_NOW),
        (lambda messenger: setattr(messenger, "limit_bytes", 100), Exported.NOT_NOW),
    ],
)
async def test_an_export_that_does_not_arrive_does_not_use_the_day_up(house, trouble, said):
    trouble(house.messenger)

    assert said is await exporter(house)(ANA)

    rows = await house.rows()
    assert ([], []) == (rows["db.exports"], rows["db.acts"])
    house.messenger.closed.clear()
    house.messenger.limit_bytes = 10**7
    assert Exported.SENT is await exporter(house)(ANA)


async def test_somebody_who_forbade_all_processing_gets_none(house):
    async with house.memory.db.transaction() as tx:
        person = house.memory.keys.person(ANA)
        await choices.set_opt_out(tx, person, OptOut.NO_PROCESSING, day="2027-01-15")

    assert Exported.OPTED_OUT is await exporter(house)(ANA)
    assert [] == house.messenger.calls


async def test_an_erasure_that_begins_meanwhile_wins(house):
    async def begins() -> None:
        async with house.memory.db.transaction() as tx:
            person = house.memory.keys.person(ANA)
            await tx.execute("INSERT INTO erasures VALUES ('e', ?, x'00', 1)", (person,))

    await live(house, ANA, "xylophone")
    house.messenger.meanwhile("ours", begins)

    assert Exported.ERASING is await exporter(house)(ANA)

    assert "darkroom-export.zip" not in repr(house.messenger.seen)


# --- its size


def picture(number: int, size_bytes: int) -> export._Picture:
    return export._Picture("job", f"pictures/image-{number}.webp", b"x" * size_bytes)


def test_pictures_that_do_not_fit_are_left_out_and_counted() -> None:
    images = [picture(number, 40_000) for number in range(4)]

    content, left_out = pack({"recipes": []}, images, "2027-01-15", 100_000)

    copy = unpacked(content)
    assert len(content) <= 100_000
    assert (2, 2, 2) == (left_out, copy.data["pictures_left_out"], len(copy.data["pictures"]))
    assert "2 pictures did not fit" in copy.files["README.txt"].decode()


def test_of_too_many_words_the_newest_are_kept() -> None:
    data = {"recipes": [{"prompt": sha256(bytes(number)).hexdigest()} for number in range(2000)]}

    content, _ = pack(data, [picture(1, 10)], "2027-01-15", 40_000)

    copy = unpacked(content)
    assert len(content) <= 40_000
    assert data["recipes"][-1] == copy.data["recipes"][-1]
    assert 2000 == len(copy.data["recipes"]) + copy.data["recipes_left_out"]


async def test_its_message_can_be_deleted_and_says_who_sees_it(house):
    await exported(house)

    post = post_in(house.messenger)
    assert ["Delete"] == [button.label for button in post.buttons]
    assert "Who can see it" in post.content
    assert "What it may be used for" in post.content


def test_every_outcome_has_its_sentence() -> None:
    assert set(Exported) == set(keeping.EXPORT_ANSWERS)
