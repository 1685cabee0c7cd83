"""Guests' designs: drafts that change under a version, and what becomes of them once they are handed over.

Postgres guards the states and keeps what was handed over as it is (`guard_design` in `schema.sql`). A
design made at a table comes here by its folded row and is changed by its box alone until it is final.
"""

from datetime import datetime

import asyncpg
import msgspec

from cloud.store.shop import products, renders
from protocol.design import variants
from protocol.design.parameters import Parameters
from protocol.design.variants import Option
from protocol.errors import Refused
from protocol.facts.shop_config import Carriage

#: Nobody keeps more drafts than this; older ones are still there, by their address.
MOST_LISTED = 60


class DesignRow(msgspec.Struct, frozen=True):
    """A design; `preview` is the name of its newest preview, `final_image` the key of its final picture."""

    venue_id: str
    design_id: str
    guest_digest: str
    source: str
    product_id: str
    template: str
    parameters: Parameters
    status: str
    version: int
    original_design_id: str | None
    preview: str | None
    final_image: str | None
    failure: str | None
    changed_at: datetime


class Frozen(msgspec.Struct, frozen=True):
    """What an order has to know of a design: name, price and weight are of its size and colour, and today's.

    `available` tells whether that can be ordered just now.
    """

    design_id: str
    guest_digest: str
    status: str
    version: int
    product_id: str
    name: str
    parameters: Parameters
    unit_minor: int
    currency: str
    tax_rate_bp: int
    tax_inclusive: bool
    weight_g: int
    carriage: Carriage
    on_sale: bool
    available: bool
    preview: str | None
    final_image: str | None
    original_design_id: str | None


_COLUMNS = (
    "venue_id::text, design_id::text, guest_digest, source, product_id, template, params::text AS params, "
    "status, version, original_design_id::text, preview, final_image, failure, changed_at"
)


def _row(row: asyncpg.Record) -> DesignRow:
    values = dict(row)
    return DesignRow(parameters=msgspec.json.decode(values.pop("params"), type=Parameters), **values)


def _text(parameters: Parameters) -> str:
    return msgspec.json.encode(parameters).decode()


async def add(
    connection: asyncpg.Connection | asyncpg.Pool,
    venue_id: str,
    design_id: str,
    guest_digest: str,
    product_id: str,
    template: str,
    parameters: Parameters,
) -> bool:
    """A draft; False if there is a design of this id."""
    made = await connection.execute(
        """
        INSERT INTO designs (venue_id, design_id, guest_digest, source, product_id, template, params, picture,
            status, version)
        VALUES ($1, $2, $3, 'home', $4, $5, $6::jsonb, $7, 'draft', 1) ON CONFLICT DO NOTHING
        """,
        venue_id,
        design_id,
        guest_digest,
        product_id,
        template,
        _text(parameters),
        parameters.picture.blob if parameters.picture else None,
    )
    return bool(made == "INSERT 0 1")


async def find(
    connection: asyncpg.Connection | asyncpg.Pool, design_id: str, guest_digest: str
) -> DesignRow | None:
    """A guest's own design."""
    row = await connection.fetchrow(
        f"SELECT {_COLUMNS} FROM designs WHERE design_id = $1 AND guest_digest = $2",
        design_id,
        guest_digest,
    )
    return _row(row) if row else None


async def by_id(connection: asyncpg.Connection, venue_id: str, design_id: str) -> DesignRow | None:
    """Anybody's, held until the transaction ends."""
    row = await connection.fetchrow(
        f"SELECT {_COLUMNS} FROM designs WHERE venue_id = $1 AND design_id = $2 FOR UPDATE",
        venue_id,
        design_id,
    )
    return _row(row) if row else None


async def of_guest(pool: asyncpg.Pool, venue_id: str, guest_digest: str) -> list[DesignRow]:
    """A guest's designs at a venue, the newest first."""
    rows = await pool.fetch(
        f"""
        SELECT {_COLUMNS} FROM designs WHERE venue_id = $1 AND guest_digest = $2
        ORDER BY changed_at DESC LIMIT {MOST_LISTED}
        """,
        venue_id,
        guest_digest,
    )
    return [_row(row) for row in rows]


async def change(
    pool: asyncpg.Pool, design: DesignRow, version: int, parameters: Parameters
) -> DesignRow | None:
    """The draft with other parameters, if it still is a draft of that version."""
    row = await pool.fetchrow(
        f"""
        UPDATE designs SET params = $4::jsonb, picture = $5, version = version + 1, changed_at = now()
        WHERE venue_id = $1 AND design_id = $2 AND version = $3 AND status = 'draft' RETURNING {_COLUMNS}
        """,
        design.venue_id,
        design.design_id,
        version,
        _text(parameters),
        parameters.picture.blob if parameters.picture else None,
    )
    return _row(row) if row else None


async def previewed(pool: asyncpg.Pool, design: DesignRow, name: str) -> None:
    """Its newest preview has this name."""
    await pool.execute(
        """
        UPDATE designs SET preview = $3
        WHERE venue_id = $1 AND design_id = $2 AND preview IS DISTINCT FROM $3
        """,
        design.venue_id,
        design.design_id,
        name,
    )


async def finalized(connection: asyncpg.Connection, venue_id: str, design_id: str) -> bool:
    """Hand a design over to be rendered, within the caller's transaction; False where it has been before.

    A draft is queued and its render asked for; so is one that has failed. Anything else stays as it is.
    """
    moved = await connection.execute(
        """
        UPDATE designs SET status = 'queued', finalized_at = coalesce(finalized_at, now()), failure = NULL,
            changed_at = now()
        WHERE venue_id = $1 AND design_id = $2 AND status IN ('draft', 'failed')
        """,
        venue_id,
        design_id,
    )
    if moved != "UPDATE 1":
        return False
    await renders.final(connection, venue_id, design_id)
    return True


async def copied(
    connection: asyncpg.Connection, venue_id: str, design_id: str, new_id: str, guest_digest: str
) -> bool:
    """A new draft that looks like an earlier design and names it (seed 004 §4); False if there is none."""
    made = await connection.execute(
        """
        INSERT INTO designs (venue_id, design_id, guest_digest, source, product_id, template, params, picture,
            status, version, original_design_id, preview)
        SELECT venue_id, $3, $4, 'home', product_id, template, params, picture, 'draft', 1, design_id, preview
        FROM designs WHERE venue_id = $1 AND design_id = $2
        ON CONFLICT DO NOTHING
        """,
        venue_id,
        design_id,
        new_id,
        guest_digest,
    )
    return bool(made == "INSERT 0 1")


async def frozen(connection: asyncpg.Connection, venue_id: str, design_id: str) -> Frozen | None:
    """A design and its product as an order needs them; None if there is no such design."""
    row = await connection.fetchrow(
        """
        SELECT d.design_id::text, d.guest_digest, d.status, d.version, d.product_id, p.name,
            d.params::text AS params, p.price_minor AS unit_minor, v.currency, p.tax_rate_bp,
            p.tax_inclusive, p.weight_g, p.carriage, p.on_sale, p.options::text AS options,
            p.sold_out::text AS sold_out, d.preview, d.final_image, d.original_design_id::text
        FROM designs d JOIN products p USING (venue_id, product_id) JOIN venues v USING (venue_id)
        WHERE d.venue_id = $1 AND d.design_id = $2
        """,
        venue_id,
        design_id,
    )
    if row is None:
        return None
    values = dict(row)
    parameters = msgspec.json.decode(values.pop("params"), type=Parameters)
    options, sold_out = products.choices_of(values.pop("options"), values.pop("sold_out"))
    return _chosen(Frozen(parameters=parameters, available=True, **values), options, sold_out)


def _chosen(design: Frozen, options: tuple[Option, ...], sold_out: tuple[str, ...]) -> Frozen:
    """With name, price and weight of the variant; of one that the owner has taken away, of the product."""
    variant = variants.variant_of(design.parameters)
    try:
        variants.chosen(options, variant)
    except Refused:
        return msgspec.structs.replace(design, available=False)
    return msgspec.structs.replace(
        design,
        name=variants.named(design.name, options, variant),
        unit_minor=variants.priced(design.unit_minor, options, variant),
        weight_g=variants.weighed(design.weight_g, options, variant),
        available=variant not in sold_out,
    )
