"""The kinds of thing that shall be so on a box. Each is data: what it asks, what is wrong, what mends it.

A step must be true after its commands ran, whatever was there before, and must have no commands worth running
when it is true already: that is what makes a second `apply` change nothing. A file that a daemon reads only
at its start names the daemon in `restarts`.
"""

import shlex
from dataclasses import dataclass
from typing import Protocol

from edge.provision.host import Command
from edge.provision.observed import Observed, Question, UnitState, digest


class Step(Protocol):
    """One thing that shall be so."""

    @property
    def title(self) -> str:
        """What it is, for plans and logs."""

    @property
    def question(self) -> Question:
        """What has to be observed to tell."""

    def wrong(self, seen: Observed) -> str | None:
        """What is not as it shall be, in words; None when all is well."""

    def commands(self, seen: Observed) -> list[Command]:
        """What makes it so."""

    @property
    def restarts(self) -> tuple[str, ...]:
        """Units that have to start anew after this was changed."""


def shell(script: str, *arguments: str, stdin: bytes = b"") -> Command:
    """A command that stops at its first failure. What is not ours comes in as arguments, never in it."""
    return Command(("sh", "-euc", script, "sh", *arguments), stdin)


@dataclass(frozen=True, slots=True)
class Packages:
    """Debian packages. `local` names a folder of .deb files, used when it is there: no internet needed."""

    names: tuple[str, ...]
    local: str
    restarts: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        return f"packages {', '.join(self.names)}"

    @property
    def question(self) -> Question:
        return Question(packages=self.names)

    def wrong(self, seen: Observed) -> str | None:
        missing = [name for name in self.names if name not in seen.packages]
        return f"not installed: {', '.join(missing)}" if missing else None

    def commands(self, seen: Observed) -> list[Command]:
        missing = [name for name in self.names if name not in seen.packages]
        # A daemon that a package starts before its configuration is there would answer strangers: none is.
        script = """
folder=$1; shift
held=
if [ ! -e /usr/sbin/policy-rc.d ]; then
  held=1; printf '#!/bin/sh\\nexit 101\\n' > /usr/sbin/policy-rc.d; chmod 755 /usr/sbin/policy-rc.d
fi
trap '[ -z "$held" ] || rm -f /usr/sbin/policy-rc.d' EXIT
options='--yes --no-install-recommends -o Dpkg::Options::=--force-confold -o DPkg::Lock::Timeout=600'
# What a power cut left half done is done first, or apt would refuse everything.
dpkg --configure -a --force-confold
if ls "$folder"/*.deb >/dev/null 2>&1; then
  # No mirror is named rather than `--no-download`, with which apt fetches local files neither.
  none='-o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts=/dev/null'
  apt-get $options $none --fix-broken --allow-downgrades install "$folder"/*.deb
else
  apt-get update
  apt-get $options install "$@"
fi
"""
        return [shell(script, self.local, *missing)]


@dataclass(frozen=True, slots=True)
class Account:
    """A system user without password or shell."""

    name: str
    home: str
    groups: tuple[str, ...] = ()
    restarts: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        return f"user {self.name}"

    @property
    def question(self) -> Question:
        return Question(accounts=(self.name,))

    def wrong(self, seen: Observed) -> str | None:
        if self.name not in seen.accounts:
            return f"there is no user {self.name}"
        missing = [group for group in self.groups if group not in seen.accounts[self.name]]
        return f"{self.name} is not in {', '.join(missing)}" if missing else None

    def commands(self, seen: Observed) -> list[Command]:
        steps = []
        if self.name not in seen.accounts:
            options = ("--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin")
            steps.append(Command(("useradd", *options, "--home-dir", self.home, self.name)))
        if self.groups:
            steps.append(Command(("usermod", "--append", "--groups", ",".join(self.groups), self.name)))
        return steps


@dataclass(frozen=True, slots=True)
class Directory:
    """A directory with its rights."""

    path: str
    mode: int = 0o755
    owner: str = "root"
    group: str = "root"
    restarts: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        return f"directory {self.path}"

    @property
    def question(self) -> Question:
        return Question(paths=(self.path,))

    def wrong(self, seen: Observed) -> str | None:
        entry = seen.entries.get(self.path)
        if entry is None or entry.kind != "directory":
            return f"{self.path} is not there" if entry is None else f"{self.path} is a {entry.kind}"
        if (entry.mode, entry.owner, entry.group) != (self.mode, self.owner, self.group):
            return f"{self.path} is {entry.mode:o} {entry.owner}:{entry.group}"
        return None

    def commands(self, seen: Observed) -> list[Command]:
        rights = ("-m", f"{self.mode:o}", "-o", self.owner, "-g", self.group)
        return [Command(("install", "-d", *rights, self.path))]


@dataclass(frozen=True, slots=True)
class File:
    """A file, whole: whatever somebody changed in it by hand is put aside beside it, and named in the log."""

    path: str
    content: bytes
    mode: int = 0o644
    owner: str = "root"
    group: str = "root"
    restarts: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        return f"file {self.path}"

    @property
    def question(self) -> Question:
        return Question(paths=(self.path,))

    def wrong(self, seen: Observed) -> str | None:
        entry = seen.entries.get(self.path)
        if entry is None or entry.kind != "file":
            return f"{self.path} is not there" if entry is None else f"{self.path} is a {entry.kind}"
        if entry.sha256 != digest(self.content):
            return f"{self.path} says something else"
        if (entry.mode, entry.owner, entry.group) != (self.mode, self.owner, self.group):
            return f"{self.path} is {entry.mode:o} {entry.owner}:{entry.group}"
        return None

    def commands(self, seen: Observed) -> list[Command]:
        # Written beside, then moved over: a power cut leaves the old file or the new one.
        script = """
path=$1 mode=$2 owner=$3 group=$4
mkdir -p "$(dirname "$path")"
umask 077
cat > "$path.new"
chown "$owner:$group" "$path.new"
chmod "$mode" "$path.new"
if [ -f "$path" ] && ! cmp -s "$path" "$path.new"; then cp -p "$path" "$path.before-holdfast"; fi
sync "$path.new"
mv -T "$path.new" "$path"
"""
        return [
            shell(script, self.path, f"{self.mode:o}", self.owner, self.group, stdin=self.content),
        ]


@dataclass(frozen=True, slots=True)
class Link:
    """A symbolic link, changed in one step."""

    path: str
    target: str
    restarts: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        return f"link {self.path} -> {self.target}"

    @property
    def question(self) -> Question:
        return Question(paths=(self.path,))

    def wrong(self, seen: Observed) -> str | None:
        entry = seen.entries.get(self.path)
        if entry is None or entry.kind != "link":
            return f"{self.path} is not there" if entry is None else f"{self.path} is a {entry.kind}"
        return None if entry.target == self.target else f"{self.path} leads to {entry.target}"

    def commands(self, seen: Observed) -> list[Command]:
        return [shell('ln -sfn "$1" "$2.new"; mv -T "$2.new" "$2"', self.target, self.path)]


@dataclass(frozen=True, slots=True)
class Once:
    """A thing made by a command and known by the file it leaves: a secret, a release, a table of passwords.

    `script` gets `arguments`, and must leave `marker` as the very last thing it does.
    """

    title: str
    marker: str
    script: str
    arguments: tuple[str, ...] = ()
    restarts: tuple[str, ...] = ()

    @property
    def question(self) -> Question:
        return Question(paths=(self.marker,))

    def wrong(self, seen: Observed) -> str | None:
        return None if self.marker in seen.entries else f"{self.marker} is not there"

    def commands(self, seen: Observed) -> list[Command]:
        return [shell(self.script, *self.arguments)]


@dataclass(frozen=True, slots=True)
class Unit:
    """A systemd unit that starts at boot and runs now. Where no systemd runs, it is only enabled."""

    name: str
    restarts: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        return f"unit {self.name}"

    @property
    def question(self) -> Question:
        return Question(units=(self.name,))

    def wrong(self, seen: Observed) -> str | None:
        state = seen.units.get(self.name, UnitState())
        if state.enabled not in {"enabled", "static", "enabled-runtime", "alias"}:
            return f"{self.name} does not start at boot ({state.enabled or 'unknown'})"
        if seen.booted and state.active not in {"active", "skipped"}:
            return f"{self.name} is {state.active or 'unknown'}"
        return None

    def commands(self, seen: Observed) -> list[Command]:
        if not seen.booted:
            return [Command(("systemctl", "enable", self.name))]
        return [
            Command(("systemctl", "daemon-reload")),
            Command(("systemctl", "enable", "--now", self.name)),
        ]


@dataclass(frozen=True, slots=True)
class Enabled:
    """A unit that starts at boot; whether it runs now is its own affair."""

    name: str
    restarts: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        return f"at boot {self.name}"

    @property
    def question(self) -> Question:
        return Question(units=(self.name,))

    def wrong(self, seen: Observed) -> str | None:
        enabled = seen.units.get(self.name, UnitState()).enabled
        return (
            None if enabled == "enabled" else f"{self.name} does not start at boot ({enabled or 'unknown'})"
        )

    def commands(self, seen: Observed) -> list[Command]:
        return [Command(("systemctl", "enable", self.name))]


#: Lives until the next boot, which starts everything anew anyway.
RESTARTS = "/run/holdfast-provision"


@dataclass(frozen=True, slots=True)
class Restart:
    """A daemon that has yet to read what was changed. The mark outlives a run of `apply` that broke off."""

    unit: str
    restarts: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        return f"restart {self.unit}"

    @property
    def mark(self) -> str:
        """Stands while the restart is due."""
        return f"{RESTARTS}/{self.unit}"

    @property
    def question(self) -> Question:
        return Question(paths=(self.mark,))

    def wrong(self, seen: Observed) -> str | None:
        return f"{self.unit} runs with what was there before" if self.mark in seen.entries else None

    def commands(self, seen: Observed) -> list[Command]:
        script = 'systemctl daemon-reload; systemctl restart "$1"; rm -f "$2"'
        return [shell(script, self.unit, self.mark)]

    def marking(self) -> Command:
        """Says that it is due; run before the change, so that nothing can come between."""
        return shell('mkdir -p "$(dirname "$1")"; touch "$1"', self.mark)


def spelled(command: Command) -> str:
    """A command as a person would type it, for `plan --commands` and the log; what it reads is left out."""
    return shlex.join(command.argv if command.argv[:2] != ("sh", "-euc") else ("sh", "…", *command.argv[4:]))
