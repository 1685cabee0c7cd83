"""Sizes and colours: what is chosen, what it is called and costs, and what cannot be had."""

import msgspec
import pytest

from protocol.design import variants
from protocol.design.parameters import Parameters, canonical
from protocol.design.variants import Choice, Option
from protocol.errors import Refused
from protocol.facts.shop_config import ShopConfig, ShopProduct
from protocol.venue_file import shop_checks

SIZES = Option("size", "Size", (Choice("m", "M"), Choice("xl", "XL", 200, 40)))
COLOURS = Option(
    "colour", "Colour", (Choice("white", "white", swatch="#ffffff"), Choice("navy", "navy", -50))
)
SHIRT = ShopProduct("shirt", "shirt", "T-shirt", 2490, 1900, 200, options=(SIZES, COLOURS))


def test_a_variant_has_a_name_a_price_and_a_weight_of_its_own() -> None:
    assert variants.every(SHIRT.options) == ["m/white", "m/navy", "xl/white", "xl/navy"]
    assert variants.named("T-shirt", SHIRT.options, "xl/navy") == "T-shirt, XL, navy"
    assert variants.priced(2490, SHIRT.options, "xl/navy") == 2640
    assert variants.weighed(200, SHIRT.options, "xl/navy") == 240
    assert variants.priced(20, SHIRT.options, "m/navy") == 0, "nobody is paid to take it"


def test_what_comes_in_one_kind_has_no_variant() -> None:
    assert variants.every(()) == []
    assert variants.named("Mug", (), "") == "Mug"
    looks = variants.settled(Parameters(variant="xl/navy"), (), ())
    assert b"variant" not in msgspec.json.encode(looks)


def test_the_first_that_can_be_had_is_chosen_for_who_does_not_choose() -> None:
    looks = variants.settled(Parameters(), SHIRT.options, ("m/white",))
    assert looks.variant == "m/navy"
    assert (
        variants.settled(Parameters(variant="xl/white"), SHIRT.options, ("xl/white",)).variant == "xl/white"
    )
    assert variants.settled(Parameters(), SHIRT.options, variants.every(SHIRT.options)).variant == "m/white"


@pytest.mark.parametrize("variant", ["xl", "xl/navy/white", "navy/xl", "xl/", "/", "s/navy"])
def test_a_variant_that_there_is_not_is_refused_by_name(variant: str) -> None:
    for ask in (
        lambda: variants.settled(Parameters(variant=variant), SHIRT.options, ()),
        lambda: variants.check_available(Parameters(variant=variant), SHIRT.options, ()),
    ):
        with pytest.raises(Refused) as refused:
            ask()
        assert refused.value.refusal.code == "variant_unavailable"


def test_what_is_sold_out_can_be_designed_and_not_ordered() -> None:
    variants.check_available(Parameters(variant="m/navy"), SHIRT.options, ("m/white",))
    with pytest.raises(Refused):
        variants.check_available(Parameters(variant="m/white"), SHIRT.options, ("m/white",))


def test_a_picture_is_painted_once_for_all_sizes() -> None:
    assert canonical("shirt", Parameters(variant="m/navy")) == canonical("shirt", Parameters())


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"options": tuple(Option(f"size-{n}", "Size", SIZES.choices) for n in range(4))}, "three options"),
        ({"options": (SIZES, SIZES)}, "same id"),
        ({"options": (Option("size", "Size", ()),)}, "1 to 24 choices"),
        ({"options": (Option("size", "Size", (Choice("L/XL", "L"),)),)}, "small letters"),
        ({"options": (Option("size", " ", (Choice("l", "L"),)),)}, "has a name"),
        ({"options": (Option("size", "Size", (Choice("l", "L", swatch="red"),)),)}, "swatch"),
        ({"options": (Option("size", "Size", (Choice("l", "L", 10**9),)),)}, "too much more"),
        ({"sold_out": ("s/white",)}, "sold out"),
    ],
)
def test_options_that_cannot_be_meant_are_named(change: dict[str, object], complaint: str) -> None:
    assert all(right for right, _ in shop_checks(ShopConfig((SHIRT,))))
    wrong = msgspec.structs.replace(SHIRT, **change)
    found = [words for right, words in shop_checks(ShopConfig((wrong,))) if not right]
    assert len(found) == 1
    assert complaint in found[0]
