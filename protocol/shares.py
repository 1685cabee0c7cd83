"""What each payer's share of a bill comes to. Shares always sum to the bill.

A share is a view of the bill as it is now: what is ordered, voided or moved later changes it. Whatever no
share names is the rest, share 0, so a split never hides anything that is owed. A payment for no share counts
for the rest.

Counterpart: `facts/bill_events.py` says what a share consists of.
"""

from collections.abc import Iterator

import msgspec

from protocol.facts.bill import Bill
from protocol.facts.bill_events import BillLine, Share
from protocol.taxes import allocate

REST = 0


class SharePart(msgspec.Struct, frozen=True):
    """`qty` pieces of a line in a share, for `amount_minor` with tax."""

    line: str
    qty: int
    amount_minor: int


class ShareState(msgspec.Struct, frozen=True):
    """A share as it stands. `due_minor` is what may be paid for it now."""

    id: int
    label: str
    total_minor: int
    paid_minor: int
    due_minor: int
    lines: tuple[SharePart, ...] = ()


def gross_of_lines(bill: Bill) -> dict[str, int]:
    """What each line comes to, with tax."""
    taxed = bill.assessment().lines
    return {name: line.gross_minor for name, line in zip(bill.lines, taxed, strict=True)}


def shares_of(bill: Bill) -> tuple[ShareState, ...]:
    """All shares, the rest last where there is any; none for a bill that is paid as one."""
    if bill.split is None:
        return ()
    parts = _amounts(bill) if bill.split.by == "amount" else _lines(bill)
    return tuple(_state(bill, *each) for each in parts)


def share_of(bill: Bill, share: int) -> ShareState | None:
    """One share; None when the bill has no such share."""
    return next((each for each in shares_of(bill) if each.id == share), None)


def _state(bill: Bill, share: int, label: str, total_minor: int, lines: tuple[SharePart, ...]) -> ShareState:
    own = [each for each in bill.payments.values() if (each.share or REST) == share]
    paid_minor = sum(each.amount_minor - each.returned_minor for each in own if each.state == "settled")
    held_minor = sum(each.amount_minor for each in own if each.state == "pending")
    due_minor = max(0, min(total_minor - paid_minor - held_minor, bill.due_minor))
    return ShareState(share, label, total_minor, paid_minor, due_minor, lines)


Part = tuple[int, str, int, tuple[SharePart, ...]]


def _amounts(bill: Bill) -> Iterator[Part]:
    """Each share's amount, as far as the bill still reaches."""
    left_minor = bill.total_minor
    for share in _shares(bill):
        amount_minor = min(share.amount_minor or 0, left_minor)
        left_minor -= amount_minor
        yield share.id, share.label, amount_minor, ()
    if left_minor:
        yield REST, "", left_minor, ()


def _lines(bill: Bill) -> Iterator[Part]:
    """Pieces of lines: those that a share names, or all of a member's."""
    shares = _shares(bill)
    labels = {share.id: share.label for share in shares} | {REST: ""}
    parts: dict[int, list[SharePart]] = {share: [] for share in labels}
    for name, gross_minor in gross_of_lines(bill).items():
        pieces = _pieces(bill.lines[name], shares)
        amounts = allocate(gross_minor, list(pieces.values()))
        for (share, qty), amount_minor in zip(pieces.items(), amounts, strict=True):
            if qty:
                parts[share].append(SharePart(name, qty, amount_minor))
    for share_id, own in parts.items():
        if own or share_id != REST:
            yield share_id, labels[share_id], sum(part.amount_minor for part in own), tuple(own)


def _pieces(line: BillLine, shares: tuple[Share, ...]) -> dict[int, int]:
    """How many pieces of a line are whose; the rest is nobody's."""
    left, pieces = line.left, {}
    for share in shares:
        named = sum(each.qty for each in share.lines if each.line == line.id)
        wanted = left if share.member is not None and share.member == line.member else named
        pieces[share.id] = min(wanted, left)
        left -= pieces[share.id]
    return pieces | {REST: left}


def _shares(bill: Bill) -> tuple[Share, ...]:
    return bill.split.shares if bill.split else ()
