"""What is run on a box is what its makers signed, to the last file."""

from collections.abc import Callable
from pathlib import Path

import pytest

from edge.provision.bundle import seal
from edge.provision.release import BadRelease, make_key, sign, verify
from protocol.upgrade import order_of

PRIVATE, PUBLIC = make_key()


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    folder = tmp_path / "bundle"
    (folder / "wheels").mkdir(parents=True)
    (folder / "wheels/holdfast-0.2.0-py3-none-any.whl").write_bytes(b"wheel")
    (folder / "offline").touch()
    seal(folder, "0.2.0")
    sign(folder, PRIVATE)
    return folder


def test_what_was_signed_is_accepted(bundle: Path) -> None:
    manifest = verify(bundle, PUBLIC)
    assert manifest.version == "0.2.0"
    assert set(manifest.files) == {"offline", "wheels/holdfast-0.2.0-py3-none-any.whl"}


def test_another_makers_key_is_refused(bundle: Path) -> None:
    with pytest.raises(BadRelease, match="not signed by the makers"):
        verify(bundle, make_key()[1])


@pytest.mark.parametrize(
    ("spoil", "named"),
    [
        (
            lambda path: (path / "wheels/holdfast-0.2.0-py3-none-any.whl").write_bytes(b"other"),
            "holdfast-0.2.0",
        ),
        (lambda path: (path / "wheels/more.whl").write_bytes(b""), r"more\.whl is not in the manifest"),
        (lambda path: (path / "wheels/link.whl").symlink_to("/etc/passwd"), r"link\.whl"),
        (lambda path: (path / "offline").unlink(), "offline is missing"),
        (lambda path: (path / "manifest.sig").unlink(), r"manifest\.sig"),
        (lambda path: (path / "manifest.sig").write_bytes(b"nonsense"), "not signed"),
        (lambda path: (path / "manifest.json").write_bytes(b"{}"), "not signed"),
    ],
)
def test_whatever_differs_is_named(bundle: Path, spoil: Callable[[Path], object], named: str) -> None:
    spoil(bundle)
    with pytest.raises(BadRelease, match=named):
        verify(bundle, PUBLIC)


def test_a_file_swapped_for_a_link_to_the_same_bytes_is_refused(bundle: Path, tmp_path: Path) -> None:
    wheel = bundle / "wheels/holdfast-0.2.0-py3-none-any.whl"
    wheel.rename(tmp_path / "elsewhere")
    wheel.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(BadRelease, match="not what was signed"):
        verify(bundle, PUBLIC)


@pytest.mark.parametrize("version", ["../../etc", "1; reboot", ""])
def test_a_signed_version_that_is_a_path_is_refused(bundle: Path, version: str) -> None:
    seal(bundle, version)
    sign(bundle, PRIVATE)
    with pytest.raises(BadRelease, match="no version"):
        verify(bundle, PUBLIC)


@pytest.mark.parametrize("key", ["", "x", "AAAA"])
def test_what_is_no_key_is_said_to_be_none(bundle: Path, key: str) -> None:
    with pytest.raises(BadRelease):
        sign(bundle, key)
    with pytest.raises(BadRelease):
        verify(bundle, key)


def test_versions_compare_by_their_numbers() -> None:
    assert order_of("0.10.0") > order_of("0.9.1")
    assert order_of("1.0.0+local.7") == order_of("1.0.0")
