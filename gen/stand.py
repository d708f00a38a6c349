"""The models of one worker, of which one is loaded at a time: device memory holds no second one.

What was measured of a model is remembered, so that taking it up again costs its loading alone.
"""

import gc
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from gen import catalogue
from gen.card import Card
from gen.errors import ModelFault
from gen.families import Family, load
from gen.measure import measure
from gen.messages import Setup, Source
from gen.models import demand
from gen.profile import Profile


@dataclass(frozen=True)
class Loaded:
    """A model that is loaded and measured."""

    card: Card
    family: Family
    profile: Profile
    load_seconds: float = 0.0


class Stand:
    """Takes up one model after the other."""

    def __init__(self, setup: Setup, clock: Callable[[], float] = time.perf_counter) -> None:
        self._setup = setup
        self._sources: Sequence[Source] = setup.models or (
            Source(demand(Path(setup.folder)), setup.folder),
        )
        self._profiles: dict[str, Profile] = {}
        self._sound: set[str] = set()  #: models whose files have been read and were as noted
        self._clock = clock
        self.unfit: dict[str, None] = {}  #: names of models that could not be loaded, in order

    def first(self) -> Loaded:
        """Take up the first model that can be. Raises what kept the last one from it."""
        *others, last = self._sources
        for source in others:
            with suppress(Exception):  # it is noted as unfit, and told
                return self.take_up(source.card.name)
        return self.take_up(last.card.name)

    def take_up(self, name: str) -> Loaded:
        """Load a model. Whoever held another one has let go of it by now."""
        began = self._clock()
        try:
            source = self._named(name)
            self._demand_unchanged(source)
            family = load(Path(source.path), source.card, self._setup.device, self._setup.dtype)
            if name not in self._profiles:
                self._profiles[name] = measure(family, source.card, self._setup.profile_seconds)
        except Exception:
            self.unfit[name] = None
            empty()
            raise
        return Loaded(source.card, family, self._profiles[name], self._clock() - began)

    def _named(self, name: str) -> Source:
        for source in self._sources:
            if source.card.name == name:
                return source
        raise ModelFault("a model that is not offered any more")

    def _demand_unchanged(self, source: Source) -> None:
        """Read its files once: what was changed behind our back is not run."""
        if source.card.name not in self._sound:
            if problems := catalogue.changed(source):
                raise ModelFault("\n".join(map(str, problems)))
            self._sound.add(source.card.name)


def empty() -> None:
    """Give back to the device what nothing holds any more."""
    import torch

    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    elif torch.backends.mps.is_available():
        torch.mps.empty_cache()


def memory_of(device: str) -> int:
    """Say how much memory a device has in all; 0 when that is not its own."""
    import torch

    if not device.startswith("cuda"):
        return 0
    return int(torch.cuda.get_device_properties(device).total_memory)
