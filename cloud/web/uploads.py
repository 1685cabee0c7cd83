"""Bodies that are files. Counterparts: `protocol/drawing/arriving.py` bounds them, painters decode them."""

import asyncio

from aiohttp import web

from protocol.drawing import arriving
from protocol.errors import Refused, refuse

#: A phone in a cellar may take its time; nobody takes longer.
_UPLOAD_WITHIN_S = 90


async def file_of(request: web.Request) -> bytes:
    """All of a body that is a file. Raises `Refused`: `picture_too_large`, `invalid` when it dawdles."""
    try:
        async with asyncio.timeout(_UPLOAD_WITHIN_S):
            pieces = request.content.iter_chunked(arriving.PIECE_BYTES)
            return await arriving.whole(request.content_length, pieces)
    except TimeoutError as error:
        raise Refused(refuse("invalid", "The picture did not come in time.")) from error
