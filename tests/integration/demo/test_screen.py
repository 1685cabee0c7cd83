"""The demo as a person sees it: in a terminal, with keys."""

import asyncio
import os
import pty
import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from select import select

import pytest

from tests.demo_process import DemoProcess

pytestmark = pytest.mark.xdist_group("demo")

PATIENCE_S = 60.0
_CODE = Path(__file__).parents[3]
_CONTROLS = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")


class Terminal:
    """A terminal of 80 columns, with a demo in it."""

    def __init__(self, process: int, descriptor: int) -> None:
        self._process = process
        self._descriptor = descriptor
        self._unread = b""

    def expect(self, pattern: str) -> str:
        """Read until the pattern has appeared; what stood before it is forgotten."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            seen = _CONTROLS.sub("", self._unread.decode("utf-8", "ignore"))
            found = re.search(pattern, seen)
            if found is not None:
                self._unread = seen[found.end() :].encode()
                return found.group()
            left_s = deadline - time.monotonic()
            assert left_s > 0, f"{pattern} did not appear in:\n{seen[-3000:]}"
            if select([self._descriptor], [], [], left_s)[0]:
                self._unread += os.read(self._descriptor, 65536)

    def press(self, keys: str) -> None:
        """Type."""
        os.write(self._descriptor, keys.encode())

    def status(self) -> int:
        """How it ended; reads on, so that it can."""
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            if select([self._descriptor], [], [], 0.1)[0]:
                try:
                    os.read(self._descriptor, 65536)
                except OSError:  # EIO: nobody is left on the other side
                    break
        return os.waitstatus_to_exitcode(os.waitpid(self._process, 0)[1])


@contextmanager
def terminal(*command: str) -> Iterator[Terminal]:
    process, descriptor = pty.fork()
    if process == 0:
        path = os.pathsep.join(filter(None, [str(_CODE), os.environ.get("PYTHONPATH", "")]))
        narrow = {"TERM": "xterm-256color", "COLUMNS": "80", "LINES": "50"}
        environment = {**os.environ, "PYTHONPATH": path, **narrow}
        os.execve(sys.executable, [sys.executable, *command], environment)
    try:
        yield Terminal(process, descriptor)
    finally:
        os.close(descriptor)


async def test_keys_make_trouble_and_the_screen_shows_it(kept_demo: DemoProcess) -> None:
    if kept_demo.runs:
        await kept_demo.stop()
    await asyncio.to_thread(_play, str(kept_demo.directory))


def _play(directory: str) -> None:
    with terminal("-m", "edge.cli", "demo", "--data", directory) as screen:
        screen.expect(r"Guests +http://127\.0\.0\.1:\d+/t/\w+ ")
        screen.expect("pass word: coffee")
        screen.expect(r"Owner +http://127\.0\.0\.1:\d+ ")
        screen.expect(r"owner@holdfast\.example, \S+")
        screen.expect("mqtt://kitchen:")
        screen.expect("█ ▄▄▄▄▄ █")  # a corner of the QR code
        screen.expect(r"Link to the cloud +live")
        screen.expect(r"The owner sees +live")
        screen.press("i")
        screen.expect(r"Internet +cut")
        screen.expect(r"Link to the cloud +down")
        screen.press("ik")
        screen.expect(r"Box +does not answer")
        screen.expect(r"Internet +connected")
        screen.expect(r"Link to the cloud +live")
        screen.press("n")
        screen.expect(r"A new box: it sells by itself")
        screen.expect(r"Staff +http://127\.0\.0\.1:\d+/staff")
        screen.expect(r"Read the code there")
        screen.press("q")
        assert screen.status() == 0
