"""Frames: what is packed comes out again, what is hostile costs a named error."""

import msgspec
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from cloud.ingest.frames import BadFrame, pack, unpack
from protocol import link


def test_small_messages_travel_plain_and_large_ones_packed() -> None:
    small, large = link.Ping(1), link.Down("menu", (link.Entry(1, b"spam" * 1000),))
    assert pack(small) == link.PLAIN + link.encode(small)
    assert pack(large)[:1] == link.ZSTD
    assert len(pack(large)) < 500
    body = zstandard.ZstdDecompressor().decompress(pack(large)[1:])
    assert msgspec.msgpack.decode(body, type=link.ToEdge) == large


@given(records=st.lists(st.binary(max_size=300), max_size=20), packed=st.booleans())
def test_runs_come_out_as_they_went_in(records: list[bytes], packed: bool) -> None:
    message = link.Up(1, tuple(records), b"h" * 32)
    body = link.encode(message)
    frame = link.ZSTD + zstandard.ZstdCompressor().compress(body) if packed else link.PLAIN + body
    assert unpack(frame) == message


def test_a_frame_that_unpacks_to_too_much_is_refused() -> None:
    bomb = zstandard.ZstdCompressor(level=19).compress(bytes(link.MOST_FRAME_BYTES + 1))
    assert len(bomb) < 10_000
    with pytest.raises(BadFrame, match="more than any frame"):
        unpack(link.ZSTD + bomb)


def test_a_frame_that_lies_about_its_size_is_refused() -> None:
    """The content size in the header is not believed: nothing of that size is ever allocated."""
    parameters = zstandard.ZstdCompressionParameters(write_content_size=False)
    honest = zstandard.ZstdCompressor(compression_params=parameters).compress(
        bytes(link.MOST_FRAME_BYTES + 1)
    )
    with pytest.raises(BadFrame):
        unpack(link.ZSTD + honest)
    huge_window = b"\x28\xb5\x2f\xfd\x00\xff\x01\x00\x00"
    with pytest.raises(BadFrame):
        unpack(link.ZSTD + huge_window)


@given(frame=st.binary(max_size=200))
def test_any_bytes_are_a_message_or_a_bad_frame(frame: bytes) -> None:
    try:
        unpack(frame)
    except BadFrame:
        return
    assert frame[:1] in (link.PLAIN, link.ZSTD)
