"""A card that the venue's own terminal took while nothing could be asked, until somebody knows its end.

    (none) --CardStored--> unsent --StoredCardSent--> sent
                             `------StoredCardDeclined--> declined

The terminal stores and forwards; the box only keeps what a person tells it (cloud.md, Money; product.md 18).
The payment itself counts as paid from the beginning, because the guest leaves. A decline takes it back like
money that was returned, so that the bill is owed again, and nothing leaves the drawer for it.

Counterparts: `terminal.py` keeps the sum of what is unsent, `edge/core/money/stored_cards.py` decides.
"""

import msgspec

from protocol.facts.fact import Fact, ImpossibleFact, Row, shape

TRANSITIONS: dict[str, dict[str, str]] = {
    "unsent": {"StoredCardSent": "sent", "StoredCardDeclined": "declined"},
    "sent": {},
    "declined": {},
}


class CardStored(msgspec.Struct, frozen=True, tag=True, omit_defaults=True):
    """The terminal keeps `amount_minor`, tip and all, of a payment.

    `over` names the limits that it went beyond (`payment`, `total`, `time`), with the word of `approved_by`,
    for `reason`; both are empty where it kept to all of them.
    """

    payment_pid: str
    amount_minor: int
    currency: str
    over: tuple[str, ...] = ()
    reason: str = ""
    approved_by: str = ""


class StoredCardSent(msgspec.Struct, frozen=True, tag=True):
    """The terminal has sent it, and it was taken."""


class StoredCardDeclined(msgspec.Struct, frozen=True, tag=True):
    """The terminal has sent it, and it was refused: the money will not come."""

    reason: str


StoredCardEvent = CardStored | StoredCardSent | StoredCardDeclined


class StoredCard(msgspec.Struct, frozen=True):
    """The state that the events fold into."""

    version: int
    stored: CardStored
    status: str
    stored_by: str | None
    stored_ms: int
    note: str = ""
    settled_by: str | None = None
    settled_ms: int | None = None


def aggregate_of(payment_pid: str) -> str:
    """`stored:{payment_pid}`."""
    return f"stored:{payment_pid}"


def stored(card: StoredCard | None, event: CardStored, fact: Fact[StoredCardEvent]) -> StoredCard:
    """A payment of which only the terminal knows."""
    if card is not None:
        raise ImpossibleFact(f"{fact.aggregate} was stored twice")
    return StoredCard(fact.version, event, "unsent", fact.by, fact.wall_ms)


def settled(
    card: StoredCard | None, event: StoredCardSent | StoredCardDeclined, fact: Fact[StoredCardEvent]
) -> StoredCard:
    """Its end, for good."""
    name = type(event).__name__
    if card is None or name not in TRANSITIONS[card.status]:
        raise ImpossibleFact(f"{name} on {fact.aggregate}")
    return msgspec.structs.replace(
        card,
        version=fact.version,
        status=TRANSITIONS[card.status][name],
        note=event.reason if isinstance(event, StoredCardDeclined) else "",
        settled_by=fact.by,
        settled_ms=fact.wall_ms,
    )


EVOLVE = {CardStored: stored, StoredCardSent: settled, StoredCardDeclined: settled}

SHAPES = (
    shape(
        "stored_cards",
        "payment_pid",
        "payment_pid =amount_minor:int =currency =over_limits =reason =approved_by =stored_by =stored_ms:int "
        "status note settled_by settled_ms:int version:int",
    ),
)


def rows(card: StoredCard, _fact: Fact[StoredCardEvent]) -> list[Row]:
    """How it stands."""
    first = card.stored
    what = first.payment_pid, first.amount_minor, first.currency, ",".join(first.over)
    who = first.reason, first.approved_by, card.stored_by, card.stored_ms
    end = card.status, card.note, card.settled_by, card.settled_ms
    return [("stored_cards", (*what, *who, *end, card.version))]
