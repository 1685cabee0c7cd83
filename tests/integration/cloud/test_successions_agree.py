"""A place is handed over in the simulation as in Postgres: the same claim, the same snapshot, every fact."""

import aiohttp
import msgspec
import pytest
import zstandard

from cloud.app import Serving
from cloud.ingest.ledger import Ledger
from cloud.store.link.claims import Claimant, ClaimStale, ClaimUnknown, ClaimUsed
from cloud.store.link.facts import Uuid
from protocol import link, snapshot
from protocol.snapshot import Carried, Claimed, Manifest
from tests.fake_box import FakeBox
from tests.integration.cloud.test_successions import manifest_of, replacement_code
from tests.simulation import succession
from tests.simulation.books import CalmBooks, MemoryBooks


@pytest.fixture
def memory(box: FakeBox) -> CalmBooks:
    """Where the venue's first box has claimed its place and said nothing yet."""
    books = MemoryBooks("incarnation")
    books.claim(box.venue_id, box.node_id, box.log_id, box.key.public_key().public_bytes_raw(), box.epoch)
    return CalmBooks(books)


async def _take_in(books: CalmBooks, box: FakeBox) -> None:
    """All that the box has, as ingest does it."""
    ledger, day = Ledger(Uuid(box.venue_id), Uuid(box.log_id), set()), box.day
    folded = ledger.fold(ledger.read(1, day.records, day.hashes[0], day.hashes[-1]))
    async with books.transaction() as page:
        await page.store(folded.facts)
        for table, rows in folded.new.items():
            await page.add(Uuid(box.venue_id), table, rows.values())
        for table, rows in folded.changed.items():
            await page.upsert(Uuid(box.venue_id), table, rows.values())
        await page.advance(box.venue_id, box.node_id, day.tail_seq, day.hashes[-1], day.tail_seq)


def _who(box: FakeBox) -> Claimant:
    public = box.key.public_key().public_bytes_raw()
    return Claimant(public, box.node_id, box.log_id, 0, link.PROTOCOLS[1])


def _unpacked(pieces: list[bytes]) -> list[Carried]:
    plain = (zstandard.ZstdDecompressor().decompress(piece, 2**24) for piece in pieces)
    return [fact for each in plain for fact in snapshot.chunk_decoder.decode(each)]


async def _carried(
    http: aiohttp.ClientSession, url: str, code: str, heir: FakeBox, count: int
) -> list[Carried]:
    headers, pieces = {"Authorization": f"Bearer {code}.{heir.node_id}"}, []
    for place in range(count):
        async with http.get(f"{url}/api/edge/snapshot/{place}", headers=headers) as response:
            pieces.append(await response.read())
    return _unpacked(pieces)


async def test_both_hand_a_place_over_alike(
    cloud: Serving, box: FakeBox, memory: CalmBooks, http: aiohttp.ClientSession
) -> None:
    box.day.serve(6)
    await box.persist(http, cloud.url)
    await _take_in(memory, box)
    code = await replacement_code(http, cloud.url, box.venue_id)
    async with memory.transaction() as page:
        succession.replace(page, box.venue_id, code)
    heir = FakeBox()
    status, told = await heir.claim(http, cloud.url, code)
    assert status == 200
    for _ in range(2):
        async with memory.transaction() as page:
            claimed = await succession.claim(page, code, _who(heir))
        ours = msgspec.json.decode(msgspec.json.encode(claimed), type=dict)
        assert {**ours, "restaurant_id": told["restaurant_id"]} == told
    _, body = await manifest_of(http, cloud.url, code, heir)
    theirs = _manifest(body)
    async with memory.transaction() as page:
        made = succession.cut(page, box.venue_id, heir.node_id)
    facts = await _carried(http, cloud.url, code, heir, len(theirs.chunks))
    assert _unpacked(list(made.pieces)) == facts
    assert msgspec.structs.replace(made.manifest, chunks=()) == msgspec.structs.replace(theirs, chunks=())


def _manifest(body: object) -> Manifest:
    return msgspec.json.decode(msgspec.json.encode(body), type=Manifest)


async def test_both_refuse_whoever_comes_second(box: FakeBox, memory: CalmBooks) -> None:
    """As `test_successions.py` asks it of Postgres."""
    async with memory.transaction() as page:
        with pytest.raises(ClaimUnknown):
            await succession.claim(page, "nonsense", _who(FakeBox()))
        for code in ("first", "second"):
            succession.replace(page, box.venue_id, code)
        assert isinstance(await succession.claim(page, "first", _who(FakeBox())), Claimed)
        with pytest.raises(ClaimUsed):
            await succession.claim(page, "first", _who(FakeBox()))
        with pytest.raises(ClaimStale):
            await succession.claim(page, "second", _who(FakeBox()))
