"""Files for the boot partition of a flashed card, so that the box installs itself when it first starts.

Raspberry Pi OS of Debian 13 and Debian's cloud images read `user-data`, `meta-data` and `network-config` from
there by cloud-init (its NoCloud source; github.com/RPi-Distro/pi-gen, stage2/04-cloud-init). That of Debian
12 has no cloud-init: its kernel command line is made to run `firstrun.sh` once, as Raspberry Pi Imager does.
The bundle and the profile travel on the same partition, so a venue without internet is installed as well.
What runs is what a person would run: `holdfast-provision apply`, again until it has gone through.
"""

import json
import shutil
from pathlib import Path

from edge.provision.layout import template
from edge.provision.profile import Profile

UNIT = "holdfast-install.service"
#: Read by systemd-run-generator(8); the next start is a usual one, however this went.
FIRSTRUN = (
    " systemd.run=/boot/firmware/firstrun.sh systemd.run_success_action=reboot"
    " systemd.run_failure_action=reboot systemd.unit=kernel-command-line.target"
)


class CannotWrite(RuntimeError):
    """The boot partition or the bundle is not as it should be; nothing was written."""


def image(
    profile: Profile, source: bytes, boot: Path, bundle: Path, authorized_keys: tuple[str, ...]
) -> None:
    """Write to the mounted boot partition. `source` is the profile as written. Raises `CannotWrite`."""
    if not boot.is_dir():
        raise CannotWrite(f"{boot} is no folder: mount the card's boot partition there")
    if not (bundle / "wheels").is_dir():
        raise CannotWrite(f"{bundle} holds no wheels: make it with `holdfast-provision bundle`")
    runs_once = _needs_firstrun(boot)
    target = boot / "holdfast"
    shutil.copytree(bundle, target, dirs_exist_ok=True)
    (target / "profile.toml").write_bytes(source)
    for name in ("first-boot.sh", UNIT):
        (target / name).write_bytes(template(name))
    (target / "authorized_keys").write_text("".join(f"{key}\n" for key in authorized_keys))
    # `local`: acted on before there is a network, as there may never be one.
    (boot / "meta-data").write_text(f"dsmode: local\ninstance-id: holdfast-{profile.hostname}\n")
    (boot / "network-config").write_text(json.dumps(_NETWORK, indent=1) + "\n")
    (boot / "user-data").write_text(user_data(profile, authorized_keys))
    if authorized_keys:
        (boot / "ssh").touch()  # Raspberry Pi OS keeps its door shut without it
    if runs_once:
        _run_once(boot)


def _needs_firstrun(boot: Path) -> bool:
    """Whether cloud-init will not look at this card of Raspberry Pi OS: then it brings no `user-data`."""
    command_line = boot / "cmdline.txt"
    if not command_line.is_file():
        return False
    return not (boot / "user-data").exists() or FIRSTRUN in command_line.read_text()


def _run_once(boot: Path) -> None:
    (boot / "firstrun.sh").write_bytes(template("firstrun.sh"))
    line = (boot / "cmdline.txt").read_text().strip()
    if FIRSTRUN not in line:
        (boot / "cmdline.txt").write_text(f"{line}{FIRSTRUN}\n")


#: JSON is YAML, and cannot be got wrong by a name with a colon in it.
_NETWORK = {
    "version": 2,
    "ethernets": {"wired": {"match": {"name": "e*"}, "dhcp4": True, "dhcp6": True, "optional": True}},
}


def user_data(profile: Profile, authorized_keys: tuple[str, ...]) -> str:
    """What cloud-init does: name the box, let the installer in by key only, hand over to the unit."""
    user = {
        "name": "installer",
        "groups": "sudo",
        "shell": "/bin/bash",
        "sudo": "ALL=(ALL) NOPASSWD:ALL",
        "lock_passwd": True,
        "ssh_authorized_keys": list(authorized_keys),
    }
    path = f"/etc/systemd/system/{UNIT}"
    told = {
        "hostname": profile.hostname,
        "manage_etc_hosts": True,
        "timezone": profile.timezone,
        "ssh_pwauth": False,
        "users": [user] if authorized_keys else [],
        "write_files": [{"path": path, "permissions": "0644", "content": template(UNIT).decode()}],
        "runcmd": [
            ["systemctl", "daemon-reload"],
            ["systemctl", "enable", "--now", "--no-block", UNIT],
        ],
    }
    return "#cloud-config\n" + json.dumps(told, indent=1) + "\n"
