"""The cloud's door for releases: says where the box stands, hears what there is for it, fetches files.

A file that was cut off goes on where it ended. Whether the other side keeps to that is checked (RFC 9110 §14:
206 with the place that was asked for, or the whole anew), and its digest is checked at the end in any case.

Counterparts: `cloud/ingest/release_door.py`, `protocol/upgrade.py`.
"""

import asyncio
import hashlib
import os
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote

import aiohttp
import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge.journal.database import Box
from edge.reach.proof import authorization
from protocol.upgrade import FILE_PATH, OFFER_PATH, Offer, Offered, Standing, signed

#: A slow line may take its time, as long as something comes.
_PATIENCE = aiohttp.ClientTimeout(total=None, sock_connect=15, sock_read=60)
_ASKING = aiohttp.ClientTimeout(total=30)
_CHUNK_BYTES = 256 * 1024
_offered = msgspec.json.Decoder(Offered)


class DoorClosed(Exception):
    """Nothing came of it this time; the text says why. Asking again may help."""


class NotTheFile(DoorClosed):
    """What came is not what the manifest names. It was thrown away."""


class ReleaseDoor:
    """For a box that belongs to a venue."""

    def __init__(self, box: Box, key: Ed25519PrivateKey) -> None:
        self._box = box
        self._key = key
        self._cloud = (box.cloud_url or "").rstrip("/")

    async def tell(self, standing: Standing) -> Offer | None:
        """Say where the box stands; the release that there is for it. Raises `DoorClosed`."""
        body = msgspec.json.encode(standing)
        headers = {
            "Authorization": authorization(self._box, self._key, signed, body),
            "Content-Type": "application/json",
        }
        try:
            async with (
                aiohttp.ClientSession(timeout=_ASKING) as http,
                http.post(f"{self._cloud}{OFFER_PATH}", data=body, headers=headers) as answer,
            ):
                content = await answer.read()
                if answer.status != 200:
                    raise DoorClosed(f"the cloud said {answer.status}")
                return _offered.decode(content).offer
        except (aiohttp.ClientError, OSError, TimeoutError, msgspec.DecodeError) as error:
            raise DoorClosed(str(error) or type(error).__name__) from error

    async def fetch(self, offer: Offer, path: str, sha256: str, target: Path) -> None:
        """A file of the offer to `target`, whole and verified. Raises `DoorClosed`, or `OSError`."""
        partial = target.with_name(f"{target.name}.part")
        try:
            async with aiohttp.ClientSession(timeout=_PATIENCE) as http:
                await self._pour(http, offer, path, sha256, partial)
        except (aiohttp.ClientError, TimeoutError, ConnectionError) as error:
            raise DoorClosed(f"{path}: {error or type(error).__name__}") from error
        if await asyncio.to_thread(digest_of, partial) != sha256:
            partial.unlink()
            raise NotTheFile(f"{path} is not what was signed")
        partial.replace(target)

    async def _pour(
        self, http: aiohttp.ClientSession, offer: Offer, path: str, sha256: str, partial: Path
    ) -> None:
        have = await asyncio.to_thread(_size_of, partial)
        headers = {"Range": f"bytes={have}-"} if have else {}
        url = f"{offer.source.rstrip('/')}/{quote(path)}"
        if not offer.source:
            url = f"{self._cloud}{FILE_PATH.format(sha256=sha256)}"
            headers["Authorization"] = authorization(self._box, self._key, signed, sha256.encode())
        async with http.get(url, headers=headers) as answer:
            if answer.status == 416:  # all of it was there already, or more than there is
                return
            if answer.status not in (200, 206):
                raise DoorClosed(f"{path}: {answer.status}")
            place = answer.headers.get("Content-Range", "")
            goes_on = answer.status == 206 and place.startswith(f"bytes {have}-")
            if answer.status == 206 and not goes_on:
                raise DoorClosed(f"{path}: asked from {have}, got {place!r}")
            with partial.open("ab" if goes_on else "wb") as file:
                async for chunk in answer.content.iter_chunked(_CHUNK_BYTES):
                    await asyncio.to_thread(file.write, chunk)
                await asyncio.to_thread(_settle, file)


def digest_of(path: Path) -> str:
    """SHA-256 in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _size_of(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _settle(file: BinaryIO) -> None:
    """On the disk, so that a power cut costs what comes after."""
    file.flush()
    os.fsync(file.fileno())
