"""Gateway v10: hello, identify, heartbeats, dispatches, resume; with the weather it can have.

One `Session` per shard and login. A session outlives its socket: what happens meanwhile waits in
its buffer, and RESUME replays it. Only events that the identify intents allow are sent;
interactions and entitlements always are. Frames are plain JSON texts, whatever compression was
asked for: discord.py accepts both.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from aiohttp import WSMsgType, web

from bot.sandbox import intents, serialise
from bot.sandbox.entities import Json
from bot.sandbox.events import Event, GatewayEvent, Glimpse
from bot.sandbox.world import World

DISPATCH, HEARTBEAT, IDENTIFY, PRESENCE, RESUME = 0, 1, 2, 3, 6
RECONNECT, INVALID_SESSION, HELLO, ACK = 7, 9, 10, 11
UNKNOWN_OPCODE, DECODE_ERROR, AUTHENTICATION_FAILED = 4001, 4002, 4004
ALREADY_AUTHENTICATED, INVALID_SHARD, INVALID_INTENTS, DISALLOWED_INTENTS = 4005, 4010, 4013, 4014
ENDS_THE_SESSION = frozenset({1000, 1001, 4004, 4007, 4009})
CLOSE_SECONDS = 0.3  # how long a closing socket waits for the other side
ACK_SECONDS = 0.03
"""No network is quicker, and discord.py counts on it: it notes when it beat only after sending."""
BUFFERED_EVENTS = 2000
MOST_SOCKETS, MOST_UNSENT_FRAMES = 64, 20_000
SESSIONS_PER_DAY, DAY_SECONDS = 1000, 86_400.0
TOKEN_PREFIX = "sandbox."  # noqa: S105 - a prefix, and it opens nothing but this sandbox


@dataclass
class Session:
    """One login of one shard."""

    id: str
    intents: int
    shard: int
    shards: int
    socket: web.WebSocketResponse | None = None
    sequence: int = 0
    buffer: deque[Json] = field(default_factory=lambda: deque(maxlen=BUFFERED_EVENTS))

    def wants(self, event: GatewayEvent) -> bool:
        """Whether this shard is told of this event."""
        home = 0 if event.guild_id is None else (event.guild_id >> 22) % self.shards
        return home == self.shard and intents.allow(self.intents, event)


@dataclass
class GatewayWeather:
    """What is wrong with the gateway just now."""

    silent: bool = False
    no_ack: bool = False
    no_hello: bool = False
    refuse: bool = False
    refuse_login: int = 0  #: the close code that answers each IDENTIFY
    down: bool = False
    duplicate: bool = False


class Gateway:
    """All sessions of the bot, and the sockets they speak through."""

    def __init__(self, world: World, *, heartbeat_seconds: float = 41.25) -> None:
        self.world = world
        self.heartbeat_seconds = heartbeat_seconds
        self.url = "ws://127.0.0.1/gateway"
        self.sessions: dict[str, Session] = {}
        self.identifies: list[Json] = []
        self.resumes: list[Json] = []
        self.gaps: list[str] = []
        self.weather = GatewayWeather()
        self.sockets: dict[web.WebSocketResponse, web.Request] = {}
        self.session_total = SESSIONS_PER_DAY
        self._starts: list[float] = []
        self._outbox: dict[web.WebSocketResponse, asyncio.Queue[str]] = {}
        world.listen(self.hear)

    # -- what the world says ---------------------------------------------------------------------

    def hear(self, event: Event) -> None:
        """Pass a dispatch on to the sessions that want it."""
        if isinstance(event, GatewayEvent):
            for session in self.sessions.values():
                if session.wants(event):
                    data = intents.visible_data(self.world, session.intents, event)
                    self.dispatch(session, event.name, data)

    def dispatch(self, session: Session, name: str, data: Json) -> None:
        """Number an event, keep it for RESUME, and send it if there is a socket."""
        for _ in range(2 if self.weather.duplicate else 1):
            session.sequence += 1
            frame = {"op": DISPATCH, "t": name, "s": session.sequence, "d": data}
            session.buffer.append(frame)
            self._send(session.socket, frame)

    @property
    def connected(self) -> bool:
        """Whether the bot is there."""
        return any(session.socket is not None for session in self.sessions.values())

    @property
    def starts_remaining(self) -> int:
        """How many IDENTIFYs are left today."""
        since = self.world.clock.now() - DAY_SECONDS
        self._starts = [moment for moment in self._starts if moment > since]
        return max(0, self.session_total - len(self._starts))

    # -- one connection --------------------------------------------------------------------------

    async def handle(self, request: web.Request) -> web.WebSocketResponse:
        """Speak with one socket until it closes."""
        if self.weather.down or len(self.sockets) >= MOST_SOCKETS:
            raise web.HTTPServiceUnavailable
        socket = web.WebSocketResponse(max_msg_size=1 << 16, timeout=CLOSE_SECONDS)
        await socket.prepare(request)
        if self.weather.refuse:
            await socket.close(code=1012)
            return socket
        self.sockets[socket] = request
        queue: asyncio.Queue[str] = asyncio.Queue()
        self._outbox[socket] = queue
        writer = asyncio.create_task(self._write(socket, queue))
        interval = int(self.heartbeat_seconds * 1000)
        if not self.weather.no_hello:
            self._send(socket, {"op": HELLO, "d": {"heartbeat_interval": interval}})
        try:
            await self._converse(socket)
        finally:
            writer.cancel()
            del self.sockets[socket]
            del self._outbox[socket]
            self._forget_socket(socket)
        return socket

    async def _converse(self, socket: web.WebSocketResponse) -> None:
        async for message in socket:
            if message.type is not WSMsgType.TEXT:
                await socket.close(code=DECODE_ERROR)
                return
            try:
                frame = json.loads(message.data)
            except ValueError:
                frame = None
            if not isinstance(frame, dict):
                await socket.close(code=DECODE_ERROR)
                return
            await self._obey(socket, frame)

    async def _obey(self, socket: web.WebSocketResponse, frame: Json) -> None:
        acts: dict[int, Callable[[web.WebSocketResponse, Json], Awaitable[None]]] = {
            IDENTIFY: self._identify,
            RESUME: self._resume,
        }
        code = frame.get("op", -1)
        if code == HEARTBEAT:
            if not self.weather.no_ack:
                later = asyncio.get_running_loop().call_later
                later(ACK_SECONDS, self._send, socket, {"op": ACK})
        elif code in acts:
            await acts[code](socket, frame.get("d") or {})
        elif code != PRESENCE:
            self.gaps.append(f"gateway opcode {code}")
            await socket.close(code=UNKNOWN_OPCODE)

    async def _identify(self, socket: web.WebSocketResponse, data: Json) -> None:
        shard, shards = data.get("shard") or (0, 1)
        wrong = self._why_not(socket, data, int(shard), int(shards))
        if wrong is not None:
            await socket.close(code=wrong)
            return
        self.identifies.append({k: v for k, v in data.items() if k != "token"})
        self._starts.append(self.world.clock.now())
        for old in [s for s in self.sessions.values() if s.shard == shard and s.socket is None]:
            del self.sessions[old.id]
        session = Session(secrets.token_hex(16), int(data["intents"]), shard, shards, socket)
        self.sessions[session.id] = session
        self._welcome(session)
        self._tell_people()

    def _why_not(
        self, socket: web.WebSocketResponse, data: Json, shard: int, shards: int
    ) -> int | None:
        """The close code that refuses an IDENTIFY, or None."""
        given = data.get("intents")
        wanted = given if isinstance(given, int) else -1
        rules = (
            (bool(self.weather.refuse_login), self.weather.refuse_login),
            (not str(data.get("token", "")).startswith(TOKEN_PREFIX), AUTHENTICATION_FAILED),
            (self.starts_remaining == 0, AUTHENTICATION_FAILED),
            (any(s.socket is socket for s in self.sessions.values()), ALREADY_AUTHENTICATED),
            (not 0 <= shard < shards, INVALID_SHARD),
            (wanted >> 26 != 0, INVALID_INTENTS),
            (bool(wanted & intents.PRIVILEGED), DISALLOWED_INTENTS),
        )
        return next((code for is_wrong, code in rules if is_wrong), None)

    def _welcome(self, session: Session) -> None:
        world = self.world
        mine = [g for g in world.guilds.values() if world.bot.id in g.members]
        here = [g for g in mine if (g.id >> 22) % session.shards == session.shard]
        ready = {
            "v": 10,
            "user": serialise.me(world.bot),
            "guilds": [{"id": str(g.id), "unavailable": True} for g in here],
            "session_id": session.id,
            "resume_gateway_url": self.url,
            "shard": [session.shard, session.shards],
            "application": {"id": str(world.application.id), "flags": 0},
            "private_channels": [],
            "relationships": [],
        }
        self.dispatch(session, "READY", ready)
        if session.intents & intents.GUILDS:
            for guild in here:
                self.dispatch(session, "GUILD_CREATE", serialise.guild_create(world, guild))

    async def _resume(self, socket: web.WebSocketResponse, data: Json) -> None:
        self.resumes.append({k: v for k, v in data.items() if k != "token"})
        session = self.sessions.get(str(data.get("session_id")))
        seen = int(data.get("seq") or 0)
        if session is None or seen > session.sequence:
            self._send(socket, {"op": INVALID_SESSION, "d": False})
            return
        missed = [frame for frame in session.buffer if frame["s"] > seen]
        session.socket = socket
        for frame in missed:
            self._send(socket, frame)
        self.dispatch(session, "RESUMED", {})
        self._tell_people()

    # -- weather ---------------------------------------------------------------------------------

    async def close(self, code: int) -> None:
        """Close every socket with this code."""
        for socket in tuple(self.sockets):
            self._forget_socket(socket, end_session=code in ENDS_THE_SESSION)
            with contextlib.suppress(ConnectionError):
                await socket.close(code=code)

    def drop(self) -> None:
        """Cut every socket without a word, as a broken network does."""
        for request in tuple(self.sockets.values()):
            if request.transport is not None:
                request.transport.abort()

    def ask_to_reconnect(self) -> None:
        """Send opcode 7 to everybody."""
        for socket in self.sockets:
            self._send(socket, {"op": RECONNECT, "d": None})

    def invalidate(self, *, resumable: bool) -> None:
        """Send opcode 9 to everybody; not resumable means that the sessions are gone."""
        for socket in self.sockets:
            self._send(socket, {"op": INVALID_SESSION, "d": resumable})
        if not resumable:
            self.sessions.clear()
            self._tell_people()

    # -- sending ---------------------------------------------------------------------------------

    def _send(self, socket: web.WebSocketResponse | None, frame: Json) -> None:
        if socket is None or socket not in self._outbox or self.weather.silent:
            return
        queue = self._outbox[socket]
        queue.put_nowait(json.dumps(frame))
        transport = self.sockets[socket].transport
        if queue.qsize() > MOST_UNSENT_FRAMES and transport is not None:
            transport.abort()  # it reads no more; RESUME brings what it missed

    @staticmethod
    async def _write(socket: web.WebSocketResponse, queue: asyncio.Queue[str]) -> None:
        with contextlib.suppress(ConnectionError, RuntimeError):
            while True:
                await socket.send_str(await queue.get())

    def _forget_socket(self, socket: web.WebSocketResponse, *, end_session: bool = False) -> None:
        """The socket is gone. A clean goodbye of the bot ends the session too."""
        was_connected = self.connected
        said_goodbye = socket.close_code in (1000, 1001)
        for session in tuple(self.sessions.values()):
            if session.socket is socket:
                session.socket = None
                if end_session or said_goodbye:
                    del self.sessions[session.id]
        if was_connected and not self.connected:
            self._tell_people()

    def _tell_people(self) -> None:
        """The bot is there, or it is gone: everybody sees that."""
        self.world.emit(Glimpse("world", 0))
