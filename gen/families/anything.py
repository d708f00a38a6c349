"""Every other text-to-image pipeline of diffusers, through its own call, one picture at a time.

A call cannot be joined or shared, but it stops at the end of each step to call back
(https://huggingface.co/docs/diffusers/using-diffusers/callback). So it runs in a thread of its own
that goes on when a tick lets it and stands still otherwise: progress, cancelling and turns work as
with any family. Nothing is shared between two calls but the weights: each has a shallow copy of
the pipeline and a scheduler of its own.
"""

import copy
import inspect
import json
import threading
import weakref
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import diffusers
import numpy as np
import torch

from gen.canvas import Start
from gen.errors import ModelFault
from gen.families import Pixels, devices
from gen.job import Spec

_REHEARSAL_STEPS = 64  #: more than measuring ever asks for


class _AbandonedError(BaseException):
    """Nobody waits for this call any more. No Exception: no pipeline shall catch it."""


class Relay:
    """A call in a thread of its own, which stands still at `pause` until it is let go on.

    Of the two threads exactly one runs. A failure of the call is raised where it was let go on.
    """

    def __init__(self, call: Callable[[Callable[[], None]], Pixels]) -> None:
        self._call = call
        self._may_go, self._stands = threading.Semaphore(0), threading.Semaphore(0)
        self._fault: Exception | None = None
        self._is_abandoned = False
        self._thread = threading.Thread(target=self._run, name="pipeline", daemon=True)
        self.made: Pixels | None = None

    def go_on(self) -> None:
        """Let the call go on to where it stands still again, or to its end."""
        if self._thread.ident is None:
            self._thread.start()
        else:
            self._may_go.release()
        self._stands.acquire()
        if self._fault is not None:
            fault, self._fault = self._fault, None
            raise fault

    def abandon(self) -> None:
        """End the call where it stands."""
        self._is_abandoned = True
        self._may_go.release()

    def join(self) -> None:
        """Wait for the end of the thread, of a call that has ended or was abandoned."""
        if self._thread.ident is not None:
            self._thread.join()

    def _pause(self) -> None:
        self._stands.release()
        self._may_go.acquire()
        if self._is_abandoned:
            raise _AbandonedError

    def _run(self) -> None:
        try:
            self.made = self._call(self._pause)
        except _AbandonedError:
            return
        except Exception as fault:  # noqa: BLE001 - it is raised again in the other thread
            self._fault = fault
        self._stands.release()


@dataclass(eq=False)
class AnyStrip:
    """The pictures of one request, made one after the other."""

    calls: list[Callable[[Callable[[], None]], Pixels]]
    steps_each: int
    size: tuple[int, int]
    made: list[Pixels] = field(default_factory=list)
    relay: Relay | None = None  #: the call in hand
    inside: int = 0  #: steps of the call in hand
    company: str = "one at a time"

    @property
    def pictures(self) -> int:
        """One per seed."""
        return len(self.calls)

    @property
    def samples(self) -> int:
        """However many pictures, one step of one of them at a time."""
        return 1

    @property
    def steps(self) -> int:
        """The steps of all pictures, as they are made one after the other."""
        return self.steps_each * self.pictures

    @property
    def step(self) -> int:
        """Steps done; calls that step more often than they were asked to count as asked."""
        return len(self.made) * self.steps_each + min(self.inside, self.steps_each)

    def go_on(self) -> None:
        """Let the call in hand go one step, or after its last to its end."""
        if self.relay is None:
            self.relay = Relay(self.calls[len(self.made)])
            weakref.finalize(self, self.relay.abandon)
        try:
            self.relay.go_on()
        except Exception:
            self.relay, self.inside = None, 0  # what goes on next begins that picture again
            raise
        self.inside += 1
        if self.relay.made is not None:
            self.made.append(self.relay.made)
            self.relay, self.inside = None, 0


class Anything:
    """A model of any kind on a device (see `gen.families.Family`)."""

    def __init__(self, pipeline: Any, device: torch.device) -> None:
        self.pipeline = pipeline
        self.takes = frozenset(inspect.signature(pipeline.__call__).parameters)
        if not {"prompt", "num_inference_steps"} <= self.takes:
            raise ModelFault("a pipeline that makes no pictures from words alone")
        pipeline.set_progress_bar_config(disable=True)
        denoiser = getattr(pipeline, "transformer", None) or getattr(pipeline, "unet", None)

        self.device = str(device)
        self.device_name = devices.name_of(device)
        self.dtype = str(getattr(denoiser, "dtype", "torch.float32")).removeprefix("torch.")
        self._device = device
        self._rehearsal: AnyStrip | None = None
        self._is_spare = False

    @classmethod
    def load(cls, folder: Path, device: str, dtype: str = "auto") -> Self:
        """Load a folder: from this disk, safetensors, no code of its own."""
        target = devices.choose(device)
        index = json.loads((folder / "model_index.json").read_text("utf-8"))
        kind = getattr(diffusers, index["_class_name"])
        pipeline = kind.from_pretrained(
            folder,
            dtype=devices.dtype_for(target, dtype),
            local_files_only=True,
            use_safetensors=True,
            trust_remote_code=False,
            **_left_out(kind, index),
        ).to(target)
        return cls(pipeline, target)

    def prepare(self, spec: Spec, seeds: Sequence[int], start: Start | None = None) -> AnyStrip:
        """Get a call ready for each seed; it reads the prompt when its turn comes."""
        if start is not None:
            raise ValueError("this kind of model starts from words alone")
        if spec.negative_prompt and "negative_prompt" not in self.takes:
            raise ValueError("this kind of model cannot be told what is not wanted")
        self._rehearsal = None
        calls = [self._call_of(spec, seed) for seed in seeds]
        return AnyStrip(calls, spec.steps_to_do, (spec.width, spec.height))

    def denoise(self, strips: Sequence[AnyStrip], pad_to: int = 0) -> list[None]:
        """Let each go one step."""
        for strip in strips:
            strip.go_on()
        return [None for _ in strips]

    def advance(self, strip: AnyStrip, prediction: None) -> None:
        """Nothing is left to do: the call has stepped by itself."""

    def develop(self, strip: AnyStrip) -> list[Pixels]:
        """Let what is left of its calls go to the end: the last one has still to decode."""
        while len(strip.made) < strip.pictures:
            strip.go_on()
        return strip.made

    def preview(self, strip: AnyStrip) -> list[Pixels]:
        """None: what its latents mean is known to the pipeline alone."""
        return []

    def rehearse(self, width: int, height: int, samples: int) -> None:
        """Go one step of a call that nobody asked for. More than one at a time never fits."""
        if samples > 1:
            raise MemoryError("one picture at a time")
        held = self._rehearsal
        if held is None or held.size != (width, height) or held.step >= held.steps:
            spec = Spec(
                prompt="",
                width=width,
                height=height,
                steps=_REHEARSAL_STEPS,
                guidance=1.0,
                seeds=(0,),
            )
            held = self.prepare(spec, spec.seeds)
            self._rehearsal = held
        held.go_on()
        devices.wait_for(self._device)

    def release(self) -> None:
        """Give back what the allocator keeps."""
        devices.release(self._device)

    def economise(self) -> None:
        """Decode in tiles; keep on the device only the part that computes."""
        if self._is_spare:
            return
        self._is_spare = True
        devices.economise(getattr(self.pipeline, "vae", None), [], self._device)
        if self._device.type == "cuda":
            self.pipeline.enable_model_cpu_offload(device=self._device)

    def _call_of(self, spec: Spec, seed: int) -> Callable[[Callable[[], None]], Pixels]:
        """One picture, as a call that pauses at the end of each step."""

        def call(pause: Callable[[], None]) -> Pixels:
            pipeline = copy.copy(self.pipeline)
            pipeline.scheduler = copy.deepcopy(self.pipeline.scheduler)  # it remembers

            def at_step_end(_pipe: Any, _step: int, _time: Any, kept: dict[str, Any]) -> Any:
                pause()
                return kept

            asked = {
                "prompt": spec.prompt,
                "negative_prompt": spec.negative_prompt,
                "width": spec.width,
                "height": spec.height,
                "num_inference_steps": spec.steps_to_do,
                "guidance_scale": spec.guidance,
                "generator": torch.Generator("cpu").manual_seed(seed),
                "output_type": "np",
                "callback_on_step_end": at_step_end,
            }
            if "callback_on_step_end" not in self.takes:  # the older way to say it
                asked |= {"callback": lambda *_: pause(), "callback_steps": 1}
            if not spec.negative_prompt:
                del asked["negative_prompt"]
            taken = {name: value for name, value in asked.items() if name in self.takes}
            return _pixels(pipeline(**taken)[0][0])

        return call


def _left_out(kind: Any, index: dict[str, Any]) -> dict[str, None]:
    """Name the parts that a pipeline could have and a folder lacks, such as one text encoder."""
    parts = inspect.signature(kind.__init__).parameters.values()
    needed = {part.name for part in parts if part.default is part.empty} - {"self"}
    return dict.fromkeys(name for name in needed if index.get(name, [None])[0] is None)


def _pixels(image: Any) -> Pixels:
    """(H, W, 3) in 0..1 -> (H, W, 3) in 0..255."""
    made = np.asarray(image, dtype=np.float32)
    if not np.isfinite(made).all():
        raise ArithmeticError("the picture is not a number")
    pixels: Pixels = (made * 255).round().clip(0, 255).astype(np.uint8)
    return pixels
