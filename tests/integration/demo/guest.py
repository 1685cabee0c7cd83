"""A guest with a phone, talking to a real box over HTTP and WebSocket as seed 000 says."""

import uuid
from typing import Any, Self

import aiohttp


class Guest:
    """Sits at a table and orders."""

    def __init__(self, http: aiohttp.ClientSession, edge: str) -> None:
        self._http = http
        self._edge = edge
        self.session_pid = self.token = ""
        self._headers: dict[str, str] = {}

    async def _post(self, path: str, body: dict[str, Any], status: int) -> dict[str, Any]:
        async with self._http.post(f"{self._edge}{path}", json=body, headers=self._headers) as answer:
            assert answer.status == status, await answer.text()
            reply: dict[str, Any] = await answer.json()
            return reply

    async def sit_down(self, table: str, word: str) -> Self:
        """Join a table and give the pass word."""
        joined = await self._post("/session/join", {"table": table, "name": "Chinu"}, 200)
        self.go_on(joined["session_pid"], joined["ws_token"])
        body = {"session_pid": self.session_pid, "word": word}
        assert await self._post("/session/validate_pass", body, 200) == {"ok": True}
        return self

    def go_on(self, session_pid: str, token: str) -> Self:
        """At a table where one sits already, at this box or at the one before it."""
        self.session_pid, self.token = session_pid, token
        self._headers = {"Authorization": f"Bearer {token}"}
        return self

    async def menu_item(self) -> int:
        """Something that can be ordered as it is."""
        async with self._http.get(f"{self._edge}/menu") as answer:
            menu = await answer.json()
        item = next(each for each in menu["items"] if not each["modifier_groups"] and not each["sold_out"])
        found: int = item["id"]
        return found

    async def snapshot(self) -> dict[str, Any]:
        """The table as it stands."""
        address = f"{self._edge}/cart_snapshot?session_pid={self.session_pid}"
        async with self._http.get(address, headers=self._headers) as answer:
            assert answer.status == 200, await answer.text()
            body: dict[str, Any] = await answer.json()
            return body

    async def add(self, menu_item: int, qty: int = 1) -> dict[str, Any]:
        """Put something into the cart over the socket; the line that everybody is told of."""
        address = f"{self._edge}/ws/table?sid={self.session_pid}"
        async with self._http.ws_connect(address, headers=self._headers) as socket:
            mutation = {
                "type": "cart_mutate",
                "op": "create",
                "tmpId": "c1",
                "menu_item": menu_item,
                "qty": qty,
            }
            await socket.send_json({**mutation, "mid": str(uuid.uuid4())})
            while True:
                message = await socket.receive_json(timeout=60)
                assert message["type"] != "error", message
                if message["type"] == "cart_update":
                    item: dict[str, Any] = message["item"]
                    return item

    async def order(self) -> dict[str, Any]:
        """Order what is in the cart: `order_id` and `ticket`."""
        cart_hash = (await self.snapshot())["cart_hash"]
        body = {"session_pid": self.session_pid, "cart_hash": cart_hash, "special_instructions": ""}
        return await self._post("/orders", body, 201)

    async def order_something(self) -> dict[str, Any]:
        """One of the first dish that can be had."""
        await self.add(await self.menu_item())
        return await self.order()
