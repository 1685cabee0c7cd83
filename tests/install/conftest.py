"""One Debian and one bundle for all tests of a run; each test that changes a system gets a copy."""

from pathlib import Path

import pytest

from edge.provision.apply import apply
from edge.provision.host import folder
from edge.provision.profile import Profile, load
from tests.install.machine import copy_root, make_bundle, make_root

PROFILE = """
name = "Bar Central"
version = "0.2.0"
hostname = "bar"
timezone = "Europe/Berlin"
dns_name = "box.bar-central.example"
[board]
kind = "x86-64"
[[kitchen]]
name = "hot-screen"
station = "hot"
"""


@pytest.fixture(scope="session")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where everything of this run lies."""
    return tmp_path_factory.mktemp("install")


@pytest.fixture(scope="session")
def profile_file(workshop: Path) -> Path:
    path = workshop / "box.toml"
    path.write_text(PROFILE)
    return path


@pytest.fixture(scope="session")
def profile(profile_file: Path) -> Profile:
    return load(profile_file)


@pytest.fixture(scope="session")
def fresh(workshop: Path) -> Path:
    """Debian as it comes."""
    make_root(workshop / "fresh")
    return workshop / "fresh"


@pytest.fixture(scope="session")
def bundle(workshop: Path, profile_file: Path) -> Path:
    """This tree as a release."""
    return make_bundle(workshop / "bundle", profile_file)


@pytest.fixture(scope="session")
def installed(workshop: Path, fresh: Path, bundle: Path, profile: Profile) -> Path:
    """A system on which `apply` was run once."""
    root = copy_root(fresh, workshop / "installed")
    apply(folder(root), profile, print, bundle)
    return root


@pytest.fixture
def system(installed: Path, tmp_path: Path) -> Path:
    """A copy of the installed system, for one test."""
    return copy_root(installed, tmp_path / "system")
