"""HTTP for cards that the venue's own terminal stored while nothing could be asked (product.md 18).

Whether the cloud is away is the box's own knowledge and never the caller's word. What goes beyond a limit
carries a manager's PIN in the same request, as everything that costs money. Counterpart:
`edge/core/money/stored_cards.py` decides.
"""

import sqlite3
from typing import Protocol

import msgspec
from aiohttp import web

from edge.core.money.commands import SettleStoredCard, StoreCard
from edge.core.money.stored_cards import cut_off_s, standing
from edge.web.answers import Handler, answer, body_of
from edge.web.counter import Counter
from edge.web.staff.pins import Pins
from protocol.bill import PaymentMessage
from protocol.bill_messages import payment_message
from protocol.card import (
    StoredCardRow,
    StoredCardsReply,
    StoredSettled,
    StoredSettleRequest,
    StoreRequest,
)
from protocol.errors import Refused, refuse
from protocol.facts.payment import Payment
from protocol.facts.terminal import AGGREGATE, Terminal
from protocol.http import Route

STORE = Route(
    method="POST",
    path="/api/v1/payments/{payment_pid}/stored",
    summary="The venue's terminal has stored this card payment, because nothing could be asked.",
    request=StoreRequest,
    response=PaymentMessage,
    status=201,
    auth="staff",
    errors=(
        *("unknown_payment", "payment_final", "payment_online", "method_unavailable", "not_configured"),
        *("offline_cards_off", "cloud_reachable", "over_offline_limit", "wrong_pin", "mid_reused"),
    ),
)
LIST = Route(
    method="GET",
    path="/api/v1/stored_cards",
    summary="Stored cards of which nobody knows the end, and whether one more may be stored.",
    response=StoredCardsReply,
    auth="staff",
    errors=("not_configured",),
)
SETTLE = Route(
    method="POST",
    path="/api/v1/stored_cards/{payment_pid}",
    summary="The terminal has sent a stored card, or it was declined and the bill is owed again.",
    request=StoredSettleRequest,
    response=StoredSettled,
    auth="staff",
    errors=("unknown_payment", "payment_final"),
)

_store = msgspec.json.Decoder(StoreRequest)
_settle = msgspec.json.Decoder(StoredSettleRequest)
_UNSENT = """
    SELECT s.payment_pid, p.session_pid, coalesce(b.table_name, ''), s.amount_minor, s.over_limits, s.reason,
        s.approved_by, s.stored_by, s.stored_ms
    FROM stored_cards s JOIN payments p USING (payment_pid)
    LEFT JOIN bills b ON b.session_pid = p.session_pid
    WHERE s.status = 'unsent' ORDER BY s.stored_ms LIMIT 500
"""


class Away(Protocol):
    """How long the cloud has not been heard: `edge/effects/afar/cut_off.py`."""

    def seconds(self) -> float | None: ...

    @property
    def heard_since(self) -> bool: ...


class StoredDesk:
    """The handlers and what they need."""

    def __init__(self, counter: Counter, pins: Pins, cut_off: Away, reader: sqlite3.Connection) -> None:
        self._counter = counter
        self._pins = pins
        self._cut_off = cut_off
        self._reader = reader

    def routes(self) -> list[tuple[Route, Handler]]:
        """Addresses and their handlers."""
        return [(STORE, self.store), (LIST, self.list), (SETTLE, self.settle)]

    async def store(self, request: web.Request) -> web.Response:
        """`POST /api/v1/payments/{payment_pid}/stored`."""
        by = self._counter.by(request)
        body = await body_of(request, _store)
        approved_by = ""
        if body.approval is not None:
            approved_by = await self._pins.approver(body.approval, request.remote)
            if not body.reason.strip():
                raise Refused(refuse("invalid", "Say why."))
        command = StoreCard(
            payment_pid=request.match_info["payment_pid"],
            by=by,
            shift_pid=self._counter.new_id(),
            cut_off_s=self._cut_off.seconds(),
            heard_since=self._cut_off.heard_since,
            reference=body.reference,
            reason=body.reason.strip(),
            approved_by=approved_by,
            mid=body.mid,
        )
        await self._counter.do(command)
        return answer(payment_message(self._payment(command.payment_pid)), 201)

    async def list(self, request: web.Request) -> web.Response:
        """`GET /api/v1/stored_cards`."""
        self._counter.staff(request)
        rules, stands = self._counter.config().offline_cards, standing(self._terminal())
        cut_off = self._cut_off
        away_s = cut_off_s(self._terminal(), cut_off.seconds(), cut_off.heard_since, self._counter.clock())
        rows = self._reader.execute(_UNSENT).fetchall()
        reply = StoredCardsReply(
            allowed=rules.allowed,
            cut_off_s=None if away_s is None else int(away_s),
            unsent=stands.unsent,
            unsent_minor=stands.unsent_minor,
            most_minor=rules.most_minor,
            most_unsent_minor=rules.most_unsent_minor,
            most_hours=rules.most_hours,
            currency=self._counter.config().currency,
            cards=tuple(
                StoredCardRow(pid, session_pid, place, minor, tuple(filter(None, over.split(","))), *told)
                for pid, session_pid, place, minor, over, *told in rows
            ),
        )
        return answer(reply)

    async def settle(self, request: web.Request) -> web.Response:
        """`POST /api/v1/stored_cards/{payment_pid}`."""
        by = self._counter.by(request)
        body = await body_of(request, _settle)
        command = SettleStoredCard(
            payment_pid=request.match_info["payment_pid"],
            sent=body.sent,
            reason=body.reason.strip() or "the card was declined",
            by=by,
            shift_pid=self._counter.new_id(),
            cut_off_s=self._cut_off.seconds(),
            heard_since=self._cut_off.heard_since,
        )
        await self._counter.do(command)
        stands = standing(self._terminal())
        owed = None if body.sent else self._payment(command.payment_pid).initiated.session_pid
        return answer(StoredSettled(stands.unsent, stands.unsent_minor, owed))

    def _terminal(self) -> Terminal | None:
        state = self._counter.hot.committed(AGGREGATE)
        return state if isinstance(state, Terminal) else None

    def _payment(self, payment_pid: str) -> Payment:
        payment = self._counter.hot.committed(f"payment:{payment_pid}")
        if not isinstance(payment, Payment):
            raise Refused(refuse("unknown_payment"))
        return payment
