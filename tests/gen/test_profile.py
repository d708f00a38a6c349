"""What follows from measured step times; and the measuring itself, with a clock of ours."""

from gen.card import Card
from gen.measure import measure
from gen.profile import Profile, StepTime
from tests.gen.toy_family import ToyFamily

#: Batching pays up to four samples: 1.0, 0.6, 0.4, 0.4 seconds each.
PROFILE = Profile(
    tuple(
        StepTime(64, 64, samples, seconds)
        for samples, seconds in ((1, 1.0), (2, 1.2), (4, 1.6), (8, 3.2))
    )
)


def test_the_cap_is_the_largest_batch_that_still_paid():
    assert PROFILE.sample_cap(64, 64) == 4
    assert PROFILE.row_cap(64, 64, guided=True) == 2
    assert PROFILE.row_cap(64, 64, guided=False) == 4


def test_where_batching_pays_nothing_one_picture_goes_at_a_time():
    flat = Profile((StepTime(64, 64, 1, 1.0), StepTime(64, 64, 2, 2.0)))

    assert flat.row_cap(64, 64, guided=True) == 1


def test_a_size_nobody_measured_is_scaled_by_its_area():
    assert PROFILE.step_seconds(64, 64) == 0.4
    assert PROFILE.step_seconds(128, 64) == 0.8
    assert PROFILE.sample_cap(128, 64) == 2
    assert PROFILE.sample_cap(512, 512) == 1
    assert PROFILE.sample_cap(32, 32) == 4


class Watch(ToyFamily):
    """A family whose calls take as long as we say, on a clock that only they turn."""

    def __init__(self, per_call, per_sample, memory=1_000):
        super().__init__(memory=memory)
        self.now, self.per_call, self.per_sample = 0.0, per_call, per_sample

    def rehearse(self, width, height, samples):
        super().rehearse(width, height, samples)
        self.now += self.per_call + self.per_sample * samples * width * height

    def clock(self):
        return self.now


CARD = Card(name="x", family="sd", width=2, height=2, sizes=((2, 2), (4, 4)))


def test_measuring_goes_on_while_batching_pays():
    family = Watch(per_call=1.0, per_sample=0.001)

    profile = measure(family, CARD, 1_000, family.clock)

    assert profile.sample_cap(2, 2) == 32
    assert {(time.width, time.height) for time in profile.times} == {(2, 2), (4, 4)}


def test_measuring_stops_where_batching_stops_paying():
    family = Watch(per_call=0.0, per_sample=1.0)

    profile = measure(family, CARD, 1_000, family.clock)

    assert max(time.samples for time in profile.times) == 4
    assert profile.sample_cap(2, 2) == 1


def test_measuring_ends_when_the_memory_or_the_time_does():
    small, slow = Watch(1.0, 0.001, memory=4), Watch(per_call=100.0, per_sample=0.0)

    assert max(time.samples for time in measure(small, CARD, 1_000, small.clock).times) == 4
    assert [
        (time.width, time.height, time.samples)
        for time in measure(slow, CARD, 10, slow.clock).times
    ] == [(2, 2, 1)]
