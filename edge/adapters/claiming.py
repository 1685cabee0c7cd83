"""Binding this box to a venue: its key, and the single-use code that the owner's page shows.

Done once, by the installer, before the box is started; from then on only the holder of the private key can
speak as this box. Counterpart: `cloud/ingest/claim.py`.
"""

import base64
import secrets
from contextlib import suppress
from pathlib import Path

import aiohttp
import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge.journal.database import Box
from protocol.codec import UNREADABLE


class ClaimRefused(Exception):
    """The cloud did not bind this box to a venue; the text says why."""


def load_key(path: Path) -> Ed25519PrivateKey:
    """The box's own key, made on first use, readable by its user only (RFC 8032 seed, 32 bytes)."""
    if not path.exists():
        path.touch(mode=0o600)
        path.write_bytes(secrets.token_bytes(32))
    return Ed25519PrivateKey.from_private_bytes(path.read_bytes())


async def claim(cloud_url: str, code: str, box: Box, key: Ed25519PrivateKey) -> tuple[str, int]:
    """Bind this box to a venue with a single-use code; its venue id and epoch. Raises `ClaimRefused`."""
    public = base64.b64encode(key.public_key().public_bytes_raw()).decode()
    body = {"code": code, "public_key": public, "node_id": box.node_id, "log_id": box.log_id}
    timeout = aiohttp.ClientTimeout(total=30)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.post(f"{cloud_url}/api/edge/claim", json=body) as response,
        ):
            reply = msgspec.json.decode(await response.read(), type=dict)
    except (aiohttp.ClientError, TimeoutError, *UNREADABLE) as error:
        raise ClaimRefused(f"The cloud at {cloud_url} does not answer: {error}") from error
    if "error" in reply:
        raise ClaimRefused(str(reply["error"].get("message")))
    with suppress(KeyError):
        return str(reply["venue_id"]), int(reply["epoch"])
    raise ClaimRefused(f"{cloud_url} answered something else than a claim; is it a Holdfast cloud?")
