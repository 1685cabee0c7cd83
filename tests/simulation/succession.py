"""The cloud's side of a replacement, in memory: codes, claims by compare-and-set, and snapshots cut once.

Counterparts: `cloud/store/link/claims.py` and `cloud/store/link/snapshots.py` do this in Postgres;
`tests/integration/cloud/test_successions_agree.py` holds both to the same answers. A history is shorter than
a day, so everything in it was touched lately and only what is cut to its newest fact is left out.
"""

import msgspec
import zstandard

from cloud.store.link.claims import Claimant, ClaimStale, ClaimUnknown, ClaimUsed
from cloud.store.link.facts import FactRow, Uuid
from protocol import snapshot
from protocol.facts.fact import genesis, renewed
from protocol.facts.fold import SHAPES
from protocol.snapshot import Carried, ChunkPlace, Claimed, Level, Manifest, Numbers
from tests.simulation.node_row import NodeRow
from tests.simulation.page import MemoryPage

#: Small enough for a day's snapshot to have several pieces.
_FACTS_A_CHUNK = 80
#: As `snapshots._NEWEST_ONLY`: what stood before the newest fact of these says nothing any more.
_NEWEST_ONLY = ("clock", "stock")
_NUMBERS = (
    ("item_id", "cart_items", "id"),
    ("order_number", "orders", "number"),
    ("ticket_number", "orders", "ticket_number"),
    ("receipt_number", "receipts", "number"),
    ("z_number", "shifts", "z_number"),
)


class Code(msgspec.Struct, frozen=True):
    """What a code is good for, and who has used it."""

    venue_id: str
    for_epoch: int
    node_id: str | None = None


class Cut(msgspec.Struct, frozen=True):
    """A snapshot and its pieces."""

    manifest: Manifest
    pieces: tuple[bytes, ...]


def replace(page: MemoryPage, venue_id: str, code: str) -> None:
    """The owner presses *Replace this box*; nothing happens to the present one yet."""
    page.sheets.put(("code", code), Code(venue_id, page.sheets.get(("epoch", venue_id), 0)))


async def claim(page: MemoryPage, code: str, who: Claimant) -> Claimed:
    """See `cloud.store.link.claims.claim`. Raises `ClaimUnknown`, `ClaimUsed` or `ClaimStale`."""
    known: Code | None = page.sheets.get(("code", code))
    if known is None:
        raise ClaimUnknown
    if known.node_id is None:
        await _bind(page, code, known, who)
    elif known.node_id != who.node_id:
        raise ClaimUsed
    row: NodeRow = page.sheets.get(("node", known.venue_id, who.node_id))
    told = row.base_hash if row.base_seq and row.base_hash else b""
    return Claimed(known.venue_id, page.sheets.get(("restaurant",), 0), row.epoch, row.base_seq, told)


async def _bind(page: MemoryPage, code: str, known: Code, who: Claimant) -> None:
    """The next epoch is this box's; whoever had the place is fenced in the same transaction."""
    rows = [row for row in page.nodes() if row.venue_id == known.venue_id]
    former = max(rows, key=lambda row: (row.durable_seq, row.epoch))
    former = await page.hold(known.venue_id, former.node_id) or former
    if page.sheets.get(("epoch", known.venue_id)) != known.for_epoch:
        raise ClaimStale
    epoch = known.for_epoch + 1
    for row in rows:
        held = await page.hold(row.venue_id, row.node_id) or row
        page.put_node(msgspec.structs.replace(held, connection=None))
    base = former.durable_seq, renewed(former.durable_hash, who.log_id)
    base = base if base[0] else (0, genesis(who.log_id))
    heir = NodeRow(known.venue_id, who.node_id, epoch, who.log_id, who.public_key, *base)
    page.add_node(msgspec.structs.replace(heir, base_seq=base[0], base_hash=base[1]))
    page.sheets.put(("epoch", known.venue_id), epoch)
    page.sheets.put(("code", code), msgspec.structs.replace(known, node_id=who.node_id))


def cut(page: MemoryPage, venue_id: str, node_id: str) -> Cut:
    """The snapshot for a box that has claimed its place, the same however often it is asked for."""
    key = ("snapshot", venue_id, node_id)
    made: Cut | None = page.sheets.get(key)
    if made is None:
        row: NodeRow = page.sheets.get(("node", venue_id, node_id))
        made = _cut(page, Uuid(venue_id), row.base_seq, row.base_hash or b"")
        page.sheets.put(key, made)
    return made


def _cut(page: MemoryPage, venue_id: Uuid, base_seq: int, base_hash: bytes) -> Cut:
    facts = [row for key, row in page.items("fact") if key[1] == venue_id]
    facts.sort(key=lambda row: row[2])
    carried = _carried(facts)
    chunks = [carried[at : at + _FACTS_A_CHUNK] for at in range(0, len(carried), _FACTS_A_CHUNK)]
    pieces = tuple(zstandard.ZstdCompressor().compress(snapshot.encode_chunk(chunk)) for chunk in chunks)
    manifest = Manifest(
        base_seq,
        base_hash,
        len(carried),
        _numbers(page, venue_id),
        _levels(page, venue_id, facts),
        tuple(ChunkPlace(snapshot.name_of(piece), len(piece)) for piece in pieces),
        tuple(sorted(page.sheets.get(("quarantine", venue_id), {}))),
    )
    return Cut(manifest, pieces)


def _carried(facts: list[FactRow]) -> list[Carried]:
    newest = {row[3]: row[2] for row in facts}
    before: dict[str, int] = {}
    found = []
    for _, _, seq, aggregate, _, _, record, chain_hash, _ in facts:
        if aggregate.partition(":")[0] not in _NEWEST_ONLY or newest[aggregate] == seq:
            found.append(Carried(seq, before.get(aggregate, 0), record, chain_hash))
        before[aggregate] = seq
    return found


def _numbers(page: MemoryPage, venue_id: Uuid) -> Numbers:
    found = {}
    for name, table, column in _NUMBERS:
        place = SHAPES[table].column_names.index(column)
        rows = (row for key, row in page.items(table) if key[1] == venue_id)
        found[name] = max((row[place] or 0 for row in rows), default=0)
    return Numbers(**found)


def _levels(page: MemoryPage, venue_id: Uuid, facts: list[FactRow]) -> tuple[Level, ...]:
    places = {(row[3], row[4]): row[2] for row in facts}
    names = SHAPES["stock"].column_names
    levels = []
    for key, row in page.items("stock"):
        if key[1] == venue_id:
            stock = dict(zip(names, row, strict=True))
            version, taken_off = stock["version"], bool(stock["taken_off"])
            seq = places[f"stock:{stock['menu_item']}", version]
            levels.append(Level(seq, stock["menu_item"], stock["qty"], taken_off, version))
    return tuple(sorted(levels, key=lambda level: level.menu_item))
