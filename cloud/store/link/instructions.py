"""Commands to a venue: what was asked from here, and what the box says has become of it.

An instruction and its place in the down stream are written in one transaction, so what is listed is on its
way and what is on its way is listed. Its outcome is a folded table like any other (`command_outcomes`): only
the box knows. Until it has said so, an instruction whose time has run out is `OVERDUE` and not `EXPIRED`, for
the box may have carried it out and be unable to tell.
"""

from collections.abc import Collection
from typing import Any

import asyncpg
import msgspec

from cloud.store.link import streams
from protocol.instruction import Instruction, kind_of

_MOST_LISTED = 100
#: How ids begin that the cloud gives its own instructions. Nobody else's may: whoever took one first would
#: keep a payment or a grant from ever reaching its box.
OWN_PREFIXES = ("card:", "collect:", "credit:", "grant:", "return:")


class CommandRow(msgspec.Struct, frozen=True):
    """One command.

    `status` is WAITING or OVERDUE while the box has not got it, TAKEN or HELD while it has, or one of the
    ends DONE, REFUSED, EXPIRED, UNKNOWN. Times are Unix milliseconds; `result` names what came of it.
    """

    command_id: str
    kind: str
    ask: dict[str, Any]
    by: str
    status: str
    code: str
    message: str
    result: dict[str, str]
    approved_by: str | None
    issued_ms: int
    expires_ms: int
    finished_ms: int | None


class Reused(Exception):
    """This id stands for another command already."""


async def issue(connection: asyncpg.Connection, venue_id: str, instruction: Instruction) -> bool:
    """Write it down and send it on its way; False if it was asked before under this id.

    Runs in the caller's transaction. Raises `Reused`.
    """
    # The head is locked first: of two that ask the same at once, the second finds what the first has written.
    # A venue from before there were commands gets its head here.
    await connection.execute(
        """
        INSERT INTO down_heads (venue_id, stream, seq) VALUES ($1, 'commands', 0)
        ON CONFLICT (venue_id, stream) DO UPDATE SET seq = down_heads.seq
        """,
        venue_id,
    )
    ask = msgspec.json.encode(instruction.ask).decode()
    known = await connection.fetchval(
        "SELECT ask FROM instructions WHERE venue_id = $1 AND command_id = $2",
        venue_id,
        instruction.command_id,
    )
    if known is not None and known != ask:
        raise Reused
    if known is not None:
        return False
    seq = await streams.next_seq(connection, venue_id, "commands")
    await connection.execute(
        """
        INSERT INTO instructions (venue_id, command_id, seq, kind, by, ask, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6, now() + make_interval(secs => $7))
        """,
        venue_id,
        instruction.command_id,
        seq,
        kind_of(instruction.ask),
        instruction.by,
        ask,
        instruction.ttl_ms / 1000,
    )
    await streams.publish(connection, venue_id, "commands", seq, msgspec.json.encode(instruction))
    return True


_LISTED = """
    SELECT i.command_id, i.kind, i.ask, i.by, i.issued_at, i.expires_at, i.expires_at < now() AS late,
        o.status, o.code, o.message, o.result, o.approved_by, o.finished_ms
    FROM instructions i
    LEFT JOIN command_outcomes o ON o.venue_id = i.venue_id AND o.command_id = i.command_id
    WHERE i.venue_id = $1
"""


async def newest(connection: asyncpg.Connection, venue_id: str) -> list[CommandRow]:
    """What people asked of the venue last, newest first."""
    rows = await connection.fetch(
        _LISTED + f" AND i.by LIKE 'owner:%' ORDER BY i.seq DESC LIMIT {_MOST_LISTED}", venue_id
    )
    return [_row(row) for row in rows]


async def find(connection: asyncpg.Connection, venue_id: str, command_id: str) -> CommandRow | None:
    """One command."""
    row = await connection.fetchrow(_LISTED + " AND i.command_id = $2", venue_id, command_id)
    return None if row is None else _row(row)


async def of_guests(
    connection: asyncpg.Connection, venue_id: str, command_ids: Collection[str]
) -> list[CommandRow]:
    """Those of these that guests asked; of what owners asked nothing is told here."""
    rows = await connection.fetch(
        _LISTED + " AND i.by = 'guest' AND i.command_id = ANY($2::text[])", venue_id, list(command_ids)
    )
    return [_row(row) for row in rows]


def _row(row: Any) -> CommandRow:
    waiting = "OVERDUE" if row["late"] else "WAITING"
    return CommandRow(
        command_id=row["command_id"],
        kind=row["kind"],
        ask=msgspec.json.decode(row["ask"], type=dict[str, Any]),
        by=row["by"],
        status=row["status"] or waiting,
        code=row["code"] or "",
        message=row["message"] or "",
        result=msgspec.json.decode(row["result"] or "{}", type=dict[str, str]),
        approved_by=row["approved_by"],
        issued_ms=int(row["issued_at"].timestamp() * 1000),
        expires_ms=int(row["expires_at"].timestamp() * 1000),
        finished_ms=row["finished_ms"],
    )


class DishChoice(msgspec.Struct, frozen=True):
    """A dish of the menu that the venue sells from; `off` while the kitchen is out of it."""

    id: int
    name: str
    off: bool


class SessionChoice(msgspec.Struct, frozen=True):
    """Somebody plays."""

    session_id: str
    station_id: str
    status: str
    ends_ms: int | None


class OrderChoice(msgspec.Struct, frozen=True):
    """An order of the last day."""

    order_id: str
    table: str
    status: str
    total_minor: int
    currency: str


class Choices(msgspec.Struct, frozen=True):
    """What commands can be about, as far as the cloud knows now."""

    dishes: list[DishChoice]
    sessions: list[SessionChoice]
    orders: list[OrderChoice]


async def choices(connection: asyncpg.Connection, venue_id: str) -> Choices:
    """Dishes by name, sessions by station, orders newest first."""
    dishes = await connection.fetch(
        """
        SELECT i.id, i.name, coalesce(s.taken_off, false) AS off FROM menu_items i
        LEFT JOIN stock s ON s.venue_id = i.venue_id AND s.menu_item = i.id
        WHERE i.venue_id = $1 AND i.menu_version = (SELECT max(menu_version) FROM menus WHERE venue_id = $1)
        ORDER BY i.name
        """,
        venue_id,
    )
    sessions = await connection.fetch(
        """
        SELECT session_id, station_id, status, ends_ms FROM play_sessions
        WHERE venue_id = $1 AND status IN ('ACTIVE', 'PAUSED') ORDER BY station_id
        """,
        venue_id,
    )
    orders = await connection.fetch(
        """
        SELECT order_id, table_name AS table, status, total_minor, currency FROM orders
        WHERE venue_id = $1 AND status <> 'abandoned'
            AND placed_ms > (extract(epoch FROM now() - interval '1 day') * 1000)::bigint
        ORDER BY number DESC LIMIT 100
        """,
        venue_id,
    )
    return Choices(
        [DishChoice(**dict(row)) for row in dishes],
        [SessionChoice(**dict(row)) for row in sessions],
        [OrderChoice(**dict(row)) for row in orders],
    )
