"""A throw-away Debian: made once, copied for each test, used as a folder or booted with its own systemd.

Needs root, and a mirror of Debian; what is missing is named, never passed over.
"""

import contextlib
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from edge.provision.bundle import seal
from edge.provision.host import Command, Host, folder
from edge.provision.layout import packages
from edge.provision.profile import Profile
from edge.provision.steps import shell

MIRROR = "http://deb.debian.org/debian"
Found = TypeVar("Found")

#: What Debian's cloud image and Raspberry Pi OS bring along, as far as a box depends on it.
INCLUDED = (
    *("systemd", "systemd-sysv", "dbus", "python3", "python3-venv", "python3-pip", "tzdata", "kmod"),
    *("iproute2", "procps", "openssh-server", "sudo"),
)
_GATHER = """
apt-get update --quiet
apt-get --yes --quiet --no-install-recommends --download-only install "$@"
"""
#: Many of these machines share a few cores with whatever else is tested.
PATIENCE_S = 240.0


def need_root() -> None:
    """Fail with what to do, rather than deep in a tool."""
    if os.geteuid() != 0:
        raise RuntimeError("these tests lay down whole systems: run `sudo make test-install`")


def make_root(target: Path, suite: str = "bookworm", *more: str) -> Path:
    """Fetch and unpack a minimal Debian."""
    need_root()
    included = ",".join((*INCLUDED, *more))
    argv = ["mmdebstrap", "--quiet", "--variant=apt", f"--include={included}", suite, str(target), MIRROR]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(argv)}\n{done.stderr[-2000:]}"
    return target


def copy_root(source: Path, target: Path) -> Path:
    """A system of its own for a test that changes it."""
    subprocess.run(["cp", "--archive", "--reflink=auto", str(source), str(target)], check=True)
    return target


def make_wheel(target: Path) -> Path:
    """Build this tree's wheel."""
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*build, "--wheel-dir", str(target), str(Path(__file__).parents[2])], check=True)
    return next(target.glob("holdfast-*.whl"))


def make_bundle(target: Path, profile: Path, wheel: Path, debian: str = "12") -> Path:
    """Gather what a wheel needs on a Debian, as `make bundle` does."""
    tool = [sys.executable, "-m", "edge.provision.cli", "bundle", str(profile), str(target)]
    subprocess.run([*tool, "--wheel", str(wheel), "--debian", debian], check=True)
    return target


def stock(bundle: Path, fresh: Path, profile: Profile) -> Path:
    """Add Debian's packages to a bundle, as gathered on a machine like the box."""
    answer = folder(fresh).run(shell(_GATHER, *packages(profile)))
    assert answer.status == 0, answer.err.decode()
    (bundle / "debs").mkdir()
    for package in (fresh / "var/cache/apt/archives").glob("*.deb"):
        shutil.move(package, bundle / "debs" / package.name)
    # What the mirror told is forgotten: nothing may come from there by accident.
    shutil.rmtree(fresh / "var/lib/apt/lists", ignore_errors=True)
    seal(bundle, profile.version)
    return bundle


@contextlib.contextmanager
def booted(root: Path, keep: bool = False, to_the_end: bool = True) -> Iterator[Host]:
    """The system with its own systemd, in a network of its own in which there is nothing but itself.

    Leaving it pulls the plug; `keep` lets the system be booted again. Without `to_the_end` it is there while
    it still starts.
    """
    options = ("--register=no", "--keep-unit", "--private-network", "--timezone=off", "--console=passive")
    log = root.with_suffix(".boot")
    with log.open("wb") as output:
        container = subprocess.Popen(
            ["systemd-nspawn", "--directory", str(root), *options, "--boot"],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        init = until(lambda: _first_child(container.pid), f"{root} to boot: see {log}")
        # Named by its init, as whoever comes in from elsewhere needs to know it.
        host = Host(init, lambda argv: ("nsenter", "--target", init, "--all", *argv))
        if to_the_end:
            until(lambda: _has_booted(host), f"{root} to boot: see {log}")
        yield host
    finally:
        subprocess.run(["pkill", "--signal", "KILL", "--parent", str(container.pid)], check=False)
        container.wait(20)
        if not keep:
            shutil.rmtree(root, ignore_errors=True)


def until(look: Callable[[], Found | None], what: str, within_s: float = PATIENCE_S) -> Found:
    """What `look` finds, as soon as it finds something."""
    end_s = time.monotonic() + within_s
    while time.monotonic() < end_s:
        if found := look():
            return found
        time.sleep(0.1)
    raise TimeoutError(f"waited {within_s:.0f} s for {what}")


def _first_child(pid: int) -> str | None:
    return (
        subprocess.run(["pgrep", "--parent", str(pid)], capture_output=True, text=True).stdout.strip() or None
    )


def _has_booted(host: Host) -> bool:
    answer = host.run(Command(("systemctl", "is-system-running"), timeout_s=20))
    return answer.out.strip() in {b"running", b"degraded"}


def said(host: Host, *argv: str) -> str:
    """What a command on the machine prints; it has to succeed."""
    answer = host.run(Command(argv, timeout_s=60))
    assert answer.status == 0, f"{argv}: {answer.err.decode()} {answer.out.decode()}"
    return answer.out.decode()


def healthy(host: Host) -> bool:
    """Whether the box says of itself that it serves."""
    fetch = "import urllib.request as r; print(r.urlopen('http://127.0.0.1:8080/healthz', timeout=5).read())"
    return b"true" in host.run(Command(("python3", "-c", fetch), timeout_s=20)).out


def exposures(host: Host) -> dict[str, float]:
    """How exposed each of our services is, as its own systemd rates it: 0 locked in, 10 free."""
    units = said(host, "sh", "-c", "cd /etc/systemd/system; ls holdfast-*.service").split()
    rated = {unit: said(host, "systemd-analyze", "security", "--no-pager", unit) for unit in units}
    overall = re.compile(r"Overall exposure level for \S+: ([0-9.]+)")
    found = {unit: overall.search(told) for unit, told in rated.items()}
    return {unit: float(score[1]) for unit, score in found.items() if score is not None}
