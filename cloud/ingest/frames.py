"""Frames of the link as bytes: one byte says plain or Zstandard, the rest is one MessagePack message.

Nothing unpacks to more than `link.MOST_FRAME_BYTES`. The bound is enforced while unpacking and not by
what the frame says of itself, so a small hostile frame costs a few buffers and a named error.
"""

import io

import zstandard

from protocol import link
from protocol.codec import UNREADABLE

#: Below this, compression costs more than it saves.
_WORTH_BYTES = 512
_compressor = zstandard.ZstdCompressor(level=1)
# A window larger than the largest message is nothing that an honest peer would use.
_decompressor = zstandard.ZstdDecompressor(max_window_size=link.MOST_FRAME_BYTES)


class BadFrame(Exception):
    """The bytes are not a frame of this link."""


def unpack(frame: bytes) -> link.ToCloud:
    """The message of a frame. Raises `BadFrame`."""
    try:
        message: link.ToCloud = link.to_cloud.decode(_body(frame))
    except UNREADABLE as error:
        raise BadFrame(f"not a message of the link: {error}") from error
    return message


def _body(frame: bytes) -> bytes:
    kind, rest = frame[:1], frame[1:]
    if len(rest) > link.MOST_FRAME_BYTES:
        raise BadFrame("larger than any frame may be")
    if kind == link.PLAIN:
        return rest
    if kind != link.ZSTD:
        raise BadFrame("neither plain nor Zstandard")
    try:
        with _decompressor.stream_reader(io.BytesIO(rest)) as reader:
            body: bytes = reader.read(link.MOST_FRAME_BYTES + 1)
    except zstandard.ZstdError as error:
        raise BadFrame(f"not Zstandard: {error}") from error
    if len(body) > link.MOST_FRAME_BYTES:
        raise BadFrame("unpacks to more than any frame may hold")
    return body


def pack(message: link.ToEdge) -> bytes:
    """The frame of a message."""
    body = link.encode(message)
    if len(body) < _WORTH_BYTES:
        return link.PLAIN + body
    packed = _compressor.compress(body)
    return link.ZSTD + packed if len(packed) < len(body) else link.PLAIN + body
