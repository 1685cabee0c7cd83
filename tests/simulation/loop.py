"""An asyncio loop whose clock jumps to the next timer when nobody has anything to do.

Rule of the file: no thread, no file descriptor, no wall clock, so one seed gives one order of events. What
the product hands to a thread runs at once, and the time that it takes is counted on: inline work stalls the
loop, work elsewhere makes only its own caller wait.

Tasks have hashes in the order of their birth, because asyncio cancels the tasks of a group in the order of a
set, and by address that would be another one in each run.
"""

import asyncio
from collections.abc import Callable, Coroutine, Generator
from concurrent.futures import Executor
from itertools import count
from typing import Any, TypeVar

T = TypeVar("T")
Work = Generator[Any, None, Any] | Coroutine[Any, Any, Any]


#: What one turn of the loop takes.
_TURN_S = 1e-6


class Stalled(Exception):
    """Nothing will ever happen again, although somebody is still waiting."""


class _Task(asyncio.Task[Any]):
    """A task with a place in the order of births."""

    def __init__(self, birth: int, coroutine: Work, **options: Any) -> None:
        self._birth = birth
        super().__init__(coroutine, **options)

    def __hash__(self) -> int:
        return self._birth

    def __eq__(self, other: object) -> bool:
        return self is other


class _Idle:
    """Stands where asyncio keeps its selector: waiting takes no time, it makes the time pass.

    Each turn of the loop takes a moment besides, as it does on any machine. Without it a timer that is set
    for less than a clock can tell would be set again and again in one and the same instant.
    """

    def __init__(self, loop: "VirtualLoop") -> None:
        self._loop = loop

    def select(self, timeout: float | None) -> list[object]:
        """Jump ahead by `timeout` seconds."""
        if timeout is None:
            raise Stalled
        self._loop.now_s += max(0.0, timeout) + _TURN_S
        return []


class VirtualLoop(asyncio.BaseEventLoop):
    """Seconds count from zero, where `now_s` is."""

    def __init__(self) -> None:
        super().__init__()
        self.now_s = 0.0
        self._elsewhere_s: float | None = None
        self._selector = _Idle(self)
        births = count()
        self.set_task_factory(lambda _, work, **options: _Task(next(births), work, loop=self, **options))

    def time(self) -> float:
        """Seconds since the history began."""
        return self.now_s

    def stopwatch_s(self) -> float:
        """As `time`, but within work elsewhere it runs on with that work."""
        return self.now_s + (self._elsewhere_s or 0.0)

    def stall(self, duration_s: float) -> None:
        """The present piece of work takes so long, wherever it is done."""
        if self._elsewhere_s is None:
            self.now_s += duration_s
        else:
            self._elsewhere_s += duration_s

    def run_in_executor(  # type: ignore[override]
        self, executor: Executor | None, func: Callable[..., T], *args: Any
    ) -> "asyncio.Future[T]":
        """Do the work at once; its result is there when the time that it stalled for has passed."""
        future: asyncio.Future[T] = self.create_future()
        self._elsewhere_s = 0.0
        try:
            result, error = func(*args), None
        except Exception as raised:
            result, error = None, raised
        duration_s, self._elsewhere_s = self._elsewhere_s, None
        if duration_s > 0:
            self.call_later(duration_s, _settle, future, result, error)
        else:
            _settle(future, result, error)
        return future

    def _process_events(self, event_list: list[object]) -> None:
        """There are none."""


def _settle(future: "asyncio.Future[Any]", result: Any, error: BaseException | None) -> None:
    if future.done():
        return
    if error is None:
        future.set_result(result)
    else:
        future.set_exception(error)
