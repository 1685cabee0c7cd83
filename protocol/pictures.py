"""How a picture travels between a box and the cloud: beside the link, by the name that its bytes have.

The journal only names pictures. A box sends what the cloud lacks over HTTPS, each piece at the place where
the last one ended, so an upload goes on where the line was cut, and a piece that was sent twice changes
nothing. What it says to prove itself is bound to the picture's name and needs no clock: whoever repeats it
can send that very picture again.
"""

import re

import msgspec

PATH = "/api/edge/pictures/{blob}"
#: The other way: pictures that a menu names, for the box that sells from it.
DISHES = "/api/edge/dishes/{blob}"
#: The other way for designs: pictures that were made at the venue's tables, for a box that took it over.
FILE = "/api/edge/pictures/{blob}/file"
#: How large it is, with the file: `1200x900`.
SIZE_HEADER = "X-Picture-Px"
#: A piece; a slow line loses no more than this.
PIECE_BYTES = 128 * 1024


_NAME = re.compile("[0-9a-f]{64}")


def is_name(text: str) -> bool:
    """Whether a picture can be called that: a SHA-256 in hexadecimal."""
    return _NAME.fullmatch(text) is not None


class PictureState(msgspec.Struct, frozen=True):
    """How much of a picture the cloud has, from its beginning; `whole` when it needs no more."""

    received: int
    whole: bool


def signed(venue_id: str, node_id: str, blob: str) -> bytes:
    """What the box signs with its key (Ed25519) for sending this picture."""
    return f"holdfast/picture/{venue_id}/{node_id}/{blob}".encode()
