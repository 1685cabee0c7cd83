"""The real journal on a real disk, for tests: writer, hot state and readers of one data directory.

`async with OpenBox(path) as box` runs the writer; leaving it stops the writer as a shutdown does. `crash()`
leaves everything open and lets go of it, as a kill would.
"""

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from edge.core.clock import Now
from edge.core.commands import Command
from edge.journal.database import open_reader, open_writer
from edge.journal.hot import Hot
from edge.journal.writer import Accepted, Committed, Outcome, Writer
from protocol.errors import Refusal
from protocol.facts.fold import AnyFact
from tests.sample_venue import now, opening


async def until(condition: Callable[[], bool], within_s: float = 60) -> None:
    """Return once `condition` holds; fail if it does not for so long that no machine is merely busy."""
    async with asyncio.timeout(within_s):
        while True:
            if condition():
                return
            await asyncio.sleep(0.001)


class OpenBox:
    """One run of a box. `told` is every batch that listeners heard."""

    def __init__(self, directory: Path, *, boot: str = "boot-1") -> None:
        self.directory = directory
        self.connection = open_writer(directory, 1_700_000_000_000)
        self.reader = open_reader(directory)
        self.hot = Hot(self.reader)
        self.second = 0
        self.boot = boot
        self.writer = Writer(self.connection, self.hot, self.clock)
        self.told: list[Committed] = []
        self.writer.listen(self.told.extend)
        self._stack = AsyncExitStack()

    def clock(self) -> Now:
        """A second passes every time somebody looks."""
        self.second += 1
        return now(self.second, self.boot)

    async def __aenter__(self) -> Self:
        group = await self._stack.enter_async_context(asyncio.TaskGroup())
        group.create_task(self.writer.run())
        self._stack.callback(self.writer.stop)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            await self._stack.__aexit__(kind, error, trace)
        finally:
            self.reader.close()
            self.connection.close()

    async def opened(self) -> Self:
        """Configured, with a menu."""
        for command in opening():
            await self.accept(command)
        return self

    async def do(self, command: Command) -> Outcome:
        """What becomes of `command`."""
        return await self.writer.execute(command)

    async def accept(self, command: Command) -> list[AnyFact]:
        """The facts of a command that must go through."""
        outcome = await self.do(command)
        assert isinstance(outcome, Accepted), outcome
        return list(outcome.facts)

    async def refused(self, command: Command) -> str:
        """The code under which a command must be refused."""
        outcome = await self.do(command)
        assert isinstance(outcome, Refusal), outcome
        return outcome.code

    def together(self, *commands: Command) -> list["asyncio.Future[Outcome]"]:
        """Submit commands so that they are decided in one batch."""
        loop = asyncio.get_running_loop()
        futures: list[asyncio.Future[Outcome]] = []
        for command in commands:
            future: asyncio.Future[Outcome] = loop.create_future()
            self.writer.submit(command, future.set_result)
            futures.append(future)
        return futures

    def rows(self, query: str, *values: object) -> list[tuple[object, ...]]:
        """What another program sees on the disk now."""
        connection = sqlite3.connect(self.directory / "journal.sqlite3")
        try:
            return connection.execute(query, values).fetchall()
        finally:
            connection.close()
