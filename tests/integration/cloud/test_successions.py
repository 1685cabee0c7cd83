"""One box takes another's place: epochs by compare-and-set, fences, orphans, and what a new box is given."""

import asyncio
from typing import Any

import aiohttp
import asyncpg
import msgspec
import pytest
import zstandard

from cloud.app import Serving, serving
from cloud.owners.venues.founding import NewVenue
from cloud.store.reading import dashboard
from protocol import link, snapshot
from protocol.facts.fact import renewed
from protocol.facts.fold import decode_record
from protocol.link_machine import Acknowledged, Greet
from tests.fake_box import FakeBox, Gone
from tests.integration.cloud.agreement import assert_agrees, tables_of
from tests.integration.cloud.conftest import CONFIG, OWNER, PASSWORD
from tests.integration.faults.wire import Wire as Line


async def _owner(http: aiohttp.ClientSession, url: str) -> dict[str, str]:
    async with http.post(f"{url}/api/login", json={"email": OWNER, "password": PASSWORD}) as response:
        return {"X-CSRF-Token": (await response.json())["csrf"]}


async def replacement_code(http: aiohttp.ClientSession, url: str, venue_id: str, epoch: int = 1) -> str:
    """What the owner's button gives."""
    headers = await _owner(http, url)
    address = f"{url}/api/venues/{venue_id}/replace"
    async with http.post(address, json={"epoch": epoch}, headers=headers) as response:
        assert response.status == 200, await response.text()
        code: str = (await response.json())["code"]
        return code


async def manifest_of(
    http: aiohttp.ClientSession, url: str, code: str, box: FakeBox
) -> tuple[int, dict[str, Any]]:
    """Ask what there is to download."""
    body = {"code": code, "node_id": box.node_id}
    async with http.post(f"{url}/api/edge/snapshot", json=body) as response:
        return response.status, await response.json()


async def test_a_new_box_goes_on_after_the_old_one(
    cloud: Serving, box: FakeBox, http: aiohttp.ClientSession, sql: asyncpg.Connection
) -> None:
    box.day.serve(5)
    await box.persist(http, cloud.url)
    code = await replacement_code(http, cloud.url, box.venue_id)
    heir = FakeBox()
    status, claimed = await heir.claim(http, cloud.url, code)
    assert (status, claimed["epoch"], claimed["base_seq"]) == (200, 2, box.day.tail_seq)
    row = await sql.fetchrow("SELECT * FROM nodes WHERE epoch = 2")
    assert row["durable_seq"] == row["base_seq"] == box.day.tail_seq
    assert row["durable_hash"] == renewed(box.day.hashes[-1], heir.log_id)
    again = await heir.claim(http, cloud.url, code)
    assert again == (200, claimed), "a lost answer may be asked for again"


async def test_of_two_boxes_that_claim_one_place_only_one_gets_it(
    cloud: Serving, box: FakeBox, http: aiohttp.ClientSession
) -> None:
    first = await replacement_code(http, cloud.url, box.venue_id)
    second = await replacement_code(http, cloud.url, box.venue_id)
    assert (await FakeBox().claim(http, cloud.url, first))[0] == 404, "a newer code voids the one before"
    assert (await FakeBox().claim(http, cloud.url, second))[0] == 200
    headers = await _owner(http, cloud.url)
    address = f"{cloud.url}/api/venues/{box.venue_id}/replace"
    async with http.post(address, json={"epoch": 1}, headers=headers) as response:
        assert (response.status, (await response.json())["error"]["code"]) == (409, "epoch_moved")


async def test_a_code_is_void_once_the_place_was_taken(
    cloud: Serving, box: FakeBox, http: aiohttp.ClientSession, sql: asyncpg.Connection
) -> None:
    code = await replacement_code(http, cloud.url, box.venue_id)
    await sql.execute("UPDATE venues SET epoch = 7")
    status, answer = await FakeBox().claim(http, cloud.url, code)
    assert (status, answer["error"]["code"]) == (409, "claim_stale")


async def test_a_box_with_a_journal_of_its_own_takes_no_place_over(
    cloud: Serving, box: FakeBox, http: aiohttp.ClientSession
) -> None:
    box.day.serve(1)
    await box.persist(http, cloud.url)
    code = await replacement_code(http, cloud.url, box.venue_id)
    heir = FakeBox()
    heir.day.serve(1)
    status, answer = await heir.claim(http, cloud.url, code)
    assert (status, answer["error"]["code"]) == (409, "claim_not_empty")
    assert (await FakeBox().claim(http, cloud.url, code))[0] == 200, "the refusal used nothing up"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"epoch": "1"}, 400, "invalid"),
        ({}, 400, "invalid"),
        ({"epoch": 9}, 409, "epoch_moved"),
    ],
)
async def test_replace_refuses_nonsense(
    cloud: Serving, box: FakeBox, http: aiohttp.ClientSession, body: dict[str, Any], status: int, code: str
) -> None:
    headers = await _owner(http, cloud.url)
    address = f"{cloud.url}/api/venues/{box.venue_id}/replace"
    async with http.post(address, json=body, headers=headers) as response:
        assert (response.status, (await response.json())["error"]["code"]) == (status, code)
    async with http.post(address, json={"epoch": 1}) as response:
        assert (response.status, (await response.json())["error"]["code"]) == (403, "csrf_failed")


async def _fetch(http: aiohttp.ClientSession, url: str, token: str, manifest: dict[str, Any]) -> list[bytes]:
    """All records of a snapshot, in order, each chunk checked against its name."""
    records: list[bytes] = []
    for place, chunk in enumerate(manifest["chunks"]):
        address = f"{url}/api/edge/snapshot/{place}"
        async with http.get(address, headers={"Authorization": f"Bearer {token}"}) as response:
            assert response.status == 200
            body = await response.read()
        assert snapshot.name_of(body) == chunk["sha256"]
        plain = zstandard.ZstdDecompressor().decompress(body, max_output_size=snapshot.MOST_CHUNK_BYTES)
        records += [fact.record for fact in snapshot.chunk_decoder.decode(plain)]
    return records


async def test_a_snapshot_is_the_same_from_every_process_and_only_for_its_box(
    cloud: Serving, database: str, box: FakeBox, http: aiohttp.ClientSession, sql: asyncpg.Connection
) -> None:
    box.day.serve(6)
    await box.persist(http, cloud.url)
    code = await replacement_code(http, cloud.url, box.venue_id)
    heir = FakeBox()
    assert (await manifest_of(http, cloud.url, code, heir))[0] == 404, "not claimed yet"
    await heir.claim(http, cloud.url, code)
    status, manifest = await manifest_of(http, cloud.url, code, heir)
    assert status == 200
    assert manifest["numbers"]["order_number"] == 6
    async with serving(CONFIG, database) as second:
        assert await manifest_of(http, second.url, code, heir) == (200, manifest)
        records = await _fetch(http, second.url, f"{code}.{heir.node_id}", manifest)
    whole = [record for record in box.day.records if not decode_record(record).aggregate.startswith("stock:")]
    assert [record for record in records if b'"aggregate":"stock:' not in record] == whole
    assert len(manifest["levels"]) == len(records) - len(whole), "stock is a level and its newest fact"
    assert (await manifest_of(http, cloud.url, code, FakeBox()))[0] == 404
    async with http.get(f"{cloud.url}/api/edge/snapshot/0") as response:
        assert response.status == 404
    bearer = {"Authorization": f"Bearer {code}.{heir.node_id}"}
    for place in ("99", "-1", "x", str(10**30)):
        address = f"{cloud.url}/api/edge/snapshot/{place}"
        async with http.get(address, headers=bearer) as response:
            assert response.status == 404, place


async def test_a_replaced_box_sends_only_what_nobody_has_and_changes_nothing(
    cloud: Serving, box: FakeBox, http: aiohttp.ClientSession, sql: asyncpg.Connection
) -> None:
    box.day.serve(3)
    await box.persist(http, cloud.url)
    synced = box.day.tail_seq
    code = await replacement_code(http, cloud.url, box.venue_id)
    assert (await FakeBox().claim(http, cloud.url, code))[0] == 200
    before = await tables_of(sql, box.venue_id)
    box.day.serve(4)
    async with box.online(http, cloud.url) as wire:
        assert wire.welcome is not None
        assert (wire.welcome.verdict, wire.welcome.replaced_by) == ("fenced", 2)
        await wire.catch_up(run=17)
    kept = await sql.fetch("SELECT seq, record FROM orphans ORDER BY seq")
    assert [row["record"] for row in kept] == box.day.records[synced:]
    assert await tables_of(sql, box.venue_id) == before
    assert await sql.fetchval("SELECT count(*) FROM facts") == synced
    orders = await sql.fetch("SELECT order_id, status, total_minor FROM orphan_orders ORDER BY order_id")
    theirs = [row for row in box.day.tables["orders"].values() if int(str(row[1])) > 3]
    assert len(orders) == len(theirs) == 4
    assert sum(row["total_minor"] for row in orders) == sum(int(str(row[6])) for row in theirs)
    box.acked_seq = synced  # as if the last acknowledgement had been lost
    async with box.online(http, cloud.url) as wire:
        await wire.catch_up()
    assert await sql.fetchval("SELECT count(*) FROM orphans") == len(kept)


async def test_orphaned_orders_count_for_the_owner(
    cloud: Serving, venue: NewVenue, box: FakeBox, http: aiohttp.ClientSession, sql: asyncpg.Connection
) -> None:
    code = await replacement_code(http, cloud.url, box.venue_id)
    await FakeBox().claim(http, cloud.url, code)
    box.day.serve(2)
    async with box.online(http, cloud.url) as wire:
        await wire.catch_up()
    today = await sql.fetchval("SELECT (extract(epoch FROM now()) * 1000)::bigint")
    await sql.execute("UPDATE orphan_orders SET placed_ms = $1", today)
    organisation = await sql.fetchval("SELECT organisation_id FROM venues")
    (row,) = await dashboard.venues(cloud.pool, str(organisation))
    total = sum(int(str(order[6])) for order in box.day.tables["orders"].values() if order[9] == "confirmed")
    assert (row.orders_today, row.revenue_today_minor) == (2, total)
    assert (row.orphans, row.epoch) == (box.day.tail_seq, 2)


async def test_an_order_half_synced_is_counted_as_its_box_finished_it(
    cloud: Serving, box: FakeBox, http: aiohttp.ClientSession, sql: asyncpg.Connection
) -> None:
    """The cut lies between an order's placing and its confirmation."""
    box.day.serve(1)
    placed = next(n for n, record in enumerate(box.day.records, 1) if b'"type":"OrderPlaced"' in record)
    async with box.online(http, cloud.url) as wire:
        await wire.push(placed)
        await wire.next(Acknowledged)
    code = await replacement_code(http, cloud.url, box.venue_id)
    await FakeBox().claim(http, cloud.url, code)
    async with box.online(http, cloud.url) as wire:
        await wire.catch_up()
    assert await sql.fetchval("SELECT status FROM orders") == "processing"
    assert await sql.fetchval("SELECT status FROM orphan_orders") == "confirmed"


async def test_damaged_orphans_are_refused(
    cloud: Serving, box: FakeBox, http: aiohttp.ClientSession, sql: asyncpg.Connection
) -> None:
    code = await replacement_code(http, cloud.url, box.venue_id)
    await FakeBox().claim(http, cloud.url, code)
    box.day.serve(1)
    async with box.online(http, cloud.url) as wire:
        await wire.send(link.Up(1, tuple(box.day.records[:5]), box.day.hashes[6]))
        with pytest.raises(Gone):
            await wire.next(Acknowledged)
    assert await sql.fetchval("SELECT count(*) FROM orphans") == 0


async def test_a_card_that_lost_facts_gets_a_ticket_for_itself_alone(
    cloud: Serving, box: FakeBox, http: aiohttp.ClientSession, sql: asyncpg.Connection
) -> None:
    box.day.serve(4)
    await box.persist(http, cloud.url)
    durable = box.day.tail_seq
    box.day.cut(durable - 20)
    box.acked_seq = durable - 30
    async with box.online(http, cloud.url) as wire:
        assert wire.welcome is not None
        ticket = wire.welcome.ticket
        assert wire.welcome.verdict == "resnapshot"
    assert (await FakeBox().claim(http, cloud.url, ticket))[0] == 404, "bound to the box's key"
    heir = FakeBox()
    heir.key = box.key
    status, claimed = await heir.claim(http, cloud.url, ticket)
    assert (status, claimed["epoch"], claimed["base_seq"]) == (200, 2, durable)
    box.day.serve(1)
    async with box.online(http, cloud.url) as wire:
        assert wire.welcome is not None
        assert (wire.welcome.verdict, wire.welcome.durable_seq) == ("fenced", durable - 30)
        await wire.catch_up()
    kept = await sql.fetch("SELECT record FROM orphans ORDER BY seq")
    assert [row["record"] for row in kept] == box.day.records[durable - 20 :]


async def test_two_boxes_with_one_key_leave_exactly_one_in_charge(
    database: str, venue: NewVenue, http: aiohttp.ClientSession, sql: asyncpg.Connection, cloud: Serving
) -> None:
    box = FakeBox()
    await box.claim(http, cloud.url, venue.claim_code)
    box.day.serve(1)
    impatient = msgspec.structs.replace(CONFIG, rival_proof_s=0.05)
    async with serving(impatient, database) as strict, box.online(http, strict.url) as speaking:
        await speaking.catch_up()
        copy = FakeBox()
        copy.__dict__ |= {**box.__dict__, "life": "another machine"}
        verdicts: list[tuple[str, int]] = []
        while not verdicts or not verdicts[-1][1]:
            async with copy.online(http, strict.url) as wire:
                assert wire.welcome is not None
                verdicts.append((wire.welcome.verdict, wire.welcome.replaced_by))
            await speaking.send(link.Ping(len(verdicts)))
            await speaking.answer(link.Pong)
        assert verdicts[0] == ("fenced", 0), "the first may only be half-open: ask again"
        assert verdicts[-1] == ("fenced", 1)
        box.day.serve(1)
        await speaking.catch_up()
    await assert_agrees(sql, box)


async def test_a_restart_after_a_clean_end_is_nobodys_rival(
    cloud: Serving, box: FakeBox, http: aiohttp.ClientSession
) -> None:
    async with box.online(http, cloud.url):
        pass
    box.life = "after a restart"
    box.day.serve(1)
    await box.persist(http, cloud.url)


async def test_a_line_that_dies_under_its_own_welcome_leaves_the_place_free(
    cloud: Serving, box: FakeBox, http: aiohttp.ClientSession, sql: asyncpg.Connection
) -> None:
    """Nobody speaks on a connection that never got its welcome, so the next start of the box is no rival."""
    async with Line(cloud.port).serving() as line, box.connect(http, line.url) as wire:
        greet = await wire.next(Greet)
        async with sql.transaction():
            await sql.execute("SELECT FROM nodes WHERE node_id = $1 FOR UPDATE", box.node_id)
            raw = msgspec.msgpack.encode(box.greeting(greet.nonce))
            wire.end.hello(raw, box.key.sign(raw))
            await wire.flush()
            await _until(sql, "SELECT count(*) > 0 FROM pg_locks WHERE NOT granted")
            line.cut()
            await wire.socket.receive()
    await _until(sql, "SELECT life IS NOT NULL AND connection IS NULL FROM nodes")


async def _until(sql: asyncpg.Connection, so: str) -> None:
    """Ask the database again and again until it says yes."""
    async with asyncio.timeout(60):
        while True:
            if await sql.fetchval(so):
                return
            await asyncio.sleep(0.01)


async def test_a_box_of_the_former_release_is_served_as_before(
    cloud: Serving, box: FakeBox, http: aiohttp.ClientSession, sql: asyncpg.Connection
) -> None:
    """It speaks protocol 1: it leaves out the new fields and knows nothing of bytes, lives or tickets."""
    box.day.serve(3)
    old: dict[str, object] = {"protocols": (1, 1), "life": "", "forked_seq": 0, "forked_hash": b""}
    async with box.connect(http, cloud.url) as wire:
        welcome = await wire.hello(old)
        assert (welcome.verdict, welcome.protocol) == ("ok", 1)
        wire.end.credit_bytes = 0
        await wire.catch_up()
    await assert_agrees(sql, box)
    code = await replacement_code(http, cloud.url, box.venue_id)
    await FakeBox().claim(http, cloud.url, code)
    async with box.connect(http, cloud.url) as wire:
        welcome = await wire.hello(old)
        assert (welcome.verdict, welcome.replaced_by, welcome.ticket) == ("fenced", 0, "")
