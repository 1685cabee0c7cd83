"""Readings as they travel: what cannot be read or kept costs that reading and nothing else."""

import math

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol import link
from protocol.telemetry import MOST_BYTES, MOST_READINGS, Reading, pack, unpack

WELL = Reading("box", "box", "The box", "well", 5, 70, {"disk_free_bytes": 1e9}, "")


def test_what_is_packed_is_unpacked() -> None:
    assert unpack(pack((WELL,))) == (WELL,)
    assert unpack(b"") == ()


@pytest.mark.parametrize(
    "odd",
    [
        {"thing": ""},
        {"thing": "x" * 121},
        {"name": "nul \0"},
        {"words": "x" * 201},
        {"words": "nul \0"},
        {"age_ms": -1},
        {"since_ms": 2**62},
        {"figures": {"power_w": math.inf}},
        {"figures": {"power_w": math.nan}},
        {"figures": {f"f{n}": 1.0 for n in range(17)}},
        {"figures": {"": 1.0}},
    ],
)
def test_a_reading_that_nobody_could_keep_is_dropped_alone(odd: dict[str, object]) -> None:
    assert unpack(pack((msgspec.structs.replace(WELL, **odd), WELL))) == (WELL,)


def test_one_of_another_shape_is_dropped_alone_and_words_of_a_later_release_are_kept() -> None:
    later = {"thing": "cam", "kind": "camera", "name": "Door", "state": "dreaming", "lens": 3}
    packed = msgspec.msgpack.encode([{"thing": 7}, "nonsense", later, msgspec.to_builtins(WELL)])
    assert [each.kind for each in unpack(packed)] == ["camera", "box"]


def test_no_more_than_is_allowed_is_looked_at() -> None:
    assert len(unpack(pack((Reading("b", "box", "b", "well"),) * (MOST_READINGS + 5)))) == MOST_READINGS
    assert unpack(pack((WELL,)).ljust(MOST_BYTES + 1, b"\0")) == ()


@given(st.binary(max_size=300))
def test_noise_is_no_reading(noise: bytes) -> None:
    for each in unpack(noise):
        assert isinstance(each, Reading)


def test_a_peer_that_does_not_know_the_lane_hears_the_rest() -> None:
    """Release N-1: a status of two fields, either way."""

    class Before(msgspec.Struct, frozen=True, tag="status"):
        tail_seq: int
        clock_trusted: bool

    told = link.encode(link.Status(7, True, 1250, pack((WELL,)), whole=True))
    assert msgspec.msgpack.decode(told, type=Before) == Before(7, True)
    assert link.to_cloud.decode(link.encode(Before(7, True))) == link.Status(7, True)
