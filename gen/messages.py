"""What the two ends of the worker's pipe say to each other. Pure: frozen values only.

    supervisor ──▶ worker    Setup, Run, Cancel, Stop
    worker ──▶ supervisor    Ready | Unfit, then Want, Started, Progress, Heartbeat, and for each
                             job exactly one of Finished, Cancelled, Failed

No message carries a person, a server, a key or the text of an exception.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from gen.card import Card
from gen.job import Spec
from gen.profile import Profile


class FailureCode(StrEnum):
    """In which part of the work a job, or the worker itself, failed."""

    PREPARE = "prepare"
    DENOISE = "denoise"
    STEP = "step"
    DECODE = "decode"
    MEASURE = "measure"
    ENCODE = "encode"
    MEMORY = "memory"  #: it does not fit, however little is done at once
    MODEL = "model"  #: the model folder cannot be used
    LOAD = "load"  #: the model could not be brought onto the device
    CLASSIFIER = "classifier"  #: a classifier is wanted and cannot be used


@dataclass(frozen=True)
class Source:
    """A model that may be loaded: its card, where it lies, and what its files must come to.

    `sums` are SHA-256 sums in hex by the files' paths within the model; empty: nobody noted them.
    """

    card: Card
    path: str
    sums: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Setup:
    """The first frame: which model to load and how to work. Holds no secret."""

    folder: str
    device: str = "auto"  #: auto, cpu, cuda, cuda:1, mps
    nice: int = 10
    preview_every: int = 4  #: steps between previews; 0: none
    reproducible: bool = False  #: always the same batch shape: neighbours change no picture
    row_cap: int = 0  #: pictures per denoiser call; 0: measured
    picture_format: str = "webp"  #: webp or png, both lossless
    dtype: str = "auto"  #: what the model computes in: auto, float32, bfloat16, float16
    profile_seconds: float = 10.0  #: how long measuring at start may take
    heartbeat_seconds: float = 10.0
    classifier: str = ""  #: a classifier's folder; empty: none
    models: tuple[Source, ...] = ()  #: all that may be loaded, the default first; none: the folder


@dataclass(frozen=True)
class Run:
    """Make this. `inputs` are the pictures it starts from, as files that `gen.intake` wrote."""

    job_id: str
    spec: Spec
    inputs: tuple[bytes, ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class Cancel:
    """Leave the batch at the next step. A job that has just ended ends as it did."""

    job_id: str


@dataclass(frozen=True)
class Stop:
    """Ask for no more work, finish what is running, and end."""


@dataclass(frozen=True)
class Ready:
    """A model is loaded and measured. Said again after each change of models."""

    device: str
    device_name: str
    dtype: str
    card: Card
    profile: Profile
    row_cap: int  #: pictures of the default size that share one denoiser call
    closed: tuple[str, ...] = ()  #: the doors that the kernel keeps closed (`gen.doors.Door`)
    load_seconds: float = 0.0  #: how long it took to load, and to measure when that was new
    memory_bytes: int = 0  #: what the device has in all; 0: nobody knows
    unfit: tuple[str, ...] = ()  #: names of models that this worker has failed to load


@dataclass(frozen=True)
class Changing:
    """One model makes room for another; `Ready` says which one it is then."""

    model: str


@dataclass(frozen=True)
class Unfit:
    """The worker cannot serve and is about to end."""

    code: FailureCode
    exception_class: str


@dataclass(frozen=True)
class Want:
    """Room for so many more pictures than were wanted before (a credit, as in flow control)."""

    rows: int


@dataclass(frozen=True)
class Started:
    """The job has joined the batch."""

    job_id: str


@dataclass(frozen=True)
class Progress:
    """The job has done so many of its steps."""

    job_id: str
    step: int
    steps: int
    preview: bytes | None = field(default=None, repr=False)  #: a small JPEG


@dataclass(frozen=True)
class Timings:
    """Where the time of a job went. Denoising is the job's share of its batches."""

    denoise_ms: float = 0.0
    decode_ms: float = 0.0
    encode_ms: float = 0.0
    measure_ms: float = 0.0


@dataclass(frozen=True)
class Measure:
    """What was measured of one finished picture (`gen.safety`). The worker decides nothing."""

    fingerprint: str  #: 64 bits in hex, alike for pictures that look alike
    scores: tuple[tuple[str, float], ...] = ()  #: the classifier's labels, each from 0 to 1


@dataclass(frozen=True)
class Finished:
    """The pictures, as files, in the order of the seeds."""

    job_id: str
    pictures: tuple[bytes, ...] = field(repr=False)
    media_type: str
    timings: Timings = Timings()
    measures: tuple[Measure, ...] = ()  #: one for each picture


@dataclass(frozen=True)
class Cancelled:
    """The job left the batch before its end."""

    job_id: str
    steps_done: int


@dataclass(frozen=True)
class Failed:
    """The job alone failed; the worker goes on."""

    job_id: str
    code: FailureCode
    exception_class: str


@dataclass(frozen=True)
class Heartbeat:
    """The worker's loop is alive."""


Order = Setup | Run | Cancel | Stop
Report = (
    Ready | Changing | Unfit | Want | Started | Progress | Finished | Cancelled | Failed | Heartbeat
)
Message = Order | Report
