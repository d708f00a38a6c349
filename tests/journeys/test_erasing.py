"""People erase their work: two steps, then at once, and a receipt that can be checked."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode

import pytest

from tests.journeys.hearing import asks, presses, reads, seen_since, ticks
from tests.journeys.house import House, has_picture, is_place
from tests.people import Seen

RECEIPT = re.compile(r"`(darkroom-receipt\.[^`]+)`")
PLACES = pytest.mark.parametrize("place", ["general", "dm"])


async def _makes(house: House, name: str, prompt: str, visibility: str = "public") -> Seen:
    """A finished picture of theirs, where it stands."""
    answer = await house[name].slash("general", "imagine", prompt=prompt, visibility=visibility)
    await reads(house[name], answer.message, "Done")
    place = "general" if visibility == "public" else "dm"
    return await house[name].sees_until(place, has_picture)


async def _erases(house: House, name: str, place: str, **options: str) -> Seen:
    """Both steps; the answer that became the receipt."""
    question = await asks(house[name], place, "privacy delete", **options)
    answer = await house[name].press(question, label="Erase")
    return await reads(house[name], answer.message, "darkroom-receipt.")


def _line(said: Seen) -> str:
    found = RECEIPT.search(said.content)
    assert found, said
    return found[1]


@PLACES
async def test_everything_of_anas_goes_and_nothing_of_plums(house: House, place: str) -> None:
    post = await _makes(house, "ana", "a red star")
    hidden = await _makes(house, "ana", "a hidden star", "stealth")
    plums = await _makes(house, "plum", "a blue star")
    plums_hidden = await _makes(house, "plum", "a hidden moon", "stealth")

    receipt = await _erases(house, "ana", place, what="everything")

    await house["mod"].sees_gone(post)
    await house["ana"].sees_gone(hidden)
    assert has_picture(await house["mod"].again(plums))
    assert has_picture(await house["plum"].again(plums_hidden))
    assert "a hidden moon" in (await presses(house["plum"], plums_hidden, "Recipe")).content
    assert receipt.content.startswith("**Erased.**")
    assert "Messages deleted: 2 of 2." in receipt.content
    assert "Recipes found in your DM: 1." in receipt.content
    assert "Remnants that a disk may keep" in receipt.content
    assert "No backup of mine holds these keys" in receipt.content
    assert 2000 >= len(receipt.content)


async def test_after_everything_only_what_outlives_it_is_listed(house: House) -> None:
    await _makes(house, "ana", "a red star")
    await _erases(house, "ana", "general", what="everything")

    data = await asks(house["ana"], "general", "privacy data")

    for gone in ("where your public results stand", "that you were here, and the best plan"):
        assert re.search(rf"{gone}.*: \*\*0\*\*", data.content)
    assert re.search(r"how much of a day's allowance you used: \*\*1\*\*", data.content)


@pytest.mark.parametrize(("what", "place"), [("today", "general"), ("everything", "dm")])
async def test_it_asks_first_and_keep_keeps_all(house: House, what: str, place: str) -> None:
    post = await _makes(house, "ana", "a red star")

    question = await asks(house["ana"], place, "privacy delete", what=what)
    said = await presses(house["ana"], question, "Keep everything")

    assert "This cannot be undone" in question.content
    assert "1 message in a channel" in question.content
    assert "signed receipt" in question.content
    assert ["Erase", "Keep everything"] == question.buttons
    assert "Kept. Nothing was erased." == said.content
    assert has_picture(await house["mod"].again(post))


@pytest.mark.parametrize("by_link", [False, True])
async def test_one_job_goes_and_the_others_stay(house: House, by_link: bool) -> None:
    first = await _makes(house, "ana", "a red star")
    second = await _makes(house, "ana", "a blue star")
    link = f"https://discord.com/channels/1/{first.channel}/{first.id}"

    receipt = await _erases(
        house,
        "ana",
        "general",
        what="job",
        job=link if by_link else first.find(2, label="Delete").rpartition(":")[2],
    )

    await house["mod"].sees_gone(first)
    assert has_picture(await house["mod"].again(second))
    assert "Messages deleted: 1 of 1." in receipt.content


async def test_one_stealth_job_goes_by_the_link_of_its_message(house: House) -> None:
    first = await _makes(house, "ana", "a red star", "stealth")
    second = await _makes(house, "ana", "a blue star", "stealth")
    assert first.id != second.id

    receipt = await _erases(
        house,
        "ana",
        "dm",
        what="job",
        job=f"https://discord.com/channels/@me/{first.channel}/{first.id}",
    )

    await house["ana"].sees_gone(first)
    assert has_picture(await house["ana"].again(second))
    assert "Recipes found in your DM: 1." in receipt.content


async def test_somebody_elses_job_and_none_at_all_look_alike(house: House) -> None:
    post = await _makes(house, "ana", "a red star")
    hidden = await _makes(house, "ana", "a hidden star", "stealth")
    job = post.find(2, label="Delete").rpartition(":")[2]
    link = f"https://discord.com/channels/@me/{hidden.channel}/{hidden.id}"

    said = [
        await asks(house["plum"], "general", "privacy delete", what="job", job=named)
        for named in (job, post.id, link, "0" * 32, "nonsense", " ", "-1")
    ]
    said.append(await asks(house["plum"], "general", "privacy delete", what="job"))

    assert 1 == len({one.content for one in said})
    assert "I hold no job of yours by that name" in said[0].content
    assert [] == [label for one in said for label in one.buttons]
    assert has_picture(await house["mod"].again(post))


@pytest.mark.parametrize(("name", "what"), [("ana", "today"), ("pia", "everything")])
async def test_a_running_job_ends_and_nothing_of_it_arrives(
    slow_house: House, name: str, what: str
) -> None:
    place_of_job = "general" if name == "ana" else "dm"
    await slow_house[name].slash("general", "imagine", prompt="a red star", steps=30)
    place = await slow_house[name].sees_until(place_of_job, is_place)
    await slow_house.engine.was_given(1)
    slow_house.engine.tick()

    receipt = await _erases(slow_house, name, "general", what=what)
    async with slow_house["mod"].stream() as frames:
        await slow_house[name].sees_gone(place)
        await ticks(slow_house, given=1)
        seen = await seen_since(slow_house["mod"], frames, "staff")

    assert "1 job under way" in receipt.content
    assert [] == seen
    assert not any(has_picture(one) for one in await slow_house.everything_seen_by(name))


async def test_a_waiting_job_ends_and_is_never_painted(slow_house: House) -> None:
    await slow_house["plum"].slash("gallery", "imagine", prompt="before", count=4)
    await slow_house.engine.was_given(1)
    await slow_house["ana"].slash("general", "imagine", prompt="a red star")
    place = await slow_house["ana"].sees_until("general", is_place)

    await _erases(slow_house, "ana", "general", what="everything")
    await slow_house["mod"].sees_gone(place)
    await ticks(slow_house, given=1)

    await slow_house["plum"].sees_until("gallery", has_picture)
    assert ["before"] == [spec.prompt for _, spec in slow_house.engine.given]


async def test_with_a_closed_dm_the_receipt_says_what_stands(house: House) -> None:
    hidden = await _makes(house, "ana", "a hidden star", "stealth")
    await house.people.weather(method="POST", route="/users/@me/channels", code=50007)

    receipt = await _erases(house, "ana", "general", what="everything")

    assert receipt.content.startswith("**Erased, as far as I could.**")
    assert "Discord did not let me into your DM" in receipt.content
    assert "sealed stealth recipe that no button in your DM names" in receipt.content
    assert has_picture(await house["ana"].again(hidden))


async def test_an_erasure_goes_on_after_a_restart(closed_house: House) -> None:
    async with closed_house.bot():
        post = await _makes(closed_house, "ana", "a red star")
        await closed_house.people.weather(method="DELETE", route="/channels/", status=503)
        question = await asks(closed_house["ana"], "general", "privacy delete", what="everything")
        answer = await presses(closed_house["ana"], question, "Erase")
        assert has_picture(await closed_house["mod"].again(post))
    await closed_house.people.weather(clear=True)

    async with closed_house.bot():
        await closed_house["mod"].sees_gone(post)
        receipt = await reads(closed_house["ana"], answer, "darkroom-receipt.")

    assert "Messages deleted: 1 of 1." in receipt.content


async def test_a_receipt_is_checked_by_anybody(house: House) -> None:
    await _makes(house, "ana", "a red star")
    receipt = _line(await _erases(house, "ana", "general", what="everything"))

    for name, place in (("ana", "general"), ("plum", "dm")):
        for pasted in (receipt, f"  `{receipt}` ", receipt[:300] + "\n" + receipt[300:]):
            said = await asks(house[name], place, "privacy verify", receipt=pasted)
            assert "This receipt is mine and unchanged." in said.content
            assert "Messages deleted: 1 of 1." in said.content


async def test_a_receipt_that_is_not_whole_says_what_is_wrong(house: House) -> None:
    line = _line(await _erases(house, "ana", "general", what="everything"))
    prefix, body, signature = line.split(".")
    plain = urlsafe_b64decode(body + "=" * (-len(body) % 4))
    more = urlsafe_b64encode(plain.replace(b'"deleted":0', b'"deleted":9')).decode().rstrip("=")
    wrong = {
        f"{prefix}.{more}.{signature}": "something in it was changed after I signed it",
        f"{prefix}.{body}.{signature[:-9]}": "The end of this receipt is missing",
        f"{prefix}.{body}": "The end of this receipt is missing",
        "all is well": "This is no receipt of Darkroom's",
        "x" * 6000: "This is no receipt of Darkroom's",
    }

    for pasted, remedy in wrong.items():
        said = await asks(house["ana"], "general", "privacy verify", receipt=pasted)
        assert remedy in said.content


async def test_a_receipt_of_another_house_is_foreign(closed_house: House) -> None:
    async with closed_house.bot():
        line = _line(await _erases(closed_house, "ana", "general", what="everything"))
    closed_house.data = closed_house.data.parent / "another"

    async with closed_house.bot():
        said = await asks(closed_house["ana"], "general", "privacy verify", receipt=line)

    assert "This receipt is not mine: another Darkroom signed it" in said.content


async def test_the_history_tells_of_what_was_erased_and_not_what_it_was(house: House) -> None:
    post = await _makes(house, "ana", "a red star")
    await _erases(house, "ana", "general", what="job", job=post.id)

    said = await asks(house["ana"], "general", "privacy history")

    assert re.search(r"<t:\d+:f> · you · erased your data · \d+", said.content)
    assert "star" not in said.content
