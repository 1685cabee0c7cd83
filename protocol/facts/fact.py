"""The envelope of a fact, its one byte representation, and the hash chain over a journal.

A fact is one JSON text, the *record*. Those bytes are what the journal stores, what the chain hashes,
what the link carries and what Postgres keeps, so nothing is ever re-encoded and every party can check
every byte. A fact's identity is (log id, seq): the log id is made anew whenever a box gets a new epoch,
so a sequence number is never used for two different things.

Counterpart: `fold.py` says what a fact means; the edge's `journal` writes it; the cloud's `ingest`
verifies and applies it.
"""

import hashlib
from typing import Generic, TypeVar

import msgspec

E = TypeVar("E")


class ImpossibleFact(Exception):
    """A fact that the state it meets does not allow: a bug, a foreign journal or damaged data."""


class Fact(msgspec.Struct, Generic[E], frozen=True, omit_defaults=True, gc=False):
    """One thing that happened at the venue.

    `aggregate` is `kind:id`; `version` counts the aggregate's facts from 1 without a hole. `boot` and
    `mono_ns` say when by a clock that nobody can set; `wall_ms` is the best estimate of Unix time, to be
    believed only with `clock_trusted`. `mid` is the client's idempotency key, on every fact of the command.
    """

    seq: int
    aggregate: str
    version: int
    event: E
    boot: str
    mono_ns: int
    wall_ms: int
    clock_trusted: bool = True
    mid: str | None = None
    by: str | None = None


class TableShape(msgspec.Struct, frozen=True):
    """A folded table as both databases have it: `columns` in row order, each `text`, `int` or `bool`.

    `fixed` columns keep the value with which a row came into being, so an update leaves them alone.
    """

    name: str
    key: tuple[str, ...]
    columns: tuple[tuple[str, str], ...]
    fixed: frozenset[str]

    @property
    def column_names(self) -> tuple[str, ...]:
        """Column names in row order."""
        return tuple(name for name, _ in self.columns)


#: A row of a folded table: the table's name and its values in column order.
Row = tuple[str, tuple[object, ...]]


def shape(name: str, key: str, columns: str) -> TableShape:
    """Shorthand for a shape: `"id:int =menu_item:int state"`; text where no type is named, `=` for fixed."""
    pairs = [column.partition(":") for column in columns.split()]
    fixed = frozenset(left[1:] for left, _, _ in pairs if left.startswith("="))
    typed = tuple((left.removeprefix("="), right or "text") for left, _, right in pairs)
    return TableShape(name, tuple(key.split()), typed, fixed | frozenset(key.split()))


def genesis(log_id: str) -> bytes:
    """The hash before the first fact of a log; binds the chain to the log, whoever claims the box later."""
    return hashlib.sha256(f"holdfast/{log_id}".encode()).digest()


def chain(previous: bytes, record: bytes) -> bytes:
    """The hash after `record`; equal hashes at equal seq mean equal journals up to there."""
    return hashlib.sha256(previous + record).digest()


def renewed(base_hash: bytes, log_id: str) -> bytes:
    """The hash at which a log begins that goes on after another one, as that one ended."""
    return hashlib.sha256(base_hash + f"holdfast/{log_id}".encode()).digest()
