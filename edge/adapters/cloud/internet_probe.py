"""Whether the internet is there while the cloud is not: asks addresses that answer always and everywhere.

Nothing is asked while the link is up, and nothing depends on the answer but what people are told: that the
venue's internet is gone, or that it is the cloud that does not answer. An answer below 300 without a
redirect counts; a portal that wants somebody to sign in first redirects, and is no internet.
"""

import asyncio
from collections.abc import Callable

import aiohttp

#: Served by browser makers for exactly this question.
USUAL = ("http://connectivitycheck.gstatic.com/generate_204", "http://detectportal.firefox.com/success.txt")
EVERY_S = 15.0
TIMEOUT_S = 4.0


class InternetProbe:
    """`reachable` is None while nobody has asked. Call `link_changed` whenever the link comes or goes."""

    def __init__(self, addresses: tuple[str, ...], is_down: Callable[[], bool]) -> None:
        self._addresses = addresses
        self._is_down = is_down
        self._changed = asyncio.Event()
        self._listeners: list[Callable[[], None]] = []
        self.reachable: bool | None = None

    def listen(self, listener: Callable[[], None]) -> None:
        """Call `listener` whenever `reachable` is otherwise than it was."""
        self._listeners.append(listener)

    def link_changed(self) -> None:
        """Look again."""
        self._changed.set()

    async def run(self) -> None:
        """Ask while the link is down, until cancelled."""
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT_S)) as session:
            while self._addresses:
                self._changed.clear()
                if self._is_down():
                    self._learn(await self._any_answers(session))
                    await self._pause()
                else:
                    self._learn(None)
                    await self._changed.wait()

    def _learn(self, reachable: bool | None) -> None:
        if reachable != self.reachable:
            self.reachable = reachable
            for listener in self._listeners:
                listener()

    async def _any_answers(self, session: aiohttp.ClientSession) -> bool:
        answers = await asyncio.gather(*(_answers(session, each) for each in self._addresses))
        return any(answers)

    async def _pause(self) -> None:
        """Some seconds, or until the link comes back."""
        ends_s = asyncio.get_running_loop().time() + EVERY_S
        while self._is_down() and (left_s := ends_s - asyncio.get_running_loop().time()) > 0:
            self._changed.clear()
            try:
                async with asyncio.timeout(left_s):
                    await self._changed.wait()
            except TimeoutError:
                return


async def _answers(session: aiohttp.ClientSession, address: str) -> bool:
    try:
        async with session.get(address, allow_redirects=False) as response:
            return response.status < 300
    except (aiohttp.ClientError, OSError, TimeoutError, ValueError):
        return False
