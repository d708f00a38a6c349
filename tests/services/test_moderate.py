"""What a moderator decides holds in their own server, at once, with an entry; nowhere else."""

from dataclasses import replace

import pytest

from bot.domain import Cause, Moderator, Question, Receipt, Refusal, Visibility
from bot.policy.server import AdultHere, StealthHere
from bot.storage.database import many
from bot.words import PublicShown, asked_back
from bot.words.posts import waiting
from tests.asks import CHANNEL, GUILD, dm, where
from tests.services.conftest import ANA, MOD, House

PUBLIC, STEALTH = Visibility.PUBLIC, Visibility.STEALTH
ZOE = Moderator(person=MOD, guild_id=GUILD + 1, manages=True)
MODERATOR = Moderator(person=MOD, guild_id=GUILD)
MANAGER = replace(MODERATOR, manages=True)
ELSEWHERE = where(guild_id=GUILD + 1, channel_id=CHANNEL + 1)


async def settings(house: House, who: Moderator = MODERATOR):
    return (await house.moderate.show(who)).settings


async def entries(house: House) -> list[dict]:
    async with house.memory.db.read() as tx:
        return [dict(row) for row in await many(tx, "SELECT * FROM audit ORDER BY chain, seq")]


CHANGES = {
    "channels+1": lambda deed, who: deed.allow_channel(who, CHANNEL, allowed=True),
    "echo=off": lambda deed, who: deed.echo(who, shows=False),
    "nsfw=never": lambda deed, who: deed.adult(who, AdultHere.NEVER),
    "stealth=forbid": lambda deed, who: deed.stealth(who, StealthHere.FORBID),
    "stealth=floor": lambda deed, who: deed.stealth(who, StealthHere.FLOOR),
    "role=set": lambda deed, who: deed.role(who, 777),
    "rules+1": lambda deed, who: deed.add_rule(who, "manners", "marmalade", is_pattern=False),
}


@pytest.mark.parametrize("scope", CHANGES)
async def test_a_change_holds_here_alone_outlives_a_restart_and_is_entered_once(house, scope):
    untouched = await settings(house, ZOE)

    changed = await CHANGES[scope](house.moderate, MANAGER)
    house.start_again()

    assert changed == await settings(house)
    assert changed != untouched
    assert untouched == await settings(house, ZOE)
    (entry,) = await entries(house)
    by = house.memory.keys.person(MOD)
    assert (GUILD, "moderator", by, "settings", scope, 0, "done") == tuple(
        entry[name] for name in ("chain", "actor", "by", "act", "scope", "objects", "result")
    )


@pytest.mark.parametrize("scope", sorted(set(CHANGES) - {"rules+1"}))
async def test_what_changes_nothing_leaves_no_second_entry(house: House, scope):
    for _ in range(2):
        await CHANGES[scope](house.moderate, MANAGER)

    assert 1 == len(await entries(house))


async def test_what_is_loosened_again_is_entered_too(house: House):
    await house.moderate.allow_channel(MODERATOR, 7, allowed=True)
    await house.moderate.allow_channel(MODERATOR, 7, allowed=False)
    await house.moderate.echo(MODERATOR, shows=False)
    await house.moderate.echo(MODERATOR, shows=True)
    await house.moderate.role(MANAGER, 777)
    await house.moderate.role(MANAGER, None)

    scopes = [entry["scope"] for entry in await entries(house)]

    assert ["channels+1", "channels-1", "echo=off", "echo=on", "role=set", "role=none"] == scopes
    assert await settings(house, ZOE) == await settings(house)


async def test_the_moderator_role_takes_manage_server_and_is_never_everybodys(house: House):
    weak = await house.moderate.role(MODERATOR, 777)
    everybody = await house.moderate.role(MANAGER, GUILD)

    assert Refusal(Cause.NEEDS_MANAGE_SERVER) == weak
    assert Refusal(Cause.ROLE_OF_ALL) == everybody
    assert (await settings(house)).moderator_role is None
    assert [] == await entries(house)


async def test_a_rule_has_one_name_and_goes_by_it(house: House):
    await house.moderate.add_rule(MODERATOR, "Manners", "marmalade", is_pattern=False)
    twice = await house.moderate.add_rule(MODERATOR, "manners", "jam", is_pattern=False)
    unknown = await house.moderate.remove_rule(MODERATOR, "nothing")
    others = await house.moderate.remove_rule(ZOE, "manners")
    gone = await house.moderate.remove_rule(MODERATOR, " MANNERS ")

    assert Refusal(Cause.RULE_TWICE) == twice
    assert Refusal(Cause.NO_SUCH_RULE) == unknown == others
    assert () == gone.rules
    assert ["rules+1", "rules-1"] == [entry["scope"] for entry in await entries(house)]


async def test_there_is_a_most_of_rules(house: House):
    for number in range(50):
        await house.moderate.add_rule(MODERATOR, f"rule {number}", "jam", is_pattern=False)

    many_ = await house.moderate.add_rule(MODERATOR, "one more", "jam", is_pattern=False)

    assert Cause.RULE_TOO_MANY is many_.cause
    assert 50 == len(await house.moderate.rules(MODERATOR))


async def test_patterns_that_together_would_hold_up_everybody_are_refused(house: House):
    added = [
        await house.moderate.add_rule(
            MANAGER, f"r{at}", rf"(?:a|b)*(?:i|1).{{45}}y{at}", is_pattern=True
        )
        for at in range(12)
    ]

    refused = [each for each in added if isinstance(each, Refusal)]
    assert {Cause.RULE_PATTERN} == {each.cause for each in refused}
    assert 12 - len(refused) == len((await settings(house)).rules) > 1


async def test_a_bad_rule_is_refused_and_leaves_nothing(house: House):
    before = await house.rows()

    bad = await house.moderate.add_rule(MODERATOR, "bad", "(", is_pattern=True)

    assert Cause.RULE_PATTERN is bad.cause
    assert before == await house.rows()


async def test_a_rule_is_tested_on_this_servers_own_and_keeps_nothing(house: House):
    await house.moderate.add_rule(MODERATOR, "manners", "marmalade", is_pattern=False)
    before = await house.rows()

    met = await house.moderate.test_rules(MODERATOR, "a jar of marmalade")
    others = await house.moderate.test_rules(ZOE, "a jar of marmalade")

    assert "manners" == met.name
    assert others is None
    assert before == await house.rows()


async def test_no_rule_and_no_name_of_it_lies_on_the_disk(house: House, on_disk):
    await house.moderate.add_rule(MODERATOR, "xylophones", "marmalade", is_pattern=False)
    await house.ask("marmalade")

    stored = on_disk()

    assert b"marmalade" not in stored
    assert b"xylophones" not in stored


async def test_show_tells_what_holds_here_and_what_the_operator_set(house: House):
    await house.block.block(MODERATOR, ANA, "7d", None)
    await house.block.block(ZOE, ANA, "7d", None)

    found = await house.moderate.show(MODERATOR)

    assert (1, 0, False) == (found.blocked, found.operators_rules, found.adult_stealth)


async def test_nothing_a_moderator_can_ask_for_tells_of_stealth(house: House):
    """The same answers to everything, whatever stealth there is and whatever rules stop of it."""
    await house.moderate.add_rule(MODERATOR, "manners", "marmalade", is_pattern=False)
    before = await told(house)

    await house.delivered(visibility=STEALTH)
    await house.placed(visibility=STEALTH)
    for _ in range(9):
        await house.ask("marmalade", visibility=STEALTH)

    assert before == await told(house)


async def told(house: House) -> list[object]:
    return [
        await house.moderate.show(MODERATOR),
        await house.moderate.rules(MODERATOR),
        await house.block.standing(MODERATOR),
        await house.block.member(MODERATOR, ANA),
        await entries(house),
    ]


# --- a floor


@pytest.mark.parametrize("state", ["accepted", "placed", "rendered"])
async def test_a_floor_takes_open_public_jobs_along_and_only_those_of_its_server(house, state):
    job = await getattr(house, state)("a red star")
    other = await house.accepted("a moon", where=ELSEWHERE, person=MOD)

    await house.moderate.stealth(MODERATOR, StealthHere.FLOOR)
    moved = await house.delivery(job)
    await house.finish()
    await house.finish()

    assert "moved" == moved.ending
    assert "delivered" == await house.state(other)
    assert [] == house.messenger.stands(CHANNEL)
    assert 1 == len(house.messenger.stands(house.messenger.dm(ANA)))


async def test_what_a_floor_missed_is_moved_at_its_next_step(house: House):
    """The bot crashes between the floor's commit and its look at open jobs."""
    job = await house.placed()
    house.moderate = replace(house.moderate, heed=_does_nothing)
    await house.moderate.stealth(MODERATOR, StealthHere.FLOOR)
    before = await house.delivery(job)

    await house.finish()
    await house.finish()

    assert before.ending is None
    assert [] == house.messenger.stands(CHANNEL)
    assert 1 == len(house.messenger.stands(house.messenger.dm(ANA)))


async def _does_nothing(_) -> bool:
    return True


async def test_results_that_stand_stay_under_a_floor(house: House):
    await house.delivered()

    await house.moderate.stealth(MODERATOR, StealthHere.FLOOR)

    assert 1 == len(house.messenger.stands(CHANNEL))


async def test_after_a_lifted_floor_ana_is_asked_before_she_is_public(house: House):
    await house.accepted()
    await house.moderate.stealth(MODERATOR, StealthHere.FLOOR)
    under = await house.ask()
    await house.moderate.stealth(MODERATOR, StealthHere.ALLOW)

    after = await house.ask()

    assert STEALTH is under.visibility
    assert isinstance(after, Question)


async def test_who_never_met_the_floor_is_not_asked(house: House):
    await house.accepted()
    await house.moderate.stealth(MODERATOR, StealthHere.FLOOR)
    await house.moderate.stealth(MODERATOR, StealthHere.ALLOW)

    assert PUBLIC is (await house.ask()).visibility


async def test_a_floor_is_not_limited_by_stealth_a_day_and_not_heard_in_the_dm(house: House):
    await house.moderate.stealth(MODERATOR, StealthHere.FLOOR)
    for _ in range(5):
        assert STEALTH is (await house.ask()).visibility
        await house.finish()

    in_dm = await house.ask(where=dm())

    assert 5 == (await house.usage()).stealth_jobs
    assert Cause.STEALTH_USED_UP is in_dm.cause


async def test_forbidden_stealth_stops_new_asks_and_lets_accepted_jobs_go_on(house: House):
    job = await house.placed(visibility=STEALTH)
    await house.moderate.stealth(MODERATOR, StealthHere.FORBID)

    said = await house.ask(visibility=STEALTH)
    in_dm = await house.ask(where=dm())
    await house.finish()

    assert Refusal(Cause.SERVER_FORBIDS_STEALTH) == replace(said, facts={})
    assert isinstance(in_dm, Receipt)
    assert "delivered" == await house.state(job)


@pytest.mark.parametrize("rule", StealthHere)
async def test_only_to_me_is_offered_where_the_server_lets_it_be(house: House, rule):
    await house.moderate.stealth(MODERATOR, StealthHere.FLOOR)
    await house.ask()
    await house.finish()
    await house.moderate.stealth(MODERATOR, rule)

    asked = await house.ask()

    offered = isinstance(asked, Question) and "Only to me" in {
        button.label for button in asked_back(asked).buttons
    }
    assert (rule is StealthHere.ALLOW) == offered


# --- the echo


def words_in(house: House) -> list[str]:
    return [post.content for _, post in house.messenger.seen]


async def test_without_an_echo_neither_place_nor_result_shows_the_words(house: House):
    await house.moderate.echo(MODERATOR, shows=False)

    job = await house.delivered("a red xylophone")

    hidden = waiting(PublicShown(job, ANA, None)).content.split(" · ")[0]
    assert all(hidden in said for said in words_in(house))
    assert "xylophone" not in "".join(words_in(house))


async def test_open_jobs_lose_their_words_at_their_next_step(house: House):
    await house.placed("a red xylophone")
    shown = len(house.messenger.seen)

    await house.moderate.echo(MODERATOR, shows=False)
    await house.finish()

    later = [post.content for _, post in house.messenger.seen[shown:]]
    assert later
    assert "xylophone" in "".join(words_in(house))
    assert "xylophone" not in "".join(later)


async def test_what_was_asked_without_an_echo_stays_hidden_when_it_is_back(house: House):
    await house.moderate.echo(MODERATOR, shows=False)
    await house.accepted("a red xylophone")
    await house.moderate.echo(MODERATOR, shows=True)

    await house.finish()

    assert 1 == len(house.messenger.stands(CHANNEL))
    assert "xylophone" not in "".join(words_in(house))


async def test_where_no_words_stand_nobody_is_asked_about_personal_details(house: House):
    await house.moderate.echo(MODERATOR, shows=False)

    assert isinstance(await house.ask("for ana@example.com"), Receipt)
    assert isinstance(await house.ask("for ana@example.com", where=ELSEWHERE), Question)
