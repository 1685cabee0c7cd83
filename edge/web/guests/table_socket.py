"""`/ws/table`: the shared cart over a WebSocket (seed 000; contract.md, Guests).

Reading never waits for the disk: a mutation is handed to the writer and the next frame is read, up to a
bound per phone. What a mutation became is told to everyone by `phones.Phones` from the committed facts;
only refusals and repeats are answered here, to their author.
"""

import asyncio
import secrets
from collections.abc import Callable

import msgspec
from aiohttp import WSMsgType, web

from edge.core.commands import AddItem, ChangeItem, Command, PlaceOrder, RemoveItem
from edge.core.orders.location import Origin
from edge.journal.hot import Hot
from edge.journal.writer import Accepted, Outcome, Writer
from edge.web.guests.desk import session_pid_of
from edge.web.guests.ordering import order_id_of, order_mid, origin_of, progress
from edge.web.guests.phones import Phone, Phones
from edge.web.guests.presence import Presence
from edge.web.tokens import Tokens
from protocol import table
from protocol.codec import decode
from protocol.errors import Refusal, Refused, refuse
from protocol.facts.cart import Cart, CartItem, CartLocked, cart_hash
from protocol.facts.order import Order
from protocol.money import BadAmount, from_major
from protocol.news import ItemMessage

#: Mutations of one phone that may wait for the disk; then its next frame is not read yet.
MOST_IN_FLIGHT = 32
#: A phone whose messages keep being nonsense is closed after so many.
MOST_BAD = 20
#: Above our own 64 KiB limit, so that an oversize frame gets a named error instead of a closed socket.
MOST_FRAME_BYTES = 1024 * 1024
#: Close code for a phone that keeps sending nonsense (RFC 6455 §7.4.1, policy violation).
POLICY_VIOLATION = 1008
SUB_PROTOCOL = "holdfast.v1"

_decoder = msgspec.json.Decoder(table.FromPhone)


class TableSocket:
    """The handler, and what it needs."""

    def __init__(self, writer: Writer, hot: Hot, tokens: Tokens, phones: Phones, presence: Presence) -> None:
        self._writer = writer
        self._hot = hot
        self._tokens = tokens
        self._phones = phones
        self._presence = presence

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Upgrade, then read until the phone goes away."""
        seat = self._tokens.guest(request, session_pid_of(request, "sid"))
        socket = web.WebSocketResponse(
            protocols=(SUB_PROTOCOL,), heartbeat=20.0, max_msg_size=MOST_FRAME_BYTES, compress=False
        )
        await socket.prepare(request)
        if request.transport is None:
            return socket
        phone = Phone(request.transport, seat.session.session_pid, seat.member.member_pid)
        self._phones.add(phone)
        self._presence.came(phone.member_pid)
        try:
            await _Conversation(self, phone, socket, origin_of(request)).run()
        finally:
            self._presence.left(phone.member_pid)
            self._phones.remove(phone)
        return socket

    def command(self, phone: Phone, origin: Origin, message: table.CartMutate | table.PlaceOrder) -> Command:
        """The command that a message asks for. Raises `Refused`."""
        if isinstance(message, table.PlaceOrder):
            return self._place(phone, origin, message)
        mid = message.mid or secrets.token_hex(16)
        if message.op == "create":
            return _add(phone, message, mid)
        if message.id is None or message.version is None:
            raise Refused(refuse("invalid", f"“{message.op}” needs `id` and `version`."))
        if message.op == "delete":
            return RemoveItem(phone.session_pid, phone.member_pid, message.id, message.version, mid)
        return ChangeItem(
            session_pid=phone.session_pid,
            member_pid=phone.member_pid,
            id=message.id,
            version=message.version,
            qty=message.qty,
            note=message.note,
            modifiers=message.modifiers,
            mid=mid,
            takeaway=message.takeaway,
            choices=None if message.choices is None else table.choices_of(message.choices),
            confirm=message.confirm,
        )

    def _place(self, phone: Phone, origin: Origin, message: table.PlaceOrder) -> PlaceOrder:
        lines = tuple(sorted((item.menu_item_id, item.qty) for item in message.cart_items))
        seen = message.cart_hash or cart_hash(self._live(phone.session_pid))
        return PlaceOrder(
            session_pid=phone.session_pid,
            member_pid=phone.member_pid,
            cart_hash=message.cart_hash,
            expected_lines=lines or None,
            expected_total_minor=self._total_minor(message),
            special_instructions=message.special_instructions,
            origin=origin,
            gps=message.gps,
            mid=message.mid or order_mid(self._hot, phone.session_pid, phone.member_pid, seen),
        )

    def _live(self, session_pid: str) -> list[CartItem]:
        state = self._hot.committed(f"cart:{session_pid}")
        return state.live() if isinstance(state, Cart) else []

    def _total_minor(self, message: table.PlaceOrder) -> int | None:
        venue = self._hot.committed_venue()
        if message.total is None or venue is None:
            return None
        try:
            return from_major(message.total, venue.config.currency)
        except BadAmount as error:
            raise Refused(refuse("invalid", f"{error}.")) from error

    def submit(self, command: Command, reply: Callable[[Outcome], None]) -> None:
        """Hand a command to the writer."""
        self._writer.submit(command, reply)

    def repeated(self, phone: Phone, outcome: Accepted) -> list[object]:
        """What to tell the author of a repeated command: how things stand now, in the usual words."""
        state = self._hot.committed(f"cart:{phone.session_pid}")
        if isinstance(outcome.facts[0].event, CartLocked):
            order = self._hot.committed(f"order:{order_id_of(outcome)}")
            return [progress(order)] if isinstance(order, Order) else []
        if not isinstance(state, Cart):
            return []
        standing = (table.repeated(fact, state) for fact in outcome.facts)
        return [message for message in standing if message is not None]

    def as_of_now(self, phone: Phone, refusal: Refusal) -> Refusal:
        """A conflict with the line as it stands now.

        The decision saw it in the middle of a batch. What the batch did to it afterwards has been told
        already, and the line as it was in between would put it back on the phone.
        """
        seen = (refusal.detail or {}).get("item")
        state = self._hot.committed(f"cart:{phone.session_pid}")
        if not isinstance(seen, ItemMessage) or not isinstance(state, Cart):
            return refusal
        line = table.item_message(state.items[seen.id])
        return msgspec.structs.replace(refusal, detail={**(refusal.detail or {}), "item": line})


class _Conversation:
    """One phone's socket: bounded in what may be under way and in how much nonsense it may send."""

    def __init__(
        self, desk: TableSocket, phone: Phone, socket: web.WebSocketResponse, origin: Origin
    ) -> None:
        self._desk = desk
        self._phone = phone
        self._socket = socket
        self._origin = origin
        self._in_flight = 0
        self._bad = 0
        self._room = asyncio.Event()
        self._room.set()

    async def run(self) -> None:
        """Read until the phone goes away or has sent too much nonsense."""
        async for frame in self._socket:
            if frame.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
                return
            try:
                self._take(decode(_decoder, frame.data))
            except Refused as error:
                self._phone.tell(table.error_message(error.refusal, None))
                self._bad += 1
                if self._bad >= MOST_BAD:
                    await self._socket.close(code=POLICY_VIOLATION, message=b"too many bad messages")
                    return
            if not self._room.is_set():
                await self._room.wait()

    def _take(self, message: table.FromPhone) -> None:
        if isinstance(message, table.Ping):
            self._phone.tell({"type": "pong"})
            return
        tmp_id = message.tmpId if isinstance(message, table.CartMutate) else None
        try:
            command = self._desk.command(self._phone, self._origin, message)
        except Refused as error:
            self._phone.tell(table.error_message(error.refusal, message.mid, tmp_id))
            return
        self._in_flight += 1
        if self._in_flight >= MOST_IN_FLIGHT:
            self._room.clear()
        self._desk.submit(command, lambda outcome: self._settle(outcome, message.mid, tmp_id))

    def _settle(self, outcome: Outcome, mid: str | None, tmp_id: str | None) -> None:
        self._in_flight -= 1
        self._room.set()
        if isinstance(outcome, Refusal):
            self._phone.tell(table.error_message(self._desk.as_of_now(self._phone, outcome), mid, tmp_id))
        elif outcome.repeated:
            for message in self._desk.repeated(self._phone, outcome):
                self._phone.tell(message)


def _add(phone: Phone, message: table.CartMutate, mid: str) -> AddItem:
    if message.menu_item is None:
        raise Refused(refuse("invalid", "“create” needs `menu_item`."))
    return AddItem(
        session_pid=phone.session_pid,
        member_pid=phone.member_pid,
        menu_item=message.menu_item,
        qty=1 if message.qty is None else message.qty,
        note=message.note or "",
        modifiers=message.modifiers or (),
        tmp_id=message.tmpId,
        mid=mid,
        takeaway=message.takeaway or False,
        choices=table.choices_of(message.choices or ()),
    )
