"""Whether anything was lost or done twice: each question about the venue with its answer, in words.

The box's disk is read by SQLite, the cloud's database by SQL, and both are held against the guests' diary
and against each other; nothing of the running programs is asked.
"""

from collections.abc import Callable
from pathlib import Path

import asyncpg
import msgspec

from edge.journal.database import open_reader
from tests.equality import assert_equal
from tests.integration.faults.crowd import Crowd
from tests.simulation.journal_check import JournalCheck

#: What must be nought in the cloud's database.
_NONE = {
    "No fact was set aside": "SELECT count(*) FROM quarantine",
    "No order is stuck": "SELECT count(*) FROM orders WHERE status = 'processing'",
    "No order has two numbers, no number two orders": """
        SELECT count(*) FROM
            (SELECT number FROM orders GROUP BY venue_id, number HAVING count(*) > 1) AS twice
        """,
    "The cloud's copy has no hole": "SELECT max(seq) - count(*) FROM facts",
}


class Finding(msgspec.Struct, frozen=True):
    """One thing that had to hold. `fault` tells what is wrong; empty when it holds."""

    sentence: str
    fault: str = ""


class Business(msgspec.Struct, frozen=True):
    """What the venue did, read from its journal."""

    facts: int
    orders: int
    worth_minor: int


async def findings(directory: Path, sql: asyncpg.Connection, crowd: Crowd) -> list[Finding]:
    """Everything that was looked at. All phones must be at rest and the queues empty."""
    found = [
        _held(
            "Every answer that a guest got is on the box's disk, once", lambda: _borne_out(directory, crowd)
        ),
        _held("Prices, carts, orders, tickets and money add up on the box", lambda: _complaints(directory)),
    ]
    try:
        await assert_equal(directory, sql)
        found.append(Finding("The cloud has every fact and every row exactly as the box has it"))
    except AssertionError as error:
        found.append(Finding("The cloud has every fact and every row exactly as the box has it", str(error)))
    for sentence, query in _NONE.items():
        count = await sql.fetchval(query)
        found.append(Finding(sentence, f"{count} found" if count else ""))
    return found


def _held(sentence: str, look: Callable[[], None]) -> Finding:
    try:
        look()
    except AssertionError as error:
        return Finding(sentence, str(error) or "it does not hold")
    return Finding(sentence)


def _borne_out(directory: Path, crowd: Crowd) -> None:
    crowd.assert_borne_out(directory)


def _records(directory: Path) -> list[bytes]:
    reader = open_reader(directory)
    try:
        return [row[0] for row in reader.execute("SELECT CAST(record AS BLOB) FROM journal ORDER BY seq")]
    finally:
        reader.close()


def _complaints(directory: Path) -> None:
    complaints = JournalCheck(_records(directory)).finish()
    assert not complaints, "; ".join(complaints[:3])


async def business(sql: asyncpg.Connection) -> Business:
    """Of the whole run."""
    facts = await sql.fetchval("SELECT count(*) FROM facts")
    query = "SELECT count(*), coalesce(sum(total_minor), 0) FROM orders WHERE status = 'confirmed'"
    orders, worth_minor = await sql.fetchrow(query)
    return Business(facts, orders, int(worth_minor))
