"""The people of `saturday.py`: parties at tables with a phone each, kitchen stations, and who fires courses.

Times are minutes of the evening, `SPEED` times as fast as real ones. Everything goes over real sockets, and
each party knows nothing but what the box tells its phones.
"""

import asyncio
import json
import random
import time
from typing import Any

import aiohttp
import aiomqtt

from tests.bench.boxes import CONFIG, new_id
from tests.bench.m8_kitchen import NO_DELAY

SPEED = 60.0
#: Minutes from one step of a ticket to the next.
STEPS = {"received": 0.0, "accepted": 0.5, "preparing": 1.0, "ready": 8.0, "served": 2.0}


def sim(minutes: float) -> float:
    """Seconds that so many minutes of the evening take."""
    return minutes * 60 / SPEED


class Diary:
    """What happened, in seconds: mutations told to all of a table, orders answered, tickets at a device."""

    def __init__(self, orders: int) -> None:
        self.told_s: list[float] = []
        self.answered_s: list[float] = []
        self.tickets_s: list[float] = []
        self._orders = orders
        self._answered_at: dict[str, float] = {}
        self._came_at: dict[str, float] = {}
        self._served: set[str] = set()
        self._done = asyncio.Event()

    def answered(self, order: dict[str, Any], at_s: float, took_s: float) -> None:
        """An order was accepted."""
        self.answered_s.append(took_s)
        self._answered_at[order["ticket"]] = at_s
        if order["ticket"] in self._came_at:
            self.tickets_s.append(max(0.0, self._came_at[order["ticket"]] - at_s))

    def came(self, ticket: str, at_s: float) -> None:
        """The first ticket of an order is at its device; later courses come when they are called."""
        if "." in ticket or ticket in self._came_at:
            return
        self._came_at[ticket] = at_s
        if ticket in self._answered_at:
            self.tickets_s.append(max(0.0, at_s - self._answered_at[ticket]))

    def served(self, order_id: str) -> None:
        """All of an order is with its guests."""
        self._served.add(order_id)
        if len(self._served) == self._orders:
            self._done.set()

    async def all_served(self) -> None:
        """Wait until every order is."""
        async with asyncio.timeout(sim(120)):
            await self._done.wait()


class Floor:
    """Somebody of the staff with a tablet: sees every order, and calls courses some minutes later."""

    def __init__(
        self, http: aiohttp.ClientSession, staff: dict[str, str], diary: Diary, dice: random.Random
    ) -> None:
        self._http = http
        self._staff = staff
        self._diary = diary
        self._dice = dice
        self._called: set[tuple[str, str]] = set()

    async def run(self) -> None:
        """Until cancelled."""
        async with (
            self._http.ws_connect("/ws/staff", headers=self._staff, max_msg_size=0) as socket,
            asyncio.TaskGroup() as group,
        ):
            async for frame in socket:
                message = json.loads(frame.data)
                if message["type"] == "order:status":
                    self._look(message["order"], group)

    def _look(self, order: dict[str, Any], group: asyncio.TaskGroup) -> None:
        if order["status"] == "served":
            self._diary.served(order["order_id"])
        for held in order["held"]:
            key = (order["order_id"], held["course"])
            if key not in self._called:
                self._called.add(key)
                group.create_task(self._fire(*key))

    async def _fire(self, order_id: str, course: str) -> None:
        await asyncio.sleep(sim(self._dice.uniform(5, 15)))
        body = {"course": course, "mid": new_id()}
        path = f"/api/v1/orders/{order_id}/fire"
        async with self._http.post(path, json=body, headers=self._staff) as answer:
            assert answer.status == 200, await answer.text()


class Phone:
    """One socket of a party. Mutations that it heard are told to the party."""

    def __init__(self, party: "Party", socket: aiohttp.ClientWebSocketResponse) -> None:
        self._party = party
        self.socket = socket

    async def listen(self) -> None:
        """Until the party leaves."""
        async for frame in self.socket:
            at_s = time.perf_counter()
            self._party.heard(json.loads(frame.data), at_s)


class Party:
    """The people of one table."""

    def __init__(
        self, http: aiohttp.ClientSession, code: str, phones: int, diary: Diary, dice: random.Random
    ) -> None:
        self._http = http
        self._code = code
        self._count = phones
        self._diary = diary
        self._dice = dice
        self._phones: list[Phone] = []
        self._waiting: dict[str, tuple[int, asyncio.Future[dict[str, Any]]]] = {}
        self._lines: dict[int, dict[str, Any]] = {}
        self._headers: dict[str, str] = {}
        self._session_pid = ""

    async def sit_down(self, group: asyncio.TaskGroup) -> None:
        """Everybody scans; the host says the word."""
        for number in range(self._count):
            body = {"table": self._code, "name": f"Guest {number}"}
            async with self._http.post("/session/join", json=body) as answer:
                seat = await answer.json()
            headers = {"Authorization": f"Bearer {seat['ws_token']}"}
            if number == 0:
                self._headers, self._session_pid = headers, seat["session_pid"]
                word = {"session_pid": self._session_pid, "word": "coffee"}
                async with self._http.post("/session/validate_pass", json=word, headers=headers) as answer:
                    assert answer.status == 200
            socket = await self._http.ws_connect(f"/ws/table?sid={self._session_pid}", headers=headers)
            phone = Phone(self, socket)
            self._phones.append(phone)
            group.create_task(phone.listen())

    def heard(self, message: dict[str, Any], at_s: float) -> None:
        """A phone heard of something; the last of them ends the wait."""
        if message["type"] == "error":
            raise RuntimeError(message)
        mid = message.get("mid")
        if message["type"] != "cart_update" or mid not in self._waiting:
            return
        left, future = self._waiting[mid]
        if left > 1:
            self._waiting[mid] = (left - 1, future)
        else:
            del self._waiting[mid]
            future.set_result({**message["item"], "op": message["op"], "at_s": at_s})

    async def dine(self, times: list[float]) -> None:
        """Order at those minutes."""
        begun_s = time.perf_counter()
        for at in times:
            wait_s = sim(at) - (time.perf_counter() - begun_s)
            await asyncio.sleep(max(0.0, wait_s))
            for _ in range(self._dice.randint(3, 8)):
                await self._change_minds()
                await asyncio.sleep(sim(self._dice.uniform(0, 0.5)))
            if not self._lines:
                await self._mutate(self._phones[0], self._wish())
            await self._order()

    async def _change_minds(self) -> None:
        """Something is added, more of it wanted, or taken out again."""
        roll = self._dice.random()
        phone = self._phones[0] if roll >= 0.6 else self._dice.choice(self._phones)
        if roll < 0.6 or not self._lines:
            await self._mutate(phone, self._wish())
            return
        line = self._dice.choice(list(self._lines.values()))
        named = {"id": line["id"], "version": line["version"]}
        if roll < 0.85:
            await self._mutate(phone, {"op": "update", **named, "qty": self._dice.randint(1, 4)})
        else:
            await self._mutate(phone, {"op": "delete", **named})

    def _wish(self) -> dict[str, Any]:
        if self._dice.random() < 0.1:
            choices = [
                {"slot": 1, "menu_item": self._dice.choice((1, 4))},
                {"slot": 2, "menu_item": self._dice.choice((2, 5))},
            ]
            return {"op": "create", "menu_item": 61, "qty": 1, "choices": choices}
        takeaway = self._dice.random() < 0.05
        return {"op": "create", "menu_item": self._dice.randint(1, 60), "qty": 1, "takeaway": takeaway}

    async def _mutate(self, phone: Phone, change: dict[str, Any]) -> None:
        mid = new_id()
        future: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._waiting[mid] = (len(self._phones), future)
        sent_s = time.perf_counter()
        await phone.socket.send_json({"type": "cart_mutate", "mid": mid, **change})
        item = await future
        self._diary.told_s.append(item["at_s"] - sent_s)
        self._lines.pop(item["id"], None)
        if item["op"] != "delete":
            self._lines[item["id"]] = item

    async def _order(self) -> None:
        session = {"session_pid": self._session_pid}
        async with self._http.get("/cart_snapshot", params=session, headers=self._headers) as answer:
            cart_hash = (await answer.json())["cart_hash"]
        sent_s = time.perf_counter()
        body = {**session, "cart_hash": cart_hash, "mid": new_id()}
        async with self._http.post("/orders", json=body, headers=self._headers) as answer:
            at_s = time.perf_counter()
            order = await answer.json()
            assert answer.status == 201, order
        self._lines.clear()
        self._diary.answered(order, at_s, at_s - sent_s)

    async def leave(self) -> None:
        """Everybody puts their phone away."""
        for phone in self._phones:
            await phone.socket.close()


class Kitchen:
    """A station's device: acknowledges each ticket, cooks it and brings it out."""

    def __init__(self, station: str, broker_port: int, diary: Diary, dice: random.Random) -> None:
        self._topic = f"v1/{CONFIG.venue_id}/kds/{station}"
        self._port = broker_port
        self._diary = diary
        self._dice = dice
        self._seen: set[str] = set()

    async def run(self) -> None:
        """Until cancelled."""
        async with (
            aiomqtt.Client("127.0.0.1", self._port, socket_options=[NO_DELAY]) as client,
            asyncio.TaskGroup() as group,
        ):
            await client.subscribe(f"{self._topic}/ticket", qos=1)
            async for message in client.messages:
                at_s = time.perf_counter()
                body = json.loads(bytes(message.payload))
                if body["ticket"] not in self._seen:
                    self._seen.add(body["ticket"])
                    self._diary.came(body["ticket"], at_s)
                    group.create_task(self._cook(client, body))

    async def _cook(self, client: aiomqtt.Client, ticket: dict[str, Any]) -> None:
        for state, minutes in STEPS.items():
            await asyncio.sleep(sim(minutes * self._dice.uniform(0.5, 1.5)))
            ack = {"ticket": ticket["ticket"], "state": state, "mid": new_id()}
            await client.publish(f"{self._topic}/ack", json.dumps(ack), qos=1)
