"""Releases for boxes: what there is, for which rings it is open, and where each venue's box stands.

What a box tells replaces what it told before, so a repeat changes nothing. A trial is kept for each venue and
release: how many ended well or badly is what halts a ring.
"""

from datetime import datetime

import asyncpg
import msgspec

from protocol.upgrade import RINGS, Standing

_ENDED_WELL, _ENDED_BADLY = "installed", "rolled_back"


class Release(msgspec.Struct, frozen=True):
    """A bundle as it was signed, for a processor or `any`."""

    version: str
    machine: str
    manifest: str
    signature: str
    source: str
    size_bytes: int


class Ring(msgspec.Struct, frozen=True):
    """A release in a ring, with how many of its boxes run it or took it back."""

    version: str
    ring: str
    opened_at: datetime
    halted_at: datetime | None
    reason: str
    installed: int
    rolled_back: int


class BoxRelease(msgspec.Struct, frozen=True):
    """Where a venue's box stands; `told_at` null where it never said."""

    ring: str = "all"
    running: str = ""
    machine: str = ""
    version: str = ""
    state: str = ""
    reason: str = ""
    told_at: datetime | None = None


class Trial(msgspec.Struct, frozen=True):
    """What became of a release at a venue, as told last."""

    version: str
    state: str
    reason: str
    began_at: datetime
    told_at: datetime


async def add(connection: asyncpg.Connection, release: Release) -> None:
    """Register it; the same release again replaces what was said of it."""
    await connection.execute(
        """
        INSERT INTO releases (version, machine, manifest, signature, source, size_bytes)
        VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (version, machine) DO UPDATE SET manifest = EXCLUDED.manifest,
            signature = EXCLUDED.signature, source = EXCLUDED.source, size_bytes = EXCLUDED.size_bytes
        """,
        *msgspec.structs.astuple(release),
    )


async def find(connection: asyncpg.Connection, version: str) -> list[Release]:
    """The bundles of a release, one a machine."""
    rows = await connection.fetch(
        """
        SELECT version, machine, manifest, signature, source, size_bytes FROM releases
        WHERE version = $1 ORDER BY machine
        """,
        version,
    )
    return [Release(*row) for row in rows]


async def open_for(connection: asyncpg.Connection, version: str, ring: str) -> None:
    """Offer it to a ring and to those before it; whatever had halted it is forgotten."""
    await connection.executemany(
        "INSERT INTO release_rings (version, ring) VALUES ($1, $2) ON CONFLICT (version, ring) DO NOTHING",
        [(version, each) for each in RINGS[: RINGS.index(ring) + 1]],
    )
    await connection.execute(
        "UPDATE release_rings SET halted_at = NULL, reason = '' WHERE version = $1", version
    )


async def halt(connection: asyncpg.Connection, version: str, reason: str) -> bool:
    """Offer it to nobody any more; False if it was offered to nobody."""
    halted = await connection.execute(
        "UPDATE release_rings SET halted_at = now(), reason = $2 WHERE version = $1 AND halted_at IS NULL",
        version,
        reason,
    )
    return bool(halted != "UPDATE 0")


async def hold(connection: asyncpg.Connection, version: str) -> None:
    """Until the transaction ends nobody else counts what became of this release."""
    await connection.execute("SELECT FROM releases WHERE version = $1 ORDER BY machine FOR UPDATE", version)


async def rings(connection: asyncpg.Connection) -> list[Ring]:
    """Every release in every ring that it was opened for."""
    rows = await connection.fetch(
        """
        SELECT r.version, r.ring, r.opened_at, r.halted_at, r.reason,
            count(*) FILTER (WHERE t.state = $1) AS installed,
            count(*) FILTER (WHERE t.state = $2) AS rolled_back
        FROM release_rings r
        LEFT JOIN (release_trials t JOIN box_releases b USING (venue_id))
            ON t.version = r.version AND b.ring = r.ring
        GROUP BY r.version, r.ring ORDER BY r.opened_at, r.version, r.ring
        """,
        _ENDED_WELL,
        _ENDED_BADLY,
    )
    return [Ring(*row) for row in rows]


async def open_to(connection: asyncpg.Connection, venue_id: str, machine: str) -> list[Release]:
    """Releases that are open to a venue's ring and halted nowhere, for its processor before those for any."""
    rows = await connection.fetch(
        """
        SELECT r.version, r.machine, r.manifest, r.signature, r.source, r.size_bytes
        FROM releases r JOIN release_rings o USING (version)
        WHERE o.ring = coalesce((SELECT ring FROM box_releases WHERE venue_id = $1), 'all')
            AND r.machine IN ($2, 'any')
            AND NOT EXISTS (
                SELECT FROM release_rings h WHERE h.version = r.version AND h.halted_at IS NOT NULL
            )
        ORDER BY r.machine = 'any'
        """,
        venue_id,
        machine,
    )
    return [Release(*row) for row in rows]


async def tell(connection: asyncpg.Connection, venue_id: str, standing: Standing) -> bool:
    """Take in where the box stands; whether it has just taken a release back."""
    await _note_standing(connection, venue_id, standing)
    await _end_what_runs(connection, venue_id, standing.running)
    if not standing.version or not standing.state:
        return False
    before = await connection.fetchval(
        "SELECT state FROM release_trials WHERE venue_id = $1 AND version = $2 FOR UPDATE",
        venue_id,
        standing.version,
    )
    await _note_trial(connection, venue_id, standing)
    return standing.state == _ENDED_BADLY and before != _ENDED_BADLY


async def _note_standing(connection: asyncpg.Connection, venue_id: str, standing: Standing) -> None:
    await connection.execute(
        """
        INSERT INTO box_releases (venue_id, running, machine, version, state, reason, told_at)
        VALUES ($1, $2, $3, $4, $5, $6, now())
        ON CONFLICT (venue_id) DO UPDATE SET running = EXCLUDED.running, machine = EXCLUDED.machine,
            version = EXCLUDED.version, state = EXCLUDED.state, reason = EXCLUDED.reason, told_at = now()
        """,
        venue_id,
        standing.running,
        standing.machine,
        standing.version,
        standing.state or "",
        standing.reason,
    )


async def _end_what_runs(connection: asyncpg.Connection, venue_id: str, running: str) -> None:
    """A box that has gone on to the next release meanwhile may never have said how this one ended."""
    await connection.execute(
        """
        UPDATE release_trials SET state = $3, reason = '', told_at = now()
        WHERE venue_id = $1 AND version = $2 AND state = 'installing'
        """,
        venue_id,
        running,
        _ENDED_WELL,
    )


async def _note_trial(connection: asyncpg.Connection, venue_id: str, standing: Standing) -> None:
    await connection.execute(
        """
        INSERT INTO release_trials (venue_id, version, state, reason) VALUES ($1, $2, $3, $4)
        ON CONFLICT (venue_id, version) DO UPDATE SET state = EXCLUDED.state, reason = EXCLUDED.reason,
            told_at = now()
        WHERE (release_trials.state, release_trials.reason) <> (EXCLUDED.state, EXCLUDED.reason)
        """,
        venue_id,
        standing.version,
        standing.state,
        standing.reason,
    )


async def choose_ring(connection: asyncpg.Connection, venue_id: str, ring: str) -> None:
    """From now on the venue gets releases when this ring does."""
    await connection.execute(
        """
        INSERT INTO box_releases (venue_id, ring) VALUES ($1, $2)
        ON CONFLICT (venue_id) DO UPDATE SET ring = EXCLUDED.ring
        """,
        venue_id,
        ring,
    )


async def of_venues(connection: asyncpg.Connection, organisation_id: str) -> dict[str, BoxRelease]:
    """Where the boxes of an organisation stand, by venue."""
    rows = await connection.fetch(
        """
        SELECT b.venue_id::text, b.ring, b.running, b.machine, b.version, b.state, b.reason, b.told_at
        FROM box_releases b JOIN venues v USING (venue_id) WHERE v.organisation_id = $1
        """,
        organisation_id,
    )
    return {row[0]: BoxRelease(*list(row)[1:]) for row in rows}


async def of_venue(connection: asyncpg.Connection, venue_id: str) -> BoxRelease:
    """Where one venue's box stands."""
    row = await connection.fetchrow(
        """
        SELECT ring, running, machine, version, state, reason, told_at FROM box_releases WHERE venue_id = $1
        """,
        venue_id,
    )
    return BoxRelease(*row) if row else BoxRelease()


async def trials(connection: asyncpg.Connection, venue_id: str) -> list[Trial]:
    """What became of releases at a venue, newest first, ten at most."""
    rows = await connection.fetch(
        """
        SELECT version, state, reason, began_at, told_at FROM release_trials
        WHERE venue_id = $1 ORDER BY began_at DESC, version DESC LIMIT 10
        """,
        venue_id,
    )
    return [Trial(*row) for row in rows]
