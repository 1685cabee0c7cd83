"""A venue without internet: everything out of the bundle, on a machine that has no network at all."""

import shutil
from pathlib import Path

from edge.provision.apply import apply
from edge.provision.bundle import seal
from edge.provision.host import Command, Host, folder
from edge.provision.layout import packages
from edge.provision.profile import Profile
from edge.provision.steps import shell
from tests.install.machine import copy_root

_GATHER = """
apt-get update --quiet
apt-get --yes --quiet --no-install-recommends --download-only install "$@"
"""


def cut_off(root: Path) -> Host:
    """A system whose commands see no network, not even their own loopback."""
    return Host(str(root), lambda argv: ("unshare", "--net", "chroot", str(root), *argv))


def stocked(fresh: Path, bundle: Path, profile: Profile, scratch: Path) -> Path:
    """The bundle with Debian's packages, as gathered on a machine like the box."""
    pantry = copy_root(fresh, scratch / "pantry")
    answer = folder(pantry).run(shell(_GATHER, *packages(profile)))
    assert answer.status == 0, answer.err.decode()
    whole = scratch / "whole"
    shutil.copytree(bundle, whole, ignore=shutil.ignore_patterns("manifest.*"))
    (whole / "debs").mkdir()
    for package in (pantry / "var/cache/apt/archives").glob("*.deb"):
        shutil.copy2(package, whole / "debs" / package.name)
    shutil.rmtree(pantry)
    seal(whole, profile.version)
    return whole


def test_a_box_is_laid_down_without_any_network(
    fresh: Path, bundle: Path, profile: Profile, tmp_path: Path
) -> None:
    whole = stocked(fresh, bundle, profile, tmp_path)
    root = copy_root(fresh, tmp_path / "system")
    # What a mirror once told is forgotten: nothing may come from there by accident.
    shutil.rmtree(root / "var/lib/apt/lists", ignore_errors=True)
    host = cut_off(root)
    asking = "import urllib.request as r; r.urlopen('http://deb.debian.org/', timeout=5)"
    assert host.run(Command(("python3", "-c", asking))).status != 0
    assert apply(host, profile, print, whole)
    assert apply(host, profile, print, whole) == []
    said = host.run(Command(("/usr/local/bin/holdfast-edge", "--version")))
    assert said.out.decode().strip() == profile.version, said.err.decode()
