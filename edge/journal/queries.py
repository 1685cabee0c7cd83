"""SQLAlchemy's view of the folded tables, and the statements of the read side.

The tables are made from the shapes that `protocol/facts` folds into, so a column cannot be spelt two ways.
Importing SQLAlchemy takes longer than a box needs to start; only `reading.py` imports this file, when the
first question is asked.
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    MetaData,
    Select,
    String,
    Table,
    TextClause,
    and_,
    func,
    literal,
    select,
    text,
)
from sqlalchemy.types import LargeBinary, TypeEngine

from protocol.facts.fact import TableShape
from protocol.facts.fold import SHAPES

#: Orders older than so many others are not looked at when today's are asked for: no venue takes more a day.
MOST_ORDERS_A_DAY = 20_000

metadata = MetaData()

_TYPES: dict[str, type[TypeEngine[Any]]] = {"int": BigInteger, "text": String, "bool": Boolean}


def _table(shape: TableShape) -> Table:
    columns = (Column(name, _TYPES[kind], primary_key=name in shape.key) for name, kind in shape.columns)
    return Table(shape.name, metadata, *columns)


tables = {name: _table(shape) for name, shape in SHAPES.items()}
journal = Table(
    "journal",
    metadata,
    Column("seq", BigInteger, primary_key=True),
    Column("aggregate", String),
    Column("version", BigInteger),
    Column("mid", String),
    Column("record", String),
    Column("hash", LargeBinary),
)
link = Table("link", metadata, Column("id", BigInteger, primary_key=True), Column("acked_seq", BigInteger))

_orders = tables["orders"]
_sessions = tables["table_sessions"]
_members = tables["table_members"]
_items = tables["cart_items"]
_carts = tables["carts"]
_bills = tables["bills"]
_receipts = tables["receipts"]
_entries = tables["account_entries"]
_accounts = tables["accounts"]
_payments = tables["payments"]
_shifts = tables["shifts"]


def unsynced_facts() -> Select[tuple[int, int]]:
    """One row: last fact, last acknowledged fact."""
    tail = select(func.coalesce(func.max(journal.c.seq), 0)).scalar_subquery()
    return select(tail, link.c.acked_seq)


def unsynced_orders(after_seq: int) -> Select[tuple[int, int]]:
    """One row: number and value of the orders of which a fact comes after `after_seq`."""
    order_id = func.substr(journal.c.aggregate, len("order:") + 1)
    is_order = func.substr(journal.c.aggregate, 1, len("order:")) == literal("order:")
    touched = (
        select(order_id.label("order_id")).where(journal.c.seq > after_seq, is_order).distinct().subquery()
    )
    value = func.coalesce(func.sum(_orders.c.total_minor), 0)
    joined = touched.join(_orders, _orders.c.order_id == touched.c.order_id)
    return select(func.count(), value).select_from(joined).where(_orders.c.status != "abandoned")


def orders_since(since_ms: int) -> Select[tuple[str, str, str, str | None, int, str, int]]:
    """Orders placed since an instant, newest first. Walks back over the order numbers, which are indexed."""
    newest = select(func.max(_orders.c.number)).scalar_subquery()
    columns = [_orders.c[name] for name in ORDER_COLUMNS]
    recent = and_(_orders.c.number > newest - MOST_ORDERS_A_DAY, _orders.c.placed_ms >= since_ms)
    return select(*columns).where(recent).order_by(_orders.c.number.desc())


def unsettled_bills() -> Select[tuple[str, str, str, int, int, int]]:
    """Bills on which something is owed or has to be given back, the oldest first."""
    columns = [_bills.c[name] for name in BILL_COLUMNS]
    owed = and_(_bills.c.status == "open", _bills.c.balance_minor != 0)
    return select(*columns).where(owed).order_by(_bills.c.opened_ms, _bills.c.session_pid)


BILL_COLUMNS = ("session_pid", "table_name", "currency", "total_minor", "balance_minor", "opened_ms")


def receipt(number: int) -> Select[tuple[str, str]]:
    """One row: the bill's session and the receipt's body."""
    return select(_receipts.c.session_pid, _receipts.c.body).where(_receipts.c.number == number)


def shifts(most: int) -> Select[tuple[str, str, str, int, int, int | None, int | None]]:
    """The shifts that were opened last, newest first."""
    columns = [_shifts.c[name] for name in SHIFT_COLUMNS]
    return select(*columns).order_by(_shifts.c.opened_ms.desc(), _shifts.c.shift_pid).limit(most)


SHIFT_COLUMNS = (
    *("shift_pid", "till", "status", "opened_ms", "expected_minor", "difference_minor", "z_number"),
)

ORDER_COLUMNS = ("order_id", "table_name", "status", "ticket", "total_minor", "currency", "placed_ms")


def open_tables() -> Select[tuple[str, str, str, int, int, int, int, bool]]:
    """Every open table session with the size and the worth of its cart."""
    members = select(func.count()).where(_members.c.session_pid == _sessions.c.session_pid).scalar_subquery()
    live = and_(_items.c.session_pid == _sessions.c.session_pid, _items.c.state.in_(("pending", "locked")))
    lines = select(func.count()).where(live).scalar_subquery()
    worth = select(func.coalesce(func.sum(_items.c.qty * _items.c.price_minor), 0)).where(live)
    locked = select(func.count(_carts.c.pending_order_id) > 0).where(
        _carts.c.session_pid == _sessions.c.session_pid
    )
    return (
        select(
            _sessions.c.session_pid,
            _sessions.c.table_code,
            _sessions.c.table_name,
            _sessions.c.opened_ms,
            members,
            lines,
            worth.scalar_subquery(),
            locked.scalar_subquery(),
        )
        .where(_sessions.c.status == "open")
        .order_by(_sessions.c.opened_ms, _sessions.c.session_pid)
    )


def balance_entries(
    user_id: str, before: int | None, most: int
) -> Select[tuple[int, int, str, int, int, str | None]]:
    """What moved a balance, newest first, and the table or station that a payment of it was for."""
    paid_for = _entries.outerjoin(_payments, _payments.c.payment_pid == _entries.c.entry).outerjoin(
        _bills, _bills.c.session_pid == _payments.c.session_pid
    )
    columns = [_entries.c[name] for name in ("number", "made_ms", "reason", "amount_minor", "balance_minor")]
    mine = select(*columns, _bills.c.table_name).select_from(paid_for).where(_entries.c.user_id == user_id)
    earlier = mine if before is None else mine.where(_entries.c.number < before)
    return earlier.order_by(_entries.c.number.desc()).limit(most)


def accounts(words: str, most: int) -> Select[tuple[str, int, str]]:
    """Balances whose name holds `words`: the very name first, then those that begin with it.

    `casefold` is a function of the connections of `reading.py`: SQLite's own `lower` knows ASCII only.
    """
    found_at = func.instr(func.casefold(_accounts.c.user_id), words.casefold())
    columns = [_accounts.c[each] for each in ("user_id", "balance_minor", "currency")]
    same = _accounts.c.user_id == words
    nearest = (same.desc(), (found_at == 1).desc(), _accounts.c.user_id)
    return select(*columns).where(found_at > 0).order_by(*nearest).limit(most)


# Boxes once wrote down that money was paid in and not by whom; only the facts of a payment tell that.
# `LIMIT -1` has SQLite sort first and look at facts afterwards, of no more payments than are wanted.
_PAID_IN = text("""
WITH mine AS (
    SELECT payment_pid, initiated_ms, status IN ('INITIATED', 'PENDING', 'UNKNOWN') AS under_way
    FROM payments
    WHERE session_pid IS NULL AND substr(payment_pid, 1, 5) <> 'code-'
    ORDER BY initiated_ms DESC, payment_pid DESC LIMIT -1
), settled AS (
    SELECT * FROM mine WHERE NOT under_way AND EXISTS (
        WITH RECURSIVE walk (seq) AS (
            SELECT seq FROM heads WHERE aggregate = 'payment:' || payment_pid
            UNION ALL
            SELECT previous FROM journal JOIN walk USING (seq) WHERE previous > 0
        )
        SELECT 1 FROM walk JOIN journal USING (seq) WHERE record->>'$.event.balance_of' IS NOT NULL
    ) LIMIT :most
)
SELECT payment_pid FROM (SELECT * FROM mine WHERE under_way UNION ALL SELECT * FROM settled)
ORDER BY initiated_ms DESC, payment_pid DESC
""")


def paid_in(most: int) -> TextClause:
    """What was paid in on balances, newest first: all that nobody knows the end of, and `most` of the rest.

    Such payments are on no bill and for no guest code.
    """
    return _PAID_IN.bindparams(most=most)


def balance_after(user_id: str, entry: str) -> Select[tuple[int]]:
    """What was on a balance once an entry had come, and what was owed here had been paid of it."""
    mine = and_(_entries.c.user_id == user_id, _entries.c.entry.in_((entry, f"repaid:{entry}")))
    return select(_entries.c.balance_minor).where(mine).order_by(_entries.c.number.desc()).limit(1)
