"""What guests ask by way of the cloud, carried out with the venue's own commands: sit down, order.

Each has the ids that the phone gave it, the same as on the venue's network, so doing one twice does it once.
What was put into the cart for an order that is then refused is taken out again, and nobody is charged more
for a dish than their phone showed. A guest may sit down by the order itself, which is how those order who
came while the venue could not be asked; whoever of the staff says yes to such an order vouches for them.

Counterparts: `errands.py` runs these, `cloud/guests/desk.py` asks.
"""

import hmac
from collections.abc import Awaitable, Callable

import msgspec

from edge.core.commands import AddItem, Command, JoinTable, PlaceOrder, RemoveItem, ValidatePass
from edge.core.tables.commands import AttendTable
from edge.journal.hot import Hot
from edge.journal.writer import Accepted, Outcome
from protocol.errors import Refusal, refuse
from protocol.facts.cart import CartItem, CartLocked, ItemAdded
from protocol.facts.owner_command import OwnerCommand
from protocol.facts.table import TableSession
from protocol.instruction import GuestJoin, GuestLine, GuestOrder, GuestSeat

#: What came of it, by name; or why nothing did.
Done = dict[str, str] | Refusal


class GuestErrands:
    """`insist` carries out a command of the venue, whenever the disk can be written."""

    def __init__(self, hot: Hot, insist: Callable[[Command], Awaitable[Outcome]]) -> None:
        self._hot = hot
        self._insist = insist

    async def join(self, command_id: str, ask: GuestJoin) -> Done:
        """Seat them; `session_pid` and `member_pid`."""
        join = JoinTable(
            ask.table_code, ask.name, ask.session_pid, ask.member_pid, ask.token_digest, command_id
        )
        return await self._sit(join, ask.word_digest, vouched_by=None)

    async def order(self, command: OwnerCommand, ask: GuestOrder) -> Done:
        """Put the lines in and order; `order_id`, and where they sit if they sat down by it."""
        seated: dict[str, str] = {}
        if ask.seat is not None:
            wordless = self._wordless(ask.seat, command.approved_by)
            if wordless is not None:
                return wordless
            found = await self._sit(_join(ask), ask.seat.word_digest, command.approved_by)
            if isinstance(found, Refusal):
                return found
            seated, ask = found, msgspec.structs.replace(ask, session_pid=found["session_pid"])
        stranger = self._stranger(ask)
        fresh = await self._fill(ask) if stranger is None else stranger
        if isinstance(fresh, Refusal):
            return fresh
        placed = await self._place(ask)
        if isinstance(placed, Refusal):
            await self._empty(ask, fresh)
            return placed
        return {**seated, **placed}

    # ── sitting down ─────────────────────────────────────────────────────────────────────────────

    async def _sit(self, join: JoinTable, word_digest: str | None, vouched_by: str | None) -> Done:
        """A wrong word seats nobody; where somebody vouches for them, no word is asked for."""
        if vouched_by is None and self._wrong(word_digest):
            return refuse("wrong_pass")
        joined = await self._insist(join)
        if isinstance(joined, Refusal):
            return joined
        session_pid = joined.facts[0].aggregate.partition(":")[2]
        let_in = await self._let_in(session_pid, join.member_pid, word_digest, vouched_by)
        if isinstance(let_in, Refusal):
            return let_in
        return {"session_pid": session_pid, "member_pid": join.member_pid}

    def _wordless(self, seat: GuestSeat, vouched_by: str | None) -> Refusal | None:
        """Who says no word where one is asked for could not order, and does not sit down in vain."""
        session_pid = self._hot.open_session_at(seat.table_code)
        session = self._hot.committed(f"table:{session_pid}") if session_pid else None
        open_to_all = isinstance(session, TableSession) and session.pass_validated
        return None if seat.word_digest or vouched_by or open_to_all else refuse("pass_required")

    def _wrong(self, word_digest: str | None) -> bool:
        venue = self._hot.committed_venue()
        return word_digest is not None and venue is not None and word_digest != venue.config.pass_word_hash

    async def _let_in(
        self, session_pid: str, member_pid: str, word_digest: str | None, vouched_by: str | None
    ) -> Outcome | None:
        session = self._hot.committed(f"table:{session_pid}")
        if vouched_by is not None and isinstance(session, TableSession):
            vouch = AttendTable(session.table_code, session_pid, vouched_by, vouched_by)
            return await self._insist(vouch) if session.status == "open" else refuse("session_closed")
        if word_digest is not None:
            return await self._insist(ValidatePass(session_pid, member_pid, word_digest))
        return None

    def _stranger(self, ask: GuestOrder) -> Refusal | None:
        """Why the token opens nothing here; it is held against the member's, as on the venue's network."""
        session = self._hot.committed(f"table:{ask.session_pid}")
        if not isinstance(session, TableSession):
            return refuse("unknown_session")
        member = session.members.get(ask.member_pid)
        if member is None or not hmac.compare_digest(member.token_digest, ask.token_digest):
            return refuse("token_invalid")
        return None if session.status == "open" else refuse("session_closed")

    # ── ordering ─────────────────────────────────────────────────────────────────────────────────

    async def _fill(self, ask: GuestOrder) -> list[CartItem] | Refusal:
        """All lines, or none of them; those that were not in the cart before."""
        fresh: list[CartItem] = []
        for line in ask.lines:
            added = await self._insist(_add(ask, line))
            item = _fresh(added)
            if item is not None:
                fresh.append(item)
            refusal = added if isinstance(added, Refusal) else _dearer(line, item)
            if refusal is not None:
                await self._empty(ask, fresh)
                return self._about(line, refusal)
        return fresh

    async def _place(self, ask: GuestOrder) -> Done:
        placed = await self._insist(
            PlaceOrder(
                ask.session_pid,
                ask.member_pid,
                ask.cart_hash,
                special_instructions=ask.special_instructions,
                gps=ask.gps,
                mid=ask.mid,
            )
        )
        if isinstance(placed, Refusal):
            return placed
        locked = placed.facts[0].event
        return {"order_id": locked.order_id if isinstance(locked, CartLocked) else ""}

    async def _empty(self, ask: GuestOrder, fresh: list[CartItem]) -> None:
        """What was put into the cart for this order alone does not stay there for the next one."""
        for line in fresh:
            await self._insist(RemoveItem(ask.session_pid, ask.member_pid, line.id, line.version))

    def _about(self, line: GuestLine, refusal: Refusal) -> Refusal:
        """Which dish it is that cannot be had."""
        book = self._hot.committed_menu()
        dish = book.items.get(line.menu_item) if book else None
        if dish is None or dish.name in refusal.message:
            return refusal
        return refuse(refusal.code, f"{dish.name}: {refusal.message}")


def _join(ask: GuestOrder) -> JoinTable:
    """As the join by itself would have it, under the same `mid`."""
    assert ask.seat is not None
    seat = ask.seat
    return JoinTable(
        seat.table_code, seat.name, ask.session_pid, ask.member_pid, ask.token_digest, seat.join_id
    )


def _add(ask: GuestOrder, line: GuestLine) -> AddItem:
    return AddItem(
        ask.session_pid,
        ask.member_pid,
        line.menu_item,
        line.qty,
        line.note,
        line.modifiers,
        takeaway=line.takeaway,
        choices=line.choices,
        mid=line.mid,
    )


def _fresh(added: Outcome) -> CartItem | None:
    """The line, where it was not put in before."""
    if not isinstance(added, Accepted) or added.repeated:
        return None
    return next((fact.event.item for fact in added.facts if isinstance(fact.event, ItemAdded)), None)


def _dearer(line: GuestLine, item: CartItem | None) -> Refusal | None:
    """Why it is not ordered at the price that it has by now."""
    if item is None or line.price_minor is None or item.price_minor <= line.price_minor:
        return None
    return refuse("price_lapsed", "The price has changed; please look at your cart and order again.")
