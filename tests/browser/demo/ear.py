"""What a page and the box say to each other, overheard in the browser: HTTP calls and WebSocket messages."""

import json
from typing import Any

from playwright.async_api import Page, Request, WebSocket


class Ear:
    """Listens from the first page on. Messages are kept in the order in which they were said."""

    def __init__(self, page: Page) -> None:
        self.asked: list[tuple[str, str, Any]] = []
        self.sent: list[dict[str, Any]] = []
        self.heard: list[dict[str, Any]] = []
        page.on("request", self._request)
        page.on("websocket", self._socket)

    def _request(self, request: Request) -> None:
        path = "/" + request.url.split("/", 3)[3]
        self.asked.append((request.method, path, request.post_data_json if request.post_data else None))

    def _socket(self, socket: WebSocket) -> None:
        socket.on("framesent", lambda payload: self.sent.append(json.loads(payload)))
        socket.on("framereceived", lambda payload: self.heard.append(json.loads(payload)))

    def calls(self, method: str, path: str) -> list[Any]:
        """Bodies of the calls to an address, query left aside."""
        return [
            body for verb, address, body in self.asked if (verb, address.partition("?")[0]) == (method, path)
        ]

    def mutations(self) -> list[dict[str, Any]]:
        """Every `cart_mutate` that the page has sent, without their `mid`."""
        return [message for message in self.sent if message["type"] == "cart_mutate"]

    def told(self, kind: str) -> list[dict[str, Any]]:
        """Every message of a kind that the page has heard."""
        return [message for message in self.heard if message["type"] == kind]
