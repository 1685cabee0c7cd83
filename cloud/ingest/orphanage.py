"""Takes in what a box still has to say when another has its place: kept as it came, counted, never believed.

An orphan changes no table of the venue: live carts and sessions are the new box's. But goods were handed out
and money was taken, so every order and payment among the orphans is folded for itself and noted where
reports count it. Counterpart: `cloud/store/link/orphans.py`.
"""

from collections.abc import Iterable

from cloud.ingest.books import Books
from cloud.ingest.ledger import Entry, Ledger, replay
from cloud.store.link.facts import Uuid
from cloud.store.link.nodes import Node
from cloud.store.link.orphans import Orphaned, OrphanOrder, OrphanPayment
from protocol.facts.fold import State
from protocol.facts.order import Order
from protocol.facts.payment import Payment

_COUNTED = ("order:", "payment:")


class Orphanage:
    """The runs of one orphaned connection, in order."""

    def __init__(self, books: Books, node: Node, start: tuple[int, bytes]) -> None:
        self._books = books
        self._ledger = Ledger(Uuid(node.venue_id), Uuid(node.log_id), set())
        self._hash = start[1]

    async def take(self, first_seq: int, records: Iterable[bytes], after: bytes) -> tuple[int, int]:
        """Keep a run; its last seq and how many facts. Raises `ChainBroken`, or one of `pool.GONE`."""
        entries = self._ledger.read(first_seq, records, self._hash, after)
        venue_id, log_id = self._ledger.venue_id, self._ledger.log_id
        async with self._books.transaction() as page:
            await page.keep_orphans([entry.row[:-1] for entry in entries])
            touched = _counted(entries)
            histories = await page.orphan_records(venue_id, log_id, touched)
            await page.orphaned(venue_id, log_id, _summed(map(replay, histories.values())))
        self._hash = after
        return entries[-1].seq, len(entries)


def _counted(entries: list[Entry]) -> set[str]:
    return {entry.aggregate for entry in entries if entry.aggregate.startswith(_COUNTED)}


def _summed(states: Iterable[State | None]) -> Orphaned:
    orders, payments = [], []
    for state in states:
        match state:
            case Order():
                orders.append(_order(state))
            case Payment():
                payments.append(_payment(state))
    return Orphaned(tuple(orders), tuple(payments))


def _order(state: Order) -> OrphanOrder:
    first = state.placed
    return OrphanOrder(
        first.order_id, first.table_name, state.status, first.total_minor, first.currency, state.placed_ms
    )


def _payment(state: Payment) -> OrphanPayment:
    first = state.initiated
    return OrphanPayment(
        payment_pid=first.payment_pid,
        method=first.method,
        status=state.status,
        amount_minor=first.amount_minor,
        tip_minor=first.tip_minor,
        refunded_minor=state.refunded_minor,
        currency=first.currency,
        initiated_ms=state.initiated_ms,
        balance_of=first.balance_of,
    )
