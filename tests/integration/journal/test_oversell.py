"""Many tables want the last ones of a dish at the same instant: as many get it as there are, and no more.

Every table's order goes into one queue, so the writer decides some of them together and some after each
other; a refused table has nothing taken from it, and what is on the shelf at the end is counted in SQL.
"""

import asyncio
from pathlib import Path

import msgspec
import pytest

from edge.core.commands import AddItem, AdoptMenu, ConfigureVenue, CountStock, PlaceOrder
from edge.journal.rebuild import rebuild
from edge.journal.writer import Accepted, Outcome
from protocol.errors import Refusal
from protocol.facts.venue import TableConfig
from tests.open_box import OpenBox
from tests.sample_venue import CAKE, CHIPS, config, join, menu, say_word

TABLES = 24


async def full_house(box: OpenBox, qty: int) -> list[PlaceOrder]:
    """A guest at each table with so many cakes and one portion of chips in the cart, about to order."""
    tables = tuple(TableConfig(f"CODE{number}", f"T{number}") for number in range(TABLES))
    await box.accept(ConfigureVenue(msgspec.structs.replace(config(), tables=tables)))
    await box.accept(AdoptMenu(menu()))
    await box.accept(CountStock(CAKE, 1000, "ann"))
    for number in range(TABLES):
        session, guest = f"s{number}", f"guest{number}"
        await box.accept(join(guest, session, f"CODE{number}"))
        await box.accept(say_word(guest, session))
        await box.accept(AddItem(session, guest, CAKE, qty))
        await box.accept(AddItem(session, guest, CHIPS, 1))
    return [PlaceOrder(f"s{number}", f"guest{number}", mid=f"mid-{number}") for number in range(TABLES)]


def went_through(outcomes: list[Outcome]) -> list[int]:
    """Which tables got their order; the others must have been told that it is sold out."""
    for outcome in outcomes:
        assert isinstance(outcome, Accepted) or (isinstance(outcome, Refusal) and outcome.code == "sold_out")
    return [number for number, outcome in enumerate(outcomes) if isinstance(outcome, Accepted)]


@pytest.mark.parametrize(("left", "qty", "served"), [(5, 1, 5), (7, 2, 3), (1, 2, 0), (0, 1, 0)])
async def test_no_more_is_sold_than_there_is(tmp_path: Path, left: int, qty: int, served: int) -> None:
    async with OpenBox(tmp_path) as box:
        orders = await full_house(box, qty)
        await box.accept(CountStock(CAKE, left, "ann"))
        outcomes = await asyncio.gather(*box.together(*orders))
        happy = went_through(outcomes)
        assert len(happy) == served
        assert box.rows("SELECT qty FROM stock WHERE menu_item = ?", CAKE) == [(left - served * qty,)]
        assert box.rows("SELECT count(*) FROM orders") == [(served,)]
        # A table that was refused still has both lines in its cart.
        kept = "SELECT count(*) FROM cart_items WHERE state = 'pending'"
        assert box.rows(kept) == [(2 * (TABLES - served),)]
        # Whoever repeats gets the same answer, and nothing is taken again.
        again = await asyncio.gather(*box.together(*(orders[number] for number in happy)))
        assert all(isinstance(outcome, Accepted) and outcome.repeated for outcome in again)
        assert box.rows("SELECT qty FROM stock WHERE menu_item = ?", CAKE) == [(left - served * qty,)]
    assert not rebuild(tmp_path).differences


async def test_a_count_in_the_middle_of_the_rush_counts(tmp_path: Path) -> None:
    """The kitchen finds two more just then: they go to whoever comes after the count, in order."""
    async with OpenBox(tmp_path) as box:
        orders = await full_house(box, 1)
        await box.accept(CountStock(CAKE, 1, "ann"))
        first, late = orders[: TABLES // 2], orders[TABLES // 2 :]
        outcomes = await asyncio.gather(*box.together(*first, CountStock(CAKE, 2, "ann"), *late))
        placed = [*outcomes[: len(first)], *outcomes[len(first) + 1 :]]
        assert went_through(placed) == [0, TABLES // 2, TABLES // 2 + 1]
        assert box.rows("SELECT qty FROM stock WHERE menu_item = ?", CAKE) == [(0,)]
