"""A file on its way in from a stranger: taken piece by piece, and turned away as soon as it is too large.

It awaits pieces and knows no loop and no socket, so box and cloud read uploads by the same words; how long
somebody may take, each says for itself.
"""

from collections.abc import AsyncIterable

from protocol.drawing.commissions import MOST_BYTES
from protocol.errors import Refused, refuse

#: What is asked of the socket at a time.
PIECE_BYTES = 1 << 16


async def whole(stated_bytes: int | None, pieces: AsyncIterable[bytes]) -> bytes:
    """All pieces together. Raises `Refused` with `picture_too_large`, before more than that is held."""
    if (stated_bytes or 0) > MOST_BYTES:
        raise Refused(refuse("picture_too_large"))
    got = bytearray()
    async for piece in pieces:
        got += piece
        if len(got) > MOST_BYTES:
            raise Refused(refuse("picture_too_large"))
    return bytes(got)
