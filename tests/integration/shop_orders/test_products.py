"""Products with sizes and colours: edited as a draft, published to shop and box, chosen, frozen, paid for."""

import asyncio
import csv
import io
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import asyncpg
import msgspec

from protocol.facts.venue import VenueConfig
from tests.integration.shop_orders.shopper import ADDRESS, Shopper, Staff, until

LOOKS = {"text": {"text": "Ahoy"}}


async def _begin(shopper: Shopper, product_id: str, **parameters: Any) -> tuple[int, Any]:
    design_id = str(uuid4())
    body = {
        "venue_id": shopper.venue.venue_id,
        "design_id": design_id,
        "product_id": product_id,
        "parameters": {**LOOKS, **parameters},
    }
    shopper.design_id = design_id
    return await shopper.ask("POST", "/designs", body)


def _shirt(products: list[dict[str, Any]]) -> dict[str, Any]:
    return next(each for each in products if each["id"] == "shirt")


async def test_a_draft_of_products_is_published_to_shop_and_box(
    shopper: Shopper, staff: Staff, sql: asyncpg.Connection
) -> None:
    path = f"/api/venues/{shopper.venue.venue_id}/products"
    status, found = await staff.ask("GET", path)
    assert (status, found["version"], found["products"]) == (200, 0, found["published"])
    products = found["products"]
    _shirt(products)["price_minor"] = 1990
    products[0]["active"] = False
    products.append({"id": "poster", "template": "print", "name": "Poster", "price_minor": 2000})
    status, saved = await staff.ask("PUT", path, {"version": 0, "products": products})
    assert (status, saved["version"]) == (200, 1)
    status, late = await staff.ask("PUT", path, {"version": 0, "products": []})
    assert (status, late["error"]["code"]) == (409, "products_changed")
    catalogue = f"/shop/{shopper.venue.venue_id}/catalogue"
    before = (await shopper.ask("GET", catalogue))[1]["products"]
    assert [each["product_id"] for each in before] == ["mug", "coaster", "shirt", "cake", "print"]

    status, stale = await staff.ask("POST", f"{path}/publish", {"version": 0})
    assert (status, stale["error"]["code"]) == (409, "products_changed")
    pressed = [staff.ask("POST", f"{path}/publish", {"version": 1}) for _ in range(3)]
    for status, published in await asyncio.gather(*pressed):
        assert (status, published["products"]) == (200, published["published"])
    assert await sql.fetchval("SELECT count(*) FROM down_entries WHERE stream = 'config'") == 2, "once"
    sold = (await shopper.ask("GET", catalogue))[1]["products"]
    assert [each["product_id"] for each in sold] == ["coaster", "shirt", "cake", "print", "poster"]
    body = await sql.fetchval(
        "SELECT body FROM down_entries WHERE stream = 'config' ORDER BY seq DESC LIMIT 1"
    )
    config = msgspec.json.decode(body, type=VenueConfig)
    assert (config.shop.products[0].id, config.shop.products[0].active) == ("mug", False)
    assert config.tables, "the rest of the configuration is as it was"
    assert (await _begin(shopper, "mug"))[1]["error"]["code"] == "unknown_product"
    rows = await sql.fetch(
        "SELECT action, before, after FROM audit WHERE action LIKE 'products %' ORDER BY at"
    )
    assert [row["action"] for row in rows] == ["products changed", "products published"]
    assert {each["id"] for each in msgspec.json.decode(rows[1]["after"])} == {"mug", "shirt", "poster"}


async def test_what_could_not_be_sold_is_refused_in_words(shopper: Shopper, staff: Staff) -> None:
    path = f"/api/venues/{shopper.venue.venue_id}/products"
    for product, words in (
        ({"id": "x", "template": "yacht", "name": "X", "price_minor": 1}, "a template is one of"),
        ({"id": "X!", "template": "mug", "name": "X", "price_minor": 1}, "product ids are"),
        ({"id": "x", "template": "mug", "name": "X", "price_minor": -1}, "a price is not below zero"),
        ({"id": "x", "template": "mug", "name": "a\r\nb", "price_minor": 1}, "a name of one line"),
    ):
        status, answer = await staff.ask("PUT", path, {"version": 0, "products": [product]})
        assert (status, answer["error"]["code"]) == (400, "invalid")
        assert words in answer["error"]["message"]
    status, answer = await staff.ask("PUT", path, {"version": 0, "products": [{"id": "x"}]})
    assert status == 400


async def test_a_size_and_a_colour_are_chosen_frozen_exported_and_ordered_again(
    shopper: Shopper, staff: Staff, sql: asyncpg.Connection
) -> None:
    assert (await _begin(shopper, "shirt", variant="xxl/navy"))[1]["error"]["code"] == "variant_unavailable"
    status, design = await _begin(shopper, "shirt", variant="xl/navy")
    assert (status, design["parameters"]["variant"]) == (201, "xl/navy")
    order = await shopper.orders(2)
    line = order["lines"][0]
    assert (line["name"], line["unit_minor"], line["quantity"]) == ("T-shirt, XL, navy", 2790, 2)
    assert order["items_minor"] == 5580
    weight_g = await sql.fetchval("SELECT weight_g FROM shop_orders")
    assert weight_g == 2 * 240
    change = {"version": 1, "parameters": {**LOOKS, "variant": "s/white"}}
    status, final = await shopper.ask("PATCH", f"/designs/{shopper.design_id}", change)
    assert (status, final["error"]["code"]) == (409, "design_final")

    again = {"mid": "again-0001"}
    status, copy = await shopper.ask("POST", f"/orders/{order['order_id']}/reorder", again)
    assert (status, copy["lines"][0]["name"], copy["items_minor"]) == (201, "T-shirt, XL, navy", 5580)
    status, copied = await shopper.ask("GET", f"/designs/{copy['lines'][0]['design_id']}")
    assert copied["parameters"]["variant"] == "xl/navy"

    today = datetime.now(UTC).date()
    span = {"first": f"{today.year - 1}-01-01", "last": f"{today.year + 1}-12-31"}
    (row, _), (thing, _) = [await _exported(staff, what, span) for what in ("shop_orders", "shop_lines")]
    assert row["things"] == "2 × T-shirt, XL, navy"
    assert (thing["product_id"], thing["variant"], thing["qty"]) == ("shirt", "xl/navy", "2")


async def _exported(staff: Staff, what: str, span: dict[str, str]) -> list[dict[str, str]]:
    status, job = await staff.ask("POST", "/api/exports", {"what": what, "format": "csv", **span})
    assert status == 201, job
    path = f"/api/exports/{job['export_id']}/file"

    async def written() -> bool:
        async with staff.http.get(staff.cloud.url + path) as answer:
            return answer.status == 200

    await until(written)
    async with staff.http.get(staff.cloud.url + path) as answer:
        return list(csv.DictReader(io.StringIO(await answer.text())))


async def test_what_is_sold_out_or_only_collected_is_said_before_it_is_paid(shopper: Shopper) -> None:
    await _begin(shopper, "shirt", variant="s/kelp")
    finalize = await shopper.ask("POST", f"/designs/{shopper.design_id}/finalize", {"version": 1})
    assert (finalize[0], finalize[1]["error"]["code"]) == (409, "variant_unavailable")
    status, refused = await shopper.ask("POST", "/orders", shopper.wants())
    assert (status, refused["error"]["code"]) == (409, "variant_unavailable")
    await _begin(shopper, "cake")
    status, refused = await shopper.ask("POST", "/orders", shopper.wants(address=ADDRESS))
    assert (status, refused["error"]["code"]) == (409, "collect_only")
    assert (await shopper.ask("POST", "/orders", shopper.wants(address=None)))[0] == 201
