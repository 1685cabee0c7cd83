"""What systemd is told: that the box serves, and every so often that it still works (sd_notify(3)).

Outside systemd there is no `NOTIFY_SOCKET`, and nobody is told anything. The watchdog's clock is systemd's: a
box whose loop hangs, or whose database no longer answers, is killed and started anew. A disk that is full is
neither: the box says so on its screens and goes on trying.
"""

import asyncio
import logging
import os
import socket
from collections.abc import Awaitable, Callable, Mapping

log = logging.getLogger(__name__)

READY = "READY=1"
STOPPING = "STOPPING=1"
ALIVE = "WATCHDOG=1"


class Supervisor:
    """The service manager that started this process, if one did; `environment` holds its address."""

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        self._address = environment.get("NOTIFY_SOCKET", "")
        self._period_s = _period_s(environment)

    def tell(self, state: str) -> None:
        """Send one state, such as `READY`; a supervisor that does not listen is no reason to stop."""
        if not self._address:
            return
        # An address that begins with @ is in Linux's abstract namespace.
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sender:
                sender.sendto(state.encode(), address)
        except OSError as error:
            log.warning("systemd cannot be told %s: %s", state, error)

    async def reassure(self, works: Callable[[], Awaitable[object]]) -> None:
        """Say for ever that the box is alive, each time only after `works` returned in good time."""
        if self._period_s is None:
            return
        while True:
            try:
                async with asyncio.timeout(self._period_s):
                    await works()
            except Exception as error:
                log.error("the box does not work: %r", error)
            else:
                self.tell(ALIVE)
            await asyncio.sleep(self._period_s)


def _period_s(environment: Mapping[str, str]) -> float | None:
    """A third of the time systemd allows, so that one late turn of the loop is no death."""
    if environment.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return None
    allowed_us = environment.get("WATCHDOG_USEC", "")
    return int(allowed_us) / 3e6 if allowed_us.isdecimal() and int(allowed_us) > 0 else None
