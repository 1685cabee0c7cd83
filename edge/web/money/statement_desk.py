"""HTTP for a guest's own balance: a code at the counter, one phone that it signs in, and the statement.

Rule of the file: who may see a balance is said by somebody who serves and has the guest before them, once for
each phone. Codes live in memory for some minutes, work once, and cannot be tried often; a phone's token
names one balance, ends by itself and opens nothing else. A restart forgets codes that nobody has used yet.
Nothing here changes a balance. Counterparts: `protocol/balance.py`, `edge/journal/reading.py`.
"""

import re
import secrets
from collections.abc import Callable
from typing import Any

import msgspec
import segno
from aiohttp import web

from edge.journal.reading import BalanceEntry, Reading
from edge.web.answers import Handler, answer, body_of
from edge.web.counter import Counter
from edge.web.throttle import Throttle
from edge.web.tokens import Tokens
from protocol import balance as wire
from protocol.errors import Refused, refuse
from protocol.facts.account import COUNTER, GIVEN_BACK, GRANTED, PAID_OUT, Account
from protocol.facts.account import aggregate_of as account_aggregate
from protocol.facts.credit import AGGREGATE as CREDITS
from protocol.facts.credit import LENT, REPAID, Credits
from protocol.floor import LinkState
from protocol.http import Route
from protocol.identity import readable_code

CODE_MINUTES = 10
MOST_CODES = 200
_CODE_LETTERS = 8
#: Wrong codes of one address within so many seconds.
MOST_WRONG, WITHIN_S = 10, 300.0
PAGE = 50

CODE = Route(
    method="POST",
    path="/api/v1/accounts/{id}/statement_code",
    summary="A code with which a guest sees their own balance on their own phone; works once.",
    response=wire.StatementCode,
    status=201,
    auth="staff",
    errors=("unknown_balance", "invalid"),
)
SIGN_IN = Route(
    method="POST",
    path="/balance/sign_in",
    summary="Make a phone the balance's whose code it brings.",
    request=wire.BalanceSignIn,
    response=wire.BalanceSignedIn,
    errors=("link_unknown", "rate_limited"),
)
STATEMENT = Route(
    method="GET",
    path="/balance/statement",
    summary="What happened to the balance at this venue, newest first.",
    response=wire.BalanceStatement,
    auth="balance",
    filters=("before",),
    errors=("not_configured",),
)

_sign_in = msgspec.json.Decoder(wire.BalanceSignIn)
_KINDS: dict[str, wire.Kind] = {
    COUNTER: "paid_in",
    PAID_OUT: "paid_out",
    GRANTED: "from_wallet",
    GIVEN_BACK: "to_wallet",
    "play": "play",
    "bill": "bill",
    "booking": "deposit",
    "refund": "given_back",
    LENT: "on_credit",
    REPAID: "repaid",
}


class StatementDesk:
    """The handlers. `home` is how phones reach the box, `cloud` the cloud's page of the whole wallet."""

    def __init__(
        self,
        counter: Counter,
        tokens: Tokens,
        reading: Reading,
        link: Callable[[], LinkState],
        home: str | None,
        wallet_url: str | None,
    ) -> None:
        self._counter = counter
        self._tokens = tokens
        self._reading = reading
        self._link = link
        self._home = home
        self._wallet_url = wallet_url
        self._wrong = Throttle(MOST_WRONG, WITHIN_S, self._monotonic_s)
        #: Whose balance a code opens, and when it ends on the clock that nobody can set.
        self._codes: dict[str, tuple[str, float]] = {}

    def routes(self) -> list[tuple[Route, Handler]]:
        """Addresses and their handlers."""
        return [(CODE, self.code), (SIGN_IN, self.sign_in), (STATEMENT, self.statement)]

    def _monotonic_s(self) -> float:
        return self._counter.clock().mono_ns / 1e9

    async def code(self, request: web.Request) -> web.Response:
        """`POST /api/v1/accounts/{id}/statement_code`."""
        self._counter.staff(request)
        user_id = request.match_info["id"]
        if not isinstance(self._counter.hot.committed(account_aggregate(user_id)), Account):
            raise Refused(refuse("unknown_balance"))
        now_s = self._monotonic_s()
        # The oldest go first: dictionaries keep the order in which codes were made.
        alive = [(code, held) for code, held in self._codes.items() if held[1] > now_s]
        self._codes = dict(alive[-(MOST_CODES - 1) :])
        code = readable_code(secrets.token_bytes(_CODE_LETTERS), _CODE_LETTERS)
        self._codes[code] = user_id, now_s + CODE_MINUTES * 60
        url = f"{self._home or f'{request.scheme}://{request.host}'}/balance#{code}"
        image = segno.make(url, error="m").svg_data_uri(scale=6, border=2)
        return answer(wire.StatementCode(code, CODE_MINUTES, url, image), 201)

    async def sign_in(self, request: web.Request) -> web.Response:
        """`POST /balance/sign_in`."""
        body, caller = await body_of(request, _sign_in), request.remote or ""
        self._wrong.check(caller)
        user_id, ends_s = self._codes.pop(_plain(body.code), ("", 0.0))
        if ends_s <= self._monotonic_s():
            self._wrong.failed(caller)
            raise Refused(
                refuse("link_unknown", "This code was used already or has run out; ask for another.")
            )
        self._wrong.succeeded(caller)
        wall_s = self._counter.clock().wall_ms // 1000
        token = self._tokens.balance_token(user_id, wall_s + wire.SIGNED_IN_HOURS * 3600)
        return answer(wire.BalanceSignedIn(token, user_id, wire.SIGNED_IN_HOURS))

    async def statement(self, request: web.Request) -> web.Response:
        """`GET /balance/statement`."""
        user_id, config = self._tokens.balance(request), self._counter.config()
        entries = await self._reading.balance_entries(user_id, _before(request), PAGE)
        account = self._counter.hot.committed(account_aggregate(user_id))
        owed = self._counter.hot.committed(CREDITS)
        link = self._link()
        reply = wire.BalanceStatement(
            user_id=user_id,
            venue=config.name,
            currency=account.currency if isinstance(account, Account) else config.currency,
            balance_minor=account.balance_minor if isinstance(account, Account) else 0,
            owed_minor=sum(debt.owed_minor for debt in owed.of(user_id)) if isinstance(owed, Credits) else 0,
            rows=tuple(map(_row, entries)),
            next=entries[-1].number if len(entries) == PAGE else None,
            link=link.link,
            heard_ms=link.last_sync_ms,
            wallet_url=self._wallet_url,
        )
        return answer(reply)


def _plain(code: str) -> str:
    """As somebody types it who reads it from a screen."""
    return re.sub(r"[\s-]", "", code).upper()


def _before(request: web.Request) -> int | None:
    text = request.query.get("before")
    if text is None:
        return None
    if not re.fullmatch(r"[1-9][0-9]{0,14}", text):
        raise Refused(refuse("invalid", "`before` is the number of a movement."))
    return int(text)


def _row(entry: BalanceEntry) -> wire.BalanceRow:
    kind: Any = _KINDS.get(entry.reason, "other")
    return wire.BalanceRow(
        entry.number, entry.made_ms, kind, entry.amount_minor, entry.balance_minor, entry.place
    )
