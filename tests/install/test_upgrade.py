"""Upgrades on a booted box: kept when they work, taken back with binary and tables when they do not."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from edge.provision.apply import apply
from edge.provision.host import Answer, Command, Host, folder
from edge.provision.profile import Profile, load
from edge.provision.release import make_key
from tests.install.machine import booted, copy_root, healthy, said, until
from tests.install.releases import DIES_AT_START, DIES_LATER, make_release

PRIVATE, PUBLIC = make_key()
Releases = Callable[..., Path]


@pytest.fixture(scope="module")
def keyed(profile_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Profile:
    """The box's profile with the key of those whose releases it runs."""
    path = tmp_path_factory.mktemp("keyed") / "box.toml"
    path.write_text(f'release_key = "{PUBLIC}"\n' + profile_file.read_text())
    return load(path)


@pytest.fixture(scope="module")
def release(bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Releases:
    """Makes a later release."""
    folder_ = tmp_path_factory.mktemp("releases")
    return lambda version, **how: make_release(folder_, bundle, version, PRIVATE, **how)


@pytest.fixture
def root(installed: Path, keyed: Profile, tmp_path: Path) -> Path:
    root = copy_root(installed, tmp_path / "system")
    apply(folder(root), keyed, print)
    return root


@pytest.fixture
def box(root: Path) -> Iterator[Host]:
    with booted(root) as host:
        until(lambda: healthy(host), "the box to serve")
        yield host


def carry(root: Path, bundle: Path) -> str:
    """Put a bundle on the box, as a stick would; its path there."""
    copy_root(bundle, root / "media/stick")
    return "/media/stick"


def upgrade(host: Host, bundle: str, *options: str) -> Answer:
    return host.run(Command(("holdfast-provision", "upgrade", bundle, "--watch", "6", *options)))


def in_use(host: Host) -> str:
    return said(host, "readlink", "/opt/holdfast/current").strip().rsplit("/", 1)[-1]


def schema(host: Host) -> str:
    look = """
import sqlite3
journal = sqlite3.connect("/var/lib/holdfast/journal.sqlite3")
print(journal.execute("SELECT version_num FROM alembic_version").fetchone()[0])
"""
    return said(host, "python3", "-c", look).strip()


def phase(host: Host) -> str:
    return str(json.loads(said(host, "cat", "/opt/holdfast/upgrade.json"))["phase"])


def test_a_release_that_works_is_kept(box: Host, root: Path, release: Releases) -> None:
    done = upgrade(box, carry(root, release("0.3.0", migrates=True)))
    assert done.status == 0, done.err.decode()
    assert (in_use(box), schema(box), phase(box)) == ("0.3.0", "9999", "kept")
    assert said(box, "holdfast-edge", "--version").strip() == "0.3.0"
    assert said(box, "ls", "/var/lib/holdfast/backups").split() == ["before-0.3.0.db"]
    again = upgrade(box, "/media/stick")
    assert again.status == 1
    assert b"no newer one" in again.err
    assert healthy(box)


@pytest.mark.parametrize(
    ("version", "added", "why"),
    [("0.3.1", DIES_AT_START, "does not start"), ("0.3.2", DIES_LATER, "started anew")],
)
def test_a_release_that_does_not_work_is_taken_back(
    box: Host, root: Path, release: Releases, version: str, added: str, why: str
) -> None:
    before = schema(box)
    done = upgrade(box, carry(root, release(version, added=added, migrates=True)))
    assert done.status == 1
    assert why in done.err.decode()
    assert "release 0.2.0 serves again" in done.err.decode()
    assert (in_use(box), schema(box), phase(box)) == ("0.2.0", before, "returned")
    until(lambda: healthy(box), "the former release to serve")
    doctor = said(box, "runuser", "--user", "holdfast", "--", "holdfast-edge", "doctor")
    assert "the hash chain is whole" in doctor


def test_a_bundle_that_somebody_touched_is_never_run(box: Host, root: Path, release: Releases) -> None:
    bundle = release("0.3.3")
    (bundle / "wheels/extra.whl").write_bytes(b"")
    done = upgrade(box, carry(root, bundle))
    assert done.status == 1
    assert b"extra.whl is not in the manifest" in done.err
    assert in_use(box) == "0.2.0"
    assert box.run(Command(("test", "-e", "/opt/holdfast/upgrade.json"))).status == 1


def test_a_power_cut_in_the_middle_brings_the_former_release_back(root: Path, release: Releases) -> None:
    bundle = carry(root, release("0.3.4", migrates=True))
    with booted(root, keep=True) as host:
        until(lambda: healthy(host), "the box to serve")
        script = 'holdfast-provision upgrade "$1" --watch 600 >/dev/null 2>&1 &'
        said(host, "sh", "-c", script, "sh", bundle)
        until(
            lambda: b"switched" in host.run(Command(("cat", "/opt/holdfast/upgrade.json"))).out, "the switch"
        )
        until(lambda: schema(host) == "9999", "the new release to migrate")
    with booted(root) as host:
        until(lambda: phase(host) == "returned", "the way back")
        until(lambda: healthy(host), "the former release to serve")
        assert (in_use(host), schema(host) != "9999") == ("0.2.0", True)
