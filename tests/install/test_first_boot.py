"""A flashed card that installs itself, where there is no network at all and the power goes in the middle.

Debian 13 with the cloud-init settings of Raspberry Pi OS (github.com/RPi-Distro/pi-gen, stage2/04-cloud-init)
is booted from a boot partition that `holdfast-provision image` wrote; what is left is a box on Debian 13,
which is looked at as closely as one on 12. The Raspberry Pi OS of Debian 12 has no cloud-init; its way in is
run, too.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.provision.apply import apply
from edge.provision.check import check
from edge.provision.cli import main
from edge.provision.host import Command, Host, folder
from edge.provision.profile import Profile
from tests.install.machine import booted, copy_root, exposures, healthy, said, until
from tests.install.test_booted import HONEST
from tests.install.test_units import MOST_EXPOSED, WORKS_AS_ROOT

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDl7vmBUM6mYb2mxaXyVvLaU2gGUUzuHzGG6vI0Yb0Qp installer\n"
#: What Raspberry Pi OS lays into /etc/cloud/cloud.cfg.d.
CLOUD_INIT = """
datasource_list: [ NoCloud, None ]
datasource:
  NoCloud:
    seedfrom: file:///boot/firmware
ssh_deletekeys: false
ssh_genkeytypes: []
"""
COMMAND_LINE = "console=tty1 root=PARTUUID=4e639091-02 rootfstype=ext4 rootwait\n"
#: What a box does while it takes longest to install, and is not done with when the power goes.
INSTALLING = "ls /opt/holdfast/releases/*/bin/pip && ! ls /opt/holdfast/releases/*/.complete"


def flash(root: Path, profile_file: Path, bundle: Path, scratch: Path, *, cloud_init: bool) -> Path:
    """A card with its boot partition written to; where that is mounted."""
    boot = root / "boot/firmware"
    boot.mkdir(parents=True)
    (boot / "cmdline.txt").write_text(COMMAND_LINE)
    if cloud_init:
        (boot / "user-data").write_text("#cloud-config\n")
        (root / "etc/cloud/cloud.cfg.d/99_raspberry-pi.cfg").write_text(CLOUD_INIT)
    key = scratch / "id_ed25519.pub"
    key.write_text(KEY)
    assert main(["image", str(profile_file), str(boot), "--bundle", str(bundle), "--ssh-key", str(key)]) == 0
    return boot


@pytest.fixture(scope="module")
def card(
    trixie: Path, profile_file: Path, offline_trixie: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    scratch = tmp_path_factory.mktemp("card")
    root = copy_root(trixie, scratch / "system")
    flash(root, profile_file, offline_trixie, scratch, cloud_init=True)
    return root


@pytest.fixture(scope="module")
def box(card: Path) -> Iterator[Host]:
    """Switched on, cut off in the middle of the longest step, switched on again."""
    with booted(card, keep=True, to_the_end=False) as host:
        until(lambda: host.run(Command(("sh", "-c", INSTALLING))).status == 0, "the release to be installed")
    with booted(card) as host:
        until(lambda: healthy(host), "the box to serve")
        done = Command(("test", "-e", "/var/lib/holdfast-installed"))
        until(lambda: host.run(done).status == 0, "the installation to end")
        yield host


def test_cloud_init_finds_nothing_to_remark_on_what_the_card_says(card: Path) -> None:
    for kind, name in (("cloud-config", "user-data"), ("network-config", "network-config")):
        file = ("--config-file", f"/boot/firmware/{name}")
        told = said(folder(card), "cloud-init", "schema", "--schema-type", kind, *file)
        assert "Valid schema" in told, told


def test_a_card_that_was_cut_off_in_the_middle_is_a_box_in_the_end(box: Host, profile: Profile) -> None:
    assert said(box, "systemctl", "list-units", "--failed", "--plain", "--no-legend") == ""
    assert {finding.wrong for finding in check(box, profile)} == HONEST
    assert said(box, "/opt/holdfast/current/bin/python3", "--version").startswith("Python 3.13")
    assert apply(box, profile, print) == []
    assert "status: done" in said(box, "cloud-init", "status")


def test_the_installer_gets_in_by_key_alone_and_the_box_knows_its_own_name(box: Host) -> None:
    assert said(box, "cat", "/home/installer/.ssh/authorized_keys").strip() == KEY.strip()
    assert "passwordauthentication no" in said(box, "/usr/sbin/sshd", "-T")
    assert said(box, "runuser", "-u", "installer", "--", "sudo", "-n", "id", "-un").strip() == "root"
    assert said(box, "hostname").strip() == "bar"
    assert said(box, "getent", "hosts", "bar").split()[0] == "127.0.1.1"


def test_services_are_locked_in_on_this_debian_too(box: Host) -> None:
    found = exposures(box)
    assert {"holdfast-edge.service", "holdfast-backup.service"} <= set(found)
    assert {unit for unit, score in found.items() if score > MOST_EXPOSED} <= WORKS_AS_ROOT


def test_a_system_without_cloud_init_is_handed_over_at_its_first_start(
    fresh: Path, profile_file: Path, offline: Path, tmp_path: Path
) -> None:
    root = copy_root(fresh, tmp_path / "system")
    shutil.rmtree(root / "etc/ssh/sshd_config.d", ignore_errors=True)
    boot = flash(root, profile_file, offline, tmp_path, cloud_init=False)
    assert "systemd.run=/boot/firmware/firstrun.sh" in (boot / "cmdline.txt").read_text()
    host = folder(root)
    for _ in range(2):  # the power may go while it runs
        said(host, "sh", "/boot/firmware/firstrun.sh")
        assert (boot / "cmdline.txt").read_text() == COMMAND_LINE, "the next start is a usual one"
    assert said(host, "systemctl", "is-enabled", "holdfast-install.service").strip() == "enabled"
    assert said(host, "cat", "/home/installer/.ssh/authorized_keys") == KEY
    assert "passwordauthentication no" in said(host, "sh", "-c", "mkdir -p /run/sshd; /usr/sbin/sshd -T")
    assert said(host, "sudo", "-l", "-U", "installer").count("NOPASSWD: ALL") == 1
