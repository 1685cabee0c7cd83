"""What venues sell in their shops. The rows follow the newest configuration; nobody writes them by hand."""

import asyncpg
import msgspec

from protocol.design.variants import Option
from protocol.facts.shop_config import Carriage


class Product(msgspec.Struct, frozen=True):
    """Something to design, in the currency of its venue."""

    product_id: str
    template: str
    name: str
    words: str
    price_minor: int
    tax_rate_bp: int
    tax_inclusive: bool
    weight_g: int
    options: tuple[Option, ...]
    sold_out: tuple[str, ...]
    carriage: Carriage


_COLUMNS = (
    "product_id, template, name, words, price_minor, tax_rate_bp, tax_inclusive, weight_g, "
    "options::text AS options, sold_out::text AS sold_out, carriage"
)


def _product(row: asyncpg.Record) -> Product:
    values = dict(row)
    values["options"], values["sold_out"] = choices_of(values.pop("options"), values.pop("sold_out"))
    return Product(**values)


def choices_of(options: str, sold_out: str) -> tuple[tuple[Option, ...], tuple[str, ...]]:
    """Options and the variants there are none of, out of their columns."""
    return (
        msgspec.json.decode(options, type=tuple[Option, ...]),
        msgspec.json.decode(sold_out, type=tuple[str, ...]),
    )


async def on_sale(pool: asyncpg.Pool, venue_id: str) -> list[Product]:
    """In the owner's order."""
    rows = await pool.fetch(
        f"SELECT {_COLUMNS} FROM products WHERE venue_id = $1 AND on_sale ORDER BY place", venue_id
    )
    return [_product(row) for row in rows]


async def find(pool: asyncpg.Pool, venue_id: str, product_id: str) -> Product | None:
    """One that is on sale."""
    row = await pool.fetchrow(
        f"SELECT {_COLUMNS} FROM products WHERE venue_id = $1 AND product_id = $2 AND on_sale",
        venue_id,
        product_id,
    )
    return _product(row) if row else None


async def names(pool: asyncpg.Pool, venue_id: str) -> dict[str, tuple[str, tuple[Option, ...]]]:
    """Name and options of everything that is or was sold."""
    rows = await pool.fetch(
        "SELECT product_id, name, options::text AS options FROM products WHERE venue_id = $1", venue_id
    )
    return {row["product_id"]: (row["name"], choices_of(row["options"], "[]")[0]) for row in rows}
