"""What venues sell in their shops. The rows follow the newest configuration; nobody writes them by hand."""

import asyncpg
import msgspec


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


_COLUMNS = "product_id, template, name, words, price_minor, tax_rate_bp, tax_inclusive, weight_g"


async def on_sale(pool: asyncpg.Pool, venue_id: str) -> list[Product]:
    """In the owner's order."""
    rows = await pool.fetch(
        f"SELECT {_COLUMNS} FROM products WHERE venue_id = $1 AND on_sale ORDER BY place", venue_id
    )
    return [Product(**dict(row)) for row in rows]


async def find(pool: asyncpg.Pool, venue_id: str, product_id: str) -> Product | None:
    """One that is on sale."""
    row = await pool.fetchrow(
        f"SELECT {_COLUMNS} FROM products WHERE venue_id = $1 AND product_id = $2 AND on_sale",
        venue_id,
        product_id,
    )
    return Product(**dict(row)) if row else None


async def names(pool: asyncpg.Pool, venue_id: str) -> dict[str, str]:
    """Of everything that is or was sold."""
    rows = await pool.fetch("SELECT product_id, name FROM products WHERE venue_id = $1", venue_id)
    return {row["product_id"]: row["name"] for row in rows}
