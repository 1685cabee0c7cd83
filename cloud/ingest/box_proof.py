"""Whether a request comes from a box of a venue: `Authorization: Box VENUE.NODE.SIGNATURE`.

Rule of the file: what the cloud has is for the box in charge (`admitted`). A box that was replaced may only
bring what it still has (`brought`).
"""

import base64
from binascii import Error as NotBase64
from collections.abc import Callable
from uuid import UUID

import asyncpg
from aiohttp import web
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from cloud.store.link import nodes
from cloud.store.link.nodes import Node
from protocol.errors import Refused, refuse

#: From venue, node and what is asked to the bytes that the box has signed.
Signed = Callable[[str, str, bytes], bytes]


async def admitted(pool: asyncpg.Pool, request: web.Request, what: bytes, signed: Signed) -> str:
    """The venue, if the box in charge of it asks. Raises `Refused`."""
    node = await _proved(pool, request, what, signed)
    if node.epoch != node.charge_epoch:
        raise Refused(refuse("unauthenticated"))
    return node.venue_id


async def brought(pool: asyncpg.Pool, request: web.Request, what: bytes, signed: Signed) -> str:
    """The venue, if a box that is or was in charge of it asks. Raises `Refused`."""
    return (await _proved(pool, request, what, signed)).venue_id


async def _proved(pool: asyncpg.Pool, request: web.Request, what: bytes, signed: Signed) -> Node:
    kind, _, proof = request.headers.get("Authorization", "").partition(" ")
    parts = proof.split(".")
    if kind != "Box" or len(parts) != 3:
        raise Refused(refuse("unauthenticated"))
    try:
        venue_id, node_id = str(UUID(parts[0])), str(UUID(parts[1]))
        async with pool.acquire() as connection:
            node = await nodes.find(connection, venue_id, node_id)
        if node is None:
            raise Refused(refuse("unauthenticated"))
        signature = base64.urlsafe_b64decode(parts[2])
        key = Ed25519PublicKey.from_public_bytes(node.public_key)
        key.verify(signature, signed(venue_id, node_id, what))
    except (ValueError, NotBase64, InvalidSignature) as error:
        raise Refused(refuse("unauthenticated")) from error
    return node
