"""Where the cloud keeps what a box has sealed for the one after it.

Counterpart: `cloud/ingest/keepsake_door.py`.
"""

import aiohttp
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge.journal.database import Box
from edge.reach.proof import authorization
from protocol.keepsake import ASKING, MOST_BYTES, PATH, signed

_WITHIN = aiohttp.ClientTimeout(total=30)


class NotKept(Exception):
    """The cloud did not take it, or has nothing; the text says which."""


class KeepsakeDoor:
    """For a box that belongs to a venue."""

    def __init__(self, box: Box, key: Ed25519PrivateKey) -> None:
        self._box = box
        self._key = key
        self._url = f"{(box.cloud_url or '').rstrip('/')}{PATH}"

    async def leave(self, sealed: bytes) -> None:
        """Have it kept in place of what was kept before. Raises `NotKept`."""
        await self._call("PUT", sealed, sealed)

    async def fetch(self) -> bytes:
        """What was kept last for this venue. Raises `NotKept`."""
        return await self._call("GET", ASKING, None)

    async def _call(self, method: str, what: bytes, body: bytes | None) -> bytes:
        headers = {"Authorization": authorization(self._box, self._key, signed, what)}
        try:
            async with (
                aiohttp.ClientSession(timeout=_WITHIN) as http,
                http.request(method, self._url, data=body, headers=headers) as answer,
            ):
                content = await answer.content.read(MOST_BYTES + 1)
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise NotKept(f"the cloud cannot be reached: {error or type(error).__name__}") from error
        if answer.status == 404:
            raise NotKept("nothing was ever sealed for this venue")
        if answer.status != 200:
            raise NotKept(f"the cloud said {answer.status}")
        return content
