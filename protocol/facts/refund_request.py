"""Somebody wants money back for what the kitchen has begun already: a record of its own.

    (none) --RefundRequested--> pending --RefundSettled--> granted | declined

A confirmed order never moves again, and an ended play session is never revived. A cancel or an extension
that comes too late therefore leaves them as they are and asks for a refund; a person decides, and the money
itself goes back through the till or the cloud (sync.md, 'order' and 'play session'). The id comes with the
command, so however often it arrives there is one record.

Counterpart: `edge/core/afar/too_late.py`.
"""

from typing import Literal

import msgspec

from protocol.facts.fact import Fact, ImpossibleFact, Row, shape

Decision = Literal["granted", "declined"]

TRANSITIONS: dict[str, dict[str, str]] = {
    "pending": {"granted": "granted", "declined": "declined"},
    "granted": {},
    "declined": {},
}


class RefundRequested(msgspec.Struct, frozen=True, tag=True):
    """`about` is the aggregate that stays as it is: an order or a play session; `amount_minor` what was
    paid.
    """

    request_id: str
    about: str
    amount_minor: int
    currency: str
    reason: str


class RefundSettled(msgspec.Struct, frozen=True, tag=True):
    """A person has decided; `note` says what was done about it."""

    decision: Decision
    note: str


RefundRequestEvent = RefundRequested | RefundSettled


class RefundRequest(msgspec.Struct, frozen=True):
    """The state that the events fold into."""

    version: int
    requested: RefundRequested
    status: str
    requested_by: str | None
    requested_ms: int
    note: str = ""
    settled_by: str | None = None
    settled_ms: int | None = None


def aggregate_of(request_id: str) -> str:
    """`refund:{id}`."""
    return f"refund:{request_id}"


def requested(
    request: RefundRequest | None, event: RefundRequested, fact: Fact[RefundRequestEvent]
) -> RefundRequest:
    """A request about which nobody has decided."""
    if request is not None:
        raise ImpossibleFact(f"{fact.aggregate} was made twice")
    return RefundRequest(fact.version, event, "pending", fact.by, fact.wall_ms)


def settled(
    request: RefundRequest | None, event: RefundSettled, fact: Fact[RefundRequestEvent]
) -> RefundRequest:
    """Decided, for good."""
    if request is None or event.decision not in TRANSITIONS[request.status]:
        raise ImpossibleFact(f"{event.decision} on {fact.aggregate}")
    status = TRANSITIONS[request.status][event.decision]
    return msgspec.structs.replace(
        request,
        version=fact.version,
        status=status,
        note=event.note,
        settled_by=fact.by,
        settled_ms=fact.wall_ms,
    )


EVOLVE = {RefundRequested: requested, RefundSettled: settled}

SHAPES = (
    shape(
        "refund_requests",
        "request_id",
        "request_id =about =amount_minor:int =currency =reason status =requested_by note "
        "settled_by =requested_ms:int settled_ms:int version:int",
    ),
)


def rows(request: RefundRequest, _fact: Fact[RefundRequestEvent]) -> list[Row]:
    """How the request stands."""
    first = request.requested
    what = first.request_id, first.about, first.amount_minor, first.currency
    how = first.reason, request.status, request.requested_by, request.note, request.settled_by
    when = request.requested_ms, request.settled_ms, request.version
    return [("refund_requests", (*what, *how, *when))]
