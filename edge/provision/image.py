"""Files for the boot partition of a flashed card, so that the box installs itself when it first starts.

Raspberry Pi OS and Debian's cloud images read `user-data`, `meta-data` and `network-config` from there by
cloud-init (its NoCloud source). The bundle and the profile travel on the same partition, so a venue without
internet is installed as well. What runs is what a person would run: `holdfast-provision apply`.
"""

import json
import shutil
from pathlib import Path

from edge.provision.layout import template
from edge.provision.profile import Profile


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
    target = boot / "holdfast"
    shutil.copytree(bundle, target, dirs_exist_ok=True)
    (target / "profile.toml").write_bytes(source)
    (target / "first-boot.sh").write_bytes(template("first-boot.sh"))
    (boot / "meta-data").write_text(f"instance-id: holdfast-{profile.hostname}\n")
    (boot / "network-config").write_text(json.dumps(_NETWORK, indent=1) + "\n")
    (boot / "user-data").write_text(user_data(profile, authorized_keys))


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
    unit = "/etc/systemd/system/holdfast-install.service"
    told = {
        "hostname": profile.hostname,
        "timezone": profile.timezone,
        "ssh_pwauth": False,
        "users": [user] if authorized_keys else [],
        "write_files": [
            {"path": unit, "permissions": "0644", "content": template("holdfast-install.service").decode()}
        ],
        "runcmd": [
            ["systemctl", "daemon-reload"],
            ["systemctl", "enable", "--now", "--no-block", "holdfast-install.service"],
        ],
    }
    return "#cloud-config\n" + json.dumps(told, indent=1) + "\n"
