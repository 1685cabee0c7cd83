"""What a venue's shop sells: part of the configuration that the owner writes and the box adopts whole.

A product is a row that names a template (`protocol/design/templates.py`) and has a price; a new product is
a new row. The cloud's table `products` follows from the newest configuration, in the transaction that
publishes it.
"""

from typing import Literal

import msgspec

from protocol.design.variants import Option

#: How a thing gets to people: by weight, by weight with a surcharge a piece, or not at all.
Carriage = Literal["parcel", "bulky", "collect"]


class ShopProduct(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something to design. `id` is the venue's own name for it: small letters, digits and -.

    `options` are sizes and colours, `sold_out` the variants that there are none of just now
    (`protocol/design/variants.py`). What is not `active` is kept and not sold.
    """

    id: str
    template: str
    name: str
    price_minor: int
    tax_rate_bp: int = 0
    weight_g: int = 0
    words: str = ""
    options: tuple[Option, ...] = ()
    sold_out: tuple[str, ...] = ()
    carriage: Carriage = "parcel"
    active: bool = True


class ShopConfig(msgspec.Struct, frozen=True, omit_defaults=True):
    """The shop. With nothing in it the venue has none."""

    products: tuple[ShopProduct, ...] = ()
