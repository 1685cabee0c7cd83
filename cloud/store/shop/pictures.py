"""Uploaded pictures and quick previews, by name.

A picture's name is the SHA-256 of its bytes, and whoever knows it may see it. Its bytes lie in the blob
store; here is what a layout needs. Those that come from a box arrive in pieces that are kept until the
picture is whole, so an upload goes on where the line was cut.

Previews are found by CRC32 first; because that collides, the whole canonical form is part of the key and
compared.
"""

import asyncpg
import msgspec


class PictureRow(msgspec.Struct, frozen=True):
    """A picture that is whole."""

    blob: str
    media: str
    width_px: int
    height_px: int
    bytes: int


class PreviewRow(msgspec.Struct, frozen=True):
    """A quick preview; `name` is the SHA-256 of `body`."""

    name: str
    body: bytes


def key_of(organisation_id: str, venue_id: str, blob: str) -> str:
    """Where a picture lies in the blob store."""
    return f"{organisation_id}/pictures/{venue_id}/{blob}"


async def add(pool: asyncpg.Pool, venue_id: str, picture: PictureRow) -> None:
    """It is whole and lies in the blob store; its pieces, if it came in such, are of no use any more."""
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(
            """
            INSERT INTO pictures (venue_id, blob, media, width_px, height_px, bytes)
            VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING
            """,
            venue_id,
            picture.blob,
            picture.media,
            picture.width_px,
            picture.height_px,
            picture.bytes,
        )
        await connection.execute(
            "DELETE FROM picture_pieces WHERE venue_id = $1 AND blob = $2", venue_id, picture.blob
        )


async def find(pool: asyncpg.Pool, venue_id: str, blob: str) -> PictureRow | None:
    """None while it is not whole."""
    row = await pool.fetchrow(
        """
        SELECT blob, media, width_px, height_px, bytes FROM pictures WHERE venue_id = $1 AND blob = $2
        """,
        venue_id,
        blob,
    )
    return PictureRow(**dict(row)) if row else None


async def received(pool: asyncpg.Pool, venue_id: str, blob: str) -> int:
    """How many bytes of a picture are here, from its beginning without a hole."""
    found: int = await pool.fetchval(
        """
        SELECT coalesce(max(begins + length(body)), 0)::bigint FROM picture_pieces
        WHERE venue_id = $1 AND blob = $2
        """,
        venue_id,
        blob,
    )
    return found


async def add_piece(pool: asyncpg.Pool, venue_id: str, blob: str, begins: int, body: bytes) -> int:
    """Keep a piece if it is the next one; how many bytes are here now."""
    async with pool.acquire() as connection, connection.transaction():
        # Two uploads of one picture take turns, so that no piece leaves a hole.
        await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"{venue_id}{blob}")
        here: int = await connection.fetchval(
            """
            SELECT coalesce(max(begins + length(body)), 0)::bigint FROM picture_pieces
            WHERE venue_id = $1 AND blob = $2
            """,
            venue_id,
            blob,
        )
        if begins != here or not body:
            return here
        await connection.execute(
            "INSERT INTO picture_pieces (venue_id, blob, begins, body) VALUES ($1, $2, $3, $4)",
            venue_id,
            blob,
            begins,
            body,
        )
        return here + len(body)


async def pieces(pool: asyncpg.Pool, venue_id: str, blob: str) -> bytes:
    """All pieces, one after the other."""
    rows = await pool.fetch(
        "SELECT body FROM picture_pieces WHERE venue_id = $1 AND blob = $2 ORDER BY begins", venue_id, blob
    )
    return b"".join(row["body"] for row in rows)


async def drop_pieces(pool: asyncpg.Pool, venue_id: str, blob: str) -> None:
    """What was sent is not the picture that it was said to be."""
    await pool.execute("DELETE FROM picture_pieces WHERE venue_id = $1 AND blob = $2", venue_id, blob)


async def preview(pool: asyncpg.Pool, venue_id: str, crc32: int, spelled: str) -> PreviewRow | None:
    """The preview of exactly this design."""
    row = await pool.fetchrow(
        "SELECT name, body FROM previews WHERE venue_id = $1 AND crc32 = $2 AND spelled = $3",
        venue_id,
        crc32,
        spelled,
    )
    return PreviewRow(row["name"], row["body"]) if row else None


async def keep_preview(pool: asyncpg.Pool, venue_id: str, crc32: int, spelled: str, made: PreviewRow) -> None:
    """For whoever asks next."""
    await pool.execute(
        """
        INSERT INTO previews (venue_id, crc32, spelled, name, body) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT DO NOTHING
        """,
        venue_id,
        crc32,
        spelled,
        made.name,
        made.body,
    )


async def preview_named(pool: asyncpg.Pool, venue_id: str, name: str) -> bytes | None:
    """By the SHA-256 of its bytes."""
    body: bytes | None = await pool.fetchval(
        "SELECT body FROM previews WHERE venue_id = $1 AND name = $2 LIMIT 1", venue_id, name
    )
    return body


async def forget_previews(pool: asyncpg.Pool, days: int, most: int) -> None:
    """Bound the cache: by age, and to the newest `most`."""
    await pool.execute(
        """
        DELETE FROM previews WHERE made_at < now() - make_interval(days => $1) OR made_at < (
            SELECT made_at FROM previews ORDER BY made_at DESC OFFSET $2 LIMIT 1)
        """,
        days,
        most,
    )
