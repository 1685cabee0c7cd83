"""Tax, shares and cash rounding in whole minor units: whatever is taken apart adds up to what it was.

Rule of the file: pure integers, and no cent is ever lost or made. Tax is worked out once for all amounts of
one rate, half up, and then laid on the single amounts by largest remainder; so lines, rates and the total
agree with each other whichever way they are summed.

Both sides need it: the box to take money, the cloud to report it.
"""

from collections.abc import Iterable, Sequence

import msgspec

#: Rates are in basis points: 1900 is 19 %.
WHOLE_BP = 10_000


class Charge(msgspec.Struct, frozen=True):
    """An amount and its tax rate. `inclusive` tells whether the amount holds the tax already."""

    amount_minor: int
    rate_bp: int
    inclusive: bool = True


class Taxed(msgspec.Struct, frozen=True):
    """An amount taken apart: `net_minor + tax_minor == gross_minor`, and gross is what people pay."""

    net_minor: int
    tax_minor: int
    gross_minor: int


class TaxGroup(msgspec.Struct, frozen=True):
    """Everything of one rate."""

    rate_bp: int
    net_minor: int
    tax_minor: int
    gross_minor: int


class Assessment(msgspec.Struct, frozen=True):
    """What charges come to: each of them in order, and by rate, lowest first, where there is any worth."""

    lines: tuple[Taxed, ...]
    groups: tuple[TaxGroup, ...]

    @property
    def net_minor(self) -> int:
        """Without tax."""
        return sum(group.net_minor for group in self.groups)

    @property
    def tax_minor(self) -> int:
        """The tax of all rates."""
        return sum(group.tax_minor for group in self.groups)

    @property
    def total_minor(self) -> int:
        """What is to be paid."""
        return sum(group.gross_minor for group in self.groups)


def half_up(numerator: int, denominator: int) -> int:
    """The nearest whole number to a fraction, halves away from zero; `denominator` is above 0."""
    whole = (2 * abs(numerator) + denominator) // (2 * denominator)
    return whole if numerator >= 0 else -whole


def allocate(amount_minor: int, weights: Sequence[int]) -> tuple[int, ...]:
    """`amount_minor` in parts proportional to `weights`, by largest remainder; the parts sum to it.

    Weights are not negative. Where all are 0 they count as equal; a weight of 0 beside others gets nothing.
    """
    if not weights:
        return ()
    whole = sum(weights)
    if whole == 0:
        return allocate(amount_minor, [1] * len(weights))
    size = abs(amount_minor)
    parts = [size * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda place: -(size * weights[place] % whole))
    for place in by_remainder[: size - sum(parts)]:
        parts[place] += 1
    return tuple(parts) if amount_minor >= 0 else tuple(-part for part in parts)


def assess(charges: Iterable[Charge]) -> Assessment:
    """The tax of charges. Amounts are not negative."""
    listed = list(charges)
    taxed: list[Taxed | None] = [None] * len(listed)
    groups: dict[int, TaxGroup] = {}
    for rate_bp, inclusive in sorted({(charge.rate_bp, charge.inclusive) for charge in listed}):
        places = [
            place
            for place, charge in enumerate(listed)
            if (charge.rate_bp, charge.inclusive) == (rate_bp, inclusive)
        ]
        parts = _taxed_together([listed[place].amount_minor for place in places], rate_bp, inclusive)
        for place, part in zip(places, parts, strict=True):
            taxed[place] = part
        groups[rate_bp] = _grouped(rate_bp, groups.get(rate_bp), parts)
    worth = (group for group in groups.values() if group.gross_minor)
    return Assessment(tuple(part for part in taxed if part is not None), tuple(worth))


def _taxed_together(amounts: list[int], rate_bp: int, inclusive: bool) -> list[Taxed]:
    whole_bp = WHOLE_BP + rate_bp if inclusive else WHOLE_BP
    taxes = allocate(half_up(sum(amounts) * rate_bp, whole_bp), amounts)
    if inclusive:
        return [Taxed(amount - tax, tax, amount) for amount, tax in zip(amounts, taxes, strict=True)]
    return [Taxed(amount, tax, amount + tax) for amount, tax in zip(amounts, taxes, strict=True)]


def _grouped(rate_bp: int, before: TaxGroup | None, parts: list[Taxed]) -> TaxGroup:
    start = before or TaxGroup(rate_bp, 0, 0, 0)
    return TaxGroup(
        rate_bp,
        start.net_minor + sum(part.net_minor for part in parts),
        start.tax_minor + sum(part.tax_minor for part in parts),
        start.gross_minor + sum(part.gross_minor for part in parts),
    )


def portion(groups: Sequence[TaxGroup], gross_minor: int) -> tuple[TaxGroup, ...]:
    """`gross_minor` of an amount whose tax is `groups`: every rate in proportion."""
    parts = allocate(gross_minor, [max(0, group.gross_minor) for group in groups])
    return tuple(_portion_of(group, part) for group, part in zip(groups, parts, strict=True) if part)


def _portion_of(group: TaxGroup, gross_minor: int) -> TaxGroup:
    worth = group.gross_minor > 0
    tax_minor = half_up(group.tax_minor * gross_minor, group.gross_minor) if worth else 0
    return TaxGroup(group.rate_bp, gross_minor - tax_minor, tax_minor, gross_minor)


def difference(groups: Iterable[TaxGroup], *taken: Iterable[TaxGroup]) -> tuple[TaxGroup, ...]:
    """What is left of `groups` without all that was `taken`; rates at which nothing is left are left out."""
    left: dict[int, TaxGroup] = {group.rate_bp: group for group in groups}
    for away in (group for groups in taken for group in groups):
        start = left.get(away.rate_bp, TaxGroup(away.rate_bp, 0, 0, 0))
        left[away.rate_bp] = TaxGroup(
            away.rate_bp,
            start.net_minor - away.net_minor,
            start.tax_minor - away.tax_minor,
            start.gross_minor - away.gross_minor,
        )
    return tuple(left[rate] for rate in sorted(left) if left[rate] != TaxGroup(rate, 0, 0, 0))


def cash_rounding(amount_minor: int, step_minor: int) -> int:
    """What is added to an amount so that coins can pay it: to the nearest `step_minor`, halves up."""
    return half_up(amount_minor, step_minor) * step_minor - amount_minor
