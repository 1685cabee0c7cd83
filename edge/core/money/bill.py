"""Decisions about bills: what is charged, what is taken off again and with whose word, how it is shared.

A confirmed order is charged by `charges`, whichever command confirmed it, so no way of ordering can forget
the bill. Play time is charged through `charge` with lines of its own source. What takes something off needs
a manager; whether the PIN was right is checked before it comes here, the role is checked here.

Counterparts: `receipts.py` concludes a bill, `payment.py` pays it.
"""

from edge.core.clock import Now
from edge.core.money import receipts, shift
from edge.core.money.charging import order_lines, pieces_of
from edge.core.money.commands import ChangeService, CompLine, GiveDiscount, SplitBill, VoidLine
from edge.core.view import Proposal, VenueView
from protocol.errors import Refusal, refuse
from protocol.facts.bill import Bill, taken_off
from protocol.facts.bill_events import (
    BillLine,
    BillOpened,
    BillSplit,
    DiscountGiven,
    LineComped,
    LinesCharged,
    LineVoided,
    ServiceChanged,
    Share,
)
from protocol.facts.order import OrderConfirmed, OrderPlaced
from protocol.facts.shift import AdjustmentCounted
from protocol.facts.stock import StockReturned
from protocol.taxes import WHOLE_BP, allocate, half_up

#: Shares of one bill; more people do not sit at a table.
MOST_SHARES = 40


def aggregate_of(session_pid: str) -> str:
    """`bill:{session_pid}`."""
    return f"bill:{session_pid}"


def charges(view: VenueView, proposals: list[Proposal], now: Now) -> list[Proposal]:
    """What the orders that `proposals` confirm put on their bills."""
    placed = {aggregate: event for aggregate, event in proposals if isinstance(event, OrderPlaced)}
    charged: list[Proposal] = []
    for aggregate, event in proposals:
        if isinstance(event, OrderConfirmed):
            earlier = view.order(aggregate.partition(":")[2])
            order = placed.get(aggregate) or (earlier.placed if earlier else None)
            if order is not None:
                lines = LinesCharged(tuple(_order_lines(view, order)))
                charged += charge(view, order.session_pid, order.table_name, lines, now)
    return charged


def charge(
    view: VenueView, session_pid: str, table_name: str, event: LinesCharged, now: Now
) -> list[Proposal]:
    """Put lines on the bill of a table session, or on the one that has taken it over."""
    payer, venue = paying(view, session_pid), view.venue()
    bill, aggregate = view.bill(payer), aggregate_of(payer)
    if venue is None:
        return []
    if bill is None:
        opened = BillOpened(payer, table_name, venue.config.currency)
        return [(aggregate, opened), (aggregate, event)]
    till = shift.Till(
        shift.MAIN, f"{payer}-{bill.version}"
    )  # a bill that was overpaid may be settled by this
    return receipts.conclude(view, bill, [event], till, now)


def paying(view: VenueView, session_pid: str) -> str:
    """The session whose bill pays for this one: itself, unless it was put together with another.

    What a deposit paid for a booking is on the bill of the play session that used it.
    """
    booking = view.booking(session_pid)
    if booking is not None and booking.deposit == "used" and booking.session_id:
        return paying(view, booking.session_id)
    session, bill = view.table(session_pid), view.bill(session_pid)
    into = (session.merged_into if session else None) or (bill.merged_into if bill else None)
    return paying(view, into) if into else session_pid


def _order_lines(view: VenueView, order: OrderPlaced) -> list[BillLine]:
    venue = view.venue()
    inclusive = venue.config.tax_inclusive if venue else True
    return [charged for line in order.lines for charged in order_lines(order.order_id, line, inclusive)]


def found(view: VenueView, session_pid: str) -> Bill | Refusal:
    """A bill that can still change."""
    bill = view.bill(session_pid)
    if bill is None:
        return refuse("unknown_bill")
    if bill.status == "merged":
        return refuse("bill_merged", detail={"session_pid": bill.merged_into})
    return bill


def unapproved(view: VenueView, user: str) -> Refusal | None:
    """Why the word of `user` is not enough; None for a manager's."""
    venue = view.venue()
    account = venue.staff.get(user) if venue else None
    if account is None or account.role != "manager":
        return refuse("forbidden", "A manager has to approve this with a PIN.")
    return None


def _line(view: VenueView, command: VoidLine | CompLine) -> tuple[Bill, BillLine] | Refusal:
    bill = found(view, command.session_pid)
    if isinstance(bill, Refusal):
        return bill
    line = bill.lines.get(command.line)
    if line is None or line.moved_to is not None:
        return refuse("unknown_line")
    if not 1 <= command.qty <= line.left:
        return refuse("invalid", f"There are {line.left} of it left on the bill.")
    return unapproved(view, command.approved_by) or (bill, line)


def void(view: VenueView, command: VoidLine, now: Now) -> list[Proposal] | Refusal:
    """As if it had never been sold."""
    place = _line(view, command)
    if isinstance(place, Refusal):
        return place
    bill, line = place
    worth_minor = line.amount_minor - taken_off(line, command.qty, comped=False).amount_minor
    event = LineVoided(
        command.adjustment, line.id, command.qty, worth_minor, command.reason, command.approved_by
    )
    counted = AdjustmentCounted(command.adjustment, "void", worth_minor)
    till = shift.Till(command.till, command.shift_pid)
    concluded = receipts.conclude(view, bill, [event], till, now, counted=[counted])
    return [*concluded, *(_restocked(view, command, line) if command.restock else [])]


def _restocked(view: VenueView, command: VoidLine, line: BillLine) -> list[Proposal]:
    order = view.order(line.ref)
    back = pieces_of(line, order.placed) if order is not None else ()
    stocks = [stock for menu_item in back if (stock := view.stock(menu_item)) and stock.qty is not None]
    return [
        (f"stock:{stock.menu_item}", StockReturned(stock.menu_item, command.qty, line.ref))
        for stock in stocks
    ]


def comp(view: VenueView, command: CompLine, now: Now) -> list[Proposal] | Refusal:
    """On the house."""
    place = _line(view, command)
    if isinstance(place, Refusal):
        return place
    bill, line = place
    worth_minor = line.amount_minor - taken_off(line, command.qty, comped=True).amount_minor
    event = LineComped(
        command.adjustment, line.id, command.qty, worth_minor, command.reason, command.approved_by
    )
    counted = AdjustmentCounted(command.adjustment, "comp", worth_minor)
    till = shift.Till(command.till, command.shift_pid)
    return receipts.conclude(view, bill, [event], till, now, counted=[counted])


def discount(view: VenueView, command: GiveDiscount, now: Now) -> list[Proposal] | Refusal:
    """Laid on all lines in proportion, so that tax follows it."""
    bill = found(view, command.session_pid)
    if isinstance(bill, Refusal):
        return bill
    refused = unapproved(view, command.approved_by)
    if refused is not None:
        return refused
    lines = [line for line in bill.lines.values() if line.amount_minor]
    worth_minor = sum(line.amount_minor for line in lines)
    off_minor = _off_minor(command, worth_minor)
    if not 0 < off_minor <= worth_minor:
        return refuse("invalid", "A discount is a part of the bill, and at most all of it.")
    parts = allocate(off_minor, [line.amount_minor for line in lines])
    named = tuple((line.id, part) for line, part in zip(lines, parts, strict=True) if part)
    event = DiscountGiven(command.adjustment, named, command.reason, command.approved_by)
    counted = AdjustmentCounted(command.adjustment, "discount", off_minor)
    till = shift.Till(command.till, command.shift_pid)
    return receipts.conclude(view, bill, [event], till, now, counted=[counted])


def _off_minor(command: GiveDiscount, worth_minor: int) -> int:
    if command.percent_bp is not None and command.amount_minor is None:
        return half_up(worth_minor * command.percent_bp, WHOLE_BP)
    return (command.amount_minor or 0) if command.percent_bp is None else 0


def change_service(view: VenueView, command: ChangeService, now: Now) -> list[Proposal] | Refusal:
    """Taken away or eaten here: another tax rate may count from now on."""
    bill = found(view, command.session_pid)
    if isinstance(bill, Refusal):
        return bill
    here = [line.id for line in bill.lines.values() if line.moved_to is None]
    wanted = here if command.lines is None else list(dict.fromkeys(command.lines))
    if not set(wanted) <= set(here):
        return refuse("unknown_line")
    other = [name for name in wanted if bill.lines[name].takeaway != command.takeaway]
    if not other:
        return []
    event = ServiceChanged(command.takeaway, tuple(other))
    return receipts.conclude(view, bill, [event], shift.Till(command.till, command.shift_pid), now)


def split(view: VenueView, command: SplitBill, _now: Now) -> list[Proposal] | Refusal:
    """Shares anew, unless somebody has paid one already."""
    bill = found(view, command.session_pid)
    if isinstance(bill, Refusal):
        return bill
    if any(each.share is not None and each.state != "released" for each in bill.payments.values()):
        return refuse("split_in_use")
    complaint = _complaint(bill, command)
    if complaint is not None:
        return complaint
    event = BillSplit(command.split_by, command.shares)
    unchanged = bill.split == event or (bill.split is None and not command.shares)
    return [] if unchanged else [(aggregate_of(bill.session_pid), event)]


def _complaint(bill: Bill, command: SplitBill) -> Refusal | None:
    shares = command.shares
    if len(shares) > MOST_SHARES or [share.id for share in shares] != list(range(1, len(shares) + 1)):
        return refuse("invalid", f"Shares are numbered from 1 to at most {MOST_SHARES}.")
    if command.split_by == "amount":
        amounts = [share.amount_minor or 0 for share in shares]
        fits = min(amounts, default=1) > 0 and sum(amounts) <= bill.total_minor
        return None if fits else refuse("invalid", "Shares are above zero and at most the bill together.")
    if command.split_by == "guest":
        members = [share.member for share in shares]
        fits = None not in members and len(set(members)) == len(members)
        return None if fits else refuse("invalid", "Each share names a guest of its own.")
    return _overdrawn(bill, shares)


def _overdrawn(bill: Bill, shares: tuple[Share, ...]) -> Refusal | None:
    """Why the pieces that shares name are not there to be shared."""
    wanted: dict[str, int] = {}
    for part in (part for share in shares for part in share.lines):
        if part.line not in bill.lines or bill.lines[part.line].moved_to is not None:
            return refuse("unknown_line")
        if part.qty < 1:
            return refuse("invalid", "A share has at least one piece of each line that it names.")
        wanted[part.line] = wanted.get(part.line, 0) + part.qty
    over = [name for name, qty in wanted.items() if qty > bill.lines[name].left]
    return refuse("invalid", f"There are not so many of {bill.lines[over[0]].name}.") if over else None
