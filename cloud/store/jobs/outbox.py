"""The outbox: mails as rows, written with their cause, claimed before they are sent.

Rule of the file: one cause, one mail. `key` names the cause within its organisation and a second mail of the
same key is not written. Only whoever holds the claim sends; a claim lasts longer than sending can.

What SMTP cannot promise: when the connection breaks after the text was handed over and before the server's
answer is written down here, nobody knows whether it was taken (RFC 5321 §4.5.3.2.6, RFC 1047). Such a mail
is sent again, under the same Message-ID, so that servers and readers which look at it show it once; `doubts`
counts how often that was.

Counterpart: `cloud/jobs/post.py` sends.
"""

from datetime import datetime
from uuid import uuid4

import asyncpg
import msgspec

from cloud.store.words import storable


class Letter(msgspec.Struct, frozen=True):
    """A mail as it stands. Times are UTC; `reply` is the server's last word about it."""

    mail_id: str
    recipient: str
    subject: str
    state: str
    tries: int
    doubts: int
    reply: str | None
    written_at: datetime
    sent_at: datetime | None


class Claimed(msgspec.Struct, frozen=True):
    """A mail in somebody's hands."""

    mail_id: str
    recipient: str
    subject: str
    body: str
    html: str
    written_at: datetime
    tries: int


async def write(
    connection: asyncpg.Connection,
    organisation_id: str,
    key: str,
    *,
    recipient: str,
    subject: str,
    body: str,
    html: str,
) -> str | None:
    """The new mail's id; null where this cause has its mail already."""
    mail_id: str | None = await connection.fetchval(
        """
        INSERT INTO mails (mail_id, organisation_id, key, recipient, subject, body, html)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT (organisation_id, key) DO NOTHING RETURNING mail_id::text
        """,
        str(uuid4()),
        organisation_id,
        key,
        recipient,
        subject,
        body,
        html,
    )
    return mail_id


async def claim(pool: asyncpg.Pool, mail_id: str, lease_s: float) -> Claimed | None:
    """Take a mail to send it; null where it is sent, given up, or in other hands."""
    row = await pool.fetchrow(
        """
        UPDATE mails SET state = 'sending', tries = tries + 1, handed_at = NULL,
            doubts = doubts + (handed_at IS NOT NULL)::int,
            claimed_until = now() + make_interval(secs => $2)
        WHERE mail_id = $1 AND (state = 'waiting' OR (state = 'sending' AND claimed_until < now()))
        RETURNING mail_id::text, recipient, subject, body, html, written_at, tries
        """,
        mail_id,
        lease_s,
    )
    return None if row is None else Claimed(**dict(row))


async def free_in_s(pool: asyncpg.Pool, mail_id: str) -> float | None:
    """How long somebody else's claim still lasts; null where nobody is at it or it is over."""
    left: float | None = await pool.fetchval(
        """
        SELECT extract(epoch FROM claimed_until - now())::float8 FROM mails
        WHERE mail_id = $1 AND state = 'sending' AND claimed_until > now()
        """,
        mail_id,
    )
    return left


async def handing_over(pool: asyncpg.Pool, mail: Claimed) -> bool:
    """From here on it may be delivered. False where the claim was lost: then it must not be."""
    marked = await pool.execute(
        "UPDATE mails SET handed_at = now() WHERE mail_id = $1 AND state = 'sending' AND tries = $2"
        " AND claimed_until > now()",
        mail.mail_id,
        mail.tries,
    )
    return bool(marked == "UPDATE 1")


async def sent(pool: asyncpg.Pool, mail: Claimed, reply: str) -> None:
    """The server has it."""
    await pool.execute(
        "UPDATE mails SET state = 'sent', sent_at = now(), reply = $2 WHERE mail_id = $1",
        mail.mail_id,
        storable(reply),
    )


async def not_sent(pool: asyncpg.Pool, mail: Claimed, reply: str, *, handed: bool) -> None:
    """It is still ours to send. `handed`: the server may have it nevertheless."""
    await pool.execute(
        """
        UPDATE mails SET state = 'waiting', claimed_until = NULL, reply = $3,
            handed_at = CASE WHEN $4 THEN handed_at END
        WHERE mail_id = $1 AND state = 'sending' AND tries = $2
        """,
        mail.mail_id,
        mail.tries,
        storable(reply),
        handed,
    )


async def undeliverable(connection: asyncpg.Connection, mail_id: str, reply: str) -> None:
    """Given up."""
    await connection.execute(
        "UPDATE mails SET state = 'failed', reply = $2 WHERE mail_id = $1 AND state <> 'sent'",
        mail_id,
        storable(reply),
    )


async def left_lying(pool: asyncpg.Pool, most: int) -> list[tuple[str, str]]:
    """Mails (and their organisations) that wait and that no job is about to send, oldest first."""
    rows = await pool.fetch(
        """
        SELECT m.mail_id::text, m.organisation_id::text FROM mails m
        WHERE (m.state = 'waiting' OR (m.state = 'sending' AND m.claimed_until < now()))
            AND NOT EXISTS (SELECT FROM jobs j
                WHERE j.kind = 'mail' AND j.key = m.mail_id::text AND j.state IN ('queued', 'running'))
        ORDER BY m.written_at LIMIT $1
        """,
        most,
    )
    return [(row["mail_id"], row["organisation_id"]) for row in rows]


async def waiting(connection: asyncpg.Connection, organisation_id: str) -> int:
    """How many of an organisation's mails are not sent yet."""
    count: int = await connection.fetchval(
        "SELECT count(*) FROM mails WHERE organisation_id = $1 AND state IN ('waiting', 'sending')",
        organisation_id,
    )
    return count


async def newest(connection: asyncpg.Connection, organisation_id: str, most: int) -> list[Letter]:
    """An organisation's newest mails."""
    rows = await connection.fetch(
        """
        SELECT mail_id::text, recipient, subject, state, tries, doubts, reply, written_at, sent_at
        FROM mails WHERE organisation_id = $1 ORDER BY written_at DESC LIMIT $2
        """,
        organisation_id,
        most,
    )
    return [Letter(**dict(row)) for row in rows]


async def forget_old(pool: asyncpg.Pool, days: int) -> None:
    """Forget mails that were sent or given up so long ago."""
    await pool.execute(
        "DELETE FROM mails WHERE state IN ('sent', 'failed')"
        " AND written_at < now() - make_interval(days => $1)",
        days,
    )
