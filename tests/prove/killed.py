"""`python -m tests.prove.killed URL FOLDER WORKER VARIANT NOTICED`: the bot, to be killed.

For each line on its standard input it forks one whole bot: real discord.py, real databases, a real
worker process. It writes what happens to each job on its standard output, in the moment it is
committed. The line holds the aims, one after the other: at the nth such moment the bot ends itself,
or its worker, with -9.

A variant is a house that takes one usual short cut, and must be seen to lose or to double.
"""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from bot import app, log, settings, workers
from bot.client.messenger import DiscordMessenger
from bot.domain import Receipt
from bot.policy import delivery
from bot.services import hands, loop
from bot.services.conclude import Conclude
from bot.services.deliver import Deliver
from bot.services.dispatch import Dispatch
from bot.services.place import Place
from bot.services.recover import Recover
from bot.services.submit import Submit
from bot.services.tidy import Tidy
from gen import hush, queue
from gen.messages import Progress
from gen.queue import Returned
from gen.supervisor import Supervisor
from tests.journeys.house import TOKEN

PAPER = [sys.executable, "-m", "tests.prove.paper_worker"]
STOP_SECONDS, RESTART_SECONDS, PROFILE_SECONDS = 0.2, 0.05, 0.2
_PICTURE = "image-"
ANYTHING = "*"


@dataclass
class Aim:
    """When to end whom: at the nth time that something happens, and so much later."""

    what: str = ""
    nth: int = 1
    kind: str = "bot"
    later_seconds: float = 0.0


@dataclass
class Trace:
    """What happens to each job, told to whoever started us; and the aim."""

    aims: list[Aim] = field(default_factory=list)
    end: Callable[[str], None] = print

    def __call__(self, what: str, job: str, *more: object) -> None:
        """Tell, and pull the trigger if this was what it waits for."""
        _say(what, job, *more)
        if not self.aims or self.aims[0].what not in (what, ANYTHING):
            return
        self.aims[0].nth -= 1
        if self.aims[0].nth <= 0:
            aim = self.aims.pop(0)
            if aim.later_seconds:
                later = asyncio.get_running_loop().call_later
                later(aim.later_seconds, self.end, aim.kind)
            else:
                self.end(aim.kind)


TRACE = Trace()


def _say(*words: object) -> None:
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


# --- what is told


def _tell_all() -> None:
    """Put a word about each job behind each deed of the house that is committed."""

    def accepted(came: Any, _: Any, ask: Any) -> None:
        if isinstance(came, Receipt):
            TRACE("accepted", came.job, ask.interaction_id)

    def claimed(lease: Any, _: Any) -> None:
        if lease is not None:
            TRACE("claimed", lease.job, lease.attempt)

    def heeded(_: Any, __: Any, doing: Any, event: Any) -> None:
        if isinstance(event, Progress):
            TRACE("running", doing.lease.job)

    def ended(blobs: Any, _: Any, __: Any, one: Any, ending: Any, *, done: float = 0.0) -> None:
        if blobs is not None:
            _say("took", one.job, one.gpu_milliseconds)
            TRACE("ended", one.job, ending, done)

    for owner, name, tell in (
        (Submit, "__call__", accepted),
        (Place, "_record", _with_its_time("placed")),
        (Dispatch, "_claim", claimed),
        (Dispatch, "_heed", heeded),
        (Dispatch, "_keep", lambda _, __, doing, ___: TRACE("rendered", doing.lease.job)),
        (Deliver, "_finish", _with_its_time("delivered")),
        (queue, "give_back", lambda _, __, lease: TRACE("returned", lease.job)),
        (queue, "return_unused", lambda _, __, lease: TRACE("returned", lease.job)),
        (Tidy, "_try", lambda _, __, job: TRACE("tidied", job)),
        (Conclude, "within", ended),
    ):
        _after(owner, name, tell)
    _around(DiscordMessenger, "send", {"sending": "sent", "placing": "stood"}, "new")
    _around(DiscordMessenger, "edit", {"sending": "sent", "showing": "shown"})


def _with_its_time(what: str) -> Callable[..., None]:
    """Tell it, and the GPU time that the job took: a stealth job's record forgets that."""

    def tell(_: Any, __: Any, one: Any, ___: Any) -> None:
        _say("took", one.job, one.gpu_milliseconds)
        TRACE(what, one.job)

    return tell


def _after(owner: Any, name: str, tell: Callable[..., None]) -> None:
    deed = getattr(owner, name)

    async def does(*given: Any, **named: Any) -> Any:
        came = await deed(*given, **named)
        tell(came, *given, **named)
        return came

    setattr(owner, name, does)


def _around(owner: Any, name: str, moments: dict[str, str], *more: str) -> None:
    """Tell just before Discord is asked, and just after."""
    deed, otherwise = getattr(owner, name), list(moments)[1]

    async def does(*given: Any, **named: Any) -> Any:
        post = given[-1]
        before, job = _named(post, otherwise), _job_of(post)
        TRACE(before, job, *more)
        came = await deed(*given, **named)
        TRACE(moments[before], job)
        return came

    setattr(owner, name, does)


def _named(post: Any, otherwise: str) -> str:
    return "sending" if any(one.filename.startswith(_PICTURE) for one in post.files) else otherwise


def _job_of(post: Any) -> str:
    ids = [one.custom_id.split(":") for one in post.buttons]
    return next((one[2] for one in ids if one[1] in ("cancel", "delete")), "-")


# --- what is made quicker, and what is broken


def _hurry(noticed_seconds: float) -> None:
    """Rest less between attempts; after so long a new message replaces the place."""
    for owner, name, value in (
        (hands, "REST_SECONDS", (0.1, 0.3, 1.0)),
        (loop, "LOOK_SECONDS", 0.3),
        (delivery, "NOTICED_WAIT_SECONDS", noticed_seconds),
    ):
        getattr(owner, name)
        setattr(owner, name, value)


def _delete_on_dequeue() -> None:
    """What was claimed is in no queue any more: it lives and dies with who claimed it."""
    recover = Recover.__call__

    async def forgets(self: Any) -> None:
        async with self.memory.db.transaction() as tx:
            gone = "DELETE FROM jobs WHERE ended_at IS NULL AND state IN ('running', 'rendered')"
            await tx.execute(gone)
        await recover(self)

    async def drops(tx: Any, lease: Any) -> Returned:
        await tx.execute("DELETE FROM jobs WHERE id = ?", (lease.job,))
        return Returned.NOT_OURS

    Recover.__call__ = forgets  # type: ignore[method-assign]
    queue.give_back = drops


def _lease_without_ledger() -> None:
    """A job is tried again until it is known to be done; nobody looks whether it was."""
    send = DiscordMessenger.send

    async def finds_nothing(*_: Any, **__: Any) -> None:
        return None

    async def sends(self: Any, channel: Any, post: Any, *, nonce: str) -> Any:
        return await send(self, channel, post, nonce=secrets.token_hex(12))

    DiscordMessenger.find = finds_nothing  # type: ignore[method-assign]
    DiscordMessenger.send = sends  # type: ignore[method-assign]


VARIANTS: dict[str, Callable[[], None]] = {
    "": lambda: None,
    "delete on dequeue": _delete_on_dequeue,
    "lease without ledger": _lease_without_ledger,
}


# --- one life


async def _live(url: str, folder: Path, worker: str, aims: list[Aim]) -> None:
    """Be a bot until stopped, or killed."""
    stopping, engines = asyncio.Event(), list[Supervisor]()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)

    def make_engine(chosen: settings.Settings) -> Supervisor:
        command = PAPER if worker == "paper" else ()
        setup = replace(workers.setup(chosen), profile_seconds=PROFILE_SECONDS)
        engines.append(
            Supervisor(
                setup,
                environ=os.environ,
                threads=chosen.worker_threads,
                command=command,
                restart_delays_seconds=(RESTART_SECONDS,),
            )
        )
        return engines[0]

    def end(kind: str) -> None:
        _say("aimed", kind)
        if kind == "term":
            stopping.set()
        elif kind == "bot":
            os.kill(os.getpid(), signal.SIGKILL)
        elif engines[0].pid is not None:
            os.kill(engines[0].pid, signal.SIGKILL)

    TRACE.aims, TRACE.end = aims, end
    chosen = settings.load(
        folder / "no.env",
        discord_token=TOKEN,
        data_dir=folder,
        stop_seconds=STOP_SECONDS,
    )
    life = app.run(chosen, url, lambda _: _say("ready"), stopping, make_engine=make_engine)
    running = asyncio.create_task(life)
    _say("alive", os.getpid())
    await running


def main() -> None:
    """Fork one bot for each line, and say when it has ended and how."""
    url, folder, worker, variant, noticed = sys.argv[1:]
    hush.die_with_parent()
    VARIANTS[variant]()
    _hurry(float(noticed))
    _tell_all()
    while line := sys.stdin.readline():
        pid = os.fork()
        if pid == 0:
            hush.die_with_parent()
            log.set_up("warning")
            aims = [Aim(**one) for one in json.loads(line)]
            asyncio.run(_live(url, Path(folder), worker, aims))
            os._exit(0)
        _, status = os.waitpid(pid, 0)
        _say("gone", os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    main()
