"""An installed system that is started: it serves, holds its doors, and comes back by itself."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.provision.apply import apply
from edge.provision.check import check
from edge.provision.host import Command, Host
from edge.provision.profile import Profile
from tests.install.machine import booted, copy_root, healthy, said, until

#: True of any box that nobody has claimed and that never saw the internet.
HONEST = {"the box belongs to no venue yet", "the time of day is not known yet"}


@pytest.fixture(scope="module")
def box(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    root = copy_root(installed, tmp_path_factory.mktemp("booted") / "system")
    # Waited for in a test, so shorter than in the field.
    drop_in = root / "etc/systemd/system/holdfast-edge.service.d/watchdog.conf"
    drop_in.parent.mkdir()
    drop_in.write_text("[Service]\nWatchdogSec=3\n")
    with booted(root) as host:
        until(lambda: healthy(host), "the box to serve")
        yield host


def pid(host: Host) -> str:
    return said(host, "systemctl", "show", "--property", "MainPID", "--value", "holdfast-edge").strip()


def test_everything_that_should_run_runs(box: Host) -> None:
    assert said(box, "systemctl", "list-units", "--failed", "--plain", "--no-legend") == ""
    assert "holdfast-backup.timer" in said(box, "systemctl", "list-timers", "--all", "--no-legend")


def test_check_says_what_is_so_and_nothing_else(box: Host, profile: Profile) -> None:
    assert {finding.wrong for finding in check(box, profile)} == HONEST


def test_the_broker_knows_the_box_and_lets_no_stranger_in(box: Host) -> None:
    status = "import urllib.request as r; print(r.urlopen('http://127.0.0.1:8080/status').read().decode())"
    assert json.loads(said(box, "python3", "-c", status))["mqtt"] in {"ok", "off"}
    with_password = said(box, "cat", "/etc/holdfast/secrets/mqtt/hot-screen")
    assert connect(box, "hot-screen", with_password) == 0
    assert connect(box, "hot-screen", "guessed") == 5
    assert connect(box, "nobody", "") == 5


def connect(host: Host, user: str, password: str) -> int:
    """The broker's return code to an MQTT 3.1.1 CONNECT: 0 accepted, 5 not authorised."""
    script = """
import socket, struct, sys
def text(value): raw = value.encode(); return struct.pack(">H", len(raw)) + raw
name, password = sys.argv[1:]
body = text("MQTT") + bytes([4, 0xC2]) + struct.pack(">H", 30) + text("probe") + text(name) + text(password)
with socket.create_connection(("127.0.0.1", 1883), 5) as broker:
    broker.sendall(bytes([0x10, len(body)]) + body)
    print(broker.recv(4)[3])
"""
    return int(said(host, "/usr/bin/python3", "-c", script, user, password))


def test_logs_live_in_memory_and_within_bounds(box: Host) -> None:
    assert said(box, "ls", "/run/log/journal").strip()
    assert box.run(Command(("sh", "-c", "ls /var/log/journal/*/*.journal"))).status != 0
    header = said(box, "journalctl", "--no-pager", "--unit", "systemd-journald")
    assert "max 64.0M" in header or "max 64M" in header, header


def test_the_firewall_is_up(box: Host) -> None:
    rules = said(box, "nft", "list", "ruleset")
    assert "hook input priority filter; policy drop" in rules
    assert "tcp dport 80 redirect to :8080" in rules


def test_a_killed_box_is_back_at_once(box: Host) -> None:
    before = pid(box)
    said(box, "systemctl", "kill", "--signal=KILL", "holdfast-edge")
    until(lambda: pid(box) not in {before, "0"} and healthy(box), "another process to serve")


def test_a_box_that_hangs_is_started_anew(box: Host) -> None:
    before = pid(box)
    said(box, "systemctl", "kill", "--signal=STOP", "holdfast-edge")
    until(lambda: pid(box) not in {before, "0"} and healthy(box), "the watchdog to bite")
    assert "Watchdog timeout" in said(box, "journalctl", "--no-pager", "--unit", "holdfast-edge")


def test_a_backup_is_a_database_that_opens(box: Host) -> None:
    said(box, "systemctl", "start", "holdfast-backup.service")
    copies = said(box, "ls", "/var/lib/holdfast/backups").split()
    assert len(copies) == 1
    assert copies[0].endswith(".db")


def test_what_was_changed_by_hand_is_named_mended_and_read_anew(box: Host, profile: Profile) -> None:
    said(box, "sh", "-c", "echo 'allow_anonymous true' > /etc/mosquitto/conf.d/holdfast.conf")
    said(box, "systemctl", "stop", "holdfast-backup.timer")
    wrong = {finding.wrong for finding in check(box, profile)} - HONEST
    assert wrong == {
        "file /etc/mosquitto/conf.d/holdfast.conf: /etc/mosquitto/conf.d/holdfast.conf says something else",
        "unit holdfast-backup.timer: holdfast-backup.timer is inactive",
    }
    done = {step.title for step in apply(box, profile, print)}
    assert "restart mosquitto.service" in done
    assert connect(box, "nobody", "") == 5
    assert {finding.wrong for finding in check(box, profile)} <= HONEST


def test_a_card_whose_data_are_gone_is_restored_from_the_nightly_copy(box: Host) -> None:
    said(box, "sh", "-c", "echo sealed > /var/lib/holdfast/keepsake.sealed")
    said(box, "sh", "-c", "echo '{}' > /var/lib/holdfast/devices.json")
    said(box, "chown", "holdfast:", "/var/lib/holdfast/keepsake.sealed", "/var/lib/holdfast/devices.json")
    said(box, "systemctl", "start", "holdfast-backup.service")
    folder = "/var/lib/holdfast/backups"
    copies = said(box, "ls", folder).split()
    assert "keepsake.sealed" in copies
    assert "devices.json" not in copies, "pass words lie in clear beside what is sealed"
    newest = f"{folder}/{max(name for name in copies if name.endswith('.db'))}"
    said(box, "systemctl", "stop", "holdfast-edge")
    said(box, "sh", "-c", "rm /var/lib/holdfast/journal.sqlite3*")
    as_box = ("runuser", "--user", "holdfast", "--")
    said(box, "sh", "-c", f"head -c 5000 {newest} > /tmp/half.db; chmod 644 /tmp/half.db")
    half = box.run(Command((*as_box, "holdfast-edge", "restore", "/tmp/half.db"), timeout_s=60))
    assert half.status == 1, half.out.decode()
    said(box, *as_box, "holdfast-edge", "restore", newest)
    said(box, "systemctl", "start", "holdfast-edge")
    until(lambda: healthy(box), "the restored box to serve")
    assert "the hash chain is whole" in said(box, *as_box, "holdfast-edge", "doctor")
