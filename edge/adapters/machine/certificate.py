"""The certificate slot: a folder in which anybody may lay `fullchain.pem` and `privkey.pem`.

A new pair is taken up while the box runs; connections that are open keep the one they began with. A pair that
cannot be used is named in the log and the former one stays. Without any pair there is no HTTPS, and the pages
work over HTTP without location and service worker.
"""

import asyncio
import logging
import ssl
from collections.abc import Awaitable, Callable
from pathlib import Path

from aiohttp import web

log = logging.getLogger(__name__)

#: How soon a new certificate is noticed.
LOOK_EVERY_S = 30.0


class CertificateSlot:
    """A folder that is looked at now and then."""

    def __init__(self, folder: Path) -> None:
        self._chain = folder / "fullchain.pem"
        self._key = folder / "privkey.pem"
        self._seen: tuple[int, int] | None = None
        self.context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)

    def take_up(self) -> bool:
        """Load the pair that lies there if it is another than the last; whether it was loaded.

        Connections made from now on are answered with it, for an `SSLContext` may be loaded again in use.
        """
        try:
            lies_there = self._chain.stat().st_mtime_ns, self._key.stat().st_mtime_ns
            if lies_there == self._seen:
                return False
            # Tried on a context of its own: half a pair must not spoil the one in use.
            ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(self._chain, self._key)
            self.context.load_cert_chain(self._chain, self._key)
        except FileNotFoundError:
            return False
        except (OSError, ssl.SSLError) as error:
            log.error("the certificate in %s cannot be used: %s", self._chain.parent, error)
            return False
        self._seen = lies_there
        log.info("serving with the certificate in %s", self._chain.parent)
        return True

    async def watch(self, first: Callable[[], Awaitable[None]], every_s: float = LOOK_EVERY_S) -> None:
        """Look for ever; `first` opens the door once there is a pair."""
        opened = False
        while True:
            loaded = await asyncio.to_thread(self.take_up)
            if loaded and not opened:
                await first()
                opened = True
            await asyncio.sleep(every_s)


async def serve(runner: web.AppRunner, host: str, port: int, folder: Path) -> None:
    """HTTPS beside HTTP, from the moment there is a certificate; for ever."""
    slot = CertificateSlot(folder)
    site = web.TCPSite(runner, host, port, backlog=1024, ssl_context=slot.context)
    await slot.watch(site.start)
