"""Brings pictures of designs to the cloud, what it lacks, piece by piece, whenever there is a line; and gets
what this box lacks.

A box that took a venue over has the designs of open tables and not their pictures: those it gets from there.

Only pictures go that a design in the journal names. Each piece is sent at the place that the cloud says it
has reached, so a line that is cut costs one piece, and what was sent twice changes nothing. Whatever goes
wrong is tried again after a pause; the link's coming back cuts the pause short.

Counterparts: `cloud/ingest/picture_door.py`, `protocol/pictures.py`.
"""

import asyncio
import hashlib
import re
import sqlite3
from collections.abc import Callable

import aiohttp
import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge.journal.database import Box
from edge.journal.pictures import ENDINGS, PictureShelf, ShelvedPicture
from edge.reach.proof import authorization
from edge.reach.rounds import Rounds
from protocol.drawing.commissions import Taken
from protocol.pictures import FILE, PATH, PIECE_BYTES, SIZE_HEADER, PictureState, signed

_TIMEOUT_S = 60.0
#: The newest first: somebody is at work on it.
_WANTED = """
    SELECT DISTINCT d.picture FROM table_designs d JOIN table_sessions s USING (session_pid)
    WHERE s.status = 'open' AND d.picture IS NOT NULL ORDER BY d.begun_ms DESC
"""
_SIZE = re.compile(r"([0-9]{1,5})x([0-9]{1,5})", re.ASCII)
_NAMED = "SELECT 1 FROM table_designs WHERE picture = ? LIMIT 1"


class NotTaken(Exception):
    """The cloud did not take a picture this time."""


#: After which the next round may get on.
_PASSING = (aiohttp.ClientError, TimeoutError, OSError, sqlite3.Error, NotTaken, msgspec.DecodeError)


class PictureCourier:
    """Call `look` when there may be something to bring, or a line to bring it by."""

    def __init__(
        self,
        box: Box,
        key: Ed25519PrivateKey,
        shelf: PictureShelf,
        reader: sqlite3.Connection,
        is_up: Callable[[], bool],
    ) -> None:
        self._box = box
        self._key = key
        self._shelf = shelf
        self._reader = reader
        self._is_up = is_up
        self._rounds = Rounds("pictures", _PASSING)
        #: Pictures that the cloud never had; asked for again in the box's next life.
        self._lost: set[str] = set()

    def look(self) -> None:
        """Look again."""
        self._rounds.look()

    async def run(self) -> None:
        """Bring what there is, until cancelled."""
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_TIMEOUT_S)) as session:
            await self._rounds.run(lambda: self._exchange(session))

    async def _exchange(self, session: aiohttp.ClientSession) -> None:
        if self._is_up():
            await self._bring_all(session)
            await self._get_all(session)

    async def _bring_all(self, session: aiohttp.ClientSession) -> None:
        for picture in self._shelf.unsent():
            if self._reader.execute(_NAMED, (picture.blob,)).fetchone() is not None:
                await self._bring(session, picture)

    async def _bring(self, session: aiohttp.ClientSession, picture: ShelvedPicture) -> None:
        body = await asyncio.to_thread(picture.path.read_bytes)
        state = await self._ask(session, "GET", picture.blob, {}, None)
        while not state.whole:
            begins = state.received if state.received < len(body) else 0
            piece = body[begins : begins + PIECE_BYTES]
            place = {"begins": str(begins), "bytes": str(len(body))}
            state = await self._ask(session, "PUT", picture.blob, place, piece)
        await asyncio.to_thread(self._shelf.mark_sent, picture.blob)

    async def _get_all(self, session: aiohttp.ClientSession) -> None:
        for (blob,) in self._reader.execute(_WANTED).fetchall():
            if self._shelf.find(blob) is None and blob not in self._lost:
                await self._get(session, blob)

    async def _get(self, session: aiohttp.ClientSession, blob: str) -> None:
        """One picture that the cloud has; one that it has not will not come, either."""
        headers = {"Authorization": authorization(self._box, self._key, signed, blob)}
        async with session.get(self._address(FILE, blob), headers=headers) as answer:
            if answer.status == 404:
                self._lost.add(blob)
                return
            if answer.status != 200:
                raise NotTaken(f"{blob[:12]}: {answer.status}")
            media, said = answer.content_type, _SIZE.fullmatch(answer.headers.get(SIZE_HEADER, ""))
            body = await answer.read()
        if said is None or media not in ENDINGS or hashlib.sha256(body).hexdigest() != blob:
            raise NotTaken(f"{blob[:12]}: something else came")
        taken = Taken(blob, int(said[1]), int(said[2]), media, body)
        await asyncio.to_thread(self._shelf.keep, taken)
        await asyncio.to_thread(self._shelf.mark_sent, blob)

    def _address(self, path: str, blob: str) -> str:
        return f"{(self._box.cloud_url or '').rstrip('/')}{path.format(blob=blob)}"

    async def _ask(
        self,
        session: aiohttp.ClientSession,
        method: str,
        blob: str,
        place: dict[str, str],
        piece: bytes | None,
    ) -> PictureState:
        headers = {"Authorization": authorization(self._box, self._key, signed, blob)}
        address = self._address(PATH, blob)
        async with session.request(method, address, params=place, data=piece, headers=headers) as answer:
            content = await answer.read()
            if answer.status != 200:
                raise NotTaken(f"{blob[:12]}: {answer.status} {content[:200]!r}")
            return msgspec.json.decode(content, type=PictureState)
