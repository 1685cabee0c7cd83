"""What it costs to get a parcel somewhere: zones of countries, and within a zone steps of weight.

Rule of the file: pure integers; whoever cannot be shipped to is told so before anything is paid. Counterpart:
`pricing.py` adds it to what the things cost, the dashboard's *Shop* edits the rules.
"""

from typing import Annotated

import msgspec

#: The zone of all countries that no other zone names.
ELSEWHERE = "*"

_Country = Annotated[str, msgspec.Meta(pattern=r"^([A-Z]{2}|\*)$")]
_Name = Annotated[str, msgspec.Meta(min_length=1, max_length=60, pattern=r"^[^\x00]+$")]
_Grams = Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]
_Minor = Annotated[int, msgspec.Meta(ge=0, le=10**9)]


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a parcel of at most this weight costs."""

    up_to_g: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]
    price_minor: _Minor


class Zone(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Countries (ISO 3166-1 alpha-2, or `*` for all others) that cost the same to reach.

    From `free_from_minor` worth of things shipping is free; None where it never is. Each bulky piece costs
    `bulky_minor` more all the same.
    """

    name: _Name
    countries: Annotated[tuple[_Country, ...], msgspec.Meta(min_length=1, max_length=250)]
    steps: Annotated[tuple[Step, ...], msgspec.Meta(min_length=1, max_length=20)]
    free_from_minor: _Minor | None = None
    takes: Annotated[str, msgspec.Meta(max_length=40, pattern=r"^[^\x00]*$")] = ""
    bulky_minor: _Minor = 0


class Rules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a venue's things get to people. Until an owner adds zones, they are collected at the venue.

    `tax_rate_bp` is of shipping itself; `packaging_g` is added to every parcel; `sender` stands on papers.
    """

    collect: bool = True
    zones: Annotated[tuple[Zone, ...], msgspec.Meta(max_length=30)] = ()
    packaging_g: _Grams = 0
    tax_rate_bp: Annotated[int, msgspec.Meta(ge=0, le=10_000)] = 0
    sender: Annotated[str, msgspec.Meta(max_length=300, pattern=r"^[^\x00]*$")] = ""


class NotShippedThere(Exception):
    """No zone has this country."""


class CollectOnly(Exception):
    """Something of it does not travel."""


class TooHeavy(Exception):
    """The zone has no step for a parcel of this weight."""


class Contradiction(ValueError):
    """Rules that say two things at once; the message says which."""


def check(rules: Rules) -> None:
    """Raises `Contradiction` unless every parcel has at most one price."""
    named: set[str] = set()
    for zone in rules.zones:
        twice = named.intersection(zone.countries) or _repeated(zone.countries)
        if twice:
            raise Contradiction(f"{min(twice)} stands in two zones.")
        named.update(zone.countries)
        limits = [step.up_to_g for step in zone.steps]
        if limits != sorted(set(limits)):
            raise Contradiction(f"The weights of {zone.name} have to rise from step to step.")
    if not rules.collect and not rules.zones:
        raise Contradiction("Nobody could get anything: let people collect, or add a zone.")


def _repeated(countries: tuple[str, ...]) -> set[str]:
    return {country for country in countries if countries.count(country) > 1}


def zone_of(rules: Rules, country: str) -> Zone:
    """The zone of a country. Raises `NotShippedThere`."""
    for wanted in (country, ELSEWHERE):
        for zone in rules.zones:
            if wanted in zone.countries:
                return zone
    raise NotShippedThere(country)


def cost_minor(rules: Rules, country: str, weight_g: int, worth_minor: int, bulky: int = 0) -> int:
    """What shipping things of this weight and worth costs, `bulky` pieces among them.

    Raises `NotShippedThere` or `TooHeavy`.
    """
    zone = zone_of(rules, country)
    parcel_g = weight_g + rules.packaging_g
    for step in zone.steps:
        if parcel_g <= step.up_to_g:
            free = zone.free_from_minor is not None and worth_minor >= zone.free_from_minor
            return (0 if free else step.price_minor) + bulky * zone.bulky_minor
    raise TooHeavy(f"{parcel_g} g")
