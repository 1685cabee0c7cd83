"""The one meaning of facts: `evolve(state, fact) -> state` and `rows(state, fact)`, for every kind.

Edge, cloud and tests fold with this file and nothing else, which is why their tables can be compared row
by row. A new kind of fact is a module beside this one and a line in `_MODULES`. A reader of a journal
that was written by a newer release meets event types it does not know: `decode_record` raises
`UnknownEvent` for those, so that the caller can keep the bytes and set the aggregate aside.
"""

from collections.abc import Callable
from types import ModuleType
from typing import Any

import msgspec

from protocol.codec import UNREADABLE
from protocol.facts import (
    account,
    bill,
    booking,
    cart,
    credit,
    design,
    device,
    drill,
    menu,
    note,
    order,
    owner_command,
    payment,
    play,
    play_clock,
    play_code,
    printout,
    refund_request,
    shift,
    shop_order,
    station,
    stock,
    stored_card,
    table,
    terminal,
    ticket,
    venue,
)
from protocol.facts.bill_events import BillEvent
from protocol.facts.fact import Fact, ImpossibleFact, Row, TableShape
from protocol.facts.play_events import PlayEvent

#: aggregate kind -> module. The kind is what stands before the colon of `Fact.aggregate`.
_MODULES: dict[str, ModuleType] = {
    "table": table,
    "cart": cart,
    "order": order,
    "ticket": ticket,
    "print": printout,
    "stock": stock,
    "menu": menu,
    "venue": venue,
    "play": play,
    "station": station,
    "account": account,
    "credit": credit,
    "code": play_code,
    "clock": play_clock,
    "bill": bill,
    "shift": shift,
    "payment": payment,
    "command": owner_command,
    "refund": refund_request,
    "note": note,
    "drill": drill,
    "devices": device,
    "design": design,
    "shop": shop_order,
    "stored": stored_card,
    "terminal": terminal,
    "booking": booking,
}

Event = (
    table.TableEvent
    | cart.CartEvent
    | order.OrderEvent
    | ticket.TicketEvent
    | printout.PrintEvent
    | stock.StockEvent
    | menu.MenuAdopted
    | venue.VenueConfigured
    | PlayEvent
    | station.StationEvent
    | account.AccountEvent
    | credit.CreditEvent
    | play_code.CodeEvent
    | play_clock.ClockTicked
    | BillEvent
    | payment.PaymentEvent
    | shift.ShiftEvent
    | owner_command.CommandEvent
    | refund_request.RefundRequestEvent
    | note.NoteEvent
    | drill.DrillEvent
    | device.DeviceEvent
    | design.DesignEvent
    | shop_order.ShopOrderEvent
    | stored_card.StoredCardEvent
    | terminal.TerminalEvent
    | booking.BookingEvent
)
State = (
    table.TableSession
    | cart.Cart
    | order.Order
    | ticket.Ticket
    | printout.Printout
    | stock.Stock
    | menu.MenuBook
    | venue.Venue
    | play.PlaySession
    | station.Station
    | account.Account
    | credit.Credits
    | play_code.PlayCode
    | play_clock.PlayClock
    | bill.Bill
    | payment.Payment
    | shift.Shift
    | owner_command.OwnerCommand
    | refund_request.RefundRequest
    | note.Note
    | drill.Drill
    | device.Devices
    | design.Design
    | shop_order.ShopOrder
    | stored_card.StoredCard
    | terminal.Terminal
    | booking.Booking
)
AnyFact = Fact[Event]

_EVOLVE: dict[type, Callable[[Any, Any, Any], State]] = {
    event: function for module in _MODULES.values() for event, function in module.EVOLVE.items()
}
_ROWS: dict[type, Callable[[Any, Any], list[Row]]] = {
    event: module.rows for module in _MODULES.values() for event in module.EVOLVE
}

#: event type -> aggregate kind it belongs to.
KINDS: dict[type, str] = {event: kind for kind, module in _MODULES.items() for event in module.EVOLVE}

#: Kinds whose every fact tells all of the aggregate's state.
WHOLE = frozenset({"menu", "venue", "station", "account", "clock", "terminal"})

#: Every folded table by name, in an order in which they can be created.
SHAPES: dict[str, TableShape] = {shape.name: shape for module in _MODULES.values() for shape in module.SHAPES}

_decoder = msgspec.json.Decoder(AnyFact)
_type_of = msgspec.json.Decoder(Fact[dict[str, Any]])
_encoder = msgspec.json.Encoder()


class UnknownEvent(Exception):
    """The record is well formed, but its event type is from a release that this program does not know."""


class BadRecord(Exception):
    """The record is not a fact at all: damaged, or not ours."""


def encode_record(fact: AnyFact) -> bytes:
    """The fact's one byte representation."""
    return _encoder.encode(fact)


def decode_record(record: bytes | str) -> AnyFact:
    """The fact of a record. Raises `UnknownEvent` or `BadRecord`."""
    try:
        return _decoder.decode(record)
    except UNREADABLE as error:
        raise _reason(record, error) from error


def decode_envelope(record: bytes | str) -> Fact[dict[str, Any]]:
    """The fact with its event left as it came, for records that this release does not understand.

    Raises `BadRecord` when not even the envelope can be read.
    """
    try:
        return _type_of.decode(record)
    except UNREADABLE as error:
        raise BadRecord(str(error)) from error


def _reason(record: bytes | str, error: Exception) -> UnknownEvent | BadRecord:
    try:
        envelope = decode_envelope(record)
    except BadRecord as bad:
        return bad
    name = envelope.event.get("type")
    known = any(event.__name__ == name for event in _EVOLVE)
    return BadRecord(str(error)) if known or not isinstance(name, str) else UnknownEvent(name)


def evolve(state: State | None, fact: AnyFact) -> State:
    """The aggregate's state after `fact`. Raises `ImpossibleFact` when the state does not allow it."""
    version = 0 if state is None else state.version
    if fact.version != version + 1:
        raise ImpossibleFact(f"{fact.aggregate} is at version {version} and cannot take {fact.version}")
    return _EVOLVE[type(fact.event)](state, fact.event, fact)


def restored(newest: AnyFact) -> State:
    """The state of an aggregate of a kind in `WHOLE` from its newest fact alone."""
    return _EVOLVE[type(newest.event)](None, newest.event, newest)


def rows(state: State, fact: AnyFact) -> list[Row]:
    """Rows of the folded tables that `fact` changed, as they are in `state`, the state right after it."""
    return _ROWS[type(fact.event)](state, fact)
