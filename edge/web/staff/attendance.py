"""Tables by code, and looking after them: what the desks of tables and of serving have in common."""

from aiohttp import web

from edge.core.tables.commands import AttendTable
from edge.web.counter import Counter
from edge.web.staff.floor_messages import FloorMessages
from protocol.errors import Refused, refuse
from protocol.facts.table import TableSession
from protocol.floor import TableState


class Attendance:
    """Everything that refuses raises `Refused`."""

    def __init__(self, counter: Counter, messages: FloorMessages) -> None:
        self._counter = counter
        self._messages = messages

    def states(self) -> tuple[TableState, ...]:
        """All tables."""
        return self._messages.tables()

    def state(self, code: str) -> TableState:
        """A table of the venue."""
        self._counter.config()
        state = self._messages.table_of(code)
        if state is None:
            raise Refused(refuse("unknown_table"))
        return state

    def session(self, code: str) -> TableSession:
        """The session at a table; refused when nobody sits there."""
        state = self.state(code)
        session = self._counter.session(state.session_pid) if state.session_pid else None
        if session is None:
            raise Refused(refuse("table_free"))
        return session

    async def attend(self, request: web.Request, code: str, *, seat: bool) -> str:
        """Look after a table, with a seat if something is to be ordered; who does, as it stands in facts."""
        staff = self._counter.staff(request)
        venue = self._counter.hot.committed_venue()
        account = venue.staff.get(staff.user) if venue else None
        by = f"staff:{staff.user}"
        name = account.name if account else staff.user
        await self._counter.do(AttendTable(code, self._counter.new_id(), name, by, seat))
        return by
