"""Play time when programs die and devices vanish: nobody gains or loses more than the policy says."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest

from tests.integration.faults.floor import (
    ADDRESS,
    CONSOLE,
    GRACE_S,
    MAC,
    PC,
    SECRET,
    Device,
    Switch,
    Till,
    agent,
    furnished,
    gated,
    let_through,
    plugged,
    until_done,
)
from tests.integration.faults.programs import Program, Server, edge_program

#: A plug is off by itself in time; a machine that is busy looks at it later.
BUSY_S = 30.0


@dataclass
class Floor:
    """What stands in the venue."""

    box: Server
    plug: Device
    switch: Switch
    till: Till
    http: aiohttp.ClientSession
    #: How long the box took to start, on this machine and beside whatever else it does.
    up_s: float


@pytest.fixture
async def floor(tmp_path: Path) -> AsyncIterator[Floor]:
    """A box, a console's plug and somebody at the counter."""
    plug = Device("plug", "--password", SECRET)
    directory = tmp_path / "box"
    await furnished(directory, plugged(plug))
    box = edge_program(directory)
    try:
        async with aiohttp.ClientSession() as http:
            asked_s = asyncio.get_running_loop().time()
            await box.up()
            up_s = asyncio.get_running_loop().time() - asked_s
            till = await Till(box.url, http).sign_in()
            yield Floor(box, plug, Switch(plug, http), till, http, up_s)
    finally:
        box.kill()
        plug.end()


@pytest.fixture
async def pc(floor: Floor, tmp_path: Path) -> AsyncIterator[Program]:
    """The agent of the PC, locked and connected."""
    program = await agent(tmp_path, floor.box.url, floor.till)
    program.start()
    try:
        await floor.till.until_station(PC, status="ONLINE")
        yield program
    finally:
        program.kill()


async def test_a_box_that_is_dead_at_the_end_neither_cuts_early_nor_gives_free_hours(
    floor: Floor, pc: Program
) -> None:
    # It has to be dead before the end, however long this machine takes to begin.
    loop, paid_s = asyncio.get_running_loop(), 3.0 + 1.5 * floor.up_s
    asked_s = loop.time()
    sessions = [await floor.till.start(CONSOLE, paid_s), await floor.till.start(PC, paid_s)]
    began_s = loop.time()
    await floor.switch.until(on=True)
    await until_done(pc, ["lock", "unlock"])
    floor.box.kill()
    assert (await floor.switch.status())["output"]
    await floor.switch.until(on=False)
    assert loop.time() - asked_s >= paid_s + GRACE_S - 1
    assert loop.time() - began_s <= paid_s + GRACE_S + BUSY_S
    await until_done(pc, ["lock", "unlock", "lock"])
    await floor.box.up()
    for session in sessions:
        await floor.till.until_station(session["station_id"], session=None)
        told = await floor.till.session(session)
        assert (told["status"], told["end_reason"]) == ("EXPIRED", "time_used_up")
    assert not (await floor.switch.status())["output"]
    assert (await floor.till.station(CONSOLE))["devices"] == {"plug": "well"}
    await floor.till.until_station(PC, status="ONLINE")


async def test_a_box_that_is_back_in_time_agrees_with_plug_and_agent(floor: Floor, pc: Program) -> None:
    loop = asyncio.get_running_loop()
    asked_s = loop.time()
    sessions = [await floor.till.start(CONSOLE, 3600), await floor.till.start(PC, 3600)]
    began_s = loop.time()
    await floor.switch.until(on=True)
    await until_done(pc, ["lock", "unlock"])
    for _ in range(2):
        floor.box.kill()
        await floor.box.up()
    await floor.till.until_station(PC, status="IN_USE")
    await floor.till.until_station(CONSOLE, power_w=45.2)
    for session in sessions:
        most_s = 3600 - (loop.time() - began_s)
        told = await floor.till.session(session)
        least_s = 3600 - (loop.time() - asked_s)
        assert told["status"] == "ACTIVE"
        assert least_s - 2 < told["remaining_seconds"] < most_s + 2
    await floor.switch.until_ends_in(least_s + GRACE_S)
    await floor.till.ask("DELETE", f"/api/v1/sessions/{sessions[1]['id']}")
    await until_done(pc, ["lock", "unlock", "lock"])


async def test_a_plug_that_is_away_at_the_end_is_alarmed_and_switched_off_on_its_return(
    floor: Floor,
) -> None:
    session = await floor.till.start(CONSOLE, 3600)
    await floor.till.until_station(CONSOLE, power_w=45.2)
    floor.plug.happens("drop")
    assert (await floor.till.ask("DELETE", f"/api/v1/sessions/{session['id']}"))[0] == 200
    await floor.till.until_station(CONSOLE, devices={"plug": "alarmed"})
    headers = {"Authorization": f"Bearer {floor.till.token}"}
    async with floor.http.ws_connect(f"{floor.box.url}/ws/staff", headers=headers) as screen:
        hello = await screen.receive_json(timeout=60)
        assert [alarm["code"] for alarm in hello["alarms"]] == ["device_enforcement_failed"]
        floor.plug.happens("mend")
        await floor.switch.until(on=False)
        await floor.till.until_station(CONSOLE, devices={"plug": "well"}, status="ONLINE")
        while (news := await screen.receive_json(timeout=60))["type"] != "alarm":
            pass
        assert not news["up"]


async def test_a_router_that_is_away_at_the_end_is_alarmed_and_closed_on_its_return(tmp_path: Path) -> None:
    router = Device("router", "--password", SECRET, "--machine", f"{MAC}={ADDRESS}")
    directory = tmp_path / "box"
    await furnished(directory, gated(router))
    box = edge_program(directory)
    try:
        async with aiohttp.ClientSession() as http:
            await box.up()
            till = await Till(box.url, http).sign_in()
            asked_s = asyncio.get_running_loop().time()
            session = await till.start(CONSOLE, 3600)
            await until_passing(router, http, 1)
            opened_s = asyncio.get_running_loop().time() - asked_s
            router.happens("drop")
            assert (await till.ask("DELETE", f"/api/v1/sessions/{session['id']}"))[0] == 200
            await till.until_station(CONSOLE, devices={"gate": "alarmed"})
            router.happens("mend")
            await till.until_station(CONSOLE, devices={"gate": "well"})
            await until_passing(router, http, 0)
            await till.start(CONSOLE, 2.0 + 5 * opened_s)  # long enough to be seen open, here too
            await until_passing(router, http, 1)
            box.kill()
            await until_passing(router, http, 0)
    finally:
        box.kill()
        router.end()


async def until_passing(router: Device, http: aiohttp.ClientSession, wanted: int) -> None:
    """Wait until the router lets so many machines through."""
    async with asyncio.timeout(60):
        while True:
            if len(await let_through(router, http)) == wanted:
                return
            await asyncio.sleep(0.05)


async def test_two_staff_extend_in_the_same_instant_and_both_count_once(floor: Floor) -> None:
    loop = asyncio.get_running_loop()
    asked_s = loop.time()
    session = await floor.till.start(CONSOLE, 600)
    began_s = loop.time()
    other = await Till(floor.box.url, floor.http).sign_in("bo")
    path = f"/api/v1/sessions/{session['id']}/extend"
    asked = [(floor.till, "mid-of-ana"), (other, "mid-of-bo")]

    async def extend(till: Till, mid: str) -> int:
        body = {"additional_minutes": 30, "amount": 5.0, "mid": mid}
        return (await till.ask("PUT", path, body))[0]

    assert await asyncio.gather(*(extend(till, mid) for till, mid in asked)) == [200, 200]
    floor.box.kill()
    await floor.box.up()
    assert await asyncio.gather(*(extend(till, mid) for till, mid in asked * 2)) == [200] * 4
    most_s = 4200 - (loop.time() - began_s)
    told = await floor.till.session(session)
    least_s = 4200 - (loop.time() - asked_s)
    assert (told["extended_minutes"], told["amount_minor"]) == (60, 2000)
    assert least_s - 2 < told["remaining_seconds"] < most_s + 2


@pytest.mark.parametrize("wait_s", [0.0, 0.002, 0.02])
async def test_a_box_killed_while_it_takes_the_money_sells_the_time_once(floor: Floor, wait_s: float) -> None:
    """The till asks until it has its answer, under the same `mid`."""
    body = {"station_id": CONSOLE, "duration": 60, "amount": 10.0, "mid": "mid-of-the-sale"}
    async with asyncio.TaskGroup() as group:
        asked = group.create_task(floor.till.ask("POST", "/api/v1/sessions/start", body))
        await asyncio.sleep(wait_s)
        floor.box.kill()
        await floor.box.up()
    status, session = asked.result()
    assert status == 201
    assert (await floor.till.ask("POST", "/api/v1/sessions/start", body))[1]["id"] == session["id"]
    _, told = await floor.till.ask("GET", "/api/v1/sessions")
    assert [(each["id"], each["amount_minor"]) for each in told["sessions"]] == [(session["id"], 1000)]
    await floor.switch.until(on=True)
