"""Invitations: a link that lets one person become a user, once, within a few days."""

from datetime import datetime

import asyncpg
import msgspec

from cloud.store.people.logins import Reach, reach_of


class Invitation(msgspec.Struct, frozen=True):
    """An invitation that nobody has taken up yet."""

    invitation_id: str
    email: str
    role: str
    invited_by: str
    created_at: datetime
    expires_at: datetime
    reach: Reach = None


class Invited(msgspec.Struct, frozen=True):
    """What an invitation makes of whoever holds it."""

    organisation_id: str
    organisation: str
    email: str
    role: str
    reach: Reach


async def invite(
    connection: asyncpg.Connection, organisation_id: str, invitation: Invitation, token_digest: str
) -> None:
    """A new invitation; earlier ones for the same address are taken back."""
    await connection.execute(
        "DELETE FROM invitations WHERE organisation_id = $1 AND email = $2", organisation_id, invitation.email
    )
    await connection.execute(
        """
        INSERT INTO invitations
            (invitation_id, organisation_id, token_digest, email, role, invited_by, created_at, expires_at,
             reach)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        """,
        invitation.invitation_id,
        organisation_id,
        token_digest,
        invitation.email,
        invitation.role,
        invitation.invited_by,
        invitation.created_at,
        invitation.expires_at,
        None if invitation.reach is None else sorted(invitation.reach),
    )


async def pending(connection: asyncpg.Connection, organisation_id: str) -> list[Invitation]:
    """Invitations of the organisation that still hold, by address."""
    rows = await connection.fetch(
        """
        SELECT invitation_id, email, role, invited_by, created_at, expires_at, reach::text[] AS reach
        FROM invitations WHERE organisation_id = $1 AND expires_at > now() ORDER BY email
        """,
        organisation_id,
    )
    return [
        Invitation(
            str(row["invitation_id"]),
            row["email"],
            row["role"],
            row["invited_by"],
            row["created_at"],
            row["expires_at"],
            reach_of(row["reach"]),
        )
        for row in rows
    ]


async def take_back(connection: asyncpg.Connection, organisation_id: str, invitation_id: str) -> str | None:
    """The link opens nothing any more; whom it was for, None where there was none."""
    email: str | None = await connection.fetchval(
        "DELETE FROM invitations WHERE organisation_id = $1 AND invitation_id = $2 RETURNING email",
        organisation_id,
        invitation_id,
    )
    return email


async def look(pool: asyncpg.Pool, token_digest: str) -> Invited | None:
    """What the link is good for."""
    row = await pool.fetchrow(
        """
        SELECT i.organisation_id, o.name, i.email, i.role, i.reach::text[] AS reach FROM invitations i
        JOIN organisations o USING (organisation_id)
        WHERE i.token_digest = $1 AND i.expires_at > now()
        """,
        token_digest,
    )
    if row is None:
        return None
    return Invited(
        str(row["organisation_id"]), row["name"], row["email"], row["role"], reach_of(row["reach"])
    )


async def use(connection: asyncpg.Connection, token_digest: str) -> bool:
    """Use the invitation up; False when somebody was quicker or it has run out."""
    done = await connection.execute(
        "DELETE FROM invitations WHERE token_digest = $1 AND expires_at > now()", token_digest
    )
    return bool(done == "DELETE 1")
