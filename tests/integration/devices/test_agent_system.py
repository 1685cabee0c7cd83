"""The operating system under the agent: who is locked out, who is logged off, and what is shown."""

import asyncio
import stat
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import msgspec
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from edge.agent.commands import View
from edge.agent.failure import ActionFailed
from edge.agent.kiosk import Kiosk, command_line
from edge.agent.linux import LinuxActions
from edge.agent.windows import WindowsActions


def _program(path: Path, script: str) -> Path:
    path.write_text(f"#!/bin/sh\n{script}")
    path.chmod(path.stat().st_mode | stat.S_IEXEC)
    return path


def _loginctl(tmp_path: Path, kind: str = "user", active: str = "7") -> LinuxActions:
    script = f"""
    echo "$@" >> {tmp_path}/calls
    case "$1" in
      show-seat) echo "{active}" ;;
      show-session) echo "{kind}" ;;
    esac
    """
    return LinuxActions(str(_program(tmp_path / "loginctl", script)))


async def test_linux_acts_on_whoever_sits_at_the_screen(tmp_path: Path) -> None:
    actions = _loginctl(tmp_path)
    await actions.lock()
    await actions.unlock()
    await actions.log_off()
    calls = [line for line in (tmp_path / "calls").read_text().splitlines() if not line.startswith("show")]
    assert calls == ["lock-session 7", "unlock-session 7", "terminate-session 7"]


@pytest.mark.parametrize(("kind", "active"), [("greeter", "c1"), ("user", "")])
async def test_linux_leaves_the_log_in_screen_alone(tmp_path: Path, kind: str, active: str) -> None:
    await _loginctl(tmp_path, kind, active).log_off()
    assert "terminate" not in (tmp_path / "calls").read_text()


async def test_a_linux_that_does_not_obey_is_told(tmp_path: Path) -> None:
    broken = _program(tmp_path / "loginctl", "echo no bus >&2\nexit 1\n")
    with pytest.raises(ActionFailed, match="no bus"):
        await LinuxActions(str(broken)).lock()
    with pytest.raises(ActionFailed):
        await LinuxActions(str(tmp_path / "nowhere")).lock()


def system_library(calls: list[tuple[object, ...]], session: int = 1, obeys: int = 1) -> SimpleNamespace:
    """A Windows library as far as the agent uses it."""

    def noted(name: str) -> Callable[..., int]:
        def call(*given: object) -> int:
            calls.append((name, *given))
            return obeys

        return call

    return SimpleNamespace(
        WTSGetActiveConsoleSessionId=lambda: session,
        WTSDisconnectSession=noted("disconnect"),
        WTSLogoffSession=noted("logoff"),
        GetLastError=lambda: 5,
    )


async def test_windows_disconnects_and_logs_off_the_session_at_the_screen() -> None:
    calls: list[tuple[object, ...]] = []
    actions = WindowsActions(lambda _name: system_library(calls))
    await actions.lock()
    await actions.unlock()
    await actions.log_off()
    assert calls == [("disconnect", None, 1, False), ("logoff", None, 1, False)]


async def test_windows_with_nobody_at_the_screen_has_nothing_to_do() -> None:
    calls: list[tuple[object, ...]] = []
    await WindowsActions(lambda _name: system_library(calls, session=-1)).lock()
    assert calls == []


async def test_a_windows_that_does_not_obey_is_told() -> None:
    with pytest.raises(ActionFailed, match="error 5"):
        await WindowsActions(lambda _name: system_library([], obeys=0)).lock()
    with pytest.raises(ActionFailed, match="library of Windows"):
        WindowsActions()


# ── the page in the guest's session ─────────────────────────────────────────────────────────────
def test_the_page_is_small_while_playing_and_over_everything_else_otherwise() -> None:
    assert "--kiosk" in command_line("/usr/bin/chromium", "http://x", small=False)
    assert "--kiosk" not in command_line("/usr/bin/chromium", "http://x", small=True)
    assert command_line("firefox", "http://x", small=False) == ["firefox", "--kiosk", "http://x"]


async def test_a_closed_page_is_opened_again_and_changes_size_with_the_session(tmp_path: Path) -> None:
    views: asyncio.Queue[View] = asyncio.Queue()

    async def stream(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b"data: " + msgspec.json.encode(await views.get()) + b"\n\n")

    app = web.Application()
    app.router.add_get("/view", stream)
    opened = tmp_path / "opened"
    browser = _program(tmp_path / "browser", f'echo "$@" >> {opened}\nexec tail -f /dev/null\n')
    async with TestServer(app) as server, asyncio.TaskGroup() as group:
        task = group.create_task(Kiosk(str(browser), str(server.make_url("")).rstrip("/")).run())
        await _contains(opened, "--kiosk")
        views.put_nowait(View("playing", 60.0, paused=False, online=True, message=""))
        await _contains(opened, "--window-size")
        views.put_nowait(View("saving", None, paused=False, online=True, message=""))
        async with asyncio.timeout(60):
            while (await asyncio.to_thread(_read, opened)).count("--kiosk") < 2:
                pass
        task.cancel()


async def _contains(path: Path, text: str) -> None:
    async with asyncio.timeout(60):
        while text not in await asyncio.to_thread(_read, path):
            pass


def _read(path: Path) -> str:
    return path.read_text() if path.exists() else ""
