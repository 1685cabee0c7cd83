"""How a box proves itself to a door of the cloud: `Authorization: Box VENUE.NODE.SIGNATURE`.

Each door says what it wants signed, with its own name in it, so that a proof which somebody overheard opens
no other. Counterpart: `cloud/ingest/box_proof.py`.
"""

import base64
from collections.abc import Callable
from typing import TypeVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge.journal.database import Box

Asked = TypeVar("Asked", str, bytes)


def authorization(
    box: Box, key: Ed25519PrivateKey, signed: Callable[[str, str, Asked], bytes], asked: Asked
) -> str:
    """The header's value. `signed` makes the bytes that count out of venue, node and what is asked for."""
    venue_id, node_id = box.venue_id or "", box.node_id
    signature = key.sign(signed(venue_id, node_id, asked))
    return f"Box {venue_id}.{node_id}.{base64.urlsafe_b64encode(signature).decode()}"
