"""What is done to the demo while guests order: kills, cuts, a slow line, a full disk, stand-stills.

Rule of the file: everything is done from outside, through signals, limits of the kernel and the demo's own
switch for the internet; nothing of the product knows that it is being tested.
"""

import asyncio
import os
import random
import resource
import signal
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress

import aiohttp

from tests.demo_process import DemoProcess

#: Seconds between two blows.
_PAUSE_S = (0.3, 3.0)
#: Enough for a file's header and no more: every other write fails as on a disk that is full.
_FULL_BYTES = 1024
_KILLED = ("edge", "edge", "cloud", "postgres", "broker")


class Storm:
    """`done` counts the blows by what they are called in the report, `kills` those by `kill -9`."""

    def __init__(self, demo: DemoProcess, http: aiohttp.ClientSession, dice: random.Random) -> None:
        self._demo = demo
        self._http = http
        self._dice = dice
        self.done: Counter[str] = Counter()
        self.kills = 0
        #: Two at once would take each other's limit for the one to go back to.
        self._filling = asyncio.Lock()
        self._blows: list[tuple[int, Callable[[], Awaitable[None]]]] = [
            (10, self._kill_one),
            (2, self._kill_several),
            (3, self._cut),
            (2, self._slow),
            (2, self._full_disk),
            (2, self._standstill),
        ]

    async def rage(self, duration_s: float) -> None:
        """One blow after the other, now and then two at once; everything is healed in the end."""
        with suppress(TimeoutError):
            async with asyncio.timeout(duration_s), asyncio.TaskGroup() as group:
                group.create_task(self._source())
                group.create_task(self._source())
        await self._internet(up=True)

    async def _source(self) -> None:
        weights, blows = zip(*self._blows, strict=True)
        while True:
            await asyncio.sleep(self._dice.uniform(*_PAUSE_S))
            await self._dice.choices(blows, weights)[0]()

    async def _pid(self, name: str) -> int | None:
        """Of one of the demo's processes, while it runs."""
        with suppress(aiohttp.ClientError):
            pid: int | None = (await self._demo.now(self._http))["pids"].get(name)
            return pid
        return None

    async def _signal(self, name: str, number: signal.Signals) -> int | None:
        """Send it; the process's id if there was one."""
        pid = await self._pid(name)
        if pid is None:
            return None
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return None
        return pid

    # ── blows ────────────────────────────────────────────────────────────────────────────────────

    async def _kill(self, name: str) -> None:
        if await self._signal(name, signal.SIGKILL) is not None:
            self.kills += 1
            self.done[f"{_WORDS[name]} killed"] += 1

    async def _kill_one(self) -> None:
        await self._kill(self._dice.choice(_KILLED))

    async def _kill_several(self) -> None:
        for name in self._dice.sample(sorted(set(_KILLED)), 2):
            await self._kill(name)

    async def _cut(self) -> None:
        self.done["internet cut"] += 1
        await self._internet(up=False)
        try:
            await asyncio.sleep(self._dice.choice((0.2, 2.0, 8.0)))
        finally:
            await self._internet(up=True)

    async def _slow(self) -> None:
        self.done["internet slow"] += 1
        await self._internet(up=True, slow_ms=self._dice.choice((100, 500, 2000)))
        await asyncio.sleep(self._dice.uniform(1.0, 8.0))
        await self._internet(up=True)

    async def _internet(self, up: bool, slow_ms: int = 0) -> None:
        state = {"up": up, **({"slow_ms": slow_ms} if slow_ms else {})}
        async with self._http.post(f"{self._demo.said['control']}/internet", json=state) as answer:
            assert await answer.json() == state

    async def _full_disk(self) -> None:
        """The box's process can write no file beyond its first bytes."""
        async with self._filling:
            pid = await self._pid("edge")
            if pid is None:
                return
            with suppress(ProcessLookupError):
                before = resource.prlimit(pid, resource.RLIMIT_FSIZE, (_FULL_BYTES, resource.RLIM_INFINITY))
                self.done["box's disk full"] += 1
                try:
                    await asyncio.sleep(self._dice.uniform(0.5, 3.0))
                finally:
                    resource.prlimit(pid, resource.RLIMIT_FSIZE, before)

    async def _standstill(self) -> None:
        """The process does nothing and knows nothing of it, as a machine that swaps or is moved."""
        name = self._dice.choice(("cloud", "cloud", "edge"))
        pid = await self._signal(name, signal.SIGSTOP)
        if pid is None:
            return
        self.done[f"{_WORDS[name]} frozen"] += 1
        try:
            await asyncio.sleep(self._dice.uniform(0.5, 6.0 if name == "cloud" else 2.0))
        finally:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


_WORDS = {"edge": "box", "cloud": "cloud", "postgres": "cloud's database", "broker": "kitchen's broker"}
