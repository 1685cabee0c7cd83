"""The shell around the machine: one socket to the box, one clock, one page, one file, one pair of hands.

Every command of the machine is carried out here and nowhere else. Actions and notes go through one queue,
so that they happen in the order they were decided; words to the box are dropped when it is not there,
because the machine asks anew when it is.
"""

import asyncio
import contextlib
import logging
import random
from collections.abc import Callable
from pathlib import Path

import aiohttp
import msgspec
import psutil

from edge.agent import clock, store
from edge.agent.actions import Actions
from edge.agent.commands import Beat, Command, Lock, LogOff, Remember, Send, Unlock, View
from edge.agent.failure import ActionFailed
from edge.agent.machine import Machine
from edge.agent.overlay import Overlay
from protocol import codec, station
from protocol.errors import Refused

log = logging.getLogger(__name__)

#: Full jitter between 0 and 2ⁿ seconds, at most this many.
MOST_BACK_OFF_S = 30.0
#: A box that has not answered a ping for this long is gone.
PING_S = 10.0
#: A box that takes the connection and then says nothing is not there.
CONNECT_WITHIN_S = 10.0


class Settings(msgspec.Struct, frozen=True):
    """`server` is `http(s)://` or `ws(s)://`; `overlay_port` 0 takes any."""

    server: str
    station_id: str
    token: str
    state: Path
    overlay_port: int = 0


class Agent:
    """One running agent."""

    def __init__(
        self,
        settings: Settings,
        actions: Actions,
        hello: station.AgentHello,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._settings = settings
        self._actions = actions
        self._chance = chance
        self._machine = Machine(settings.station_id, station.lease_key(settings.token), hello)
        self._overlay = Overlay(self._view, self._service, settings.token)
        self._todo: asyncio.Queue[Command] = asyncio.Queue()
        self._outbox: asyncio.Queue[station.FromAgent] | None = None
        self._woken = asyncio.Event()

    async def run(self, started: Callable[[str], None]) -> None:
        """Work until cancelled. `started` is told where the overlay is."""
        kept = await asyncio.to_thread(store.read, self._settings.state)
        self._take(self._machine.boot(kept, clock.now_s(), clock.wall_ms()))
        try:
            started(await self._overlay.start(self._settings.overlay_port))
            async with asyncio.TaskGroup() as group:
                group.create_task(self._act(), name="actions")
                group.create_task(self._tick(), name="time")
                group.create_task(self._stay_connected(), name="box")
        finally:
            await self._overlay.stop()

    # ── commands out ────────────────────────────────────────────────────────────────────────────
    def _take(self, commands: list[Command]) -> None:
        """Send words now, queue the rest, and let time and page look again."""
        for command in commands:
            if isinstance(command, Send):
                self._say(command.message)
            elif isinstance(command, Beat):
                self._say(_heartbeat(command))
            else:
                self._todo.put_nowait(command)
        self._woken.set()

    def _say(self, message: station.FromAgent) -> None:
        if self._outbox is not None:
            self._outbox.put_nowait(message)

    async def _act(self) -> None:
        while True:
            command = await self._todo.get()
            try:
                await self._carry_out(command)
            except (ActionFailed, OSError) as error:
                log.warning("%s had no effect: %s", type(command).__name__, error)

    async def _carry_out(self, command: Command) -> None:
        match command:
            case Lock():
                await self._actions.lock()
            case Unlock():
                await self._actions.unlock()
            case LogOff():
                await self._actions.log_off()
            case Remember():
                await asyncio.to_thread(store.write, self._settings.state, command.kept)

    # ── time ────────────────────────────────────────────────────────────────────────────────────
    async def _tick(self) -> None:
        while True:
            wait_s = self._machine.wake_s(clock.now_s())
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait_s):
                    await self._woken.wait()
            self._woken.clear()
            commands = self._machine.tick(clock.now_s(), clock.wall_ms())
            if commands:
                self._take(commands)
            await self._overlay.changed()

    def _view(self) -> View:
        return self._machine.view(clock.now_s())

    def _service(self, on: bool) -> None:
        self._take(self._machine.service(on, clock.now_s(), clock.wall_ms()))

    # ── the box ─────────────────────────────────────────────────────────────────────────────────
    async def _stay_connected(self) -> None:
        attempt = 0
        async with aiohttp.ClientSession() as session:
            while True:
                if await self._connect(session):
                    attempt = 0
                attempt += 1
                await asyncio.sleep(self._chance() * min(MOST_BACK_OFF_S, 2.0**attempt))

    async def _connect(self, session: aiohttp.ClientSession) -> bool:
        """One connection from beginning to end; whether there was one."""
        url = f"{self._settings.server.rstrip('/')}/ws/agent/{self._settings.station_id}"
        headers = {"Authorization": f"Bearer {self._settings.token}"}
        try:
            async with asyncio.timeout(CONNECT_WITHIN_S):
                socket = await session.ws_connect(
                    url, headers=headers, heartbeat=PING_S, max_msg_size=codec.MOST_BYTES
                )
            async with socket:
                await self._talk(socket)
                return True
        except aiohttp.WSServerHandshakeError as error:
            log.error("the box does not let this station in: HTTP %s", error.status)
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            log.info("the box is not there: %r", error)
        return False

    async def _talk(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._outbox = asyncio.Queue()
        try:
            async with asyncio.TaskGroup() as group:
                sender = group.create_task(self._send(socket, self._outbox))
                self._take(self._machine.connected(clock.now_s()))
                async for frame in socket:
                    self._hear(frame)
                sender.cancel()
        finally:
            self._outbox = None
            self._take(self._machine.disconnected())

    async def _send(
        self, socket: aiohttp.ClientWebSocketResponse, outbox: asyncio.Queue[station.FromAgent]
    ) -> None:
        with contextlib.suppress(ConnectionError):  # the reader hears of it too, and ends the talk
            while True:
                await socket.send_str(codec.encode(await outbox.get()).decode())

    def _hear(self, frame: aiohttp.WSMessage) -> None:
        if not isinstance(frame.data, str):
            return
        try:
            message = station.from_box(frame.data)
        except Refused as refused:
            log.warning("the box said something unknown: %s", refused.refusal.message)
            return
        self._take(self._machine.heard(message, clock.now_s(), clock.wall_ms()))


def _heartbeat(beat: Beat) -> station.Heartbeat:
    return station.Heartbeat(
        cpu=psutil.cpu_percent(),
        ram=psutil.virtual_memory().percent,
        active_session=beat.active_session,
        remaining_seconds=beat.remaining_seconds,
    )
