"""Frames of the link as bytes, on the box's side: plain or Zstandard, bounded before anything is unpacked.

Counterpart: `cloud/ingest/frames.py`; `protocol/link.py` says what a frame is.
"""

import zstandard

from protocol import link
from protocol.codec import UNREADABLE
from protocol.link_machine import ProtocolViolation

#: Frames larger than this are worth compressing, if it makes them smaller.
LEAST_COMPRESSED_BYTES = 1024


class Frames:
    """One connection's packer and unpacker."""

    def __init__(self) -> None:
        self._compressor = zstandard.ZstdCompressor(level=1)
        self._decompressor = zstandard.ZstdDecompressor(max_window_size=link.MOST_FRAME_BYTES)

    def pack(self, payload: bytes) -> bytes:
        """The frame of a message."""
        if len(payload) < LEAST_COMPRESSED_BYTES:
            return link.PLAIN + payload
        packed = self._compressor.compress(payload)
        return link.ZSTD + packed if len(packed) < len(payload) else link.PLAIN + payload

    def unpack(self, frame: bytes) -> link.ToEdge:
        """The message of a frame. Raises `ProtocolViolation`."""
        marker, payload = frame[:1], frame[1:]
        try:
            if marker == link.ZSTD:
                payload = self._bounded(payload)
            message: link.ToEdge = link.to_edge.decode(payload)
        except (zstandard.ZstdError, *UNREADABLE) as error:
            raise ProtocolViolation(f"unreadable frame: {error}") from error
        return message

    def _bounded(self, payload: bytes) -> bytes:
        size = zstandard.frame_content_size(payload)
        if not 0 <= size <= link.MOST_FRAME_BYTES:
            raise ProtocolViolation(f"a frame that unpacks to {size} bytes")
        return self._decompressor.decompress(payload, max_output_size=link.MOST_FRAME_BYTES)
