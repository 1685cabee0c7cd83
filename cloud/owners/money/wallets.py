"""Wallets of guests: paying in, setting money aside for a venue, and asking for it back.

Every change carries a `mid`, so a repeat moves nothing. Counterpart: `cloud/store/money/wallets.py` has the
ledger.
"""

from typing import Annotated

import asyncpg
import msgspec
from aiohttp import web

from cloud.guests.wallet_page import Email
from cloud.owners.money.desk import PAGE, before_of
from cloud.owners.people import roles
from cloud.owners.people.login import Logins
from cloud.payments.cards import Cards
from cloud.payments.gateway import Line, Wanted
from cloud.store.money import wallet_links, wallet_statement, wallets
from cloud.store.money.wallet_statement import StatementRow
from cloud.store.money.wallets import NoSuchWallet, Overdrawn, WalletRow, WrongCurrency
from cloud.store.people.logins import Login
from cloud.store.tenancy import on_behalf_of
from cloud.web.answers import Handler, answer, body_of
from protocol.errors import Refused, refuse
from protocol.http import Route

#: What a card pays for; a trigger posts it to the wallet (`card_account` in the schema).
CARD_TOP_UP = "top_up"

_Id = Annotated[str, msgspec.Meta(min_length=1, max_length=20, pattern=r"^[A-Za-z0-9_.-]+$")]
_Mid = Annotated[str, msgspec.Meta(min_length=8, max_length=36, pattern=r"^[A-Za-z0-9_.-]+$")]
_Name = Annotated[str, msgspec.Meta(min_length=1, max_length=80, pattern=r"^[^\x00]+$")]
_Amount = Annotated[int, msgspec.Meta(ge=1, le=10**9)]


class NewWallet(msgspec.Struct, frozen=True):
    """Somebody who may pay in; `wallet_id` is the `user_id` that venues know them by."""

    wallet_id: _Id
    name: _Name
    currency: Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{3}$")]


class TopUp(msgspec.Struct, frozen=True):
    """Money that came in, in minor units."""

    wallet_id: _Id
    amount_minor: _Amount
    mid: _Mid


class EmailRequest(msgspec.Struct, frozen=True):
    """The guest's address; null takes it away. Links that went to another one show nothing any more."""

    email: Email | None


class GrantRequest(msgspec.Struct, frozen=True):
    """How much of a wallet may be spent at the venue, or is asked back from it."""

    wallet_id: _Id
    amount_minor: _Amount
    mid: _Mid
    give_back: bool = False


class WalletsAnswer(msgspec.Struct, frozen=True):
    """All wallets, by name."""

    wallets: list[WalletRow]


class GrantSent(msgspec.Struct, frozen=True):
    """The command that carries it to the box; its outcome stands among the commands."""

    command_id: str


class CardTopUp(msgspec.Struct, frozen=True):
    """Where it can be paid; `url` is None once there is nothing to pay any more."""

    payment_id: str
    status: str
    url: str | None


class StatementAnswer(msgspec.Struct, frozen=True):
    """A page of a wallet's statement; ask for the next with `before`."""

    name: str
    currency: str
    rows: list[StatementRow]
    next: int | None


WALLETS = Route(
    method="GET",
    path="/api/wallets",
    summary="Wallets with what is free in them and what is set aside.",
    response=WalletsAnswer,
    auth="owner",
    whole=True,
    roles=roles.BOOKKEEPERS,
    scope="reports:read",
)
MAKE = Route(
    method="POST",
    path="/api/wallets",
    summary="A new wallet with nothing in it; the same again changes nothing.",
    request=NewWallet,
    response=WalletsAnswer,
    auth="owner",
    whole=True,
    roles=roles.RUNNERS,
)
TOP_UP = Route(
    method="POST",
    path="/api/wallets/top_ups",
    summary="Pay into a wallet.",
    request=TopUp,
    response=WalletsAnswer,
    auth="owner",
    whole=True,
    roles=roles.RUNNERS,
    errors=("unknown_wallet",),
)
GRANT = Route(
    method="POST",
    path="/api/venues/{venue_id}/grants",
    summary="Set money of a wallet aside for a venue, or ask for what is not spent of it.",
    request=GrantRequest,
    response=GrantSent,
    status=202,
    auth="owner",
    whole=True,
    roles=roles.RUNNERS,
    errors=("unknown_wallet", "insufficient_balance", "wrong_currency"),
)

BY_CARD = Route(
    method="POST",
    path="/api/wallets/card_top_ups",
    summary="Pay into a wallet by card, on the provider's page.",
    request=TopUp,
    response=CardTopUp,
    status=201,
    auth="owner",
    whole=True,
    roles=roles.RUNNERS,
    errors=("unknown_wallet", "method_unavailable", "mid_reused"),
)
EMAIL = Route(
    method="PUT",
    path="/api/wallets/{wallet_id}/email",
    summary="Say whose wallet it is, by the address at which they may ask to see it.",
    request=EmailRequest,
    response=WalletsAnswer,
    auth="owner",
    whole=True,
    roles=roles.RUNNERS,
    errors=("unknown_wallet",),
)
STATEMENT = Route(
    method="GET",
    path="/api/wallets/{wallet_id}/statement",
    summary="What happened to a wallet, newest first.",
    response=StatementAnswer,
    filters=("before",),
    auth="owner",
    whole=True,
    roles=roles.BOOKKEEPERS,
    scope="reports:read",
    errors=("unknown_wallet",),
)

_new = msgspec.json.Decoder(NewWallet)
_top_up = msgspec.json.Decoder(TopUp)
_email = msgspec.json.Decoder(EmailRequest)
_grant = msgspec.json.Decoder(GrantRequest)


class WalletDesk:
    """The handlers and what they need."""

    def __init__(self, pool: asyncpg.Pool, logins: Logins, cards: Cards, *, behind_tls: bool = False) -> None:
        self._pool = pool
        self._logins = logins
        self._cards = cards
        self._scheme = "https" if behind_tls else "http"

    def routes(self) -> list[tuple[Route, Handler]]:
        """Addresses and their handlers."""
        return [
            (WALLETS, self.wallets),
            (MAKE, self.make),
            (TOP_UP, self.top_up),
            (GRANT, self.grant),
            (BY_CARD, self.by_card),
            (STATEMENT, self.statement),
            (EMAIL, self.email),
        ]

    async def wallets(self, request: web.Request) -> web.Response:
        """`GET /api/wallets`."""
        login = await self._logins.require(request)
        async with on_behalf_of(self._pool, login) as connection:
            return answer(WalletsAnswer(await wallets.listed(connection, login.organisation_id)))

    async def make(self, request: web.Request) -> web.Response:
        """`POST /api/wallets`."""
        login = await self._logins.require(request)
        body = await body_of(request, _new)
        async with on_behalf_of(self._pool, login) as connection:
            organisation = login.organisation_id
            if await wallets.add(connection, organisation, body.wallet_id, body.name, body.currency):
                await self._logins.witness(connection, request, login, "wallet made", after=body)
            return answer(WalletsAnswer(await wallets.listed(connection, organisation)))

    async def top_up(self, request: web.Request) -> web.Response:
        """`POST /api/wallets/top_ups`."""
        login = await self._logins.require(request)
        body = await body_of(request, _top_up)
        async with on_behalf_of(self._pool, login) as connection:
            organisation = login.organisation_id
            try:
                await wallets.top_up(connection, organisation, body.wallet_id, body.amount_minor, body.mid)
            except NoSuchWallet as error:
                raise Refused(refuse("unknown_wallet")) from error
            await self._logins.witness(connection, request, login, "wallet topped up", after=body)
            return answer(WalletsAnswer(await wallets.listed(connection, organisation)))

    async def by_card(self, request: web.Request) -> web.Response:
        """`POST /api/wallets/card_top_ups`. The money is in the wallet once the provider has it."""
        login = await self._logins.require(request)
        body = await body_of(request, _top_up)
        async with on_behalf_of(self._pool, login) as connection:
            wallet = await wallets.find(connection, login.organisation_id, body.wallet_id)
            if wallet is None:
                raise Refused(refuse("unknown_wallet"))
            await self._logins.witness(
                connection, request, login, "wallet top-up by card asked for", after=body
            )
        back = f"{self._scheme}://{request.host}/#money"
        opened = await self._cards.begin(
            Wanted(
                payment_id=f"top-up-{body.mid}",
                organisation_id=login.organisation_id,
                purpose=CARD_TOP_UP,
                subject=body.wallet_id,
                amount_minor=body.amount_minor,
                currency=wallet.currency,
                description=f"Top-up for {wallet.name}",
                lines=(Line(f"Top-up for {wallet.name}", body.amount_minor),),
                success_url=back,
                cancel_url=back,
            )
        )
        payment = opened.payment
        return answer(CardTopUp(payment.payment_id, payment.status, opened.url), 201)

    async def statement(self, request: web.Request) -> web.Response:
        """`GET /api/wallets/{wallet_id}/statement`."""
        login = await self._logins.require(request)
        before = before_of(request)
        wallet_id, organisation = request.match_info["wallet_id"], login.organisation_id
        async with on_behalf_of(self._pool, login) as connection:
            wallet = await wallets.find(connection, organisation, wallet_id)
            if wallet is None:
                raise Refused(refuse("unknown_wallet"))
            rows = await wallet_statement.page(connection, organisation, wallet_id, before, PAGE)
        following = rows[-1].number if len(rows) == PAGE else None
        return answer(StatementAnswer(wallet.name, wallet.currency, rows, following))

    async def email(self, request: web.Request) -> web.Response:
        """`PUT /api/wallets/{wallet_id}/email`."""
        login = await self._logins.require(request)
        body = await body_of(request, _email)
        wallet_id, organisation = request.match_info["wallet_id"], login.organisation_id
        email = body.email.lower() if body.email else None
        async with on_behalf_of(self._pool, login) as connection:
            if not await wallet_links.set_email(connection, organisation, wallet_id, email):
                raise Refused(refuse("unknown_wallet"))
            after = {"wallet_id": wallet_id, "email": email}
            await self._logins.witness(connection, request, login, "wallet address changed", after=after)
            return answer(WalletsAnswer(await wallets.listed(connection, organisation)))

    async def grant(self, request: web.Request) -> web.Response:
        """`POST /api/venues/{venue_id}/grants`."""
        login = await self._logins.require(request)
        body = await body_of(request, _grant)
        venue_id = request.match_info["venue_id"]
        async with on_behalf_of(self._pool, login) as connection:
            command_id = await _granted(connection, login, venue_id, body)
            await self._logins.witness(connection, request, login, "grant", venue_id=venue_id, after=body)
        return answer(GrantSent(command_id), 202)


async def _granted(connection: asyncpg.Connection, login: Login, venue_id: str, body: GrantRequest) -> str:
    by = f"owner:{login.email}"[:200]
    wallet_id, amount_minor, mid = body.wallet_id, body.amount_minor, body.mid
    if body.give_back:
        return await wallets.ask_back(connection, venue_id, wallet_id, amount_minor, mid, by)
    try:
        return await wallets.grant(
            connection, login.organisation_id, venue_id, wallet_id, amount_minor, mid, by
        )
    except NoSuchWallet as error:
        raise Refused(refuse("unknown_wallet")) from error
    except WrongCurrency as error:
        raise Refused(refuse("wrong_currency")) from error
    except Overdrawn as error:
        raise Refused(refuse("insufficient_balance")) from error
