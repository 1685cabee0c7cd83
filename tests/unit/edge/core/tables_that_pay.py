"""A table with a bill, for tests of money: guests who ordered, and the staff's commands in short.

Chinu ordered two burgers (9.50) and soup (5.80, the only dish with tax, 7 %), Anshu chips (3.25): 28.05.
"""

from itertools import count

from edge.core.commands import AdoptMenu, Command, ConfigureVenue
from edge.core.money import commands as till
from edge.core.money.commands import CompLine, GiveDiscount, RefundPayment, TakePayment, VoidLine
from protocol.facts.bill import Bill
from protocol.facts.shift import Shift
from protocol.facts.venue import VenueConfig
from tests.sample_venue import BURGER, CHIPS, SOUP, add, config, join, menu, place, say_word
from tests.unit.edge.core.script import Script

ANN, MIA = "staff:ann", "mia"
BURGERS, SOUPS, FRIES = "order_line:1", "order_line:2", "order_line:3"
TOTAL_MINOR = 2 * 950 + 580 + 325

_fresh = count(1)


def ordered(venue: VenueConfig) -> list[Command]:
    """What leads to the bill."""
    return [
        ConfigureVenue(venue),
        AdoptMenu(menu()),
        join("chinu"),
        join("anshu"),
        say_word(),
        add("chinu", BURGER, 2),
        add("chinu", SOUP),
        add("anshu", CHIPS),
        place(),
    ]


class Table(Script):
    """The venue after the order, and what can be asked of it about money."""

    def __init__(self, *further: Command, venue: VenueConfig | None = None) -> None:
        super().__init__(*ordered(venue or config()), *further)

    @property
    def paid(self) -> Bill:
        """The bill as it stands."""
        bill = self.bill("s1")
        assert bill is not None
        return bill

    @property
    def drawer(self) -> Shift:
        """The shift that is open at the till."""
        shift = self.shift(self.open_shift_at("main") or "")
        assert shift is not None
        return shift


def pay(
    amount_minor: int | None = None,
    *,
    tip_minor: int = 0,
    method: str = "CASH",
    share: int | None = None,
    tendered_minor: int | None = None,
    user_id: str | None = None,
    mid: str | None = None,
) -> TakePayment:
    """Ann takes money for the bill."""
    number = next(_fresh)
    return TakePayment(
        session_pid="s1",
        payment_pid=f"p{number}",
        method=method,
        by=ANN,
        shift_pid=f"shift{number}",
        amount_minor=amount_minor,
        tip_minor=tip_minor,
        tendered_minor=tendered_minor,
        share=share,
        user_id=user_id,
        mid=mid,
    )


def void(line: str = BURGERS, qty: int = 1, *, approved_by: str = MIA, restock: bool = False) -> VoidLine:
    """Ann takes something off the bill with Mia's word."""
    number = next(_fresh)
    return VoidLine(
        "s1", line, qty, f"a{number}", "burnt", approved_by, ANN, f"shift{number}", restock=restock
    )


def comp(line: str = BURGERS, qty: int = 1) -> CompLine:
    """Something is on the house."""
    number = next(_fresh)
    return CompLine("s1", line, qty, f"a{number}", "regulars", MIA, ANN, f"shift{number}")


def discount(percent_bp: int | None = None, amount_minor: int | None = None) -> GiveDiscount:
    """The whole bill is cheaper."""
    number = next(_fresh)
    return GiveDiscount(
        "s1", f"a{number}", "waited long", MIA, ANN, f"shift{number}", percent_bp, amount_minor
    )


def refund(
    payment_pid: str, amount_minor: int | None = None, *, tip_minor: int = 0, approved_by: str = MIA
) -> RefundPayment:
    """Money back."""
    number = next(_fresh)
    return RefundPayment(
        payment_pid, f"r{number}", "paid twice", approved_by, ANN, f"shift{number}", amount_minor, tip_minor
    )


def takeaway(away: bool = True, *lines: str) -> till.ChangeService:
    """They take it with them."""
    return till.ChangeService("s1", away, ANN, f"shift{next(_fresh)}", lines or None)
