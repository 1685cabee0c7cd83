"""HTTP for outages on purpose: begin one, end it early, read what it showed."""

import sqlite3
from collections.abc import Callable
from typing import Any, Protocol

import msgspec
from aiohttp import web

from edge.core.afar.commands import BeginDrill
from edge.web.answers import Handler, answer, body_of
from edge.web.counter import Counter
from protocol.afar import DrillReply, DrillRequest, DrillsReply, Settled
from protocol.errors import Refused, refuse
from protocol.facts.drill import Finding
from protocol.http import Route

BEGIN = Route(
    method="POST",
    path="/api/v1/drills",
    summary="Cut the link to the cloud on purpose for some minutes. Managers only.",
    request=DrillRequest,
    response=DrillReply,
    status=201,
    auth="staff",
    errors=("forbidden", "not_configured"),
)
STOP = Route(
    method="POST",
    path="/api/v1/drills/{drill_id}/stop",
    summary="Let the link come back now. Managers only.",
    response=Settled,
    auth="staff",
    errors=("forbidden", "unknown_drill"),
)
LIST = Route(
    method="GET",
    path="/api/v1/drills",
    summary="Outages on purpose and what they showed, newest first.",
    response=DrillsReply,
    auth="staff",
)

_begin = msgspec.json.Decoder(DrillRequest)
_findings = msgspec.json.Decoder(tuple[Finding, ...])
_NEWEST = (
    "SELECT drill_id, minutes, status, begun_by, begun_ms, ended_ms, ending, lasted_s, unsynced, findings, "
    "drained_ms FROM drills ORDER BY begun_ms DESC LIMIT 20"
)


class Drilling(Protocol):
    """Who cuts the link (`edge/effects/afar/drill.py`)."""

    def ends_ms(self, drill_id: str | None = None) -> int | None: ...

    def stop(self, drill_id: str) -> bool: ...


class DrillDesk:
    """The handlers. A box that nobody has claimed has no link to cut."""

    def __init__(
        self, counter: Counter, reader: sqlite3.Connection, drills: Drilling, linked: Callable[[], bool]
    ) -> None:
        self._counter = counter
        self._reader = reader
        self._drills = drills
        self._linked = linked

    def routes(self) -> list[tuple[Route, Handler]]:
        """Addresses and their handlers."""
        return [(BEGIN, self.begin), (STOP, self.stop), (LIST, self.newest)]

    async def begin(self, request: web.Request) -> web.Response:
        """`POST /api/v1/drills`."""
        staff = self._counter.staff(request, "manager")
        body = await body_of(request, _begin)
        if not self._linked():
            raise Refused(refuse("not_configured", "This box has no link to a cloud that could be cut."))
        drill_id = self._counter.new_id()
        await self._counter.do(BeginDrill(drill_id, body.minutes, f"staff:{staff.user}"))
        return answer(next(each for each in self._newest() if each.drill_id == drill_id), 201)

    async def stop(self, request: web.Request) -> web.Response:
        """`POST /api/v1/drills/{drill_id}/stop`."""
        self._counter.staff(request, "manager")
        drill_id = request.match_info["drill_id"]
        if not self._drills.stop(drill_id) and drill_id not in {each.drill_id for each in self._newest()}:
            raise Refused(refuse("unknown_drill"))
        return answer(Settled(ok=True))

    async def newest(self, request: web.Request) -> web.Response:
        """`GET /api/v1/drills`."""
        self._counter.anybody(request)
        return answer(DrillsReply(tuple(self._newest())))

    def _newest(self) -> list[DrillReply]:
        return [self._reply(row) for row in self._reader.execute(_NEWEST).fetchall()]

    def _reply(self, row: tuple[Any, ...]) -> DrillReply:
        return DrillReply(
            drill_id=row[0],
            minutes=row[1],
            status=row[2],
            begun_by=row[3],
            begun_ms=row[4],
            ends_ms=self._drills.ends_ms(row[0]),
            ended_ms=row[5],
            ending=row[6],
            lasted_s=row[7],
            unsynced=row[8],
            findings=_findings.decode(row[9]),
            drained_ms=row[10],
        )
