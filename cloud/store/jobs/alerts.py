"""Alerts: what is wrong right now, what was known to be wrong, and what people have not been told yet.

Rule of the file: one look compares the two in one transaction under one lock, so of several workers that look
at the same moment one finds what is new. A thing that has just begun to look well is not over before it has
looked well for a while, and one that went at once, before anybody was told, is forgotten.

Counterparts: `cloud/jobs/alerting.py` tells people, `cloud/owners/sight/alert_desk.py` shows the history.
"""

from datetime import datetime
from typing import Any

import asyncpg
import msgspec

#: What an organisation may be told of, in words for the page. Codes are for ever.
KINDS = {
    "silent": "A venue is not heard of",
    "printer": "A printer does not print",
    "quarantine": "Something a box sent cannot be understood",
    "orphans": "A replaced box left something behind",
    "cards": "Nearly as many cards are stored on a terminal as may be",
    "health": "A box or a device needs somebody",
    "releases": "A box took a release back",
    "jobs": "An export or another task has failed for good",
}
#: How long a thing has to be wrong before anybody is told, besides what its own wording says.
#: Silence is looked at twice: when the cloud itself was away, boxes are back within a minute.
_HELD_S = {"silent": 60, "printer": 60, "quarantine": 60, "health": 600}
#: How long it has to be well again before that is believed.
_CLEAR_S = 120
_LOCK = 0x416C_6572

#: `$1`: a slip is old after so many seconds. Everything that is wrong anywhere, one row each.
_WRONG = """
    SELECT v.organisation_id, 'silent' AS kind, v.venue_id AS venue, v.venue_id::text AS subject,
        format('Nothing was heard of %s since %s.', v.name,
            to_char(n.heard_at AT TIME ZONE v.timezone, 'DD Mon, HH24:MI')) AS words
    FROM venues v JOIN nodes n ON n.venue_id = v.venue_id AND n.epoch = v.epoch
    LEFT JOIN alert_settings s ON s.organisation_id = v.organisation_id
    WHERE n.heard_at < now() - make_interval(secs => coalesce(s.silent_after_s, 600))
    UNION ALL
    SELECT v.organisation_id, 'printer', v.venue_id, v.venue_id::text || ' ' || waiting.printer,
        format('%s: %s for %s.', v.name,
            CASE waiting.count WHEN 1 THEN 'a slip waits' ELSE waiting.count || ' slips wait' END,
            coalesce(nullif(waiting.printer, ''), 'a printer'))
    FROM venues v CROSS JOIN LATERAL (
        SELECT coalesce(p.printer, '') AS printer, count(*) AS count FROM printouts p
        WHERE p.venue_id = v.venue_id AND p.state IN ('asked', 'sending')
            AND p.asked_ms BETWEEN (extract(epoch FROM now()) * 1000)::bigint - 86400000
                AND (extract(epoch FROM now()) * 1000)::bigint - $1::bigint * 1000
        GROUP BY 1
    ) AS waiting
    UNION ALL
    SELECT v.organisation_id, 'quarantine', v.venue_id, v.venue_id::text,
        format('%s: %s set aside for a look.', v.name, count(*))
    FROM venues v JOIN quarantine q ON q.venue_id = v.venue_id GROUP BY v.organisation_id, v.venue_id
    UNION ALL
    SELECT v.organisation_id, 'orphans', v.venue_id, v.venue_id::text,
        format('%s: a replaced box left %s facts behind; look under After an outage.', v.name, count(*))
    FROM venues v JOIN orphans o ON o.venue_id = v.venue_id
    WHERE o.received_at > now() - interval '1 day' GROUP BY v.organisation_id, v.venue_id
    UNION ALL
    SELECT v.organisation_id, 'cards', v.venue_id, v.venue_id::text,
        format('%s: %s stored on the terminal and not sent, %s of what may be.', v.name,
            CASE t.unsent WHEN 1 THEN 'a card is' ELSE t.unsent || ' cards are' END,
            round(100.0 * t.unsent_minor / t.most_unsent_minor) || ' %')
    FROM venues v JOIN terminals t ON t.venue_id = v.venue_id
    WHERE t.most_unsent_minor > 0 AND t.unsent_minor * 5 >= t.most_unsent_minor * 4
    UNION ALL
    SELECT v.organisation_id, 'health', v.venue_id, v.venue_id::text || ' ' || t.thing,
        format('%s: %s', v.name, coalesce(nullif(t.words, ''),
            format('%s (%s) %s.', t.name, t.kind, CASE t.state WHEN 'lost' THEN 'does not answer'
                ELSE 'cannot be told what to do' END)))
    FROM telemetry t JOIN venues v ON v.venue_id = t.venue_id
    WHERE t.read_at > now() - interval '5 minutes'
        AND ((t.kind = 'box' AND t.state IN ('shaky', 'alarmed'))
            OR (t.kind IN ('plug', 'gate', 'broker') AND t.state IN ('lost', 'alarmed')))
    UNION ALL
    SELECT v.organisation_id, 'releases', v.venue_id, v.venue_id::text || ' ' || t.version,
        format('%s: the box took release %s back and serves with the former one%s.%s', v.name, t.version,
            coalesce(': ' || nullif(t.reason, ''), ''), CASE WHEN EXISTS (
                SELECT FROM release_rings r WHERE r.version = t.version AND r.halted_at IS NOT NULL
            ) THEN ' It is offered to nobody for now.' ELSE '' END)
    FROM release_trials t JOIN venues v ON v.venue_id = t.venue_id
    WHERE t.state = 'rolled_back' AND t.told_at > now() - interval '1 day'
    UNION ALL
    SELECT j.organisation_id, 'jobs', NULL, j.job_id::text, format('%s: %s', j.kind, j.reason)
    FROM jobs j WHERE j.organisation_id IS NOT NULL AND j.state = 'failed'
        AND j.kind NOT IN ('mail', 'alert-webhook') AND j.changed_at > now() - interval '1 day'
"""
_SLIP_OLD_S = 300


class Telling(msgspec.Struct, frozen=True):
    """Something that people are to be told now: that it is wrong, or (`over`) that it is not any more."""

    organisation_id: str
    alert_id: str
    kind: str
    venue_id: str | None
    words: str
    began_at: datetime
    over_at: datetime | None

    @property
    def over(self) -> bool:
        """Whether it is well again."""
        return self.over_at is not None


class AlertRow(msgspec.Struct, frozen=True):
    """One alert as people see it. Times are UTC."""

    alert_id: str
    kind: str
    venue_id: str | None
    words: str
    began_at: datetime
    told_at: datetime | None
    over_at: datetime | None


async def look(connection: asyncpg.Connection) -> None:
    """Compare what is wrong with what was known; within a transaction."""
    await connection.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)
    await connection.execute(f"CREATE TEMP TABLE wrong ON COMMIT DROP AS {_as_table()}")
    await connection.execute(
        """
        INSERT INTO alerts (organisation_id, alert_id, kind, venue, subject, words)
        SELECT organisation_id, gen_random_uuid(), kind, venue, subject, words FROM wrong
        ON CONFLICT (organisation_id, kind, subject) WHERE over_at IS NULL
            DO UPDATE SET words = excluded.words, clear_since = NULL
        """
    )
    # What comes and goes within a look or two was nothing.
    await connection.execute(
        "DELETE FROM alerts a WHERE over_at IS NULL AND told_at IS NULL"
        f" AND began_at > now() - interval '2 minutes' AND {_WELL}"
    )
    await connection.execute(
        f"UPDATE alerts a SET clear_since = coalesce(clear_since, now()) WHERE over_at IS NULL AND {_WELL}"
    )
    await connection.execute(
        "UPDATE alerts SET over_at = clear_since WHERE over_at IS NULL"
        " AND clear_since <= now() - make_interval(secs => $1)",
        float(_CLEAR_S),
    )


_WELL = """
    NOT EXISTS (SELECT FROM wrong w
        WHERE w.organisation_id = a.organisation_id AND w.kind = a.kind AND w.subject = a.subject)
"""


def _as_table() -> str:
    """A statement that makes a table takes no parameters."""
    return _WRONG.replace("$1", str(_SLIP_OLD_S))


async def take_untold(connection: asyncpg.Connection) -> list[Telling]:
    """What is to be told now, marked as told; within the transaction that writes the mails.

    Within an organisation's quiet hours (of the venue, or of UTC) nothing is; it is told afterwards if it
    still lasts by then.
    """
    await connection.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)
    held = "CASE a.kind " + " ".join(f"WHEN '{kind}' THEN {s}" for kind, s in _HELD_S.items()) + " ELSE 0 END"
    rows = await connection.fetch(
        f"""
        UPDATE alerts a SET
            told_at = coalesce(a.told_at, now()),
            over_told_at = CASE WHEN a.over_at IS NOT NULL THEN now() END
        FROM (
            SELECT a.organisation_id, a.alert_id FROM alerts a
            LEFT JOIN venues v ON v.venue_id = a.venue
            LEFT JOIN alert_settings s ON s.organisation_id = a.organisation_id
            CROSS JOIN LATERAL (
                SELECT (now() AT TIME ZONE coalesce(v.timezone, 'UTC'))::time AS time
            ) AS local
            WHERE ((a.told_at IS NULL AND a.over_at IS NULL
                        AND a.began_at <= now() - make_interval(secs => {held}))
                    OR (a.told_at IS NOT NULL AND a.over_at IS NOT NULL AND a.over_told_at IS NULL))
                AND NOT (s.quiet_from IS NOT NULL AND CASE
                    WHEN s.quiet_from <= s.quiet_until
                        THEN local.time >= s.quiet_from AND local.time < s.quiet_until
                    ELSE local.time >= s.quiet_from OR local.time < s.quiet_until
                END)
        ) AS due
        WHERE a.organisation_id = due.organisation_id AND a.alert_id = due.alert_id
        RETURNING a.organisation_id::text, a.alert_id::text, a.kind, a.venue::text AS venue_id, a.words,
            a.began_at, a.over_at
        """
    )
    return [Telling(**dict(row)) for row in rows]


async def listed(connection: asyncpg.Connection, organisation_id: str, most: int) -> list[AlertRow]:
    """What lasts first, then the newest."""
    rows: list[Any] = await connection.fetch(
        """
        SELECT alert_id::text, kind, venue::text AS venue_id, words, began_at, told_at, over_at
        FROM alerts WHERE organisation_id = $1 ORDER BY over_at IS NULL DESC, began_at DESC, alert_id LIMIT $2
        """,
        organisation_id,
        most,
    )
    return [AlertRow(**dict(row)) for row in rows]


async def forget_old(pool: asyncpg.Pool, days: int) -> None:
    """Forget what was over so long ago."""
    await pool.execute("DELETE FROM alerts WHERE over_at < now() - make_interval(days => $1)", days)
