"""The one thing that touches a machine: runs a command there, as root, and says how it went.

Files are written through commands too, so a host needs no second way in: this machine, one behind SSH and a
folder used as a root differ in what stands before each command, and in nothing else.
"""

import shlex
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Command:
    """A program with its arguments, and what it reads from standard input."""

    argv: tuple[str, ...]
    stdin: bytes = b""
    timeout_s: float = 900.0


@dataclass(frozen=True, slots=True)
class Answer:
    """How a command ended."""

    status: int
    out: bytes
    err: bytes


class HostUnreachable(RuntimeError):
    """The machine cannot be reached at all, which says nothing about its state."""


#: Debian keeps daemons where an ordinary user's PATH does not look; nothing may ask questions.
ENVIRONMENT = (
    "env",
    "LC_ALL=C.UTF-8",
    "DEBIAN_FRONTEND=noninteractive",
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
)


class Host:
    """A machine. `wrap` turns the command for it into one for this machine."""

    def __init__(self, name: str, wrap: Callable[[tuple[str, ...]], tuple[str, ...]]) -> None:
        self.name = name
        self._wrap = wrap

    def run(self, command: Command) -> Answer:
        """Run to its end. Raises `HostUnreachable` if the machine did not answer in time or at all."""
        argv = self._wrap((*ENVIRONMENT, *command.argv))
        try:
            done = subprocess.run(
                argv, input=command.stdin, capture_output=True, timeout=command.timeout_s, check=False
            )
        except subprocess.TimeoutExpired:
            said = f"{command.argv[0]} did not end within {command.timeout_s:.0f} s"
            raise HostUnreachable(f"{self.name}: {said}") from None
        except OSError as error:
            raise HostUnreachable(f"{self.name}: {argv[0]}: {error.strerror}") from None
        return Answer(done.returncode, done.stdout, done.stderr)


def this_machine() -> Host:
    """The machine this runs on; whoever calls has to be root."""
    return Host("this machine", lambda argv: argv)


def folder(root: Path) -> Host:
    """A folder that holds a whole system, such as a mounted card: commands run in it, its daemons do not."""
    return Host(str(root), lambda argv: ("chroot", str(root), *argv))


SSH_OPTIONS = ("-o", "BatchMode=yes", "-o", "ConnectTimeout=10", "-o", "ServerAliveInterval=15")
#: What `ssh` itself exits with when it could not connect.
SSH_FAILED = 255


class SshHost(Host):
    """A machine behind SSH, where the user may become root without a password, as on a fresh Raspberry Pi."""

    def __init__(self, destination: str) -> None:
        super().__init__(
            destination, lambda argv: ("ssh", *SSH_OPTIONS, destination, shlex.join(("sudo", "-n", *argv)))
        )

    def run(self, command: Command) -> Answer:
        """See `Host.run`."""
        answer = super().run(command)
        if answer.status == SSH_FAILED:
            raise HostUnreachable(f"{self.name}: {answer.err.decode(errors='replace').strip()}")
        return answer
