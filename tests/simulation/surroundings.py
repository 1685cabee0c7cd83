"""What the product takes from its surroundings without being given it, replaced for the length of a history.

The shells read clocks, draw random numbers, open sockets and start threads through a few names of their own
modules. Those names, listed here and nowhere else, lead into the history instead; the code itself runs as it
stands. What it logs as its own failure is a violation.
"""

import logging
import random
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace, TracebackType
from typing import Any, Self
from uuid import UUID

import aiohttp

import cloud.ingest.catch_ups
import cloud.ingest.ending
import cloud.ingest.presence
import cloud.ingest.socket
import edge.adapters.cloud.link.conversation
import edge.adapters.cloud.link.dialling
import edge.adapters.cloud.link.side
import edge.journal.uplink
import edge.journal.writer
from edge.effects.afar import errands
from edge.effects.orders import point_of_sale
from edge.journal.backup import BackedUp, backup
from tests.simulation.chronicle import Chronicle
from tests.simulation.clocks import true_ms
from tests.simulation.loop import VirtualLoop
from tests.simulation.releases import cloud_end

#: Takes the address that a box dials; awaited for the socket.
Dial = Callable[[str], Any]

#: Loggers whose errors mean that a program found itself at fault.
_LOGGERS = (edge.journal.writer.log, edge.adapters.cloud.link.side.log, point_of_sale.log)
#: Errors that are told because the world is bad, not the program.
_ABOUT_THE_WORLD = ("cannot write",)


class _Session:
    """Stands where aiohttp's client session stands."""

    def __init__(self, dial: Dial) -> None:
        self._dial = dial

    async def ws_connect(self, url: str, **_options: Any) -> Any:
        """Open a WebSocket."""
        return await self._dial(url)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None


class _Inline:
    """Stands where a pool of threads stands; the loop's `run_in_executor` does the work."""

    def __init__(self, *_sizes: Any, **_names: Any) -> None:
        pass

    def submit(self, func: Callable[..., Any], *args: Any) -> "Future[Any]":
        """Do it now."""
        done: Future[Any] = Future()
        done.set_result(func(*args))
        return done

    def shutdown(self, **_how: Any) -> None:
        """There is nothing to end."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None


class _Listening(logging.Handler):
    """Makes a violation of every error that a program logs about itself."""

    def __init__(self, chronicle: Chronicle) -> None:
        super().__init__(logging.ERROR)
        self._chronicle = chronicle

    def emit(self, record: logging.LogRecord) -> None:
        """Write it down."""
        words = record.getMessage()
        if words.startswith(_ABOUT_THE_WORLD):
            return
        if record.exc_info and record.exc_info[1]:
            words = f"{words}: {record.exc_info[1]!r}"
        self._chronicle.violated(f"the box says: {words}")


class _CloudLog:
    """Stands where structlog stands; only what it calls an exception counts."""

    def __init__(self, chronicle: Chronicle) -> None:
        self._chronicle = chronicle

    def bind(self, **_context: Any) -> Self:
        """The same log."""
        return self

    def info(self, _event: str, **_context: Any) -> None:
        """Nothing that matters."""

    def exception(self, event: str, **_context: Any) -> None:
        """The cloud found itself at fault."""
        self._chronicle.violated(f"the cloud says: {event}: {sys.exception()!r}")


def _replacements(
    loop: VirtualLoop, dice: random.Random, chronicle: Chronicle, dial: Dial
) -> list[tuple[Any, str, Any]]:
    sockets = vars(aiohttp) | {"ClientSession": lambda: _Session(dial)}
    cloud_time = SimpleNamespace(monotonic=loop.time, time_ns=lambda: true_ms(loop) * 1_000_000)
    return [
        (edge.journal.writer, "time", SimpleNamespace(perf_counter=loop.stopwatch_s)),
        (edge.journal.writer, "ThreadPoolExecutor", _Inline),
        (edge.adapters.cloud.link.dialling, "aiohttp", SimpleNamespace(**sockets)),
        (edge.adapters.cloud.link.dialling, "random", dice),
        (edge.adapters.cloud.link.side, "random", dice),
        (edge.journal.uplink, "ThreadPoolExecutor", _Inline),
        (errands, "backup", _slow_backup(loop, dice)),
        (cloud.ingest.socket, "time", cloud_time),
        (cloud.ingest.socket, "secrets", SimpleNamespace(token_bytes=dice.randbytes)),
        (cloud.ingest.socket, "uuid4", lambda: UUID(bytes=dice.randbytes(16), version=4)),
        (cloud.ingest.socket, "log", _CloudLog(chronicle)),
        (cloud.ingest.socket, "CloudEnd", cloud_end),
        (cloud.ingest.ending, "log", _CloudLog(chronicle)),
        (cloud.ingest.presence, "time", cloud_time),
        (cloud.ingest.catch_ups, "time", cloud_time),
    ]


def _slow_backup(loop: VirtualLoop, dice: random.Random) -> Callable[[Path, Path], BackedUp]:
    """Copying and checking takes seconds on a card, in which a box may die."""

    def slowly(directory: Path, target: Path) -> BackedUp:
        loop.stall(dice.uniform(0.0, 8.0))
        return backup(directory, target)

    return slowly


@contextmanager
def surroundings(loop: VirtualLoop, dice: random.Random, chronicle: Chronicle, dial: Dial) -> Iterator[None]:
    """The product lives in this history while the block lasts."""
    listening = _Listening(chronicle)
    before = []
    for module, name, replacement in _replacements(loop, dice, chronicle, dial):
        before.append((module, name, getattr(module, name)))
        setattr(module, name, replacement)
    levels = [(log, log.level, log.propagate) for log in _LOGGERS]
    for log in _LOGGERS:
        log.addHandler(listening)
        log.setLevel(logging.ERROR)
        log.propagate = False
    try:
        yield
    finally:
        for log, level, propagate in levels:
            log.removeHandler(listening)
            log.setLevel(level)
            log.propagate = propagate
        for module, name, original in reversed(before):
            setattr(module, name, original)
