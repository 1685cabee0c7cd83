"""Shows the overlay on the guest's own desktop: over everything while locked, small while playing.

Runs inside the guest's session (`holdfast-agent overlay`), where the service cannot draw, and only shows: a
guest who ends it has won nothing, because locking and logging off are the service's. It follows the
same stream as the page, and starts the browser again whenever it is closed.
"""

import asyncio
import contextlib
import logging
import shutil
from collections.abc import Sequence
from pathlib import Path

import aiohttp
import msgspec

from edge.agent.commands import View

log = logging.getLogger(__name__)

#: Browsers by the name of their program, best first.
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "microsoft-edge", "msedge", "chrome", "firefox")
#: Where Windows keeps Edge, which is on every one.
_EDGE = Path("C:/Program Files (x86)/Microsoft/Edge/Application/msedge.exe")
#: Seconds before a browser that was closed is opened again.
REOPEN_S = 1.0


def find_browser() -> str | None:
    """The program to show the page with."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    return found or (str(_EDGE) if _EDGE.exists() else None)


def command_line(browser: str, url: str, *, small: bool) -> list[str]:
    """How to open `url` with nothing around it; in a corner when `small`, else over the whole screen."""
    if "firefox" in Path(browser).name:
        return [browser, "--new-window", url] if small else [browser, "--kiosk", url]
    quiet = ["--no-first-run", "--noerrdialogs", "--disable-session-crashed-bubble", "--disable-infobars"]
    if small:
        return [browser, *quiet, f"--app={url}", "--window-size=340,190", "--window-position=0,0"]
    return [browser, *quiet, "--kiosk", f"--app={url}"]


class Kiosk:
    """Keeps the page open. Each change between small and whole replaces the browser."""

    def __init__(self, browser: str, url: str) -> None:
        self._browser = browser
        self._url = url
        self._small = False
        self._process: asyncio.subprocess.Process | None = None
        self._replaced = asyncio.Event()

    async def run(self) -> None:
        """Show and follow until cancelled."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._keep_open())
                group.create_task(self._follow())
        finally:
            await self._close()

    async def _keep_open(self) -> None:
        while True:
            self._replaced.clear()
            await self._open(command_line(self._browser, self._url, small=self._small))
            if not self._replaced.is_set():
                await asyncio.sleep(REOPEN_S)

    async def _open(self, command: Sequence[str]) -> None:
        self._process = await asyncio.create_subprocess_exec(*command)
        await self._process.wait()

    async def _close(self) -> None:
        process = self._process
        if process is not None and process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            await process.wait()

    async def _follow(self) -> None:
        """Read the stream; the agent may come and go."""
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=None)) as session:
            while True:
                with contextlib.suppress(aiohttp.ClientError, OSError):
                    async with session.get(f"{self._url}/view") as response:
                        async for line in response.content:
                            await self._hear(line)
                await asyncio.sleep(REOPEN_S)

    async def _hear(self, line: bytes) -> None:
        if not line.startswith(b"data: "):
            return
        small = msgspec.json.decode(line[6:], type=View).state in ("playing", "maintenance")
        if small != self._small:
            self._small = small
            self._replaced.set()
            await self._close()
