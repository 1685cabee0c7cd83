"""A throw-away Debian: made once, copied for each test, used as a folder or booted with its own systemd.

Needs root, and a mirror of Debian; what is missing is named, never passed over.
"""

import contextlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from edge.provision.host import Command, Host

MIRROR = "http://deb.debian.org/debian"
Found = TypeVar("Found")

#: What Debian's cloud image and Raspberry Pi OS bring along, as far as a box depends on it.
INCLUDED = "systemd,systemd-sysv,dbus,python3,python3-venv,python3-pip,tzdata,kmod,iproute2,procps"


def need_root() -> None:
    """Fail with what to do, rather than deep in a tool."""
    if os.geteuid() != 0:
        raise RuntimeError("these tests lay down whole systems: run `sudo make test-install`")


def make_root(target: Path, suite: str = "bookworm") -> None:
    """Fetch and unpack a minimal Debian."""
    need_root()
    argv = ["mmdebstrap", "--quiet", "--variant=apt", f"--include={INCLUDED}", suite, str(target), MIRROR]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(argv)}\n{done.stderr[-2000:]}"


def copy_root(source: Path, target: Path) -> Path:
    """A system of its own for a test that changes it."""
    subprocess.run(["cp", "--archive", "--reflink=auto", str(source), str(target)], check=True)
    return target


def make_bundle(target: Path, profile: Path) -> Path:
    """Build this tree's wheel and gather what it needs, as a release would be."""
    wheels = target.parent / "dist"
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*build, "--wheel-dir", str(wheels), str(Path(__file__).parents[2])], check=True)
    wheel = next(wheels.glob("holdfast-*.whl"))
    tool = [sys.executable, "-m", "edge.provision.cli", "bundle", str(profile), str(target)]
    subprocess.run([*tool, "--wheel", str(wheel)], check=True)
    return target


@contextlib.contextmanager
def booted(root: Path, keep: bool = False) -> Iterator[Host]:
    """The system with its own systemd, in a network of its own in which there is nothing but itself.

    Leaving it pulls the plug; `keep` lets the system be booted again.
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
        host = Host("container", lambda argv: ("nsenter", "--target", init, "--all", *argv))
        until(lambda: _has_booted(host), f"{root} to boot: see {log}")
        yield host
    finally:
        subprocess.run(["pkill", "--signal", "KILL", "--parent", str(container.pid)], check=False)
        container.wait(20)
        if not keep:
            shutil.rmtree(root, ignore_errors=True)


def until(look: Callable[[], Found | None], what: str, within_s: float = 60) -> Found:
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
