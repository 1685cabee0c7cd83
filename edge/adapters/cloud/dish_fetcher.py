"""Fetches the pictures that the menu in force names, small ones first, whenever there is a line.

A file is asked for from where it was cut off, and gets its name only when its SHA-256 is right. Whatever goes
wrong is tried again after a pause; the link's coming back, or another menu, cuts the pause short. A picture
that the cloud does not have is left out until the menu changes, and stops no other.

Counterparts: `cloud/ingest/dish_door.py`, `edge/journal/dishes.py`.
"""

import asyncio
import logging
from collections.abc import Callable

import aiohttp
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge.journal.database import Box
from edge.journal.dishes import DishShelf, NotThePicture
from edge.reach.proof import authorization
from edge.reach.rounds import Rounds
from protocol.facts.menu import Menu
from protocol.pictures import DISHES, signed

log = logging.getLogger(__name__)

_TIMEOUT_S = 60.0
_PIECE_BYTES = 64 * 1024


class _NotNow(Exception):
    """The cloud did not give a picture this time."""


#: After which the next round may get on.
_PASSING = (aiohttp.ClientError, TimeoutError, OSError, NotThePicture, _NotNow)


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
        self._rounds = Rounds("pictures of dishes", _PASSING)

    def look(self) -> None:
        """Look again."""
        self._rounds.look()

    async def run(self) -> None:
        """Fetch what there is, until cancelled."""
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_TIMEOUT_S)) as session:
            await self._rounds.run(lambda: self._fetch_all(session))

    async def _fetch_all(self, session: aiohttp.ClientSession) -> None:
        if not self._is_up():
            return
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
        headers = {"Authorization": authorization(self._box, self._key, signed, blob)}
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
