"""README's *On a real Raspberry Pi*, typed to the letter, over a real SSH to a box that has no other network.

Three things differ from the letter: the profile says that the board is a PC, since that is what this runs on;
`make bundle` is what the fixture did, with Debian's packages; and `ssh` is told, where nobody sees it, that
192.168.1.20 is a container. What follows a code is tried in `tests/integration/cloud/test_pairing.py`.

The figures of the rehearsal (docs/install.md) are what this prints: time from a blank system to an order.
"""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.provision.host import Command, Host
from tests.install.machine import booted, copy_root, exposures, healthy, said, until
from tests.install.test_units import MOST_EXPOSED, WORKS_AS_ROOT

TREE = Path(__file__).parents[2]
SAMPLES = TREE / "cloud/owners/samples"
ADDRESS = "pi@192.168.1.20"


def lines() -> list[str]:
    """The commands of the chapter, as they stand there."""
    chapter = (TREE / "README.md").read_text().partition("## On a real Raspberry Pi")[2]
    block = re.search(r"```sh\n(.*?)```", chapter, re.DOTALL)
    assert block is not None
    return [line.partition("   #")[0].strip() for line in block[1].splitlines()]


class Desk:
    """Where somebody types: a folder with the bundle, and an `ssh` that knows the way to the container."""

    def __init__(self, folder: Path, bundle: Path) -> None:
        self.folder = folder
        (folder / "bin").mkdir(parents=True)
        (folder / "bundle").symlink_to(bundle)
        tool = folder / ".venv/bin/holdfast-provision"
        tool.parent.mkdir(parents=True)
        tool.write_text(f'#!/bin/sh\nexec {sys.executable} -m edge.provision.cli "$@"\n')
        tool.chmod(0o755)
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / "key")], check=True)

    @property
    def key(self) -> str:
        return (self.folder / "key.pub").read_text()

    def reach(self, host: Host, init: str) -> None:
        """From here on the address is that machine."""
        config = self.folder / "ssh_config"
        config.write_text(
            f"Host 192.168.1.20\n  ProxyCommand nsenter --target {init} --all /usr/sbin/sshd -i\n"
            f"  IdentityFile {self.folder}/key\n  UserKnownHostsFile {self.folder}/known\n"
            "  StrictHostKeyChecking accept-new\n  LogLevel ERROR\n"
        )
        wrapper = self.folder / "bin/ssh"
        wrapper.write_text(f'#!/bin/sh\nexec /usr/bin/ssh -F {config} "$@"\n')
        wrapper.chmod(0o755)

    def start(self, line: str) -> subprocess.Popen[str]:
        """Type a line and let it run."""
        path = os.pathsep.join([str(self.folder / "bin"), os.environ["PATH"]])
        around = {**os.environ, "PATH": path, "PYTHONPATH": str(TREE), "PYTHONUNBUFFERED": "1"}
        return subprocess.Popen(
            ["sh", "-c", line],
            cwd=self.folder,
            env=around,
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )

    def type(self, line: str, status: int = 0) -> str:
        """Type a line and wait for its end."""
        running = self.start(line)
        out, _ = running.communicate(timeout=600)
        assert running.returncode == status, f"{line}\n{out}"
        return out


@pytest.fixture(scope="module")
def desk(offline: Path, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return Desk(tmp_path_factory.mktemp("desk") / "at", offline)


@pytest.fixture(scope="module")
def pi(fresh: Path, desk: Desk, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    """A fresh system with the user that Raspberry Pi Imager makes."""
    root = copy_root(fresh, tmp_path_factory.mktemp("pi") / "system")
    making = (
        "echo raspberrypi > /etc/hostname; echo '127.0.1.1 raspberrypi' >> /etc/hosts; "
        "useradd --create-home --shell /bin/bash --groups sudo pi; "
        "install -d -m 700 -o pi -g pi /home/pi/.ssh; "
        f"echo '{desk.key}' > /home/pi/.ssh/authorized_keys; chown pi: /home/pi/.ssh/authorized_keys; "
        "echo 'pi ALL=(ALL) NOPASSWD:ALL' > /etc/sudoers.d/010_pi-nopasswd"
    )
    subprocess.run(["chroot", str(root), "sh", "-euc", making], check=True)
    with booted(root) as host:
        until(lambda: host.run(Command(("test", "-d", "/run/sshd"))).status == 0, "sshd to be there")
        desk.reach(host, host.name)
        yield host


def test_what_readme_says_is_what_happens(pi: Host, desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    profile, bundle, apply, check, pair = lines()
    desk.type(profile)
    assert bundle == "make bundle PROFILE=box.toml"
    box = desk.folder / "box.toml"
    box.write_text(box.read_text().replace('kind = "pi5"', 'kind = "x86-64"'))

    plan = desk.type(apply.replace("apply", "plan").partition(" --bundle")[0])
    assert "user holdfast: there is no user holdfast" in plan
    assert pi.run(Command(("test", "-e", "/opt/holdfast"))).status == 1, "a plan touches nothing"

    began_s = time.monotonic()
    broken_off(pi, desk, apply)
    told = desk.type(apply)
    assert "there is no user holdfast" not in told, "what was done is not done again"
    assert "unit holdfast-edge.service" in told
    assert desk.type(apply).strip() == "Nothing to do."
    until(lambda: healthy(pi), "the box to serve")
    assert "the box belongs to no venue yet" in desk.type(check, status=1)
    says_that_the_cloud_is_away(desk, pair.replace("YOUR-CLOUD", "cloud.invalid"))

    code = founded(desk)
    until(lambda: healthy(pi), "the venue to be served")
    ticket = ordered(pi, code)
    machine_s = time.monotonic() - began_s
    megabytes = {
        path: int(said(pi, "du", "-smx", path).split()[0]) for path in ("/opt/holdfast", "/var/lib/holdfast")
    }
    restarted_s = boot_to_order(pi, code)
    with capsys.disabled():
        print(
            f"\nblank system to first order ({ticket}): {machine_s:.0f} s of machine time, one cut included"
        )
        print(f"service started to next order: {restarted_s:.1f} s; installed, in MiB: {megabytes}")
        print(f"exposure: {exposures(pi)}")
    assert {unit for unit, score in exposures(pi).items() if score > MOST_EXPOSED} <= WORKS_AS_ROOT


def broken_off(pi: Host, desk: Desk, apply: str) -> None:
    """The installer's laptop falls asleep while the release is being installed."""
    running = desk.start(f"exec {apply}")
    pip = ("sh", "-c", "ls /opt/holdfast/releases/*/bin/pip")
    until(lambda: pi.run(Command(pip)).status == 0, "the release to be installed")
    running.kill()
    running.communicate()
    assert pi.run(Command(("test", "-e", "/opt/holdfast/current"))).status == 1


def says_that_the_cloud_is_away(desk: Desk, pair: str) -> None:
    """Without internet the pairing waits, and says for what."""
    running = desk.start(f"exec {pair}")
    assert running.stdout is not None
    said = next((line for line in running.stdout if "does not answer" in line), "")
    assert "The cloud does not answer at https://cloud.invalid" in said
    running.kill()
    running.communicate()


def founded(desk: Desk) -> str:
    """Let it serve at once; a table's code."""
    packing = f"tar --create --directory {SAMPLES} venue.json menu.csv"
    desk.type(f"{packing} | ssh {ADDRESS} tar --extract --directory /tmp")
    found = "sudo -u holdfast holdfast-edge found /tmp/venue.json --menu /tmp/menu.csv"
    told = desk.type(
        f"ssh {ADDRESS} 'sudo systemctl stop holdfast-edge && {found}; sudo systemctl start holdfast-edge'"
    )
    code = re.search(r"table T1: (\S+)", told)
    assert code is not None, told
    return code[1]


def ordered(pi: Host, code: str) -> str:
    """A guest's order; the ticket."""
    guest = [sys.executable, "-m", "tests.install.first_order", code, "coffee"]
    done = subprocess.run(
        ["nsenter", "--target", pi.name, "--net", *guest],
        cwd=TREE,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("K-")
    return done.stdout.strip()


def boot_to_order(pi: Host, code: str) -> float:
    """From the start of the service to an order, in seconds."""
    said(pi, "systemctl", "stop", "holdfast-edge")
    began_s = time.monotonic()
    said(pi, "systemctl", "start", "holdfast-edge")
    ordered(pi, code)
    return time.monotonic() - began_s
