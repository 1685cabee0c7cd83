"""Boxes: how one is claimed, which connection speaks for it, where the cloud's copy of its journal ends.

Rule of the file: whatever moves a node's cursor has locked its row first (`lock`), so two connections of
one box, in any two processes, can never both apply a run.
"""

import asyncpg
import msgspec

from cloud.store.words import storable

#: A connection that was heard of within this time is alive; boxes ping every 5 s.
ALIVE_S = 12.0


class Node(msgspec.Struct, frozen=True):
    """A box under one epoch, as the link needs it. `charge_epoch` is the epoch of the box in charge.

    `alive` tells whether a connection speaks for it now, `life` which start of its program that was.
    `rival_life` is another one that asked for its place meanwhile; `outlived_s` seconds after that the one
    that speaks was heard of again. `hellos` counts its welcomes, this one included, once it is taken.
    """

    venue_id: str
    node_id: str
    epoch: int
    charge_epoch: int
    log_id: str
    public_key: bytes
    durable_seq: int
    durable_hash: bytes
    base_seq: int = 0
    base_hash: bytes | None = None
    life: str | None = None
    alive: bool = False
    rival_life: str | None = None
    outlived_s: float = 0.0
    hellos: int = 0


class Lock(msgspec.Struct, frozen=True):
    """What the locked row of a node says now."""

    epoch: int
    charge_epoch: int
    log_id: str
    durable_seq: int
    durable_hash: bytes
    connection: str | None


class Sign(msgspec.Struct, frozen=True):
    """A sign of life that one connection has had since the last time. `quiet_s` is how long ago.

    `unsynced_minor` is what the box said last that the cloud lacks of its orders; None until it has.
    """

    connection: str
    quiet_s: float
    tail_seq: int
    clock_trusted: bool
    unsynced_minor: int | None = None


async def find(connection: asyncpg.Connection, venue_id: str, node_id: str) -> Node | None:
    """The node, if it was ever claimed. Ids must be UUIDs in text."""
    row = await connection.fetchrow(
        """
        SELECT n.epoch, v.epoch AS charge_epoch, n.log_id, n.public_key, n.durable_seq, n.durable_hash,
            n.base_seq, n.base_hash, n.life,
            coalesce(n.connection IS NOT NULL AND n.heard_at > now() - make_interval(secs => $3), false)
                AS alive,
            n.rival_life, coalesce(extract(epoch FROM n.heard_at - n.rival_since), 0)::float8 AS outlived_s
        FROM nodes n JOIN venues v USING (venue_id) WHERE n.venue_id = $1 AND n.node_id = $2
        """,
        venue_id,
        node_id,
        ALIVE_S,
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
        base_seq=row["base_seq"],
        base_hash=row["base_hash"],
        life=row["life"],
        alive=row["alive"],
        rival_life=row["rival_life"],
        outlived_s=row["outlived_s"],
    )


async def incarnation(connection: asyncpg.Connection) -> str:
    """Which life of this database it is."""
    return str(
        await connection.fetchval("SELECT incarnation FROM incarnations ORDER BY began_at DESC LIMIT 1")
    )


async def reincarnate(connection: asyncpg.Connection) -> str:
    """The database has gone back in time: whatever is told from here on is told by another life of it."""
    return str(
        await connection.fetchval(
            """
            INSERT INTO incarnations (began_at) SELECT greatest(now(), max(began_at) + interval '1 us')
            FROM incarnations RETURNING incarnation
            """
        )
    )


async def hash_at(connection: asyncpg.Connection, node: Node, seq: int) -> bytes | None:
    """The chain's hash after the fact `seq` as the cloud has it; None past its end."""
    if seq == node.base_seq:
        return node.base_hash
    found: bytes | None = await connection.fetchval(
        "SELECT hash FROM facts WHERE venue_id = $1 AND log_id = $2 AND seq = $3",
        node.venue_id,
        node.log_id,
        seq,
    )
    return found


async def rival(connection: asyncpg.Connection, node: Node, life: str) -> None:
    """Another life of the node asked for its place; since when is kept."""
    await connection.execute(
        """
        UPDATE nodes SET rival_life = $3, rival_since = now()
        WHERE venue_id = $1 AND node_id = $2 AND rival_life IS DISTINCT FROM $3
        """,
        node.venue_id,
        node.node_id,
        life,
    )


async def turned_away(connection: asyncpg.Connection, node: Node, trouble: str) -> None:
    """The box asked and was refused; the owner sees why."""
    await connection.execute(
        """
        UPDATE nodes SET trouble = $3, heard_at = CASE WHEN connection IS NULL THEN now() ELSE heard_at END
        WHERE venue_id = $1 AND node_id = $2
        """,
        node.venue_id,
        node.node_id,
        storable(trouble),
    )


async def mended(connection: asyncpg.Connection, node: Node, words: str) -> None:
    """Digests of box and cloud differed; the owner sees what came of it, until the next connection."""
    await connection.execute(
        "UPDATE nodes SET trouble = $3 WHERE venue_id = $1 AND node_id = $2",
        node.venue_id,
        node.node_id,
        storable(words),
    )


async def take(
    connection: asyncpg.Connection, node: Node, name: str, tail_seq: int, clock_trusted: bool, life: str
) -> Node:
    """From here on the connection called `name` speaks for the node; the cursor as it is now."""
    row = await connection.fetchrow(
        """
        UPDATE nodes SET connection = $3, heard_at = now(), tail_seq = greatest($4::bigint, durable_seq),
            clock_trusted = $5, trouble = NULL, life = $6, rival_life = NULL, rival_since = NULL,
            hellos = hellos + 1,
            synced_at = CASE WHEN durable_seq >= $4::bigint THEN now() ELSE synced_at END
        WHERE venue_id = $1 AND node_id = $2 RETURNING durable_seq, durable_hash, hellos
        """,
        node.venue_id,
        node.node_id,
        name,
        tail_seq,
        clock_trusted,
        life,
    )
    return msgspec.structs.replace(
        node, durable_seq=row["durable_seq"], durable_hash=row["durable_hash"], hellos=row["hellos"]
    )


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
            rival_since = CASE WHEN now() - heard_at > make_interval(secs => $6)
                THEN now() ELSE rival_since END,
            tail_seq = greatest($5::bigint, $3::bigint),
            synced_at = CASE WHEN $3::bigint >= $5::bigint THEN now() ELSE synced_at END
        WHERE venue_id = $1 AND node_id = $2
        """,
        venue_id,
        node_id,
        seq,
        chain_hash,
        tail_seq,
        ALIVE_S,
    )


async def heard(pool: asyncpg.Pool, signs: list[Sign]) -> set[str]:
    """Write down signs of life; the names of connections that still speak for their node.

    After a silence a life proves anew that it goes on beside a rival: a process that stood still reads frames
    of a box that may be long gone, and nobody is fenced for those.
    """
    rows = await pool.fetch(
        """
        UPDATE nodes n SET heard_at = now() - make_interval(secs => s.quiet_s),
            rival_since = CASE WHEN now() - make_interval(secs => s.quiet_s) - n.heard_at
                > make_interval(secs => $6)
                THEN now() - make_interval(secs => s.quiet_s) ELSE n.rival_since END,
            tail_seq = greatest(s.tail_seq, n.durable_seq), clock_trusted = s.clock_trusted,
            unsynced_minor = coalesce(s.unsynced_minor, n.unsynced_minor),
            synced_at = CASE WHEN n.durable_seq >= s.tail_seq
                THEN now() - make_interval(secs => s.quiet_s) ELSE n.synced_at END
        FROM unnest($1::uuid[], $2::float8[], $3::bigint[], $4::boolean[], $5::bigint[])
            AS s(connection, quiet_s, tail_seq, clock_trusted, unsynced_minor)
        WHERE n.connection = s.connection RETURNING n.connection
        """,
        [sign.connection for sign in signs],
        [sign.quiet_s for sign in signs],
        [sign.tail_seq for sign in signs],
        [sign.clock_trusted for sign in signs],
        [sign.unsynced_minor for sign in signs],
        ALIVE_S,
    )
    return {str(row["connection"]) for row in rows}


async def left(pool: asyncpg.Pool, venue_id: str, node_id: str, name: str, trouble: str | None) -> None:
    """The connection called `name` has ended; a newer one is not touched.

    What somebody was turned away for meanwhile stays for the owner to see, until the next welcome: a box may
    knock again before its former connection has been put away.
    """
    await pool.execute(
        """
        UPDATE nodes SET connection = NULL, trouble = coalesce($4, trouble)
        WHERE venue_id = $1 AND node_id = $2 AND connection = $3
        """,
        venue_id,
        node_id,
        name,
        None if trouble is None else storable(trouble),
    )
