"""`/ws/agent` to the letter of seed 003, and the agent that ships, against a whole box."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from edge.agent.actions import Rehearsal
from edge.agent.runner import Agent, Settings
from protocol.station import AgentHello, Lease, SignedLease, lease_key, open_lease
from tests.integration.edge.play.floor_box import FloorBox, Json, floor_box
from tests.rehearsed import Screen
from tests.sample_venue import PC1, PC2

HELLO = {"type": "agent_hello", "version": "1.0", "os": "Windows 11", "specs": {"cores": 8}}


class Pc:
    """A gaming PC's end of the socket."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, token: str, station: str) -> None:
        self._socket = socket
        self._key = lease_key(token)
        self._station = station

    async def says(self, **message: Any) -> None:
        await self._socket.send_json(message)

    async def hears(self, kind: str) -> Json:
        """The next message, which must be of that kind."""
        message: Json = await self._socket.receive_json(timeout=60)
        assert message["type"] == kind, message
        return message

    async def hung_up_with(self) -> int | None:
        """The close code, once the box has hung up."""
        async for _ in self._socket:
            pass
        return self._socket.close_code

    def lease(self, message: Json) -> Lease:
        """The lease inside, its signature verified."""
        return open_lease(SignedLease(**message["lease"]), self._key, self._station)


@asynccontextmanager
async def connected(box: FloorBox, station: str = PC1) -> AsyncIterator[Pc]:
    token = await box.agent_token(station)
    headers = {"Authorization": f"Bearer {token}"}
    async with box.http.ws_connect(f"{box.url}/ws/agent/{station}", headers=headers) as socket:
        yield Pc(socket, token, station)


async def test_the_door(box: FloorBox) -> None:
    own, others = await box.agent_token(PC1), await box.agent_token(PC2)
    for station, token, status in (
        ("nowhere", own, 404),
        (PC1, others, 401),
        (PC1, "nonsense", 401),
        (PC1, box.token, 401),
    ):
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await box.http.ws_connect(
                f"{box.url}/ws/agent/{station}", headers={"Authorization": f"Bearer {token}"}
            )
        assert refused.value.status == status


async def test_hello_heartbeat_and_going_away(box: FloorBox) -> None:
    assert (await box.stations())[PC1]["status"] == "OFFLINE"
    async with box.staff_socket() as screen:
        await screen.receive_json()
        async with connected(box) as pc:
            assert (await screen.receive_json())["status"] == "ONLINE"
            await pc.says(**HELLO)
            await pc.says(type="heartbeat", cpu=12.5, ram=40, active_session=None)
            await pc.hears("heartbeat_ack")
            await pc.says(type="sync_request", last_known_session=None)
            await pc.hears("no_session")
            station = await box.until_station(PC1, lambda each: each["agent"]["os"] != "")
            assert station["agent"]["cpu"] == 12.5
            assert (station["agent"]["os"], station["agent"]["specs"]) == ("Windows 11", {"cores": 8})
        while (await screen.receive_json())["status"] != "OFFLINE":
            pass


async def test_a_session_as_its_pc_hears_it(box: FloorBox) -> None:
    async with connected(box) as pc:
        session = await box.start(PC1)
        path = f"/api/v1/sessions/{session['id']}"
        started = await pc.hears("session_start")
        assert (started["session_id"], started["duration"]) == (session["id"], pytest.approx(60, abs=0.1))
        first = pc.lease(started)
        assert first.remaining_s == pytest.approx(3600, abs=2)
        await box.ask("PUT", f"{path}/extend", {"additional_minutes": 30})
        extended = await pc.hears("session_extend")
        assert extended["additional_seconds"] == 1800
        second = pc.lease(extended)
        assert second.remaining_s == pytest.approx(5400, abs=2)
        assert (second.epoch, second.seq) > (first.epoch, first.seq)
        await box.ask("POST", f"{path}/pause", {})
        paused = await pc.hears("sync_response")
        assert (paused["session"]["status"], pc.lease(paused).paused) == ("PAUSED", True)
        await box.ask("POST", f"{path}/resume")
        resumed = await pc.hears("sync_response")
        assert (resumed["session"]["status"], pc.lease(resumed).paused) == ("ACTIVE", False)
        assert resumed["server_time"].endswith("Z")
        await box.ask("DELETE", path)
        assert await pc.hears("session_stop") == {
            "type": "session_stop",
            "session_id": session["id"],
            "action": "lock",
        }


async def test_an_end_says_log_off(box: FloorBox) -> None:
    async with connected(box) as pc:
        session = await box.start(PC1, minutes=box.brief(1))
        await pc.hears("session_start")
        assert await pc.hears("session_expired") == {
            "type": "session_expired",
            "session_id": session["id"],
            "action": "logoff",
        }
        await pc.says(type="ack", of="session_expired", session_id=session["id"])
        await pc.says(type="sync_request", last_known_session=session["id"])
        await pc.hears("session_expired")


async def test_a_session_that_moves_locks_one_pc_and_opens_the_other(box: FloorBox) -> None:
    async with connected(box) as left, connected(box, PC2) as right:
        session = await box.start(PC1)
        await left.hears("session_start")
        await box.ask("POST", f"/api/v1/sessions/{session['id']}/move", {"station_id": PC2})
        await left.hears("session_stop")
        assert (await right.hears("session_start"))["session_id"] == session["id"]


async def test_the_pc_is_taken_out_of_service_from_its_own_keyboard(box: FloorBox) -> None:
    async with box.staff_socket() as screen, connected(box) as pc:
        await pc.says(type="status_change", status="MAINTENANCE")
        while (await screen.receive_json()).get("status") != "MAINTENANCE":
            pass
        await pc.says(type="status_change", status="ONLINE")
        while (await screen.receive_json()).get("status") != "ONLINE":
            pass


async def test_nonsense_is_answered_and_in_the_end_hung_up_on(box: FloorBox) -> None:
    async with connected(box) as pc:
        await pc.says(type="selfdestruct")
        assert (await pc.hears("error"))["code"] == "invalid"
        await pc.says(**{**HELLO, "specs": {"x": "y" * 5000}})
        assert (await pc.hears("error"))["code"] == "invalid"
        await pc.says(type="heartbeat", cpu=1, ram=1)
        await pc.hears("heartbeat_ack")
        for _ in range(40):
            await pc.says(type="nonsense")
        assert await pc.hung_up_with() == 1008


@asynccontextmanager
async def real_agent(box: FloorBox, state: Path, screen: Screen) -> AsyncIterator[None]:
    """The agent that ships, with its hands tied."""
    settings = Settings(box.url, PC1, await box.agent_token(PC1), state)
    agent = Agent(settings, Rehearsal(screen), AgentHello("1.0", "Linux"), chance=lambda: 0.01)
    ready = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        task = group.create_task(agent.run(lambda _url: ready.set()))
        await ready.wait()
        yield
        task.cancel()


async def test_the_real_agent_opens_and_locks(box: FloorBox, tmp_path: Path) -> None:
    screen = Screen()
    async with real_agent(box, tmp_path / "agent.json", screen):
        await screen.sees("lock")
        session = await box.start(PC1)
        await screen.sees("unlock")
        await box.ask("POST", f"/api/v1/sessions/{session['id']}/pause", {})
        await screen.sees("lock")
        await box.ask("POST", f"/api/v1/sessions/{session['id']}/resume")
        await screen.sees("unlock")
        await box.ask("DELETE", f"/api/v1/sessions/{session['id']}")
        await screen.sees("lock")


async def test_the_real_agent_ends_alone_when_the_box_is_gone(tmp_path: Path) -> None:
    screen = Screen()
    async with floor_box(tmp_path / "box") as box:
        agent = real_agent(box, tmp_path / "agent.json", screen)
        await agent.__aenter__()
        await screen.sees("lock")
        await box.start(PC1, minutes=box.brief(2))
        await screen.sees("unlock")
    await screen.sees("lock")
    await agent.__aexit__(None, None, None)


async def test_a_box_that_comes_back_agrees_with_its_agents(tmp_path: Path) -> None:
    screen = Screen()
    async with floor_box(tmp_path / "box") as box:
        port = int(box.url.rpartition(":")[2])
        agent = real_agent(box, tmp_path / "agent.json", screen)
        await agent.__aenter__()
        began_s = time.monotonic()
        session = await box.start(PC1)
        await screen.sees("unlock")
    async with floor_box(tmp_path / "box", port=port) as box:
        await box.until_station(PC1, lambda station: bool(station["agent"]["online"]))
        _, again = await box.ask("GET", f"/api/v1/sessions/{session['id']}")
        assert again["status"] == "ACTIVE"
        assert 3598 - (time.monotonic() - began_s) <= again["remaining_seconds"] <= 3600
        await box.ask("DELETE", f"/api/v1/sessions/{session['id']}")
        await screen.sees("lock")
        await agent.__aexit__(None, None, None)
