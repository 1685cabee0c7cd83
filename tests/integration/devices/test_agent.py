"""The agent as it runs: a socket to a box, a page on the screen, a file, and an operating system."""

import asyncio
import json
import signal
import stat
import sys
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import WSMsgType, web

from edge.agent import store
from edge.agent.actions import Rehearsal
from edge.agent.commands import Kept
from edge.agent.runner import Agent, Settings
from protocol import codec, station
from protocol.station import Lease, SignedLease
from tests.rehearsed import Screen

TOKEN = "a token that was handed out at the counter"
KEY = station.lease_key(TOKEN)


class Box:
    """The box's end of the socket, in the seed's words. Keeps what it heard."""

    def __init__(self) -> None:
        self.heard: asyncio.Queue[station.FromAgent] = asyncio.Queue()
        self.sockets: list[web.WebSocketResponse] = []
        self.came = asyncio.Event()
        self.refused: asyncio.Queue[str] = asyncio.Queue()
        self._runner: web.AppRunner | None = None
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def open(self) -> None:
        app = web.Application()
        app.router.add_get("/ws/agent/{station}", self._serve)
        self._runner = web.AppRunner(app, shutdown_timeout=0.01)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def close(self) -> None:
        for socket in self.sockets:
            await socket.close()
        if self._runner is not None:
            await self._runner.cleanup()

    async def say(self, message: station.FromBox) -> None:
        await self.sockets[-1].send_str(codec.encode(message).decode())

    async def hears(self, kind: type[station.FromAgent]) -> station.FromAgent:
        """The next message of that kind; others before it are passed over."""
        async with asyncio.timeout(60):
            while not isinstance(message := await self.heard.get(), kind):
                pass
        return message

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            self.refused.put_nowait(request.path)
            raise web.HTTPUnauthorized
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.sockets.append(socket)
        self.came.set()
        async for frame in socket:
            if frame.type == WSMsgType.TEXT:
                self.heard.put_nowait(station.from_agent(frame.data))
        return socket


@pytest.fixture
async def box() -> AsyncIterator[Box]:
    made = Box()
    await made.open()
    yield made
    await made.close()


@asynccontextmanager
async def agent_at(box: Box, state: Path, screen: Screen) -> AsyncIterator[str]:
    """A running agent; yields its overlay's address."""
    settings = Settings(box.url, "PC-1", TOKEN, state)
    agent = Agent(settings, Rehearsal(screen), station.AgentHello("0", "test", {"cores": 4}), lambda: 0.01)
    where: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    async with asyncio.TaskGroup() as group:
        task = group.create_task(agent.run(where.set_result))
        yield await where
        task.cancel()


def lease(remaining_s: float, seq: int = 10, **more: Any) -> SignedLease:
    return station.sign_lease(Lease("PC-1", "s1", 1, seq, remaining_s, **more), KEY)


async def test_an_evening_at_a_pc(box: Box, tmp_path: Path) -> None:
    screen = Screen()
    async with agent_at(box, tmp_path / "agent.json", screen):
        await screen.sees("lock")
        assert await box.hears(station.AgentHello) == station.AgentHello("0", "test", {"cores": 4})
        assert await box.hears(station.SyncRequest) == station.SyncRequest(None)
        await box.say(station.NoSession())
        await box.say(station.SessionStart("s1", 60, lease(3600)))
        await screen.sees("unlock")
        assert await box.hears(station.AgentAck) == station.AgentAck("session_start", "s1")
        await box.say(station.SessionExtend("s1", 1800, lease(5400, seq=11)))
        assert await box.hears(station.AgentAck) == station.AgentAck("session_extend", "s1")
        await box.say(station.SessionStop("s1"))
        assert await box.hears(station.AgentAck) == station.AgentAck("session_stop", "s1")
        await screen.sees("lock")


async def test_without_the_box_it_ends_alone_and_asks_on_return(box: Box, tmp_path: Path) -> None:
    screen = Screen()
    async with agent_at(box, tmp_path / "agent.json", screen):
        await box.came.wait()
        await box.say(station.SessionStart("s1", 1, lease(0.3, save_s=0)))
        await screen.sees("unlock")
        await box.close()
        await screen.sees("log_off")
        await box.open()
        await box.hears(station.AgentHello)
        assert await box.hears(station.SyncRequest) == station.SyncRequest("s1")
        await box.say(station.SessionExpired("s1"))
        assert await box.hears(station.AgentAck) == station.AgentAck("session_expired", "s1")


async def test_a_restarted_agent_goes_on_without_the_box(box: Box, tmp_path: Path) -> None:
    state = tmp_path / "agent.json"
    async with agent_at(box, state, Screen()):
        await box.came.wait()
        await box.say(station.SessionStart("s1", 60, lease(3600)))
        await box.hears(station.AgentAck)
        async with asyncio.timeout(60):
            while (await asyncio.to_thread(store.read, state)).lease is None:
                pass
    await box.close()
    screen = Screen()
    async with agent_at(box, state, screen):
        await screen.sees("lock")
        await screen.sees("unlock")


async def test_words_that_mean_nothing_are_passed_over(box: Box, tmp_path: Path) -> None:
    screen = Screen()
    async with agent_at(box, tmp_path / "agent.json", screen):
        await box.came.wait()
        for rubbish in ("", "null", "[]", '{"type":"open_sesame"}', '{"type":"session_start"}', "[" * 99):
            await box.sockets[-1].send_str(rubbish)
        await box.sockets[-1].send_bytes(b"\x00\xff")
        await box.say(station.SessionStart("s1", 60, lease(3600)))
        await screen.sees("unlock")


async def test_a_station_the_box_does_not_know_stays_locked_and_tries_again(box: Box, tmp_path: Path) -> None:
    settings = Settings(box.url, "PC-1", "another token", tmp_path / "agent.json")
    screen = Screen()
    agent = Agent(settings, Rehearsal(screen), station.AgentHello("0", "test"), lambda: 0.0)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(agent.run(lambda _url: None))
        await screen.sees("lock")
        for _ in range(3):
            await box.refused.get()
        task.cancel()
    assert box.sockets == []


# ── the page ────────────────────────────────────────────────────────────────────────────────────
async def _views(session: aiohttp.ClientSession, url: str) -> AsyncGenerator[dict[str, Any], None]:
    async with session.get(f"{url}/view") as response:
        async for line in response.content:
            if line.startswith(b"data: "):
                yield json.loads(line[6:])


async def test_the_page_always_shows_the_time(box: Box, tmp_path: Path) -> None:
    async with agent_at(box, tmp_path / "agent.json", Screen()) as url, aiohttp.ClientSession() as session:
        async with session.get(url) as response:
            assert 'role="timer"' in await response.text()
        await box.came.wait()
        views = _views(session, url)
        await box.say(station.SessionStart("s1", 60, lease(3600)))
        async with asyncio.timeout(60):
            async for view in views:
                if view["state"] == "playing":
                    break
        assert (view["online"], view["paused"]) == (True, False)
        assert 3590 < view["remaining_s"] <= 3600
        await views.aclose()


async def test_staff_take_the_pc_out_of_service_with_its_own_token(box: Box, tmp_path: Path) -> None:
    screen = Screen()
    async with agent_at(box, tmp_path / "agent.json", screen) as url, aiohttp.ClientSession() as session:
        await box.came.wait()
        post = f"{url}/maintenance"
        async with session.post(post, json={"on": True}) as response:
            assert response.status == 401
        staff = {"Authorization": f"Bearer {TOKEN}"}
        async with session.post(post, json={"on": "perhaps"}, headers=staff) as response:
            assert response.status == 400
        async with session.post(post, json={"on": True}, headers=staff) as response:
            assert response.status == 200
        assert await box.hears(station.StatusChange) == station.StatusChange("MAINTENANCE")
        await screen.sees("unlock")
        async with session.post(post, json={"on": False}, headers=staff) as response:
            assert response.status == 200
        assert await box.hears(station.StatusChange) == station.StatusChange("ONLINE")
        await screen.sees("lock")


# ── the file and the program ────────────────────────────────────────────────────────────────────
def test_a_note_is_read_as_it_was_written_and_for_nobody_else(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "agent.json"
    kept = Kept(1, 2, lease(60), 30.0, 99)
    store.write(path, kept)
    assert store.read(path) == kept
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert store.read(tmp_path / "none") == Kept()


@pytest.mark.parametrize("rubbish", [b"", b"{", b"[]", b'{"lease":7}'])
def test_a_broken_note_counts_as_none(tmp_path: Path, rubbish: bytes) -> None:
    path = tmp_path / "agent.json"
    path.write_bytes(rubbish)
    assert store.read(path) == Kept()


async def test_the_program_rehearses_an_evening_and_ends_when_told(box: Box, tmp_path: Path) -> None:
    (tmp_path / "token").write_text(TOKEN + "\n")
    options = ["--server", box.url, "--station", "PC-1", "--token-file", str(tmp_path / "token")]
    options += ["--state", str(tmp_path / "agent.json"), "--overlay-port", "0", "--dry-run"]
    program = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "edge.agent.cli", "run", *options, stdout=asyncio.subprocess.PIPE
    )
    assert program.stdout is not None
    lines = [json.loads(await program.stdout.readline()) for _ in range(2)]
    assert {"action": "lock"} in lines
    assert any("overlay" in line for line in lines)
    hello = await box.hears(station.AgentHello)
    assert isinstance(hello, station.AgentHello)
    assert hello.specs["cores"]
    await box.say(station.SessionStart("s1", 60, lease(3600)))
    assert json.loads(await program.stdout.readline()) == {"action": "unlock"}
    program.send_signal(signal.SIGTERM)
    assert await program.wait() == 0


async def test_the_program_says_what_it_lacks(tmp_path: Path) -> None:
    program = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "edge.agent.cli",
        "run",
        "--server",
        "http://127.0.0.1:1",
        "--station",
        "PC-1",
        stderr=asyncio.subprocess.PIPE,
    )
    _out, complaint = await program.communicate()
    assert program.returncode == 1
    assert b"token is missing" in complaint
