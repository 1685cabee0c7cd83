"""`/ws/kitchen`: tickets to the kitchen page, steps and 'sold out' back.

The page gets a `snapshot` when it opens and each ticket again whenever it moves, so a screen that lost its
socket is right again after one message. `?station=` narrows it to one station.
"""

from collections.abc import Callable
from typing import Protocol

import msgspec
from aiohttp import WSMsgType, web

from edge.core.commands import AdvanceTicket, BumpLine, FireCourse
from edge.journal.board import BoardListener, KitchenBoard
from edge.journal.writer import Outcome, Writer
from edge.web.guests.phones import Phone
from edge.web.guests.table_socket import MOST_BAD, MOST_FRAME_BYTES, POLICY_VIOLATION, SUB_PROTOCOL
from edge.web.tokens import Staff, Tokens
from protocol import kitchen
from protocol.codec import decode
from protocol.errors import Refusal, Refused
from protocol.facts.ticket import Ticket
from protocol.table import error_message

_decoder = msgspec.json.Decoder(kitchen.FromPage)


class Practising(Protocol):
    """Who sends test tickets (`edge/effects/kitchen/practice.py`)."""

    def listen(self, listener: BoardListener) -> Callable[[], None]:
        """Hand them on until what is returned is called."""

    def answered(self, ticket: str, station: str, by: str) -> bool:
        """Whether this answers one."""


class KitchenSocket:
    """The handler, and what it needs."""

    def __init__(self, writer: Writer, board: KitchenBoard, tokens: Tokens, practice: Practising) -> None:
        self._writer = writer
        self._board = board
        self._tokens = tokens
        self._practice = practice

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Upgrade, show the board, then follow it until the page goes away."""
        staff = self._tokens.staff(request)
        station = request.query.get("station") or None
        socket = web.WebSocketResponse(
            protocols=(SUB_PROTOCOL,), heartbeat=20.0, max_msg_size=MOST_FRAME_BYTES, compress=False
        )
        await socket.prepare(request)
        if request.transport is None:
            return socket
        screen = Phone(request.transport, "", staff.user)
        screen.tell(self._snapshot(station))
        teller = self._teller(screen, station)
        stop_listening, stop_practising = self._board.listen(teller), self._practice.listen(teller)
        try:
            await self._read(socket, screen, staff)
        finally:
            stop_listening()
            stop_practising()
        return socket

    def _snapshot(self, station: str | None) -> dict[str, object]:
        tickets = [kitchen.ticket_message(ticket) for ticket in self._board.tickets(station)]
        return {"type": "snapshot", "stations": list(self._board.stations), "tickets": tickets}

    def _teller(self, screen: Phone, station: str | None) -> Callable[[list[Ticket]], None]:
        def tell(moved: list[Ticket]) -> None:
            for ticket in moved:
                if station in (None, ticket.fired.station):
                    screen.tell({"type": "ticket", **kitchen.ticket_message(ticket)})
            if not moved:
                screen.tell(self._snapshot(station))

        return tell

    async def _read(self, socket: web.WebSocketResponse, screen: Phone, staff: Staff) -> None:
        bad = 0
        async for frame in socket:
            if frame.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
                return
            try:
                self._take(decode(_decoder, frame.data), screen, staff)
            except Refused as error:
                screen.tell(error_message(error.refusal, None))
                bad += 1
                if bad >= MOST_BAD:
                    await socket.close(code=POLICY_VIOLATION, message=b"too many bad messages")
                    return

    def _take(self, message: kitchen.FromPage, screen: Phone, staff: Staff) -> None:
        if isinstance(message, kitchen.PagePing):
            screen.tell({"type": "pong"})
            return
        if isinstance(message, kitchen.PageAck) and self._practice.answered(
            message.ticket, message.station, "on its page"
        ):
            return
        by = f"staff:{staff.user}"
        command: AdvanceTicket | BumpLine | FireCourse
        if isinstance(message, kitchen.PageFire):
            command = FireCourse(message.order_id, message.course, by, message.mid)
        elif isinstance(message, kitchen.PageBump):
            command = BumpLine(message.ticket, message.station, message.line, message.done, by, message.mid)
        else:
            command = AdvanceTicket(message.ticket, message.station, message.state, by, message.mid)

        def settle(outcome: Outcome) -> None:
            if isinstance(outcome, Refusal):
                about = {} if isinstance(message, kitchen.PageFire) else {"ticket": message.ticket}
                screen.tell({**error_message(outcome, message.mid), **about})

        self._writer.submit(command, settle)
