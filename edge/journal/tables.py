"""Folded rows on their way to SQLite: the upserts, and how rows of one batch are gathered.

Only the last row of a key is written per batch, which is what makes a busy batch cheap. The exception is
a row that differs from the one before it in a guarded column: both are kept, in order, so that the transition
triggers see every step and stay as strict as the tables in protocol/facts, and what is unique (an open
session at a table, a host, a line on a bill, a booked slot) is given up by one before another takes it.
"""

import sqlite3
from operator import itemgetter

from protocol.facts.fact import Row, TableShape
from protocol.facts.fold import SHAPES

_GUARDED = ("state", "status", "deposit", "table_code", "host", "moved_to", "station_id", "starts_ms")


def upsert(shape: TableShape) -> str:
    """`INSERT … ON CONFLICT DO UPDATE` for a folded table."""
    columns = shape.column_names
    rest = ", ".join(f"{name} = excluded.{name}" for name in columns if name not in shape.fixed)
    holes = ", ".join("?" for _ in columns)
    action = f"UPDATE SET {rest}" if rest else "NOTHING"
    return (
        f"INSERT INTO {shape.name} ({', '.join(columns)}) VALUES ({holes}) "
        f"ON CONFLICT ({', '.join(shape.key)}) DO {action}"
    )


class _Plan:
    """How rows of one table are keyed, guarded and written."""

    def __init__(self, shape: TableShape) -> None:
        names = shape.column_names
        self.statement = upsert(shape)
        self.key = itemgetter(*(names.index(name) for name in shape.key))
        guarded = [names.index(name) for name in _GUARDED if name in names]
        self.guard = itemgetter(*guarded) if guarded else None


_PLANS = {name: _Plan(shape) for name, shape in SHAPES.items()}
_ORDER = tuple(SHAPES)


class RowBatch:
    """The rows of one transaction, table by table, coalesced by key."""

    def __init__(self) -> None:
        self._rows: dict[str, list[tuple[object, ...]]] = {}
        self._at: dict[tuple[str, object], int] = {}

    def add(self, rows: list[Row]) -> None:
        """Take rows in the order of their facts."""
        for name, values in rows:
            plan = _PLANS[name]
            gathered = self._rows.setdefault(name, [])
            key = (name, plan.key(values))
            at = self._at.get(key)
            if at is not None and (plan.guard is None or plan.guard(gathered[at]) == plan.guard(values)):
                gathered[at] = values
            else:
                self._at[key] = len(gathered)
                gathered.append(values)

    def write(self, connection: sqlite3.Connection) -> None:
        """Upsert everything, tables in the order in which they refer to each other."""
        for name in _ORDER:
            rows = self._rows.get(name)
            if rows:
                connection.executemany(_PLANS[name].statement, rows)
