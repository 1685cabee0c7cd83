"""HTTP for the staff's work at tables: open, move, merge, part, close. Works with no internet.

Whoever opens a table vouches for its guests, so the pass word is not asked for.
Counterpart: `serving_desk.py` orders for guests.
"""

import msgspec
from aiohttp import web

from edge.core.commands import CloseTable
from edge.core.tables.commands import MergeTables, MoveTable, SplitTable
from edge.web.answers import Handler, answer, body_of
from edge.web.counter import Counter
from edge.web.guests.snapshots import snapshot
from edge.web.staff.attendance import Attendance
from protocol.bill import BillMessage
from protocol.cart_snapshot import CartSnapshot
from protocol.floor import (
    MergeTableRequest,
    MoveTableRequest,
    SplitTableRequest,
    TablesReply,
    TableState,
)
from protocol.http import Route


class Done(msgspec.Struct, frozen=True):
    """It is so now, or was already."""

    ok: bool


class TableReply(msgspec.Struct, frozen=True):
    """A table whole: how it stands, its cart and its bill; both null while nobody sits there."""

    table: TableState
    cart: CartSnapshot | None
    bill: BillMessage | None


_AT_TABLE = ("unknown_table", "table_free", "not_configured")
_MOVING = (*_AT_TABLE, "order_in_progress", "session_closed", "unknown_session", "mid_reused")

TABLES = Route(
    method="GET",
    path="/api/v1/tables",
    summary="All tables and how they stand.",
    response=TablesReply,
    auth="staff",
)
TABLE = Route(
    method="GET",
    path="/api/v1/tables/{code}",
    summary="One table whole: members, cart, orders, bill.",
    response=TableReply,
    auth="staff",
    errors=("unknown_table", "not_configured"),
)
OPEN = Route(
    method="POST",
    path="/api/v1/tables/{code}/open",
    summary="Open a table for guests, without the pass word; an open one stays as it is.",
    response=TableState,
    auth="staff",
    errors=("unknown_table", "not_configured"),
)
CLOSE = Route(
    method="POST",
    path="/api/v1/tables/{code}/close",
    summary="The guests are gone: end the table's session and its tokens. What is owed stays owed.",
    response=Done,
    auth="staff",
    errors=("unknown_table", "order_in_progress", "not_configured"),
)
MOVE = Route(
    method="POST",
    path="/api/v1/tables/{code}/move",
    summary="The guests sit down at a free table, with cart and bill.",
    request=MoveTableRequest,
    response=TableState,
    auth="staff",
    errors=(*_MOVING, "table_taken"),
)
MERGE = Route(
    method="POST",
    path="/api/v1/tables/{code}/merge",
    summary="The guests join those at another table: one cart, one bill.",
    request=MergeTableRequest,
    response=TableState,
    auth="staff",
    errors=(*_MOVING, "cart_full", "payment_under_way", "bill_part_paid"),
)
SPLIT = Route(
    method="POST",
    path="/api/v1/tables/{code}/split",
    summary="Some guests sit down at another table and take what they ordered with them.",
    request=SplitTableRequest,
    response=TableState,
    auth="staff",
    errors=(*_MOVING, "cart_full", "unknown_member", "unknown_line", "bill_part_paid"),
)
_move = msgspec.json.Decoder(MoveTableRequest)
_merge = msgspec.json.Decoder(MergeTableRequest)
_split = msgspec.json.Decoder(SplitTableRequest)


class TableDesk:
    """Handlers of the tables' addresses."""

    def __init__(self, counter: Counter, tables: Attendance) -> None:
        self._counter = counter
        self._tables = tables

    def routes(self) -> list[tuple[Route, Handler]]:
        """Addresses and their handlers."""
        return [
            (TABLES, self.tables),
            (TABLE, self.table),
            (OPEN, self.open),
            (CLOSE, self.close),
            (MOVE, self.move),
            (MERGE, self.merge),
            (SPLIT, self.split),
        ]

    # ── looking ──────────────────────────────────────────────────────────────────────────────────

    async def tables(self, request: web.Request) -> web.Response:
        """`GET /api/v1/tables`."""
        self._counter.anybody(request)
        return answer(TablesReply(self._tables.states()))

    async def table(self, request: web.Request) -> web.Response:
        """`GET /api/v1/tables/{code}`."""
        self._counter.anybody(request)
        state = self._tables.state(request.match_info["code"])
        session = self._counter.session(state.session_pid) if state.session_pid else None
        if session is None:
            return answer(TableReply(state, None, None))
        cart = snapshot(self._counter.hot, session, self._counter.clock())
        return answer(TableReply(state, cart, self._counter.bill(session.session_pid)))

    # ── who sits where ───────────────────────────────────────────────────────────────────────────

    async def open(self, request: web.Request) -> web.Response:
        """`POST /api/v1/tables/{code}/open`."""
        code = request.match_info["code"]
        await self._tables.attend(request, code, seat=False)
        return answer(self._tables.state(code))

    async def close(self, request: web.Request) -> web.Response:
        """`POST /api/v1/tables/{code}/close`."""
        by, code = self._counter.by(request), request.match_info["code"]
        state = self._tables.state(code)
        if state.session_pid is not None:
            await self._counter.do(CloseTable(state.session_pid, "closed by staff", by))
        return answer(Done(ok=True))

    async def move(self, request: web.Request) -> web.Response:
        """`POST /api/v1/tables/{code}/move`."""
        by = self._counter.by(request)
        body = await body_of(request, _move)
        session = self._tables.session(request.match_info["code"])
        await self._counter.do(MoveTable(session.session_pid, body.to, by, body.mid))
        return answer(self._tables.state(body.to))

    async def merge(self, request: web.Request) -> web.Response:
        """`POST /api/v1/tables/{code}/merge`."""
        by = self._counter.by(request)
        body = await body_of(request, _merge)
        session, into = self._tables.session(request.match_info["code"]), self._tables.session(body.into)
        await self._counter.do(MergeTables(session.session_pid, into.session_pid, by, body.mid))
        return answer(self._tables.state(body.into))

    async def split(self, request: web.Request) -> web.Response:
        """`POST /api/v1/tables/{code}/split`."""
        by = self._counter.by(request)
        body = await body_of(request, _split)
        session, to = self._tables.session(request.match_info["code"]), self._counter.new_id()
        command = SplitTable(session.session_pid, body.to, to, body.members, by, body.lines, body.mid)
        await self._counter.do(command)
        return answer(self._tables.state(body.to))
