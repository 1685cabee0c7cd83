"""Many boxes in one process, for the measure of the cloud: they come back all at once, then work on.

Run as `python -m tests.bench.herd` with a `Plan` as JSON on stdin; says `ready` when the journals are made,
begins at the next line, and answers with a `Result`. Each box is the real `EdgeEnd` on a real journal.
"""

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress

import aiohttp
import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge.adapters.cloud.link.dialling import FIRST_BACKOFF_S, next_backoff_s, put_off_s, wait_s
from protocol.link_patience import ACKED_WITHIN_S, SILENCE_S
from tests.fake_box import FakeBox, Gone, Wire


class Place(msgspec.Struct, frozen=True):
    """One venue's box."""

    venue_id: str
    node_id: str
    log_id: str
    key: bytes


class Plan(msgspec.Struct, frozen=True):
    """`visits` of a table wait in each journal; then every box works for `live_s` seconds."""

    urls: list[str]
    places: list[Place]
    visits: int
    live_s: float


class Result(msgspec.Struct, frozen=True):
    """`drained_s` for each box from the start to its last acknowledgement; live facts in `live_s` seconds."""

    drained_s: list[float]
    reconnects: int
    put_off: int
    facts: int
    live_facts: int
    live_s: float


def _box(number: int, place: Place, visits: int) -> FakeBox:
    box = FakeBox(number)
    box.key = Ed25519PrivateKey.from_private_bytes(place.key)
    box.venue_id, box.node_id, box.log_id = place.venue_id, place.node_id, place.log_id
    box.day = type(box.day)(place.log_id, seed=number)
    box.day.serve(visits)
    return box


class _Herd:
    def __init__(self, plan: Plan, boxes: list[FakeBox]) -> None:
        self._plan = plan
        self._boxes = boxes
        self.reconnects = 0
        self.put_off = 0

    async def come_back(self, http: aiohttp.ClientSession) -> list[float]:
        """All at once; seconds until each is drained."""
        started_s = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._drain(http, n, box)) for n, box in enumerate(self._boxes)]
        return [task.result() - started_s for task in tasks]

    async def _drain(self, http: aiohttp.ClientSession, number: int, box: FakeBox) -> float:
        """Seconds at which everything is acknowledged."""
        await self._persist(http, number, box, Wire.catch_up)
        return time.perf_counter()

    async def _persist(
        self, http: aiohttp.ClientSession, number: int, box: FakeBox, work: Callable[[Wire], Awaitable[None]]
    ) -> None:
        """Connect with the edge's own patience and back-off until the work is done."""
        backoff_s = FIRST_BACKOFF_S
        while True:
            asked_s, live_s = 0.0, None
            box.patience_s = SILENCE_S
            try:
                async with box.online(http, self._plan.urls[number % len(self._plan.urls)]) as wire:
                    live_s, box.patience_s = time.perf_counter(), ACKED_WITHIN_S
                    await work(wire)
                return
            except aiohttp.WSServerHandshakeError as error:
                asked_s = put_off_s(error.status, error.headers)
                self.put_off += 1
            except (Gone, aiohttp.ClientError, OSError, TimeoutError):
                self.reconnects += 1
            backoff_s = next_backoff_s(backoff_s, None if live_s is None else time.perf_counter() - live_s)
            await asyncio.sleep(wait_s(backoff_s, asked_s))

    async def work(self, http: aiohttp.ClientSession) -> int:
        """Visits, one after the other at every box; facts acknowledged within the time."""
        before = sum(box.acked_seq for box in self._boxes)
        with suppress(TimeoutError):
            async with asyncio.timeout(self._plan.live_s), asyncio.TaskGroup() as group:
                for number, box in enumerate(self._boxes):
                    group.create_task(self._persist(http, number, box, _serve))
        return sum(box.acked_seq for box in self._boxes) - before


async def _serve(wire: Wire) -> None:
    while True:
        wire.box.day.serve(1)
        await wire.catch_up()


async def main() -> None:
    """See the module."""
    plan = msgspec.json.decode(sys.stdin.buffer.readline(), type=Plan)
    boxes = [_box(number, place, plan.visits) for number, place in enumerate(plan.places)]
    print("ready", flush=True)
    sys.stdin.buffer.readline()
    herd = _Herd(plan, boxes)
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as http:
        drained_s = await herd.come_back(http)
        facts = sum(box.acked_seq for box in boxes)
        live = await herd.work(http)
    result = Result(drained_s, herd.reconnects, herd.put_off, facts, live, plan.live_s)
    sys.stdout.buffer.write(msgspec.json.encode(result) + b"\n")


if __name__ == "__main__":
    asyncio.run(main())
