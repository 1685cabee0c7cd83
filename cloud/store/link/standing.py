"""How all venues and the database itself are, in one look: what figures for alerts are made of."""

import asyncpg
import msgspec

#: As in `dashboard`: three pings missing.
_SILENT_AFTER_S = 15.0


class Standing(msgspec.Struct, frozen=True):
    """See `cloud.web.figures.Standing` for what each one means."""

    up: int
    down: int
    unsynced: int
    troubled: int
    quarantined: int
    live_facts: int
    database_bytes: int
    unarchived_s: float
    archive_failures: int
    connections: int
    most_connections: int


async def look(pool: asyncpg.Pool) -> Standing:
    """One look. Raises one of `pool.GONE`."""
    row = await pool.fetchrow(
        """
        WITH boxes AS (
            SELECT n.connection IS NOT NULL AND n.heard_at > now() - make_interval(secs => $1) AS up,
                greatest(n.tail_seq - n.durable_seq, 0) AS unsynced, n.trouble IS NOT NULL AS troubled
            FROM venues v JOIN nodes n ON n.venue_id = v.venue_id AND n.epoch = v.epoch
        )
        SELECT count(*) FILTER (WHERE up), count(*) FILTER (WHERE up IS NOT TRUE),
            coalesce(sum(unsynced), 0)::bigint, count(*) FILTER (WHERE troubled),
            (SELECT count(*) FROM quarantine),
            (SELECT greatest(reltuples, 0)::bigint FROM pg_class WHERE oid = 'facts_live'::regclass),
            pg_database_size(current_database()),
            (SELECT CASE WHEN current_setting('archive_mode') = 'off' THEN -1
                ELSE coalesce(extract(epoch FROM now() - last_archived_time), 0) END::float8
                FROM pg_stat_archiver),
            (SELECT failed_count FROM pg_stat_archiver),
            (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'),
            current_setting('max_connections')::int
        FROM boxes
        """,
        _SILENT_AFTER_S,
    )
    return Standing(*row)
