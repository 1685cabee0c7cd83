"""From what a till says about sharing a bill to shares: who is there, and what equal parts come to. Pure."""

from protocol.bill import ShareRequest, SplitRequest
from protocol.errors import Refused, refuse
from protocol.facts.bill import Bill
from protocol.facts.bill_events import Share, ShareLine
from protocol.facts.table import TableSession
from protocol.taxes import allocate


def shares_for(
    asked: SplitRequest, bill: Bill, session: TableSession | None
) -> tuple[str, tuple[Share, ...]]:
    """By what the bill is split, and the shares. Raises `Refused` where they cannot be made."""
    match asked.by:
        case "none":
            return "item", ()
        case "equal":
            return "amount", _equal(bill, asked.parts)
        case "guest" if not asked.shares:
            return "guest", _guests(bill, session)
        case kind:
            return kind, tuple(_share(number, each) for number, each in enumerate(asked.shares, 1))


def _share(number: int, asked: ShareRequest) -> Share:
    lines = tuple(ShareLine(each.line, each.qty) for each in asked.lines)
    label = asked.label or f"{number}"
    return Share(number, label, lines, asked.member, asked.amount_minor)


def _equal(bill: Bill, parts: int) -> tuple[Share, ...]:
    """What is still due, in parts that differ by a cent at the most."""
    if bill.due_minor < parts:
        raise Refused(refuse("invalid", "There is not so much to be shared."))
    amounts = allocate(bill.due_minor, [1] * parts)
    return tuple(Share(number, f"{number}", amount_minor=each) for number, each in enumerate(amounts, 1))


def _guests(bill: Bill, session: TableSession | None) -> tuple[Share, ...]:
    """One share for everybody who ordered something that is still on the bill."""
    lines = [line for line in bill.lines.values() if line.left]
    members = list(dict.fromkeys(line.member for line in lines if line.member is not None))
    seated = {**session.members} if session else {}
    seated |= {member.member_pid: member for member in session.gone} if session else {}
    return tuple(
        Share(number, seated[pid].name if pid in seated else f"{number}", member=pid)
        for number, pid in enumerate(members, 1)
    )
