"""What the cloud may ask of a box, as it travels in the down stream `commands`.

Each entry is an `Instruction`: an id that makes a repeat harmless, who stands behind it, for how long it is
worth carrying out, and what is asked. How much of that time is left is worked out when the entry is handed
over (`link.Entry.age_ms`) and counted on the box's own monotonic clock, so no two wall clocks are ever
compared (sync.md, 'owner command'). What became of it comes back as facts of `command:{id}`.

Counterparts: `facts/owner_command.py` is the record on the box, `edge/core/afar/owner_commands.py` decides,
`cloud/owners/venues/commanding.py` asks.
"""

from typing import Annotated, Literal

import msgspec

from protocol.codec import UNREADABLE
from protocol.facts.cart import Choice
from protocol.whereabouts import Gps

_Name = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
#: Empty for the command's own id.
_Id = Annotated[str, msgspec.Meta(max_length=64)]
_Words = Annotated[str, msgspec.Meta(max_length=280)]
_Count = Annotated[int, msgspec.Meta(ge=1, le=999)]
_Place = Annotated[int, msgspec.Meta(ge=1, le=2**62)]

#: Longest time that is given away in one go: a day.
_Seconds = Annotated[int, msgspec.Meta(ge=60, le=24 * 3600)]
_Minor = Annotated[int, msgspec.Meta(ge=0, le=10**9)]
#: A drill is long enough to see something and short enough to forget about.
MOST_DRILL_MINUTES = 60
_DrillMinutes = Annotated[int, msgspec.Meta(ge=1, le=MOST_DRILL_MINUTES)]


class Asked(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="kind"):
    """Base of everything that can be asked; `kind` on the wire tells which."""


class MarkSoldOut(Asked, frozen=True, tag="mark_sold_out"):
    """The dish cannot be had from now on, or can again."""

    menu_item: _Place
    sold_out: bool = True


class ExtendSession(Asked, frozen=True, tag="extend_session"):
    """`seconds` more of play, paid for in the cloud with `amount_minor` (0: given).

    It counts once by its `extend_id`, whichever path that comes by.
    """

    session_id: _Name
    seconds: _Seconds
    amount_minor: _Minor = 0
    extend_id: _Id = ""


class StopSession(Asked, frozen=True, tag="stop_session"):
    """The play session ends now."""

    session_id: _Name
    reason: _Words = ""


class CancelOrder(Asked, frozen=True, tag="cancel_order"):
    """The order is not wanted any more.

    One that is confirmed already becomes the refund request `request_id`.
    """

    order_id: _Name
    reason: _Words = ""
    request_id: _Id = ""


class DecideRefund(Asked, frozen=True, tag="decide_refund"):
    """Somebody has looked at a refund request; `note` says what was done about the money."""

    request_id: _Name
    granted: bool
    note: _Words = ""


class StartDrill(Asked, frozen=True, tag="start_drill"):
    """Cut the link on purpose for `minutes`, and tell afterwards how the venue did without it."""

    minutes: _DrillMinutes
    drill_id: _Id = ""


class AskResend(Asked, frozen=True, tag="ask_resend"):
    """Say hello anew, and send whatever the cloud turns out not to have."""


class AskBackup(Asked, frozen=True, tag="ask_backup"):
    """Put a checked copy of the journal beside it, on the box."""


class ReturnPayment(Asked, frozen=True, tag="return_payment"):
    """Give a payment of a bill back, or `amount_minor` of it: by itself, or as a task for the staff."""

    payment_pid: _Name
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=280)]
    amount_minor: Annotated[int, msgspec.Meta(ge=1, le=10**9)] | None = None
    refund_id: _Id = ""


class SettleStoredCard(Asked, frozen=True, tag="settle_stored_card"):
    """The terminal has sent a card that it had stored, or that was declined, for `reason`."""

    payment_pid: _Name
    sent: bool
    reason: _Words = ""


class Upgrade(Asked, frozen=True, tag="upgrade"):
    """Put the release in place that there is for this venue, or `version` if that is still the one.

    Hours do not count then. With `insist` nor do open tickets, players and phones at tables.
    """

    version: Annotated[str, msgspec.Meta(max_length=60)] = ""
    insist: bool = False


class TellStaff(Asked, frozen=True, tag="tell_staff"):
    """Words for whoever stands at the counter, shown until somebody has read them."""

    text: Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
    note_id: _Id = ""


class CreditGrant(Asked, frozen=True, tag="credit_grant"):
    """Of the money in somebody's wallet this much may be spent here, with or without the internet.

    The cloud has set it aside for this venue alone, and only the box can give any of it back, so it never
    runs out (sync.md, 'wallet').
    """

    user_id: _Name
    grant_id: _Name
    amount_minor: _Minor


class ReturnGrant(Asked, frozen=True, tag="return_grant"):
    """Give back up to `amount_minor` of what was granted and is not spent."""

    user_id: _Name
    return_id: _Name
    amount_minor: _Minor


class WriteOffCredit(Asked, frozen=True, tag="write_off_credit"):
    """What a guest still owes the venue for `entry` is the venue's own loss (`facts/credit.py`)."""

    entry: _Name
    note: _Words = ""


class SettleCard(Asked, frozen=True, tag="settle_card"):
    """How a card payment ended that went by way of the cloud: the provider's word, once."""

    payment_pid: _Name
    state: Literal["COMPLETED", "FAILED"]
    reference: Annotated[str, msgspec.Meta(max_length=100)] = ""
    reason: _Words = ""


class GuestJoin(Asked, frozen=True, tag="guest_join"):
    """A phone that is not on the venue's network sits down at a table.

    The pids and the digest are fresh; `word_digest` is of the pass word, where the guest gave one.
    """

    table_code: _Name
    name: _Name
    session_pid: _Name
    member_pid: _Name
    token_digest: _Name
    word_digest: str | None = None


class GuestLine(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line of a guest's order under the `mid` that the phone gave it, on whichever path it comes.

    `price_minor` is what one piece cost on the phone: nobody is charged more than they saw. A box of a
    former release does not know it, nor `takeaway`.
    """

    mid: _Name
    menu_item: _Place
    qty: _Count
    note: _Words = ""
    modifiers: Annotated[tuple[int, ...], msgspec.Meta(max_length=50)] = ()
    choices: Annotated[tuple[Choice, ...], msgspec.Meta(max_length=20)] = ()
    takeaway: bool = False
    price_minor: _Minor | None = None


class GuestSeat(msgspec.Struct, frozen=True, omit_defaults=True):
    """A guest who sits down by the very order: at which table, under which name, with which pass word.

    `join_id` is the id of the `GuestJoin` that would seat the same guest, so both together seat them once.
    """

    join_id: _Name
    table_code: _Name
    name: _Name
    word_digest: str | None = None


class GuestOrder(Asked, frozen=True, tag="guest_order"):
    """A member orders by way of the cloud what the phone may have ordered on the venue's network as well.

    `lines` are put into the cart first, each once by its `mid`; `mid` is the order's own, the same on both
    paths, so that a repeat gives one order. `token_digest` proves the member to the box. With a `seat` the
    guest sits down first, with `session_pid` for a table at which nobody sits: that is for a venue that could
    not be asked before. Nobody sits down without a word where one is asked for; who sat down stays when the
    order is refused, and may order something else.
    """

    session_pid: _Name
    member_pid: _Name
    token_digest: _Name
    mid: _Name
    lines: Annotated[tuple[GuestLine, ...], msgspec.Meta(max_length=60)] = ()
    cart_hash: str | None = None
    special_instructions: _Words = ""
    gps: Gps | None = None
    seat: GuestSeat | None = None


#: What an owner may ask by hand.
OwnerAsk = (
    MarkSoldOut
    | ExtendSession
    | StopSession
    | CancelOrder
    | DecideRefund
    | StartDrill
    | AskResend
    | AskBackup
    | Upgrade
    | TellStaff
    | SettleStoredCard
    | WriteOffCredit
    | ReturnPayment
)
Ask = OwnerAsk | SettleCard | CreditGrant | ReturnGrant | GuestJoin | GuestOrder


class Instruction(msgspec.Struct, frozen=True, omit_defaults=True):
    """One entry of the stream. `by` is `owner:{e-mail}` or `guest`; it is worth carrying out for `ttl_ms`."""

    command_id: _Name
    by: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    ttl_ms: Annotated[int, msgspec.Meta(ge=0, le=2**40)]
    ask: Ask


class Unreadable(msgspec.Struct, frozen=True):
    """What a box can still make out of an entry that a newer cloud has written."""

    command_id: _Name
    by: str = "owner:"
    ttl_ms: int = 0
    #: As it came: it may hold anything, text that is no text for instance.
    ask: msgspec.Raw = msgspec.Raw(b"{}")


_decoder = msgspec.json.Decoder(Instruction)
_leniently = msgspec.json.Decoder(Unreadable)


def read(body: bytes) -> Instruction | Unreadable:
    """The entry, or as much of it as this release understands. Raises `codec.UNREADABLE` for nonsense."""
    try:
        return _decoder.decode(body)
    except UNREADABLE:
        return _leniently.decode(body)


def kind_of(ask: Ask) -> str:
    """Its name on the wire."""
    return str(ask.__struct_config__.tag)
