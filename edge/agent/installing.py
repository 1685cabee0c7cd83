"""Setting the agent up on a PC, and taking it away again: what to write and what to run, as a plan.

Two parts, because a service has no screen and a guest may end what runs in his session: the service counts
and enforces, starts with the machine before anybody can log in, and is started again whenever it ends; the
helper shows the page in each session that begins. Windows: a service of its own and a `Run` key. Linux: a
systemd unit and an XDG autostart entry.

Pure: `cli.py` carries a plan out, or prints it (`--dry-run`). Twice is as good as once.
"""

import shlex
from collections.abc import Sequence
from pathlib import PurePath, PurePosixPath, PureWindowsPath

import msgspec

from edge.agent.scm import NAME

UNIT = PurePosixPath("/etc/systemd/system/holdfast-agent.service")
AUTOSTART = PurePosixPath("/etc/xdg/autostart/holdfast-agent-overlay.desktop")
#: A service that ended is started again after so many milliseconds: first, second and any later time.
_AGAIN = "restart/1000/restart/5000/restart/30000"
_RUN_KEY = r"HKLM\Software\Microsoft\Windows\CurrentVersion\Run"


class Write(msgspec.Struct, frozen=True):
    """A file with that text, readable by all or by the system alone."""

    path: PurePath
    text: str
    secret: bool = False


class Delete(msgspec.Struct, frozen=True):
    """A file that may be there."""

    path: PurePath


class Run(msgspec.Struct, frozen=True):
    """A command. `may_fail` where it only undoes what may not have been done."""

    words: tuple[str, ...]
    may_fail: bool = False


Step = Write | Delete | Run


class Place(msgspec.Struct, frozen=True):
    """Which station this PC is. `program` and `helper` start the agent, as words of a command line; the
    helper's opens no window of its own."""

    program: tuple[str, ...]
    helper: tuple[str, ...]
    server: str
    station: str
    token: str
    directory: PurePath


def install(place: Place, *, windows: bool) -> list[Step]:
    """Steps that make this PC the station, and start it."""
    token = place.directory / "token"
    options = ("--server", place.server, "--station", place.station, "--token-file", str(token))
    first: list[Step] = [Write(token, place.token + "\n", secret=True)]
    if windows:
        return [*first, *_windows(place, options)]
    return [*first, *_linux(place, options)]


def remove(directory: PurePath, *, windows: bool) -> list[Step]:
    """Steps that take it away again; the station's token goes too."""
    token = Delete(directory / "token")
    if windows:
        return [
            Run(("sc.exe", "stop", NAME), may_fail=True),
            Run(("sc.exe", "delete", NAME), may_fail=True),
            Run(("reg.exe", "delete", _RUN_KEY, "/v", NAME, "/f"), may_fail=True),
            token,
        ]
    return [
        Run(("systemctl", "disable", "--now", UNIT.name), may_fail=True),
        Delete(UNIT),
        Delete(AUTOSTART),
        Run(("systemctl", "daemon-reload"), may_fail=True),
        token,
    ]


def _windows(place: Place, options: Sequence[str]) -> list[Step]:
    """A service that the manager starts with Windows and again whenever it ends; a page for who logs in."""
    service = _windows_line((*place.program, "service", *options))
    helper = _windows_line((*place.helper, "overlay"))
    token = str(place.directory / "token")
    return [
        # Only the system and administrators: the token's inherited rights would let every user read it.
        Run(("icacls.exe", token, "/inheritance:r", "/grant:r", "*S-1-5-18:F", "*S-1-5-32-544:F")),
        Run(("sc.exe", "stop", NAME), may_fail=True),
        Run(("sc.exe", "create", NAME, "binPath=", service), may_fail=True),  # unless it is there
        Run(("sc.exe", "config", NAME, "binPath=", service, "start=", "auto", "obj=", "LocalSystem")),
        Run(("sc.exe", "description", NAME, "Counts paid time down on this PC.")),
        Run(("sc.exe", "failure", NAME, "reset=", "86400", "actions=", _AGAIN)),
        Run(("sc.exe", "failureflag", NAME, "1")),
        Run(("reg.exe", "add", _RUN_KEY, "/v", NAME, "/d", helper, "/f")),
        Run(("sc.exe", "start", NAME)),
    ]


def _linux(place: Place, options: Sequence[str]) -> list[Step]:
    helper = shlex.join((*place.helper, "overlay"))
    return [
        Write(UNIT, _unit(shlex.join((*place.program, "run", *options)))),
        Write(AUTOSTART, f"[Desktop Entry]\nType=Application\nName=Time left\nExec={helper}\n"),
        Run(("systemctl", "daemon-reload")),
        Run(("systemctl", "enable", UNIT.name)),
        Run(("systemctl", "restart", UNIT.name)),
    ]


def _unit(command: str) -> str:
    """Started before anybody can log in, and again whenever it ends; it sees no guest's files."""
    return "\n".join(
        (
            "[Unit]",
            "Description=Holdfast agent: counts paid time down on this PC",
            "After=systemd-logind.service",
            "Before=display-manager.service",
            "StartLimitIntervalSec=0",
            "",
            "[Service]",
            f"ExecStart={command.replace('%', '%%')}",
            "Restart=always",
            "RestartSec=2",
            "StateDirectory=holdfast-agent",
            "NoNewPrivileges=yes",
            "ProtectHome=yes",
            "ProtectSystem=strict",
            "PrivateTmp=yes",
            "",
            "[Install]",
            "WantedBy=multi-user.target",
            "",
        )
    )


def _windows_line(words: Sequence[str]) -> str:
    """One command line; what holds blanks is quoted. Paths and options of ours hold no quotes."""
    return " ".join(f'"{word}"' if " " in word else word for word in words)


def state_directory(*, windows: bool, program_data: str = r"C:\ProgramData") -> PurePath:
    """Where the agent keeps what a restart must not lose."""
    if windows:
        return PureWindowsPath(program_data, "Holdfast")
    return PurePosixPath("/var/lib/holdfast-agent")
