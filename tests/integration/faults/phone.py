"""A guest's phone as contract.md asks for one: impatient, and never sure that it was heard.

Everything it asks for has a `mid`. What is not answered when the connection ends goes out again on the next
one, word for word. On every connection the snapshot replaces what it knew, and versions decide what is news.
It writes everything it is told into the diary, and fails at once when the box takes something back.
"""

import asyncio
import hashlib
import json
import secrets
import time
from contextlib import suppress
from typing import Any

import aiohttp
import msgspec

from protocol.identity import uuid7
from tests.integration.faults.diary import Diary
from tests.integration.faults.whims import Line, Whims

AWAY = (aiohttp.ClientError, OSError, TimeoutError)
#: Mutations of one phone that wait for an answer at once.
_UNDER_WAY = 3
_AGAIN_AFTER_S = 0.01
_ANSWER_WITHIN_S = 60.0
#: Answers of a sound box to a sound phone; anything else fails the test.
_REFUSALS = {
    "version_conflict",
    "not_authorised",
    "sold_out",
    "cart_changed",
    "cart_empty",
    "order_in_progress",
}
#: Answers about the moment: a patient phone asks again on its next connection.
_LATER = {"storage_failed", "rate_limited"}


class NotNow(aiohttp.ClientError):
    """The box cannot do it at the moment, and has said so."""


def new_mid() -> str:
    """A fresh UUIDv7."""
    return uuid7(time.time_ns() // 1_000_000, secrets.token_bytes(10))


def cart_hash(lines: list[Line]) -> str:
    """As contract.md spells it, with nothing of the product's own code."""
    rows = [{"id": line.id, "qty": line.qty, "version": line.version} for line in lines]
    text = json.dumps(sorted(rows, key=lambda row: row["id"]), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


class Place(msgspec.Struct, frozen=True):
    """A seat at a table."""

    session_pid: str
    member_pid: str
    token: str


class Asked(msgspec.Struct):
    """Asked for and not answered yet. `line` is the id it is about, None for new lines and orders."""

    mid: str
    text: str
    line: int | None = None
    by_socket: bool = True
    again: bool = False


class Phone:
    """One phone. `run` it as a task; `active` off lets it come to rest.

    A `patient` one bears with a box that cannot write its disk; to any other that is an error.
    """

    def __init__(
        self, url: str, table: str, word: str, diary: Diary, seed: str, *, patient: bool = False
    ) -> None:
        self._later = _LATER if patient else frozenset[str]()
        self._url = url
        self.table = table
        self._word = word
        self._diary = diary
        self._whims = Whims(seed)
        self._place: Place | None = None
        self._waiting: dict[str, Asked] = {}
        self._order: Asked | None = None
        self._hungry = False
        self._my_orders: set[str] = set()
        self._my_mids: set[str] = set()
        self._http: aiohttp.ClientSession
        self._socket: aiohttp.ClientWebSocketResponse
        self._synced = False
        self._latest = 0
        self.lines: dict[int, Line] = {}
        self.version = 0
        self.active = True

    @property
    def session_pid(self) -> str:
        """The table session it sits in."""
        assert self._place is not None
        return self._place.session_pid

    @property
    def at_rest(self) -> bool:
        """Connected, and everything it ever asked for is answered."""
        return self._synced and not self._waiting and self._order is None

    def plight(self) -> str:
        """What it waits for, for a test that has lost its patience."""
        order = self._order.text if self._order else "no order"
        waits = f"synced {self._synced}, waits for {list(self._waiting)} and {order}"
        return f"{self.table}: {waits}, version {self.version}, {sorted(self.lines)}"

    async def run(self) -> None:
        """Sit down, then be connected, again and again, for ever."""
        timeout, mid = aiohttp.ClientTimeout(total=_ANSWER_WITHIN_S), new_mid()
        async with aiohttp.ClientSession(self._url, timeout=timeout) as self._http:
            while True:
                with suppress(*AWAY):
                    place = self._place or await self._sit_down(mid)
                    await self._connected(place)
                self._synced = False
                await asyncio.sleep(_AGAIN_AFTER_S)

    # ── sitting down ─────────────────────────────────────────────────────────────────────────────

    async def _sit_down(self, mid: str) -> Place:
        """A repeat with the same mid must be the same seat."""
        seat = await self._post("/session/join", {"table": self.table, "name": "Guest", "mid": mid})
        place = Place(seat["session_pid"], seat["member_pid"], seat["ws_token"])
        self._diary.joined.setdefault(mid, set()).add((place.session_pid, place.member_pid))
        word = {"session_pid": place.session_pid, "word": self._word}
        await self._post("/session/validate_pass", word, place)
        async with self._http.get("/menu") as answer:
            menu = await answer.json()
        asking = {group["id"] for group in menu["modifier_groups"] if group["least"] > 0}
        self._whims.dishes = [
            dish["id"]
            for dish in menu["items"]
            if not asking.intersection(dish["modifier_groups"])
            and not dish.get("slots")
            and not dish.get("hours")
        ]
        self._place = place
        return place

    async def _post(self, path: str, body: dict[str, Any], place: Place | None = None) -> dict[str, Any]:
        async with self._http.post(path, json=body, headers=_headers(place)) as answer:
            reply: dict[str, Any] = await answer.json()
        self._bear_with(reply.get("error", {}))
        assert answer.status == 200, reply
        return reply

    def _bear_with(self, error: dict[str, Any]) -> None:
        """Raises `NotNow`, which ends the connection; what was asked for goes out again on the next."""
        if error.get("code") in self._later:
            raise NotNow(error["code"])

    # ── being connected ──────────────────────────────────────────────────────────────────────────

    async def _connected(self, place: Place) -> None:
        """One connection, until it breaks."""
        path = f"/ws/table?sid={place.session_pid}"
        async with self._http.ws_connect(path, headers=_headers(place)) as self._socket:
            self._latest = 0
            for asked in [*self._waiting.values(), *([self._order] if self._order else [])]:
                asked.again = True
                if asked.by_socket:
                    await self._socket.send_str(asked.text)
            await self._resync(place)
            self._synced = True
            await self._act(place)
            self._diary.move()
            async for frame in self._socket:
                if frame.type is not aiohttp.WSMsgType.TEXT:
                    break
                await self._hear(json.loads(frame.data), place)
                await self._act(place)
                self._diary.move()

    async def _resync(self, place: Place) -> dict[str, Any]:
        """The snapshot replaces everything. A box that knows less than it has told has lost something."""
        path = f"/cart_snapshot?session_pid={place.session_pid}"
        async with self._http.get(path, headers=_headers(place)) as answer:
            body: dict[str, Any] = await answer.json()
        self._bear_with(body.get("error", {}))
        assert answer.status == 200, body
        assert body["cart_version"] >= self.version, "the box has forgotten what it told this phone"
        self._diary.snapshot(place.session_pid, body)
        self.version = body["cart_version"]
        self.lines = {item["id"]: _line(item) for item in body["items"]}
        return body

    async def _hear(self, message: dict[str, Any], place: Place) -> None:
        match message["type"]:
            case "cart_update":
                await self._updated(message, place)
            case "error":
                self._refused(message)
            case "order_confirmed":
                self._diary.orders.add((message["order_id"], message["ticket"]))
                self._recognise(await self._resync(place), place)

    async def _updated(self, message: dict[str, Any], place: Place) -> None:
        """A version that is not newer than ours is ignored (contract.md); a hole asks for a snapshot."""
        mid, line = message["mid"], _line(message["item"])
        heard = self._diary.update(place.session_pid, message, mid in self._my_mids)
        asked = self._waiting.pop(mid, None)
        if asked is not None:
            self._diary.done[mid] = heard
            self._diary.settle(repeated=asked.again)
        if asked is None:
            assert message["cart_version"] > self._latest, "news came after something later"
        self._latest = max(self._latest, message["cart_version"])
        known = self.lines.get(line.id)
        if message["op"] == "delete":
            self.lines.pop(line.id, None)
        elif known is None or known.version < line.version:
            self.lines[line.id] = line
        missed = message["cart_version"] > self.version + 1
        self.version = max(self.version, message["cart_version"])
        if missed:
            await self._resync(place)

    def _refused(self, message: dict[str, Any]) -> None:
        mid = message["mid"]
        self._bear_with(message)
        assert message["code"] in _REFUSALS, message
        asked = self._waiting.pop(mid, None)
        if asked is None:
            asked, self._order = self._order, None
        assert asked is not None, message
        assert asked.mid == mid, message
        self._settle_refusal(asked, message["code"])
        if message["code"] == "version_conflict":
            line = _line(message["item"])
            self.lines.pop(line.id, None)
            if message["item"]["state"] == "pending":
                self.lines[line.id] = line

    def _settle_refusal(self, asked: Asked, code: str) -> None:
        self._diary.refused[asked.mid] = code
        self._diary.settle(repeated=asked.again)

    # ── asking ───────────────────────────────────────────────────────────────────────────────────

    async def _act(self, place: Place) -> None:
        """Ask for the next thing, if there is room for it."""
        if self._order is not None and not self._order.by_socket:
            await self._post_order(self._order, place)
        if self.active and self._order is None and self._hungry and not self._waiting:
            await self._ask_for_order(place)
        while self.active and not self._hungry and len(self._waiting) < _UNDER_WAY:
            await self._mutate(place)
            self._hungry = self._whims.hungry()

    async def _mutate(self, place: Place) -> None:
        busy = {asked.line for asked in self._waiting.values()}
        free = [line for line in self.lines.values() if line.id not in busy]
        own = [line for line in free if line.member == place.member_pid]
        others = [line for line in free if line.member != place.member_pid]
        message = self._whims.mutation(own, others, len(self.lines), self._new_mid())
        asked = Asked(message["mid"], json.dumps(message), message.get("id"))
        self._diary.asked[asked.mid] = message["op"]
        self._waiting[asked.mid] = asked
        await self._socket.send_str(asked.text)

    def _new_mid(self) -> str:
        mid = new_mid()
        self._my_mids.add(mid)
        return mid

    async def _ask_for_order(self, place: Place) -> None:
        """Over either way in."""
        self._hungry = False
        mid, seen = self._new_mid(), cart_hash(list(self.lines.values()))
        if self._whims.by_socket():
            body = {"type": "place_order", "mid": mid}
            if self._whims.looks_first():
                body["cart_hash"] = seen
            self._order = Asked(mid, json.dumps(body))
            self._diary.asked[mid] = "order"
            await self._socket.send_str(self._order.text)
            return
        body = {"session_pid": place.session_pid, "cart_hash": seen}
        if self._whims.names_its_order():
            body["mid"] = mid
        self._diary.asked[mid] = "order" if "mid" in body else "nameless order"
        self._order = Asked(mid, json.dumps(body), by_socket=False)
        await self._post_order(self._order, place)

    async def _post_order(self, asked: Asked, place: Place) -> None:
        headers = {**_headers(place), "Content-Type": "application/json"}
        async with self._http.post("/orders", data=asked.text, headers=headers) as answer:
            reply = await answer.json()
        self._bear_with(reply.get("error", {}))
        self._order = None
        if answer.status == 201:
            self._got_order(asked, reply["order_id"], reply["ticket"])
            await self._resync(place)
        else:
            assert reply["error"]["code"] in _REFUSALS, reply
            self._settle_refusal(asked, reply["error"]["code"])

    def _recognise(self, snapshot: dict[str, Any], place: Place) -> None:
        """Find what was asked for over the socket: an order of this phone that it did not know of."""
        asked = self._order
        if asked is None or not asked.by_socket:
            return
        own = [order for order in snapshot["orders"] if order["member"] == place.member_pid]
        for order in own:
            if order["order_id"] not in self._my_orders:
                self._order = None
                self._got_order(asked, order["order_id"], order["ticket"])

    def _got_order(self, asked: Asked, order_id: str, ticket: str) -> None:
        self._my_orders.add(order_id)
        self._diary.ordered.setdefault(asked.mid, set()).add((order_id, ticket))
        self._diary.orders.add((order_id, ticket))
        self._diary.settle(repeated=asked.again)


def _headers(place: Place | None) -> dict[str, str]:
    return {"Authorization": f"Bearer {place.token}"} if place else {}


def _line(item: dict[str, Any]) -> Line:
    return Line(item["id"], item["version"], item["qty"], item["member"])
