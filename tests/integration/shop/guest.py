"""A guest of the shop at home: their key, and what their browser asks."""

import io
from typing import Any
from uuid import uuid4

import aiohttp
import msgspec

from protocol.design.parameters import Parameters


class Answer(msgspec.Struct, frozen=True):
    """What came back."""

    status: int
    body: Any
    headers: Any

    @property
    def code(self) -> str:
        """The code of a refusal."""
        return str(self.body["error"]["code"])


class Guest:
    """One browser."""

    def __init__(self, http: aiohttp.ClientSession, url: str, venue_id: str, key: str) -> None:
        self._http = http
        self._url = url
        self.venue_id = venue_id
        self.key = key

    async def ask(self, method: str, path: str, body: object = None, raw: bytes | None = None) -> Answer:
        """One request with the guest's key."""
        headers = {"Authorization": f"Bearer {self.key}"}
        data = raw
        if body is not None:
            headers["Content-Type"], data = "application/json", msgspec.json.encode(body)
        sent = io.BytesIO(data) if data is not None else None
        async with self._http.request(method, self._url + path, data=sent, headers=headers) as response:
            content = await response.read()
            plain = response.content_type == "application/json"
            found = msgspec.json.decode(content) if plain else content
            return Answer(response.status, found, response.headers)

    async def upload(self, raw: bytes) -> Answer:
        """A picture."""
        return await self.ask("POST", f"/pictures?venue_id={self.venue_id}", raw=raw)

    async def begin(self, parameters: Parameters, product_id: str = "mug") -> str:
        """A design; its id."""
        design_id = str(uuid4())
        body = {
            "venue_id": self.venue_id,
            "design_id": design_id,
            "product_id": product_id,
            "parameters": parameters,
        }
        begun = await self.ask("POST", "/designs", body)
        assert begun.status == 201, begun.body
        return design_id

    async def design(self, design_id: str) -> Any:
        """How it stands."""
        return (await self.ask("GET", f"/designs/{design_id}")).body

    async def preview(
        self, design_id: str, parameters: Parameters | None = None, quality: str = ""
    ) -> Answer:
        """A preview."""
        query = f"?quality={quality}" if quality else ""
        return await self.ask("POST", f"/designs/{design_id}/preview{query}", {"parameters": parameters})
