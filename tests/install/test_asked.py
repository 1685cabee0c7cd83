"""The box asks for a release that it gathered, as its own user may; the system puts it in or says why not."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from edge.provision.apply import apply
from edge.provision.host import Host, folder
from edge.provision.profile import Profile, load
from edge.provision.release import make_key, sign
from tests.install.machine import booted, copy_root, healthy, said, until
from tests.install.releases import make_release
from tests.install.test_upgrade import in_use

PRIVATE, PUBLIC = make_key()
#: In the field it is watched for five minutes.
QUICKLY = """
[Service]
ExecStart=
ExecStart=/opt/holdfast/current/bin/holdfast-provision upgrade --asked --watch 6
"""


@pytest.fixture(scope="module")
def keyed(profile_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Profile:
    path = tmp_path_factory.mktemp("keyed") / "box.toml"
    path.write_text(f'release_key = "{PUBLIC}"\n' + profile_file.read_text())
    return load(path)


@pytest.fixture
def root(installed: Path, keyed: Profile, tmp_path: Path) -> Path:
    root = copy_root(installed, tmp_path / "system")
    apply(folder(root), keyed, print)
    drop_in = root / "etc/systemd/system/holdfast-upgrade-asked.service.d/quickly.conf"
    drop_in.parent.mkdir()
    drop_in.write_text(QUICKLY)
    return root


@pytest.fixture
def box(root: Path) -> Iterator[Host]:
    with booted(root) as host:
        until(lambda: healthy(host), "the box to serve")
        yield host


def ask(host: Host, version: str, asked: str) -> None:
    """Leave the note, as the box does."""
    script = """
cat > /var/lib/holdfast/note.new
mv /var/lib/holdfast/note.new /var/lib/holdfast/upgrade-wanted.json
"""
    note = json.dumps({"version": version, "asked": asked})
    said(host, "runuser", "--user", "holdfast", "--", "sh", "-euc", f"printf %s '{note}' | {{ {script} }}")


def gather(host: Host, root: Path, bundle: Path, version: str) -> None:
    """As the box fetches it."""
    copy_root(bundle, root / "media/bundle")
    script = 'mkdir -p /var/lib/holdfast/releases; cp -r /media/bundle "/var/lib/holdfast/releases/$1"'
    said(host, "runuser", "--user", "holdfast", "--", "sh", "-euc", script, "sh", version)


def progress(host: Host) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(said(host, "sh", "-c", "cat /opt/holdfast/upgrade.json || echo {}"))
    return told


def ended(host: Host, asked: str) -> dict[str, Any] | None:
    """The progress once it answers this question."""
    told = progress(host)
    over = told.get("asked") == asked and told["phase"] in {"kept", "returned", "refused"}
    return told if over else None


def test_what_the_box_asks_for_is_put_in_place_and_what_nobody_signed_is_not(
    box: Host, root: Path, bundle: Path, tmp_path: Path
) -> None:
    forged = make_release(tmp_path, bundle, "0.3.7", PRIVATE)
    sign(forged, make_key()[0])
    gather(box, root, forged, "0.3.7")
    ask(box, "0.3.7", "first question")
    told = until(lambda: ended(box, "first question"), "a refusal", within_s=120)
    assert told["phase"] == "refused"
    assert "was not signed by the makers of this box" in told["why"]
    assert in_use(box) == "0.2.0"

    sign(forged, PRIVATE)
    said(box, "rm", "-rf", "/media/bundle", "/var/lib/holdfast/releases/0.3.7")
    gather(box, root, forged, "0.3.7")
    ask(box, "0.3.7", "second question")
    told = until(lambda: ended(box, "second question"), "the release", within_s=240)
    assert (told["phase"], told["why"]) == ("kept", "")
    assert (in_use(box), healthy(box)) == ("0.3.7", True)
    assert said(box, "ls", "/opt/holdfast/releases").split() == ["0.2.0", "0.3.7"]
