"""What plugs that are spoken to over HTTP share: one line, one call at a time, an off command that is primed.

They take few connections, so the box keeps to one, lets go of it after each answer, and has the line of the
off command besides. Counterparts: the adapters of plugs have their vendor's words, `edge/reach/primed.py`
what only waits to be sent.
"""

import asyncio
from abc import ABC, abstractmethod
from typing import Self

import aiohttp

from edge.core.devices.ports import PlugReading
from edge.reach.primed import Primed


class HttpPlug(ABC):
    """One plug at `url`, such as `http://192.168.30.101`. Enter before use; calls wait for each other."""

    def __init__(self, name: str, url: str, timeout_s: float) -> None:
        self.name = name
        self._url = url
        self._timeout = aiohttp.ClientTimeout(total=timeout_s)
        self._one_at_a_time = asyncio.Lock()
        self._off = Primed(name, url, self._off_request, timeout_s)
        self._session: aiohttp.ClientSession

    @abstractmethod
    def _off_request(self) -> bytes:
        """The bytes that switch it off, log-in included."""

    @abstractmethod
    async def _status(self) -> PlugReading:
        """How it is, asked of it now."""

    async def __aenter__(self) -> Self:
        connector = aiohttp.TCPConnector(limit=1, force_close=True)
        self._session = aiohttp.ClientSession(self._url, timeout=self._timeout, connector=connector)
        return self

    async def __aexit__(self, *_exc: object) -> None:
        async with self._one_at_a_time:  # whoever is listening on that line has to let go of it first
            self._off.drop()
        await self._session.close()

    async def read(self) -> PlugReading:
        """See `PowerSwitch`."""
        async with self._one_at_a_time:
            self._off.drop()
            return await self._status()

    async def aim(self) -> None:
        """See `PowerSwitch`. Some serve one caller at a time: whoever asks anything else lets go of it."""
        await self._off.aim()

    def fire(self) -> None:
        """See `PowerSwitch`."""
        self._off.fire()
