"""`/settings`, `/prefer`, `/show` and `/help`, as people meet them."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest

from gen import pocket
from tests.fakes import FakeEngine
from tests.journeys.hearing import asks, forges, presses, reads
from tests.journeys.house import House, has_picture, is_place
from tests.people import ClientRefuses

UPDATE, DEFERRED, EPHEMERAL = 6, 5, 1 << 6
VISIBILITY, SPEED, MODEL = "v1:set:visibility", "v1:set:speed", "v1:set:model"
POCKET = Path(pocket.__path__[0]) / "model"
TWO_LINES = ("**Who can see it:**", "**What it may be used for:**")


async def test_ana_turns_a_switch_and_the_screen_changes_where_it_stands(house: House) -> None:
    ana = house["ana"]
    screen = await asks(ana, "general", "settings")

    await ana.press(screen, label="Remix: off")
    after = await reads(ana, screen, "**Remix** is on from now on")
    await ana.press(after, label="Variation: strong")
    last = await reads(ana, screen, "**Variation** is subtle from now on")

    assert all(line in one.content for line in TWO_LINES for one in (screen, last))
    assert "**Remix** off" in screen.content
    assert "**Remix** on" in last.content
    assert "Remix: on" in last.buttons
    assert "Variation: subtle" in last.buttons
    assert [] == await house.everything_seen_by("mod")


async def test_a_press_in_the_screen_updates_what_she_alone_sees_and_nothing_else(
    house: House,
) -> None:
    ana = house["ana"]
    screen = await asks(ana, "general", "settings")
    hello = await ana.say("general", "hello")
    before = len(_callbacks(house))

    await ana.press(screen, label="Remix: off")
    await reads(ana, screen, "**Remix** is on")
    await forges(house, "ana", hello, "v1:set:remix:on")

    in_place, forged = _callbacks(house)[before:]
    assert (UPDATE, None) == (in_place["type"], in_place.get("data"))
    assert (DEFERRED, EPHEMERAL) == (forged["type"], forged["data"]["flags"])
    assert "hello" == (await ana.again(hello)).content


async def test_stealth_chosen_in_the_screen_is_what_stealth_is(slow_house: House) -> None:
    ana, mod = slow_house["ana"], slow_house["mod"]
    await ana.slash("general", "imagine", prompt="a star")
    place = await mod.sees_until("general", is_place)
    screen = await asks(ana, "general", "settings")

    await ana.choose(screen, "stealth", custom_id=VISIBILITY)

    said = await reads(ana, screen, "From now on your jobs go only to your DM")
    await mod.sees_gone(place)
    assert "One job that was waiting or running goes to your DM now, too." in said.content
    assert "**Visibility** stealth · you said /stealth" in said.content
    assert all(line in said.content for line in TWO_LINES)


async def test_public_chosen_in_the_screen_is_a_press_for_it(house: House) -> None:
    pia = house["pia"]
    screen = await asks(pia, "general", "settings")
    assert "**Visibility** stealth · by your plan" in screen.content

    await pia.choose(screen, "public", custom_id=VISIBILITY)
    await reads(pia, screen, "From now on your jobs are posted in the channel you ask in")
    await pia.slash("general", "imagine", prompt="a red star")

    await house["mod"].sees_until("general", has_picture)


async def test_who_is_never_public_cannot_choose_public_also_on_an_old_screen(
    house: House,
) -> None:
    ana = house["ana"]
    old = await asks(ana, "general", "settings")
    which = await asks(ana, "general", "privacy opt-out")
    await presses(ana, which, "Never public")

    await ana.choose(old, "public", custom_id=VISIBILITY)
    after = await reads(ana, old, "Public cannot be chosen: you asked that nothing of yours")

    assert "You asked that nothing of yours is ever public." in after.content.splitlines()[0]
    with pytest.raises(ClientRefuses):
        await ana.choose(after, "public", custom_id=VISIBILITY)


async def test_of_whom_nothing_is_processed_is_told_so_in_the_screen(house: House) -> None:
    ana = house["ana"]
    screen = await asks(ana, "general", "settings")
    which = await asks(ana, "general", "privacy opt-out")
    sure = await presses(ana, which, "No processing")
    gone = await ana.press(sure, label="Erase everything and process nothing")
    await reads(ana, gone.message, "darkroom-receipt.")

    await ana.press(screen, label="Remix: off")

    said = await reads(ana, screen, "You asked me not to process anything of yours.")
    assert [] == said.components


async def test_plum_chooses_her_speed_and_ana_has_none_to_choose(house: House) -> None:
    plum = house["plum"]
    screen = await asks(plum, "general", "settings")
    await plum.choose(screen, "relax", custom_id=SPEED)
    await reads(plum, screen, "From now on your jobs are relaxed")

    anas = await asks(house["ana"], "dm", "settings")

    assert "**Speed** relaxed" in anas.content
    with pytest.raises(AssertionError):
        anas.find(3, custom_id=SPEED)


async def test_ana_chooses_a_model_and_her_jobs_are_made_with_it(closed_house: House) -> None:
    ana, file = closed_house["ana"], closed_house.data / "models.toml"
    closed_house.data.mkdir()
    models = "".join(f'[[model]]\npath = "{POCKET}"\nname = "{n}"\n' for n in ("First", "Second"))
    file.write_text(f"{models}sizes = [[96, 96], [48, 96]]\n")
    closed_house.options["models_file"] = file
    async with closed_house.bot():
        shapes = await ana.autocomplete(
            "general", "imagine", focused="aspect_ratio", model="second", aspect_ratio="1:"
        )
        assert ["1:1", "1:2"] == [shape["value"] for shape in shapes]
        screen = await asks(ana, "general", "settings")
        await ana.choose(screen, "Second", custom_id=MODEL)
        second = await reads(ana, screen, "From now on your jobs are made with Second.")
        said = await asks(ana, "general", "imagine", prompt="a star")
        await reads(ana, said, "Done")
        await ana.choose(second, "First", custom_id=MODEL)
        await reads(ana, screen, "**Model** First · as for everybody")

        [(_, painted)] = closed_house.engine.given
        assert "Second" == painted.model


async def test_a_screen_from_before_a_restart_works_after_it(closed_house: House) -> None:
    ana = closed_house["ana"]
    async with closed_house.bot():
        screen = await asks(ana, "general", "settings")
    async with closed_house.bot():
        await ana.press(screen, label="Copy by DM: off")
        await reads(ana, screen, "**Copy by DM** is on from now on")


# --- prefer -------------------------------------------------------------------------------------


async def test_anas_suffix_stands_behind_her_prompts_and_her_prompt_beats_it(
    house: House,
) -> None:
    ana = house["ana"]
    kept = await asks(ana, "general", "prefer suffix", text="--steps 3 --no cars")
    for prompt in ("a star", "a star --steps 2"):
        said = await asks(ana, "general", "imagine", prompt=prompt)
        await reads(ana, said, "Done")
    reset = await asks(ana, "dm", "prefer suffix")

    assert "Behind each of your prompts stands from now on" in kept.content
    assert "Nothing stands behind your prompts any more." in reset.content
    assert [(3, "cars"), (2, "cars")] == [
        (spec.steps, spec.negative_prompt) for _, spec in house.engine.given
    ]


async def test_ana_keeps_options_and_lists_and_deletes_them(house: House) -> None:
    ana = house["ana"]
    await asks(ana, "general", "prefer option set", name="mine", value="--steps 2")
    await asks(ana, "general", "prefer wildcard set", name="colour", values="deep blue")
    said = await asks(ana, "general", "imagine", prompt="a __colour__ star --mine")
    await reads(ana, said, "Done")
    listed = [await asks(ana, "dm", f"prefer {what} list") for what in ("option", "wildcard")]
    await asks(ana, "general", "prefer option set", name="mine")
    empty = await asks(ana, "general", "prefer option list")

    [(_, painted)] = house.engine.given
    assert ("a deep blue star", 2) == (painted.prompt, painted.steps)
    assert "`--mine`" in listed[0].content
    assert "deep blue" in listed[1].content
    assert "You have no options." in empty.content
    assert "prefer" not in str(await house["mod"].sees("general"))


async def test_a_suffix_that_says_who_sees_it_is_refused_and_not_kept(house: House) -> None:
    pia = house["pia"]
    said = await asks(pia, "general", "prefer suffix", text="--public")
    await pia.slash("general", "imagine", prompt="a star")

    await pia.sees_until("dm", has_picture)
    assert "What you prefer never says who sees a job" in said.content
    assert [] == await house.everything_seen_by("mod")


# --- show ---------------------------------------------------------------------------------------


async def test_ana_brings_a_result_back_and_repeats_it_after_a_restart(
    closed_house: House,
) -> None:
    ana = closed_house["ana"]
    async with closed_house.bot():
        said = await asks(ana, "general", "imagine", prompt="an albatross")
        await reads(ana, said, "Done")
        offered = await ana.autocomplete("dm", "show", focused="job", job="deliv")
    async with closed_house.bot():
        shown = await asks(ana, "dm", "show", job=offered[0]["value"])
        again = await presses(ana, shown, "Again")

    assert "albatross" not in shown.content + str(offered)
    assert "it stands at https://discord.com/channels/" in shown.content
    assert "position" in again.content or "Next in line" in again.content


async def test_what_needs_the_picture_is_made_again_when_pressed_in_what_show_says(
    house: House,
) -> None:
    ana = house["ana"]
    said = await asks(ana, "general", "imagine", prompt="a star", seed=7)
    await reads(ana, said, "Done")
    [offered] = await ana.autocomplete("general", "show", focused="job", job="")
    shown = await asks(ana, "general", "show", job=offered["value"])

    pressed = await presses(ana, shown, "Vary subtly")
    await reads(ana, pressed, "Done")

    assert [(7,), (7,)] == [spec.seeds for _, spec in house.engine.given]


async def test_ana_cancels_a_job_that_she_looks_at(closed_house: House) -> None:
    ana = closed_house["ana"]
    async with closed_house.bot(FakeEngine(auto=False)):
        await asks(ana, "general", "imagine", prompt="a star")
        await ana.sees_until("general", is_place)
        offered = await ana.autocomplete("general", "show", focused="job", job="")
        shown = await asks(ana, "general", "show", job=offered[0]["value"])
        ended = await presses(ana, shown, "Cancel")

    assert "Cancelled." in ended.content


async def test_mod_finds_nothing_of_anas_by_its_id(house: House) -> None:
    ana, mod = house["ana"], house["mod"]
    for visibility in ("public", "stealth"):
        said = await asks(ana, "general", "imagine", prompt="a star", visibility=visibility)
        await reads(ana, said, "Done")
    offered = await ana.autocomplete("general", "show", focused="job", job="")

    nobodys = await asks(mod, "general", "show", job="0" * 32)
    theirs = [await asks(mod, "general", "show", job=one["value"]) for one in offered]

    assert [nobodys.content] * 2 == [said.content for said in theirs]
    assert [] == nobodys.buttons + theirs[0].buttons + theirs[1].buttons
    assert [] == await mod.autocomplete("general", "show", focused="job", job="")


# --- help ---------------------------------------------------------------------------------------


async def test_help_tells_each_what_they_may_use(house: House) -> None:
    told = {}
    for who, place in product(("ana", "mod", "boss"), ("general", "dm")):
        said = await asks(house[who], place, "help")
        assert "`/imagine`" in said.content
        assert "/privacy show" in said.content
        assert len(said.content) <= 2000
        told[who, place] = said.content

    moderates = {each for each, said in told.items() if "`/moderation`" in said}
    operates = {each for each, said in told.items() if "`/plan` grant" in said}
    assert {("mod", "general"), ("boss", "general")} == moderates
    assert {("boss", "general"), ("boss", "dm")} == operates


async def test_help_on_a_topic_that_is_offered_tells_its_commands(house: House) -> None:
    ana, boss = house["ana"], house["boss"]
    offered = await ana.autocomplete("dm", "help", focused="topic", topic="prefer")
    said = await asks(ana, "dm", "help", topic=offered[0]["value"])
    not_hers = await asks(ana, "general", "help", topic="moderators")
    asked = {"focused": "topic", "topic": "oper"}
    operators = [await who.autocomplete("dm", "help", **asked) for who in (boss, ana)]
    told = await asks(boss, "dm", "help", topic="operator")

    assert [["operator"], []] == [[one["value"] for one in each] for each in operators]
    assert "`/plan grant` – The operator: give somebody a plan" in told.content
    assert ["What you prefer"] == [one["name"] for one in offered]
    assert "`/prefer suffix` – Parameters behind each of your prompts" in said.content
    assert "There is no such topic." in not_hers.content


async def test_help_answers_also_when_discord_does_not_say_who_operates(house: House) -> None:
    await house.people.weather(route="/applications/@me", drop=True)

    said = await asks(house["boss"], "general", "help")

    assert "`/moderation`" in said.content
    assert "`/plan` grant" not in said.content


def _callbacks(house: House) -> list[dict[str, object]]:
    records = house.sandbox.wire.records
    return [record.body for record in records if record.path.endswith("/callback")]
