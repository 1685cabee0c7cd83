"""Everything that can be asked of the venue, in the imperative.

`mid` is the client's idempotency key: the same `mid` within the same aggregate gets the first answer
again, for as long as the journal is kept. Commands carry what the caller proved (who they are, digests of
what they typed); secrets and randomness stay outside the core. `by` is who of the staff asks, where somebody
does it for a guest.
"""

import msgspec

from edge.core.afar.commands import RemoteCommand
from edge.core.bookings.commands import BookingCommand
from edge.core.devices.commands import DeviceCommand
from edge.core.money.commands import TillCommand
from edge.core.orders.location import Origin
from edge.core.play.commands import PlayCommand
from edge.core.shop.commands import ShopCommand
from edge.core.tables.commands import FloorCommand
from protocol.facts.cart import Choice
from protocol.facts.menu import Menu
from protocol.facts.printout import Slip
from protocol.facts.venue import VenueConfig
from protocol.whereabouts import Gps


class JoinTable(msgspec.Struct, frozen=True):
    """A phone scanned `table_code`. The pids and the digest are fresh; unused ones are dropped."""

    table_code: str
    name: str
    session_pid: str
    member_pid: str
    token_digest: str
    mid: str | None = None


class ValidatePass(msgspec.Struct, frozen=True):
    """A member typed the pass word, of which only the digest comes here."""

    session_pid: str
    member_pid: str
    word_digest: str
    mid: str | None = None


class CloseTable(msgspec.Struct, frozen=True):
    """The guests are gone, says `by`."""

    session_pid: str
    reason: str
    by: str
    mid: str | None = None


class AddItem(msgspec.Struct, frozen=True, gc=False):
    """Put `qty` of a menu item into the cart, made as `modifiers` say; `choices` fill a combo's slots."""

    session_pid: str
    member_pid: str
    menu_item: int
    qty: int
    note: str = ""
    modifiers: tuple[int, ...] = ()
    tmp_id: str | None = None
    mid: str | None = None
    by: str | None = None
    takeaway: bool = False
    choices: tuple[Choice, ...] = ()


class ChangeItem(msgspec.Struct, frozen=True, gc=False):
    """Change a line that was last seen at `version`. None leaves a field as it is.

    With `confirm` the guest agrees to the dish as the menu in force has it, name, price and all.
    """

    session_pid: str
    member_pid: str
    id: int
    version: int
    qty: int | None = None
    note: str | None = None
    modifiers: tuple[int, ...] | None = None
    mid: str | None = None
    by: str | None = None
    takeaway: bool | None = None
    choices: tuple[Choice, ...] | None = None
    confirm: bool = False


class RemoveItem(msgspec.Struct, frozen=True, gc=False):
    """Take out a line that was last seen at `version`."""

    session_pid: str
    member_pid: str
    id: int
    version: int
    mid: str | None = None
    by: str | None = None


class PlaceOrder(msgspec.Struct, frozen=True):
    """Order what is in the cart, provided it is what the guest saw; also once more after it has failed.

    `cart_hash` is the guest's view by hash; `expected_lines` (menu item id, qty) and
    `expected_total_minor` say the same in seed 002's way. Whatever is given must agree with the cart.
    `origin` is where the request came from and `gps` where the phone says it is.
    """

    session_pid: str
    member_pid: str
    cart_hash: str | None = None
    expected_lines: tuple[tuple[int, int], ...] | None = None
    expected_total_minor: int | None = None
    special_instructions: str = ""
    origin: Origin | None = None
    gps: Gps | None = None
    mid: str | None = None
    by: str | None = None


class AskPointOfSale(msgspec.Struct, frozen=True):
    """The point of sale is about to be asked for the `attempt`-th time."""

    order_id: str
    attempt: int
    mid: str | None = None


class ConfirmOrder(msgspec.Struct, frozen=True):
    """The point of sale has taken the order; `reference` is its own name for it."""

    order_id: str
    attempt: int
    reference: str = ""
    mid: str | None = None


class FailOrder(msgspec.Struct, frozen=True):
    """It is certain that `attempt` did not take the order; `final` says that no other will.

    `error` is a code, `message` the reason for guests.
    """

    order_id: str
    attempt: int
    error: str
    message: str
    final: bool = False
    mid: str | None = None


class ReleaseLock(msgspec.Struct, frozen=True):
    """Give the cart back if its lock has run out or is from before a reboot, or if its owner has gone."""

    order_id: str
    owner_gone: bool = False
    mid: str | None = None


class SettleOrder(msgspec.Struct, frozen=True):
    """The point of sale cannot be asked; `by` went and looked whether it has `taken` the order."""

    order_id: str
    taken: bool
    by: str
    mid: str | None = None


class AdvanceTicket(msgspec.Struct, frozen=True):
    """A kitchen device or a cook moved a ticket."""

    ticket: str
    station: str
    state: str
    by: str
    mid: str | None = None


class FireCourse(msgspec.Struct, frozen=True):
    """The table is ready for a course of an order, says `by`; the kitchen should begin."""

    order_id: str
    course: str
    by: str
    mid: str | None = None


class BumpLine(msgspec.Struct, frozen=True):
    """A cook has one line of a ticket `done`, or takes that back."""

    ticket: str
    station: str
    line: int
    done: bool
    by: str
    mid: str | None = None


class TakeItemOff(msgspec.Struct, frozen=True):
    """The kitchen is out of a menu item, or has it again."""

    menu_item: int
    off: bool
    by: str
    mid: str | None = None


class CountStock(msgspec.Struct, frozen=True):
    """Somebody counted what is left; None stops counting."""

    menu_item: int
    qty: int | None
    by: str
    mid: str | None = None


class AskPrint(msgspec.Struct, frozen=True):
    """Somebody wants `slip` on paper, once. `printer` is empty for the one where such slips come out."""

    job: str
    kind: str
    slip: Slip
    by: str
    printer: str = ""
    mid: str | None = None


class BeginPrint(msgspec.Struct, frozen=True):
    """`printer` is ready and is about to be sent the job; `kind` names a ticket's, which nobody asked for."""

    job: str
    kind: str
    printer: str
    mid: str | None = None


class FinishPrint(msgspec.Struct, frozen=True):
    """`printer` worked the job off."""

    job: str
    printer: str
    mid: str | None = None


class DropPrint(msgspec.Struct, frozen=True):
    """The slip is not wanted any more, for `reason`."""

    job: str
    reason: str
    by: str
    mid: str | None = None


class AdoptMenu(msgspec.Struct, frozen=True):
    """The owner published a menu; `down_seq` is its place in the stream, 0 for one imported on the box."""

    menu: Menu
    down_seq: int = 0
    mid: str | None = None


class ConfigureVenue(msgspec.Struct, frozen=True):
    """The owner changed the configuration; `down_seq` as for a menu."""

    config: VenueConfig
    down_seq: int = 0
    mid: str | None = None


OrderingCommand = (
    JoinTable
    | ValidatePass
    | CloseTable
    | AddItem
    | ChangeItem
    | RemoveItem
    | PlaceOrder
    | AskPointOfSale
    | ConfirmOrder
    | FailOrder
    | ReleaseLock
    | SettleOrder
    | AdvanceTicket
    | BumpLine
    | FireCourse
    | TakeItemOff
    | CountStock
    | AskPrint
    | BeginPrint
    | FinishPrint
    | DropPrint
    | AdoptMenu
    | ConfigureVenue
)
Command = (
    OrderingCommand
    | PlayCommand
    | BookingCommand
    | FloorCommand
    | TillCommand
    | RemoteCommand
    | DeviceCommand
    | ShopCommand
)
