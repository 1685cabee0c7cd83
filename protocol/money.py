"""Money is an integer count of a currency's minor unit; this file is the only bridge to decimals.

Rule of the file: nothing here or elsewhere does arithmetic on a float. The seeds' wire format has a
`total` in major units (`1250.00`); it is produced and read exactly, through `Decimal`.
"""

from decimal import (
    Clamped,
    Context,
    Decimal,
    DecimalException,
    Inexact,
    InvalidOperation,
    Overflow,
    Underflow,
)

#: ISO 4217 currencies whose minor unit is not a hundredth. All others have two digits.
_EXPONENTS = {"JPY": 0, "KRW": 0, "VND": 0, "CLP": 0, "ISK": 0, "BHD": 3, "KWD": 3, "OMR": 3, "TND": 3}

#: Smallest amount that coins can pay, where it is not the minor unit itself: Swiss and Canadian five cents,
#: whole kronor, five forints.
_CASH_STEPS = {
    "AUD": 5,
    "CAD": 5,
    "CHF": 5,
    "CZK": 100,
    "DKK": 50,
    "HUF": 500,
    "NOK": 100,
    "NZD": 10,
    "SEK": 100,
}

#: No price or total may exceed this, so that sums fit a 53-bit JSON number with room to spare.
MOST_MINOR = 10**12
#: Refuses to round: an amount is what it is, or it is no amount.
_EXACT = Context(prec=64, traps=[Clamped, Inexact, InvalidOperation, Overflow, Underflow])


class BadAmount(ValueError):
    """The text is not an amount of this currency."""


def exponent(currency: str) -> int:
    """Decimal digits of the currency's minor unit (ISO 4217)."""
    return _EXPONENTS.get(currency, 2)


def cash_step_minor(currency: str) -> int:
    """What an amount is rounded to when it is paid in coins and the venue does so."""
    return _CASH_STEPS.get(currency, 1)


def written(minor: int, currency: str) -> str:
    """An amount as receipts print it: `-12.50`, with as many digits as the currency has."""
    digits = exponent(currency)
    return f"{Decimal(minor).scaleb(-digits):.{digits}f}"


def to_major(minor: int, currency: str) -> float | int:
    """The JSON number of the seeds' `total`: 125000 EUR cents -> 1250.0. For display on the wire only."""
    digits = exponent(currency)
    return minor if digits == 0 else float(Decimal(minor).scaleb(-digits))


def from_major(amount: Decimal | str, currency: str) -> int:
    """Minor units of an amount written in major units; refuses fractions of a minor unit."""
    try:
        scaled = _EXACT.scaleb(Decimal(amount), exponent(currency))
    except DecimalException as error:
        raise BadAmount(f"{str(amount)[:40]!r} is not an amount") from error
    if not scaled.is_finite() or scaled != scaled.to_integral_value() or abs(scaled) > MOST_MINOR:
        raise BadAmount(f"{str(amount)[:40]} is not a whole number of the minor unit of {currency}")
    return int(scaled)
