"""Second factors: the secret an authenticator shares with us, and codes for whoever has lost it.

Rule of the file: a code is spent in the same statement that finds it good, so of two logins with one code
only one succeeds, in whatever processes they run (RFC 6238 §5.2).
"""

import asyncpg


async def offer(connection: asyncpg.Connection, user_id: str, secret: str) -> bool:
    """Keep a secret until its first code is shown; False where a second factor is in use already."""
    done = await connection.execute(
        "UPDATE users SET totp_offered = $2 WHERE user_id = $1 AND totp_secret IS NULL", user_id, secret
    )
    return bool(done == "UPDATE 1")


async def offered(connection: asyncpg.Connection, user_id: str) -> str | None:
    """The secret that waits for its first code; the user's row is held until the transaction ends."""
    secret: str | None = await connection.fetchval(
        "SELECT totp_offered FROM users WHERE user_id = $1 FOR UPDATE", user_id
    )
    return secret


async def begin(connection: asyncpg.Connection, user_id: str, step: int, code_digests: list[str]) -> None:
    """The offered secret counts from now on; `step` is that of the code by which it was confirmed."""
    await connection.execute(
        """
        UPDATE users SET totp_secret = totp_offered, totp_offered = NULL, totp_step = $2 WHERE user_id = $1
        """,
        user_id,
        step,
    )
    await connection.execute("DELETE FROM recovery_codes WHERE user_id = $1", user_id)
    await connection.executemany(
        "INSERT INTO recovery_codes (user_id, code_digest) VALUES ($1, $2)",
        [(user_id, digest) for digest in code_digests],
    )


async def end(connection: asyncpg.Connection, user_id: str) -> bool:
    """No second factor any more; whether there was one."""
    await connection.execute("DELETE FROM recovery_codes WHERE user_id = $1", user_id)
    done = await connection.execute(
        """
        UPDATE users SET totp_secret = NULL, totp_offered = NULL
        WHERE user_id = $1 AND totp_secret IS NOT NULL
        """,
        user_id,
    )
    return bool(done == "UPDATE 1")


async def spend_step(connection: asyncpg.Connection, user_id: str, step: int) -> bool:
    """Use up a time step; False when its code, or a later one, was used before."""
    done = await connection.execute(
        "UPDATE users SET totp_step = $2 WHERE user_id = $1 AND totp_step < $2", user_id, step
    )
    return bool(done == "UPDATE 1")


async def spend_recovery(connection: asyncpg.Connection, user_id: str, code_digest: str) -> bool:
    """Use up a recovery code; False when there is none like it, any more."""
    done = await connection.execute(
        "DELETE FROM recovery_codes WHERE user_id = $1 AND code_digest = $2", user_id, code_digest
    )
    return bool(done == "DELETE 1")


async def state(pool: asyncpg.Pool, user_id: str) -> tuple[bool, int]:
    """Whether a second factor is in use, and how many recovery codes are left."""
    row = await pool.fetchrow(
        """
        SELECT totp_secret IS NOT NULL AS used,
            (SELECT count(*) FROM recovery_codes r WHERE r.user_id = u.user_id) AS codes
        FROM users u WHERE user_id = $1
        """,
        user_id,
    )
    return (row["used"], row["codes"]) if row is not None else (False, 0)
