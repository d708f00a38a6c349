"""`darkroom doctor`: what this machine has, and for each thing that is wrong, what to do."""

from __future__ import annotations

import asyncio
import base64
import binascii
import os
import stat
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from bot import isolation, settings
from bot.client.endpoint import SANDBOX_TOKEN_PREFIX
from bot.crypto import rootkey
from bot.crypto.stealthkeys import folder_in_memory
from bot.errors import StartFault
from bot.findings import Finding, Mark, backups_of, clock_of, devices_of, told_by_torch
from bot.settings import Settings
from bot.shelf import read_limits, read_models, read_rules, read_shelf
from bot.storage import fingerprints
from bot.storage.disk import free_bytes
from bot.storage.memory import join_memory
from gen import launch

NEEDED_PYTHON = (3, 11)

SCOPES = ("bot", "applications.commands")
PERMISSIONS = {
    "view_channel": 1 << 10,
    "send_messages": 1 << 11,
    "embed_links": 1 << 14,
    "attach_files": 1 << 15,
    "read_message_history": 1 << 16,
    "send_messages_in_threads": 1 << 38,
}
"""What `bot.policy.place` asks of a channel, as Discord's bits
(https://discord.com/developers/docs/topics/permissions)."""


def examine(env_file: Path) -> list[Finding]:
    """Look at everything. Changes nothing, contacts nobody, prints no secret."""
    findings = [*_python(), *_torch()]
    try:
        chosen = settings.load(env_file)
    except StartFault as fault:
        return [*findings, Finding(Mark.BAD, str(fault))]
    return [
        *findings,
        *devices_of(chosen),
        *_model(chosen),
        *_isolation(chosen),
        *gate_of(chosen),
        *_captioner(chosen),
        *_data(chosen),
        *backups_of(chosen),
        *clock_of(chosen),
        *_private_files(chosen, env_file),
        *_stealth_folder(),
        *_plans(chosen),
        *_rules(chosen),
        *_operator(chosen),
        *_token(chosen),
    ]


def _python() -> Iterator[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info >= NEEDED_PYTHON:
        yield Finding(Mark.GOOD, f"Python {version}")
    else:
        yield Finding(Mark.BAD, f"Python {version} is too old: install 3.11 or newer")


_ASK_TORCH = (
    "gpu = torch.cuda.is_available(); "
    "print(torch.__version__, torch.cuda.get_device_name(0) if gpu else '', sep='|')"
)


def _torch() -> Iterator[Finding]:
    told = told_by_torch(_ASK_TORCH)
    if told is None:
        yield Finding(Mark.BAD, "torch does not load: run `make setup` again")
        return
    version, _, gpu = told.partition("|")
    yield Finding(Mark.GOOD, f"torch {version}")
    if gpu:
        yield Finding(Mark.GOOD, f"GPU: {gpu}")
    else:
        yield Finding(
            Mark.HINT,
            "no GPU that torch can use: Pocket is fast without one; a large model needs one "
            "(install its driver, then run this again)",
        )


def _model(chosen: Settings) -> Iterator[Finding]:
    try:
        offered = read_models(chosen)
    except StartFault as fault:
        yield Finding(Mark.BAD, str(fault))
        return
    for source in offered.sources:
        card = source.card
        yield Finding(Mark.GOOD, f"model {card.name} ({card.family}, licence {card.licence})")
    for problem in offered.problems:
        yield Finding(Mark.BAD, f"a model cannot be offered: {problem}")


def _isolation(chosen: Settings) -> Iterator[Finding]:
    held = isolation.closed_doors(chosen.model_dir, os.environ)
    for door, (holds, open_) in isolation.SENTENCES.items():
        yield Finding(Mark.GOOD, holds) if door in held else Finding(Mark.HINT, open_)
    if isolation.lacks_nvidia_node():
        yield Finding(
            Mark.BAD,
            "/dev/nvidia-uvm is missing, and the worker cannot make it: run "
            "`nvidia-modprobe -u -c 0` after each start of the machine",
        )


def gate_of(chosen: Settings) -> Iterator[Finding]:
    """Try the classifier as the worker does, and count what is on the block list."""
    try:
        limits = read_limits(chosen)
    except StartFault as fault:
        yield Finding(Mark.BAD, str(fault))
    else:
        yield _classifier(chosen, limits)
    if chosen.data_dir.exists() and chosen.data_dir.stat().st_uid == os.geteuid():
        try:
            count = asyncio.run(_fingerprints(chosen))
        except StartFault as fault:
            yield Finding(Mark.HINT, f"the block list could not be read: {fault}")
        else:
            yield Finding(Mark.GOOD, f"pictures on the block list: {count}")


def _classifier(chosen: Settings, limits: Mapping[str, float]) -> Finding:
    if chosen.classifier_dir is None:
        return Finding(
            Mark.HINT,
            "no CLASSIFIER_DIR: pictures are compared with the block list, and not looked at",
        )
    try:
        tried = subprocess.run(  # noqa: S603  # our own interpreter, our own module
            launch.trial(chosen.classifier_dir, chosen.device),
            capture_output=True,
            text=True,
            timeout=120,
            env=launch.environment(os.environ),
        )
    except (subprocess.SubprocessError, OSError):
        return Finding(Mark.BAD, "CLASSIFIER_DIR could not be tried within two minutes")
    if tried.returncode:
        return Finding(
            Mark.BAD,
            f"CLASSIFIER_DIR cannot be loaded ({tried.stdout or 'the process ended'}): take a "
            "stock transformers model for image classification, or leave it empty",
        )
    said = ", ".join(f"{label} from {score:g} on" for label, score in limits.items())
    return Finding(Mark.GOOD, f"a classifier looks at every picture; for adults is: {said}")


def _captioner(chosen: Settings) -> Iterator[Finding]:
    """Have a grey picture put into words, as `/describe` would."""
    if chosen.describe_dir is None:
        return
    try:
        tried = subprocess.run(  # noqa: S603  # our own interpreter, our own module
            launch.describe(chosen.describe_dir),
            capture_output=True,
            stdin=subprocess.DEVNULL,
            text=True,
            timeout=120,
            env=launch.environment(os.environ),
        )
    except (subprocess.SubprocessError, OSError):
        yield Finding(Mark.BAD, "DESCRIBE_DIR could not be tried within two minutes")
        return
    if tried.returncode:
        yield Finding(
            Mark.BAD,
            f"DESCRIBE_DIR cannot be used ({tried.stdout or 'the process ended'}): take a stock "
            "transformers model for image captions with safetensors, or leave it empty",
        )
    else:
        yield Finding(Mark.GOOD, "/describe: a captioning model puts pictures into words")


async def _fingerprints(chosen: Settings) -> int:
    if not (chosen.data_dir / "darkroom.db").exists():
        return 0
    source = rootkey.find(chosen.root_key_file, chosen.default_root_key, os.environ)
    memory = await join_memory(chosen.data_dir, source)
    try:
        async with memory.db.read() as tx:
            return await fingerprints.count(tx)
    finally:
        await memory.close()


def _data(chosen: Settings) -> Iterator[Finding]:
    folder = chosen.data_dir
    existing = next(path for path in (folder, *folder.resolve().parents) if path.exists())
    if not os.access(existing, os.W_OK | os.X_OK):
        yield Finding(
            Mark.BAD, f"the data folder {folder} cannot be written: make it so, or set DATA_DIR"
        )
        return
    free = free_bytes(existing)
    if free < chosen.least_free_mb << 20:
        yield Finding(
            Mark.BAD,
            f"only {free // 2**20} MB free for {folder}: make room; below LEAST_FREE_MB "
            f"({chosen.least_free_mb}) the bot accepts nothing new",
        )
    else:
        yield Finding(Mark.GOOD, f"data folder {folder}, {free / 2**30:.0f} GB free")


def _private_files(chosen: Settings, env_file: Path) -> Iterator[Finding]:
    data = chosen.data_dir
    try:
        source = rootkey.find(chosen.root_key_file, chosen.default_root_key, os.environ)
        if source.is_credential:
            rootkey.load_credential(source.path)
            yield Finding(Mark.GOOD, "the root key comes from systemd's credentials")
    except StartFault as fault:
        yield Finding(Mark.BAD, str(fault))
        return
    key_files = () if source.is_credential else (source.path,)
    for path in (env_file, *key_files, data / "darkroom.db", data / "keys.db"):
        if path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o077:
            yield Finding(
                Mark.BAD, f"{path} can be read by others on this machine: run `chmod 600 {path}`"
            )
        elif path.exists():
            yield Finding(Mark.GOOD, f"{path} is readable by you alone")


def _stealth_folder() -> Iterator[Finding]:
    folder = folder_in_memory(os.environ, "darkroom-doctor")
    if folder is None:
        yield Finding(
            Mark.HINT,
            "no folder in memory for stealth keys: waiting stealth jobs end, refunded, when the "
            "bot crashes (give it a tmpfs in RUNTIME_DIRECTORY to keep them)",
        )
    else:
        folder.rmdir()
        yield Finding(Mark.GOOD, f"stealth keys live in memory, under {folder.parent}")
        if str(folder.parent) == os.environ.get("XDG_RUNTIME_DIR"):
            yield Finding(
                Mark.HINT,
                f"{folder.parent} is emptied when you log out, and waiting stealth jobs end with "
                "it: run `loginctl enable-linger`, or run the bot as a service with "
                "RuntimeDirectory=darkroom and RuntimeDirectoryPreserve=restart",
            )
    if _swaps():
        yield Finding(
            Mark.HINT,
            "this machine swaps: memory, and stealth keys with it, may be written to that disk "
            "(encrypt the swap, or turn it off)",
        )


def _operator(chosen: Settings) -> Iterator[Finding]:
    names = ("operator_name", "operator_contact", "operator_country", "operator_answer_time")
    empty = [name.upper() for name in names if not getattr(chosen, name).strip()]
    if empty:
        yield Finding(
            Mark.HINT,
            f"{', '.join(empty)} {'is' if len(empty) == 1 else 'are'} empty: people ask who runs "
            "this bot, where, and how to reach you; say it in .env",
        )
    else:
        yield Finding(Mark.GOOD, "people are told who runs this bot, where, and how to reach them")


def _swaps() -> bool:
    listed = Path("/proc/swaps")
    return listed.exists() and len(listed.read_text().splitlines()) > 1


def _plans(chosen: Settings) -> Iterator[Finding]:
    try:
        shelf = read_shelf(chosen)
    except StartFault as fault:
        yield Finding(Mark.BAD, str(fault))
    else:
        yield Finding(Mark.GOOD, "plans: " + ", ".join(plan.name for plan in shelf.plans))


def _rules(chosen: Settings) -> Iterator[Finding]:
    try:
        rules = read_rules(chosen)
    except StartFault as fault:
        yield Finding(Mark.BAD, str(fault))
    else:
        yield Finding(Mark.GOOD, f"rules of your own on prompts: {len(rules) or 'none'}")


def _token(chosen: Settings) -> Iterator[Finding]:
    token = chosen.discord_token.get_secret_value() if chosen.discord_token else ""
    if not token:
        yield Finding(
            Mark.HINT,
            "no DISCORD_TOKEN: fine for `darkroom demo`; for `darkroom run` put the bot's token "
            "into .env (Discord Developer Portal → your application → Bot)",
        )
    elif token.startswith(SANDBOX_TOKEN_PREFIX):
        yield Finding(Mark.HINT, "DISCORD_TOKEN is a sandbox token: it works with --sandbox only")
    elif application := application_id(token):
        yield Finding(Mark.GOOD, f"invite the bot with {invite_link(application)}")
    else:
        yield Finding(
            Mark.BAD, "DISCORD_TOKEN does not look like one: copy it again from the portal"
        )


def application_id(token: str) -> int | None:
    """Read the application's id from a bot token: its first part is the id in base64."""
    first = token.split(".", maxsplit=1)[0]
    try:
        decoded = base64.urlsafe_b64decode(first + "=" * (-len(first) % 4)).decode()
    except (binascii.Error, ValueError):
        return None
    return int(decoded) if decoded.isdecimal() else None


def invite_link(application: int) -> str:
    """Give the link that adds the bot with exactly the scopes and permissions it needs."""
    permissions = sum(PERMISSIONS.values())
    scopes = "+".join(SCOPES)
    return (
        "https://discord.com/oauth2/authorize"
        f"?client_id={application}&permissions={permissions}&scope={scopes}"
    )
