"""HTTP for paying online: guests on their own phones, staff for a guest who scans a code.

A guest who has paid comes back to the table's page, which asks here how far it is; so does the staff's page.
Whoever closes the phone instead changes nothing: the provider's word comes down the stream as well.
"""

from urllib.parse import quote

import msgspec
import segno
from aiohttp import web

from edge.core.money.commands import TakePayment
from edge.web.answers import Handler, answer, body_of
from edge.web.counter import Counter
from edge.web.guests.desk import session_pid_of
from edge.web.money.online_payments import CARD, OnlinePayments
from edge.web.throttle import Throttle
from edge.web.tokens import Tokens
from protocol.card import OnlinePayment, PayOnlineRequest
from protocol.errors import Refused, refuse
from protocol.facts.bill import Bill
from protocol.facts.payment import PaymentInitiated
from protocol.facts.play import PlaySession
from protocol.http import Route

_GUEST = ("unknown_session", "session_closed", "not_authorised", "rate_limited")
#: Payments that a member may begin within a minute; each one asks the provider.
MOST_BEGUN, WITHIN_S = 10, 60.0

PAY = Route(
    method="POST",
    path="/bill/pay",
    summary="Pay the table's bill, or some of it, by card on the guest's own phone.",
    request=PayOnlineRequest,
    response=OnlinePayment,
    status=201,
    auth="guest",
    errors=(
        *_GUEST,
        *("cloud_away", "unknown_bill", "bill_merged", "unknown_share", "overpays", "nothing_due"),
        *("method_unavailable", "not_configured", "mid_reused", "unknown_payment"),
    ),
)
LOOK = Route(
    method="GET",
    path="/bill/pay/{payment_pid}",
    summary="How far a guest's payment is, asked of the provider.",
    response=OnlinePayment,
    query=("session_pid",),
    auth="guest",
    errors=(*_GUEST, "unknown_payment"),
)
ONLINE = Route(
    method="POST",
    path="/api/v1/payments/{payment_pid}/online",
    summary="Have a card payment that was begun paid on the provider's page.",
    response=OnlinePayment,
    auth="staff",
    errors=("unknown_payment", "cloud_away", "method_unavailable", "payment_final"),
)
ASK = Route(
    method="GET",
    path="/api/v1/payments/{payment_pid}/online",
    summary="How far a card payment is, asked of the provider.",
    response=OnlinePayment,
    auth="staff",
    errors=("unknown_payment",),
)
CANCEL = Route(
    method="DELETE",
    path="/api/v1/payments/{payment_pid}/online",
    summary="Call a card payment off, unless it was paid meanwhile.",
    response=OnlinePayment,
    auth="staff",
    errors=("unknown_payment", "cloud_away"),
)

_pay = msgspec.json.Decoder(PayOnlineRequest)


class CardDesk:
    """Handlers of the addresses of paying online. `home` is how phones reach the box, where that is known."""

    def __init__(
        self,
        counter: Counter,
        tokens: Tokens,
        online: OnlinePayments,
        throttle: Throttle,
        home: str | None,
    ) -> None:
        self._counter = counter
        self._tokens = tokens
        self._online = online
        self._throttle = throttle
        self._home = home

    def routes(self) -> list[tuple[Route, Handler]]:
        """Addresses and their handlers."""
        return [
            (PAY, self.pay),
            (LOOK, self.look),
            (ONLINE, self.open),
            (ASK, self.ask),
            (CANCEL, self.cancel),
        ]

    async def pay(self, request: web.Request) -> web.Response:
        """`POST /bill/pay`."""
        body = await body_of(request, _pay)
        guest = self._tokens.guest(request, body.session_pid)
        by = f"member:{guest.member.member_pid}"
        self._throttle.check(by)
        self._throttle.failed(by)
        self._online.check()
        command = TakePayment(
            session_pid=body.session_pid,
            payment_pid=self._counter.new_id(),
            method=CARD,
            by=by,
            shift_pid=self._counter.new_id(),
            amount_minor=body.amount_minor,
            tip_minor=body.tip_minor,
            share=body.share,
            mid=body.mid,
        )
        outcome = await self._counter.do(command)
        events = (fact.event for fact in outcome.facts)
        pid = next(event.payment_pid for event in events if isinstance(event, PaymentInitiated))
        return answer(await self._opened(request, pid, by), 201)

    async def look(self, request: web.Request) -> web.Response:
        """`GET /bill/pay/{payment_pid}`."""
        session_pid = session_pid_of(request)
        guest = self._tokens.guest(request, session_pid)
        pid = request.match_info["payment_pid"]
        if self._online.known(pid).initiated.session_pid != session_pid:
            raise Refused(refuse("unknown_payment"))
        by = f"member:{guest.member.member_pid}"
        return answer(await self._online.look(pid, self._back(request, pid), by))

    async def open(self, request: web.Request) -> web.Response:
        """`POST /api/v1/payments/{payment_pid}/online`."""
        by = self._counter.by(request)
        return answer(_pictured(await self._opened(request, request.match_info["payment_pid"], by)))

    async def ask(self, request: web.Request) -> web.Response:
        """`GET /api/v1/payments/{payment_pid}/online`."""
        by, pid = self._counter.by(request), request.match_info["payment_pid"]
        return answer(_pictured(await self._online.look(pid, self._back(request, pid), by)))

    async def cancel(self, request: web.Request) -> web.Response:
        """`DELETE /api/v1/payments/{payment_pid}/online`."""
        by, pid = self._counter.by(request), request.match_info["payment_pid"]
        return answer(await self._online.cancel(pid, self._back(request, pid), by))

    async def _opened(self, request: web.Request, pid: str, by: str) -> OnlinePayment:
        session_pid = self._online.known(pid).initiated.session_pid or ""
        place = self._place(session_pid)
        words = f"{self._counter.config().name}{place}"[:200]
        return await self._online.open(pid, words, self._back(request, pid), by)

    def _place(self, session_pid: str) -> str:
        """The table, or the station that is played on, as it stands on the payment page."""
        bill = self._counter.hot.committed(f"bill:{session_pid}")
        play = self._counter.hot.committed(f"play:{session_pid}")
        if isinstance(play, PlaySession):
            station = self._counter.config().play.station(play.station_id)
            return f", {station.name if station else play.station_id}"
        return f", {bill.table_name}" if isinstance(bill, Bill) else ""

    def _back(self, request: web.Request, pid: str) -> str:
        """The table's page as this guest reaches it; without a table, the box's own front page."""
        owner = self._online.known(pid).initiated.session_pid or ""
        play = self._counter.hot.committed(f"play:{owner}")
        seat = play.ordered.table_session if isinstance(play, PlaySession) else owner
        session = self._counter.session(seat or "")
        staff_asks = request.path.startswith("/api/")
        origin = self._home if staff_asks and self._home else f"{request.scheme}://{request.host}"
        if session is None:
            return f"{origin}/"[:500]
        return f"{origin}/t/{quote(session.table_code, safe='')}?paid={pid}"[:500]


def _pictured(payment: OnlinePayment) -> OnlinePayment:
    """With the page's address for a camera."""
    if payment.url is None:
        return payment
    image = segno.make(payment.url, error="m").svg_data_uri(scale=6, border=2)
    return msgspec.structs.replace(payment, code_image=image)
