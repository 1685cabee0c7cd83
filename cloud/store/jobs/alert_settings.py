"""How an organisation wants to be told: who of what, when not, and which program besides."""

from datetime import time

import asyncpg
import msgspec


class Recipient(msgspec.Struct, frozen=True):
    """One address: kinds of alerts, and whether nightly summaries go there."""

    email: str
    kinds: list[str]
    summaries: bool


class Settings(msgspec.Struct, frozen=True):
    """All of it. Quiet hours and the summary's time are local to each venue."""

    silent_after_s: int = 600
    quiet_from: time | None = None
    quiet_until: time | None = None
    summary_at: time = time(6)
    webhook_url: str | None = None
    webhook_key: str | None = None
    recipients: tuple[Recipient, ...] = ()


async def of(connection: asyncpg.Connection, organisation_id: str) -> Settings:
    """As it was set, or as it is where nobody has set anything."""
    row = await connection.fetchrow(
        """
        SELECT silent_after_s, quiet_from, quiet_until, summary_at, webhook_url, webhook_key
        FROM alert_settings WHERE organisation_id = $1
        """,
        organisation_id,
    )
    people = await connection.fetch(
        "SELECT email, kinds, summaries FROM alert_recipients WHERE organisation_id = $1 ORDER BY email",
        organisation_id,
    )
    said = {} if row is None else dict(row)
    return Settings(**said, recipients=tuple(Recipient(**dict(each)) for each in people))


async def keep(connection: asyncpg.Connection, organisation_id: str, settings: Settings) -> None:
    """Instead of what was there; within a transaction."""
    await connection.execute(
        """
        INSERT INTO alert_settings (organisation_id, silent_after_s, quiet_from, quiet_until, summary_at,
            webhook_url, webhook_key)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT (organisation_id) DO UPDATE SET silent_after_s = $2, quiet_from = $3, quiet_until = $4,
            summary_at = $5, webhook_url = $6, webhook_key = $7
        """,
        organisation_id,
        settings.silent_after_s,
        settings.quiet_from,
        settings.quiet_until,
        settings.summary_at,
        settings.webhook_url,
        settings.webhook_key,
    )
    await connection.execute("DELETE FROM alert_recipients WHERE organisation_id = $1", organisation_id)
    await connection.executemany(
        "INSERT INTO alert_recipients (organisation_id, email, kinds, summaries) VALUES ($1, $2, $3, $4)",
        [(organisation_id, each.email, each.kinds, each.summaries) for each in settings.recipients],
    )
