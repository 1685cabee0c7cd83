"""A guest's own balance, as this venue knows it: paid in at the counter, and shown on the guest's own phone.

Money that is paid in is the guest's and no sale; it can be spent at this venue as soon as it is there. How a
card went at its terminal, and giving money back, is asked at the addresses of payments (`bill.py`).

A code is shown to the guest by whoever serves, works once and for some minutes, and makes one phone the
balance's for `SIGNED_IN_HOURS`. The statement is read from the box's own journal, so it works with no
internet; what other venues did is not in it, and `heard_ms` says since when nothing could be heard of them.

Counterparts: `facts/account.py`, what happened; `edge/web/money/statement_desk.py`,
`edge/web/money/paying_in_desk.py`.
"""

from typing import Annotated, Literal

import msgspec

from protocol.bill import Minor, PaymentMessage, Till
from protocol.table import Mid

SIGNED_IN_HOURS = 12
#: Ten million euros: whoever means more has held a key down.
MOST_PAID_IN_MINOR = 10**9

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
    "paid_out",
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


class PayInRequest(msgspec.Struct, frozen=True):
    """`POST /api/v1/accounts/{id}/payments`, once for each `mid`.

    `tendered_minor` is the cash that was handed over, and with a card there is none; a `currency` must be the
    venue's; `print` wants the slip of cash on paper at once.
    """

    mid: Mid
    amount_minor: Annotated[int, msgspec.Meta(ge=1, le=MOST_PAID_IN_MINOR)]
    method: Literal["CASH", "CARD"] = "CASH"
    tendered_minor: Minor | None = None
    currency: Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{3}$")] | None = None
    till: Till = "main"
    print: bool = False


class PaidInReply(msgspec.Struct, frozen=True):
    """What became of it. `after_minor` is the balance right after it, None while a card has not come.

    `balance_minor` is what lies there now, of which at most so much can be given back. `text` is the slip,
    empty where the money has not come.
    """

    user_id: str
    payment: PaymentMessage
    paid_in_at: str
    after_minor: int | None
    balance_minor: int
    text: str


class PaidInList(msgspec.Struct, frozen=True):
    """`GET /api/v1/paid_in`: cards that nobody knows the end of, and what was paid in last; newest first."""

    paid_in: tuple[PaidInReply, ...]


class BalanceFound(msgspec.Struct, frozen=True):
    """A balance that the venue knows."""

    user_id: str
    balance_minor: int
    currency: str


class BalancesFound(msgspec.Struct, frozen=True):
    """`GET /api/v1/accounts?find=…`: balances whose name holds what was typed, by name."""

    accounts: tuple[BalanceFound, ...]
