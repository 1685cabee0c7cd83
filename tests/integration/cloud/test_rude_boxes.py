"""Boxes that are not who they say, not what they were, or not making sense: named answers, no harm."""

import json
from uuid import uuid4

import aiohttp
import asyncpg
import msgspec
import pytest
import zstandard
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cloud.app import Serving
from cloud.ingest.ending import Ending
from cloud.store.postgres import PostgresBooks
from protocol import link
from protocol.facts import fold, order, table
from protocol.facts.fact import Fact
from protocol.link_machine import Acknowledged, Greet
from tests.fake_box import FakeBox, Gone
from tests.integration.cloud.agreement import assert_agrees

ANY_ID = str(uuid4())


@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        ({"venue_id": ANY_ID}, "unknown"),
        ({"node_id": ANY_ID}, "unknown"),
        ({"venue_id": "7 or 1=1", "node_id": ""}, "unknown"),
        ({"epoch": 2}, "fenced"),
        ({"epoch": 0}, "fenced"),
        ({"log_id": ANY_ID}, "fenced"),
        ({"protocols": (3, 9)}, "upgrade"),
        ({"protocols": (0, 0)}, "upgrade"),
        ({"acked_seq": 5, "tail_seq": 10}, "resend"),
        ({}, "ok"),
    ],
)
async def test_verdicts(
    cloud: Serving, box: FakeBox, http: aiohttp.ClientSession, change: dict[str, object], verdict: str
) -> None:
    async with box.connect(http, cloud.url) as wire:
        welcome = await wire.hello(change)
        assert welcome.verdict == verdict
        assert bool(welcome.message) == (verdict != "ok")
        if verdict in ("ok", "resend"):
            box.day.serve(1)
            await wire.catch_up()
        else:
            with pytest.raises(Gone) as gone:
                await wire.event()
            assert gone.value.code == Ending.TURNED_AWAY


@pytest.mark.parametrize(
    "change", [{"tail_seq": 2**63}, {"acked_seq": -1}, {"epoch": 2**64 - 1}, {"down_cursors": {"menu": -1}}]
)
async def test_numbers_that_no_database_holds_are_a_violation(
    cloud: Serving, box: FakeBox, http: aiohttp.ClientSession, change: dict[str, object]
) -> None:
    async with box.connect(http, cloud.url) as wire:
        with pytest.raises(Gone) as gone:
            await wire.hello(change)
    assert gone.value.code == Ending.VIOLATION


@pytest.mark.parametrize(
    "message", [link.Status(2**63, True), link.DownAck("menu", 2**64 - 1), link.Up(2**63, (b"x",), b"")]
)
async def test_so_they_are_later(
    cloud: Serving, box: FakeBox, http: aiohttp.ClientSession, message: link.ToCloud
) -> None:
    async with box.online(http, cloud.url) as wire:
        await wire.send(message)
        with pytest.raises(Gone) as gone:
            await wire.next(Acknowledged)
    assert gone.value.code == Ending.VIOLATION
    async with http.get(f"{cloud.url}/healthz") as response:
        assert response.status == 200


async def test_orders_with_odd_names_are_taken_in_and_told_to_nobody(
    cloud: Serving, box: FakeBox, http: aiohttp.ClientSession, sql: asyncpg.Connection
) -> None:
    for name in ("with blanks in it", "x" * 20_000, "Brötchen"):
        placed = order.OrderPlaced(name, 1, "S", "T", "m", "h", (), 1, "EUR")
        box.day.happen(f"order:{name[:20]}", placed)
    await box.persist(http, cloud.url)
    box.day.serve(1)
    await box.persist(http, cloud.url)
    assert await sql.fetchval("SELECT count(*) FROM facts") == box.day.tail_seq


async def test_another_key_is_unknown(cloud: Serving, box: FakeBox, http: aiohttp.ClientSession) -> None:
    box.key = Ed25519PrivateKey.generate()
    async with box.connect(http, cloud.url) as wire:
        assert (await wire.hello()).verdict == "unknown"


async def test_a_greeting_for_another_challenge_is_a_violation(
    cloud: Serving, box: FakeBox, http: aiohttp.ClientSession
) -> None:
    async with box.connect(http, cloud.url) as wire:
        await wire.next(Greet)
        raw = msgspec.msgpack.encode(box.greeting(b"old nonce"))
        await wire.send(link.Hello(raw, box.key.sign(raw)))
        with pytest.raises(Gone) as gone:
            await wire.event()
    assert gone.value.code == Ending.VIOLATION


async def test_a_box_with_another_journal_is_told(
    cloud: Serving, box: FakeBox, http: aiohttp.ClientSession
) -> None:
    box.day.serve(1)
    async with box.online(http, cloud.url) as wire:
        await wire.catch_up()
    for seq in (5, box.acked_seq):
        async with box.connect(http, cloud.url) as wire:
            other = await wire.hello({"acked_seq": seq, "acked_hash": b"x" * 32})
            assert other.verdict == "resnapshot"


async def test_a_box_that_lost_facts_is_told(
    cloud: Serving, box: FakeBox, http: aiohttp.ClientSession, sql: asyncpg.Connection
) -> None:
    box.day.serve(1)
    async with box.online(http, cloud.url) as wire:
        await wire.catch_up()
    async with box.connect(http, cloud.url) as wire:
        lost = {"tail_seq": 3, "acked_seq": 3, "acked_hash": box.day.hashes[3]}
        assert (await wire.hello(lost)).verdict == "resnapshot"
    assert "lost facts" in await sql.fetchval("SELECT trouble FROM nodes")


async def test_why_a_box_was_turned_away_outlasts_its_former_connection(
    cloud: Serving, box: FakeBox, sql: asyncpg.Connection
) -> None:
    """A box may knock again before the cloud has put its former connection away."""
    books, name, who = PostgresBooks(cloud.pool), str(uuid4()), (box.venue_id, box.node_id)
    trouble = "SELECT trouble FROM nodes"
    async with books.transaction() as page:
        node = await page.find(*who)
        assert node is not None
        await page.take(node, name, 0, True, box.life)
    async with books.transaction() as page:
        await page.turned_away(node, "The box has lost facts.")
    async with books.glance() as page:
        await page.left(*who, name, None)
    assert await sql.fetchval(trouble) == "The box has lost facts."
    async with books.transaction() as page:
        await page.take(node, name, 0, True, box.life)
    assert await sql.fetchval(trouble) is None


async def test_a_box_that_another_one_replaced_is_fenced(
    cloud: Serving, box: FakeBox, http: aiohttp.ClientSession, sql: asyncpg.Connection
) -> None:
    box.day.serve(2)
    async with box.online(http, cloud.url) as wire:
        await wire.push(10)
        await wire.next(Acknowledged)
        await sql.execute("UPDATE venues SET epoch = epoch + 1")
        await wire.push(10)
        with pytest.raises(Gone) as gone:
            await wire.next(Acknowledged)
    assert gone.value.code == Ending.SUPERSEDED
    async with box.connect(http, cloud.url) as wire:
        assert (await wire.hello()).verdict == "fenced"
    assert await sql.fetchval("SELECT count(*) FROM facts") == 10


async def test_frames_that_make_no_sense_end_the_connection_and_nothing_else(
    cloud: Serving, box: FakeBox, http: aiohttp.ClientSession, sql: asyncpg.Connection
) -> None:
    bomb = link.ZSTD + zstandard.ZstdCompressor().compress(bytes(link.MOST_FRAME_BYTES + 1))
    odd = [
        b"",
        b"\x00",
        b"\x02abc",
        link.ZSTD + b"not zstd",
        link.PLAIN + b"\xc1",
        bomb,
        link.PLAIN + b"\x80",
        link.PLAIN + link.encode(link.DownAck("menu", 1)).replace(b"menu", b"men\xff"),
    ]
    for frame in odd:
        async with box.online(http, cloud.url) as wire:
            await wire.socket.send_bytes(frame)
            with pytest.raises(Gone) as gone:
                await wire.next(Acknowledged)
            assert gone.value.code == Ending.VIOLATION, frame
    async with box.online(http, cloud.url) as wire:
        await wire.socket.send_str("hello")
        with pytest.raises(Gone):
            await wire.next(Acknowledged)
    box.day.serve(1)
    async with box.online(http, cloud.url) as wire:
        await wire.catch_up()
    await assert_agrees(sql, box)


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(frames=st.lists(st.binary(max_size=200), min_size=1, max_size=3))
async def test_any_bytes_at_all_leave_the_cloud_as_it_was(
    cloud: Serving, http: aiohttp.ClientSession, sql: asyncpg.Connection, frames: list[bytes]
) -> None:
    async with http.ws_connect(f"{cloud.url}/link") as socket:
        for frame in frames:
            await socket.send_bytes(frame)
        while (await socket.receive(timeout=60)).type is aiohttp.WSMsgType.BINARY:
            pass
        assert socket.close_code == Ending.VIOLATION
    assert await sql.fetchval("SELECT count(*) FROM facts") == 0


def _record(seq: int, aggregate: str, version: int, event: dict[str, object]) -> bytes:
    fact = {"seq": seq, "aggregate": aggregate, "version": version, "event": event}
    return json.dumps({**fact, "boot": "b", "mono_ns": 1, "wall_ms": 1}).encode()


OPENED: dict[str, object] = {"type": "TableOpened", "session_pid": "S1", "table_code": "C", "table_name": "T"}

#: What could stop a queue for ever, each with the aggregate that has to be set aside for it.
POISON = [
    (b'{"seq": -1, "aggregate": "cart:\xff", "version": 1}', "unreadable:{seq}"),
    (b"not json at all", "unreadable:{seq}"),
    (b"\xff\xfe\x00", "unreadable:{seq}"),
    (b"{}", "unreadable:{seq}"),
    (_record(0, "table:S1", 1, OPENED), "table:S1"),
    (_record(-1, "table:S1", 1, {"type": "FromTheFuture", "x": 1}), "table:S1"),
    (_record(-1, "table:S1", 1, {"type": "nul \0 byte"}), "table:S1"),
    (_record(-1, "table:S1", 1, {"type": "TableOpened"}), "table:S1"),
    (_record(-1, "order:S1", 1, OPENED), "order:S1"),
    (_record(-1, "table:S1", 2, OPENED), "table:S1"),
    (_record(-1, "table:S1", 2**70, OPENED), "unreadable:{seq}"),
    (_record(-1, "table:\0", 1, OPENED), "unreadable:{seq}"),
    (_record(-1, "table:" + "x" * 5000, 1, OPENED), "unreadable:{seq}"),
    (_record(-1, "table:S1", 1, {**OPENED, "table_name": "nul \0 byte"}), "table:S1"),
    (_record(-1, "stock:5", 1, {"type": "StockCounted", "menu_item": 2**80, "qty": 1}), "stock:5"),
    (_record(-1, "table:S1", 1, {"type": "TableClosed", "reason": "never opened"}), "table:S1"),
    (
        _record(
            -1,
            "cart:S1",
            1,
            {
                "type": "ItemAdded",
                "item": {
                    "id": 7,
                    "menu_item": 1,
                    "name": "x",
                    "qty": 1,
                    "member": "m",
                    "price_minor": 1,
                    "menu_version": 1,
                    "state": "no such state",
                },
            },
        ),
        "cart:S1",
    ),
]


@pytest.mark.parametrize(("record", "aggregate"), POISON, ids=range(len(POISON)))
async def test_a_poisoned_fact_is_kept_and_set_aside_and_all_else_flows(
    cloud: Serving,
    box: FakeBox,
    http: aiohttp.ClientSession,
    sql: asyncpg.Connection,
    record: bytes,
    aggregate: str,
) -> None:
    box.day.serve(2)
    seq = box.day.tail_seq + 1
    record = record.replace(b'"seq": -1', b'"seq": %d' % seq)
    box.day.append(record)
    box.day.serve(2)
    await box.persist(http, cloud.url)
    await assert_agrees(sql, box)
    rows = await sql.fetch("SELECT aggregate, seq, reason FROM quarantine")
    assert [(row["aggregate"], row["seq"]) for row in rows] == [(aggregate.format(seq=seq), seq)]
    assert rows[0]["reason"]
    assert [row["seq"] for row in await sql.fetch("SELECT seq FROM facts WHERE set_aside")] == [seq]


async def test_later_facts_of_an_aggregate_that_is_set_aside_are_kept_but_not_folded(
    cloud: Serving, box: FakeBox, http: aiohttp.ClientSession, sql: asyncpg.Connection
) -> None:
    """Also over a new connection, which has to learn from Postgres what is set aside."""
    box.day.happen("table:S1", table.TableOpened("S1", "C", "T1"))
    box.day.append(_record(2, "table:S1", 2, {"type": "FromTheFuture"}))
    async with box.online(http, cloud.url) as wire:
        await wire.catch_up()
    box.day.append(fold.encode_record(Fact(3, "table:S1", 3, table.TableClosed("left"), "b", 1, 1)))
    box.day.serve(1)
    async with box.online(http, cloud.url) as wire:
        await wire.catch_up()
    await assert_agrees(sql, box)
    assert [row["seq"] for row in await sql.fetch("SELECT seq FROM facts WHERE set_aside ORDER BY seq")] == [
        2,
        3,
    ]
    assert await sql.fetchval("SELECT status FROM table_sessions WHERE session_pid = 'S1'") == "open"


async def test_a_version_that_comes_again_in_a_later_run_is_set_aside(
    cloud: Serving, box: FakeBox, http: aiohttp.ClientSession, sql: asyncpg.Connection
) -> None:
    """The cold ledger of a new connection does not know the first one; Postgres does."""
    first = box.day.happen("table:S1", table.TableOpened("S1", "C", "T1"))
    box.day.serve(1)
    async with box.online(http, cloud.url) as wire:
        await wire.catch_up()
    again = msgspec.structs.replace(first, seq=box.day.tail_seq + 1)
    box.day.append(fold.encode_record(again))
    box.day.serve(2)
    await box.persist(http, cloud.url)
    await assert_agrees(sql, box)
    assert await sql.fetchval("SELECT aggregate FROM quarantine") == "table:S1"


async def test_a_row_that_no_state_leads_to_is_set_aside_by_the_database(
    cloud: Serving, box: FakeBox, http: aiohttp.ClientSession, sql: asyncpg.Connection
) -> None:
    """Two aggregates that write the same row: the fold of each is fine, the table's guard is not."""
    box.day.serve(1)
    async with box.online(http, cloud.url) as wire:
        await wire.catch_up()
    old = next(iter(box.day.tables["orders"].values()))
    placed = order.OrderPlaced(str(old[0]), 1, "S", "T", "m", "h", (), 1, "EUR")
    box.day.append(fold.encode_record(Fact(box.day.tail_seq + 1, "order:copy", 1, placed, "b", 1, 1)))
    box.day.serve(1)
    await box.persist(http, cloud.url)
    await assert_agrees(sql, box)
    row = await sql.fetchrow("SELECT aggregate, reason FROM quarantine")
    assert row["aggregate"] == "order:copy"
    assert "cannot" in row["reason"]
