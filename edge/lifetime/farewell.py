"""Sending what a journal has that nobody else has, once another box speaks for its venue.

The very link of a box at work, on a journal to which nothing is added any more. It ends when the cloud has
acknowledged the last fact; until then it keeps connecting like any other.
"""

import asyncio
import logging
import sqlite3
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge.adapters.cloud.link import CloudLink
from edge.core.afar.link_state import LinkState
from edge.core.clock import Now
from edge.journal.database import DatabaseUnusable, open_reader, open_writer, read_box
from edge.journal.hot import Hot
from edge.journal.writer import Writer

log = logging.getLogger(__name__)

_UNREADABLE = (DatabaseUnusable, sqlite3.Error, OSError)


def _forget(_server_time_ms: int) -> None:
    """The time is learnt elsewhere."""


class Farewell:
    """A fenced journal and its link. `state` and `waiting` are for people."""

    def __init__(self, directory: Path, key: Ed25519PrivateKey, clock: Callable[[], Now]) -> None:
        self._stack = AsyncExitStack()
        connection = open_writer(directory, clock().wall_ms)
        self._stack.callback(connection.close)
        reader = open_reader(directory)
        self._stack.callback(reader.close)
        self.box = read_box(connection)
        hot = Hot(reader)
        self._writer = Writer(connection, hot, clock)
        self._writer.fence()
        self._link = CloudLink(
            directory=directory,
            box=self.box,
            key=key,
            writer=self._writer,
            hot=hot,
            clock=clock,
            learn_time=_forget,
        )
        self._failure: Exception | None = None
        self._changed = asyncio.Event()
        self._link.listen(self._changed.set)

    @property
    def state(self) -> LinkState:
        """How the link is."""
        return self._link.state

    @property
    def waiting(self) -> int:
        """Facts that the cloud does not have yet, as far as it has said."""
        return max(0, self._writer.durable_seq - self.state.acked_seq)

    async def _keep_link(self) -> None:
        try:
            await self._link.run()
        except _UNREADABLE as error:
            self._failure = error
            self._changed.set()

    async def run(self) -> None:
        """Until everything is acknowledged. Raises one of `_UNREADABLE` if the journal cannot be read."""
        async with self._stack, asyncio.TaskGroup() as group:
            writing = group.create_task(self._writer.run(), name="farewell writer")
            linking = group.create_task(self._keep_link(), name="farewell link")
            try:
                while self._failure is None and (not self._link.replaced_by or self.waiting):
                    await self._changed.wait()
                    self._changed.clear()
            finally:
                linking.cancel()
                self._writer.stop()
                await writing
        if self._failure is not None:
            raise self._failure
        log.info("the cloud has everything that log %s had alone", self.box.log_id)


async def send_all(directories: list[Path], key: Ed25519PrivateKey, clock: Callable[[], Now]) -> None:
    """Send former journals one after the other; each is marked once it is sent, and kept.

    One that cannot be read is no reason not to serve: it stays where it is, for somebody to look at.
    """
    for directory in directories:
        try:
            await Farewell(directory, key, clock).run()
            (directory / "sent").touch()
        except _UNREADABLE as error:
            log.error("the former journal in %s cannot be sent: %s", directory, error)
