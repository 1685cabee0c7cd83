"""Designs and orders of the shop at a table: whose they are, and how the bill pays for them."""

import msgspec

from edge.core.commands import ConfigureVenue
from edge.core.shop.commands import BeginDesign, ChangeDesign, HandOverDesign, PlaceShopOrder
from protocol.design.parameters import Parameters
from protocol.design.variants import Choice, Option
from protocol.facts.bill_events import LinesCharged
from protocol.facts.design import DesignBegun, DesignChanged, DesignHandedOver
from protocol.facts.shop_config import ShopConfig, ShopProduct
from protocol.facts.shop_order import ShopOrderCancelled, ShopOrderPaid, ShopOrderPlaced
from tests.sample_venue import LOOKS, config
from tests.unit.edge.core.tables_that_pay import TOTAL_MINOR, Table, comp, pay, void

OTHERWISE = msgspec.structs.replace(LOOKS, background="#112233")
BEGIN = BeginDesign("d1", "s1", "chinu", "mug", LOOKS)
ORDER = PlaceShopOrder("g1", "s1", "chinu", "d1", 2)
MUGS = "shop_order:g1"


def test_a_draft_changes_under_its_version_until_it_is_handed_over() -> None:
    table = Table(BEGIN)
    assert table.do(ChangeDesign("d1", "s1", "chinu", 1, OTHERWISE)) == [DesignChanged(OTHERWISE)]
    assert table.do(ChangeDesign("d1", "s1", "chinu", 2, OTHERWISE)) == []
    stale = table.refusal(ChangeDesign("d1", "s1", "chinu", 1, LOOKS))
    assert (stale.code, stale.detail) == ("design_conflict", {"version": 2})
    assert table.do(HandOverDesign("d1", "s1", "chinu", 2)) == [DesignHandedOver()]
    assert table.code(ChangeDesign("d1", "s1", "chinu", 3, LOOKS)) == "design_final"


def test_a_design_is_its_authors() -> None:
    table = Table(BEGIN)
    assert table.code(ChangeDesign("d1", "s1", "anshu", 1, OTHERWISE)) == "unknown_design"
    assert table.code(PlaceShopOrder("g1", "s1", "anshu", "d1", 1)) == "unknown_design"
    assert table.code(BeginDesign("d1", "s1", "anshu", "mug", LOOKS)) == "mid_reused"
    assert table.code(BeginDesign("d2", "s1", "stranger", "mug", LOOKS)) == "not_authorised"


def test_only_what_the_venue_sells_is_designed() -> None:
    assert Table().code(BeginDesign("d1", "s1", "chinu", "yacht", LOOKS)) == "unknown_product"


def test_nothing_is_ordered_with_nothing_on_it() -> None:
    table = Table(BeginDesign("d1", "s1", "chinu", "mug", Parameters()))
    assert table.code(ORDER) == "design_empty"
    assert table.code(HandOverDesign("d1", "s1", "chinu", 1)) == "design_empty"


def test_an_order_hands_the_design_over_and_goes_on_the_tables_bill() -> None:
    table = Table()
    assert isinstance(table.do(BEGIN)[0], DesignBegun)
    placed, handed, charged, *_ = table.do(ORDER)
    assert isinstance(placed, ShopOrderPlaced)
    assert (placed.name, placed.qty, placed.unit_minor, placed.tax_rate_bp) == ("Mug", 2, 1490, 1900)
    assert handed == DesignHandedOver()
    assert isinstance(charged, LinesCharged)
    assert (charged.lines[0].id, charged.lines[0].ref) == (MUGS, "g1")
    assert table.paid.total_minor == TOTAL_MINOR + 2 * 1490
    assert table.code(ORDER) == "mid_reused"


def test_it_is_paid_when_the_bill_is_and_not_before() -> None:
    table = Table(BEGIN, ORDER)
    assert not any(isinstance(event, ShopOrderPaid) for event in table.do(pay(1000)))
    found = [event for event in table.do(pay()) if isinstance(event, ShopOrderPaid)]
    assert found == [ShopOrderPaid("cash", 2)]


def test_what_is_taken_off_the_bill_is_cancelled_and_the_design_may_be_ordered_again() -> None:
    table = Table(BEGIN, ORDER)
    assert ShopOrderCancelled("taken off the bill") in table.do(void(MUGS, 2))
    again = table.do(PlaceShopOrder("g2", "s1", "chinu", "d1", 1))
    assert [type(event) for event in again[:2]] == [ShopOrderPlaced, LinesCharged]


def test_what_the_house_gives_is_paid_by_the_house() -> None:
    table = Table(BEGIN, ORDER)
    table.do(void(MUGS, 1))
    table.do(comp(MUGS, 1))
    found = [event for event in table.do(pay(TOTAL_MINOR)) if isinstance(event, ShopOrderPaid)]
    assert found == [ShopOrderPaid("house", 1)]


SIZES = Option("size", "Size", (Choice("m", "M"), Choice("xl", "XL", 200)))
SHIRT = ShopProduct("shirt", "shirt", "T-shirt", 2490, 1900, 200, options=(SIZES,))


def shirts(**change: object) -> Table:
    """A venue that sells a shirt in two sizes, to a guest who has not chosen one."""
    shop = ShopConfig((msgspec.structs.replace(SHIRT, **change),))
    table = Table(venue=msgspec.structs.replace(config(), shop=shop))
    table.do(BeginDesign("d1", "s1", "chinu", "shirt", LOOKS))
    return table


def test_a_size_is_chosen_frozen_and_paid_for() -> None:
    table = shirts()
    assert table.design("d1").parameters.variant == "m"  # type: ignore[union-attr]
    large = msgspec.structs.replace(LOOKS, variant="xl")
    assert table.do(ChangeDesign("d1", "s1", "chinu", 1, large)) == [DesignChanged(large)]
    placed, _, charged, *_ = table.do(ORDER)
    assert isinstance(placed, ShopOrderPlaced)
    assert (placed.name, placed.unit_minor) == ("T-shirt, XL", 2690)
    assert isinstance(charged, LinesCharged)
    assert (charged.lines[0].name, charged.lines[0].price_minor) == ("T-shirt, XL", 2690)


def test_a_size_that_is_gone_is_neither_chosen_nor_ordered() -> None:
    table = shirts(sold_out=("xl",))
    large = msgspec.structs.replace(LOOKS, variant="xl")
    odd = msgspec.structs.replace(LOOKS, variant="xxl")
    assert table.code(ChangeDesign("d1", "s1", "chinu", 1, odd)) == "variant_unavailable"
    table.do(ChangeDesign("d1", "s1", "chinu", 1, large))
    assert table.code(HandOverDesign("d1", "s1", "chinu", 2)) == "variant_unavailable"
    assert table.code(ORDER) == "variant_unavailable"
    only_small = msgspec.structs.replace(SHIRT, options=(Option("size", "Size", (Choice("s", "S"),)),))
    table.do(ConfigureVenue(msgspec.structs.replace(config(), shop=ShopConfig((only_small,)))))
    assert table.code(ORDER) == "variant_unavailable"


def test_what_is_not_active_is_not_sold() -> None:
    shop = ShopConfig((msgspec.structs.replace(SHIRT, active=False),))
    table = Table(venue=msgspec.structs.replace(config(), shop=shop))
    assert table.code(BeginDesign("d1", "s1", "chinu", "shirt", LOOKS)) == "unknown_product"


def test_a_venue_without_a_shop_sells_nothing() -> None:
    bare = msgspec.structs.replace(config(), shop=type(config().shop)())
    assert Table(venue=bare).code(BEGIN) == "unknown_product"
