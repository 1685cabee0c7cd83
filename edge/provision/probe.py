"""Sent to a machine and run by its own Python 3.11 or newer, with nothing but the standard library: answers
the question given as JSON in its first argument. `observed.py` is its counterpart.
"""

import grp
import hashlib
import json
import os
import platform
import pwd
import stat
import subprocess
import sys
from typing import Any


def released() -> dict[str, str]:
    """The lines of /etc/os-release."""
    with open("/etc/os-release") as lines:
        pairs = (line.rstrip("\n").split("=", 1) for line in lines if "=" in line)
        return {key: value.strip('"') for key, value in pairs}


def name_of(table: Any, number: int, attribute: str) -> str:
    """The name behind a number, or the number if nobody has it."""
    try:
        return str(getattr(table(number), attribute))
    except KeyError:
        return str(number)


def entry(path: str) -> dict[str, Any] | None:
    """What stands at a path, without following it."""
    try:
        seen = os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    about = {
        "mode": stat.S_IMODE(seen.st_mode),
        "owner": name_of(pwd.getpwuid, seen.st_uid, "pw_name"),
        "group": name_of(grp.getgrgid, seen.st_gid, "gr_name"),
    }
    if stat.S_ISLNK(seen.st_mode):
        return {**about, "kind": "link", "target": os.readlink(path)}
    if stat.S_ISDIR(seen.st_mode):
        return {**about, "kind": "directory"}
    with open(path, "rb") as content:
        return {**about, "kind": "file", "sha256": hashlib.file_digest(content, "sha256").hexdigest()}


def installed(names: list[str]) -> list[str]:
    """Those of the Debian packages that are there and configured."""
    if not names:
        return []
    form = "${Package} ${db:Status-Status}\\n"
    said = subprocess.run(["dpkg-query", "-W", "-f", form, *names], capture_output=True, text=True).stdout
    return [line.split()[0] for line in said.splitlines() if line.endswith(" installed")]


def groups_of(account: str) -> list[str] | None:
    """The groups an account is in, its own first; None where there is no such account."""
    try:
        own = pwd.getpwnam(account)
    except KeyError:
        return None
    return [
        grp.getgrgid(own.pw_gid).gr_name,
        *(each.gr_name for each in grp.getgrall() if account in each.gr_mem),
    ]


def unit(name: str) -> tuple[str, str]:
    """What systemctl says; a folder used as a root has units that are enabled, and none that run.

    A unit that its own conditions kept from running, such as a clock daemon in a container, is `skipped`.
    """
    enabled = subprocess.run(["systemctl", "is-enabled", name], capture_output=True, text=True).stdout.strip()
    show = [
        "systemctl",
        "show",
        "--property",
        "ActiveState,ConditionResult,ConditionTimestampMonotonic",
        name,
    ]
    lines = subprocess.run(show, capture_output=True, text=True).stdout.splitlines()
    told = dict(line.split("=", 1) for line in lines if "=" in line)
    tried = told.get("ConditionTimestampMonotonic", "0") != "0"
    skipped = tried and told.get("ConditionResult") == "no"
    return enabled, "skipped" if skipped else told.get("ActiveState", "")


def main() -> None:
    """Answer on standard output."""
    asked = json.loads(sys.argv[1])
    system = released()
    entries = {path: entry(path) for path in asked["paths"]}
    accounts = {account: groups_of(account) for account in asked["accounts"]}
    answer = {
        "distribution": system.get("ID", ""),
        "release": system.get("VERSION_ID", ""),
        "machine": platform.machine(),
        "booted": os.path.isdir("/run/systemd/system"),
        "entries": {path: each for path, each in entries.items() if each is not None},
        "packages": installed(asked["packages"]),
        "accounts": {account: groups for account, groups in accounts.items() if groups is not None},
        "units": {name: unit(name) for name in asked["units"]},
    }
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
