"""What people prefer is theirs alone, sealed, kept as settings are, and changes no accepted job."""

from dataclasses import replace

import pytest

from bot.crypto.receipts import Scope
from bot.domain import Cause, Choices, OptOut, Refusal, Visibility
from bot.policy import preferences
from bot.policy.plans import StealthRule
from bot.policy.preferences import Switch
from bot.policy.retention import DAY
from bot.ports import Post
from bot.storage import choices
from bot.words import CONTENT_LIMIT, preferring
from tests.asks import ask, plan
from tests.services.conftest import ANA, MOD, House
from tests.services.erasing import TOKEN, Eraser
from tests.services.test_export import exported
from tests.services.test_sweep import swept


async def prefer_all(house: House, person=ANA) -> Choices:
    """Everything there is to prefer."""
    for rule in (
        lambda old: preferences.with_suffix(old, "--no xylophones"),
        lambda old: preferences.with_option(old, "mine", "--no bassoons"),
        lambda old: preferences.with_wildcard(old, "colour", "ultramarine, sepia"),
        lambda old: preferences.switched(old, Switch.AUTO_DM, on=True),
        lambda old: preferences.switched(old, Switch.REMIX, on=True),
        lambda old: preferences.switched(old, Switch.VARIABILITY, on=False),
        lambda old: preferences.switched(old, Switch.PREVIEWS, on=True),
        lambda old: replace(old, model="another"),
    ):
        assert not isinstance(await house.choose.prefer(person, rule), Refusal)
    return await house.choose.read(person)


async def test_what_ana_prefers_is_hers_alone_and_outlives_a_restart(house: House):
    chosen = await prefer_all(house)

    house.start_again()

    assert chosen == await house.choose.read(ANA)
    assert Choices() == await house.choose.read(MOD)


async def test_what_ana_prefers_is_in_no_file_in_clear(house: House, on_disk):
    await prefer_all(house)

    found = on_disk()

    secrets = (b"xylophones", b"bassoons", b"ultramarine", b"auto_dm", b"mine")
    assert [] == [word for word in secrets if word in found]


async def test_what_cannot_be_kept_leaves_no_trace(house: House):
    before = await house.rows()

    refused = await house.choose.prefer(ANA, lambda old: preferences.with_suffix(old, "--public"))

    assert Refusal(Cause.SETTING_VISIBILITY) == refused
    assert before == await house.rows()


async def test_of_whom_nothing_is_processed_nothing_is_kept(house: House):
    async with house.memory.db.transaction() as tx:
        ana = house.memory.keys.person(ANA)
        await choices.set_opt_out(tx, ana, OptOut.NO_PROCESSING, day="2027-01-15")
    before = await house.rows()

    await house.choose.prefer(ANA, lambda old: preferences.with_suffix(old, "--tile"))

    assert before == await house.rows()


@pytest.mark.parametrize("seen", Visibility)
async def test_a_job_that_waits_stays_as_it_was_accepted(house: House, seen):
    await house.accepted("a red fox", visibility=seen)
    tables = ("db.jobs", "db.deliveries")
    before = [(await house.rows())[table] for table in tables]

    await prefer_all(house)

    assert before == [(await house.rows())[table] for table in tables]
    await house.finish()
    [(_, painted)] = house.engine.given
    assert ("a red fox", "") == (painted.prompt, painted.negative_prompt)


async def test_stealth_wins_over_a_job_that_waits_whatever_ana_prefers(house: House):
    job = await house.placed()
    await prefer_all(house)

    moved = await house.choose.stealth(ANA)

    assert [job] == [one.job for one in moved]
    assert "--no xylophones" == (await house.choose.read(ANA)).suffix


async def test_nothing_that_ana_prefers_makes_her_next_job_public(house: House):
    await house.choose.stealth(ANA)

    await prefer_all(house)

    assert Visibility.STEALTH is (await house.ask()).visibility


async def test_what_ana_prefers_is_in_her_export_and_in_nobody_elses(house: House):
    await prefer_all(house)

    mine, theirs = await exported(house), await exported(house, MOD)

    assert "--no xylophones" == mine.data["choices"]["suffix"]
    assert {"mine": "--no bassoons"} == mine.data["choices"]["options"]
    assert {"colour": ["ultramarine", "sepia"]} == mine.data["choices"]["wildcards"]
    assert b"xylophones" not in theirs.whole


async def test_what_ana_prefers_is_forgotten_when_she_is_away_for_half_a_year(house: House):
    await prefer_all(house)
    await prefer_all(house, MOD)
    house.clock.turn(100 * DAY)
    await house.choose.prefer(MOD, lambda old: preferences.with_suffix(old, "--tile"))
    house.clock.turn(81 * DAY)

    await swept(house)

    assert Choices() == await house.choose.read(ANA)
    assert "--tile" == (await house.choose.read(MOD)).suffix


async def test_a_prompt_counts_as_use_of_what_ana_prefers(house: House):
    await prefer_all(house)
    house.clock.turn(100 * DAY)
    await house.ask(is_read=True)
    await house.finish()
    house.clock.turn(100 * DAY)

    await swept(house)

    assert "--no xylophones" == (await house.choose.read(ANA)).suffix


async def test_an_erasure_takes_the_key_and_the_words_of_what_ana_prefers(house: House):
    eraser = Eraser(house)
    await prefer_all(house)
    [(_, sealed, _)] = (await house.rows())["db.choices"]
    keys = {row[4] for row in (await house.rows())["keys.item_keys"]}

    await eraser.erased(Scope.EVERYTHING)

    after = await house.rows()
    assert sealed not in [row[1] for row in after["db.choices"]]
    assert not keys & {row[4] for row in after["keys.item_keys"]}
    assert "" == (await house.choose.read(ANA)).suffix


# --- the screen ---------------------------------------------------------------------------------


async def screen_of(house: House, models: tuple[str, ...] = (), **changed) -> Post:
    """Ana's screen, should her standing be another."""
    return preferring.settings(replace(await house.inform(ask()), **changed), models, "")


def offered(screen: Post, what: str) -> dict[str, bool]:
    """What can be chosen of something, and what of it stands there already."""
    found = [one for one in screen.selects if one.custom_id == f"v1:set:{what}"]
    return {choice.value: choice.is_chosen for one in found for choice in one.choices}


@pytest.mark.parametrize(
    ("rule", "forbidden", "values", "why"),
    [
        (StealthRule.NEVER, None, {"public"}, "Stealth cannot be chosen: the plan Tin has none."),
        (StealthRule.ALWAYS, None, {"stealth"}, "Public cannot be chosen: with the plan Tin every"),
        (StealthRule.OPTIONAL, None, {"public", "stealth"}, ""),
        (StealthRule.DEFAULT, None, {"public", "stealth"}, ""),
        (StealthRule.DEFAULT, OptOut.NEVER_PUBLIC, {"stealth"}, "Public cannot be chosen: you"),
        (StealthRule.NEVER, OptOut.NEVER_PUBLIC, {"stealth"}, "Public cannot be chosen: you"),
    ],
)
async def test_the_screen_offers_who_may_see_and_says_why_not_the_other(
    house: House, rule, forbidden, values, why
):
    screen = await screen_of(house, plan=plan(name="Tin", stealth=rule), forbidden=forbidden)

    assert values == set(offered(screen, "visibility"))
    assert why in screen.content
    assert bool(why) is ("cannot be chosen" in screen.content)


async def test_the_screen_offers_models_where_there_are_several(house: House):
    one = await screen_of(house, ("first",))
    chosen = replace(Choices(), model="second")
    two = await screen_of(house, ("first", "second"), chosen=chosen)
    gone = await screen_of(house, ("first", "third"), chosen=chosen)

    assert {} == offered(one, "model")
    assert {"first": False, "second": True} == offered(two, "model")
    assert "**Model** second · you chose it" in two.content
    assert "**Model** first · as for everybody" in gone.content


async def test_the_longest_there_is_to_prefer_fits_the_screen(house: House):
    dashes = "-" * 190
    chosen = replace(await prefer_all(house), suffix=f"--no {dashes}", model="m" * 100)

    screen = await screen_of(house, ("m" * 100, "n" * 100), chosen=chosen)

    assert len(screen.content) < CONTENT_LIMIT
    assert "nothing is trained on it." in screen.content


async def test_opting_out_of_any_processing_drops_what_ana_prefers(house: House):
    eraser = Eraser(house)
    await prefer_all(house)

    await eraser.erase.opt_out_all(ANA, TOKEN, interaction_id=eraser.now_id())
    await eraser.finish()

    assert Choices() == await house.choose.read(ANA)
    assert [] == (await house.rows())["db.choices"]
