"""What root takes over from the box: what the makers signed, and nothing else that lies there."""

import os
from pathlib import Path

import msgspec
import pytest

from edge.provision.asked import FETCHED, WANTED, Wanted, carry, take_note
from edge.provision.bundle import seal
from edge.provision.release import BadRelease, make_key, sign, verify

PRIVATE, PUBLIC = make_key()


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data directory in which release 0.3.0 was gathered."""
    gathered = tmp_path / "data" / FETCHED / "0.3.0"
    (gathered / "wheels").mkdir(parents=True)
    (gathered / "wheels/holdfast-0.3.0-py3-none-any.whl").write_bytes(b"wheel")
    (gathered / "offline").touch()
    seal(gathered, "0.3.0")
    sign(gathered, PRIVATE)
    return tmp_path / "data"


def target(data: Path) -> Path:
    return data.parent / "opt/bundles/0.3.0"


def test_a_gathered_bundle_is_copied_and_verified(data: Path) -> None:
    carry(data, "0.3.0", target(data), PUBLIC)
    assert verify(target(data), PUBLIC).version == "0.3.0"


def test_what_the_manifest_does_not_list_stays_behind(data: Path) -> None:
    (data / FETCHED / "0.3.0/wheels/extra.whl").write_bytes(b"mine")
    carry(data, "0.3.0", target(data), PUBLIC)
    assert not (target(data) / "wheels/extra.whl").exists()


def test_no_link_is_followed(data: Path) -> None:
    secret = data.parent / "shadow"
    secret.write_bytes(b"wheel")  # even one that leads to the very same bytes
    wheel = data / FETCHED / "0.3.0/wheels/holdfast-0.3.0-py3-none-any.whl"
    wheel.unlink()
    wheel.symlink_to(secret)
    with pytest.raises(BadRelease):
        carry(data, "0.3.0", target(data), PUBLIC)
    assert not target(data).exists()


def test_a_pipe_in_place_of_a_file_keeps_nobody_waiting(data: Path) -> None:
    wheel = data / FETCHED / "0.3.0/wheels/holdfast-0.3.0-py3-none-any.whl"
    wheel.unlink()
    os.mkfifo(wheel)
    with pytest.raises(BadRelease, match="is no file"):
        carry(data, "0.3.0", target(data), PUBLIC)


@pytest.mark.parametrize("name", ["wheels/holdfast-0.3.0-py3-none-any.whl", "manifest.json", "manifest.sig"])
def test_whatever_was_touched_or_is_missing_is_refused(data: Path, name: str) -> None:
    path = data / FETCHED / "0.3.0" / name
    path.write_bytes(path.read_bytes() + b"x")
    with pytest.raises(BadRelease):
        carry(data, "0.3.0", target(data), PUBLIC)
    path.unlink()
    with pytest.raises(BadRelease):
        carry(data, "0.3.0", target(data), PUBLIC)
    assert not target(data).exists()


def test_another_makers_release_is_refused(data: Path) -> None:
    with pytest.raises(BadRelease, match="was not signed by the makers"):
        carry(data, "0.3.0", target(data), make_key()[1])


def test_a_release_under_another_s_name_is_refused(data: Path) -> None:
    (data / FETCHED / "0.3.0").rename(data / FETCHED / "0.4.0")
    with pytest.raises(BadRelease, match=r"holds release 0\.3\.0"):
        carry(data, "0.4.0", target(data), PUBLIC)


def test_a_note_is_taken_once(data: Path) -> None:
    wanted = Wanted("0.3.0", "question", insist=True)
    (data / WANTED).write_bytes(msgspec.json.encode(wanted))
    assert take_note(data) == wanted
    assert take_note(data) is None


@pytest.mark.parametrize("note", [b"", b"{}", b'{"version": "../../etc"}', b"\xff" * 9000])
def test_nonsense_asks_for_nothing_and_is_not_asked_again(data: Path, note: bytes) -> None:
    (data / WANTED).write_bytes(note)
    assert take_note(data) is None
    assert not (data / WANTED).exists()
