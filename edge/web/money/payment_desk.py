"""HTTP for money: taking it, giving it back, receipts. A repeat of a `mid` takes nothing and says the same.

A card is INITIATED, and its amount held, until somebody says how it went at its terminal (`progress`).
"""

import msgspec
from aiohttp import web

from edge.core.money.commands import AdvancePayment, RefundPayment, TakePayment
from edge.core.money.slips import as_text, receipt_slip
from edge.journal.reading import Reading
from edge.journal.writer import Accepted
from edge.web.answers import Handler, answer, body_of
from edge.web.counter import Counter
from edge.web.money.paper import Paper
from edge.web.staff.pins import Pins
from protocol.bill import (
    PaidReply,
    PaymentMessage,
    PaymentRequest,
    PrintReply,
    PrintRequest,
    ProgressRequest,
    ReceiptMessage,
    RefundRequest,
    TipRequest,
)
from protocol.bill_messages import bill_message, payment_message, receipt_message
from protocol.errors import Refused, refuse
from protocol.facts.bill_events import ReceiptIssued
from protocol.facts.payment import Payment, PaymentInitiated
from protocol.facts.receipt import Receipt
from protocol.http import Route

_PAYING = (
    *("unknown_bill", "bill_merged", "unknown_share", "overpays", "nothing_due", "tendered_short"),
    *("method_unavailable", "insufficient_balance", "not_configured", "no_printer", "mid_reused"),
)

PAY = Route(
    method="POST",
    path="/api/v1/bills/{session_pid}/payments",
    summary="Take money for a bill or a share of it; never more than is owed, and once for a `mid`.",
    request=PaymentRequest,
    response=PaidReply,
    status=201,
    auth="staff",
    errors=_PAYING,
)
TIP = Route(
    method="POST",
    path="/api/v1/bills/{session_pid}/tip",
    summary="A tip on its own, also after the bill was paid.",
    request=TipRequest,
    response=PaidReply,
    status=201,
    auth="staff",
    errors=_PAYING,
)
PAYMENT = Route(
    method="GET",
    path="/api/v1/payments/{payment_pid}",
    summary="How far a payment is.",
    response=PaymentMessage,
    auth="staff",
    errors=("unknown_payment",),
)
PROGRESS = Route(
    method="POST",
    path="/api/v1/payments/{payment_pid}/progress",
    summary="How a card payment went, from whoever stands at its terminal.",
    request=ProgressRequest,
    response=PaidReply,
    auth="staff",
    errors=("unknown_payment", "payment_final"),
)
REFUND = Route(
    method="POST",
    path="/api/v1/payments/{payment_pid}/refund",
    summary="Give back some of a payment, or all that is left of it. A manager approves.",
    request=RefundRequest,
    response=PaidReply,
    status=201,
    auth="staff",
    errors=(
        *("unknown_payment", "refund_too_high", "deposit_pending", "insufficient_balance"),
        *("method_unavailable", "wrong_pin", "not_configured", "mid_reused"),
    ),
)
RECEIPT = Route(
    method="GET",
    path="/api/v1/receipts/{number}",
    summary="A receipt, and its text as a printer would have it.",
    response=ReceiptMessage,
    auth="staff",
    errors=("unknown_receipt", "not_configured"),
)
PRINT = Route(
    method="POST",
    path="/api/v1/receipts/{number}/print",
    summary="A receipt on paper; the second time it says so.",
    request=PrintRequest,
    response=PrintReply,
    auth="staff",
    errors=("unknown_receipt", "no_printer", "not_configured"),
)

_pay = msgspec.json.Decoder(PaymentRequest)
_tip = msgspec.json.Decoder(TipRequest)
_progress = msgspec.json.Decoder(ProgressRequest)
_refund = msgspec.json.Decoder(RefundRequest)
_print = msgspec.json.Decoder(PrintRequest)


class PaymentDesk:
    """Handlers of the addresses of payments and receipts."""

    def __init__(self, counter: Counter, pins: Pins, reading: Reading, paper: Paper) -> None:
        self._counter = counter
        self._pins = pins
        self._reading = reading
        self._paper = paper

    def routes(self) -> list[tuple[Route, Handler]]:
        """Addresses and their handlers."""
        return [
            (PAY, self.pay),
            (TIP, self.tip),
            (PAYMENT, self.payment),
            (PROGRESS, self.progress),
            (REFUND, self.refund),
            (RECEIPT, self.receipt),
            (PRINT, self.print),
        ]

    async def pay(self, request: web.Request) -> web.Response:
        """`POST /api/v1/bills/{session_pid}/payments`."""
        by = self._counter.by(request)
        body = await body_of(request, _pay)
        if body.print:
            self._paper.expect_printer()
        command = TakePayment(
            session_pid=request.match_info["session_pid"],
            payment_pid=self._counter.new_id(),
            method=body.method,
            by=by,
            shift_pid=self._counter.new_id(),
            amount_minor=body.amount_minor,
            tip_minor=body.tip_minor,
            tendered_minor=body.tendered_minor,
            share=body.share,
            till=body.till,
            user_id=body.user_id,
            mid=body.mid,
        )
        outcome = await self._counter.do(command)
        if body.print and not outcome.repeated:
            for receipt in _issued(outcome):
                await self._on_paper(receipt, by, open_drawer=body.method == "CASH")
        return answer(self._paid(_initiated(outcome), outcome), 201)

    async def tip(self, request: web.Request) -> web.Response:
        """`POST /api/v1/bills/{session_pid}/tip`."""
        by = self._counter.by(request)
        body = await body_of(request, _tip)
        command = TakePayment(
            session_pid=request.match_info["session_pid"],
            payment_pid=self._counter.new_id(),
            method=body.method,
            by=by,
            shift_pid=self._counter.new_id(),
            amount_minor=0,
            tip_minor=body.tip_minor,
            till=body.till,
            mid=body.mid,
        )
        outcome = await self._counter.do(command)
        return answer(self._paid(_initiated(outcome), outcome), 201)

    async def payment(self, request: web.Request) -> web.Response:
        """`GET /api/v1/payments/{payment_pid}`."""
        self._counter.staff(request)
        return answer(payment_message(self._known(request.match_info["payment_pid"])))

    async def progress(self, request: web.Request) -> web.Response:
        """`POST /api/v1/payments/{payment_pid}/progress`."""
        by = self._counter.by(request)
        body = await body_of(request, _progress)
        payment_pid, fresh = request.match_info["payment_pid"], self._counter.new_id()
        command = AdvancePayment(payment_pid, body.state, by, fresh, body.reference, body.reason)
        outcome = await self._counter.do(command)
        return answer(self._paid(payment_pid, outcome))

    async def refund(self, request: web.Request) -> web.Response:
        """`POST /api/v1/payments/{payment_pid}/refund`."""
        by = self._counter.by(request)
        body = await body_of(request, _refund)
        if not body.reason.strip():
            raise Refused(refuse("invalid", "Say why."))
        command = RefundPayment(
            payment_pid=request.match_info["payment_pid"],
            refund_pid=self._counter.new_id(),
            reason=body.reason.strip(),
            approved_by=await self._pins.approver(body.approval, request.remote),
            by=by,
            shift_pid=self._counter.new_id(),
            amount_minor=body.amount_minor,
            tip_minor=body.tip_minor,
            till=body.till,
            mid=body.mid,
        )
        outcome = await self._counter.do(command)
        return answer(self._paid(command.payment_pid, outcome), 201)

    async def receipt(self, request: web.Request) -> web.Response:
        """`GET /api/v1/receipts/{number}`."""
        self._counter.staff(request)
        session_pid, receipt = await self._numbered(request)
        return answer(self._told(receipt, session_pid))

    async def print(self, request: web.Request) -> web.Response:
        """`POST /api/v1/receipts/{number}/print`."""
        by = self._counter.by(request)
        body = await body_of(request, _print)
        _, receipt = await self._numbered(request)
        return answer(PrintReply(await self._on_paper(receipt, by, body.printer)))

    async def _on_paper(
        self, receipt: Receipt, by: str, printer: str = "", *, open_drawer: bool = False
    ) -> str:
        slip = receipt_slip(receipt, self._counter.config())
        slip = msgspec.structs.replace(slip, open_drawer=open_drawer)
        return await self._paper.print("receipt", f"R-{receipt.number}", slip, by, printer)

    async def _numbered(self, request: web.Request) -> tuple[str, Receipt]:
        number = request.match_info["number"]
        plain = number.isascii() and number.isdecimal() and len(number) < 16
        found = await self._reading.receipt(int(number)) if plain else None
        if found is None:
            raise Refused(refuse("unknown_receipt"))
        return found

    def _known(self, payment_pid: str) -> Payment:
        payment = self._counter.hot.committed(f"payment:{payment_pid}")
        if not isinstance(payment, Payment):
            raise Refused(refuse("unknown_payment"))
        return payment

    def _paid(self, payment_pid: str, outcome: Accepted) -> PaidReply:
        """What became of it: the first time, and every time it is asked again."""
        payment = self._known(payment_pid)
        session_pid = payment.initiated.session_pid
        bill = self._counter.bill_state(session_pid) if session_pid else None
        receipts = tuple(self._told(receipt, session_pid or "") for receipt in _issued(outcome))
        return PaidReply(payment_message(payment), bill_message(bill) if bill else None, receipts)

    def _told(self, receipt: Receipt, session_pid: str) -> ReceiptMessage:
        text = as_text(receipt_slip(receipt, self._counter.config()))
        return receipt_message(receipt, session_pid, text)


def _initiated(outcome: Accepted) -> str:
    """The payment that a command began."""
    events = (fact.event for fact in outcome.facts)
    return next(event.payment_pid for event in events if isinstance(event, PaymentInitiated))


def _issued(outcome: Accepted) -> list[Receipt]:
    """Receipts that a command brought."""
    return [fact.event.receipt for fact in outcome.facts if isinstance(fact.event, ReceiptIssued)]
