"""Two people at one table whose fingers come down in the same instant."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from tests.integration.faults.phone import new_mid
from tests.sample_venue import WORD

_PATIENCE_S = 60.0


class Person:
    """A member with an open socket. Messages are kept until somebody asks for them."""

    def __init__(
        self, http: aiohttp.ClientSession, seat: dict[str, Any], socket: aiohttp.ClientWebSocketResponse
    ) -> None:
        self._http = http
        self._socket = socket
        self.seat = seat
        self.session_pid: str = seat["session_pid"]
        self.member_pid: str = seat["member_pid"]
        self.headers = {"Authorization": f"Bearer {seat['ws_token']}"}

    async def receive(self) -> str:
        """Whatever comes next. Raises `TypeError` once the socket is closed."""
        return await self._socket.receive_str()

    async def say(self, **message: Any) -> str:
        """Send a message under a fresh mid, unless it has one."""
        message = {"mid": new_mid(), **message}
        await self._socket.send_json(message)
        return str(message["mid"])

    async def mutate(self, op: str, **fields: Any) -> str:
        """Send a `cart_mutate`; its mid."""
        return await self.say(type="cart_mutate", op=op, **fields)

    async def hear(self, kind: str, **wanted: object) -> dict[str, Any]:
        """The next message of a kind with these values; others are passed over."""
        return await self.hear_any((kind,), **wanted)

    async def hear_any(self, kinds: tuple[str, ...], **wanted: object) -> dict[str, Any]:
        """The next message of any of these kinds with these values."""
        async with asyncio.timeout(_PATIENCE_S):
            while True:
                message: dict[str, Any] = json.loads(await self._socket.receive_str())
                if message["type"] in kinds and wanted.items() <= message.items():
                    return message

    async def create(self, menu_item: int, qty: int = 1) -> dict[str, Any]:
        """A new line; how everyone was told of it."""
        mid = await self.mutate("create", menu_item=menu_item, qty=qty)
        return await self.hear("cart_update", mid=mid)

    async def snapshot(self) -> dict[str, Any]:
        """The table as it is now."""
        path = f"/cart_snapshot?session_pid={self.session_pid}"
        async with self._http.get(path, headers=self.headers) as answer:
            body: dict[str, Any] = await answer.json()
        assert answer.status == 200, body
        return body

    async def order(self, cart_hash: str) -> tuple[int, dict[str, Any]]:
        """`POST /orders`; status and body."""
        body = {"session_pid": self.session_pid, "cart_hash": cart_hash}
        async with self._http.post("/orders", json=body, headers=self.headers) as answer:
            return answer.status, await answer.json()


@asynccontextmanager
async def person(
    url: str, table: str, name: str, seat: dict[str, Any] | None = None
) -> AsyncIterator[Person]:
    """Somebody who sits down, unless they have a seat, and stays connected while the block lasts."""
    async with aiohttp.ClientSession(url) as http:
        seat = seat or await _sit_down(http, table, name)
        headers = {"Authorization": f"Bearer {seat['ws_token']}"}
        path = f"/ws/table?sid={seat['session_pid']}"
        async with http.ws_connect(path, headers=headers) as socket:
            yield Person(http, seat, socket)


async def _sit_down(http: aiohttp.ClientSession, table: str, name: str) -> dict[str, Any]:
    async with http.post("/session/join", json={"table": table, "name": name}) as answer:
        seat: dict[str, Any] = await answer.json()
    headers = {"Authorization": f"Bearer {seat['ws_token']}"}
    body = {"session_pid": seat["session_pid"], "word": WORD}
    async with http.post("/session/validate_pass", json=body, headers=headers) as answer:
        assert answer.status == 200, await answer.text()
    return seat
