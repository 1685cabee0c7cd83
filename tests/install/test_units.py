"""What is laid down is understood by those who read it: systemd, the shell, nftables, Mosquitto."""

import re
import subprocess
from pathlib import Path

import pytest

from edge.provision.host import Command, folder
from tests.install.machine import said

TEMPLATES = Path("edge/provision/templates")
#: `systemd-analyze security` rates from 0, locked in, to 10, free to do anything.
MOST_EXPOSED = 2.5
#: What lays down or takes back a system cannot be locked out of it; it runs for minutes, not for years.
WORKS_AS_ROOT = {"holdfast-install.service", "holdfast-upgrade.service", "holdfast-upgrade-asked.service"}
UNITS = ("holdfast-edge.service", "holdfast-backup.service", "holdfast-backup.timer")


def test_systemd_finds_nothing_to_remark(installed: Path) -> None:
    paths = [f"/etc/systemd/system/{unit}" for unit in UNITS]
    answer = folder(installed).run(Command(("systemd-analyze", "verify", *paths)))
    remarks = [line for line in answer.err.decode().splitlines() if "holdfast" in line]
    assert (answer.status, remarks) == (0, [])


@pytest.mark.parametrize("unit", [unit for unit in UNITS if unit.endswith(".service")])
def test_services_are_locked_in(installed: Path, unit: str) -> None:
    told = said(
        folder(installed), "systemd-analyze", "security", "--offline=yes", f"/etc/systemd/system/{unit}"
    )
    found = re.search(r"Overall exposure level for \S+: ([0-9.]+)", told)
    assert found is not None
    assert float(found[1]) <= MOST_EXPOSED


@pytest.mark.parametrize("script", ["first-boot.sh", "firstrun.sh", "mqtt-passwords", "nightly-backup"])
def test_scripts_pass_shellcheck(script: str) -> None:
    argv = ["shellcheck", "--shell=sh", str(TEMPLATES / script)]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_every_kitchen_device_has_a_password_of_its_own(installed: Path) -> None:
    folder_ = installed / "etc/holdfast/secrets/mqtt"
    assert {path.name for path in folder_.iterdir()} == {"holdfast", "hot-screen"}
    assert len({path.read_text() for path in folder_.iterdir()}) == 2
    assert folder_.parent.stat().st_mode & 0o077 == 0
    table = (installed / "etc/mosquitto/holdfast.passwd").read_text()
    assert {line.split(":")[0] for line in table.splitlines()} == {"holdfast", "hot-screen"}
    assert not any(path.read_text() in table for path in folder_.iterdir())
