"""The link runs behind this: it can be cut on purpose, and made to say hello anew.

The link itself knows nothing of it. Cutting cancels its task, which closes the socket; opening starts it
again from what is on disk, as after any outage. Several may hold it cut at once; it opens when the last
lets go.
"""

import asyncio
from collections.abc import Awaitable, Callable


class Valve:
    """`run` keeps the link running for ever. `down` notes that nothing flows, and why."""

    def __init__(self, link: Callable[[], Awaitable[None]], down: Callable[[str], None]) -> None:
        self._link = link
        self._down = down
        self._holders: dict[str, str] = {}
        self._changed = asyncio.Event()

    @property
    def cut(self) -> bool:
        """Whether somebody holds it cut now."""
        return bool(self._holders)

    def shut(self, holder: str, why: str) -> None:
        """Cut the link until `holder` lets go of it, for `why`."""
        self._holders[holder] = why
        self._changed.set()

    def open(self, holder: str) -> None:
        """Let go; nothing happens to a link that others hold or nobody did."""
        if self._holders.pop(holder, None) is not None:
            self._changed.set()

    def anew(self) -> None:
        """Hang up and say hello again, at once."""
        self._changed.set()

    async def run(self) -> None:
        """Until cancelled, or until the link fails in a way that it does not outlive itself."""
        while True:
            self._changed.clear()
            if self._holders:
                self._down("; ".join(self._holders.values()))
                await self._changed.wait()
            else:
                await self._flow()

    async def _flow(self) -> None:
        async with asyncio.TaskGroup() as group:
            link = group.create_task(_forever(self._link), name="cloud link")
            await self._changed.wait()
            link.cancel()


async def _forever(link: Callable[[], Awaitable[None]]) -> None:
    await link()
