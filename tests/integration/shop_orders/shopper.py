"""A guest of the shop and somebody at the venue, as they ask the cloud over HTTP."""

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import aiohttp

from cloud.app import Serving
from cloud.owners.venues.founding import NewVenue
from cloud.shop.orders.shipping import Rules, Step, Zone
from cloud.store.shop import designs
from protocol.design.parameters import Parameters, PlacedText
from protocol.identity import token_digest
from tests.integration.cloud.conftest import OWNER, PASSWORD
from tests.integration.payments.paying import type_in

RULES = Rules(
    zones=(
        Zone("Germany", ("DE",), (Step(1000, 490), Step(5000, 690)), free_from_minor=10_000, takes="2 days"),
        Zone("Elsewhere", ("*",), (Step(2000, 1590),)),
    ),
    packaging_g=100,
    tax_rate_bp=1900,
    sender="Hafenstraße 1\n20457 Hamburg",
)
ADDRESS = {"street": "Am Kai 7", "postal_code": "20457", "city": "Hamburg", "country": "DE"}
#: For conditions that hold soon on a quiet machine.
PATIENCE_S = 60

Answer = tuple[int, Any]


class Shopper:
    """A browser with a key of its own."""

    def __init__(self, cloud: Serving, venue: NewVenue, http: aiohttp.ClientSession) -> None:
        self.cloud, self.venue, self.http = cloud, venue, http
        self.key = secrets.token_urlsafe(32)
        self.design_id = ""

    async def designs(self, product: str = "mug", text: str = "Moin!") -> str:
        """A design of this guest's; the newest one is what they order."""
        self.design_id = str(uuid4())
        look = Parameters(text=PlacedText(text=text))
        async with self.cloud.pool.acquire() as connection:
            venue_id, digest = self.venue.venue_id, token_digest(self.key)
            made = await designs.add(connection, venue_id, self.design_id, digest, product, product, look)
        assert made
        return self.design_id

    async def ask(self, method: str, path: str, body: object = None) -> Answer:
        """One request with the key."""
        headers = {"Authorization": f"Bearer {self.key}"}
        url = self.cloud.url + path
        async with self.http.request(method, url, json=body, headers=headers) as answer:
            return answer.status, await answer.json()

    def wants(self, quantity: int = 1, **other: Any) -> dict[str, Any]:
        """The body of an order."""
        return {
            "venue_id": self.venue.venue_id,
            "lines": [{"design_id": self.design_id, "quantity": quantity}],
            "email": "Chinu@Example.com",
            "name": "Chinu",
            "mid": f"mid-{uuid4()}",
            "address": ADDRESS,
        } | other

    async def orders(self, quantity: int = 1, **other: Any) -> dict[str, Any]:
        """A draft."""
        status, order = await self.ask("POST", "/orders", self.wants(quantity, **other))
        assert status == 201, order
        assert isinstance(order, dict)
        return order

    async def order(self, order_id: str) -> dict[str, Any]:
        """How it stands."""
        status, order = await self.ask("GET", f"/orders/{order_id}")
        assert status == 200, order
        assert isinstance(order, dict)
        return order

    async def page(self, order_id: str) -> str:
        """Where to pay."""
        status, answer = await self.ask("POST", f"/orders/{order_id}/checkout")
        assert status == 200, answer
        return str(answer["url"])

    async def pays(self, order_id: str, number: str = "4242 4242 4242 4242") -> str | None:
        """On the hosted page; where it leads then."""
        return await type_in(self.http, await self.page(order_id), number)

    async def paid(self, **other: Any) -> dict[str, Any]:
        """An order that is paid."""
        order = await self.orders(**other)
        await self.pays(order["order_id"])
        return await self.until(order["order_id"], "paid")

    async def until(self, order_id: str, status: str, name: str = "status") -> dict[str, Any]:
        """The order once it is there."""
        found: dict[str, Any] = {}

        async def there() -> bool:
            found.update(await self.order(order_id))
            return bool(found[name] == status)

        await until(there)
        return found


class Staff:
    """Somebody who is logged in to the dashboard."""

    def __init__(self, cloud: Serving, http: aiohttp.ClientSession) -> None:
        self.cloud, self.http = cloud, http
        self.headers: dict[str, str] = {}

    async def sign_in(self) -> None:
        """As the owner."""
        body = {"email": OWNER, "password": PASSWORD}
        async with self.http.post(f"{self.cloud.url}/api/login", json=body) as answer:
            self.headers["X-CSRF-Token"] = (await answer.json())["csrf"]

    async def ask(self, method: str, path: str, body: object = None) -> Answer:
        """One request with the login session."""
        url = self.cloud.url + path
        async with self.http.request(method, url, json=body, headers=self.headers) as answer:
            return answer.status, await answer.json()

    async def order(self, order_id: str) -> dict[str, Any]:
        """How it stands."""
        status, order = await self.ask("GET", f"/admin/orders/{order_id}")
        assert status == 200, order
        assert isinstance(order, dict)
        return order

    async def takes(self, order_id: str, status: str, **other: Any) -> Answer:
        """An order on, from how it stands now."""
        version = (await self.order(order_id))["version"]
        body = {"status": status, "version": version} | other
        return await self.ask("PUT", f"/admin/orders/{order_id}", body)


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    """Wait until it holds."""
    ends = time.monotonic() + PATIENCE_S
    while not await holds():
        assert time.monotonic() < ends, holds
        await asyncio.sleep(0.02)
