"""Gives aggregates that were set aside another try, because a newer release may understand them.

Runs when a process starts and as `holdfast-cloud replay-quarantine`. Each aggregate is folded from its first
fact on, in one transaction with its rows; one that still cannot be folded stays where it is. The venue's link
is made to say hello again, so no connection goes on with a memory of what was set aside.
"""

import asyncpg
import msgspec
import structlog

from cloud.store.link import examining, facts
from cloud.store.link.examining import Aside
from cloud.store.link.facts import UNFIT, Uuid
from protocol.bucket import Row, rows_of
from protocol.facts.fact import ImpossibleFact
from protocol.facts.fold import BadRecord, UnknownEvent

log = structlog.get_logger()
#: Any constant does: processes that start together take turns.
_LOCK = 0x7265_706C


class Replayed(msgspec.Struct, frozen=True):
    """What came of it: aggregates that count again, and those that stay aside."""

    back: tuple[Aside, ...]
    left: tuple[Aside, ...]


async def replay(pool: asyncpg.Pool) -> Replayed:
    """Try everything that is set aside. Raises one of `pool.GONE`."""
    async with pool.acquire() as connection:
        waiting = await examining.aside(connection)
    back: list[Aside] = []
    left: list[Aside] = []
    for each in waiting:
        (back if await _try(pool, each) else left).append(each)
    if back:
        log.info("replayed", back=len(back), left=len(left))
    return Replayed(tuple(back), tuple(left))


async def _try(pool: asyncpg.Pool, each: Aside) -> bool:
    try:
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)
            await examining.hold(connection, each.venue_id)
            records = await examining.history(connection, each.venue_id, each.aggregate)
            by_table: dict[str, list[Row]] = {}
            for (table, _), row in _strictly(each.aggregate, records).items():
                by_table.setdefault(table, []).append(row)
            for table, rows in by_table.items():
                await facts.replace(connection, Uuid(each.venue_id), table, rows)
            await examining.take_back(connection, each.venue_id, each.aggregate)
    except (BadRecord, UnknownEvent, ImpossibleFact, *UNFIT):
        return False
    return True


def _strictly(aggregate: str, records: list[bytes]) -> dict[tuple[str, Row], Row]:
    """Everything a fact can provoke in a fold counts as not understood, as it does when it arrives."""
    try:
        return rows_of(aggregate, records)
    except (BadRecord, UnknownEvent, ImpossibleFact):
        raise
    except Exception as error:
        raise ImpossibleFact(f"{aggregate}: {error}") from error
