"""What an owner is changing of a venue's products; versioned, so that of two editors one is asked.

Counterpart: `cloud/shop/designs/product_desk.py` publishes a draft with the venue's configuration.
"""

import asyncpg
import msgspec

from protocol.facts.shop_config import ShopProduct


class ShopDraft(msgspec.Struct, frozen=True):
    """The products as somebody left them. Version 0 is before anybody changed anything."""

    version: int
    products: tuple[ShopProduct, ...]
    changed_by: str


async def read(connection: asyncpg.Connection, venue_id: str, *, lock: bool = False) -> ShopDraft | None:
    """The draft; None where nobody ever changed a product. With `lock` held until the transaction ends."""
    locking = " FOR UPDATE" if lock else ""
    row = await connection.fetchrow(
        "SELECT version, products::text AS products, changed_by FROM shop_drafts "
        f"WHERE venue_id = $1{locking}",
        venue_id,
    )
    if row is None:
        return None
    found = msgspec.json.decode(row["products"], type=tuple[ShopProduct, ...])
    return ShopDraft(row["version"], found, row["changed_by"])


async def write(
    connection: asyncpg.Connection,
    venue_id: str,
    version: int,
    products: tuple[ShopProduct, ...],
    changed_by: str,
) -> bool:
    """The draft after `version`; False if it has moved on from there. Held until the transaction ends."""
    written = await connection.fetchval(
        """
        INSERT INTO shop_drafts (venue_id, version, products, changed_by) VALUES ($1, 1, $3::jsonb, $4)
        ON CONFLICT (venue_id) DO UPDATE SET version = shop_drafts.version + 1, products = EXCLUDED.products,
            changed_by = EXCLUDED.changed_by, changed_at = now()
        WHERE shop_drafts.version = $2 RETURNING version
        """,
        venue_id,
        version,
        msgspec.json.encode(products).decode(),
        changed_by,
    )
    return bool(written == version + 1)
