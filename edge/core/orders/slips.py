"""What stands on paper: a kitchen ticket as a slip.

Big is what a cook reads from a step away: table, dishes, how many. What a guest asked for stands directly
under its dish, marked, because that is what goes wrong. Counterpart: `edge/adapters/kitchen/escpos.py` fits a
slip to the width of the paper.
"""

from datetime import datetime

from protocol.facts.order import OrderLine
from protocol.facts.printout import Slip, SlipLine
from protocol.facts.ticket import Ticket


def kitchen_slip(ticket: Ticket, placed: datetime, station: str, *, reprint: bool = False) -> Slip:
    """The ticket for the cooks at `station`, as the venue's clocks showed `placed`."""
    first = ticket.fired
    course = [SlipLine(first.course.upper(), bold=True)] if first.course else []
    head = SlipLine(first.table_name, right=f"{placed:%H:%M}", bold=True, large=True)
    asked = [SlipLine(f"!! {first.special_instructions}", bold=True)] if first.special_instructions else []
    dishes = [line for each in first.lines for line in _dish(each)]
    return Slip(
        heading=first.ticket,
        lines=(head, SlipLine(station), *course, SlipLine(), *asked, *dishes),
        footing=first.order_id,
        reprint=reprint,
    )


def _dish(line: OrderLine) -> list[SlipLine]:
    """One ordered line: how many of what, how it is made, and what the guest said."""
    away = [SlipLine("   TAKE AWAY", bold=True)] if line.takeaway else []
    part = [SlipLine(f"   ({line.of})")] if line.of else []
    made = [*away, *part, *(SlipLine(f"   + {name}") for name in line.modifiers)]
    noted = [SlipLine(f"   !! {line.note}", bold=True)] if line.note else []
    return [SlipLine(f"{line.qty} × {line.name}", bold=True, large=True), *made, *noted]
