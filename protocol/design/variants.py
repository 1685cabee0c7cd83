"""Sizes and colours of a product, and what choosing among them changes: price, weight, and what it is called.

A product has up to three options, each with choices; one choice of each, by their ids in the options' order,
is a variant: `l/navy`. What an owner has run out of is a list of variants. A design carries the variant in
its parameters, so it is frozen and copied with everything else a guest chose; an order writes down its name
and price. Pure, and the same at the table and at home. Counterparts: `protocol/facts/shop_config.py` has the
options, `protocol/pages/design/variants.ts` is this file for the editor.
"""

import itertools
from collections.abc import Sequence

import msgspec

from protocol.design.parameters import Parameters
from protocol.errors import Refused, refuse

MOST_OPTIONS = 3
MOST_CHOICES = 24


class Choice(msgspec.Struct, frozen=True, omit_defaults=True):
    """One size or colour. `extra_minor` and `extra_g` may be below zero; `swatch` is a colour to show."""

    id: str
    name: str
    extra_minor: int = 0
    extra_g: int = 0
    swatch: str = ""


class Option(msgspec.Struct, frozen=True, omit_defaults=True):
    """What there is to choose from, such as sizes; one of them is chosen."""

    id: str
    name: str
    choices: tuple[Choice, ...]


Options = Sequence[Option]


def every(options: Options) -> list[str]:
    """All variants in the owner's order; none where there is nothing to choose."""
    if not options:
        return []
    ids = [[choice.id for choice in option.choices] for option in options]
    return ["/".join(chosen) for chosen in itertools.product(*ids)]


def chosen(options: Options, variant: str) -> tuple[Choice, ...]:
    """The choices of a variant. Raises `Refused` with `variant_unavailable` where it is none."""
    ids = variant.split("/") if variant else []
    pairs = zip(options, ids, strict=False)
    found = tuple(each for option, wanted in pairs for each in option.choices if each.id == wanted)
    if len(ids) != len(options) or len(found) != len(options):
        raise Refused(refuse("variant_unavailable"))
    return found


def is_known(options: Options, variant: str) -> bool:
    """Whether there is such a variant, to be had or not."""
    try:
        return bool(chosen(options, variant))
    except Refused:
        return False


def named(name: str, options: Options, variant: str) -> str:
    """What it stands as on bills and papers: `T-shirt, L, navy`."""
    return ", ".join((name, *(choice.name for choice in chosen(options, variant))))


def known_as(name: str, options: Options, parameters: Parameters) -> str:
    """What a design is of, with its size and colour as far as there still are such."""
    variant = variant_of(parameters)
    return named(name, options, variant) if is_known(options, variant) else name


def priced(price_minor: int, options: Options, variant: str) -> int:
    """What a piece of it costs, never less than nothing."""
    return max(0, price_minor + sum(choice.extra_minor for choice in chosen(options, variant)))


def weighed(weight_g: int, options: Options, variant: str) -> int:
    """What a piece of it weighs."""
    return max(0, weight_g + sum(choice.extra_g for choice in chosen(options, variant)))


def settled(parameters: Parameters, options: Options, sold_out: Sequence[str]) -> Parameters:
    """The design on a variant that there is: the first to be had where none was chosen.

    Raises `Refused` with `variant_unavailable` for a variant that never was.
    """
    if not options:
        return msgspec.structs.replace(parameters, variant=msgspec.UNSET)
    if parameters.variant:
        chosen(options, parameters.variant)
        return parameters
    known = every(options)
    first = next((variant for variant in known if variant not in sold_out), known[0])
    return msgspec.structs.replace(parameters, variant=first)


def variant_of(parameters: Parameters) -> str:
    """The variant that was chosen; empty for none."""
    return parameters.variant or ""


def check_available(parameters: Parameters, options: Options, sold_out: Sequence[str]) -> None:
    """Raises `Refused` with `variant_unavailable` unless pieces of this variant can be ordered now."""
    chosen(options, variant_of(parameters))
    if variant_of(parameters) in sold_out:
        raise Refused(refuse("variant_unavailable"))
