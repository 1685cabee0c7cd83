"""HTTP for what comes from afar and wants somebody: held orders, refund requests, notes of the owner.

An order that came by the cloud during an outage is sent to the kitchen by a person or not at all
(product.md 20). Lists are read from the tables, so they are what is on disk.
"""

import sqlite3
from typing import Any

import msgspec
from aiohttp import web

from edge.core.afar.commands import ReadNote, ReleaseCommand, SettleRefund
from edge.core.orders.pricing import made
from edge.web.answers import Handler, answer, body_of
from edge.web.counter import SERVICE, Counter
from protocol import afar
from protocol.errors import Refusal
from protocol.facts import refund_request
from protocol.facts.menu import MenuBook
from protocol.facts.owner_command import OwnerCommand, aggregate_of
from protocol.facts.refund_request import RefundRequest
from protocol.http import Route
from protocol.instruction import GuestLine, GuestOrder

LIST = Route(
    method="GET",
    path="/api/v1/approvals",
    summary="Orders that wait for a yes, refunds to decide, notes of the owner.",
    response=afar.ApprovalsReply,
    auth="staff",
)
APPROVE = Route(
    method="POST",
    path="/api/v1/approvals/{command_id}",
    summary="Send a held order to the kitchen, or decline it.",
    request=afar.ApproveRequest,
    response=afar.Settled,
    auth="staff",
    errors=("forbidden", "unknown_command", "command_settled"),
)
DECIDE = Route(
    method="POST",
    path="/api/v1/refund_requests/{request_id}",
    summary="Say whether money is given back: managers decide, what the owner decided is carried out.",
    request=afar.DecideRequest,
    response=afar.Settled,
    auth="staff",
    errors=("forbidden", "unknown_request", "request_settled", "refund_too_high", "deposit_pending"),
)
READ = Route(
    method="POST",
    path="/api/v1/notes/{note_id}/read",
    summary="Somebody has read a note of the owner.",
    response=afar.Settled,
    auth="staff",
    errors=("unknown_note",),
)

_approve = msgspec.json.Decoder(afar.ApproveRequest)
_decide = msgspec.json.Decoder(afar.DecideRequest)
_HELD = "SELECT command_id FROM command_outcomes WHERE status = 'HELD' ORDER BY seq LIMIT 200"
_REFUNDS = (
    "SELECT r.request_id, r.about, r.amount_minor, r.reason, r.requested_by, r.requested_ms, p.method, "
    "b.table_name FROM refund_requests r LEFT JOIN payments p ON r.about = 'payment:' || p.payment_pid "
    "LEFT JOIN bills b ON b.session_pid = p.session_pid "
    "WHERE r.status = 'pending' ORDER BY r.requested_ms LIMIT 200"
)
_NOTES = (
    "SELECT note_id, text, left_by, left_ms FROM notes WHERE status = 'unread' ORDER BY left_ms LIMIT 200"
)
_COUNTS = (
    "SELECT (SELECT count(*) FROM command_outcomes WHERE status = 'HELD') + "
    "(SELECT count(*) FROM refund_requests WHERE status = 'pending') + "
    "(SELECT count(*) FROM notes WHERE status = 'unread')"
)


class ApprovalDesk:
    """The handlers, and the count on the staff's screens."""

    def __init__(self, counter: Counter, reader: sqlite3.Connection) -> None:
        self._counter = counter
        self._reader = reader

    def routes(self) -> list[tuple[Route, Handler]]:
        """Addresses and their handlers."""
        return [(LIST, self.list), (APPROVE, self.approve), (DECIDE, self.decide), (READ, self.read)]

    def waiting(self) -> int:
        """How much wants somebody."""
        return int(self._reader.execute(_COUNTS).fetchone()[0])

    async def list(self, request: web.Request) -> web.Response:
        """`GET /api/v1/approvals`."""
        self._counter.anybody(request)
        rows = self._reader.execute
        held = (self._counter.hot.committed(aggregate_of(row[0])) for row in rows(_HELD).fetchall())
        reply = afar.ApprovalsReply(
            tuple(self._held(each) for each in held if isinstance(each, OwnerCommand)),
            tuple(afar.RefundWanted(*row) for row in rows(_REFUNDS).fetchall()),
            tuple(afar.OwnersNote(*row) for row in rows(_NOTES).fetchall()),
            self._counter.config().currency,
        )
        return answer(reply)

    def _held(self, command: OwnerCommand) -> afar.HeldOrder:
        ask = command.taken.ask
        book = self._counter.hot.committed_menu()
        lines = tuple(_line(book, line) for line in ask.lines) if isinstance(ask, GuestOrder) else ()
        table, guest = self._who(ask) if isinstance(ask, GuestOrder) else (None, None)
        return afar.HeldOrder(
            command_id=command.taken.command_id,
            table=table,
            guest=guest,
            lines=lines,
            total_minor=sum(line.qty * (line.price_minor or 0) for line in lines),
            reason=command.message,
            waited_s=command.taken.waited_ms // 1000,
            taken_ms=command.taken_ms,
            word=self._word(ask) if isinstance(ask, GuestOrder) else None,
        )

    def _who(self, ask: GuestOrder) -> tuple[str | None, str | None]:
        """At which table somebody wants to eat, and their name."""
        if ask.seat is not None:
            venue = self._counter.hot.committed_venue()
            table = venue.tables.get(ask.seat.table_code) if venue else None
            return table.name if table else None, ask.seat.name
        session = self._counter.session(ask.session_pid)
        member = session.members.get(ask.member_pid) if session else None
        return session.table_name if session else None, member.name if member else None

    def _word(self, ask: GuestOrder) -> afar.GivenWord | None:
        """Whether who is not at the table yet knows today's pass word."""
        if ask.seat is None:
            return None
        if ask.seat.word_digest is None:
            return "none"
        return "right" if ask.seat.word_digest == self._counter.config().pass_word_hash else "wrong"

    async def approve(self, request: web.Request) -> web.Response:
        """`POST /api/v1/approvals/{command_id}`."""
        staff = self._counter.staff(request, *SERVICE)
        body = await body_of(request, _approve)
        command_id = request.match_info["command_id"]
        await self._counter.do(ReleaseCommand(command_id, body.approve, f"staff:{staff.user}"))
        return answer(afar.Settled(ok=True))

    async def decide(self, request: web.Request) -> web.Response:
        """`POST /api/v1/refund_requests/{request_id}`."""
        request_id = request.match_info["request_id"]
        found = self._counter.hot.committed(refund_request.aggregate_of(request_id))
        ordered = isinstance(found, RefundRequest) and found.requested.about.startswith("payment:")
        staff = self._counter.staff(request, *(SERVICE if ordered else ("manager",)))
        body = await body_of(request, _decide)
        decision: Any = "granted" if body.granted else "declined"
        by, fresh = f"staff:{staff.user}", self._counter.new_id()
        await self._counter.do(SettleRefund(request_id, decision, body.note, by, fresh))
        return answer(afar.Settled(ok=True))

    async def read(self, request: web.Request) -> web.Response:
        """`POST /api/v1/notes/{note_id}/read`."""
        staff = self._counter.anybody(request)
        await self._counter.do(ReadNote(request.match_info["note_id"], f"staff:{staff.user}"))
        return answer(afar.Settled(ok=True))


def _line(book: MenuBook | None, line: GuestLine) -> afar.HeldLine:
    item = book.items.get(line.menu_item) if book else None
    if book is None or item is None:
        return afar.HeldLine(f"dish {line.menu_item}", line.qty, None, line.note, line.takeaway)
    dish = made(book, item, line.modifiers, line.choices)
    price_minor = None if isinstance(dish, Refusal) else dish.price_minor(takeaway=line.takeaway)
    return afar.HeldLine(item.name, line.qty, price_minor, line.note, line.takeaway)
