"""A guest's own balance on their own phone, as this venue knows it: a code from the counter, then a page.

A code is shown to the guest by whoever serves, works once and for some minutes, and makes one phone the
balance's for `SIGNED_IN_HOURS`. The statement is read from the box's own journal, so it works with no
internet; what other venues did is not in it, and `heard_ms` says since when nothing could be heard of them.

Counterparts: `facts/account.py`, what happened; `edge/web/money/statement_desk.py`.
"""

from typing import Annotated, Literal

import msgspec

SIGNED_IN_HOURS = 12

Kind = Literal[
    "paid_in",
    "from_wallet",
    "to_wallet",
    "play",
    "bill",
    "deposit",
    "given_back",
    "on_credit",
    "repaid",
    "other",
]


class StatementCode(msgspec.Struct, frozen=True):
    """What the guest scans or types. `url` is None where the box does not know how phones reach it."""

    code: str
    minutes: int
    url: str | None
    code_image: str | None


class BalanceSignIn(msgspec.Struct, frozen=True):
    """`POST /balance/sign_in`."""

    code: Annotated[str, msgspec.Meta(min_length=1, max_length=16)]


class BalanceSignedIn(msgspec.Struct, frozen=True):
    """The token opens this balance's statement and nothing else."""

    token: str
    user_id: str
    hours: int


class BalanceRow(msgspec.Struct, frozen=True):
    """Movement `number` of the balance at this venue; `amount_minor` below zero was spent.

    `place` is the table or the station that it was spent at, where that is known.
    """

    number: int
    at_ms: int
    kind: Kind
    amount_minor: int
    balance_minor: int
    place: str | None


class BalanceStatement(msgspec.Struct, frozen=True):
    """Answer to `GET /balance/statement`, newest first; `next` continues it as `before`.

    `owed_minor` is what the venue stood in for. `link` says whether the rest of the world is heard of now,
    `heard_ms` when it was last. `wallet_url` is the whole wallet's page, where there is a cloud.
    """

    user_id: str
    venue: str
    currency: str
    balance_minor: int
    owed_minor: int
    rows: tuple[BalanceRow, ...]
    next: int | None
    link: Literal["live", "catching_up", "down"]
    heard_ms: int | None
    wallet_url: str | None
