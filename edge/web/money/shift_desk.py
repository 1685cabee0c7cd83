"""HTTP for shifts: opening a till with its float, cash in and out, X and Z reports. Needs no internet."""

import msgspec
from aiohttp import web

from edge.core.money.commands import CloseShift, MoveCash, OpenShift
from edge.core.money.slips import as_text, report_slip
from edge.journal.reading import Reading
from edge.web.answers import Handler, answer, body_of
from edge.web.counter import Counter
from edge.web.money.paper import Paper
from protocol.bill import PrintReply, PrintRequest
from protocol.bill_messages import shift_message
from protocol.errors import Refused, refuse
from protocol.facts.printout import Slip
from protocol.facts.shift import Shift
from protocol.http import Route
from protocol.shift import CashRequest, CloseShiftRequest, ShiftMessage, ShiftRequest, ShiftsReply

_SHIFT = ("unknown_shift", "not_configured")

SHIFTS = Route(
    method="GET",
    path="/api/v1/shifts",
    summary="The shifts that were opened last; which is open stands there.",
    response=ShiftsReply,
    auth="staff",
)
OPEN = Route(
    method="POST",
    path="/api/v1/shifts",
    summary="Open a till with change in it. Money that comes before opens a shift by itself.",
    request=ShiftRequest,
    response=ShiftMessage,
    status=201,
    auth="staff",
    errors=("shift_open", "not_configured", "mid_reused"),
)
SHIFT = Route(
    method="GET",
    path="/api/v1/shifts/{shift_pid}",
    summary="A shift with its report: X while it is open, Z once it is closed.",
    response=ShiftMessage,
    auth="staff",
    errors=_SHIFT,
)
CASH = Route(
    method="POST",
    path="/api/v1/shifts/{shift_pid}/cash",
    summary="Put money into the drawer or take it out, with a reason.",
    request=CashRequest,
    response=ShiftMessage,
    auth="staff",
    errors=(*_SHIFT, "shift_closed", "mid_reused"),
)
CLOSE = Route(
    method="POST",
    path="/api/v1/shifts/{shift_pid}/close",
    summary="Count the drawer: the Z report, and what is missing or too much.",
    request=CloseShiftRequest,
    response=ShiftMessage,
    auth="staff",
    errors=(*_SHIFT, "shift_closed", "mid_reused"),
)
PRINT = Route(
    method="POST",
    path="/api/v1/shifts/{shift_pid}/print",
    summary="The report on paper.",
    request=PrintRequest,
    response=PrintReply,
    auth="staff",
    errors=(*_SHIFT, "no_printer"),
)

_open = msgspec.json.Decoder(ShiftRequest)
_cash = msgspec.json.Decoder(CashRequest)
_close = msgspec.json.Decoder(CloseShiftRequest)
_print = msgspec.json.Decoder(PrintRequest)


class ShiftDesk:
    """Handlers of the shifts' addresses."""

    def __init__(self, counter: Counter, reading: Reading, paper: Paper) -> None:
        self._counter = counter
        self._reading = reading
        self._paper = paper

    def routes(self) -> list[tuple[Route, Handler]]:
        """Addresses and their handlers."""
        return [
            (SHIFTS, self.shifts),
            (OPEN, self.open),
            (SHIFT, self.shift),
            (CASH, self.cash),
            (CLOSE, self.close),
            (PRINT, self.print),
        ]

    async def shifts(self, request: web.Request) -> web.Response:
        """`GET /api/v1/shifts`."""
        self._counter.staff(request)
        return answer(ShiftsReply(tuple(await self._reading.shifts())))

    async def open(self, request: web.Request) -> web.Response:
        """`POST /api/v1/shifts`."""
        by = self._counter.by(request)
        body = await body_of(request, _open)
        shift_pid = self._counter.stable_id(by, body.mid)
        await self._counter.do(OpenShift(shift_pid, body.till, body.float_minor, by, body.mid))
        return self._reply(shift_pid, 201)

    async def shift(self, request: web.Request) -> web.Response:
        """`GET /api/v1/shifts/{shift_pid}`."""
        self._counter.staff(request)
        return self._reply(request.match_info["shift_pid"])

    async def cash(self, request: web.Request) -> web.Response:
        """`POST /api/v1/shifts/{shift_pid}/cash`."""
        by = self._counter.by(request)
        body = await body_of(request, _cash)
        if not body.reason.strip():
            raise Refused(refuse("invalid", "Say why."))
        shift_pid = request.match_info["shift_pid"]
        amount_minor = body.amount_minor if body.direction == "in" else -body.amount_minor
        command = MoveCash(shift_pid, self._counter.new_id(), amount_minor, body.reason.strip(), by, body.mid)
        await self._counter.do(command)
        return self._reply(shift_pid)

    async def close(self, request: web.Request) -> web.Response:
        """`POST /api/v1/shifts/{shift_pid}/close`."""
        by = self._counter.by(request)
        body = await body_of(request, _close)
        shift_pid = request.match_info["shift_pid"]
        await self._counter.do(CloseShift(shift_pid, body.counted_minor, by, body.mid))
        return self._reply(shift_pid)

    async def print(self, request: web.Request) -> web.Response:
        """`POST /api/v1/shifts/{shift_pid}/print`."""
        by = self._counter.by(request)
        body = await body_of(request, _print)
        shift = self._known(request.match_info["shift_pid"])
        name = f"Z-{shift.closed.z_number}" if shift.closed else f"X-{shift.opened.shift_pid}-{shift.version}"
        job = await self._paper.print("report", name, self._slip(shift), by, body.printer)
        return answer(PrintReply(job))

    def _known(self, shift_pid: str) -> Shift:
        shift = self._counter.hot.committed(f"shift:{shift_pid}")
        if not isinstance(shift, Shift):
            raise Refused(refuse("unknown_shift"))
        return shift

    def _slip(self, shift: Shift) -> Slip:
        return report_slip(shift, self._counter.config(), self._counter.clock().wall_ms)

    def _reply(self, shift_pid: str, status: int = 200) -> web.Response:
        shift = self._known(shift_pid)
        return answer(shift_message(shift, as_text(self._slip(shift))), status)
