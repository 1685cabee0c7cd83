"""The far end repeats itself, is late, or lies: nothing counts twice, nothing impossible is believed."""

import random
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import asyncpg
import msgspec
import pytest
import zstandard

from cloud.owners.samples import sample
from cloud.owners.venues import founding
from cloud.store.link import streams
from cloud.store.pool import open_pool
from protocol import link
from tests.integration.faults.chain import Parts, chain
from tests.integration.faults.liar import Liar, Lies, frame_of

pytestmark = pytest.mark.xdist_group("faults")


class Stammer(Lies):
    """Everything that moves a cursor is said twice, with something old in between."""

    def __init__(self) -> None:
        self._dice = random.Random(7)
        self._acks: list[bytes] = []
        self._runs: list[bytes] = []
        self.said_again = 0

    def to_box(self, message: link.ToEdge, frame: bytes) -> Iterable[bytes]:
        match message:
            case link.UpAck():
                return self._again(self._acks, frame)
            case link.Down():
                return [frame, frame]
        return [frame]

    def to_cloud(self, message: link.ToCloud, frame: bytes) -> Iterable[bytes]:
        if isinstance(message, link.Hello):
            self._acks, self._runs = [], []  # of another connection, whose credit is spent
        return self._again(self._runs, frame) if isinstance(message, link.Up) else [frame]

    def _again(self, told: list[bytes], frame: bytes) -> Iterable[bytes]:
        told.append(frame)
        self.said_again += 1
        return [frame, self._dice.choice(told), frame]


Lie = Callable[[link.ToEdge], bytes | None]


class Once(Lies):
    """Tells each lie once, in turn, in place of something that the cloud says; one a conversation."""

    def __init__(self, lies: list[Lie]) -> None:
        self.left = lies
        self._has_lied = False

    def to_box(self, message: link.ToEdge, frame: bytes) -> Iterable[bytes]:
        if isinstance(message, link.Challenge):
            self._has_lied = False
        lie = self.left[0](message) if self.left and not self._has_lied else None
        if lie is None:
            return [frame]
        self._has_lied = True
        del self.left[0]
        return [lie]


class BreaksOff(Lies):
    """Each conversation ends in noise right after the welcome, while the box begins to read its journal."""

    def __init__(self, times: int) -> None:
        self.left = times

    def to_box(self, message: link.ToEdge, frame: bytes) -> Iterable[bytes]:
        if not isinstance(message, link.Welcome) or self.left == 0:
            return [frame]
        self.left -= 1
        return [frame, b"noise"]


def _acked(**change: object) -> Lie:
    def lie(message: link.ToEdge) -> bytes | None:
        if not isinstance(message, link.UpAck):
            return None
        return frame_of(msgspec.structs.replace(message, **change))

    return lie


def _far_ahead(message: link.ToEdge) -> bytes | None:
    if not isinstance(message, link.UpAck):
        return None
    return frame_of(msgspec.structs.replace(message, durable_seq=message.durable_seq + 10**6))


def _welcomed(**change: object) -> Lie:
    def lie(message: link.ToEdge) -> bytes | None:
        if not isinstance(message, link.Welcome):
            return None
        return frame_of(msgspec.structs.replace(message, **change))

    return lie


def _instead_of_an_ack(frame: bytes) -> Lie:
    return lambda message: frame if isinstance(message, link.UpAck) else None


_BOMB = link.ZSTD + zstandard.ZstdCompressor().compress(bytes(2 * link.MOST_FRAME_BYTES))
_LIES: dict[str, Lie] = {
    "an ack of what was never sent": _far_ahead,
    "a welcome for another journal": _welcomed(durable_hash=bytes(32)),
    "an ack of another journal": _acked(durable_hash=bytes(32)),
    "a welcome for more than there is": _welcomed(durable_seq=10**9),
    "a second challenge": _instead_of_an_ack(frame_of(link.Challenge(bytes(32)))),
    "a verdict that it is another box's venue": _welcomed(verdict="fenced"),
    "a resend of what was never sent": _instead_of_an_ack(frame_of(link.Resend(10**9))),
    "a verdict that nobody knows": _welcomed(verdict="perhaps"),
    "an empty frame": _instead_of_an_ack(b""),
    "noise": _instead_of_an_ack(bytes(range(256))),
    "half a message": _instead_of_an_ack(frame_of(link.UpAck(1, bytes(32), 1))[:-5]),
    "a frame that unpacks to far too much": _instead_of_an_ack(_BOMB),
}


@asynccontextmanager
async def _lied_to(scratch: Path, url: str, lies: Lies) -> AsyncIterator[tuple[Parts, Liar]]:
    """A venue whose box takes a liar for the cloud."""
    async with chain(scratch, url) as parts, Liar(parts.cloud.url, lies).serving() as liar:
        parts.wire.cut()
        parts.wire.target_port = int(liar.url.rpartition(":")[2])
        parts.wire.heal()
        yield parts, liar


async def test_what_is_said_twice_or_late_counts_once(tmp_path: Path, database: str) -> None:
    lies = Stammer()
    async with _lied_to(tmp_path, database, lies) as (parts, _):
        await parts.until(lambda _status: lies.said_again > 20)
        parts.wire.cut()
        await parts.crowd.more(1200)
        parts.wire.heal()
        await parts.more_facts(1200)
        await parts.rest(beyond=1500)


async def test_what_cannot_be_true_ends_the_conversation_and_nothing_else(
    tmp_path: Path, database: str
) -> None:
    lies = Once(list(_LIES.values()))
    async with _lied_to(tmp_path, database, lies) as (parts, liar):
        await parts.until(lambda _status: not lies.left)
        await parts.more_facts(100)
        await parts.rest(beyond=100)
    assert liar.meetings > len(_LIES), "some lie was believed, or ended nothing"


async def test_a_conversation_may_break_off_while_the_journal_is_read(tmp_path: Path, database: str) -> None:
    lies = BreaksOff(times=12)
    async with _lied_to(tmp_path, database, lies) as (parts, _):
        parts.wire.cut()
        await parts.crowd.more(1000)
        parts.wire.heal()
        await parts.until(lambda _status: lies.left == 0)
        await parts.more_facts(100)
        await parts.rest(beyond=500)


async def test_what_makes_no_sense_holds_up_nothing(tmp_path: Path, database: str) -> None:
    """A menu and a stream from some future release: facts flow, and the next menu that is one is adopted."""
    async with chain(tmp_path, database) as parts:
        async with aiohttp.ClientSession(parts.box.url) as http, open_pool(database, 1) as pool:
            await _publish(pool, parts.venue.venue_id, b'{"dishes_of_the_future":[]}')
            await parts.until(lambda status: "makes no sense" in status["link_message"])
            await parts.more_facts(100)
            parts.wire.cut()
            parts.wire.heal()
            await parts.more_facts(100)
            version = await founding.import_menu(pool, parts.venue.venue_id, sample("menu.csv"), "test")
            await parts.until(lambda status: "makes no sense" not in status["link_message"])
            async with http.get("/menu") as answer:
                assert (await answer.json())["menu_version"] == version == 3
        await parts.rest("is passed over", beyond=200)


async def _publish(pool: asyncpg.Pool, venue_id: str, menu: bytes) -> None:
    async with pool.acquire() as connection, connection.transaction():
        seq = await streams.next_seq(connection, venue_id, "menu")
        await streams.publish(connection, venue_id, "menu", seq, menu)
