"""Fetches the pictures that the menu in force names, small ones first, whenever there is a line.

A file is asked for from where it was cut off, and gets its name only when its SHA-256 is right. Whatever goes
wrong is tried again after a pause; the link's coming back, or another menu, cuts the pause short. A picture
that the cloud does not have is left out until the menu changes, and stops no other.

Counterparts: `cloud/ingest/dish_door.py`, `edge/journal/dishes.py`.
"""

import asyncio
import base64
import logging
from collections.abc import Callable

import aiohttp
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge.journal.database import Box
from edge.journal.dishes import DishShelf, NotThePicture
from protocol.facts.menu import Menu
from protocol.pictures import DISHES, signed

log = logging.getLogger(__name__)

_TIMEOUT_S = 60.0
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 2.0, 300.0
_PIECE_BYTES = 64 * 1024


class _NotNow(Exception):
    """The cloud did not give a picture this time."""


def pictures_of(menu: Menu | None) -> list[str]:
    """Names of all pictures of a menu: those of lists first, then those of single dishes."""
    shown = [item.picture for item in menu.items if item.picture is not None] if menu else []
    return list(dict.fromkeys([*(each.small for each in shown), *(each.large for each in shown)]))


class DishFetcher:
    """Call `look` when there may be another menu, or a line to the cloud."""

    def __init__(
        self,
        box: Box,
        key: Ed25519PrivateKey,
        shelf: DishShelf,
        menu: Callable[[], Menu | None],
        is_up: Callable[[], bool],
    ) -> None:
        self._box = box
        self._key = key
        self._shelf = shelf
        self._menu = menu
        self._is_up = is_up
        self._changed = asyncio.Event()

    def look(self) -> None:
        """Look again."""
        self._changed.set()

    async def run(self) -> None:
        """Fetch what there is, until cancelled."""
        pause_s = _FIRST_PAUSE_S
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_TIMEOUT_S)) as session:
            while True:
                self._changed.clear()
                try:
                    if self._is_up():
                        await self._fetch_all(session)
                    pause_s = _FIRST_PAUSE_S
                    await self._changed.wait()
                except (aiohttp.ClientError, TimeoutError, OSError, NotThePicture, _NotNow) as error:
                    log.info("pictures of dishes wait: %s", error)
                    await self._pause(pause_s)
                    pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)

    async def _pause(self, pause_s: float) -> None:
        try:
            async with asyncio.timeout(pause_s):
                await self._changed.wait()
        except TimeoutError:
            return

    async def _fetch_all(self, session: aiohttp.ClientSession) -> None:
        wanted = pictures_of(self._menu())
        await asyncio.to_thread(self._shelf.keep_only, wanted)
        spoilt = None
        for blob in self._shelf.lacks(wanted):
            try:
                await self._fetch(session, blob)
            except NotThePicture as error:
                spoilt = error
        if spoilt is not None:
            raise spoilt

    async def _fetch(self, session: aiohttp.ClientSession, blob: str) -> None:
        begins = await asyncio.to_thread(self._shelf.begun, blob)
        headers = {"Authorization": f"Box {self._proof(blob)}"}
        if begins:
            headers["Range"] = f"bytes={begins}-"
        address = f"{(self._box.cloud_url or '').rstrip('/')}{DISHES.format(blob=blob)}"
        async with session.get(address, headers=headers) as answer:
            if answer.status == 404:
                log.warning("the cloud has no picture %s", blob[:12])
                return
            if answer.status not in (200, 206):
                raise _NotNow(f"{blob[:12]}: {answer.status}")
            place = begins if answer.status == 206 else 0
            async for piece in answer.content.iter_chunked(_PIECE_BYTES):
                await asyncio.to_thread(self._shelf.add, blob, place, piece)
                place += len(piece)
        await asyncio.to_thread(self._shelf.finish, blob)

    def _proof(self, blob: str) -> str:
        venue_id, node_id = self._box.venue_id or "", self._box.node_id
        signature = self._key.sign(signed(venue_id, node_id, blob))
        return f"{venue_id}.{node_id}.{base64.urlsafe_b64encode(signature).decode()}"
