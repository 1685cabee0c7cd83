"""A player's balance: an append-only ledger that works with no internet and cannot be overdrawn.

Every entry tells the balance after it, so the newest fact alone says what is there; that balance is never
below zero, held here and by a constraint of both databases. What the cloud grants to this venue comes in as
a credit like money from the counter (sync.md, 'wallet').
"""

import msgspec

from protocol.facts.fact import Fact, ImpossibleFact, Row, shape

#: Reasons of entries that only move money between a wallet in the cloud and the venue's grant.
GRANTED = "granted"
GIVEN_BACK = "given_back"
#: Reasons of entries that somebody handed money over for, and that were handed back at the counter.
COUNTER = "counter"
PAID_OUT = "paid_out"


class BalanceCredited(msgspec.Struct, frozen=True, tag=True):
    """`amount_minor` came in under `entry`, an id that counts once."""

    entry: str
    amount_minor: int
    balance_minor: int
    reason: str
    currency: str


class BalanceDebited(msgspec.Struct, frozen=True, tag=True):
    """`amount_minor` was spent; `entry` is the id of what it was spent on."""

    entry: str
    amount_minor: int
    balance_minor: int
    reason: str
    currency: str


AccountEvent = BalanceCredited | BalanceDebited


class Account(msgspec.Struct, frozen=True):
    """The state that the events fold into."""

    version: int
    user_id: str
    balance_minor: int
    currency: str
    #: Ids of grants that came in or went back; there are few, and each counts once.
    grants: tuple[str, ...] = ()


def aggregate_of(user_id: str) -> str:
    """`account:{user_id}`."""
    return f"account:{user_id}"


def moved(account: Account | None, event: AccountEvent, fact: Fact[AccountEvent]) -> Account:
    """The balance after an entry. Without a state before it there is nothing to add to but its own word."""
    change_minor = event.amount_minor if isinstance(event, BalanceCredited) else -event.amount_minor
    known = account.balance_minor if account is not None else None
    before_minor = 0 if fact.version == 1 else known
    wrong = before_minor is not None and before_minor + change_minor != event.balance_minor
    if wrong or event.balance_minor < 0 or event.amount_minor < 0:
        raise ImpossibleFact(f"{fact.aggregate} cannot come to {event.balance_minor}")
    grants = account.grants if account is not None else ()
    if event.reason in (GRANTED, GIVEN_BACK):
        grants = (*grants, event.entry)
    user_id = fact.aggregate.partition(":")[2]
    return Account(fact.version, user_id, event.balance_minor, event.currency, grants)


EVOLVE = {BalanceCredited: moved, BalanceDebited: moved}

SHAPES = (
    shape("accounts", "user_id", "user_id balance_minor:int currency version:int"),
    shape(
        "account_entries",
        "user_id number",
        "user_id number:int entry amount_minor:int balance_minor:int reason made_ms:int",
    ),
)


def rows(account: Account, fact: Fact[AccountEvent]) -> list[Row]:
    """The balance, and the entry that led to it; amounts below zero were spent."""
    event = fact.event
    sign = 1 if isinstance(event, BalanceCredited) else -1
    entry = event.entry, sign * event.amount_minor, event.balance_minor, event.reason, fact.wall_ms
    return [
        ("accounts", (account.user_id, account.balance_minor, account.currency, account.version)),
        ("account_entries", (account.user_id, account.version, *entry)),
    ]
