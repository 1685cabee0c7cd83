"""What a venue's shop sells: part of the configuration that the owner writes and the box adopts whole.

A product is a row that names a template (`protocol/design/templates.py`) and has a price; a new product is
a new row. The cloud's table `products` follows from the newest configuration, in the transaction that
publishes it.
"""

import msgspec


class ShopProduct(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something to design. `id` is the venue's own name for it: small letters, digits and -."""

    id: str
    template: str
    name: str
    price_minor: int
    tax_rate_bp: int = 0
    weight_g: int = 0
    words: str = ""


class ShopConfig(msgspec.Struct, frozen=True, omit_defaults=True):
    """The shop. With nothing in it the venue has none."""

    products: tuple[ShopProduct, ...] = ()
