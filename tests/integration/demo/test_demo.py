"""The demo from outside, by contract.md: its line of JSON, an order, outages, kills, second starts."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import asyncpg
import pytest

from tests.demo_process import DemoProcess, process_is_gone
from tests.integration.demo.guest import Guest
from tests.integration.edge.kitchen.box import device

pytestmark = pytest.mark.xdist_group("demo")

PATIENCE_S = 60.0


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    """Return once it holds."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            if await condition():
                return
            await asyncio.sleep(0.05)


async def status(demo: DemoProcess, http: aiohttp.ClientSession) -> dict[str, Any]:
    """The box's own view; empty while it does not answer."""
    try:
        async with http.get(f"{demo.said['edge']}/status") as answer:
            body: dict[str, Any] = await answer.json()
            return body
    except aiohttp.ClientError:
        return {}


async def link_is(demo: DemoProcess, http: aiohttp.ClientSession, state: str) -> None:
    async def holds() -> bool:
        return bool((await status(demo, http)).get("link") == state)

    await until(holds)


async def cloud_has(demo: DemoProcess, order_id: str) -> None:
    """Wait until Postgres has the order."""

    async def holds() -> bool:
        try:
            connection = await asyncpg.connect(demo.said["postgres"])
        except (OSError, asyncpg.PostgresError):
            return False
        try:
            query = "SELECT count(*) FROM orders WHERE order_id = $1 AND status = 'confirmed'"
            return bool(await connection.fetchval(query, order_id))
        finally:
            await connection.close()

    await until(holds)


async def guest_at(demo: DemoProcess, http: aiohttp.ClientSession, table: int) -> Guest:
    code = demo.said["tables"][table]["code"]
    return await Guest(http, demo.said["edge"]).sit_down(code, demo.said["pass_word"])


async def killed(demo: DemoProcess, http: aiohttp.ClientSession, name: str) -> None:
    """Kill a process by its pid, and wait until another one has taken its place."""
    pid = (await demo.now(http))["pids"][name]
    os.kill(pid, signal.SIGKILL)

    async def replaced() -> bool:
        return bool((await demo.now(http))["pids"].get(name, pid) != pid)

    await until(replaced)


class TestAnnouncement:
    async def test_has_the_shape_of_the_contract(self, demo: DemoProcess) -> None:
        said = demo.said
        for name in ("edge", "cloud", "router", "control"):
            assert said[name].startswith("http://127.0.0.1:")
        assert said["mqtt"].startswith("mqtt://kitchen:")
        assert said["postgres"].startswith("postgresql://")
        assert said["pass_word"] == "coffee"
        assert all(isinstance(said[name], str) for name in ("venue_id", "restaurant_id"))
        for table in said["tables"]:
            assert table["url"] == f"{said['edge']}/t/{table['code']}"
        assert said["tables"][0]["name"] == "T1"
        assert {"user", "pin"} <= said["staff"].keys()
        assert {"email", "password"} <= said["owner"].keys()
        assert not process_is_gone(said["pids"]["edge"])
        assert not process_is_gone(said["pids"]["cloud"])
        kinds = [station["kind"] for station in said["stations"]]
        assert sorted(kinds) == ["console", "console", "pc"]
        for station in said["stations"]:
            if station["kind"] == "console":
                assert station["plug"].startswith("http://127.0.0.1:")
            else:
                assert station["agent_token"]

    async def test_everything_in_it_answers(self, demo: DemoProcess, http: aiohttp.ClientSession) -> None:
        said = demo.said
        addresses = [f"{said[name]}/healthz" for name in ("edge", "cloud")]
        addresses += [f"{each['plug']}/shelly" for each in said["stations"] if each["kind"] == "console"]
        for address in addresses:
            async with http.get(address) as answer:
                assert answer.status == 200, address
        login = {"user": said["staff"]["user"], "pin": said["staff"]["pin"]}
        async with http.post(f"{said['edge']}/api/v1/auth/pin", json=login) as answer:
            assert answer.status == 200
        async with http.post(f"{said['cloud']}/api/login", json=said["owner"]) as answer:
            assert answer.status == 200
        assert (await demo.now(http)) == said

    async def test_control_refuses_what_it_does_not_understand(
        self, demo: DemoProcess, http: aiohttp.ClientSession
    ) -> None:
        for body in (b"", b"{}", b'{"up":"no"}', b"\xff"):
            async with http.post(f"{demo.said['control']}/internet", data=body) as answer:
                assert answer.status == 400
                assert (await answer.json())["error"]["code"] == "invalid"
        async with http.get(f"{demo.said['control']}/internet") as answer:
            assert await answer.json() == {"up": True}


async def test_an_order_reaches_the_kitchen_the_guest_and_the_cloud(
    demo: DemoProcess, http: aiohttp.ClientSession
) -> None:
    guest = await guest_at(demo, http, 0)
    async with device(demo.said["mqtt"], demo.said["venue_id"]) as screen:
        placed = await guest.order_something()
        ticket = await screen.next("ticket", ticket=placed["ticket"])
        assert ticket.body["table"] == "T1"
        assert ticket.body["order_id"] == placed["order_id"]
        await screen.ack(placed["ticket"], "ready", station=ticket.body["station"])
        await screen.next("error", ticket=placed["ticket"], code="illegal_transition")
        await screen.ack(placed["ticket"], "preparing", station=ticket.body["station"])

        async def cooking() -> bool:
            orders = (await guest.snapshot())["orders"]
            return [each["status"] for each in orders if each["order_id"] == placed["order_id"]] == [
                "preparing"
            ]

        await until(cooking)
    await cloud_has(demo, placed["order_id"])


async def test_every_ticket_comes_out_of_the_printer(demo: DemoProcess, http: aiohttp.ClientSession) -> None:
    """It is on paper, as a picture for people; and the cloud hears that it came out."""
    placed = await (await guest_at(demo, http, 7)).order_something()
    connection = await asyncpg.connect(demo.said["postgres"])
    query = "SELECT count(*) FROM printouts WHERE starts_with(job, $1) AND state = 'printed' AND attempts = 1"
    try:

        async def printed() -> bool:
            return bool(await connection.fetchval(query, f"{placed['ticket']}@"))

        await until(printed)
    finally:
        await connection.close()
    assert list((demo.directory / "printed").glob("slip-*.png"))


class TestOutages:
    async def test_the_venue_serves_without_internet_and_the_cloud_catches_up(
        self, demo: DemoProcess, http: aiohttp.ClientSession
    ) -> None:
        guest = await guest_at(demo, http, 1)
        await demo.internet(http, up=False)
        try:
            await link_is(demo, http, "down")
            async with device(demo.said["mqtt"], demo.said["venue_id"]) as screen:
                placed = await guest.order_something()
                await screen.next("ticket", ticket=placed["ticket"])
            assert (await status(demo, http))["unsynced"] > 0
        finally:
            await demo.internet(http, up=True)
        await cloud_has(demo, placed["order_id"])
        await link_is(demo, http, "live")

    async def test_a_killed_box_comes_back_with_the_cart(
        self, demo: DemoProcess, http: aiohttp.ClientSession
    ) -> None:
        guest = await guest_at(demo, http, 2)
        item = await guest.add(await guest.menu_item(), qty=3)
        await killed(demo, http, "edge")
        await link_is(demo, http, "live")

        items = (await guest.snapshot())["items"]
        assert [(each["id"], each["qty"]) for each in items] == [(item["id"], 3)]
        placed = await guest.order()
        await cloud_has(demo, placed["order_id"])

    @pytest.mark.parametrize("name", ["cloud", "postgres", "broker"])
    async def test_anything_else_may_be_killed_too(
        self, demo: DemoProcess, http: aiohttp.ClientSession, name: str
    ) -> None:
        guest = await guest_at(demo, http, 3)
        await killed(demo, http, name)
        placed = await guest.order_something()
        await cloud_has(demo, placed["order_id"])

        async def well() -> bool:
            now = await status(demo, http)
            return (now.get("link"), now.get("mqtt"), now.get("unsynced")) == ("live", "ok", 0)

        await until(well)


class TestSecondStart:
    async def test_finds_everything_again(self, demo: DemoProcess, http: aiohttp.ClientSession) -> None:
        guest = await guest_at(demo, http, 4)
        placed = await guest.order_something()
        before = demo.said
        assert await demo.stop() == (0, b"")
        for pid in before["pids"].values():
            assert process_is_gone(pid)

        after = await demo.start()
        assert after | {"pids": {}} == before | {"pids": {}}
        orders = (await guest.snapshot())["orders"]
        assert [each["order_id"] for each in orders] == [placed["order_id"]]
        await cloud_has(demo, placed["order_id"])

    async def test_ends_the_same_way_on_sigint(self, demo: DemoProcess) -> None:
        assert await demo.stop(signal.SIGINT) == (0, b"")

    async def test_a_killed_demo_takes_everybody_along_and_starts_again(self, demo: DemoProcess) -> None:
        before = demo.said
        demo.kill()

        async def gone() -> bool:
            return all(process_is_gone(pid) for pid in before["pids"].values())

        await until(gone)
        after = await demo.start()
        assert after | {"pids": {}} == before | {"pids": {}}

    async def test_without_restart_what_is_killed_stays_dead(
        self, demo: DemoProcess, http: aiohttp.ClientSession
    ) -> None:
        await demo.stop()
        said = await demo.start("--no-restart", "--broker", "amqtt")
        os.kill(said["pids"]["cloud"], signal.SIGKILL)

        async def noticed() -> bool:
            return "cloud" not in (await demo.now(http))["pids"]

        await until(noticed)
        await link_is(demo, http, "down")
        # The embedded broker serves a kitchen as well as Mosquitto does.
        guest = await guest_at(demo, http, 5)
        async with device(said["mqtt"], said["venue_id"]) as screen:
            placed = await guest.order_something()
            await screen.next("ticket", ticket=placed["ticket"])
        assert await demo.stop() == (0, b"")


async def test_a_first_start_that_is_broken_off_does_not_spoil_the_directory(tmp_path: Path) -> None:
    demo = DemoProcess(tmp_path / "venue")
    demo.launch()
    try:
        cluster = tmp_path / "venue/postgres/cluster/PG_VERSION"

        async def under_way() -> bool:
            return await asyncio.to_thread(cluster.exists)

        await until(under_way)
        assert await demo.stop() == (0, b"")
        said = await demo.start()
        assert said["tables"]
        assert await demo.stop() == (0, b"")
    finally:
        demo.kill()


def test_a_directory_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "edge").mkdir()
    process = DemoProcess(tmp_path).launch()
    said, complaint = process.communicate(timeout=PATIENCE_S)
    assert (process.returncode, said) == (1, b"")
    assert b"is not empty and has no demo.json" in complaint
    assert sorted(path.name for path in tmp_path.iterdir()) == ["demo.lock", "edge"]
