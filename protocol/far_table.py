"""What a phone that is not on the venue's network is told of its table, by request and over its socket.

An order is told as the box's facts have it in the cloud, tickets of the kitchen and all, in the words that
phones on the venue's network get. Counterparts: `cloud/guests`, `cloud/pages/table`.
"""

from typing import Annotated, Literal

import msgspec

from protocol.cart_snapshot import OrderMessage
from protocol.table import Ping

#: A phone follows what it has asked for; more than this nobody orders in an evening.
MOST_FOLLOWED = 30


class FarTable(msgspec.Struct, frozen=True):
    """Answer to `GET /v/{venue_id}/tables/{code}`.

    `reached` says whether the venue's box is heard of now, `silent_s` how long ago it last was (None: never).
    `location_policy` is from where the venue takes orders.
    """

    venue_name: str
    table_name: str
    reached: bool
    silent_s: int | None
    location_policy: Literal["off", "ip", "gps", "either"]


class FarOrder(msgspec.Struct, frozen=True):
    """An order as the venue has it. `order.status` is how far that is which the kitchen makes.

    `refused` are ids of lines that it does not; `partly` says that it refused something. `failure` is why the
    order did not go through.
    """

    order: OrderMessage
    partly: bool
    refused: tuple[int, ...]
    failure: str | None


class FarOutcome(msgspec.Struct, frozen=True):
    """How a request by way of the cloud stands: WAITING, OVERDUE, TAKEN, HELD, DONE, REFUSED, EXPIRED or
    UNKNOWN. `order` is there once the venue has one.
    """

    status: str
    code: str
    message: str
    result: dict[str, str]
    order: FarOrder | None = None


class FarReach(msgspec.Struct, frozen=True, tag="reach", tag_field="type"):
    """Whether the venue's box is heard of now, as in `FarTable`."""

    reached: bool
    silent_s: int | None


class FarMenu(msgspec.Struct, frozen=True, tag="menu", tag_field="type"):
    """The menu, what is sold out or a table has changed: ask for them again."""


class FarStanding(msgspec.Struct, frozen=True, tag="outcome", tag_field="type"):
    """One of the followed requests stands like this now."""

    command_id: str
    outcome: FarOutcome


class FarPong(msgspec.Struct, frozen=True, tag="pong", tag_field="type"):
    """The cloud is there."""


class Follow(msgspec.Struct, frozen=True, tag="follow", tag_field="type"):
    """A phone wants to hear of these requests of its own from now on, and of no others."""

    commands: Annotated[
        tuple[Annotated[str, msgspec.Meta(min_length=1, max_length=64)], ...],
        msgspec.Meta(max_length=MOST_FOLLOWED),
    ]


FarNews = FarReach | FarMenu | FarStanding | FarPong
FromFarPhone = Follow | Ping
