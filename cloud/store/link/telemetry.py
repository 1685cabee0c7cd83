"""The latest reading of each thing of a venue, and only that.

Rule of the file: a reading's place is (epoch of its box, seq), and a later place wins whichever process is
quicker; what a connection says that no longer speaks for its box is dropped. A row is lost without harm, for
the box tells everything again within a minute. Counterpart: `protocol/telemetry.py`.
"""

from collections.abc import Sequence

import asyncpg
import msgspec

from cloud.store.link.facts import UNFIT
from protocol.telemetry import Reading

#: What may come of keeping and forgetting besides `pool.GONE`: rows that no database holds, or two processes
#: in each other's way. Whoever meets one drops what it was told.
LOST = (*UNFIT, asyncpg.TransactionRollbackError)

#: Words of one connection; no link lives to say more.
_MOST_WORDS = 2**32


class Told(msgspec.Struct, frozen=True):
    """A reading that the connection called `connection` was told `quiet_s` ago, as its `word`-th word."""

    connection: str
    word: int
    quiet_s: float
    reading: Reading


class Kept(msgspec.Struct, frozen=True):
    """A thing as it was `age_s` ago, when it had been so for `since_s` or longer."""

    thing: str
    kind: str
    name: str
    state: str
    figures: dict[str, float]
    words: str
    age_s: float
    since_s: float


async def keep(connection: asyncpg.Connection, told: Sequence[Told]) -> set[str]:
    """Keep what is newer than what is there; the venues of which something was told."""
    ordered = sorted(told, key=lambda each: (each.connection, each.reading.thing))
    readings = [each.reading for each in ordered]
    rows = await connection.fetch(
        """
        INSERT INTO telemetry AS old (venue_id, thing, epoch, seq, kind, name, state, figures, words,
            read_at, since_at)
        SELECT n.venue_id, t.thing, n.epoch, n.hellos * $12::bigint + t.word, t.kind, t.name, t.state,
            t.figures::jsonb, t.words, now() - make_interval(secs => t.quiet_s + t.age_ms / 1000.0),
            now() - make_interval(secs => t.quiet_s + greatest(t.age_ms, t.since_ms) / 1000.0)
        FROM unnest($1::uuid[], $2::bigint[], $3::float8[], $4::text[], $5::text[], $6::text[], $7::text[],
                $8::text[], $9::text[], $10::bigint[], $11::bigint[])
            AS t(connection, word, quiet_s, thing, kind, name, state, figures, words, age_ms, since_ms)
        JOIN nodes n ON n.connection = t.connection
        JOIN venues v ON v.venue_id = n.venue_id AND v.epoch = n.epoch
        ORDER BY n.venue_id, t.thing
        ON CONFLICT (venue_id, thing) DO UPDATE SET epoch = EXCLUDED.epoch, seq = EXCLUDED.seq,
            kind = EXCLUDED.kind, name = EXCLUDED.name, state = EXCLUDED.state, figures = EXCLUDED.figures,
            words = EXCLUDED.words, read_at = EXCLUDED.read_at, since_at = EXCLUDED.since_at
        WHERE (old.epoch, old.seq) < (EXCLUDED.epoch, EXCLUDED.seq)
        RETURNING venue_id
        """,
        [each.connection for each in ordered],
        [each.word for each in ordered],
        [each.quiet_s for each in ordered],
        [each.thing for each in readings],
        [each.kind for each in readings],
        [each.name for each in readings],
        [each.state for each in readings],
        [msgspec.json.encode(each.figures).decode() for each in readings],
        [each.words for each in readings],
        [each.age_ms for each in readings],
        [each.since_ms for each in readings],
        _MOST_WORDS,
    )
    return {str(row["venue_id"]) for row in rows}


async def forget(connection: asyncpg.Connection, wholes: dict[str, int]) -> None:
    """By connection, the word that named everything: what was told before it, of that venue, has gone."""
    await connection.execute(
        """
        DELETE FROM telemetry t USING nodes n, venues v,
            unnest($1::uuid[], $2::bigint[]) AS w(connection, word)
        WHERE n.connection = w.connection AND v.venue_id = n.venue_id AND v.epoch = n.epoch
            AND t.venue_id = n.venue_id AND (t.epoch, t.seq) < (n.epoch, n.hellos * $3::bigint + w.word)
        """,
        list(wholes),
        list(wholes.values()),
        _MOST_WORDS,
    )


async def latest(connection: asyncpg.Connection, venue_id: str) -> list[Kept]:
    """Everything that is known of a venue's things, by kind and name."""
    rows = await connection.fetch(
        """
        SELECT thing, kind, name, state, figures, words, extract(epoch FROM now() - read_at)::float8 AS age_s,
            extract(epoch FROM now() - since_at)::float8 AS since_s
        FROM telemetry WHERE venue_id = $1 ORDER BY kind, name, thing
        """,
        venue_id,
    )
    return [
        Kept(
            thing=row["thing"],
            kind=row["kind"],
            name=row["name"],
            state=row["state"],
            figures=msgspec.json.decode(row["figures"], type=dict[str, float]),
            words=row["words"],
            age_s=max(0.0, row["age_s"]),
            since_s=max(0.0, row["since_s"]),
        )
        for row in rows
    ]
