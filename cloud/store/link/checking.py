"""What `doctor` asks the whole database besides each venue's journal: money, months, jobs, mails, webhooks.

Rule of the file: each check is one question whose rows are what is wrong; none of them means well. Questions
that read much say so (`thorough`). Counterpart: `cloud/ingest/doctor.py` asks them in one transaction.
"""

from typing import Literal

import asyncpg
import msgspec

_MOST_ROWS = 5


class Check(msgspec.Struct, frozen=True):
    """`query` gives the words of each wrong thing, one column; `well` is said where there is none.

    `remedy` is what somebody can do about those that are there.
    """

    subject: str
    verdict: Literal["warn", "bad"]
    query: str
    well: str
    remedy: str
    thorough: bool = False


CHECKS = (
    Check(
        "ledger",
        "bad",
        """
        SELECT format('transaction %s comes to %s %s', transaction, sum(amount_minor), currency) FROM ledger
        GROUP BY organisation_id, transaction, currency HAVING sum(amount_minor) <> 0
        """,
        "every transaction comes to nothing, and so does the whole",
        "restore a backup; nothing but a hand on the database can do this",
        thorough=True,
    ),
    Check(
        "ledger",
        "bad",
        """
        SELECT format('%s is at %s %s', account, sum(amount_minor), currency) FROM ledger
        WHERE account LIKE 'grant:%' GROUP BY organisation_id, account, currency HAVING sum(amount_minor) < 0
        """,
        "no venue has spent more than was set aside for it",
        "look at the wallet's statement on the dashboard before more is granted",
        thorough=True,
    ),
    Check(
        "months",
        "bad",
        """
        SELECT format('log %s: %s facts stand past its cursor %s', n.log_id, count(*), n.durable_seq)
        FROM nodes n JOIN facts f ON f.venue_id = n.venue_id AND f.log_id = n.log_id AND f.seq > n.durable_seq
        GROUP BY n.log_id, n.durable_seq
        """,
        "no fact stands past the cursor of its log",
        "restore a backup",
        thorough=True,
    ),
    Check(
        "months",
        "bad",
        """
        SELECT format('log %s: %s facts are live and put away (up to %s)', n.log_id, count(*), n.sealed_seq)
        FROM nodes n
        JOIN facts_live f ON f.venue_id = n.venue_id AND f.log_id = n.log_id AND f.seq <= n.sealed_seq
        GROUP BY n.log_id, n.sealed_seq
        """,
        "what was put away is put away",
        "restore a backup",
    ),
    Check(
        "months",
        "bad",
        """
        SELECT format('%s: the archive has %s facts, its logs %s', to_char(a.month, 'YYYY-MM'), a.facts,
            coalesce(sum(l.facts), 0))
        FROM archives a LEFT JOIN archived_logs l USING (month)
        GROUP BY a.month, a.facts HAVING a.facts <> coalesce(sum(l.facts), 0)
        """,
        "archives hold what they say",
        "run holdfast-cloud unarchive with the file of that month",
    ),
    Check(
        "months",
        "warn",
        """
        SELECT format('%s facts older than two months are not put away',
            count(*)) FROM facts_live WHERE received_at < now() - interval '62 days' HAVING count(*) > 0
        """,
        "old facts are put away",
        "a process of the cloud does this every hour; look for what it says in its log",
        thorough=True,
    ),
    Check(
        "jobs",
        "warn",
        """
        SELECT format('%s of kind %s %s for %s', count(*), kind,
            CASE state WHEN 'running' THEN 'run, and nobody was heard of them' ELSE 'wait' END,
            date_trunc('second', now() - min(CASE state WHEN 'running' THEN changed_at ELSE due_at END)))
        FROM jobs WHERE (state = 'running' AND changed_at < now() - interval '10 minutes')
            OR (state = 'queued' AND due_at < now() - interval '10 minutes')
        GROUP BY kind, state
        """,
        "none waits for a worker",
        "start holdfast-cloud worker, or look at its log",
    ),
    Check(
        "jobs",
        "warn",
        """
        SELECT format('%s of kind %s failed within a week: %s', count(*), kind, left(max(reason), 120))
        FROM jobs WHERE state = 'failed' AND changed_at > now() - interval '7 days' GROUP BY kind
        """,
        "none failed within a week",
        "what was asked for can be asked for again on its page",
    ),
    Check(
        "mails",
        "warn",
        """
        SELECT format('%s %s since %s', count(*), CASE state WHEN 'failed' THEN 'failed' ELSE 'wait' END,
            to_char(min(written_at), 'YYYY-MM-DD HH24:MI'))
        FROM mails WHERE (state = 'failed' AND written_at > now() - interval '7 days')
            OR (state IN ('waiting', 'sending') AND written_at < now() - interval '1 hour')
        GROUP BY (state = 'failed'), CASE state WHEN 'failed' THEN 'failed' ELSE 'wait' END
        """,
        "all have left",
        "look at HOLDFAST_SMTP_URL and at the mail server",
    ),
    Check(
        "webhooks",
        "bad",
        """
        SELECT format('%s of %s was taken and nothing was made of it', event_id, type) FROM stripe_event_log
        WHERE outcome = 'under way'
        """,
        "every one that was taken is applied",
        "have Stripe send it again from its dashboard, after its row was removed",
    ),
    Check(
        "cards",
        "warn",
        """
        SELECT format('%s of %s: nobody knows for %s', payment_id, purpose,
            date_trunc('second', now() - initiated_at))
        FROM card_payments WHERE status = 'UNKNOWN' AND initiated_at < now() - interval '1 hour'
        """,
        "no payment is unknown for long",
        "Stripe is asked again and again; see whether it can be reached, and look the payment up there",
    ),
)


async def ask(connection: asyncpg.Connection, check: Check) -> list[str]:
    """What is wrong, in words; of many the first few and how many more there are."""
    rows = await connection.fetch(f"SELECT * FROM ({check.query}) AS wrong (words) LIMIT {_MOST_ROWS + 1}")
    words = [str(row["words"]) for row in rows[:_MOST_ROWS]]
    return [*words, "and more"] if len(rows) > _MOST_ROWS else words


async def orphaned_money(connection: asyncpg.Connection, venue_id: str) -> int:
    """Orders and payments that only a replaced box knew of and that nobody has decided about."""
    count: int = await connection.fetchval(
        """
        SELECT count(*) FROM (
            SELECT 'orphan:' || order_id AS key FROM orphan_orders p WHERE venue_id = $1 AND NOT EXISTS (
                SELECT FROM orders o
                WHERE o.venue_id = p.venue_id AND o.order_id = p.order_id AND o.status = p.status)
            UNION
            SELECT 'orphan:' || payment_pid FROM orphan_payments p WHERE venue_id = $1 AND NOT EXISTS (
                SELECT FROM payments o
                WHERE o.venue_id = p.venue_id AND o.payment_pid = p.payment_pid AND o.status = p.status)
        ) AS i WHERE NOT EXISTS (SELECT FROM settled_items d WHERE d.venue_id = $1 AND d.key = i.key)
        """,
        venue_id,
    )
    return count


async def troubles(connection: asyncpg.Connection, venue_id: str) -> list[str]:
    """What the venue's link says is wrong, digests that differed among it."""
    rows = await connection.fetch(
        """
        SELECT n.trouble FROM nodes n JOIN venues v ON v.venue_id = n.venue_id AND v.epoch = n.epoch
        WHERE n.venue_id = $1 AND n.trouble IS NOT NULL
        """,
        venue_id,
    )
    return [str(row["trouble"]) for row in rows]
