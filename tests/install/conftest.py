"""Both Debians and a bundle for each, for all tests of a run; each test that changes a system gets a copy."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from edge.provision.apply import apply
from edge.provision.host import folder
from edge.provision.profile import Profile, load
from tests.install.machine import copy_root, make_bundle, make_root, make_wheel, stock

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
def debians(workshop: Path) -> dict[str, Path]:
    """Both as they come, fetched at the same time; 13 has cloud-init, as Raspberry Pi OS of it has."""
    with ThreadPoolExecutor() as pool:
        fetching = {
            "12": pool.submit(make_root, workshop / "fresh"),
            "13": pool.submit(make_root, workshop / "trixie", "trixie", "cloud-init"),
        }
        return {debian: each.result() for debian, each in fetching.items()}


@pytest.fixture(scope="session")
def fresh(debians: dict[str, Path]) -> Path:
    """Debian 12 as it comes."""
    return debians["12"]


@pytest.fixture(scope="session")
def trixie(debians: dict[str, Path]) -> Path:
    """Debian 13 as it comes."""
    return debians["13"]


@pytest.fixture(scope="session")
def wheel(workshop: Path) -> Path:
    """This tree as a release."""
    return make_wheel(workshop / "dist")


@pytest.fixture(scope="session")
def bundle(workshop: Path, profile_file: Path, wheel: Path) -> Path:
    """The release with what it needs on Debian 12; Debian's packages come from a mirror."""
    return make_bundle(workshop / "bundle", profile_file, wheel)


@pytest.fixture(scope="session")
def offline(workshop: Path, bundle: Path, fresh: Path, profile: Profile) -> Path:
    """The same with Debian's packages: all that a venue without internet needs."""
    whole = workshop / "offline"
    shutil.copytree(bundle, whole, ignore=shutil.ignore_patterns("manifest.*"))
    return stock(whole, fresh, profile)


@pytest.fixture(scope="session")
def offline_trixie(workshop: Path, wheel: Path, profile_file: Path, trixie: Path, profile: Profile) -> Path:
    """All that a venue without internet needs on Debian 13."""
    whole = make_bundle(workshop / "offline-trixie", profile_file, wheel, "13")
    return stock(whole, trixie, profile)


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
