"""Play time on guests' phones: how long their stations still run, and asking the staff for more.

A call for the staff is a fact of the session and an alarm on their screens until somebody adds time or the
session ends, also after a restart of the box. Counterpart: `protocol/play_time.py`.
"""

from collections.abc import Callable
from typing import Any

import msgspec
from aiohttp import web

from edge.core.play.commands import CallStaff
from edge.journal.floor import Floor
from edge.journal.hot import Hot
from edge.journal.writer import Writer
from edge.web.answers import Handler, accepted, answer, body_of
from edge.web.guests.phones import Phones, frame
from edge.web.play.messages import FloorTeller
from edge.web.tokens import Guest, Tokens
from protocol.errors import Refused, refuse
from protocol.facts import play_events as events
from protocol.facts.play import PlaySession
from protocol.facts.table import TableSession
from protocol.http import Route
from protocol.play_time import CallRequest, Happened, PlayTime, PlayTimeMessage, PlayTimes

_GUEST = ("unknown_session", "session_closed", "not_authorised")

PLAY_TIME = Route(
    method="GET",
    path="/play_time",
    summary="What the table plays on, and how long still.",
    response=PlayTimes,
    query=("session_pid",),
    auth="guest",
    errors=_GUEST,
)
CALL = Route(
    method="POST",
    path="/play_time/call",
    summary="Ask the staff for more time.",
    request=CallRequest,
    response=PlayTimes,
    auth="guest",
    errors=(*_GUEST, "unknown_play_session", "session_not_active"),
)

#: Raises an alarm: key, message, since when (ms), detail.
Call = Callable[[str, str, int, dict[str, str]], None]

_call = msgspec.json.Decoder(CallRequest)

_HAPPENED: dict[type, Happened] = {
    events.PlayBegun: "started",
    events.TimeAdded: "extended",
    events.PlayPaused: "changed",
    events.PlayResumed: "changed",
    events.PlayMoved: "changed",
    events.StaffCalled: "changed",
    events.TimeReckoned: "changed",
    events.PlayExpired: "expired",
    events.PlayStopped: "stopped",
}
#: After these nobody waits for the staff any more.
_ANSWERS = ("extended", "expired", "stopped")


class CallBell(msgspec.Struct, frozen=True):
    """The staff's alarms, as far as guests ring them."""

    ring: Call
    answer: Callable[[str], None]


class GuestPlay:
    """Made after `Phones`; `follow` and `warn` hear of sessions."""

    def __init__(
        self,
        floor: Floor,
        teller: FloorTeller,
        phones: Phones,
        writer: Writer,
        hot: Hot,
        tokens: Tokens,
        bell: CallBell,
    ) -> None:
        self._floor = floor
        self._teller = teller
        self._phones = phones
        self._hot = hot
        self._tokens = tokens
        self._writer = writer
        self._bell = bell
        for session in floor.live():
            self._ring(session)

    def routes(self) -> list[tuple[Route, Handler]]:
        """Addresses and their handlers."""
        return [(PLAY_TIME, self.times), (CALL, self.call)]

    async def times(self, request: web.Request) -> web.Response:
        """`GET /play_time`."""
        guest = self._guest(request, request.query.get("session_pid", ""))
        return answer(PlayTimes(self._of(guest.session.session_pid)))

    async def call(self, request: web.Request) -> web.Response:
        """`POST /play_time/call`."""
        body = await body_of(request, _call)
        guest = self._guest(request, body.session_pid)
        session = self._floor.session(body.play_session_id)
        if session is None or self._table_of(session) != guest.session.session_pid:
            raise Refused(refuse("unknown_play_session"))
        by = f"member:{guest.member.member_pid}"
        accepted(await self._writer.execute(CallStaff(session.session_id, guest.member.name, by)))
        return answer(PlayTimes(self._of(guest.session.session_pid)))

    def _ring(self, session: PlaySession) -> None:
        """Whoever waits for the staff is on their screens, however often the box was restarted since."""
        if not session.called_by:
            return
        table: Any = self._hot.committed(f"table:{self._table_of(session)}")
        where = f" at {table.table_name}" if isinstance(table, TableSession) else ""
        message = f"{session.called_by}{where} asks for more time on {self._name(session)}."
        detail = {"station_id": session.station_id, "session_id": session.session_id}
        self._bell.ring(_key(session), message, session.called_ms, detail)

    def _guest(self, request: web.Request, session_pid: str) -> Guest:
        return self._tokens.guest(request, session_pid)

    def follow(self, event: events.PlayEvent, session: PlaySession) -> None:
        """Something happened to a session; the phones of its table hear of it."""
        happened = _HAPPENED.get(type(event))
        if happened is None:
            return
        if happened in _ANSWERS:
            self._bell.answer(_key(session))
        self._ring(session)
        added_s = event.entitlement.seconds if isinstance(event, events.TimeAdded) else 0
        self._tell(session, happened, added_s)

    def warn(self, session: PlaySession, left_s: int) -> None:
        """So little is left."""
        self._tell(session, "warning", left_s)

    def _tell(self, session: PlaySession, happened: Happened, seconds: int) -> None:
        pid = self._table_of(session)
        if pid is not None:
            told = PlayTimeMessage(happened, self._name(session), seconds, self._of(pid))
            self._phones.tell_table(pid, frame(told))

    def _of(self, session_pid: str) -> tuple[PlayTime, ...]:
        """What a table plays on, by station."""
        begun = (each for each in self._floor.live() if each.begun_ms is not None)
        mine = [each for each in begun if self._table_of(each) == session_pid]
        return tuple(sorted(map(self._time, mine), key=lambda each: each.station))

    def _time(self, session: PlaySession) -> PlayTime:
        told = self._teller.session(session)
        status: Any = told.status
        station = self._floor.config.station(session.station_id)
        return PlayTime(
            play_session_id=session.session_id,
            station=self._name(session),
            kind=station.kind if station else "console",
            status=status,
            postpaid=told.payment_method == "POSTPAID",
            remaining_seconds=told.remaining_seconds,
            played_seconds=told.played_seconds,
            due_minor=told.due_minor,
            currency=told.currency,
            called=bool(session.called_by),
        )

    def _name(self, session: PlaySession) -> str:
        station = self._floor.config.station(session.station_id)
        return station.name if station else session.station_id

    def _table_of(self, session: PlaySession) -> str | None:
        """The table session that a play session belongs to, wherever its guests sit by now."""
        pid = session.ordered.table_session
        table: Any = self._hot.committed(f"table:{pid}") if pid else None
        while isinstance(table, TableSession) and table.merged_into:
            pid = table.merged_into
            table = self._hot.committed(f"table:{pid}")
        return pid


def _key(session: PlaySession) -> str:
    return f"call:{session.session_id}"
