"""How a box comes to speak for a venue: a code, used once, turns it into the venue's node of the next epoch.

The epoch is raised by compare-and-set, so of two boxes that claim one place only one gets it. The box
before it is fenced in the same transaction: its row is locked first, so a run of facts is either part of
what the new log goes on after, or comes too late and is an orphan.

A cloud that was restored from a backup does not know boxes that were claimed after it. One of those claims
its place again with its `Standing`: where its log goes on right after what the cloud holds, it keeps its
journal and sends all of it. Otherwise it begins anew, and what it had is taken in as orphans.
"""

from typing import Any

import asyncpg
import msgspec

from protocol.facts.fact import genesis, renewed
from protocol.snapshot import Claimed, Standing


class ClaimUsed(Exception):
    """The code was good once, for another box."""


class ClaimUnknown(Exception):
    """There is no such code, or it has run out."""


class ClaimStale(Exception):
    """Another box has taken the place that this code was made for."""


class ClaimNotEmpty(Exception):
    """There was a box before, and this one has a journal of its own already."""


class ClaimNeedless(Exception):
    """The box has its place in the venue already."""


class ClaimElsewhere(Exception):
    """The box has a place in another venue."""


class ClaimTooOld(Exception):
    """There was a box before, and this one does not know how to take a place over."""


class Claimant(msgspec.Struct, frozen=True):
    """A box that asks for a place. `protocol` is the newest version of the link that it speaks."""

    public_key: bytes
    node_id: str
    log_id: str
    tail_seq: int
    protocol: int
    standing: Standing | None = None


async def claim(pool: asyncpg.Pool, code_digest: str, who: Claimant) -> Claimed:
    """Bind a box to the venue of the code, under the next epoch.

    Asking again with the same code, key and log gives the same answer, because the first may have been
    lost on its way. Raises `ClaimUnknown`, `ClaimUsed`, `ClaimStale`, `ClaimNotEmpty`,
    `ClaimElsewhere`, `ClaimNeedless` or `ClaimTooOld`.
    """
    async with pool.acquire() as connection, connection.transaction():
        code = await connection.fetchrow(
            """
            SELECT venue_id, used_at, node_id, for_epoch, public_key, expires_at < now() AS late
            FROM claim_codes WHERE code_digest = $1 FOR UPDATE
            """,
            code_digest,
        )
        if code is None or (code["late"] and code["used_at"] is None):
            raise ClaimUnknown
        if code["public_key"] not in (None, who.public_key):
            raise ClaimUnknown
        if code["used_at"] is not None:
            return await _claimed_before(connection, code, who)
        return await _bind(connection, code_digest, code, who)


async def _claimed_before(connection: asyncpg.Connection, code: Any, who: Claimant) -> Claimed:
    row = await connection.fetchrow(
        """
        SELECT v.restaurant_id, n.epoch, n.base_seq, n.base_hash FROM nodes n JOIN venues v USING (venue_id)
        WHERE n.venue_id = $1 AND n.node_id = $2 AND n.public_key = $3 AND n.log_id = $4
        """,
        code["venue_id"],
        who.node_id,
        who.public_key,
        who.log_id,
    )
    if row is None or str(code["node_id"]) != who.node_id:
        raise ClaimUsed
    venue_id = str(code["venue_id"])
    return Claimed(
        venue_id,
        row["restaurant_id"],
        row["epoch"],
        row["base_seq"],
        _told(row["base_seq"], row["base_hash"]),
    )


def _told(base_seq: int, base_hash: bytes | None) -> bytes:
    """A log that begins at nothing begins at its genesis, which a box knows by itself."""
    return base_hash if base_seq and base_hash else b""


async def _bind(connection: asyncpg.Connection, code_digest: str, code: Any, who: Claimant) -> Claimed:
    venue = await connection.fetchrow(
        """
        UPDATE venues SET epoch = 1 + CASE WHEN $3::bigint - epoch BETWEEN 1 AND 1000 THEN $3 ELSE epoch END
        WHERE venue_id = $1 AND ($2::int IS NULL OR epoch = $2)
        RETURNING restaurant_id, epoch
        """,
        code["venue_id"],
        code["for_epoch"],
        who.standing.epoch if who.standing else 0,  # what it told the PCs of the venue must go on rising
    )
    if venue is None:
        raise ClaimStale
    if who.standing is not None:
        await _remember(connection, code["venue_id"], who, who.standing)
    base_seq, base_hash = await _fence(connection, code["venue_id"], venue["epoch"], who)
    inserted = await connection.execute(
        """
        INSERT INTO nodes (venue_id, node_id, epoch, log_id, public_key, durable_seq, durable_hash,
            base_seq, base_hash)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $6, $7) ON CONFLICT (venue_id, node_id) DO NOTHING
        """,
        code["venue_id"],
        who.node_id,
        venue["epoch"],
        who.log_id,
        who.public_key,
        base_seq,
        base_hash,
    )
    if inserted != "INSERT 0 1" and who.standing is not None:
        raise ClaimNeedless
    if inserted != "INSERT 0 1":
        raise ClaimUsed  # this node already stands in the venue: a new life of a box needs a new node id
    # Whatever short code the box shows besides is good for nothing any more.
    await connection.execute(
        "DELETE FROM pairings WHERE public_key = $1 AND approved_at IS NULL", who.public_key
    )
    await connection.execute(
        "UPDATE claim_codes SET used_at = now(), node_id = $2 WHERE code_digest = $1",
        code_digest,
        who.node_id,
    )
    venue_id = str(code["venue_id"])
    return Claimed(venue_id, venue["restaurant_id"], venue["epoch"], base_seq, _told(base_seq, base_hash))


async def _remember(connection: asyncpg.Connection, venue_id: Any, who: Claimant, had: Standing) -> None:
    """A box that begins anew may send what its former log has, under its former name, as orphans."""
    if had.venue_id != str(venue_id):
        raise ClaimElsewhere
    if had.node_id == who.node_id:
        return
    await connection.execute(
        """
        INSERT INTO nodes (venue_id, node_id, epoch, log_id, public_key, durable_seq, durable_hash,
            base_seq, base_hash, fenced_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $6, $7, now()) ON CONFLICT DO NOTHING
        """,
        venue_id,
        had.node_id,
        had.epoch,
        had.log_id,
        who.public_key,
        had.base_seq,
        had.base_hash or genesis(had.log_id),
    )


async def _fence(
    connection: asyncpg.Connection, venue_id: Any, epoch: int, who: Claimant
) -> tuple[int, bytes]:
    """Take the place from whoever had it; where the new log begins. Holds the former box's row."""
    former = await connection.fetchrow(
        """
        SELECT durable_seq, durable_hash FROM nodes
        WHERE venue_id = $1 AND epoch < $2 AND node_id IS DISTINCT FROM $3
        ORDER BY durable_seq DESC, epoch DESC LIMIT 1 FOR UPDATE
        """,
        venue_id,
        epoch,
        who.standing.node_id if who.standing else None,
    )
    await connection.execute(
        """
        UPDATE nodes SET fenced_at = coalesce(fenced_at, now()), connection = NULL
        WHERE venue_id = $1 AND epoch < $2
        """,
        venue_id,
        epoch,
    )
    stood = who.standing if who.standing and who.standing.node_id == who.node_id else None
    if former is None or former["durable_seq"] == 0:
        if stood is not None and stood.base_seq:
            raise ClaimNotEmpty
        return 0, genesis(who.log_id)
    if who.protocol < 2:
        raise ClaimTooOld
    base = former["durable_seq"], renewed(former["durable_hash"], who.log_id)
    if who.tail_seq and (stood is None or (stood.base_seq, stood.base_hash) != base):
        raise ClaimNotEmpty
    return base


async def add_ticket(
    connection: asyncpg.Connection, code_digest: str, venue_id: str, public_key: bytes, epoch: int, hours: int
) -> None:
    """A code for one box alone, to take over from itself under `epoch`; earlier unused ones are dropped."""
    await connection.execute(
        "DELETE FROM claim_codes WHERE venue_id = $1 AND public_key = $2 AND used_at IS NULL",
        venue_id,
        public_key,
    )
    await connection.execute(
        """
        INSERT INTO claim_codes (code_digest, venue_id, expires_at, for_epoch, public_key)
        VALUES ($1, $2, now() + make_interval(hours => $3), $4, $5)
        """,
        code_digest,
        venue_id,
        hours,
        epoch,
        public_key,
    )


async def claimed_with(pool: asyncpg.Pool, code_digest: str, node_id: str) -> tuple[str, str] | None:
    """Venue and node of a box that was claimed with this code; None for anybody else."""
    row = await pool.fetchrow(
        """
        SELECT n.venue_id, n.node_id FROM claim_codes c JOIN nodes n USING (venue_id, node_id)
        WHERE c.code_digest = $1 AND c.node_id = $2 AND n.fenced_at IS NULL
        """,
        code_digest,
        node_id,
    )
    return None if row is None else (str(row["venue_id"]), str(row["node_id"]))
