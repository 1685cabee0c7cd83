"""A wallet's statement: what came in, was set aside, spent and given back, over all venues, newest first.

Rule of the file: it is read from the ledger and from nothing else, so it adds up by itself. What is set aside
for a venue is still the guest's; it moves from `free` to `granted`. Counterpart: `wallets.py`.
"""

import asyncpg
import msgspec


class StatementRow(msgspec.Struct, frozen=True):
    """Movement `number` of the wallet, counted from its first.

    `free_minor` and `granted_minor` are what it changed, `balance_minor` is both together after it.
    `kind`: paid_in, paid_by_card, card_refund, set_aside, not_set_aside, given_back, spent, paid_in_at_venue
    and paid_out_at_venue over the counter, on_credit and repaid, which are what the venue stood in for and
    what of it came back.
    """

    number: int
    at_ms: int
    kind: str
    venue: str | None
    free_minor: int
    granted_minor: int
    balance_minor: int


async def page(
    connection: asyncpg.Connection, organisation_id: str, wallet_id: str, before: int | None, most: int
) -> list[StatementRow]:
    """The `most` movements before number `before`, or the newest."""
    rows = await connection.fetch(
        """
        WITH places AS (
            SELECT 'grant:' || v.venue_id || ':' || $2 AS account, v.name
            FROM venues v WHERE v.organisation_id = $1),
        moved AS (
            SELECT l.transaction, l.made_at, min(p.name) AS venue,
                coalesce(sum(l.amount_minor) FILTER (WHERE p.account IS NULL), 0)::bigint AS free,
                coalesce(sum(l.amount_minor) FILTER (WHERE p.account IS NOT NULL), 0)::bigint AS granted,
                bool_or(EXISTS (SELECT FROM ledger o WHERE o.organisation_id = $1
                    AND o.transaction = l.transaction AND o.account LIKE 'credit:%')) AS credit,
                bool_or(EXISTS (SELECT FROM ledger o WHERE o.organisation_id = $1
                    AND o.transaction = l.transaction AND o.account LIKE 'till:%')) AS till
            FROM ledger l LEFT JOIN places p USING (account)
            WHERE l.organisation_id = $1
                AND (l.account = 'wallet:' || $2 OR l.account IN (SELECT account FROM places))
            GROUP BY l.transaction, l.made_at),
        summed AS (
            SELECT moved.*, (sum(free + granted) OVER earlier)::bigint AS balance,
                row_number() OVER earlier AS number
            FROM moved WINDOW earlier AS (ORDER BY made_at, transaction))
        SELECT number, (extract(epoch FROM made_at) * 1000)::bigint AS at_ms,
            CASE
                WHEN transaction LIKE 'top up:%' THEN 'paid_in'
                WHEN transaction LIKE 'card refund%' THEN 'card_refund'
                WHEN transaction LIKE 'card:%' THEN 'paid_by_card'
                WHEN transaction LIKE 'grant:%' THEN 'set_aside'
                WHEN transaction LIKE 'refused:%' THEN 'not_set_aside'
                WHEN credit THEN CASE WHEN granted > 0 THEN 'on_credit' ELSE 'repaid' END
                WHEN granted < 0 AND free > 0 THEN 'given_back'
                WHEN granted < 0 THEN CASE WHEN till THEN 'paid_out_at_venue' ELSE 'spent' END
                ELSE 'paid_in_at_venue'
            END AS kind,
            venue, free AS free_minor, granted AS granted_minor, balance AS balance_minor
        FROM summed WHERE $3::bigint IS NULL OR number < $3 ORDER BY number DESC LIMIT $4
        """,
        organisation_id,
        wallet_id,
        before,
        most,
    )
    return [StatementRow(**dict(row)) for row in rows]
