"""What orders come to: worked examples, and sums that hold for every order there can be."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud.shop.orders import pricing, shipping
from cloud.shop.orders.pricing import Thing
from cloud.shop.orders.shipping import Rules, Step, Zone

HOME = Zone("Germany", ("DE",), (Step(1000, 490), Step(5000, 690)), free_from_minor=6000)
ABROAD = Zone("Elsewhere", ("*",), (Step(2000, 1590),))
RULES = Rules(zones=(HOME, ABROAD), packaging_g=100, tax_rate_bp=1900)
MUG = Thing(quantity=1, unit_minor=1450, weight_g=350, tax_rate_bp=1900)


def test_a_mug_that_is_collected_costs_what_it_says() -> None:
    found = pricing.price([MUG], RULES, None)
    assert (found.items_minor, found.shipping_minor, found.total_minor) == (1450, 0, 1450)
    assert found.tax_minor == 232  # 14.50 holds 19 %: 14.50 * 19 / 119 = 2.315


def test_shipping_follows_country_and_weight_with_its_packaging() -> None:
    assert pricing.price([MUG], RULES, "DE").shipping_minor == 490
    three = Thing(3, 1450, 350, 1900)
    assert pricing.price([three], RULES, "DE").shipping_minor == 690, "1050 g and 100 g of packaging"
    assert pricing.price([three], RULES, "FR").shipping_minor == 1590


def test_the_last_gram_of_a_step_still_belongs_to_it() -> None:
    exact = Thing(1, 1000, 900, 1900)
    assert pricing.price([exact], RULES, "DE").shipping_minor == 490
    assert pricing.price([Thing(1, 1000, 901, 1900)], RULES, "DE").shipping_minor == 690


def test_shipping_is_free_from_the_amount_that_the_zone_names() -> None:
    assert pricing.price([Thing(4, 1500, 350, 1900)], RULES, "DE").shipping_minor == 0
    assert pricing.price([Thing(4, 1499, 350, 1900)], RULES, "DE").shipping_minor == 690
    assert pricing.price([Thing(4, 1500, 350, 1900)], RULES, "FR").shipping_minor == 1590


def test_a_bulky_piece_costs_more_also_where_the_rest_is_free() -> None:
    zone = msgspec.structs.replace(HOME, bulky_minor=900)
    rules = msgspec.structs.replace(RULES, zones=(zone,))
    cushion = Thing(2, 1000, 100, 1900, carriage="bulky")
    assert pricing.price([cushion, MUG], rules, "DE").shipping_minor == 490 + 1800
    assert pricing.price([cushion, Thing(4, 1500, 100, 1900)], rules, "DE").shipping_minor == 1800
    assert pricing.price([cushion], rules, None).shipping_minor == 0


def test_what_is_collected_only_is_not_sent() -> None:
    cake = Thing(1, 3900, 1200, 700, carriage="collect")
    with pytest.raises(shipping.CollectOnly):
        pricing.price([MUG, cake], RULES, "DE")
    assert pricing.price([MUG, cake], RULES, None).shipping_minor == 0


def test_prices_without_tax_have_it_added_on_shipping_too() -> None:
    found = pricing.price([Thing(1, 1000, 350, 1000, tax_inclusive=False)], RULES, "DE")
    assert (found.items_minor, found.shipping_minor) == (1100, 583)  # 4.90 + 19 %
    assert found.total_minor == 1683


def test_what_cannot_be_sent_is_said_before_it_is_paid() -> None:
    with pytest.raises(shipping.TooHeavy):
        pricing.price([Thing(20, 1450, 350, 1900)], RULES, "DE")
    with pytest.raises(shipping.NotShippedThere):
        pricing.price([MUG], Rules(zones=(HOME,)), "FR")
    with pytest.raises(pricing.TooMuch):
        pricing.price([Thing(100, 10**6, 1, 0)], RULES, None)


things = st.builds(
    Thing,
    quantity=st.integers(1, 20),
    unit_minor=st.integers(0, 50_000),
    weight_g=st.integers(0, 10),
    tax_rate_bp=st.sampled_from([0, 700, 1900]),
    tax_inclusive=st.just(True),
)


@given(st.lists(things, min_size=1, max_size=8), st.sampled_from([None, "DE", "FR"]))
def test_the_parts_are_the_whole(listed: list[Thing], country: str | None) -> None:
    found = pricing.price(listed, RULES, country)
    assert found.items_minor + found.shipping_minor == found.total_minor
    assert sum(line.gross_minor for line in found.lines) == found.items_minor
    assert sum(group.gross_minor for group in found.taxes) == found.total_minor
    assert sum(group.tax_minor for group in found.taxes) == found.tax_minor
    assert found.items_minor == sum(thing.quantity * thing.unit_minor for thing in listed)


@pytest.mark.parametrize(
    ("rules", "complaint"),
    [
        (Rules(zones=(HOME, HOME)), "DE stands in two zones"),
        (Rules(zones=(Zone("Twice", ("FR", "FR"), HOME.steps),)), "FR stands in two zones"),
        (Rules(zones=(Zone("Down", ("FR",), (Step(500, 1), Step(400, 2))),)), "weights of Down"),
        (Rules(collect=False), "Nobody could get anything"),
    ],
)
def test_rules_that_contradict_themselves_are_refused(rules: Rules, complaint: str) -> None:
    with pytest.raises(shipping.Contradiction, match=complaint):
        shipping.check(rules)


def test_good_rules_pass() -> None:
    shipping.check(RULES)
    shipping.check(Rules())
