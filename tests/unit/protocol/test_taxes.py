"""Whatever is taken apart adds up: shares, taxes, portions of taxes, and what cash rounds away."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.taxes import (
    Charge,
    TaxGroup,
    allocate,
    assess,
    cash_rounding,
    difference,
    half_up,
    portion,
)

amounts = st.integers(0, 10**9)
rates = st.sampled_from([0, 500, 700, 1900, 2100, 2550])
charges = st.lists(st.builds(Charge, amounts, rates, st.booleans()), max_size=30)


@pytest.mark.parametrize(
    ("amount", "weights", "parts"),
    [
        (100, [1, 1, 1], (34, 33, 33)),
        (1, [1, 1, 1], (1, 0, 0)),
        (100, [0, 0], (50, 50)),
        (7, [0, 3, 0], (0, 7, 0)),
        (-100, [1, 1, 1], (-34, -33, -33)),
        (0, [5, 2], (0, 0)),
        (10, [], ()),
    ],
)
def test_parts(amount: int, weights: list[int], parts: tuple[int, ...]) -> None:
    assert allocate(amount, weights) == parts


@given(st.integers(-(10**12), 10**12), st.lists(amounts, min_size=1, max_size=40))
def test_parts_sum_to_the_whole_and_are_off_by_less_than_a_unit(amount: int, weights: list[int]) -> None:
    parts = allocate(amount, weights)
    assert sum(parts) == amount
    whole = sum(weights)
    for part, weight in zip(parts, weights, strict=True):
        if whole:
            assert abs(part * whole - amount * weight) < whole
            assert weight or not part


@pytest.mark.parametrize(
    ("charge", "net", "tax", "gross"),
    [
        (Charge(1190, 1900), 1000, 190, 1190),
        (Charge(1070, 700), 1000, 70, 1070),
        (Charge(1000, 1900, inclusive=False), 1000, 190, 1190),
        (Charge(1, 1900), 1, 0, 1),
        (Charge(999, 0), 999, 0, 999),
        (Charge(50, 100, inclusive=False), 50, 1, 51),
    ],
)
def test_tax_of_one_amount(charge: Charge, net: int, tax: int, gross: int) -> None:
    (line,) = assess([charge]).lines
    assert (line.net_minor, line.tax_minor, line.gross_minor) == (net, tax, gross)


def test_tax_is_worked_out_once_a_rate() -> None:
    """Three times 0.99 at 19 %: 0.474 in all, where line by line it would come to 0.48."""
    assessed = assess([Charge(99, 1900)] * 3)
    assert assessed.groups == (TaxGroup(1900, 250, 47, 297),)
    assert sorted(line.tax_minor for line in assessed.lines) == [15, 16, 16]


@given(charges)
def test_lines_rates_and_total_agree(listed: list[Charge]) -> None:
    assessed = assess(listed)
    assert len(assessed.lines) == len(listed)
    for charge, line in zip(listed, assessed.lines, strict=True):
        assert line.net_minor + line.tax_minor == line.gross_minor
        assert min(line.net_minor, line.tax_minor) >= 0
        assert (line.gross_minor if charge.inclusive else line.net_minor) == charge.amount_minor
    for name in ("net_minor", "tax_minor", "gross_minor"):
        by_line = sum(getattr(line, name) for line in assessed.lines)
        assert by_line == sum(getattr(group, name) for group in assessed.groups)
    assert assessed.net_minor + assessed.tax_minor == assessed.total_minor
    assert [group.rate_bp for group in assessed.groups] == sorted(
        {group.rate_bp for group in assessed.groups}
    )


@given(charges, st.lists(st.integers(1, 100), min_size=1, max_size=6))
def test_taxes_of_parts_and_of_what_is_left_are_the_taxes_of_the_whole(
    listed: list[Charge], weights: list[int]
) -> None:
    groups = assess(listed).groups
    total = sum(group.gross_minor for group in groups)
    left = groups
    for part in allocate(total, weights):
        taken = portion(left, part)
        assert sum(group.gross_minor for group in taken) == part
        assert all(group.net_minor + group.tax_minor == group.gross_minor for group in taken)
        assert all(min(group.net_minor, group.tax_minor) >= 0 for group in taken)
        left = difference(left, taken)
    assert left == ()


@pytest.mark.parametrize(
    ("amount", "step", "added"),
    [(1002, 5, -2), (1003, 5, 2), (1000, 5, 0), (149, 100, -49), (150, 100, 50), (7, 1, 0), (0, 5, 0)],
)
def test_what_coins_cannot_pay(amount: int, step: int, added: int) -> None:
    assert cash_rounding(amount, step) == added


@given(amounts, st.sampled_from([1, 5, 10, 50, 100, 500]))
def test_cash_is_off_by_half_a_step_at_the_most(amount: int, step: int) -> None:
    added = cash_rounding(amount, step)
    assert (amount + added) % step == 0
    assert abs(added) * 2 <= step


@pytest.mark.parametrize(("numerator", "nearest"), [(5, 3), (4, 2), (-5, -3), (-4, -2), (0, 0), (-1, -1)])
def test_halves_go_away_from_zero(numerator: int, nearest: int) -> None:
    assert half_up(numerator, 2) == nearest
