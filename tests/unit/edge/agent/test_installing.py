"""Making a PC a station: what is planned for each system, and what the disk shows afterwards."""

import configparser
import os
import stat
from pathlib import Path, PurePosixPath, PureWindowsPath

import pytest

from edge.agent.failure import ActionFailed
from edge.agent.installing import AUTOSTART, UNIT, Place, Run, Step, install, remove, state_directory
from edge.agent.setup import carry_out, told

LINUX = Place(
    ("/opt/hold fast/python", "-m", "edge.agent.cli"),
    ("/opt/hold fast/python", "-m", "edge.agent.cli"),
    "http://holdfast.local",
    "pc-1",
    "the token",
    PurePosixPath("/var/lib/holdfast-agent"),
)
WINDOWS = Place(
    (r"C:\Program Files\Holdfast\python.exe", "-m", "edge.agent.cli"),
    (r"C:\Program Files\Holdfast\pythonw.exe", "-m", "edge.agent.cli"),
    "http://holdfast.local",
    "pc-1",
    "the token",
    PureWindowsPath(r"C:\ProgramData\Holdfast"),
)


def commands(steps: list[Step]) -> list[tuple[str, ...]]:
    return [step.words for step in steps if isinstance(step, Run)]


@pytest.fixture
def systemctl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What stands in for systemd writes down how it was called."""
    calls, program = tmp_path / "calls", tmp_path / "bin" / "systemctl"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\necho "$@" >> {calls}\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    return calls


def unit(root: Path) -> configparser.ConfigParser:
    parsed = configparser.ConfigParser(interpolation=None)
    parsed.optionxform = str  # type: ignore[assignment,method-assign]
    parsed.read(root / str(UNIT).lstrip("/"))
    return parsed


def test_linux_gets_a_unit_that_starts_first_and_always_comes_back(tmp_path: Path, systemctl: Path) -> None:
    steps: list[str] = []
    for _ in range(2):
        carry_out(install(LINUX, windows=False), steps.append, tmp_path)
    service = unit(tmp_path)
    assert service["Service"]["ExecStart"] == (
        "'/opt/hold fast/python' -m edge.agent.cli run --server http://holdfast.local --station pc-1 "
        "--token-file /var/lib/holdfast-agent/token"
    )
    assert service["Service"]["Restart"] == "always"
    assert service["Unit"]["Before"] == "display-manager.service"
    assert "edge.agent.cli overlay" in (tmp_path / str(AUTOSTART).lstrip("/")).read_text()
    called = ["daemon-reload", "enable holdfast-agent.service", "restart holdfast-agent.service"]
    assert systemctl.read_text().splitlines() == called * 2
    assert "the token" not in "".join(steps)


def test_nobody_but_the_system_reads_the_token(tmp_path: Path, systemctl: Path) -> None:
    carry_out(install(LINUX, windows=False), lambda _line: None, tmp_path)
    token = tmp_path / "var/lib/holdfast-agent/token"
    assert token.read_text() == "the token\n"
    assert stat.S_IMODE(token.stat().st_mode) == 0o600
    assert "the token" not in (tmp_path / str(UNIT).lstrip("/")).read_text()
    assert "the token" not in "".join(map(told, install(WINDOWS, windows=True)))


def test_what_was_installed_goes_away_again_and_twice_is_as_good_as_once(
    tmp_path: Path, systemctl: Path
) -> None:
    carry_out(install(LINUX, windows=False), lambda _line: None, tmp_path)
    for _ in range(2):
        carry_out(remove(LINUX.directory, windows=False), lambda _line: None, tmp_path)
    left = [path for path in tmp_path.rglob("*") if path.is_file() and "holdfast" in str(path.name)]
    assert left == []
    assert not (tmp_path / "var/lib/holdfast-agent/token").exists()
    assert "disable --now holdfast-agent.service" in systemctl.read_text()


def test_a_command_that_fails_is_told_with_what_it_said(tmp_path: Path, systemctl: Path) -> None:
    program = systemctl.parent / "bin" / "systemctl"
    program.write_text("#!/bin/sh\necho no bus >&2\nexit 1\n")
    with pytest.raises(ActionFailed, match="no bus"):
        carry_out(install(LINUX, windows=False), lambda _line: None, tmp_path)
    carry_out(remove(LINUX.directory, windows=False), lambda _line: None, tmp_path)


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("a file where a directory should be")
    with pytest.raises(ActionFailed, match="token"):
        carry_out(install(LINUX, windows=False), lambda _line: None, tmp_path)


def test_windows_gets_a_service_of_the_system_that_is_started_again_and_a_page_for_whoever_logs_in() -> None:
    asked = commands(install(WINDOWS, windows=True))
    service = (
        r'"C:\Program Files\Holdfast\python.exe" -m edge.agent.cli service --server http://holdfast.local '
        r"--station pc-1 --token-file C:\ProgramData\Holdfast\token"
    )
    config = next(words for words in asked if words[1] == "config")
    assert config[2:] == ("HoldfastAgent", "binPath=", service, "start=", "auto", "obj=", "LocalSystem")
    again = next(words for words in asked if words[1] == "failure")
    assert again[-1].count("restart/") == 3
    page = next(words for words in asked if words[0] == "reg.exe")
    assert page[page.index("/d") + 1] == r'"C:\Program Files\Holdfast\pythonw.exe" -m edge.agent.cli overlay'
    rights = next(words for words in asked if words[0] == "icacls.exe")
    assert rights[1] == r"C:\ProgramData\Holdfast\token"
    assert asked[-1] == ("sc.exe", "start", "HoldfastAgent")


def test_windows_is_left_as_it_was() -> None:
    steps = remove(WINDOWS.directory, windows=True)
    assert [words[1] for words in commands(steps)] == ["stop", "delete", "delete"]
    assert all(step.may_fail for step in steps if isinstance(step, Run))


def test_each_system_has_its_place_for_what_must_not_be_lost() -> None:
    assert str(state_directory(windows=False)) == "/var/lib/holdfast-agent"
    assert str(state_directory(windows=True)) == r"C:\ProgramData\Holdfast"
