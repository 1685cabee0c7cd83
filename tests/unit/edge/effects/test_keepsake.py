"""Sealing for the next box: the paper opens it, and nothing else does."""

import json
from pathlib import Path

import pytest

from edge.effects.afar.keepsake import (
    LETTERS,
    CannotOpen,
    Things,
    new_code,
    public_of,
    seal,
    unseal,
    write_file,
)

VENUE = "01a1fdac-f06c-78e6-927d-73c5bb05c76f"
THINGS = Things({"devices.json": b'{"plug": {"at": {"password": "correct horse"}}}'})


def test_the_code_opens_what_was_sealed_to_it_however_it_is_typed() -> None:
    code = new_code()
    sealed = seal(public_of(code), VENUE, THINGS)
    for typed in (code, code.lower(), code.replace("-", ""), f" {code.replace('-', ' ')} "):
        assert unseal(typed, VENUE, sealed) == THINGS


def test_nothing_of_it_can_be_read_without_the_code() -> None:
    sealed = seal(public_of(new_code()), VENUE, THINGS)
    assert b"correct horse" not in sealed
    assert b"devices" not in sealed


def test_the_same_things_are_sealed_otherwise_each_time() -> None:
    public = public_of(new_code())
    assert seal(public, VENUE, THINGS) != seal(public, VENUE, THINGS)


def test_another_code_is_refused_by_name() -> None:
    sealed = seal(public_of(new_code()), VENUE, THINGS)
    with pytest.raises(CannotOpen, match="sealed with another code"):
        unseal(new_code(), VENUE, sealed)


def test_another_venue_s_is_refused_by_name_also_when_somebody_changes_the_label() -> None:
    code = new_code()
    sealed = seal(public_of(code), "other", THINGS)
    with pytest.raises(CannotOpen, match="another venue's"):
        unseal(code, VENUE, sealed)
    relabelled = json.dumps({**json.loads(sealed), "venue_id": VENUE}).encode()
    with pytest.raises(CannotOpen):
        unseal(code, VENUE, relabelled)


@pytest.mark.parametrize("raw", [b"", b"{}", b"[]", b"\xff\x00", b'{"venue_id":"v","public":"?","body":""}'])
def test_what_was_never_sealed_is_refused_by_name(raw: bytes) -> None:
    with pytest.raises(CannotOpen, match="never sealed"):
        unseal(new_code(), VENUE, raw)


def test_a_damaged_one_is_refused_by_name() -> None:
    code = new_code()
    sealed = bytearray(seal(public_of(code), VENUE, THINGS))
    sealed[-20] = ord("A") if sealed[-20] != ord("A") else ord("B")
    with pytest.raises(CannotOpen):
        unseal(code, VENUE, bytes(sealed))


@pytest.mark.parametrize("code", ["", "ABCDE", "A" * (LETTERS + 1), "Ä" * LETTERS])
def test_what_cannot_be_a_code_says_so(code: str) -> None:
    with pytest.raises(CannotOpen, match="25 letters"):
        public_of(code)


def test_a_file_is_written_whole_for_the_box_s_user_alone(tmp_path: Path) -> None:
    path = tmp_path / "devices.json"
    path.write_bytes(b"old")
    write_file(path, b"new")
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"new", 0o600)
    assert [each.name for each in tmp_path.iterdir()] == ["devices.json"]
