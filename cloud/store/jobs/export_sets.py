"""What can be exported: a table of sets, each with its columns and with the page that follows a place.

Rule of the file: pages walk an index by time and key, each beginning right after the last row of the one
before, so a page is the same whoever asks for it and however often, as long as its rows are. What changes or
arrives behind the place meanwhile is not looked at again. Where the moment itself can change they walk by the
key alone, or a row that moves ahead of the place would be there twice.

Whoever has rows that are not a venue's (orders of the shop) adds an `ExportSet` with a `page` of their own;
`of_venue` makes one for a table whose rows belong to venues. `cloud/jobs/exporting.py` does the rest.
"""

from collections.abc import Awaitable, Callable
from datetime import date
from operator import itemgetter
from typing import Any

import asyncpg
import msgspec


class Column(msgspec.Struct, frozen=True):
    """One column. `kind` is `text`, `int`, `bool`, `minor` (money; `currency` stands beside it) or `ms`
    (a moment in milliseconds since 1970, UTC)."""

    name: str
    kind: str = "text"


class Place(msgspec.Struct, frozen=True):
    """Where the next page begins: behind this row of this venue. Empty at the start."""

    venue_id: str = ""
    at_ms: int = -(2**62)
    key: str = ""


class Wanted(msgspec.Struct, frozen=True):
    """Whose rows of which days, both included; of these venues, each in its own time zone."""

    organisation_id: str
    venues: list[str]
    first: date
    last: date


class Page(msgspec.Struct, frozen=True):
    """Rows in the order of the columns, and where it goes on; null at the end."""

    rows: list[tuple[Any, ...]]
    following: Place | None


class ExportSet(msgspec.Struct, frozen=True):
    """Something that can be exported; `words` on the page. `statement` is for tests to explain."""

    name: str
    words: str
    columns: tuple[Column, ...]
    page: Callable[[asyncpg.Connection, Wanted, Place, int], Awaitable[Page]]
    statement: str = ""


#: The venue's days, on its own clock.
_VENUE_DAYS = """
    SELECT name, day_begins_ms($2, timezone, day_begins) AS from_ms,
        day_begins_ms($3::date + 1, timezone, day_begins) AS until_ms
    FROM venues WHERE venue_id = $1
"""
#: `$1` venue, `$2` its name, `$3` to `$4` the moments, `$5` `$6` the row before, `$7` how many.
_PAGE = """
    SELECT {columns}, {at} AS at__, {key} AS key__ FROM {source}
    WHERE {venue} = $1 AND {at} >= $3::bigint AND {at} < $4::bigint AND ({at}, {key}) > ($5::bigint, $6::text)
    ORDER BY {at}, {key} LIMIT $7
"""
#: For moments that change: all rows of the venue are walked by their keys. `$5` is before any moment.
_PAGE_BY_KEY = """
    SELECT {columns}, {at} AS at__, {key} AS key__ FROM {source}
    WHERE {venue} = $1 AND {at} >= $3::bigint AND {at} < $4::bigint AND {at} > $5::bigint AND {key} > $6::text
    ORDER BY {key} LIMIT $7
"""
#: Rows are wanted in the order of an index. A planner that has not counted a young table yet would rather
#: sort all that is left for each page.
IN_ORDER = """
    SELECT set_config('enable_sort', 'off', true), set_config('enable_bitmapscan', 'off', true),
        set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true)
"""


def of_venue(
    name: str,
    words: str,
    *,
    source: str,
    at: str,
    key: str,
    columns: tuple[tuple[Column, str], ...],
    moves: bool = False,
) -> ExportSet:
    """A set of a venue's rows: `at` is their moment (indexed after the venue), `key` the text that tells rows
    of one moment apart. Where the moment `moves`, `key` is indexed after the venue and tells all rows apart,
    and each page for itself is in the order of moments. Called within a transaction."""
    listed = ", ".join(f'{expression} AS "{column.name}"' for column, expression in columns)
    venue = f"{source.split()[1]}.venue_id"
    statement = (_PAGE_BY_KEY if moves else _PAGE).format(
        columns=listed, source=source, at=at, key=key, venue=venue
    )

    async def page(connection: asyncpg.Connection, wanted: Wanted, place: Place, most: int) -> Page:
        await connection.execute(IN_ORDER)
        rows: list[tuple[Any, ...]] = []
        for venue_id in sorted(each for each in wanted.venues if each >= place.venue_id):
            days = await connection.fetchrow(_VENUE_DAYS, venue_id, wanted.first, wanted.last)
            if days is None:
                continue
            here = place if place.venue_id == venue_id else Place(venue_id)
            begin_ms = max(days["from_ms"], here.at_ms)
            found = await connection.fetch(
                *(statement, venue_id, days["name"], begin_ms, days["until_ms"], here.at_ms, here.key),
                most - len(rows),
            )
            shown = sorted(found, key=itemgetter("at__")) if moves else found
            rows += [tuple(row)[:-2] for row in shown]
            if len(rows) == most:
                at_ms = here.at_ms if moves else found[-1]["at__"]
                return Page(rows, Place(venue_id, at_ms, found[-1]["key__"]))
        return Page(rows, None)

    return ExportSet(name, words, tuple(column for column, _ in columns), page, statement)


_VENUE = (Column("venue"), "$2::text")


def _text(name: str, expression: str) -> tuple[Column, str]:
    return Column(name), expression


def _minor(name: str, expression: str) -> tuple[Column, str]:
    return Column(name, "minor"), expression


def _ms(name: str, expression: str) -> tuple[Column, str]:
    return Column(name, "ms"), expression


def _int(name: str, expression: str) -> tuple[Column, str]:
    return Column(name, "int"), expression


ORDERS = of_venue(
    "orders",
    "Orders",
    source="orders o",
    at="o.placed_ms",
    key="o.order_id",
    columns=(
        _VENUE,
        _text("order_id", "o.order_id"),
        _ms("placed_at", "o.placed_ms"),
        _text("table_name", "o.table_name"),
        _text("status", "o.status"),
        _text("currency", "o.currency"),
        _minor("total", "o.total_minor"),
        _text("ticket", "o.ticket"),
        _text("instructions", "o.special_instructions"),
    ),
)

SALES = of_venue(
    "sales",
    "Sales, line by line",
    source="orders o JOIN order_lines l ON l.venue_id = o.venue_id AND l.order_id = o.order_id"
    " AND o.status = 'confirmed'",
    at="o.placed_ms",
    key="(o.order_id || ' ' || lpad(l.id::text, 19, '0'))",
    columns=(
        _VENUE,
        _text("order_id", "o.order_id"),
        _ms("placed_at", "o.placed_ms"),
        _text("table_name", "o.table_name"),
        _int("menu_item", "l.menu_item"),
        _text("item", "l.name"),
        _int("qty", "l.qty"),
        _text("currency", "o.currency"),
        _minor("price", "l.price_minor"),
        _minor("amount", "l.price_minor * l.qty"),
        _int("tax_rate_bp", "l.tax_rate_bp"),
        (Column("takeaway", "bool"), "l.takeaway"),
        _text("station", "l.station"),
        _text("note", "l.note"),
    ),
)

PAYMENTS = of_venue(
    "payments",
    "Payments",
    source="payments p",
    at="p.initiated_ms",
    key="p.payment_pid",
    columns=(
        _VENUE,
        _text("payment", "p.payment_pid"),
        _ms("initiated_at", "p.initiated_ms"),
        _ms("completed_at", "p.completed_ms"),
        _text("method", "p.method"),
        _text("status", "p.status"),
        _text("currency", "p.currency"),
        _minor("amount", "p.amount_minor"),
        _minor("tip", "p.tip_minor"),
        _minor("rounding", "p.rounding_minor"),
        _minor("refunded", "p.refunded_minor"),
        _text("till", "p.till"),
        _text("shift", "p.shift_pid"),
        _text("reference", "p.reference"),
        _text(
            "for",
            "CASE WHEN p.session_pid IS NOT NULL THEN 'bill' WHEN p.payment_pid LIKE 'code-%' THEN 'code'"
            " ELSE 'balance' END",
        ),
    ),
)

SESSIONS = of_venue(
    "sessions",
    "Play sessions",
    source="play_sessions s",
    at="s.ordered_ms",
    key="s.session_id",
    columns=(
        _VENUE,
        _text("session_id", "s.session_id"),
        _text("station_id", "s.station_id"),
        _text("status", "s.status"),
        _ms("ordered_at", "s.ordered_ms"),
        _ms("begun_at", "s.begun_ms"),
        _ms("ended_at", "s.ended_ms"),
        _int("entitled_s", "s.entitled_s"),
        _int("played_s", "s.consumed_ms / 1000"),
        _text("currency", "s.currency"),
        _minor("paid", "s.paid_minor"),
        _minor("due", "s.due_minor"),
        _text("reason", "s.reason"),
    ),
)

BOOKINGS = of_venue(
    "bookings",
    "Bookings of stations",
    source="bookings b LEFT JOIN payments p ON p.venue_id = b.venue_id AND p.payment_pid = b.deposit_pid",
    at="b.starts_ms",
    key="b.booking_id",
    moves=True,
    columns=(
        _VENUE,
        _text("booking_id", "b.booking_id"),
        _text("station_id", "b.station_id"),
        _ms("starts_at", "b.starts_ms"),
        _ms("ends_at", "b.ends_ms"),
        _text("name", "b.name"),
        _int("party", "b.party"),
        _text("status", "b.status"),
        _ms("made_at", "b.made_ms"),
        _ms("settled_at", "b.settled_ms"),
        _text("currency", "b.currency"),
        _minor("deposit", "b.deposit_minor"),
        _text("deposit_status", "b.deposit"),
        _text("deposit_method", "b.deposit_method"),
        _text("deposit_payment", "b.deposit_pid"),
        _minor("deposit_returned", "coalesce(p.refunded_minor, 0)"),
        _text("session_id", "b.session_id"),
        _text("reason", "b.reason"),
    ),
)

SHIFTS = of_venue(
    "shifts",
    "Shifts",
    source="shifts s",
    at="s.opened_ms",
    key="s.shift_pid",
    columns=(
        _VENUE,
        _text("shift", "s.shift_pid"),
        _text("till", "s.till"),
        _text("status", "s.status"),
        _text("opened_by", "s.opened_by"),
        _ms("opened_at", "s.opened_ms"),
        _ms("closed_at", "s.closed_ms"),
        _text("currency", "s.currency"),
        _minor("float", "s.float_minor"),
        _minor("expected", "s.expected_minor"),
        _minor("counted", "s.counted_minor"),
        _minor("difference", "s.difference_minor"),
        _int("z_number", "s.z_number"),
    ),
)

SHOP_ORDERS = of_venue(
    "shop_orders",
    "Orders of the shop",
    source="shop_orders o",
    at="o.created_ms",
    key="o.order_id::text",
    columns=(
        _VENUE,
        _text("order_id", "o.order_id::text"),
        _text("number", "'S-' || o.number"),
        _ms("created_at", "o.created_ms"),
        _text("source", "o.source"),
        _text("status", "o.status"),
        _text("payment_status", "o.payment_status"),
        _text("name", "o.name"),
        _text("email", "o.email"),
        _text("country", "o.address->>'country'"),
        _text("currency", "o.currency"),
        _minor("items", "o.items_minor"),
        _minor("shipping", "o.shipping_minor"),
        _minor("tax", "o.tax_minor"),
        _minor("total", "o.total_minor"),
        _minor("refunded", "o.refunded_minor"),
        _text(
            "things",
            "(SELECT string_agg(l.quantity || ' × ' || l.name, '; ' ORDER BY l.line) FROM shop_order_lines l"
            " WHERE l.venue_id = o.venue_id AND l.order_id = o.order_id)",
        ),
    ),
)

SHOP_LINES = of_venue(
    "shop_lines",
    "Things of the shop, line by line",
    source="shop_orders o JOIN shop_order_lines l ON l.venue_id = o.venue_id AND l.order_id = o.order_id",
    at="o.created_ms",
    key="(o.order_id || ' ' || lpad(l.line::text, 4, '0'))",
    columns=(
        _VENUE,
        _text("order_id", "o.order_id::text"),
        _text("number", "'S-' || o.number"),
        _ms("created_at", "o.created_ms"),
        _text("status", "o.status"),
        _text("product_id", "l.product_id"),
        _text("variant", "l.params->>'variant'"),
        _text("thing", "l.name"),
        _int("qty", "l.quantity"),
        _text("currency", "o.currency"),
        _minor("price", "l.unit_minor"),
        _minor("amount", "l.gross_minor"),
        _minor("tax", "l.tax_minor"),
        _int("tax_rate_bp", "l.tax_rate_bp"),
        _int("weight_g", "l.weight_g"),
        _text("design_id", "l.design_id::text"),
    ),
)

SETS = {
    each.name: each for each in (ORDERS, SALES, PAYMENTS, SESSIONS, BOOKINGS, SHIFTS, SHOP_ORDERS, SHOP_LINES)
}
