"""The painters of one cloud process: a few processes that paint, and threads that wait for them.

The loop never paints and never waits. More requests than `MOST_WAITING` at a time are turned away with a
named no.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue

import structlog

from protocol.drawing.bench import Bench, PainterDied, unable
from protocol.drawing.commissions import DishTaken, Painted, PictureTaken, Request

MOST_WAITING = 64

log = structlog.get_logger()


class Painters:
    """So many benches; `close` ends the processes."""

    def __init__(self, benches: int = 2) -> None:
        self._benches: SimpleQueue[Bench] = SimpleQueue()
        self._all = [Bench() for _ in range(benches)]
        for bench in self._all:
            self._benches.put(bench)
        self._threads = ThreadPoolExecutor(benches, thread_name_prefix="painter")
        self._waiting = 0

    async def ask(self, request: Request) -> Painted | PictureTaken | DishTaken:
        """Raises `Refused`, with `painter_busy` where it is our fault."""
        if self._waiting >= MOST_WAITING:
            raise unable()
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, self._done, request)
        except PainterDied as error:
            log.warning("painter_died", reason=str(error))
            raise unable() from error
        finally:
            self._waiting -= 1

    def _done(self, request: Request) -> Painted | PictureTaken | DishTaken:
        bench = self._benches.get()
        try:
            return bench.ask(request)
        finally:
            self._benches.put(bench)

    def close(self) -> None:
        """Whatever is being painted is dropped."""
        for bench in self._all:
            bench.rest()
        self._threads.shutdown(cancel_futures=True)
