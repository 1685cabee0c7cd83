"""Down streams: what the cloud writes and a box follows, dense and in the order of commits.

Publishing locks the stream's head row until the transaction ends. So an entry can only become visible
after all before it, and a reader that has seen seq n will never find something new below n.
"""

import asyncpg
import msgspec

from protocol.link import Entry

#: Streams of which only the newest entry counts, because it replaces what was before it as a whole.
WHOLE = ("menu", "config")


class Mark(msgspec.Struct, frozen=True):
    """How far a box has a stream on its disk."""

    stream: str
    seq: int


async def open_streams(connection: asyncpg.Connection, venue_id: str, streams: tuple[str, ...]) -> None:
    """Heads at zero for a new venue."""
    await connection.executemany(
        "INSERT INTO down_heads (venue_id, stream, seq) VALUES ($1, $2, 0) ON CONFLICT DO NOTHING",
        [(venue_id, stream) for stream in streams],
    )


async def next_seq(connection: asyncpg.Connection, venue_id: str, stream: str) -> int:
    """Take the next place of the stream; holds the head until the transaction ends."""
    seq: int = await connection.fetchval(
        """
        INSERT INTO down_heads (venue_id, stream, seq) VALUES ($1, $2, 1)
        ON CONFLICT (venue_id, stream) DO UPDATE SET seq = down_heads.seq + 1 RETURNING seq
        """,
        venue_id,
        stream,
    )
    return seq


async def behind(connection: asyncpg.Connection, venue_id: str, cursors: dict[str, int]) -> bool:
    """Whether a box has more of some stream than was ever published, as far as this database knows."""
    found: bool = await connection.fetchval(
        """
        SELECT EXISTS (SELECT FROM unnest($2::text[], $3::bigint[]) AS box (stream, seq)
            LEFT JOIN down_heads h ON h.venue_id = $1 AND h.stream = box.stream
            WHERE coalesce(h.seq, 0) < box.seq)
        """,
        venue_id,
        list(cursors),
        list(cursors.values()),
    )
    return found


async def hold(connection: asyncpg.Connection, venue_id: str, stream: str) -> None:
    """Let nobody else publish on an open stream until the transaction ends, without taking a place."""
    await connection.execute(
        "SELECT FROM down_heads WHERE venue_id = $1 AND stream = $2 FOR UPDATE", venue_id, stream
    )


async def begin_at(connection: asyncpg.Connection, venue_id: str, stream: str, seq: int) -> None:
    """The first entry of a new venue's stream has this place, because its box has one of that number."""
    await connection.execute(
        "UPDATE down_heads SET seq = $3 WHERE venue_id = $1 AND stream = $2 AND seq = 0",
        venue_id,
        stream,
        seq,
    )


async def outrun(
    connection: asyncpg.Connection, venue_id: str, node_id: str, cursors: dict[str, int]
) -> None:
    """After a restore a box may be ahead of a stream: its next entry comes after what the box has already.

    What was published since then stands at places that the box takes for known. All commands of which this
    database does not know that the box has them get new places; a box that knows one already does nothing.
    So do the newest menu and configuration, for those are what owners see here.
    """
    await connection.executemany(
        """
        INSERT INTO down_heads (venue_id, stream, seq) VALUES ($1, $2, $3)
        ON CONFLICT (venue_id, stream) DO UPDATE SET seq = greatest(down_heads.seq, EXCLUDED.seq)
        """,
        [(venue_id, stream, seq) for stream, seq in cursors.items()],
    )
    doubtful = await connection.fetch(
        """
        SELECT e.seq FROM down_entries e
        LEFT JOIN down_cursors c ON c.venue_id = $1 AND c.node_id = $2 AND c.stream = e.stream
        WHERE e.venue_id = $1 AND e.stream = 'commands' AND e.seq <= $3 AND e.seq > coalesce(c.seq, 0)
        ORDER BY e.seq
        """,
        venue_id,
        node_id,
        cursors.get("commands", 0),
    )
    for (seq,) in doubtful:
        await _move(connection, venue_id, seq, await next_seq(connection, venue_id, "commands"))
    for stream in WHOLE:
        await _hand_down_again(connection, venue_id, node_id, stream, cursors.get(stream, 0))


def missed(seq: int, known: int, cursor: int) -> bool:
    """Whether a box whose cursor stands past `seq` may have another entry there than this database.

    `known` is how far this database knows that the box has the stream.
    """
    return known < seq <= cursor


def replaced_at(place: int, stream: str, body: bytes) -> bytes:
    """The same entry at another place; a menu carries its place as its version."""
    if stream != "menu":
        return body
    menu = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
    return msgspec.json.encode(menu | {"menu_version": msgspec.Raw(str(place).encode())})


async def _hand_down_again(
    connection: asyncpg.Connection, venue_id: str, node_id: str, stream: str, cursor: int
) -> None:
    """Give the newest entry a place after the box's cursor, if the box may never have seen it."""
    row = await connection.fetchrow(
        """
        SELECT e.seq, e.body, coalesce(c.seq, 0) AS known FROM down_entries e
        LEFT JOIN down_cursors c ON c.venue_id = $1 AND c.node_id = $2 AND c.stream = e.stream
        WHERE e.venue_id = $1 AND e.stream = $3 ORDER BY e.seq DESC LIMIT 1
        """,
        venue_id,
        node_id,
        stream,
    )
    if row is None or not missed(row["seq"], row["known"], cursor):
        return
    place = await next_seq(connection, venue_id, stream)
    await connection.execute(
        "UPDATE down_entries SET seq = $4, body = $5 WHERE venue_id = $1 AND stream = $2 AND seq = $3",
        venue_id,
        stream,
        row["seq"],
        place,
        replaced_at(place, stream, row["body"]),
    )
    if stream == "menu":
        await connection.execute(
            "UPDATE menu_publications SET menu_version = $3 WHERE venue_id = $1 AND menu_version = $2",
            venue_id,
            row["seq"],
            place,
        )


async def _move(connection: asyncpg.Connection, venue_id: str, seq: int, place: int) -> None:
    await connection.execute(
        "UPDATE down_entries SET seq = $3 WHERE venue_id = $1 AND stream = 'commands' AND seq = $2",
        venue_id,
        seq,
        place,
    )
    await connection.execute(
        "UPDATE instructions SET seq = $3 WHERE venue_id = $1 AND seq = $2", venue_id, seq, place
    )


async def publish(connection: asyncpg.Connection, venue_id: str, stream: str, seq: int, body: bytes) -> None:
    """Fill the place taken by `next_seq` in the same transaction; at its commit the box's feed wakes."""
    await connection.execute(
        "INSERT INTO down_entries (venue_id, stream, seq, body) VALUES ($1, $2, $3, $4)",
        venue_id,
        stream,
        seq,
        body,
    )
    await connection.execute("SELECT pg_notify('down', $1)", venue_id)


async def after(
    connection: asyncpg.Connection, venue_id: str, stream: str, seq: int, most: int, most_bytes: int
) -> tuple[Entry, ...]:
    """Entries after `seq`, oldest first; stops before either bound is passed, but gives one at least."""
    rows = await connection.fetch(
        """
        SELECT seq, body, age_ms FROM (
            SELECT seq, body, sum(length(body)) OVER (ORDER BY seq) AS running,
                row_number() OVER (ORDER BY seq) AS n,
                greatest(0, extract(epoch FROM clock_timestamp() - created_at) * 1000)::bigint AS age_ms
            FROM (SELECT seq, body, created_at FROM down_entries
                  WHERE venue_id = $1 AND stream = $2 AND seq > $3 ORDER BY seq LIMIT $4) AS following
        ) AS bounded WHERE running <= $5 OR n = 1 ORDER BY seq
        """,
        venue_id,
        stream,
        seq,
        most,
        most_bytes,
    )
    return tuple(Entry(row["seq"], row["body"], row["age_ms"]) for row in rows)


async def latest(connection: asyncpg.Connection, venue_id: str, stream: str) -> bytes | None:
    """The newest entry's body."""
    body: bytes | None = await connection.fetchval(
        "SELECT body FROM down_entries WHERE venue_id = $1 AND stream = $2 ORDER BY seq DESC LIMIT 1",
        venue_id,
        stream,
    )
    return body


async def applied(pool: asyncpg.Pool, venue_id: str, node_id: str, mark: Mark) -> None:
    """The box has `mark` on its disk; cursors only ever move forward."""
    await pool.execute(
        """
        INSERT INTO down_cursors (venue_id, node_id, stream, seq) VALUES ($1, $2, $3, $4)
        ON CONFLICT (venue_id, node_id, stream)
        DO UPDATE SET seq = greatest(down_cursors.seq, EXCLUDED.seq), acked_at = now()
        """,
        venue_id,
        node_id,
        mark.stream,
        mark.seq,
    )
