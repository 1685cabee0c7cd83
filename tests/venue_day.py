"""Facts as a real service makes them: tables open, fill carts, order, the kitchen works, tables close.

Every fact is folded as it is made, with the very code that edge and cloud use, so a day is a valid journal
by construction and its tables are known: what the cloud must hold after taking it in.
"""

import random
from collections.abc import Iterator

import msgspec

from protocol.facts import cart, fold, order, play_clock, play_events, printout, stock, table, ticket
from protocol.facts.fact import Fact, chain, genesis
from protocol.facts.station import Standing, StationFreed, StationTaken
from protocol.facts.station import aggregate_of as station_aggregate
from protocol.identity import uuid7

_DISHES = ((17, "Margherita", 1150, "kitchen"), (25, "Rump Steak", 2490, "kitchen"), (59, "Cola", 340, "bar"))
_MORNING_MS = 1_790_000_000_000
#: What one whole visit of a table is worth, about.
FACTS_A_VISIT = 33

Tables = dict[str, dict[tuple[object, ...], tuple[object, ...]]]


class VenueDay:
    """One box's journal: `records` and the chain's hash after each, and the tables they fold into."""

    def __init__(
        self, log_id: str, restaurant_id: int = 7, seed: int = 0, wall_ms: int = 1_790_000_000_000
    ) -> None:
        self.log_id = log_id
        self.records: list[bytes] = []
        self.hashes: list[bytes] = [genesis(log_id)]
        self.states: dict[str, fold.State] = {}
        self.tables: Tables = {}
        self._restaurant_id = restaurant_id
        self._random = random.Random(seed)
        self.wall_ms = wall_ms
        self._items = 99
        self._orders = 0

    @property
    def tail_seq(self) -> int:
        """Seq of the last fact."""
        return len(self.records)

    def happen(self, aggregate: str, event: fold.Event) -> fold.AnyFact:
        """One more fact: journalled and folded."""
        state = self.states.get(aggregate)
        self.wall_ms += self._random.randrange(1, 4000)
        fact = Fact(
            seq=len(self.records) + 1,
            aggregate=aggregate,
            version=1 if state is None else state.version + 1,
            event=event,
            boot="boot-1",
            mono_ns=self.wall_ms * 1_000_000,
            wall_ms=self.wall_ms,
            mid=self._id(),
        )
        self._fold(fact)
        self.append(fold.encode_record(fact))
        return fact

    def append(self, record: bytes) -> None:
        """Journal any bytes at all, understood or not."""
        self.records.append(record)
        self.hashes.append(chain(self.hashes[-1], record))

    def cut(self, tail_seq: int) -> None:
        """A backup is put back: whatever came after `tail_seq` never happened here."""
        kept = self.records[:tail_seq]
        self.records, self.hashes, self.states, self.tables = [], self.hashes[:1], {}, {}
        for record in kept:
            self._fold(fold.decode_record(record))
            self.append(record)

    def tables_at(self, seq: int) -> Tables:
        """The folded tables as they were after the fact `seq`."""
        earlier = VenueDay(self.log_id)
        for record in self.records[:seq]:
            earlier._fold(fold.decode_record(record))
        return earlier.tables

    def _fold(self, fact: fold.AnyFact) -> None:
        state = fold.evolve(self.states.get(fact.aggregate), fact)
        self.states[fact.aggregate] = state
        for name, row in fold.rows(state, fact):
            shape = fold.SHAPES[name]
            key = tuple(row[shape.column_names.index(column)] for column in shape.key)
            self.tables.setdefault(name, {})[key] = row

    def serve(self, visits: int) -> None:
        """Whole visits, up to twelve tables at once, so their facts lie mixed in the journal."""
        waiting = visits
        seated: list[Iterator[fold.AnyFact]] = []
        while waiting or seated:
            if waiting and len(seated) < 12:
                seated.append(self.visit())
                waiting -= 1
            guest = self._random.choice(seated)
            if next(guest, None) is None:
                seated.remove(guest)

    def visit(self) -> Iterator[fold.AnyFact]:
        """One table from its first scan to its last, fact by fact."""
        session, host = self._id(), self._id()
        of_table, of_cart = f"table:{session}", f"cart:{session}"
        number = self._random.randrange(1, 13)
        yield self.happen(of_table, table.TableOpened(session, f"CODE{number:02}", f"T{number}"))
        yield self.happen(of_table, table.MemberJoined(host, "Chinu", "00" * 32, host=True))
        yield self.happen(of_table, table.MemberJoined(self._id(), "Anshu", "11" * 32))
        yield self.happen(of_table, table.PassValidated(host))
        for _ in range(self._random.randrange(2, 5)):
            yield from self._line(of_cart, host)
        yield from self._order(session, of_cart, host, f"T{number}")
        yield self.happen(of_table, table.TableClosed("left"))

    def play(self, station_id: str, *, ends: bool) -> None:
        """Somebody plays for an hour and half an hour more; `ends` tells whether they are done by now."""
        session_id, of_station = self._id(), station_aggregate(station_id)
        hour = play_events.Entitlement(self._id(), 3600, 600, "CASH")
        more = play_events.Entitlement(self._id(), 1800, 300, "CASH")
        self.happen(of_station, StationTaken(Standing(session_id)))
        of_play = f"play:{session_id}"
        self.happen(of_play, play_events.PlayOrdered(session_id, station_id, "EUR", "pause", 30, hour))
        self.happen(of_play, play_events.PlayBegun(hour.id))
        self.happen(of_play, play_events.TimeAdded(more))
        self.happen("clock:clock", play_clock.ClockTicked())
        if ends:
            self.happen(of_play, play_events.PlayStopped("left"))
            self.happen(of_station, StationFreed(Standing()))

    def _line(self, of_cart: str, member: str) -> Iterator[fold.AnyFact]:
        self._items += 1
        dish, name, price_minor, _ = self._random.choice(_DISHES)
        away = self._random.random() < 0.3
        choices = (cart.Choice(1, dish), cart.Choice(2, dish, (7,))) if self._random.random() < 0.2 else ()
        item = cart.CartItem(
            self._items, dish, name, 1, member, price_minor, 1, takeaway=away, choices=choices
        )
        yield self.happen(of_cart, cart.ItemAdded(item, "c1"))
        changed = cart.ItemChanged(item.id, 2, 2, price_minor, takeaway=away, choices=choices)
        if self._random.random() < 0.2:
            changed = msgspec.structs.replace(changed, menu_version=2, name=f"New {name}")
        yield self.happen(of_cart, changed)
        if self._random.random() < 0.2:
            yield self.happen(of_cart, cart.ItemRemoved(item.id, 3))

    def _order(self, session: str, of_cart: str, host: str, table_name: str) -> Iterator[fold.AnyFact]:
        self._orders += 1
        order_id, name = f"ORD-{self._restaurant_id}-{self._orders}", f"K-{self._orders}"
        of_order = f"order:{order_id}"
        basket = self.states[of_cart]
        assert isinstance(basket, cart.Cart)
        lines = tuple(_ordered(item) for item in basket.live())
        total = sum(line.qty * line.price_minor for line in lines)
        yield self.happen(of_cart, cart.CartLocked(order_id, host, 10**15))
        placed = order.OrderPlaced(
            order_id, self._orders, session, table_name, host, "ab" * 32, lines, total, "EUR"
        )
        yield self.happen(of_order, placed)
        for line in lines:
            yield self.happen(f"stock:{line.menu_item}", stock.StockTaken(line.menu_item, line.qty, order_id))
        if self._random.random() < 0.1:
            yield self.happen(of_order, order.OrderFailed("timeout", "The till did not answer.", True))
            yield self.happen(of_order, order.OrderRetried(host))
        stations = tuple(sorted({line.station for line in lines}))
        later = self._random.random() < 0.3
        held = tuple(order.LaterTicket(f"{name}.2", station, "main") for station in stations if later)
        yield self.happen(of_order, order.OrderConfirmed(name, self._orders, stations, later=held))
        yield self.happen(of_cart, cart.ItemsOrdered(order_id))
        for station in stations:
            of_ticket = ticket.aggregate_of(name, station)
            own = tuple(line for line in lines if line.station == station)
            yield self.happen(
                of_ticket, ticket.TicketFired(name, station, order_id, session, table_name, own)
            )
            yield from self._print(printout.ticket_job(name, station))
            for state in ("received", "preparing", "ready", "served"):
                yield self.happen(of_ticket, ticket.TicketAdvanced(state))
            if later:
                main = ticket.TicketFired(
                    f"{name}.2", station, order_id, session, table_name, own, course="main"
                )
                yield from self._course(main)

    def _course(self, main: ticket.TicketFired) -> Iterator[fold.AnyFact]:
        """A later course, held and fired, or given up."""
        of_ticket = ticket.aggregate_of(main.ticket, main.station)
        yield self.happen(of_ticket, ticket.TicketHeld(main))
        if self._random.random() < 0.2:
            yield self.happen(of_ticket, ticket.TicketAdvanced("rejected"))
            return
        yield self.happen(of_ticket, ticket.HeldTicketFired())
        yield self.happen(of_ticket, ticket.TicketAdvanced("received"))

    def _print(self, job: str) -> Iterator[fold.AnyFact]:
        of_print = printout.aggregate_of(job)
        yield self.happen(of_print, printout.PrintAsked(job, "ticket"))
        for _ in range(self._random.choice((1, 1, 1, 2))):
            yield self.happen(of_print, printout.PrintBegun("Kitchen printer"))
        yield self.happen(of_print, printout.PrintFinished("Kitchen printer"))

    def _id(self) -> str:
        return uuid7(self.wall_ms, self._random.randbytes(10))


def _ordered(item: cart.CartItem) -> order.OrderLine:
    station = next(station for dish, _, _, station in _DISHES if dish == item.menu_item)
    parts = [
        order.OrderPart(choice.menu_item, item.name, item.price_minor // 2, station)
        for choice in item.choices
    ]
    return order.OrderLine(
        id=item.id,
        menu_item=item.menu_item,
        name=item.name,
        qty=item.qty,
        price_minor=item.price_minor,
        menu_version=item.menu_version,
        member=item.member,
        station=station,
        takeaway=item.takeaway,
        parts=tuple(parts),
    )
