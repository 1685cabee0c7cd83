"""`GET /api/v1/handover`: the installer's report and the tables' cards, for a manager, as PDF."""

import asyncio
import sqlite3
from collections.abc import Callable
from typing import Protocol

from aiohttp import web

from edge.core.clock import Now
from edge.journal.handover import gather
from edge.journal.hot import Hot
from edge.web.answers import Handler
from edge.web.installing.pairing_desk import Inviting
from edge.web.tokens import Tokens
from protocol.devices import LastTrial
from protocol.errors import Refused, refuse
from protocol.http import Route

HANDOVER = Route(
    method="GET",
    path="/api/v1/handover",
    summary="What box this is, what it serves, and a sheet of table codes to print. Managers only.",
    media="application/pdf",
    auth="staff",
    errors=("forbidden", "not_configured"),
)


class Trials(Protocol):
    """How the last tests went (`edge/effects/devices/trial_book.py`)."""

    all: dict[str, LastTrial]


class HandoverDesk:
    """The handler. `home` is where phones reach the box, empty for wherever they ask."""

    def __init__(
        self,
        tokens: Tokens,
        hot: Hot,
        reader: sqlite3.Connection,
        pairing: Inviting,
        clock: Callable[[], Now],
        home: str,
        trials: Trials,
    ) -> None:
        self._tokens = tokens
        self._hot = hot
        self._reader = reader
        self._pairing = pairing
        self._clock = clock
        self._home = home
        self._trials = trials

    def routes(self) -> list[tuple[Route, Handler]]:
        """Addresses and their handlers."""
        return [(HANDOVER, self.handover)]

    async def handover(self, request: web.Request) -> web.Response:
        """`GET /api/v1/handover`."""
        from edge.web.installing.handover_paper import paper  # on demand: only now and then, and it is large

        self._tokens.staff(request, "manager")
        home = self._home or str(request.url.origin())
        own = self._pairing.invited().fingerprint
        now_ms = self._clock().wall_ms
        about = gather(self._reader, self._hot, own, home, now_ms, self._trials.all)
        if about is None:
            raise Refused(refuse("not_configured"))
        body = await asyncio.to_thread(paper, about)
        headers = {"Cache-Control": "no-store", "Content-Disposition": 'inline; filename="handover.pdf"'}
        return web.Response(body=body, content_type="application/pdf", headers=headers)
