"""The cloud's doors for a box that takes a place over, as `edge/adapters/cloud/claiming.py` knocks at them.

Requests and answers go over the box's line: they hang while nothing passes, may be cut on either way, and a
piece of a snapshot may arrive damaged. What is asked runs in one of the cloud's processes, which may die.
"""

import base64
import json
import random
from typing import Any, Self

import aiohttp
import asyncpg
import msgspec

from cloud.store.link.claims import Claimant, ClaimStale, ClaimUnknown, ClaimUsed
from tests.simulation import sometimes, succession
from tests.simulation.clouds import Clouds
from tests.simulation.internet import Internet
from tests.simulation.page import MemoryPage

_REFUSALS = {ClaimUnknown: "claim_unknown", ClaimUsed: "claim_used", ClaimStale: "claim_stale"}


class _Answer:
    """Stands where aiohttp's response stands, and where its request is awaited for it."""

    def __init__(self, doors: "Doors", path: str, asked: Any, headers: dict[str, str]) -> None:
        self._doors = doors
        self._asked = path, asked, headers
        self.status = 0
        self._body = b""

    async def read(self) -> bytes:
        """The body."""
        return self._body

    async def __aenter__(self) -> Self:
        self.status, self._body = await self._doors.knock(*self._asked)
        return self

    async def __aexit__(self, *_error: object) -> None:
        return None


class KnockingSession:
    """Stands where aiohttp's client session stands for whoever claims a place."""

    def __init__(self, doors: "Doors", headers: dict[str, str] | None = None) -> None:
        self._doors = doors
        self._headers = headers or {}

    def post(self, address: str, json: Any) -> _Answer:
        """Ask something."""
        return _Answer(self._doors, address, json, self._headers)

    def get(self, address: str) -> _Answer:
        """Fetch a piece."""
        return _Answer(self._doors, address, None, self._headers)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_error: object) -> None:
        return None


class Doors:
    """Of one cloud, reached over one line. `lost` and `damaged` are odds per answer."""

    def __init__(self, clouds: Clouds, internet: Internet, dice: random.Random) -> None:
        self._clouds = clouds
        self._internet = internet
        self._dice = dice
        self.lost = 0.0
        self.damaged = 0.0

    def session(self, headers: dict[str, str] | None = None, **_options: Any) -> KnockingSession:
        """As `aiohttp.ClientSession`."""
        return KnockingSession(self, headers)

    async def knock(self, address: str, asked: Any, headers: dict[str, str]) -> tuple[int, bytes]:
        """Status and body. Raises as aiohttp does."""
        await self._internet.pass_over()
        self._lose()
        try:
            status, body = await self._answer(address.partition("/api/edge/")[2], asked, headers)
        except (asyncpg.PostgresError, OSError):
            return 503, b'{"error": {"code": "away", "message": "The database is away."}}'
        await self._internet.pass_over()
        self._lose()
        if asked is None and self._dice.random() < self.damaged:
            body = body[:-1] + bytes([body[-1] ^ 1])
        return status, body

    def _lose(self) -> None:
        if self._dice.random() < self.lost:
            self._clouds.chronicle.saw(sometimes.CUT_SHORT)
            raise aiohttp.ClientConnectionError("the line was cut")

    async def _answer(self, path: str, asked: Any, headers: dict[str, str]) -> tuple[int, bytes]:
        async with self._clouds.view().transaction() as page:
            try:
                if path == "claim":
                    claimed = await succession.claim(page, asked["code"], _claimant(asked))
                    return 200, msgspec.json.encode(claimed)
                if path == "snapshot":
                    return 200, msgspec.json.encode(_cut(page, asked["code"], asked["node_id"]).manifest)
                code, _, node_id = headers["Authorization"].removeprefix("Bearer ").partition(".")
                return 200, _cut(page, code, node_id).pieces[int(path.rpartition("/")[2])]
            except tuple(_REFUSALS) as refused:
                words = {"code": _REFUSALS[type(refused)], "message": "no"}
                return 409, json.dumps({"error": words}).encode()


def _claimant(asked: Any) -> Claimant:
    key = base64.b64decode(asked["public_key"])
    return Claimant(key, asked["node_id"], asked["log_id"], asked["tail_seq"], asked["protocol"])


def _cut(page: MemoryPage, code: str, node_id: str) -> succession.Cut:
    """As `cloud.store.link.claims.claimed_with` lets a box in."""
    known: succession.Code | None = page.sheets.get(("code", code))
    if known is None or known.node_id != node_id:
        raise ClaimUnknown
    return succession.cut(page, known.venue_id, node_id)
