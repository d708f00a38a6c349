"""What people read about their own data, and what they choose about it."""

from __future__ import annotations

import asyncio
import re

import pytest

from tests.journeys.hearing import asks, presses, reads, ticks
from tests.journeys.house import House, has_picture, is_place
from tests.people import ClientRefuses, Seen

LONGEST_CHARACTERS = 2000
TWO_LINES = ("**Who can see it:**", "**What it may be used for:**")
PLACES = pytest.mark.parametrize("place", ["general", "dm"])


async def _pages(house: House, place: str, first: Seen, last: str) -> list[Seen]:
    """The answer and what follows it, up to the page that says this."""
    seen = await house["ana"].sees_all_until(
        place, lambda seen: any(last in one.content and one.id >= first.id for one in seen)
    )
    return [one for one in seen if int(one.id) >= int(first.id)]


async def _posts(house: House, prompt: str = "a red star") -> Seen:
    answer = await house["ana"].slash("general", "imagine", prompt=prompt)
    await reads(house["ana"], answer.message, "Done")
    return await house["ana"].sees_until("general", has_picture)


@PLACES
async def test_show_opens_with_the_answers_and_goes_on_for_its_reader_alone(
    house: House, place: str
) -> None:
    first = await asks(house["ana"], place, "privacy show")
    pages = await _pages(house, place, first, "Honest limits")

    asked = re.findall(r"^\*\*(.+\?)\*\*", first.content, re.MULTILINE)
    assert [
        "Is it stored?",
        "Who can see it?",
        "Is it used for training?",
        "Is the prompt kept?",
        "Is it fit for confidential work?",
    ] == asked
    assert all(page.ephemeral for page in pages)
    assert all(0 < len(page.content) <= LONGEST_CHARACTERS for page in pages)
    assert [] == await house.everything_seen_by("mod")


async def test_show_tells_who_runs_it_what_is_never_held_and_what_was_checked(
    closed_house: House,
) -> None:
    closed_house.options |= {
        "operator_name": "Boss & Co",
        "operator_contact": "boss@example.com",
        "operator_country": "Norway",
        "operator_answer_time": "3 days",
    }
    said = ""
    async with closed_house.bot(), asyncio.timeout(20):
        while "SHA-256" not in said:  # a large model is hashed beside the work
            first = await asks(closed_house["ana"], "general", "privacy show")
            pages = await _pages(closed_house, "general", first, "Honest limits")
            said = "\n".join(page.content for page in pages)

    for word in ("Boss & Co", "boss@example.com", "Norway", "3 days"):
        assert word in said
    for word in ("IP address", "e-mail", "payment", "Last selfcheck", "policy: version"):
        assert word.lower() in said.lower()
    for kind in ("picture", "recipe", "stealth-recipe", "post", "record", "settings", "audit"):
        assert f"**{kind}** (" in said
    assert "claims no right" in said


async def test_show_puts_ones_own_choice_beside_the_operators(house: House) -> None:
    await asks(house["ana"], "dm", "privacy retention", **{"class": "recipe", "duration": "24h"})

    first = await asks(house["ana"], "general", "privacy show")
    pages = await _pages(house, "general", first, "Honest limits")

    said = "\n".join(page.content for page in pages)
    assert "**24 hours**, by you" in said
    assert "operator: 30 days · plan: – · server: – · channel: – · you: 24 hours" in said


async def test_the_life_of_ones_own_job_is_told_step_by_step(house: House) -> None:
    post = await _posts(house)
    link = f"https://discord.com/channels/1/{post.channel}/{post.id}"

    said = await asks(house["ana"], "dm", "privacy show", job=link)

    steps = [*("Asked", "Accepted", "Placed", "Painted", "Kept until sent"), "Delivered"]
    told = "\n".join(page.content for page in await _pages(house, "dm", said, "Afterwards"))
    for number, step in enumerate(steps, start=1):
        assert f"**{number} {step}**" in told
    assert "How long: at most 24 hours until it is delivered" in told
    assert "delivered; it stands at" in told
    assert "Its sealed recipe is kept until" in told
    assert all(line in told for line in TWO_LINES)


async def test_somebody_elses_job_and_none_at_all_look_alike(house: House) -> None:
    post = await _posts(house)
    mine = await asks(house["ana"], "general", "privacy show", job=post.id)
    job = re.search(r"`([0-9a-f]{32})`", mine.content)
    assert job

    said = [
        (await asks(house["plum"], "general", "privacy show", job=named)).content
        for named in (post.id, job[1], "0" * 32, "nonsense")
    ]

    assert 1 == len(set(said))
    assert "You have no such job" in said[0]


async def test_a_delivered_stealth_job_is_known_by_its_record_alone(slow_house: House) -> None:
    await slow_house["pia"].slash("general", "imagine", prompt="a secret moon")
    place = await slow_house["pia"].sees_until("dm", is_place)
    job = place.find(2, label="Cancel").rpartition(":")[2]
    await slow_house.engine.was_given(1)
    before = await asks(slow_house["pia"], "dm", "privacy show", job=job)
    await ticks(slow_house, given=1)
    await slow_house["pia"].sees_until("dm", has_picture)
    await slow_house["pia"].sees_until("general", lambda one: "Done" in one.content)
    after = await asks(slow_house["pia"], "dm", "privacy show", job=job)

    assert "**Now:** being painted." in before.content
    assert "No row names its recipe: only the message in your DM has the key" in after.content
    assert "moon" not in before.content + after.content


async def test_data_lists_what_is_stored_with_counts(house: House) -> None:
    before = await asks(house["ana"], "dm", "privacy data")
    await _posts(house)
    after = await asks(house["ana"], "general", "privacy data")
    pages = await _pages(house, "general", after, "What is never held")

    assert "where your public results stand: **0**" in before.content
    assert "where your public results stand: **1**" in after.content
    assert any("not countable by design" in page.content for page in [after, *pages])
    assert all(page.ephemeral and len(page.content) <= LONGEST_CHARACTERS for page in pages)
    assert not any("red star" in page.content for page in pages)


async def test_changes_and_history_begin_empty(house: House) -> None:
    changes = await asks(house["ana"], "general", "privacy changes")
    history = await asks(house["ana"], "dm", "privacy history")

    assert "This is the first version of the policy" in changes.content
    assert "Nobody has acted on your data" in history.content


async def test_a_changed_policy_is_told_once_and_shown_by_line(closed_house: House) -> None:
    async with closed_house.bot():
        await _posts(closed_house)
    closed_house.options |= {"operator_name": "Boss & Co"}
    async with closed_house.bot():
        first = await asks(closed_house["ana"], "general", "imagine", prompt="a blue star")
        await reads(closed_house["ana"], first, "Done")
        second = await asks(closed_house["ana"], "general", "imagine", prompt="a green star")
        changes = await asks(closed_house["ana"], "general", "privacy changes")

    assert "The privacy policy has changed since your last job" in first.content
    assert "policy has changed" not in second.content
    assert "**No longer said**\n- Run by: the operator has not said" in changes.content
    assert "**Said now**\n- Run by: Boss & Co" in changes.content


@PLACES
async def test_a_shorter_retention_reaches_what_exists(house: House, place: str) -> None:
    await _posts(house)

    said = await asks(
        house["ana"], place, "privacy retention", **{"class": "recipe", "duration": "1d"}
    )

    assert "`recipe`, the sealed prompt" in said.content
    assert "24 hours" in said.content
    assert "1 thing that exists ends sooner" in said.content
    assert all(line in said.content for line in TWO_LINES)


async def test_with_zero_a_posts_recipe_is_gone(house: House) -> None:
    post = await _posts(house)

    await asks(house["ana"], "general", "privacy retention", **{"class": "recipe", "duration": "0"})
    late = await presses(house["ana"], post, "Recipe")

    assert "what this button needs is gone" in late.content


async def test_what_is_no_duration_is_answered_with_the_forms(house: House) -> None:
    for duration in ("soon", "-1d", "1e9h", "", " ", "7", "1.5d", "½h", "1d 2"):
        said = await asks(
            house["ana"],
            "general",
            "privacy retention",
            **{"class": "recipe", "duration": duration},
        )
        assert "That is no duration I know" in said.content
        assert "0, 45m, 24h, 7d, 2w, 1y" in said.content


async def test_looser_than_allowed_names_who_caps_it_and_at_what(house: House) -> None:
    said = await asks(
        house["ana"], "general", "privacy retention", **{"class": "recipe", "duration": "90d"}
    )

    assert "capped by the operator at 30 days" in said.content


async def test_a_class_that_nobody_may_shorten_is_not_offered(house: House) -> None:
    with pytest.raises(ClientRefuses):
        await house["ana"].slash(
            "general", "privacy retention", **{"class": "audit", "duration": "1d"}
        )


async def test_training_records_a_wish_and_says_that_there_is_none(house: House) -> None:
    for wish, place in (("on", "general"), ("off", "dm")):
        said = await asks(house["ana"], place, "privacy training", wish=wish)
        info = await asks(house["ana"], place, "info")

        assert "Darkroom has no way to train on your work" in said.content
        assert f"records your wish only: {wish}." in said.content
        assert f"records your wish only: {wish}." in info.content


async def test_hidden_words_are_posted_nowhere(house: House) -> None:
    said = await asks(house["ana"], "dm", "privacy prompt hide")
    await house["ana"].slash("general", "imagine", prompt="a red star")
    post = await house["mod"].sees_until("general", has_picture)
    await asks(house["ana"], "general", "privacy prompt show")
    await house["ana"].slash("general", "imagine", prompt="a blue star")
    shown = await house["mod"].sees_until(
        "general", lambda one: has_picture(one) and one.id != post.id
    )

    assert all(line in said.content for line in TWO_LINES)
    assert "red" not in post.text
    assert "words hidden" in post.text
    assert "blue star" in shown.text


async def test_hiding_words_reaches_open_jobs(slow_house: House) -> None:
    await slow_house["ana"].slash("general", "imagine", prompt="a red star")
    place = await slow_house["mod"].sees_until("general", is_place)
    assert "red star" in place.content

    await asks(slow_house["ana"], "general", "privacy prompt hide")
    await ticks(slow_house, given=1)

    post = await slow_house["mod"].sees_until("general", has_picture)
    assert "red" not in post.text
    assert not any("red" in one.text for one in await slow_house.everything_seen_by("mod"))
