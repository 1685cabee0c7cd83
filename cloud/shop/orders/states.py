"""How an order of the shop goes from a draft to somebody's door, and how its money goes: two tables.

Rule of the file: `state -> {event: next}` and nothing else decides what may follow what. An event that is
not in the row of a state is no look-up failure to be caught but an answer: it does not happen. Postgres
holds the same pairs in two triggers, and `docs/shop.md` shows the diagrams that `python -m
cloud.shop.orders.states` prints; tests hold all three together.

`abandoned` is no end: whoever pays an old page late has paid exactly what was asked, and gets what they
paid for. Counterpart: seed 004 §1 and §6.
"""

from collections.abc import Mapping

import msgspec

#: What becomes of the thing. `shipped` of an order that is collected means that it waits at the venue.
ORDER: Mapping[str, Mapping[str, str]] = {
    "draft": {"pay": "paid", "abandon": "abandoned", "cancel": "cancelled"},
    "abandoned": {"pay": "paid", "cancel": "cancelled"},
    "paid": {"start": "in_production", "ship": "shipped", "cancel": "cancelled"},
    "in_production": {"ship": "shipped", "cancel": "cancelled"},
    "shipped": {"deliver": "delivered"},
    "delivered": {},
    "cancelled": {},
}

#: What becomes of the money. `mismatch` waits for a person: the amount is not the one that was asked.
PAYMENT: Mapping[str, Mapping[str, str]] = {
    "unpaid": {"open": "open", "succeed": "succeeded"},
    "open": {
        "process": "processing",
        "succeed": "succeeded",
        "fail": "failed",
        "expire": "expired",
        "mismatch": "mismatch",
    },
    "processing": {"succeed": "succeeded", "fail": "failed", "mismatch": "mismatch"},
    "failed": {"open": "open", "process": "processing", "succeed": "succeeded", "mismatch": "mismatch"},
    "expired": {"open": "open", "process": "processing", "succeed": "succeeded", "mismatch": "mismatch"},
    "mismatch": {"succeed": "succeeded", "refund_part": "mismatch", "refund_all": "refunded"},
    "succeeded": {"refund_part": "partially_refunded", "refund_all": "refunded"},
    "partially_refunded": {"refund_part": "partially_refunded", "refund_all": "refunded"},
    "refunded": {},
}

#: What people at the venue may do by hand; a payment is never theirs to declare.
BY_HAND = {"start": "in_production", "ship": "shipped", "deliver": "delivered", "cancel": "cancelled"}
#: Payment states in which another payment page may be opened.
PAYABLE = frozenset(state for state, events in PAYMENT.items() if "open" in events)
#: Payment states in which money of the guest is here.
HELD = frozenset({"succeeded", "partially_refunded", "mismatch"})

#: Payment states in which some of the order's money could go back.
PAID_BY_CARD = frozenset({"succeeded", "partially_refunded"})


class Asked(msgspec.Struct, frozen=True):
    """What an order costs, to the minor unit."""

    amount_minor: int
    currency: str


def after(table: Mapping[str, Mapping[str, str]], state: str, event: str) -> str | None:
    """The state after an event; None where it does not happen."""
    return table[state].get(event)


def by_hand(status: str, wanted: str) -> str | None:
    """The event by which somebody at the venue takes an order from `status` to `wanted`; None if there is
    none.
    """
    steps = ORDER[status].items()
    return next((event for event, state in steps if state == wanted and BY_HAND.get(event) == wanted), None)


def choices(status: str) -> tuple[str, ...]:
    """Where somebody at the venue may take an order from here, in the order of the table."""
    return tuple(state for event, state in ORDER[status].items() if event in BY_HAND)


def verdict(status: str, payment_status: str, asked: Asked, came: Asked) -> str:
    """What a payment that came is to its order.

    `accepted`, `mismatch` (kept for a person to decide), or one that has to go back: `second` where the
    order is paid already, `too_late` where it was cancelled.
    """
    if payment_status in HELD | {"refunded"}:
        return "second"
    if after(ORDER, status, "pay") is None:
        return "too_late"
    return "accepted" if came == asked else "mismatch"


def diagram(table: Mapping[str, Mapping[str, str]]) -> str:
    """The table as a Mermaid state diagram."""
    first = next(iter(table))
    steps = [
        f"    {state} --> {after}: {event}"
        for state, events in table.items()
        for event, after in events.items()
    ]
    ends = [f"    {state} --> [*]" for state, events in table.items() if not events]
    return "\n".join(["stateDiagram-v2", f"    [*] --> {first}", *steps, *ends])


if __name__ == "__main__":
    for each in (ORDER, PAYMENT):
        print(f"```mermaid\n{diagram(each)}\n```\n")
