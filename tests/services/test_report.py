"""People report public results; moderators of that server, and no other, decide on them."""

import pytest

from bot.domain import OptOut, PersonId, Visibility
from bot.errors import KeyGone
from bot.policy.reasons import BLOCK_SECONDS, Judged, Reason, Reported
from bot.policy.retention import DataClass
from bot.services.remove import Removal
from bot.storage import blocks, choices, tightening
from bot.storage.audit import Deed
from bot.storage.keyring import RECIPE, REPORT
from tests.asks import CHANNEL, GUILD
from tests.services.conftest import ANA, House
from tests.services.desk import ELSEWHERE, PLUM, REPORTS, ZOE, Desk, mod


@pytest.fixture
def desk(house: House) -> Desk:
    return Desk(house)


async def entered(house: House) -> list[tuple[str, str, str]]:
    """The audit: what was done, how far it reached, and whom each entry concerns."""
    async with house.memory.db.read() as tx:
        cursor = await tx.execute(
            "SELECT act, scope, person FROM audit JOIN audit_subjects USING (chain, seq)"
            " ORDER BY seq"
        )
        return [tuple(row) for row in await cursor.fetchall()]


# --- who may report what


async def test_plum_reports_anas_picture_once(desk):
    job = await desk.house.delivered()

    assert Reported.TAKEN is await desk.reported(job)
    assert Reported.TWICE is await desk.reported(job)
    assert 1 == len(await desk.rows("reports"))


async def test_a_result_is_found_by_its_message_or_by_its_job(desk):
    job = await desk.house.delivered()
    message = desk.house.messenger.channels[CHANNEL][0].message_id

    assert job == await desk.report.find(PLUM, GUILD, message_id=message)
    assert job == await desk.report.find(PLUM, GUILD, job=job)
    assert Reported.NOT_OURS is await desk.report.find(PLUM, GUILD, message_id=message + 1)
    assert Reported.NOT_OURS is await desk.report.find(PLUM, ELSEWHERE, message_id=message)


async def test_nothing_of_stealth_can_be_reported(desk):
    job = await desk.house.delivered(visibility=Visibility.STEALTH)

    assert Reported.NOT_OURS is await desk.reported(job)
    assert Reported.IN_DM is await desk.reported(job, guild=None)
    assert [] == await desk.rows("reports")


async def test_a_picture_of_another_server_is_none_of_this_ones(desk):
    job = await desk.house.delivered()

    assert Reported.NOT_OURS is await desk.reported(job, guild=ELSEWHERE)


async def test_ones_own_picture_is_not_reported_but_deleted(desk):
    job = await desk.house.delivered()

    assert Reported.OWN is await desk.reported(job, by=ANA)


async def test_a_picture_that_is_not_finished_cannot_be_reported(desk):
    job = await desk.house.placed()

    assert Reported.NOT_OURS is await desk.reported(job)


async def test_five_reports_of_one_person_wait_and_no_more(desk):
    jobs = [await desk.house.delivered() for _ in range(6)]

    assert [Reported.TAKEN] * 5 + [Reported.FULL] == [await desk.reported(job) for job in jobs]
    assert Reported.TAKEN is await desk.reported(jobs[5], by=ZOE)
    report = await desk.judge.first(mod())
    await desk.judge.dismiss(mod(), report.id)
    assert Reported.TAKEN is await desk.reported(jobs[5])


async def test_of_who_asked_not_to_be_processed_nothing_is_kept(desk):
    job = await desk.house.delivered()
    async with desk.house.memory.db.transaction() as tx:
        person = desk.house.memory.keys.person(PLUM)
        await choices.set_opt_out(tx, person, OptOut.NO_PROCESSING, day="2026-11-21")

    assert Reported.OPTED_OUT is await desk.reported(job)
    assert [] == await desk.rows("reports")


async def test_a_report_holds_no_id_and_no_token_in_clear(desk, on_disk):
    job = await desk.house.delivered()
    reporter = PersonId(777_888_999_000)

    await desk.reported(job, by=reporter, token="a-token-to-answer-by")

    assert b"a-token-to-answer-by" not in on_disk()
    assert str(reporter).encode() not in on_disk()
    assert not [row for row in await desk.rows("reports") if reporter in row]


async def test_a_report_lives_as_long_as_a_record(desk):
    desk.house.limits[DataClass.RECORD] = 3600
    desk.house.start_again()
    desk = Desk(desk.house)
    job = await desk.house.delivered()

    await desk.reported(job)

    [row] = await desk.rows("reports")
    assert desk.house.clock.now() + 3600 in row


# --- the queue


async def test_consent_comes_first_then_the_oldest(desk):
    jobs = [await desk.house.delivered() for _ in range(3)]
    for job, reason in zip(jobs, (Reason.OTHER, Reason.VIOLENT, Reason.CONSENT), strict=True):
        await desk.reported(job, reason=reason)
        desk.house.clock.turn(60)

    seen = []
    while report := await desk.judge.first(mod()):
        seen.append((report.reason, report.left))
        await desk.judge.dismiss(mod(), report.id)

    assert [(Reason.CONSENT, 2), (Reason.OTHER, 1), (Reason.VIOLENT, 0)] == seen


async def test_the_moderator_sees_where_and_why_and_how_many_say_so(desk):
    job = await desk.house.delivered()
    message = desk.house.messenger.channels[CHANNEL][0].message_id
    await desk.reported(job, reason=Reason.SEXUAL)
    desk.house.clock.turn(60)
    await desk.reported(job, by=ZOE, reason=Reason.OTHER)

    report = await desk.judge.first(mod())

    where = (report.guild_id, report.channel_id, report.message_id)
    assert (GUILD, CHANNEL, message) == where
    assert (Reason.SEXUAL, 1, 0, 0) == (report.reason, report.others, report.left, report.contests)


async def test_the_moderator_of_elsewhere_sees_nothing_and_decides_nothing(desk):
    job = await desk.house.delivered()
    await desk.reported(job)
    report = await desk.judge.first(mod())
    before = await desk.house.rows()

    assert await desk.judge.first(mod(ELSEWHERE)) is None
    assert Judged.NOTHING is await desk.judge.dismiss(mod(ELSEWHERE), report.id)
    for blocks_maker in (False, True):
        judged = await desk.judge.take_down(mod(ELSEWHERE), report.id, blocks_maker=blocks_maker)
        assert Judged.NOTHING is judged

    assert before == await desk.house.rows()
    assert 1 == len(desk.house.messenger.stands(CHANNEL))


# --- deciding


async def test_what_the_moderator_removes_is_forgotten_with_its_message(desk):
    house, job = desk.house, await desk.house.delivered()
    await desk.reported(job, reason=Reason.CONSENT)
    report = await desk.judge.first(mod())

    assert Judged.REMOVED is await desk.judge.take_down(mod(), report.id, blocks_maker=False)

    rows = await house.rows()
    assert [] == house.messenger.stands(CHANNEL)
    assert ([], []) == (rows["db.posts"], rows["db.recipes"])
    with pytest.raises(KeyGone):
        await house.memory.keys.key(job, RECIPE)
    maker = house.memory.keys.person(ANA)
    assert [(Deed.REPORT_REMOVED, "report=consent", maker)] == await entered(house)
    assert [] == rows["db.blocks"]


async def test_all_reports_of_a_picture_end_together_and_each_reporter_hears_of_it(desk):
    house, job = desk.house, await desk.house.delivered()
    await desk.reported(job, token="plums")
    await desk.reported(job, by=ZOE, token="zoes")
    report = await desk.judge.first(mod())

    await desk.judge.take_down(mod(), report.id, blocks_maker=False)
    await desk.replies()

    assert "removed" in house.messenger.whispered("plums")
    assert "removed" in house.messenger.whispered("zoes")
    assert [] == await desk.rows("reports")
    assert [] == [held for held in await house.memory.keys.items() if held[1] == REPORT]


async def test_a_dismissed_picture_stands_and_its_reporter_hears_so(desk):
    job = await desk.house.delivered()
    await desk.reported(job)
    report = await desk.judge.first(mod())

    assert Judged.DISMISSED is await desk.judge.dismiss(mod(), report.id)
    await desk.replies()

    assert 1 == len(desk.house.messenger.stands(CHANNEL))
    assert "let it stand" in desk.house.messenger.whispered(REPORTS)
    assert [Deed.REPORT_DISMISSED] == [act for act, *_ in await entered(desk.house)]


async def test_a_block_removes_and_holds_for_a_week_in_this_server(desk):
    house, job = desk.house, await desk.house.delivered()
    await desk.reported(job)
    report = await desk.judge.first(mod())

    assert Judged.BLOCKED is await desk.judge.take_down(mod(), report.id, blocks_maker=True)

    now, maker = house.clock.now(), house.memory.keys.person(ANA)
    async with house.memory.db.read() as tx:
        held = await blocks.of(tx, GUILD, maker, now)
        elsewhere = await blocks.of(tx, ELSEWHERE, maker, now)
    assert now + BLOCK_SECONDS == held.expires_at
    assert elsewhere is None
    assert [Deed.REPORT_REMOVED, Deed.BLOCKED] == [act for act, *_ in await entered(house)]
    assert [] == house.messenger.stands(CHANNEL)


async def test_a_second_press_decides_nothing(desk):
    job = await desk.house.delivered()
    await desk.reported(job)
    report = await desk.judge.first(mod())
    await desk.judge.dismiss(mod(), report.id)

    assert Judged.NOTHING is await desk.judge.take_down(mod(), report.id, blocks_maker=True)
    assert 1 == len(desk.house.messenger.stands(CHANNEL))
    assert 1 == len(await entered(desk.house))


async def test_what_its_owner_took_back_is_gone_already(desk):
    house, job = desk.house, await desk.house.delivered()
    await desk.reported(job)
    report = await desk.judge.first(mod())
    assert Removal.GONE is await house.remove(job, ANA)

    assert Judged.GONE is await desk.judge.take_down(mod(), report.id, blocks_maker=True)
    await desk.replies()

    assert "was gone before" in house.messenger.whispered(REPORTS)
    assert [] == await entered(house)
    assert [] == await desk.rows("blocks")


async def test_a_reporter_hears_that_a_picture_is_gone_though_no_moderator_looked(desk):
    house, job = desk.house, await desk.house.delivered()
    await desk.reported(job)
    await house.remove(job, ANA)

    assert await desk.judge.first(mod()) is None
    await desk.replies()

    assert "was gone before" in house.messenger.whispered(REPORTS)
    assert [] == await desk.rows("reports")


async def test_a_message_that_discord_keeps_is_left_to_the_sweeper(desk):
    house, job = desk.house, await desk.house.delivered()
    await desk.reported(job)
    report = await desk.judge.first(mod())
    house.messenger.fail("delete")

    assert Judged.STANDS is await desk.judge.take_down(mod(), report.id, blocks_maker=False)

    [post] = await desk.rows("posts")
    assert house.clock.now() in post
    assert [] == await desk.rows("recipes")


# --- telling the reporter


async def test_after_the_answer_has_expired_it_is_told_by_dm(desk):
    house, job = desk.house, await desk.house.delivered()
    await desk.reported(job)
    house.messenger.expired.add(REPORTS)
    report = await desk.judge.first(mod())

    await desk.judge.dismiss(mod(), report.id)
    await desk.replies()

    [said] = house.messenger.stands(house.messenger.dm(PLUM))
    assert "let it stand" in said.content


async def test_a_discord_that_does_not_answer_loses_no_word(desk):
    house, job = desk.house, await desk.house.delivered()
    await desk.reported(job)
    house.messenger.fail("whisper")
    report = await desk.judge.first(mod())
    await desk.judge.dismiss(mod(), report.id)
    await desk.replies()
    assert 1 == len(await desk.rows("reports"))

    house.clock.turn(60)
    await Desk(house).replies()  # as after a restart

    assert "let it stand" in house.messenger.whispered(REPORTS)
    assert [] == await desk.rows("reports")


async def test_a_closed_dm_ends_the_matter(desk):
    house, job = desk.house, await desk.house.delivered()
    await desk.reported(job)
    house.messenger.expired.add(REPORTS)
    house.messenger.closed.add(PLUM)
    report = await desk.judge.first(mod())

    await desk.judge.dismiss(mod(), report.id)
    await desk.replies()

    assert [] == await desk.rows("reports")


async def test_a_report_whose_key_is_gone_is_dropped_without_a_word(desk):
    house, job = desk.house, await desk.house.delivered()
    await desk.reported(job)
    report = await desk.judge.first(mod())
    await house.memory.keys.destroy(report.id, REPORT)

    await desk.judge.dismiss(mod(), report.id)
    await desk.replies()

    assert "" == house.messenger.whispered(REPORTS)
    assert [] == await desk.rows("reports")


async def test_the_one_who_looked_is_in_the_audit_under_a_hash(desk):
    job = await desk.house.delivered()
    await desk.reported(job)
    report = await desk.judge.first(mod())
    await desk.judge.dismiss(mod(), report.id)

    [entry] = await desk.rows("audit")
    assert desk.house.memory.keys.person(mod().person) in entry
    assert mod().person not in entry
    assert desk.house.memory.keys.person(PLUM) not in entry


# --- lifetimes


async def test_who_shortens_their_records_shortens_their_reports_too(desk):
    house, job = desk.house, await desk.house.delivered()
    await desk.reported(job)
    await desk.reported(job, by=ZOE)
    person = house.memory.keys.person(PLUM)

    async with house.memory.db.transaction() as tx:
        assert 1 == await tightening.tighten(tx, DataClass.RECORD, 3600, person=person)

    ends = {row[6]: row[9] for row in await desk.rows("reports")}
    assert house.clock.now() + 3600 == ends[person]
    assert house.clock.now() + 3600 < ends[house.memory.keys.person(ZOE)]


async def test_a_servers_shorter_records_reach_its_reports_as_foretold(desk):
    house, job = desk.house, await desk.house.delivered()
    await desk.reported(job)
    server = {"guild_id": GUILD, "channel_id": CHANNEL}

    async with house.memory.db.transaction() as tx:
        told = await tightening.shortening(
            tx, DataClass.RECORD, 60, now=house.clock.now(), **server
        )
        done = await tightening.tighten(tx, DataClass.RECORD, 60, **server)
        other = await tightening.tighten(tx, DataClass.RECORD, 30, guild_id=ELSEWHERE)

    assert 2 == told.later == done  # the job's record, and the report
    assert {1} == set(told.whose.values())
    assert 0 == other
