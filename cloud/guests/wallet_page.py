"""A guest's own wallet, seen by the link of a mail: what is in it and every movement, over all venues.

Rule of the file: the answer to who asks for a link is the same whether there is a wallet under the address
or not, because only the worker looks. The token stands in the link's fragment, which no server logs, and is
kept as a digest. Nothing here changes a wallet. Counterpart: `cloud/store/money/wallet_statement.py`, which
owners read as well.
"""

import asyncio
import secrets
from typing import Annotated

import asyncpg
import msgspec
from aiohttp import web

from cloud.config import Config
from cloud.jobs import letters
from cloud.jobs.letters import Letter
from cloud.jobs.registry import Kind, Work
from cloud.owners.pages import STATIC
from cloud.store import venues
from cloud.store.money import wallet_links, wallet_statement
from cloud.store.money.wallet_links import Linked
from cloud.store.money.wallet_statement import StatementRow
from cloud.store.venues import Venue
from cloud.web import limits
from cloud.web.answers import Handler, answer, body_of, caller
from protocol.errors import Refused, refuse
from protocol.http import Route
from protocol.identity import token_digest

LINK_HOURS = 24
PAGE = 50
_FILE = STATIC / "wallet.html"

_Venue = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$")]
Email = Annotated[
    str,
    msgspec.Meta(
        min_length=3, max_length=254, pattern=r"^[^\x00-\x20\x7f<>,;:\"@]+@[^\x00-\x20\x7f<>,;:\"@]+$"
    ),
]


class WalletLinkRequest(msgspec.Struct, frozen=True):
    """Who wants to see a wallet, at which venue they are a guest."""

    venue_id: _Venue
    email: Email


class WalletLinkPromise(msgspec.Struct, frozen=True):
    """Said to everybody alike: if there is a wallet under that address, a mail is on its way."""

    hours: int


class WalletRequest(msgspec.Struct, frozen=True):
    """The token of a link, and the movement before which a page begins."""

    token: Annotated[str, msgspec.Meta(min_length=20, max_length=128, pattern=r"^[A-Za-z0-9_-]+$")]
    before: Annotated[int, msgspec.Meta(ge=1, le=2**53)] | None = None


class WalletAnswer(msgspec.Struct, frozen=True):
    """A page of the wallet's statement, newest first; `balance_minor` is all that is in it now."""

    name: str
    currency: str
    balance_minor: int
    rows: list[StatementRow]
    next: int | None


HTML = Route(
    method="GET",
    path="/wallet/{venue_id}",
    summary="The page of a guest's own wallet.",
    media="text/html",
    errors=("pages_not_built",),
)
ASK = Route(
    method="POST",
    path="/wallet/link",
    summary="Have a link to one's wallet sent; answered alike whether there is one.",
    request=WalletLinkRequest,
    response=WalletLinkPromise,
    status=202,
    errors=("unknown_venue", "rate_limited"),
)
SHOW = Route(
    method="POST",
    path="/wallet/statement",
    summary="What happened to the wallet of a link, newest first.",
    request=WalletRequest,
    response=WalletAnswer,
    errors=("link_unknown", "rate_limited"),
)


class LinkWanted(msgspec.Struct, frozen=True):
    """Somebody asked for a link."""

    venue_id: str
    email: str


async def _send_link(work: Work, what: LinkWanted) -> None:
    """A mail for each wallet under the address; run twice, it is two mails with a link that works each."""
    base_url = work.config.public_url or f"http://{work.config.host}:{work.config.port}"
    async with work.pool.acquire() as connection, connection.transaction():
        venue = await venues.find(connection, what.venue_id)
        if venue is None:
            return
        for wallet in await wallet_links.of_email(connection, venue.organisation_id, what.email):
            token = secrets.token_urlsafe(32)
            digest = token_digest(token)
            await wallet_links.make(connection, wallet, digest, LINK_HOURS)
            address = f"{base_url}/wallet/{what.venue_id}#{token}"
            key = f"wallet-link:{digest[:16]}"
            await letters.post(
                connection, venue.organisation_id, key, what.email, _letter(venue, wallet, address)
            )


def _letter(venue: Venue, wallet: Linked, address: str) -> Letter:
    return Letter(
        subject=f"{venue.name}: your wallet",
        paragraphs=(
            f"Hello {wallet.name},",
            "this link shows what is in your wallet, and what happened to it.",
            f"It works for {LINK_HOURS} hours.",
            "If you did not ask for it, nothing is wrong: nobody else sees it.",
        ),
        link=("See my wallet", address),
        footer=f"Sent by Holdfast for {venue.name}.",
    )


SEND_LINK = Kind(name="wallet-link", body=LinkWanted, do=_send_link, attempts=3)

_ask = msgspec.json.Decoder(WalletLinkRequest)
_show = msgspec.json.Decoder(WalletRequest)


class WalletPage:
    """The handlers and what they need."""

    def __init__(self, config: Config, pool: asyncpg.Pool) -> None:
        self._config = config
        self._pool = pool

    def routes(self) -> list[tuple[Route, Handler]]:
        """Addresses and their handlers."""
        return [(HTML, self.page), (ASK, self.ask), (SHOW, self.show)]

    async def page(self, _request: web.Request) -> web.StreamResponse:
        """The page, or in words that it is not built."""
        if not await asyncio.to_thread(_FILE.is_file):
            raise Refused(refuse("pages_not_built"))
        return web.FileResponse(_FILE, headers={"Cache-Control": "no-cache"})

    async def ask(self, request: web.Request) -> web.Response:
        """`POST /wallet/link`."""
        await self._limit(request, limits.WALLET_LINKS_BY_ADDRESS)
        body = await body_of(request, _ask)
        venue_id, email = body.venue_id.lower(), body.email.lower()
        await limits.check(self._pool, limits.WALLET_LINKS_BY_EMAIL, f"{venue_id} {email}")
        async with self._pool.acquire() as connection, connection.transaction():
            venue = await venues.find(connection, venue_id)
            if venue is None:
                raise Refused(refuse("unknown_venue"))
            await SEND_LINK.ask(connection, LinkWanted(venue_id, email), venue.organisation_id)
        return answer(WalletLinkPromise(LINK_HOURS), 202)

    async def show(self, request: web.Request) -> web.Response:
        """`POST /wallet/statement`."""
        await self._limit(request, limits.WALLET_LOOKS_BY_ADDRESS)
        body = await body_of(request, _show)
        async with self._pool.acquire() as connection:
            wallet = await wallet_links.find(connection, token_digest(body.token))
            if wallet is None:
                raise Refused(refuse("link_unknown"))
            place = wallet.organisation_id, wallet.wallet_id
            newest = await wallet_statement.page(connection, *place, None, 1)
            rows = await wallet_statement.page(connection, *place, body.before, PAGE)
        balance_minor = newest[0].balance_minor if newest else 0
        following = rows[-1].number if len(rows) == PAGE else None
        return answer(WalletAnswer(wallet.name, wallet.currency, balance_minor, rows, following))

    async def _limit(self, request: web.Request, limit: limits.Limit) -> None:
        await limits.check(self._pool, limit, caller(request, behind_proxy=self._config.behind_proxy))
