"""HTTP for guests who pay in on a balance: finding the balance, taking the money, the slip, what came last.

Rule of the file: an answer means that it is on disk. A repeat of a `mid` takes nothing and names the same
payment, with the balance as it was right after it; another amount or means under it is refused. A card is
INITIATED until somebody says how it went (`PROGRESS` of `payment_desk.py`), and on the balance only then:
until then, and where it was refused, there is no slip.
"""

import msgspec
from aiohttp import web

from edge.core.money.slips import as_text, paid_in_slip
from edge.core.play.commands import CreditAccount
from edge.journal.reading import Reading
from edge.journal.writer import Accepted
from edge.web.answers import Handler, answer, body_of
from edge.web.counter import LONGEST_NAME, Counter, balance_name
from edge.web.money.paper import Paper
from protocol.balance import BalanceFound, BalancesFound, PaidInList, PaidInReply, PayInRequest
from protocol.bill import PrintReply, PrintRequest
from protocol.bill_messages import payment_message
from protocol.errors import Refused, refuse
from protocol.facts.account import COUNTER, Account
from protocol.facts.account import aggregate_of as account_aggregate
from protocol.facts.payment import Payment, PaymentInitiated
from protocol.facts.printout import Slip
from protocol.http import Route
from protocol.table import iso

MOST_FOUND, MOST_LISTED = 12, 30

FIND = Route(
    method="GET",
    path="/api/v1/accounts",
    summary="Balances that the venue knows, by some of their name.",
    response=BalancesFound,
    auth="staff",
    filters=("find",),
    errors=("invalid", "unknown_balance"),
)
PAY_IN = Route(
    method="POST",
    path="/api/v1/accounts/{id}/payments",
    summary="Take money for a guest's balance, in cash or by card, once for a `mid`.",
    request=PayInRequest,
    response=PaidInReply,
    status=201,
    auth="staff",
    errors=(
        *("not_configured", "mid_reused", "wrong_currency", "tendered_short", "method_unavailable"),
        *("no_printer", "unknown_balance", "nothing_due"),
    ),
)
LISTED = Route(
    method="GET",
    path="/api/v1/paid_in",
    summary="What was paid in on balances last, and all cards for them that nobody knows the end of.",
    response=PaidInList,
    auth="staff",
    errors=("not_configured",),
)
ONE = Route(
    method="GET",
    path="/api/v1/paid_in/{payment_pid}",
    summary="What became of money that was paid in, however long ago.",
    response=PaidInReply,
    auth="staff",
    errors=("unknown_payment", "not_configured"),
)
PRINT = Route(
    method="POST",
    path="/api/v1/paid_in/{payment_pid}/print",
    summary="The slip of money that was paid in on paper; the second time it says so.",
    request=PrintRequest,
    response=PrintReply,
    auth="staff",
    errors=("unknown_payment", "not_paid_in", "no_printer", "not_configured"),
)

#: States in which the money came, whatever was handed back of it.
_CAME = ("COMPLETED", "REFUNDED")

_pay_in = msgspec.json.Decoder(PayInRequest)
_print = msgspec.json.Decoder(PrintRequest)


class PayingInDesk:
    """Handlers of the addresses of paying in."""

    def __init__(self, counter: Counter, reading: Reading, paper: Paper) -> None:
        self._counter = counter
        self._reading = reading
        self._paper = paper

    def routes(self) -> list[tuple[Route, Handler]]:
        """Addresses and their handlers."""
        return [
            (FIND, self.find),
            (PAY_IN, self.pay_in),
            (LISTED, self.listed),
            (ONE, self.one),
            (PRINT, self.print),
        ]

    async def find(self, request: web.Request) -> web.Response:
        """`GET /api/v1/accounts`."""
        self._counter.staff(request)
        words = request.query.get("find", "").strip()
        if len(words) > LONGEST_NAME:
            raise Refused(refuse("invalid", f"A name has at most {LONGEST_NAME} letters."))
        if not words.isprintable():
            raise Refused(refuse("unknown_balance", "A balance's name is printable."))
        found = await self._reading.accounts(words, MOST_FOUND) if words else []
        return answer(BalancesFound(tuple(BalanceFound(*each) for each in found)))

    async def pay_in(self, request: web.Request) -> web.Response:
        """`POST /api/v1/accounts/{id}/payments`."""
        by = self._counter.by(request)
        user_id = balance_name(request.match_info["id"])
        body = await body_of(request, _pay_in)
        self._expect(body)
        command = CreditAccount(
            user_id,
            self._counter.stable_id(f"account:{user_id}", body.mid),
            body.amount_minor,
            COUNTER,
            by,
            body.mid,
            body.method,
            body.tendered_minor,
            body.till,
        )
        outcome = await self._counter.do(command)
        payment = self._begun(outcome)
        first = payment.initiated
        asked = (user_id, body.amount_minor, body.method)
        if (first.balance_of, first.amount_minor, first.method) != asked:
            raise Refused(refuse("mid_reused"))
        if body.print and body.method == "CASH" and not outcome.repeated:
            await self._on_paper(payment, by, open_drawer=True)
        return answer(await self._told(payment), 201)

    def _expect(self, body: PayInRequest) -> None:
        """What is known to be wrong before anything is written."""
        currency = self._counter.config().currency
        if body.currency not in (None, currency):
            raise Refused(refuse("wrong_currency", f"This venue takes {currency}."))
        if body.print:
            self._paper.expect_printer()

    async def listed(self, request: web.Request) -> web.Response:
        """`GET /api/v1/paid_in`."""
        self._counter.staff(request)
        self._counter.config()
        pids = await self._reading.paid_in(MOST_LISTED)
        payments = (self._counter.hot.committed(f"payment:{pid}") for pid in pids)
        told = [
            await self._told(each)
            for each in payments
            if isinstance(each, Payment) and each.initiated.balance_of is not None
        ]
        return answer(PaidInList(tuple(told)))

    async def one(self, request: web.Request) -> web.Response:
        """`GET /api/v1/paid_in/{payment_pid}`."""
        self._counter.staff(request)
        return answer(await self._told(self._known(request.match_info["payment_pid"])))

    async def print(self, request: web.Request) -> web.Response:
        """`POST /api/v1/paid_in/{payment_pid}/print`."""
        by = self._counter.by(request)
        body = await body_of(request, _print)
        payment = self._known(request.match_info["payment_pid"])
        if payment.status not in _CAME:
            raise Refused(refuse("not_paid_in"))
        return answer(PrintReply(await self._on_paper(payment, by, body.printer)))

    async def _on_paper(
        self, payment: Payment, by: str, printer: str = "", *, open_drawer: bool = False
    ) -> str:
        slip = self._slip(payment, await self._after_minor(payment))
        slip = msgspec.structs.replace(slip, open_drawer=open_drawer)
        return await self._paper.print("receipt", f"P-{payment.initiated.payment_pid}", slip, by, printer)

    def _begun(self, outcome: Accepted) -> Payment:
        """The payment that a command began; one that only wrote a balance down has begun none."""
        events = (fact.event for fact in outcome.facts)
        pid = next((each.payment_pid for each in events if isinstance(each, PaymentInitiated)), None)
        if pid is None:
            raise Refused(refuse("mid_reused"))
        return self._known(pid)

    def _known(self, payment_pid: str) -> Payment:
        payment = self._counter.hot.committed(f"payment:{payment_pid}")
        if not isinstance(payment, Payment) or payment.initiated.balance_of is None:
            raise Refused(refuse("unknown_payment"))
        return payment

    def _slip(self, payment: Payment, after_minor: int | None) -> Slip:
        return paid_in_slip(payment, after_minor, self._counter.config())

    async def _after_minor(self, payment: Payment) -> int | None:
        first = payment.initiated
        return await self._reading.balance_after(first.balance_of or "", first.payment_pid)

    async def _told(self, payment: Payment) -> PaidInReply:
        user_id = payment.initiated.balance_of or ""
        after_minor = await self._after_minor(payment)
        account = self._counter.hot.committed(account_aggregate(user_id))
        return PaidInReply(
            user_id=user_id,
            payment=payment_message(payment),
            paid_in_at=iso(payment.initiated_ms),
            after_minor=after_minor,
            balance_minor=account.balance_minor if isinstance(account, Account) else 0,
            text=as_text(self._slip(payment, after_minor)) if payment.status in _CAME else "",
        )
