"""The dashboard's *Money*: balances of the ledger, card payments, refunds, payouts, and where books differ.

Rule of the file: looking is done behind the wall (`on_behalf_of`). A refund is written into the audit with
the role of whoever gave the money back before the provider is asked. What was paid at a venue is given back
there, because the venue's box writes its bills; the money then returns to the card by itself.
"""

from typing import Annotated, Literal

import asyncpg
import msgspec
from aiohttp import web

from cloud.owners.people import roles
from cloud.owners.people.login import Logins
from cloud.payments.cards import Cards
from cloud.payments.gateway import ProviderSilent
from cloud.payments.reconciling import Reconciling
from cloud.payments.refunding import Refunding, RefundWanted
from cloud.payments.wrong_money import WrongMoney
from cloud.store import venues
from cloud.store.money import books as money
from cloud.store.money.books import Balance, Difference, PaymentRow, PayoutRow, RefundRow
from cloud.store.people.logins import Login
from cloud.store.tenancy import on_behalf_of
from cloud.web.answers import Handler, answer, body_of
from protocol.errors import Refused, refuse
from protocol.http import Route

PAGE = 50
_MOST_LISTED = 100
#: Payments that a venue's box has on a bill.
AT_VENUES = "venue"

_Mid = Annotated[str, msgspec.Meta(min_length=8, max_length=36, pattern=r"^[A-Za-z0-9_.-]+$")]
_Amount = Annotated[int, msgspec.Meta(ge=1, le=10**9)]
_Reason = Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=r"^[^\x00]+$")]


class MoneyAnswer(msgspec.Struct, frozen=True):
    """The whole picture. `cards` tells whether this cloud takes cards at all.

    Whoever is bound to some venues sees their payments; balances and payouts are the whole organisation's.
    """

    cards: bool
    balances: list[Balance]
    differences: list[Difference]
    payouts: list[PayoutRow]
    refunds: list[RefundRow]


class PaymentsAnswer(msgspec.Struct, frozen=True):
    """A page, newest first; ask for the next with `before`."""

    payments: list[PaymentRow]
    next: int | None


class RefundRequest(msgspec.Struct, frozen=True):
    """Give back some, or all that is left; once by its `mid`."""

    mid: _Mid
    reason: _Reason
    amount_minor: _Amount | None = None


class RefundAnswer(msgspec.Struct, frozen=True):
    """How far it is: COMPLETED, PENDING, UNKNOWN or FAILED."""

    refund_id: str
    status: str
    amount_minor: int
    failure: str


class DecisionRequest(msgspec.Struct, frozen=True):
    """What is done about money of a wrong amount, and why; once by its `mid`."""

    mid: _Mid
    decision: Literal["accept", "give_back"]
    reason: _Reason


class DecisionAnswer(msgspec.Struct, frozen=True):
    """How the payment is now, and the refund where there is one."""

    status: str
    refund_status: str | None


MONEY = Route(
    method="GET",
    path="/api/money",
    summary="Balances, payouts, refunds, and differences between our books and the provider's.",
    response=MoneyAnswer,
    auth="owner",
    roles=roles.BOOKKEEPERS,
    scope="reports:read",
)
PAYMENTS = Route(
    method="GET",
    path="/api/money/payments",
    summary="Card payments, newest first.",
    response=PaymentsAnswer,
    filters=("before",),
    auth="owner",
    roles=roles.BOOKKEEPERS,
    scope="reports:read",
)
REFUND = Route(
    method="POST",
    path="/api/money/payments/{payment_id}/refunds",
    summary="Give back a card payment that is not on a venue's bill.",
    request=RefundRequest,
    response=RefundAnswer,
    status=201,
    auth="owner",
    roles=roles.RUNNERS,
    errors=("unknown_payment", "refund_too_high", "refund_at_venue", "method_unavailable", "mid_reused"),
)
DECIDE = Route(
    method="POST",
    path="/api/money/payments/{payment_id}/decision",
    summary="Accept a card payment of another amount than was asked for, or give all of it back.",
    request=DecisionRequest,
    response=DecisionAnswer,
    auth="owner",
    roles=roles.RUNNERS,
    errors=("unknown_payment", "payment_final", "wrong_currency", "method_unavailable"),
)
RECONCILE = Route(
    method="POST",
    path="/api/money/reconcile",
    summary="Read the provider's books now.",
    response=MoneyAnswer,
    auth="owner",
    whole=True,
    roles=roles.BOOKKEEPERS,
    errors=("method_unavailable", "provider_silent"),
)

_refund = msgspec.json.Decoder(RefundRequest)
_decision = msgspec.json.Decoder(DecisionRequest)


class MoneyDesk:
    """The handlers and what they need."""

    def __init__(
        self,
        pool: asyncpg.Pool,
        logins: Logins,
        cards: Cards,
        refunding: Refunding,
        reconciling: Reconciling,
    ) -> None:
        self._pool = pool
        self._logins = logins
        self._cards = cards
        self._refunding = refunding
        self._wrong = WrongMoney(cards, refunding)
        self._reconciling = reconciling

    def routes(self) -> list[tuple[Route, Handler]]:
        """Addresses and their handlers."""
        return [
            (MONEY, self.money),
            (PAYMENTS, self.payments),
            (REFUND, self.refund),
            (DECIDE, self.decide),
            (RECONCILE, self.reconcile),
        ]

    async def money(self, request: web.Request) -> web.Response:
        """`GET /api/money`."""
        login = await self._logins.require(request)
        return answer(await self._picture(login))

    async def _picture(self, login: Login) -> MoneyAnswer:
        organisation_id = login.organisation_id
        async with on_behalf_of(self._pool, login) as connection:
            return MoneyAnswer(
                cards=self._cards.available,
                balances=await money.balances(connection, organisation_id),
                differences=await money.differences(connection, organisation_id),
                payouts=await money.payouts(connection, organisation_id, _MOST_LISTED),
                refunds=await money.refunds(connection, organisation_id, _MOST_LISTED),
            )

    async def payments(self, request: web.Request) -> web.Response:
        """`GET /api/money/payments`."""
        login = await self._logins.require(request)
        before = before_of(request)
        async with on_behalf_of(self._pool, login) as connection:
            found = await money.payments(connection, login.organisation_id, before, PAGE)
        return answer(PaymentsAnswer(found, found[-1].place if len(found) == PAGE else None))

    async def refund(self, request: web.Request) -> web.Response:
        """`POST /api/money/payments/{payment_id}/refunds`."""
        login = await self._logins.require(request)
        body = await body_of(request, _refund)
        payment_id = request.match_info["payment_id"]
        payment = await self._cards.find(login.organisation_id, payment_id)
        if not await self._within_reach(login, payment.venue_id):
            raise Refused(refuse("unknown_payment"))
        if payment.purpose == AT_VENUES:
            raise Refused(refuse("refund_at_venue"))
        wanted = RefundWanted(
            login.organisation_id,
            f"{payment_id}:{body.mid}",
            payment_id,
            body.amount_minor,
            body.reason,
            login.email,
            login.role,
        )
        async with on_behalf_of(self._pool, login) as connection:
            await self._logins.witness(
                connection,
                request,
                login,
                "card refund asked for",
                venue_id=payment.venue_id,
                after={"payment_id": payment_id, "role": login.role, **msgspec.structs.asdict(body)},
            )
        refund = await self._refunding.give_back(wanted)
        return answer(RefundAnswer(refund.refund_id, refund.status, refund.amount_minor, refund.failure), 201)

    async def decide(self, request: web.Request) -> web.Response:
        """`POST /api/money/payments/{payment_id}/decision`."""
        login = await self._logins.require(request)
        body = await body_of(request, _decision)
        organisation_id, payment_id = login.organisation_id, request.match_info["payment_id"]
        payment = await self._cards.find(organisation_id, payment_id)
        if not await self._within_reach(login, payment.venue_id):
            raise Refused(refuse("unknown_payment"))
        async with on_behalf_of(self._pool, login) as connection:
            await self._logins.witness(
                connection,
                request,
                login,
                "wrong amount decided",
                venue_id=payment.venue_id,
                before={"payment_id": payment_id, "trouble": payment.trouble, "status": payment.status},
                after={"role": login.role, **msgspec.structs.asdict(body)},
            )
        if body.decision == "accept":
            accepted = await self._wrong.accept(organisation_id, payment_id)
            return answer(DecisionAnswer(accepted.status, None))
        refund_id = f"{payment_id}:{body.mid}"
        wanted = RefundWanted(
            organisation_id, refund_id, payment_id, None, body.reason, login.email, login.role
        )
        refund = await self._wrong.give_back(wanted)
        return answer(DecisionAnswer("FAILED", refund.status))

    async def _within_reach(self, login: Login, venue_id: str | None) -> bool:
        if login.reach is None:
            return True
        return venue_id is not None and await venues.reaches(self._pool, login, venue_id)

    async def reconcile(self, request: web.Request) -> web.Response:
        """`POST /api/money/reconcile`."""
        login = await self._logins.require(request)
        try:
            await self._reconciling.once()
        except ProviderSilent as error:
            raise Refused(refuse("provider_silent")) from error
        return answer(await self._picture(login))


def before_of(request: web.Request) -> int | None:
    """The place before which a page begins. Raises `Refused`."""
    text = request.query.get("before")
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) < 18):
        raise Refused(refuse("invalid", "`before` is a number, as `next` says."))
    return int(text)
