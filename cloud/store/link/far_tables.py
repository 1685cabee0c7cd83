"""What guests who are not on a venue's network are told: whether it is reached, what is sold out.

A page that watches compares one `Sight` with the next, so that nothing is read twice which did not change.
"""

from uuid import UUID

import asyncpg
import msgspec

#: As on the dashboard: three pings missing.
_SILENT_AFTER_S = 15.0


class Reach(msgspec.Struct, frozen=True):
    """Whether the venue's box is heard of, and how long ago it last was; None if it never was."""

    reached: bool
    silent_s: float | None


class Sight(msgspec.Struct, frozen=True):
    """All that can change about a table while somebody looks: `offer` differs when the menu, a table or what
    is sold out does.
    """

    reach: Reach
    offer: tuple[object, ...]


async def sight(connection: asyncpg.Connection, venue_id: str) -> Sight:
    """As it stands, without reading menus."""
    heads = await connection.fetch(
        "SELECT stream, seq FROM down_heads WHERE venue_id = $1 AND stream IN ('menu', 'config') ORDER BY 1",
        UUID(venue_id),
    )
    out = await sold_out(connection, venue_id)
    offer = *((row["stream"], row["seq"]) for row in heads), out
    return Sight(await reach(connection, venue_id), offer)


async def reach(connection: asyncpg.Connection, venue_id: str) -> Reach:
    """The box in charge, as it stands."""
    row = await connection.fetchrow(
        """
        SELECT n.connection IS NOT NULL AND n.heard_at > now() - make_interval(secs => $2) AS reached,
            extract(epoch FROM now() - n.heard_at)::float8 AS silent_s
        FROM venues v JOIN nodes n ON n.venue_id = v.venue_id AND n.epoch = v.epoch WHERE v.venue_id = $1
        """,
        UUID(venue_id),
        _SILENT_AFTER_S,
    )
    return Reach(False, None) if row is None else Reach(bool(row["reached"]), row["silent_s"])


async def sold_out(connection: asyncpg.Connection, venue_id: str) -> frozenset[int]:
    """Dishes that could not be had when the venue was last heard of."""
    rows = await connection.fetch(
        "SELECT menu_item FROM stock WHERE venue_id = $1 AND (taken_off OR qty <= 0)", UUID(venue_id)
    )
    return frozenset(row["menu_item"] for row in rows)
