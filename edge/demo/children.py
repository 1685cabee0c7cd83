"""The demo's processes: started on a leash, logged, started again when they die, stopped in order.

Rule of the file: a child is whatever its command line says; nothing is shared with it but its standard
streams. One that speaks prints a line of JSON on stdout once it is ready.
"""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

_LEASH = Path(__file__).with_name("leash.py")
_CODE = Path(__file__).resolve().parents[2]
#: How long a child may take to end in order before it is made to.
_STOP_WITHIN_S = 15.0
#: Waits before a child is started again, doubled at every death in a row.
_FIRST_WAIT_S = 0.1
_MOST_WAIT_S = 5.0
#: One that lived this long died of something new.
_WELL_AFTER_S = 10.0
#: Deaths in a row after which a child that was never ready is given up.
_MOST_DEATHS = 3
_LINE_BYTES = 1024 * 1024


class ChildFailed(Exception):
    """A process does not come up, or a step of the set-up failed; the message quotes its log."""


class Surroundings(msgspec.Struct, frozen=True):
    """What all children have in common. `held` are descriptors that say the directory is in use."""

    logs: Path
    held: tuple[int, ...] = ()
    again: bool = True


def leashed(command: Sequence[str], number: signal.Signals = signal.SIGKILL) -> list[str]:
    """The command, on a leash that ends with this process."""
    return [sys.executable, "-I", "-S", str(_LEASH), str(int(number)), str(os.getpid()), *command]


def environment(extra: dict[str, str]) -> dict[str, str]:
    """Ours, with this code found first, so that a checkout runs itself."""
    path = os.pathsep.join(filter(None, [str(_CODE), os.environ.get("PYTHONPATH", "")]))
    return {**os.environ, "PYTHONPATH": path, "PYTHONUNBUFFERED": "1", **extra}


class Child:
    """One process under supervision. `at_our_death` is what the kernel sends it if we are killed."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        around: Surroundings,
        *,
        speaks: bool = False,
        extra: dict[str, str] | None = None,
        at_our_death: signal.Signals = signal.SIGKILL,
    ) -> None:
        self.name = name
        self.log = around.logs / f"{name}.log"
        self._command = leashed(command, at_our_death)
        self._around = around
        self._speaks = speaks
        self._extra = extra or {}
        self._process: asyncio.subprocess.Process | None = None
        self._stopping = asyncio.Event()
        self._deaths = 0
        self._said: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        #: What it said when it was ready last.
        self.words: dict[str, Any] = {}

    @property
    def pid(self) -> int | None:
        """Its process id; None while it is down."""
        return self._process.pid if self._process is not None else None

    @contextlib.asynccontextmanager
    async def running(self, group: asyncio.TaskGroup) -> AsyncIterator["Child"]:
        """Keep it running while the block lasts, then end it in order."""
        task = group.create_task(self._keep(), name=self.name)
        try:
            yield self
        finally:
            self._stopping.set()
            self._signal(signal.SIGTERM)
            done, _ = await asyncio.wait([task], timeout=_STOP_WITHIN_S)
            if not done:
                self._signal(signal.SIGKILL)

    async def said(self) -> dict[str, Any]:
        """What it said when it was ready first. Raises `ChildFailed` if it gives up before."""
        return await asyncio.shield(self._said)

    def check(self) -> None:
        """Raise `ChildFailed` if it keeps dying; for those who wait for it to come up."""
        if self._deaths >= (_MOST_DEATHS if self._around.again else 1):
            raise self._failure()

    def kill(self) -> None:
        """As a power cut would."""
        self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(number)

    async def _keep(self) -> None:
        loop = asyncio.get_running_loop()
        while not self._stopping.is_set():
            began = loop.time()
            await self._live()
            self._deaths = 1 if loop.time() - began > _WELL_AFTER_S else self._deaths + 1
            if not self._said.done() and self._deaths >= _MOST_DEATHS:
                self._said.set_exception(self._failure())
                self._said.exception()  # retrieved: nobody may be waiting
            if not self._around.again:
                return
            wait_s = min(_MOST_WAIT_S, _FIRST_WAIT_S * 2.0**self._deaths)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait_s):
                    await self._stopping.wait()

    async def _live(self) -> None:
        """One life, from start to end."""
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE if self._speaks else log,
                stderr=log,
                env=environment(self._extra),
                # Ctrl-C in the terminal is for us; we then end everybody in order.
                start_new_session=True,
                pass_fds=self._around.held,
                limit=_LINE_BYTES,
            )
            if self._stopping.is_set():
                self._signal(signal.SIGTERM)
            if self._process.stdout is not None:
                await self._hear(self._process.stdout)
            await self._process.wait()
            self._process = None

    async def _hear(self, stream: asyncio.StreamReader) -> None:
        first = await stream.readline()
        if first:
            self.words = msgspec.json.decode(first, type=dict[str, Any])
        if first and not self._said.done():
            self._said.set_result(self.words)
        with self.log.open("ab", buffering=0) as log:
            while chunk := await stream.read(_LINE_BYTES):
                log.write(chunk)

    def _failure(self) -> ChildFailed:
        return ChildFailed(f"{self.name} does not come up. The end of {self.log}:\n{tail(self.log)}")


def tail(log: Path, lines: int = 12) -> str:
    """The last lines of a log."""
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:]) if log.exists() else ""


async def step(name: str, command: Sequence[str], around: Surroundings, extra: dict[str, str]) -> bytes:
    """Run a command to its end; its stdout. Raises `ChildFailed` with what it said on stderr."""
    process = await asyncio.create_subprocess_exec(
        *leashed(command),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=environment(extra),
        start_new_session=True,
        pass_fds=around.held,
    )
    try:
        out, err = await process.communicate()
    except asyncio.CancelledError:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        raise
    if process.returncode != 0:
        raise ChildFailed(f"{name} failed: {err.decode(errors='replace').strip()[-2000:]}")
    return out
