"""Decisions about who sits where: looking after a table, moving its guests, putting tables together, parting.

A table session keeps its facts wherever its guests sit. Moving changes its table. Merging ends it and brings
members, cart and bill to another session; parting brings some of them. Members keep their tokens: the same
phone goes on under another session. A cart that an order holds is left alone, and so is a bill with money on
its way. The kitchen is told, or the food would go to the old table.
"""

from collections.abc import Iterable

import msgspec

from edge.core.clock import Now
from edge.core.money import bill as bills
from edge.core.orders import cart as carts
from edge.core.tables.commands import AttendTable, MergeTables, MoveTable, SplitTable
from edge.core.tables.table import MOST_MEMBERS, aggregate_of
from edge.core.view import Proposal, VenueView
from protocol.errors import Refusal, refuse
from protocol.facts.bill import Bill
from protocol.facts.bill_events import BillMerged, LinesCharged, LinesMoved
from protocol.facts.cart import CartItem, ItemAdded, ItemRemoved
from protocol.facts.table import (
    Member,
    MemberJoined,
    PassValidated,
    TableMerged,
    TableMoved,
    TableOpened,
    TableSession,
    TableSplit,
)
from protocol.facts.ticket import OPEN_STATES, TicketRedirected
from protocol.facts.ticket import aggregate_of as ticket_aggregate


def attend(view: VenueView, command: AttendTable, _now: Now) -> list[Proposal] | Refusal:
    """Open the table if nobody sits there; whoever opens it vouches for the guests. Twice changes nothing."""
    venue = view.venue()
    if venue is None:
        return refuse("not_configured")
    table = venue.tables.get(command.table_code)
    if table is None:
        return refuse("unknown_table")
    present = view.open_session_at(command.table_code)
    session = view.table(present) if present else None
    session_pid = session.session_pid if session else command.session_pid
    aggregate, proposals = aggregate_of(session_pid), list[Proposal]()
    if session is None:
        proposals.append((aggregate, TableOpened(session_pid, table.code, table.name)))
    if command.seat and (session is None or command.by not in session.members):
        proposals.append((aggregate, MemberJoined(command.by, command.name, "")))
    if session is None or not session.pass_validated:
        proposals.append((aggregate, PassValidated(command.by)))
    return proposals


def _open_session(view: VenueView, session_pid: str) -> TableSession | Refusal:
    """A session whose guests can get up now."""
    session = view.table(session_pid)
    if session is None:
        return refuse("unknown_session")
    if session.status != "open":
        return refuse("session_closed")
    cart = view.cart(session_pid)
    return refuse("order_in_progress") if cart is not None and cart.lock is not None else session


def move(view: VenueView, command: MoveTable, _now: Now) -> list[Proposal] | Refusal:
    """To a free table, everything with them."""
    session, venue = _open_session(view, command.session_pid), view.venue()
    if isinstance(session, Refusal):
        return session
    table = venue.tables.get(command.table_code) if venue else None
    if table is None:
        return refuse("unknown_table")
    if table.code == session.table_code:
        return []
    if view.open_session_at(table.code) is not None:
        return refuse("table_taken")
    moved: Proposal = (aggregate_of(session.session_pid), TableMoved(table.code, table.name))
    return [moved, *_redirected(view, session.session_pid, table.name)]


def _redirected(view: VenueView, session_pid: str, table_name: str) -> list[Proposal]:
    """Tell the kitchen where the guests of its open tickets sit now."""
    redirected: list[Proposal] = []
    for order in map(view.order, view.orders_of(session_pid)):
        for name, station in order.tickets() if order else ():
            ticket = view.ticket(name, station)
            if ticket is not None and ticket.state in OPEN_STATES:
                aggregate = ticket_aggregate(name, station)
                redirected.append((aggregate, TicketRedirected(table_name)))
    return redirected


def merge(view: VenueView, command: MergeTables, now: Now) -> list[Proposal] | Refusal:
    """One session of two: members, cart and bill come over, and the old one ends."""
    session, into = _open_session(view, command.session_pid), _open_session(view, command.into)
    for each in (session, into):
        if isinstance(each, Refusal):
            return each
    assert isinstance(session, TableSession)
    assert isinstance(into, TableSession)
    if session.session_pid == into.session_pid:
        return refuse("invalid", "That is the same table.")
    bill = view.bill(session.session_pid)
    refused = _too_many(view, session, into, session.members) or _not_yet_movable(bill)
    if refused is not None:
        return refused
    ended: Proposal = (aggregate_of(session.session_pid), TableMerged(into.session_pid))
    return [
        ended,
        *_seated(session, session.members.values(), into, into.session_pid, command.by),
        *_carried(view, session.session_pid, into.session_pid, _live(view, session.session_pid)),
        *_merged_bill(view, bill, into, now),
        *_redirected(view, session.session_pid, into.table_name),
    ]


def _too_many(
    view: VenueView, session: TableSession, into: TableSession, members: Iterable[str]
) -> Refusal | None:
    joining = set(members).difference(into.members)
    if len(into.members) + len(joining) > MOST_MEMBERS:
        return refuse("rate_limited", "There are too many people for one table.")
    lines = [*_live(view, into.session_pid), *_live(view, session.session_pid)]
    return refuse("cart_full") if len(lines) > carts.MOST_LINES else None


def _not_yet_movable(bill: Bill | None) -> Refusal | None:
    """Why a bill cannot go over to another table as a whole."""
    if bill is None or bill.status != "open":
        return None
    if bill.held_minor:
        return refuse("payment_under_way")
    shared = any(each.share is not None and each.state == "settled" for each in bill.payments.values())
    return refuse("bill_part_paid") if shared or bill.receipts else None


def _live(view: VenueView, session_pid: str) -> list[CartItem]:
    cart = view.cart(session_pid)
    return cart.live() if cart else []


def _seated(
    session: TableSession, members: Iterable[Member], there: TableSession | None, to: str, by: str
) -> list[Proposal]:
    """Members sit down under the tokens that they have; the first guest is host where there is none."""
    aggregate, host = aggregate_of(to), there.host if there else None
    proposals: list[Proposal] = []
    for member in members:
        if there is None or member.member_pid not in there.members:
            leads = host is None and member.token_digest != ""
            host = member if leads else host
            event = MemberJoined(member.member_pid, member.name, member.token_digest, host=leads)
            proposals.append((aggregate, event))
    if session.pass_validated and not (there is not None and there.pass_validated):
        proposals.append((aggregate, PassValidated(by)))
    return proposals


def _carried(view: VenueView, session_pid: str, to: str, own: list[CartItem]) -> list[Proposal]:
    """Lines leave one cart and come into another, at the price at which they were added."""
    here, there = carts.aggregate_of(session_pid), carts.aggregate_of(to)
    first_id = view.next_item_id
    return [
        *((here, ItemRemoved(item.id, item.version + 1)) for item in own),
        *(
            (there, ItemAdded(msgspec.structs.replace(item, id=item_id, version=1)))
            for item_id, item in enumerate(own, first_id)
        ),
    ]


def _merged_bill(view: VenueView, bill: Bill | None, into: TableSession, now: Now) -> list[Proposal]:
    """Everything on a bill goes to another; a settled one stays as it is."""
    if bill is None or bill.status != "open" or not bill.lines:
        return []
    lines = tuple(line for line in bill.lines.values() if line.moved_to is None)
    payments = {pid: each for pid, each in bill.payments.items() if each.state == "settled"}
    charged = LinesCharged(lines, bill.session_pid, payments)
    merged: Proposal = (bills.aggregate_of(bill.session_pid), BillMerged(into.session_pid))
    return [merged, *bills.charge(view, into.session_pid, into.table_name, charged, now)]


def split(view: VenueView, command: SplitTable, now: Now) -> list[Proposal] | Refusal:
    """Some get up, and what they ordered goes with them."""
    session, venue = _open_session(view, command.session_pid), view.venue()
    if isinstance(session, Refusal):
        return session
    table = venue.tables.get(command.table_code) if venue else None
    if table is None or table.code == session.table_code:
        return refuse("unknown_table", "Name another table.")
    members, lines = _leaving(view, session, command)
    if not set(members) <= set(session.members):
        return refuse("unknown_member")
    present = view.open_session_at(table.code)
    there = view.table(present) if present else None
    to = there.session_pid if there else command.to
    refused = _cannot_part(view, session, there, members, lines)
    if refused is not None:
        return refused
    own = [item for item in _live(view, session.session_pid) if item.member in members]
    opened: Proposal = (aggregate_of(to), TableOpened(to, table.code, table.name))
    return [
        (aggregate_of(session.session_pid), TableSplit(to, members, _next_host(session, members))),
        *([] if there else [opened]),
        *_seated(session, (session.members[pid] for pid in members), there, to, command.by),
        *_carried(view, session.session_pid, to, own),
        *_parted_bill(view, session.session_pid, lines, to, table.name, now),
    ]


def _leaving(
    view: VenueView, session: TableSession, command: SplitTable
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Who goes, and which lines of the bill: those that were named, or what they ordered."""
    members = tuple(dict.fromkeys(command.members))
    bill = view.bill(session.session_pid)
    here = [line for line in bill.lines.values() if line.moved_to is None] if bill else []
    own = tuple(line.id for line in here if line.member in members)
    return members, own if command.lines is None else tuple(dict.fromkeys(command.lines))


def _cannot_part(
    view: VenueView,
    session: TableSession,
    there: TableSession | None,
    members: tuple[str, ...],
    lines: tuple[str, ...],
) -> Refusal | None:
    if not members and not lines:
        return refuse("invalid", "Say who goes, or which lines of the bill.")
    cart = view.cart(there.session_pid) if there else None
    if cart is not None and cart.lock is not None:
        return refuse("order_in_progress")
    if there is not None and (refused := _too_many(view, session, there, members)) is not None:
        return refused
    bill = view.bill(session.session_pid)
    here = {name for name, line in bill.lines.items() if line.moved_to is None} if bill else set()
    if not set(lines) <= here:
        return refuse("unknown_line")
    if bill is not None and lines and (bill.held_minor or bill.paid_minor or bill.receipts):
        return refuse("bill_part_paid")
    return None


def _next_host(session: TableSession, members: tuple[str, ...]) -> str | None:
    """Who leads the table when the host is among those who go: whoever has been there the longest."""
    host = session.host
    if host is None or host.member_pid not in members:
        return None
    staying = (each for each in session.members.values() if each.member_pid not in members)
    return next((each.member_pid for each in staying if each.token_digest), None)


def _parted_bill(
    view: VenueView, session_pid: str, lines: tuple[str, ...], to: str, table_name: str, now: Now
) -> list[Proposal]:
    bill = view.bill(session_pid)
    if bill is None or not lines:
        return []
    charged = LinesCharged(tuple(bill.lines[name] for name in lines), session_pid)
    moved: Proposal = (bills.aggregate_of(session_pid), LinesMoved(lines, to))
    return [moved, *bills.charge(view, to, table_name, charged, now)]
