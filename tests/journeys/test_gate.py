"""What the picture gate stops: it leaves nothing where others read, and only ana learns why."""

from __future__ import annotations

import pytest
from safetensors.numpy import load_file, save_file

from bot import settings, workers
from bot.errors import StartFault
from gen.messages import Measure
from gen.supervisor import Supervisor
from tests import tiny_classifier
from tests.fakes import MEASURE, FakeEngine
from tests.journeys.house import House, has_picture, is_place
from tests.people import Seen

OTHERS = ("plum", "pia", "mod", "boss", "zoe")


@pytest.fixture
def strict_house(closed_house: House, tmp_path) -> House:
    """A house with a classifier; what the engine paints is for adults."""
    closed_house.options["classifier_dir"] = tiny_classifier.make(tmp_path / "classifier")
    return closed_house


def painter(nsfw: float) -> FakeEngine:
    engine = FakeEngine()
    engine.measure = Measure(MEASURE.fingerprint, (("normal", 1 - nsfw), ("nsfw", nsfw)))
    return engine


def is_told(seen: Seen) -> bool:
    return "A safety check stopped this picture" in seen.content


async def test_a_stopped_public_result_leaves_nothing_in_the_channel_and_only_ana_learns_why(
    strict_house: House,
) -> None:
    async with strict_house.bot(painter(nsfw=0.9)):
        await strict_house["ana"].slash("general", "imagine", prompt="a red star")
        said = await strict_house["ana"].sees_until("general", is_told)
        everywhere = [await strict_house.everything_seen_by(name) for name in OTHERS]

    assert said.ephemeral
    assert [[]] * len(OTHERS) == everywhere


async def test_a_stopped_stealth_result_is_told_in_her_own_answer_and_her_dm_stays_empty(
    strict_house: House,
) -> None:
    async with strict_house.bot(painter(nsfw=0.9)):
        await strict_house["ana"].slash(
            "general", "imagine", prompt="a red star", visibility="stealth"
        )
        said = await strict_house["ana"].sees_until("general", is_told)
        dm = await strict_house["ana"].sees("dm")
        everywhere = [await strict_house.everything_seen_by(name) for name in OTHERS]

    assert said.ephemeral
    assert [] == dm
    assert [[]] * len(OTHERS) == everywhere


async def test_what_the_classifier_lets_pass_is_delivered(strict_house: House) -> None:
    async with strict_house.bot(painter(nsfw=0.1)):
        await strict_house["ana"].slash("general", "imagine", prompt="a red star")
        seen = await strict_house["mod"].sees_until("general", has_picture)

    assert ["image-1.webp"] == seen.filenames


async def test_nothing_is_shown_of_a_picture_before_it_was_measured(strict_house: House) -> None:
    engine = painter(nsfw=0.9)
    engine.auto = False
    async with strict_house.bot(engine):
        await strict_house["ana"].slash("general", "imagine", prompt="a slow star", steps=30)
        await strict_house["ana"].sees_until("general", is_place)
        await engine.was_given(1)
        engine.tick()
        running = await strict_house["mod"].sees_until("general", lambda one: "step" in one.content)

    assert [] == running.filenames


async def test_a_broken_classifier_stops_the_start_by_its_name(strict_house: House) -> None:
    (strict_house.data.parent / "classifier" / "config.json").unlink()

    with pytest.raises(StartFault, match=r"CLASSIFIER_DIR cannot be used: config\.json: missing"):
        async with strict_house.bot():
            pass


async def test_a_label_that_the_classifier_does_not_know_stops_the_start(
    strict_house: House,
) -> None:
    strict_house.options["classifier_limits"] = "nsfw=0.5,porn=0.4"

    with pytest.raises(StartFault, match=r"does not know: porn; it knows normal, nsfw"):
        async with strict_house.bot():
            pass


# --- with the real worker -----------------------------------------------------------------------


def worker(house: House, **chosen: object) -> Supervisor:
    """A worker process of our own, told what the house's settings say."""
    return workers.worker(
        settings.load(house.data / "no.env", device="cpu", worker_threads=1, **chosen)
    )


@pytest.mark.timeout(120)
async def test_the_real_worker_measures_what_it_paints_and_the_house_stops_it(
    closed_house: House, tmp_path
) -> None:
    closed_house.options["classifier_dir"] = tiny_classifier.make(tmp_path / "strict", says="nsfw")
    async with closed_house.bot(worker(closed_house, **closed_house.options)):
        await closed_house["ana"].slash("general", "imagine", prompt="a red star", steps=2)
        said = await closed_house["ana"].sees_until("general", is_told)
        seen = await closed_house["mod"].sees("general")

    assert said.ephemeral
    assert [] == seen


@pytest.mark.timeout(120)
async def test_a_classifier_that_lacks_weights_stops_the_start_by_its_name(
    closed_house: House, tmp_path
) -> None:
    folder = tiny_classifier.make(tmp_path / "hollow")
    weights = load_file(folder / "model.safetensors")
    del weights["classifier.bias"]
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    closed_house.options["classifier_dir"] = folder

    with pytest.raises(StartFault, match=r"classifier could not be loaded .*CLASSIFIER_DIR"):
        async with closed_house.bot(worker(closed_house, **closed_house.options)):
            pass


def test_with_a_classifier_the_worker_makes_no_previews_and_else_it_does(tmp_path) -> None:
    plain = workers.setup(settings.load(tmp_path / "no.env"))
    strict = workers.setup(settings.load(tmp_path / "no.env", classifier_dir=tmp_path))

    assert ("", str(tmp_path)) == (plain.classifier, strict.classifier)
    assert 0 == strict.preview_every < plain.preview_every
