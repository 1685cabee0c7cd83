"""`/ws/staff`: what changes on the floor and what needs somebody, to every screen of the staff.

A screen gets a `hello` with everything, then news as it is committed, and each alarm when it goes up or down.
Messages of several kinds come from several places; whoever has news calls `tell`.
"""

from collections.abc import Callable
from typing import Any

from aiohttp import WSMsgType, web

from edge.web.guests.phones import Phone, frame
from edge.web.guests.table_socket import MOST_BAD, MOST_FRAME_BYTES, POLICY_VIOLATION, SUB_PROTOCOL
from edge.web.tokens import Tokens

#: Makes what a screen is greeted with; each gives some fields of the `hello`.
Greeting = Callable[[], dict[str, Any]]


class StaffScreens:
    """All open staff screens. Belongs to the event loop's thread."""

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens
        self._screens: list[Phone] = []
        self._greetings: list[Greeting] = []

    def __len__(self) -> int:
        return len(self._screens)

    def greet(self, greeting: Greeting) -> None:
        """Have its fields told to every screen that opens."""
        self._greetings.append(greeting)

    def tell(self, message: Any) -> None:
        """One message to every screen, encoded once."""
        if not self._screens:
            return
        told = frame(message)
        for screen in self._screens:
            screen.write(told)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Upgrade, greet, then tell until the screen goes away. Refuses who is no staff."""
        staff = self._tokens.staff(request)
        socket = web.WebSocketResponse(
            protocols=(SUB_PROTOCOL,), heartbeat=20.0, max_msg_size=MOST_FRAME_BYTES, compress=False
        )
        await socket.prepare(request)
        if request.transport is None:
            return socket
        screen = Phone(request.transport, "", staff.user)
        screen.tell(self._hello())
        self._screens.append(screen)
        try:
            await _listen(socket, screen)
        finally:
            self._screens.remove(screen)
        return socket

    def _hello(self) -> dict[str, Any]:
        fields: dict[str, Any] = {"type": "hello"}
        for greeting in self._greetings:
            fields.update(greeting())
        return fields


async def _listen(socket: web.WebSocketResponse, screen: Phone) -> None:
    """A screen only asks whether the box is there; one that talks nonsense is hung up on."""
    bad = 0
    async for message in socket:
        if message.type is not WSMsgType.TEXT:
            return
        if message.data == '{"type":"ping"}':
            screen.tell({"type": "pong"})
            continue
        bad += 1
        if bad >= MOST_BAD:
            await socket.close(code=POLICY_VIOLATION, message=b"too many messages")
            return
