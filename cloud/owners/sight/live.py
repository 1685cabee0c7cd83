"""`/ws/owner`: venue rows and orders as they change, whichever process took them in.

A note on the bell only says where to look; rows are read from Postgres, so what a page shows is what is
durable. Everything is told again every few seconds as well, because ages grow without anything happening.

    cloud -> page   {"type": "venue", ...row}   {"type": "order", "venue_id": ..., ...order}
                    {"type": "news", "about": "exports"}     ask for these again
                    {"type": "facts", "venue_id": ...}      facts came; ask for what follows from them
                    {"type": "health", "venue_id": ...}      its things were read anew; ask if you show them
"""

import asyncio

import asyncpg
import msgspec
import structlog
from aiohttp import WSMsgType, web

from cloud.owners.people.login import Logins
from cloud.store.bell import HEALTH, NEWS, VENUE, Bell, Ear
from cloud.store.people.logins import Login
from cloud.store.pool import GONE
from cloud.store.reading import dashboard
from cloud.store.reading.dashboard import OrderRow, VenueRow
from cloud.store.tenancy import on_behalf_of
from cloud.web.figures import Figures
from protocol.errors import Refused, refuse

#: Close codes of our own (RFC 6455 §7.4).
_LOGGED_OUT = 4401
_TOO_MUCH = 4429
#: A burst is told together; nobody sees the difference to at once.
_TOGETHER_S = 0.1
_HEALTH_TOGETHER_S = 1.0
_SEND_WITHIN_S = 10.0
#: After a backlog only the newest are pushed; the page asks for the rest when it shows the venue.
_MOST_ORDERS = 200
_MOST_WORDS = 20
#: What a program must hold: it is told what `GET /api/venues` and the orders of a day tell.
_SCOPES = {"venues:read", "reports:read"}

log = structlog.get_logger()


class LiveVenue(VenueRow, frozen=True, tag_field="type", tag="venue"):
    """A venue's row, whole."""


class LiveOrder(OrderRow, frozen=True, tag_field="type", tag="order", kw_only=True):
    """An order of one of the venues, whole."""

    venue_id: str


class LiveNews(msgspec.Struct, frozen=True, tag_field="type", tag="news"):
    """Something on another page changed: `exports`, `alerts` or `mails`."""

    about: str


class LiveFacts(msgspec.Struct, frozen=True, tag_field="type", tag="facts"):
    """Facts of one of the venues came in: what follows from them, such as its reconciliation, may differ."""

    venue_id: str


class LiveHealth(msgspec.Struct, frozen=True, tag_field="type", tag="health"):
    """The things of one of the venues were read anew."""

    venue_id: str


class _PageGone(Exception):
    """The page has left, or has to; `code` closes its socket."""

    def __init__(self, code: int = 1000) -> None:
        super().__init__(code)
        self.code = code


class Live:
    """All owner pages that watch through this process."""

    def __init__(
        self, pool: asyncpg.Pool, bell: Bell, logins: Logins, figures: Figures, refresh_every_s: float
    ) -> None:
        self._pool = pool
        self._bell = bell
        self._logins = logins
        self._figures = figures
        self._refresh_every_s = refresh_every_s
        self.closing = asyncio.Event()

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """One page for as long as it watches. Refuses with `unauthenticated` or `forbidden`."""
        login = await self._logins.require_own_page(request)
        if login.role == "token" and not login.scopes >= _SCOPES:
            raise Refused(refuse("forbidden"))
        socket = web.WebSocketResponse(heartbeat=20, max_msg_size=4096)
        await socket.prepare(request)
        code = 1001
        with self._figures.owner_pages.track_inprogress(), self._bell.listen(HEALTH) as health:
            try:
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(_listen(socket))
                    tasks.create_task(self._tell_for_ever(request, login, socket, health))
                    tasks.create_task(_tell_health(socket, health))
                    tasks.create_task(self._tell_news(login, socket))
                    tasks.create_task(self._leave())
            except* _PageGone as group:
                code = next(error.code for error in group.exceptions if isinstance(error, _PageGone))
            except* Exception:
                log.exception("owner_page_failed")
                code = 1011
        await socket.close(code=code)
        return socket

    async def _leave(self) -> None:
        await self.closing.wait()
        raise _PageGone(1001)

    async def _tell_for_ever(
        self, request: web.Request, login: Login, socket: web.WebSocketResponse, health: Ear
    ) -> None:
        """Everything at first; then what the notes point at, and every few seconds all rows again."""
        notes: set[str] = set()
        missed = False
        with self._bell.listen(VENUE) as ear:
            while True:
                try:
                    if notes:
                        await self._tell_some(login, socket, notes)
                    else:
                        login = await self._logins.look_again(request)
                        health.follow(await self._tell_all(login, socket, ear))
                    if missed:
                        await self._tell_newest(login, socket)
                except Refused as error:
                    raise _PageGone(_LOGGED_OUT) from error
                except GONE:  # ages on the page grow by themselves until Postgres is back
                    ear.wake()
                    await asyncio.sleep(self._refresh_every_s)
                await asyncio.sleep(_TOGETHER_S)
                notes, missed = await self._wait(ear)

    async def _tell_news(self, login: Login, socket: web.WebSocketResponse) -> None:
        """Only that there is something new: whoever may see it asks for it."""
        with self._bell.listen(NEWS) as ear:
            ear.follow([login.organisation_id])
            while True:
                notes, _ = await ear.take()
                for note in sorted(notes):
                    await _send(socket, LiveNews(note.partition(" ")[2]))
                await asyncio.sleep(_TOGETHER_S)

    async def _wait(self, ear: Ear) -> tuple[set[str], bool]:
        try:
            async with asyncio.timeout(self._refresh_every_s):
                return await ear.take()
        except TimeoutError:
            return set(), False

    async def _tell_all(self, login: Login, socket: web.WebSocketResponse, ear: Ear) -> list[str]:
        async with on_behalf_of(self._pool, login) as connection:
            rows = await dashboard.venues(connection, login.organisation_id)
        venue_ids = [row.venue_id for row in rows]
        ear.follow(venue_ids)
        await _send_venues(socket, rows)
        return venue_ids

    async def _tell_some(self, login: Login, socket: web.WebSocketResponse, notes: set[str]) -> None:
        orders: dict[str, set[str]] = {}
        for note in notes:
            venue_id, *order_ids = note.split(" ")
            orders.setdefault(venue_id, set()).update(order_ids)
        async with on_behalf_of(self._pool, login) as connection:
            rows = await dashboard.venues(connection, login.organisation_id, orders)
            found = {
                venue_id: await dashboard.orders_named(connection, login.organisation_id, venue_id, named)
                for venue_id, named in orders.items()
            }
        await _send_venues(socket, rows)
        for row in rows:
            await _send(socket, LiveFacts(row.venue_id))
        for venue_id, listed in found.items():
            await _send_orders(socket, venue_id, listed[-_MOST_ORDERS:])

    async def _tell_newest(self, login: Login, socket: web.WebSocketResponse) -> None:
        """Notes were lost with a connection: what they told of is among the newest orders."""
        async with on_behalf_of(self._pool, login) as connection:
            newest = {
                row.venue_id: await dashboard.orders_of_day(connection, login.organisation_id, row.venue_id)
                for row in await dashboard.venues(connection, login.organisation_id)
            }
        for venue_id, orders in newest.items():
            await _send_orders(socket, venue_id, orders[:_MOST_ORDERS][::-1])


async def _tell_health(socket: web.WebSocketResponse, ear: Ear) -> None:
    """Which venues' things were read anew; a page asks for those that it shows."""
    while True:
        notes, _ = await ear.take()
        for venue_id in sorted(notes):
            await _send(socket, LiveHealth(venue_id))
        await asyncio.sleep(_HEALTH_TOGETHER_S)


async def _send_venues(socket: web.WebSocketResponse, rows: list[VenueRow]) -> None:
    for row in rows:
        await _send(socket, LiveVenue(**msgspec.structs.asdict(row)))


async def _send_orders(socket: web.WebSocketResponse, venue_id: str, orders: list[OrderRow]) -> None:
    for order in orders:
        await _send(socket, LiveOrder(**msgspec.structs.asdict(order), venue_id=venue_id))


async def _send(socket: web.WebSocketResponse, message: msgspec.Struct) -> None:
    try:
        async with asyncio.timeout(_SEND_WITHIN_S):
            await socket.send_str(msgspec.json.encode(message).decode())
    except (TimeoutError, ConnectionError) as error:
        raise _PageGone from error


async def _listen(socket: web.WebSocketResponse) -> None:
    """The page has nothing to say; one that talks on is closed."""
    words = 0
    async for message in socket:
        words += 1
        if message.type is WSMsgType.ERROR or words > _MOST_WORDS:
            raise _PageGone(_TOO_MUCH)
    raise _PageGone
