"""Settings: from the environment and `.env`, frozen, with every problem named at once.

They are passed, never fetched: only `bot.app`, `bot.cli` and what they start may import this.
`.env.example` lists every field; a test compares the two.
"""

from __future__ import annotations

import difflib
import re
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dotenv.parser import parse_stream
from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.errors import StartFault
from bot.policy import gate, retention
from bot.policy.retention import DataClass

POCKET = Path(__file__).parent.parent / "gen" / "pocket" / "model"


def _pairs(value: object) -> object:
    """Read `id=plan, id=plan` into a mapping of numbers to plan names."""
    if not isinstance(value, str):
        return value
    pairs = [pair.strip() for pair in value.split(",") if pair.strip()]
    if not all(re.fullmatch(r"\d+\s*=[^=]*[^=\s]", pair, re.ASCII) for pair in pairs):
        raise ValueError("must look like 123=Plus, 456=Pro")
    split = [pair.partition("=") for pair in pairs]
    if len({int(key) for key, _, _ in split}) < len(split):
        raise ValueError("names one id twice: each gives one plan")
    return {key.strip(): name.strip() for key, _, name in split}


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError("must be a time zone such as Europe/Berlin or UTC") from None
    return name


def _limits(value: object) -> object:
    """Read `recipe=7d, record=14d` into seconds per data class."""
    return retention.operator_limits(value) if isinstance(value, str) else value


def _scores(value: object) -> object:
    """Read `nsfw=0.5, porn=0.4` into a score per label."""
    return gate.limits_of(value) if isinstance(value, str) else value


def _devices(value: object) -> object:
    """Read `cuda:0, cuda:1`: each by its number, each once, as every one gets a worker."""
    if not isinstance(value, str):
        return value
    named = tuple(name.strip() for name in value.split(",") if name.strip())
    if not all(re.fullmatch(r"cpu|mps|cuda:\d+", name) for name in named):
        raise ValueError("must look like cuda:0,cuda:1; one alone goes into DEVICE")
    if len(set(named)) < len(named):
        raise ValueError("names a device twice: a worker of its own has each once")
    return named


Devices = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_devices)]
Limits = Annotated[dict[DataClass, int], NoDecode, BeforeValidator(_limits)]
Pairs = Annotated[dict[int, str], NoDecode, BeforeValidator(_pairs)]
Scores = Annotated[dict[str, float], NoDecode, BeforeValidator(_scores)]


class Settings(BaseSettings):
    """What the operator can set. A field's name in capitals is its name in `.env`."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True)

    discord_token: SecretStr | None = None
    data_dir: Path = Path("data")
    root_key_file: Path | None = None
    model_dir: Path = POCKET
    models_file: Path | None = None
    device: Annotated[str, Field(pattern=r"^(auto|cpu|mps|cuda(:\d+)?)$")] = "auto"
    devices: Devices = ()
    worker_threads: Annotated[int, Field(ge=0, le=256)] = 0
    worker_rows: Annotated[int, Field(ge=0, le=64)] = 0
    worker_dtype: Literal["auto", "float32", "bfloat16", "float16"] = "auto"
    picture_format: Literal["webp", "png"] = "webp"
    reproducible: bool = False
    plans_file: Path | None = None
    role_plans: Pairs = {}
    sku_plans: Pairs = {}
    time_zone: Annotated[str, AfterValidator(_zone)] = "UTC"
    max_open_jobs: Annotated[int, Field(ge=1, le=1_000_000)] = 5000
    max_open_jobs_per_server: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    least_free_mb: Annotated[int, Field(ge=0, le=1_000_000)] = 500
    retention: Limits = {}
    rules_file: Path | None = None
    classifier_dir: Path | None = None
    classifier_limits: Scores = {"nsfw": 0.5}
    describe_dir: Path | None = None
    adult_stealth: bool = False
    server_grace_days: Annotated[int, Field(ge=0, le=30)] = 7
    backup_dir: Path | None = None
    backup_days: Annotated[int, Field(ge=1, le=7)] = 7
    operator_name: str = ""
    operator_contact: str = ""
    operator_country: str = ""
    operator_answer_time: str = ""
    health_port: Annotated[int, Field(ge=0, le=65_535)] = 0
    stop_seconds: Annotated[float, Field(ge=0, le=600)] = 3.0
    log_level: Literal["info", "warning", "error"] = "info"

    @property
    def default_root_key(self) -> Path:
        """Where the root key lies unless told: beside the data, so that a copy of it is no key."""
        return self.data_dir.with_name(f"{self.data_dir.name}.key")

    @property
    def open_jobs_of_a_server(self) -> int:
        """How many public jobs of one server may be open."""
        return self.max_open_jobs_per_server or max(1, self.max_open_jobs // 2)

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which days turn."""
        return ZoneInfo(self.time_zone)


def load(env_file: Path, **overrides: object) -> Settings:
    """Read the settings; `overrides` are what the command line said.

    Raises:
        StartFault: with every problem, one per line, and no value: a value may be a secret.
    """
    problems = _misspelt(env_file)
    said = {name: value for name, value in overrides.items() if value is not None}
    try:
        settings = Settings(_env_file=env_file, **said)  # type: ignore[arg-type,call-arg]  # pydantic's own
    except ValidationError as fault:
        problems += [
            f"{str(error['loc'][0]).upper()}: {error['msg'].removeprefix('Value error, ')}"
            for error in fault.errors(include_input=False, include_url=False)
        ]
    if problems:
        lines = "".join(f"\n  {problem}" for problem in problems)
        raise StartFault(f"the settings cannot be used; mend these in {env_file}:{lines}")
    return settings


def _misspelt(env_file: Path) -> list[str]:
    """List lines of the file that are no setting, and names that are none of ours."""
    if not env_file.exists():
        return []
    known = [name.upper() for name in Settings.model_fields]
    problems = []
    with env_file.open() as stream:
        for binding in parse_stream(stream):
            if binding.error:
                problems.append(f"line {binding.original.line}: not of the form NAME=value")
            elif binding.key and binding.key.upper() not in known:
                near = difflib.get_close_matches(binding.key.upper(), known, n=1)
                hint = f"did you mean {near[0]}?" if near else "see .env.example for all settings"
                problems.append(f"{binding.key}: there is no such setting; {hint}")
    return problems
