"""`holdfast-edge demo --headless --json` as a process, as a stranger's test would run it.

One object is one data directory: it may be stopped, killed and started again, and leaves nothing running.
"""

import asyncio
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import aiohttp

_CODE = Path(__file__).parents[1]
_UP_WITHIN_S = 100.0
_DOWN_WITHIN_S = 60.0


def process_is_gone(pid: int) -> bool:
    """Whether no such process runs; one that only waits to be reaped is gone."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return True
    return state == "Z"


class DemoProcess:
    """A demo in `directory`. `said` is its line of JSON."""

    def __init__(self, directory: Path, *options: str) -> None:
        self.directory = directory
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None
        self.said: dict[str, Any] = {}

    @property
    def runs(self) -> bool:
        """Whether it was started and has not ended."""
        return self._process is not None and self._process.poll() is None

    def launch(self, *options: str) -> subprocess.Popen[bytes]:
        """Start it without waiting for it."""
        path = os.pathsep.join(filter(None, [str(_CODE), os.environ.get("PYTHONPATH", "")]))
        command = ("demo", "--headless", "--json", "--data", str(self.directory), *self._options, *options)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "edge.cli", *command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": path},
        )
        return self._process

    async def start(self, *options: str) -> dict[str, Any]:
        """Start it and wait for its line."""
        process = self.launch(*options)
        assert process.stdout is not None
        async with asyncio.timeout(_UP_WITHIN_S):
            line = await asyncio.to_thread(process.stdout.readline)
        if not line:
            _, complaint = await asyncio.to_thread(process.communicate)
            raise AssertionError(f"the demo did not come up: {complaint.decode()}")
        self.said = json.loads(line)
        return self.said

    async def stop(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, bytes]:
        """Tell it to end; its exit status, and what it said on stdout after its line."""
        process, self._process = self._process, None
        assert process is not None
        process.send_signal(number)
        rest, _ = await asyncio.to_thread(process.communicate, timeout=_DOWN_WITHIN_S)
        return process.returncode, rest

    def kill(self) -> None:
        """End it without a word, as far as it still runs."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()

    async def now(self, http: aiohttp.ClientSession) -> dict[str, Any]:
        """What it says of itself now; process ids change."""
        async with http.get(self.said["control"]) as answer:
            body: dict[str, Any] = await answer.json()
            return body

    async def internet(self, http: aiohttp.ClientSession, up: bool) -> None:
        """Cut or heal the path between box and cloud."""
        async with http.post(f"{self.said['control']}/internet", json={"up": up}) as answer:
            assert await answer.json() == {"up": up}
