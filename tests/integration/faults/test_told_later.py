"""The box dies between committing and telling: phones, kitchen, staff and cloud hear of it when it is back.

Seed 001's order stream, whole: every order and every change of its status is on disk before anybody hears of
it, and each of the four who have to hear goes by what is on disk. The process is killed by SIGKILL in the
very instant between the two, so nobody at all was told; then the ordinary program starts on the same disk.
"""

import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp
import pytest

from tests.equality import assert_equal
from tests.integration.edge.kitchen.box import Device, device
from tests.integration.edge.kitchen.brokers import BrokerProcess
from tests.integration.faults.chain import Parts, chain
from tests.integration.faults.pair import Person, person
from tests.integration.faults.programs import Server
from tests.open_box import until

pytestmark = pytest.mark.xdist_group("faults")

DISH = 17


class Scene(NamedTuple):
    """A venue whose crowd has gone home, one guest, a kitchen screen and a screen of the staff."""

    parts: Parts
    seat: dict[str, Any]
    kitchen: Device
    http: aiohttp.ClientSession
    staff: dict[str, str]

    def mortal(self, event: str) -> Server:
        """The box as a program that dies right after it committed such an event."""
        box = self.parts.box
        arguments = ["-m", "tests.integration.faults.mortal_box", event, *box.arguments[2:]]
        return Server(self.parts.directory.with_suffix(".mortal.log"), arguments, box.port)

    def disk(self, query: str) -> list[tuple[Any, ...]]:
        """What lies on the dead box's disk."""
        connection = sqlite3.connect(self.parts.directory / "journal.sqlite3")
        try:
            return connection.execute(query).fetchall()
        finally:
            connection.close()

    async def hello(self) -> dict[str, Any]:
        """What a screen of the staff is greeted with."""
        async with self.http.ws_connect("/ws/staff", headers=self.staff) as socket:
            greeted: dict[str, Any] = json.loads(await socket.receive_str())
        return greeted


@asynccontextmanager
async def scene(tmp_path: Path, database: str) -> AsyncIterator[Scene]:
    """Everything connected; the guest has one dish in the cart."""
    async with AsyncExitStack() as stack:
        broker = BrokerProcess(tmp_path, "mosquitto")
        stack.callback(broker.kill)
        await broker.start()
        parts = await stack.enter_async_context(
            chain(tmp_path, database, mqtt=lambda _venue: broker.plan.url("box"))
        )
        await parts.crowd.rest()
        table = parts.venue.tables[-1].code
        async with person(parts.box.url, table, "Chinu") as chinu:
            await chinu.create(DISH)
        venue_id = parts.venue.venue_id
        kitchen = await stack.enter_async_context(
            device(broker.plan.url("kitchen"), venue_id, f"v1/{venue_id}/kds/kitchen/#")
        )
        http = await stack.enter_async_context(aiohttp.ClientSession(parts.box.url))
        ana = parts.venue.staff[0]
        async with http.post("/api/v1/auth/pin", json={"user": ana.user, "pin": ana.pin}) as answer:
            staff = {"Authorization": f"Bearer {(await answer.json())['token']}"}
        await parts.until(lambda status: status["unsynced"] == 0)
        yield Scene(parts, chinu.seat, kitchen, http, staff)


async def heard_by(guest: Person) -> list[str]:
    """Everything that came over the guest's socket until it broke."""
    heard: list[str] = []
    with suppress(TypeError, aiohttp.ClientError):
        while True:
            heard.append(json.loads(await guest.receive())["type"])
    return heard


async def test_an_order_that_nobody_was_told_of_reaches_all_four(tmp_path: Path, database: str) -> None:
    async with scene(tmp_path, database) as at:
        parts = at.parts
        parts.box.kill()
        mortal = at.mortal("OrderConfirmed")
        await mortal.up()
        async with person(parts.box.url, "", "Chinu", at.seat) as chinu:
            seen = (await chinu.snapshot())["cart_hash"]
            with pytest.raises(aiohttp.ClientError):
                await chinu.order(seen)
            assert "order_confirmed" not in await heard_by(chinu)
        await until(mortal.has_died)

        ((order_id, ticket),) = at.disk("SELECT order_id, ticket FROM orders ORDER BY number DESC LIMIT 1")
        assert at.disk(f"SELECT state FROM tickets WHERE ticket = '{ticket}'") == [("fired",)]
        async with parts.postgres() as sql:
            assert await sql.fetchval("SELECT count(*) FROM orders WHERE order_id = $1", order_id) == 0

        await parts.box.up()
        async with person(parts.box.url, "", "Chinu", at.seat) as chinu:
            shown = (await chinu.snapshot())["orders"]
            assert [(each["order_id"], each["ticket"]) for each in shown] == [(order_id, ticket)]
            assert await chinu.order(seen) == (201, {"order_id": order_id, "ticket": ticket})
        message = await at.kitchen.next("ticket", ticket=ticket)
        assert (message.body["order_id"], message.body["state"]) == (order_id, "fired")
        assert (order_id, ticket) in {
            (order["order_id"], order["ticket"]) for order in (await at.hello())["orders"]
        }
        await parts.until_sql(f"SELECT count(*) = 1 FROM orders WHERE order_id = '{order_id}'")
        await parts.until(lambda status: status["link"] == "live" and status["unsynced"] == 0)
        async with parts.postgres() as sql:
            await assert_equal(parts.directory, sql)


async def test_a_step_of_the_kitchen_that_nobody_was_told_of_reaches_all_four(
    tmp_path: Path, database: str
) -> None:
    async with scene(tmp_path, database) as at:
        parts = at.parts
        async with person(parts.box.url, "", "Chinu", at.seat) as chinu:
            status, placed = await chinu.order((await chinu.snapshot())["cart_hash"])
        assert status == 201
        ticket = placed["ticket"]
        await at.kitchen.next("ticket", ticket=ticket)
        parts.box.kill()
        mortal = at.mortal("TicketAdvanced")
        await mortal.up()
        await at.kitchen.next("ticket", ticket=ticket)
        await at.kitchen.ack(ticket, "preparing", "kitchen")
        await until(mortal.has_died)
        assert at.disk(f"SELECT state FROM tickets WHERE ticket = '{ticket}'") == [("preparing",)]

        await parts.box.up()
        async with person(parts.box.url, "", "Chinu", at.seat) as chinu:
            assert [each["status"] for each in (await chinu.snapshot())["orders"]] == ["preparing"]
        await at.kitchen.shows(ticket, "preparing")
        found = [each["status"] for each in (await at.hello())["orders"] if each["ticket"] == ticket]
        assert found == ["preparing"]
        await parts.until_sql(f"SELECT state = 'preparing' FROM tickets WHERE ticket = '{ticket}'")
        await parts.until(lambda status: status["link"] == "live" and status["unsynced"] == 0)
        async with parts.postgres() as sql:
            await assert_equal(parts.directory, sql)
