"""What can go wrong between the box and a device, to be switched on and off while it runs.

Faults of the device itself (restart, lost configuration, a pressed button, a tripped fuse) are methods
of the emulators; these here are faults of the way there.
"""

import asyncio
from dataclasses import dataclass, field


@dataclass(slots=True)
class Faults:
    """`drop` cuts the connection unanswered; `lose_answers` obeys first and cuts then; `busy` answers 429;
    `hang` keeps callers waiting until `answer()`; `latency_s` delays every answer."""

    drop: bool = False
    lose_answers: bool = False
    busy: bool = False
    latency_s: float = 0.0
    _answering: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self._answering.set()

    def hang(self) -> None:
        """From now on callers wait."""
        self._answering.clear()

    def answer(self) -> None:
        """Those who wait, and all later ones, are answered again."""
        self._answering.set()

    async def delay(self) -> None:
        """Wait as long as the faults say."""
        await self._answering.wait()
        if self.latency_s:
            await asyncio.sleep(self.latency_s)
