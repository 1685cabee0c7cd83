"""HTTP for bills: looking, taking off, sharing. Guests may look at theirs; money is `payment_desk.py`'s.

What takes something off a bill carries a manager's PIN in the same request; who asked, who approved and why
stand in the fact.
"""

from typing import TypedDict

import msgspec
from aiohttp import web

from edge.core.money import commands as till
from edge.core.money.slips import as_text, bill_slip, receipt_slip
from edge.journal.reading import Reading
from edge.web.answers import Handler, answer, body_of
from edge.web.counter import Counter
from edge.web.guests.desk import session_pid_of
from edge.web.money.paper import Paper
from edge.web.money.splitting import shares_for
from edge.web.staff.pins import Pins
from edge.web.tokens import Tokens
from protocol.bill import (
    BillMessage,
    BillsReply,
    CompRequest,
    DiscountRequest,
    PrintReply,
    PrintRequest,
    ReceiptsReply,
    ServiceRequest,
    SplitRequest,
    VoidRequest,
)
from protocol.bill_messages import receipt_message
from protocol.errors import Refused, refuse
from protocol.http import Route

_BILL = ("unknown_bill", "bill_merged", "not_configured", "mid_reused")
_APPROVED = (*_BILL, "wrong_pin")

BILL = Route(
    method="GET",
    path="/bill",
    summary="The bill of the guest's table.",
    response=BillMessage,
    query=("session_pid",),
    auth="guest",
    errors=("not_configured", "unknown_bill"),
)
RECEIPTS = Route(
    method="GET",
    path="/bill/receipts",
    summary="The receipts of the guest's table, as a printer would have them.",
    response=ReceiptsReply,
    query=("session_pid",),
    auth="guest",
    errors=("not_configured",),
)
BILLS = Route(
    method="GET",
    path="/api/v1/bills",
    summary="Bills that are owed, also of tables that were closed.",
    response=BillsReply,
    auth="staff",
)
ONE = Route(
    method="GET",
    path="/api/v1/bills/{session_pid}",
    summary="One bill with its shares and payments.",
    response=BillMessage,
    auth="staff",
    errors=("unknown_bill", "not_configured"),
)
VOID = Route(
    method="POST",
    path="/api/v1/bills/{session_pid}/void",
    summary="Take pieces of a line off, as if they had never been sold. A manager approves.",
    request=VoidRequest,
    response=BillMessage,
    auth="staff",
    errors=(*_APPROVED, "unknown_line"),
)
COMP = Route(
    method="POST",
    path="/api/v1/bills/{session_pid}/comp",
    summary="Pieces of a line are on the house. A manager approves.",
    request=CompRequest,
    response=BillMessage,
    auth="staff",
    errors=(*_APPROVED, "unknown_line"),
)
DISCOUNT = Route(
    method="POST",
    path="/api/v1/bills/{session_pid}/discount",
    summary="The bill is cheaper by a part or an amount. A manager approves.",
    request=DiscountRequest,
    response=BillMessage,
    auth="staff",
    errors=_APPROVED,
)
SERVICE = Route(
    method="POST",
    path="/api/v1/bills/{session_pid}/service",
    summary="Lines are taken away, or eaten here after all; other tax rates may count.",
    request=ServiceRequest,
    response=BillMessage,
    auth="staff",
    errors=(*_BILL, "unknown_line"),
)
SPLIT = Route(
    method="POST",
    path="/api/v1/bills/{session_pid}/split",
    summary="Pay in shares by item, guest or amount; `none` makes it one bill again.",
    request=SplitRequest,
    response=BillMessage,
    auth="staff",
    errors=(*_BILL, "unknown_line", "split_in_use"),
)
PRINT = Route(
    method="POST",
    path="/api/v1/bills/{session_pid}/print",
    summary="What is owed, on paper; it is no receipt.",
    request=PrintRequest,
    response=PrintReply,
    auth="staff",
    errors=("unknown_bill", "no_printer", "not_configured"),
)

_void = msgspec.json.Decoder(VoidRequest)
_comp = msgspec.json.Decoder(CompRequest)
_discount = msgspec.json.Decoder(DiscountRequest)
_service = msgspec.json.Decoder(ServiceRequest)
_split = msgspec.json.Decoder(SplitRequest)
_print = msgspec.json.Decoder(PrintRequest)


class _Adjusting(TypedDict):
    """What is said of whatever takes something off a bill."""

    session_pid: str
    adjustment: str
    reason: str
    approved_by: str
    by: str
    shift_pid: str
    till: str
    mid: str | None


class BillDesk:
    """Handlers of the bills' addresses."""

    def __init__(self, counter: Counter, tokens: Tokens, pins: Pins, reading: Reading, paper: Paper) -> None:
        self._counter = counter
        self._tokens = tokens
        self._pins = pins
        self._reading = reading
        self._paper = paper

    def routes(self) -> list[tuple[Route, Handler]]:
        """Addresses and their handlers."""
        return [
            (BILL, self.own_bill),
            (RECEIPTS, self.own_receipts),
            (BILLS, self.bills),
            (ONE, self.bill),
            (VOID, self.void),
            (COMP, self.comp),
            (DISCOUNT, self.discount),
            (SERVICE, self.service),
            (SPLIT, self.split),
            (PRINT, self.print),
        ]

    async def own_bill(self, request: web.Request) -> web.Response:
        """`GET /bill?session_pid=S`."""
        seat = self._tokens.guest(request, session_pid_of(request))
        bill = self._counter.bill(seat.session.session_pid)
        return answer(bill, headers={"Cache-Control": "no-store"})

    async def own_receipts(self, request: web.Request) -> web.Response:
        """`GET /bill/receipts?session_pid=S`."""
        seat = self._tokens.guest(request, session_pid_of(request))
        bill, config = self._counter.bill_state(seat.session.session_pid), self._counter.config()
        receipts = bill.receipts if bill else ()
        told = (
            receipt_message(each, seat.session.session_pid, as_text(receipt_slip(each, config)))
            for each in receipts
        )
        return answer(ReceiptsReply(tuple(told)), headers={"Cache-Control": "no-store"})

    async def bills(self, request: web.Request) -> web.Response:
        """`GET /api/v1/bills`."""
        self._counter.staff(request)
        return answer(BillsReply(tuple(await self._reading.unsettled_bills())))

    async def bill(self, request: web.Request) -> web.Response:
        """`GET /api/v1/bills/{session_pid}`."""
        self._counter.staff(request)
        return self._as_it_stands(request)

    def _as_it_stands(self, request: web.Request) -> web.Response:
        return answer(self._counter.bill(request.match_info["session_pid"]))

    async def void(self, request: web.Request) -> web.Response:
        """`POST /api/v1/bills/{session_pid}/void`."""
        by = self._counter.by(request)
        body = await body_of(request, _void)
        adjusting = await self._adjusting(request, body, by)
        await self._counter.do(till.VoidLine(line=body.line, qty=body.qty, restock=body.restock, **adjusting))
        return self._as_it_stands(request)

    async def comp(self, request: web.Request) -> web.Response:
        """`POST /api/v1/bills/{session_pid}/comp`."""
        by = self._counter.by(request)
        body = await body_of(request, _comp)
        adjusting = await self._adjusting(request, body, by)
        await self._counter.do(till.CompLine(line=body.line, qty=body.qty, **adjusting))
        return self._as_it_stands(request)

    async def discount(self, request: web.Request) -> web.Response:
        """`POST /api/v1/bills/{session_pid}/discount`."""
        by = self._counter.by(request)
        body = await body_of(request, _discount)
        adjusting = await self._adjusting(request, body, by)
        await self._counter.do(
            till.GiveDiscount(percent_bp=body.percent_bp, amount_minor=body.amount_minor, **adjusting)
        )
        return self._as_it_stands(request)

    async def _adjusting(
        self, request: web.Request, body: VoidRequest | CompRequest | DiscountRequest, by: str
    ) -> _Adjusting:
        return _Adjusting(
            session_pid=request.match_info["session_pid"],
            adjustment=self._counter.new_id(),
            reason=_reason(body.reason),
            approved_by=await self._pins.approver(body.approval, request.remote),
            by=by,
            shift_pid=self._counter.new_id(),
            till=body.till,
            mid=body.mid,
        )

    async def service(self, request: web.Request) -> web.Response:
        """`POST /api/v1/bills/{session_pid}/service`."""
        by = self._counter.by(request)
        body = await body_of(request, _service)
        session_pid, fresh = request.match_info["session_pid"], self._counter.new_id()
        await self._counter.do(
            till.ChangeService(session_pid, body.takeaway, by, fresh, body.lines, body.till, body.mid)
        )
        return self._as_it_stands(request)

    async def split(self, request: web.Request) -> web.Response:
        """`POST /api/v1/bills/{session_pid}/split`."""
        by = self._counter.by(request)
        body = await body_of(request, _split)
        session_pid = request.match_info["session_pid"]
        bill = self._counter.bill_state(session_pid)
        if bill is None:
            raise Refused(refuse("unknown_bill"))
        kind, shares = shares_for(body, bill, self._counter.session(session_pid))
        await self._counter.do(till.SplitBill(session_pid, kind, shares, by, body.mid))
        return self._as_it_stands(request)

    async def print(self, request: web.Request) -> web.Response:
        """`POST /api/v1/bills/{session_pid}/print`."""
        by = self._counter.by(request)
        body = await body_of(request, _print)
        bill = self._counter.bill_state(request.match_info["session_pid"])
        if bill is None:
            raise Refused(refuse("unknown_bill"))
        slip = bill_slip(bill, self._counter.config(), self._counter.clock().wall_ms)
        name = f"B-{bill.session_pid}-{bill.version}"
        return answer(PrintReply(await self._paper.print("bill", name, slip, by, body.printer)))


def _reason(reason: str) -> str:
    """A reason that says something. Raises `Refused`."""
    if not reason.strip():
        raise Refused(refuse("invalid", "Say why."))
    return reason.strip()
