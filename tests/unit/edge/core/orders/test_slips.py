"""What a cook reads on paper."""

from datetime import UTC

from edge.core.commands import ChangeItem, PlaceOrder
from edge.core.local_time import local, zone
from edge.core.orders.slips import kitchen_slip
from protocol.facts.printout import Slip, SlipLine
from tests.sample_venue import BACON, CHIPS, add, join, opening, say_word
from tests.unit.edge.core.script import Script

NOON_MS = 1_767_265_200_000  # 2026-01-01 11:00 UTC


def slip_of(*, asked: str = "", reprint: bool = False) -> Slip:
    """The grill's slip of a burger with bacon and chips."""
    venue = Script(*opening(), join("chinu"), say_word(), add(qty=2), add(dish=CHIPS))
    venue.do(ChangeItem("s1", "chinu", 1, 1, note="no onions", modifiers=(BACON,)))
    venue.do(PlaceOrder("s1", "chinu", special_instructions=asked))
    ticket = venue.ticket("K-1", "grill")
    assert ticket is not None
    return kitchen_slip(ticket, local(NOON_MS, "Europe/Berlin"), "Grill", reprint=reprint)


def test_table_time_dishes_and_wishes_stand_in_the_order_they_are_needed() -> None:
    slip = slip_of(asked="all at once")
    assert (slip.heading, slip.footing, slip.reprint) == ("K-1", "ORD-7-1", False)
    assert slip.lines[0] == SlipLine("T1", "12:00", bold=True, large=True)
    assert [line.text for line in slip.lines[1:]] == [
        "Grill",
        "",
        "!! all at once",
        "2 × Burger",
        "   + bacon",
        "   !! no onions",
        "1 × Chips",
    ]
    assert [line.text for line in slip.lines if line.large] == ["T1", "2 × Burger", "1 × Chips"]


def test_without_a_wish_there_is_no_line_for_one() -> None:
    assert not any(line.text.startswith("!!") for line in slip_of().lines)


def test_a_repeat_is_marked() -> None:
    assert slip_of(reprint=True).reprint


def test_a_time_zone_nobody_knows_reads_utc() -> None:
    assert f"{local(NOON_MS, 'Atlantis/Mole'):%H:%M}" == "11:00"
    assert zone("../../etc/passwd") is UTC
