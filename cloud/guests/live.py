"""`/v/{venue_id}/live`: what a far guest's page shows, as it changes, whichever process took it in.

    page -> cloud   {"type": "follow", "commands": [ids]}    all that it wants to hear of     {"type": "ping"}
    cloud -> page   {"type": "outcome", "command_id": ..., "outcome": {...}}    whole, when it differs
                    {"type": "reach", ...}   {"type": "menu"}, which says to ask again        {"type": "pong"}

A note on the bell only says that facts came; what is told is read from Postgres, so it is durable. As notes
may be lost and an outage rings nothing, everything is looked at again every few seconds. Nothing is secret
here but the ids of requests (`outcomes.py`), so they travel in a message and in no address that is logged.
"""

import asyncio
from contextlib import suppress

import asyncpg
import msgspec
import structlog
from aiohttp import WSMsgType, web

from cloud.config import Config
from cloud.guests.desk import venue_of
from cloud.guests.outcomes import outcomes_of
from cloud.store.bell import VENUE, Bell, Ear
from cloud.store.link import far_tables
from cloud.store.link.far_tables import Sight
from cloud.store.pool import GONE
from cloud.web import limits
from protocol.codec import decode
from protocol.errors import Refused, refuse
from protocol.far_table import (
    FarMenu,
    FarNews,
    FarOutcome,
    FarPong,
    FarReach,
    FarStanding,
    Follow,
    FromFarPhone,
)

#: Pages that one process tells; those beyond it look for themselves every few seconds.
_MOST_PAGES = 2_000
_MOST_BYTES = 8_192
_BEAT_S = 20.0
_SEND_WITHIN_S = 10.0
#: A busy venue rings all the time; nobody sees the difference to at once.
_TOGETHER_S = 0.3
#: A page that says more than this in a minute is no page of ours.
_MOST_WORDS = 240
_MINUTE_S = 60.0
_TOO_MUCH = 4429

log = structlog.get_logger()

_words = msgspec.json.Decoder(FromFarPhone)


class _Watching:
    """One page: what it follows, and what it has been told."""

    def __init__(self, socket: web.WebSocketResponse, ear: Ear) -> None:
        self.socket = socket
        self.ear = ear
        self.followed: tuple[str, ...] = ()
        self.sight: Sight | None = None
        self.told: dict[str, FarOutcome] = {}

    def follow(self, commands: tuple[str, ...]) -> None:
        """Tell of these from now on, first of how they stand."""
        self.followed = commands
        self.told = {}
        self.ear.wake()

    async def send(self, news: FarNews) -> None:
        """Raises `ConnectionError` or `TimeoutError` when nobody is there."""
        async with asyncio.timeout(_SEND_WITHIN_S):
            await self.socket.send_str(msgspec.json.encode(news).decode())


class GuestLive:
    """The handler and what it needs. `close` says goodbye to all pages when the process stops."""

    def __init__(self, config: Config, pool: asyncpg.Pool, bell: Bell) -> None:
        self._config = config
        self._pool = pool
        self._bell = bell
        self._open: set[web.WebSocketResponse] = set()

    def attach(self, application: web.Application) -> None:
        """The address, and its end with the process."""
        application.router.add_get("/v/{venue_id}/live", self.serve)
        application.on_shutdown.append(self.close)

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """One page for as long as it is open. Refuses with `unknown_venue`, `rate_limited`, `crowded`."""
        venue = await venue_of(self._config, self._pool, request, limits.LOOKS_BY_ADDRESS)
        if len(self._open) >= _MOST_PAGES:
            raise Refused(
                refuse("crowded", "Very many phones look at once; ask now and then.", retry_after_s=30)
            )
        socket = web.WebSocketResponse(heartbeat=_BEAT_S, max_msg_size=_MOST_BYTES)
        await socket.prepare(request)
        self._open.add(socket)
        try:
            with self._bell.listen(VENUE) as ear:
                ear.follow([venue.venue_id])
                await self._watch(_Watching(socket, ear), venue.venue_id)
        finally:
            self._open.discard(socket)
        return socket

    async def close(self, _application: web.Application) -> None:
        """Pages ask elsewhere."""
        for socket in tuple(self._open):
            await socket.close(code=1001)

    async def _watch(self, page: _Watching, venue_id: str) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                telling = group.create_task(self._tell_for_ever(page, venue_id))
                await _listen(page)
                telling.cancel()
        except* (ConnectionError, TimeoutError):
            log.info("guest_page_lost", venue_id=venue_id)

    async def _tell_for_ever(self, page: _Watching, venue_id: str) -> None:
        while True:
            sight, outcomes = await self._look(page, venue_id)
            if sight is not None:
                await _tell(page, sight, outcomes)
            await asyncio.sleep(_TOGETHER_S)
            with suppress(TimeoutError):
                async with asyncio.timeout(self._config.refresh_every_s):
                    await page.ear.take()

    async def _look(self, page: _Watching, venue_id: str) -> tuple[Sight | None, dict[str, FarOutcome]]:
        """How things stand; nothing while Postgres is away, and the page waits with us."""
        with suppress(*GONE):
            async with self._pool.acquire() as connection:
                sight = await far_tables.sight(connection, venue_id)
                return sight, await outcomes_of(connection, venue_id, page.followed)
        return None, {}


async def _tell(page: _Watching, sight: Sight, outcomes: dict[str, FarOutcome]) -> None:
    """What differs from what the page knows. At first it has asked for table and menu itself."""
    before, page.sight = page.sight, sight
    if before is None or before.reach.reached != sight.reach.reached:
        silent_s = sight.reach.silent_s
        await page.send(FarReach(sight.reach.reached, None if silent_s is None else max(0, round(silent_s))))
    if before is not None and before.offer != sight.offer:
        await page.send(FarMenu())
    for command_id, outcome in outcomes.items():
        if command_id in page.followed and page.told.get(command_id) != outcome:
            page.told[command_id] = outcome
            await page.send(FarStanding(command_id, outcome))


async def _listen(page: _Watching) -> None:
    """What the page wants to hear of, until it leaves or has to."""
    clock = asyncio.get_running_loop().time
    words, since_s = 0, clock()
    async for message in page.socket:
        if clock() - since_s > _MINUTE_S:
            words, since_s = 0, clock()
        words += 1
        heard = _heard(message.data) if message.type is WSMsgType.TEXT and words <= _MOST_WORDS else None
        if heard is None:
            await page.socket.close(code=_TOO_MUCH)
            return
        if isinstance(heard, Follow):
            page.follow(heard.commands)
        else:
            await page.send(FarPong())


def _heard(text: str) -> FromFarPhone | None:
    """None for what no page of ours says."""
    try:
        heard: FromFarPhone = decode(_words, text, _MOST_BYTES)
        return heard
    except Refused:
        return None
