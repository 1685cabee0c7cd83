"""Boxes: how one is claimed, which connection speaks for it, where the cloud's copy of its journal ends.

Rule of the file: whatever moves a node's cursor has locked its row first (`lock`), so two connections of
one box, in any two processes, can never both apply a run.
"""

from typing import Any

import asyncpg
import msgspec

from cloud.store.words import storable
from protocol.facts.fact import genesis


class Node(msgspec.Struct, frozen=True):
    """A box under one epoch, as the link needs it. `charge_epoch` is the epoch of the box in charge."""

    venue_id: str
    node_id: str
    epoch: int
    charge_epoch: int
    log_id: str
    public_key: bytes
    durable_seq: int
    durable_hash: bytes


class Lock(msgspec.Struct, frozen=True):
    """What the locked row of a node says now."""

    epoch: int
    charge_epoch: int
    log_id: str
    durable_seq: int
    durable_hash: bytes
    connection: str | None


class Sign(msgspec.Struct, frozen=True):
    """A sign of life that one connection has had since the last time. `quiet_s` is how long ago."""

    connection: str
    quiet_s: float
    tail_seq: int
    clock_trusted: bool


class Claim(msgspec.Struct, frozen=True):
    """What a box is told when its claim code is good."""

    venue_id: str
    restaurant_id: int
    epoch: int


class ClaimUsed(Exception):
    """The code was good once, for another box."""


class ClaimUnknown(Exception):
    """There is no such code, or it has run out."""


async def find(connection: asyncpg.Connection, venue_id: str, node_id: str) -> Node | None:
    """The node, if it was ever claimed. Ids must be UUIDs in text."""
    row = await connection.fetchrow(
        """
        SELECT n.epoch, v.epoch AS charge_epoch, n.log_id, n.public_key, n.durable_seq, n.durable_hash
        FROM nodes n JOIN venues v USING (venue_id) WHERE n.venue_id = $1 AND n.node_id = $2
        """,
        venue_id,
        node_id,
    )
    if row is None:
        return None
    return Node(
        venue_id=venue_id,
        node_id=node_id,
        epoch=row["epoch"],
        charge_epoch=row["charge_epoch"],
        log_id=str(row["log_id"]),
        public_key=row["public_key"],
        durable_seq=row["durable_seq"],
        durable_hash=row["durable_hash"],
    )


async def incarnation(connection: asyncpg.Connection) -> str:
    """Which life of this database it is."""
    return str(
        await connection.fetchval("SELECT incarnation FROM incarnations ORDER BY began_at DESC LIMIT 1")
    )


async def hash_at(connection: asyncpg.Connection, node: Node, seq: int) -> bytes | None:
    """The chain's hash after the fact `seq` as the cloud has it; None past its end."""
    found: bytes | None = await connection.fetchval(
        "SELECT hash FROM facts WHERE venue_id = $1 AND log_id = $2 AND seq = $3",
        node.venue_id,
        node.log_id,
        seq,
    )
    return found


async def turned_away(connection: asyncpg.Connection, node: Node, trouble: str) -> None:
    """The box asked and was refused; the owner sees why."""
    await connection.execute(
        "UPDATE nodes SET trouble = $3, heard_at = now() WHERE venue_id = $1 AND node_id = $2",
        node.venue_id,
        node.node_id,
        storable(trouble),
    )


async def take(
    connection: asyncpg.Connection, node: Node, name: str, tail_seq: int, clock_trusted: bool
) -> Node:
    """From here on the connection called `name` speaks for the node; the cursor as it is now."""
    row = await connection.fetchrow(
        """
        UPDATE nodes SET connection = $3, heard_at = now(), tail_seq = greatest($4::bigint, durable_seq),
            clock_trusted = $5, trouble = NULL,
            synced_at = CASE WHEN durable_seq >= $4::bigint THEN now() ELSE synced_at END
        WHERE venue_id = $1 AND node_id = $2 RETURNING durable_seq, durable_hash
        """,
        node.venue_id,
        node.node_id,
        name,
        tail_seq,
        clock_trusted,
    )
    return msgspec.structs.replace(node, durable_seq=row["durable_seq"], durable_hash=row["durable_hash"])


async def lock(connection: asyncpg.Connection, venue_id: str, node_id: str) -> Lock:
    """Lock the node's row until the transaction ends."""
    row = await connection.fetchrow(
        """
        SELECT n.epoch, v.epoch AS charge_epoch, n.log_id, n.durable_seq, n.durable_hash, n.connection
        FROM nodes n JOIN venues v USING (venue_id)
        WHERE n.venue_id = $1 AND n.node_id = $2 FOR NO KEY UPDATE OF n
        """,
        venue_id,
        node_id,
    )
    return Lock(
        epoch=row["epoch"],
        charge_epoch=row["charge_epoch"],
        log_id=str(row["log_id"]),
        durable_seq=row["durable_seq"],
        durable_hash=row["durable_hash"],
        connection=None if row["connection"] is None else str(row["connection"]),
    )


async def advance(
    connection: asyncpg.Connection, venue_id: str, node_id: str, seq: int, chain_hash: bytes, tail_seq: int
) -> None:
    """Move the cursor. The row is locked and the facts up to `seq` are in this transaction."""
    await connection.execute(
        """
        UPDATE nodes SET durable_seq = $3, durable_hash = $4, heard_at = now(),
            tail_seq = greatest($5::bigint, $3::bigint),
            synced_at = CASE WHEN $3::bigint >= $5::bigint THEN now() ELSE synced_at END
        WHERE venue_id = $1 AND node_id = $2
        """,
        venue_id,
        node_id,
        seq,
        chain_hash,
        tail_seq,
    )


async def heard(pool: asyncpg.Pool, signs: list[Sign]) -> set[str]:
    """Write down signs of life; the names of connections that still speak for their node."""
    rows = await pool.fetch(
        """
        UPDATE nodes n SET heard_at = now() - make_interval(secs => s.quiet_s),
            tail_seq = greatest(s.tail_seq, n.durable_seq), clock_trusted = s.clock_trusted,
            synced_at = CASE WHEN n.durable_seq >= s.tail_seq
                THEN now() - make_interval(secs => s.quiet_s) ELSE n.synced_at END
        FROM unnest($1::uuid[], $2::float8[], $3::bigint[], $4::boolean[])
            AS s(connection, quiet_s, tail_seq, clock_trusted)
        WHERE n.connection = s.connection RETURNING n.connection
        """,
        [sign.connection for sign in signs],
        [sign.quiet_s for sign in signs],
        [sign.tail_seq for sign in signs],
        [sign.clock_trusted for sign in signs],
    )
    return {str(row["connection"]) for row in rows}


async def left(pool: asyncpg.Pool, venue_id: str, node_id: str, name: str, trouble: str | None) -> None:
    """The connection called `name` has ended; a newer one is not touched."""
    await pool.execute(
        """
        UPDATE nodes SET connection = NULL, trouble = $4
        WHERE venue_id = $1 AND node_id = $2 AND connection = $3
        """,
        venue_id,
        node_id,
        name,
        None if trouble is None else storable(trouble),
    )


async def claim(pool: asyncpg.Pool, code_digest: str, public_key: bytes, node_id: str, log_id: str) -> Claim:
    """Bind a box to the venue of the code, under the next epoch.

    Asking again with the same code, key and log gives the same answer, because the first may have been
    lost on its way. Raises `ClaimUnknown` or `ClaimUsed`.
    """
    async with pool.acquire() as connection, connection.transaction():
        code = await connection.fetchrow(
            """
            SELECT venue_id, used_at, node_id, expires_at < now() AS late FROM claim_codes
            WHERE code_digest = $1 FOR UPDATE
            """,
            code_digest,
        )
        if code is None or (code["late"] and code["used_at"] is None):
            raise ClaimUnknown
        if code["used_at"] is not None:
            return await _claimed_before(connection, code, public_key, node_id, log_id)
        return await _bind(connection, code_digest, code["venue_id"], public_key, node_id, log_id)


async def _claimed_before(
    connection: asyncpg.Connection, code: Any, public_key: bytes, node_id: str, log_id: str
) -> Claim:
    row = await connection.fetchrow(
        """
        SELECT v.restaurant_id, n.epoch FROM nodes n JOIN venues v USING (venue_id)
        WHERE n.venue_id = $1 AND n.node_id = $2 AND n.public_key = $3 AND n.log_id = $4
        """,
        code["venue_id"],
        node_id,
        public_key,
        log_id,
    )
    if row is None or str(code["node_id"]) != node_id:
        raise ClaimUsed
    return Claim(str(code["venue_id"]), row["restaurant_id"], row["epoch"])


async def _bind(
    connection: asyncpg.Connection,
    code_digest: str,
    venue_id: Any,
    public_key: bytes,
    node_id: str,
    log_id: str,
) -> Claim:
    venue = await connection.fetchrow(
        "UPDATE venues SET epoch = epoch + 1 WHERE venue_id = $1 RETURNING restaurant_id, epoch", venue_id
    )
    inserted = await connection.execute(
        """
        INSERT INTO nodes (venue_id, node_id, epoch, log_id, public_key, durable_hash)
        VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (venue_id, node_id) DO NOTHING
        """,
        venue_id,
        node_id,
        venue["epoch"],
        log_id,
        public_key,
        genesis(log_id),
    )
    if inserted != "INSERT 0 1":
        raise ClaimUsed  # this node already stands in the venue: a new life of a box needs a new node id
    await connection.execute(
        "UPDATE claim_codes SET used_at = now(), node_id = $2 WHERE code_digest = $1", code_digest, node_id
    )
    return Claim(str(venue_id), venue["restaurant_id"], venue["epoch"])
