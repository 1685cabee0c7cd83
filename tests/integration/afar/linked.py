"""A box and its cloud, both real and both in this process, with a wire between them that a test may cut.

    owner, far guests ── cloud ── Postgres
                           │ wire, cut at will or after so many bytes
    staff, guests ──────── box ── SQLite

Rule of the file: people speak HTTP to the addresses that are there for them. `agree` is how every test
ends: the box has sent everything, and the cloud holds what it holds, byte for byte and row by row.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import asyncpg
import msgspec

from cloud.app import Serving, serving
from cloud.config import Config
from cloud.owners.samples import sample
from cloud.owners.venues import founding, venue_file
from cloud.owners.venues.founding import NewVenue
from edge.adapters.cloud.claiming import claim, load_key
from edge.journal.database import bind, open_writer, read_box
from tests.browser.venue import Box
from tests.equality import assert_equal
from tests.integration.cloud.conftest import CONFIG, OWNER, PASSWORD
from tests.integration.faults.wire import Wire

_WITHIN_S = 60.0
_LOOK_EVERY_S = 0.02


class Linked:
    """The venue, its people and its link."""

    def __init__(self, directory: Path, database: str, cloud: Serving, wire: Wire, venue: NewVenue) -> None:
        self.directory = directory
        self.database = database
        self.cloud = cloud
        self.wire = wire
        self.venue = venue
        self.box = Box(directory, [])
        self.http: aiohttp.ClientSession
        self.tasks: asyncio.TaskGroup
        self.csrf = ""
        self.staff_token = ""

    # ── people ───────────────────────────────────────────────────────────────────────────────────

    async def enter(self) -> None:
        """Owner and manager sign in."""
        body = {"email": OWNER, "password": PASSWORD}
        _, answer = await self.call("POST", f"{self.cloud.url}/api/login", body)
        self.csrf = answer["csrf"]
        manager = next(each for each in self.venue.staff if each.role == "manager")
        await eventually(self._has_staff)
        pin = {"user": manager.user, "pin": manager.pin}
        _, answer = await self.call("POST", f"{self.box.url}/api/v1/auth/pin", pin)
        self.staff_token = answer["token"]

    async def _has_staff(self) -> bool:
        return self.box.app.hot.committed_menu() is not None

    async def call(self, method: str, url: str, body: object = None, token: str = "") -> tuple[int, Any]:
        """One request; status and body."""
        headers = {"Authorization": f"Bearer {token}"} if token else {"X-CSRF-Token": self.csrf}
        async with self.http.request(method, url, headers=headers, json=body) as response:
            return response.status, await response.json()

    async def owner(self, method: str, path: str, body: object = None) -> Any:
        """The owner asks the cloud about the venue, and is answered."""
        url = f"{self.cloud.url}/api/venues/{self.venue.venue_id}/{path}"
        status, answer = await self.call(method, url, body)
        assert status < 300, answer
        return answer

    async def staff(self, method: str, path: str, body: object = None) -> Any:
        """The manager asks the box, and is answered."""
        status, answer = await self.call(method, f"{self.box.url}/api/v1/{path}", body, self.staff_token)
        assert status < 300, answer
        return answer

    async def ask(self, ask: dict[str, object], **more: object) -> str:
        """The owner commands; the command's id."""
        return str((await self.owner("POST", "commands", {"ask": ask, **more}))["command_id"])

    async def command(self, command_id: str) -> dict[str, Any]:
        """How a command stands on the owner's page."""
        listed = (await self.owner("GET", "commands"))["commands"]
        return next(each for each in listed if each["command_id"] == command_id)

    async def outcome(self, command_id: str, *statuses: str) -> dict[str, Any]:
        """The command once it has come to one of these."""
        wanted = statuses or ("DONE", "REFUSED", "EXPIRED", "UNKNOWN")

        async def so() -> bool:
            return (await self.command(command_id))["status"] in wanted

        await eventually(so)
        return await self.command(command_id)

    async def play(self, minutes: int = 60) -> str:
        """Somebody pays in cash to play on the first console; the session's id."""
        station = self.venue.play_stations[0].id
        body = {"station_id": station, "duration": minutes, "payment_method": "CASH", "amount": 100.0}
        return str((await self.staff("POST", "sessions/start", body))["id"])

    async def sit_down(self, name: str = "Chinu") -> dict[str, Any]:
        """A guest on the venue's network, at the first table, who has said the pass word."""
        body: dict[str, object] = {"table": self.venue.tables[0].code, "name": name}
        _, seat = await self.call("POST", f"{self.box.url}/session/join", body)
        word = {"session_pid": seat["session_pid"], "word": self.venue.pass_word}
        status, answer = await self.call(
            "POST", f"{self.box.url}/session/validate_pass", word, seat["ws_token"]
        )
        assert status == 200, answer
        return dict(seat)

    def hold_up(self, name: str) -> None:
        """A task of the box stops where it is, as if the power were about to go."""
        next(task for task in asyncio.all_tasks() if task.get_name() == name).cancel()

    async def restart(self) -> None:
        """The box goes off and comes on again at the same address."""
        await self.box.off()
        await self.box.on(self.tasks)

    # ── the link ─────────────────────────────────────────────────────────────────────────────────

    async def offline(self) -> None:
        """Cut the wire, and wait until the box knows."""
        self.wire.cut()
        await eventually(lambda: self._link("down"))

    async def online(self) -> None:
        """Heal it, and wait until the box is in step."""
        self.wire.heal()
        await eventually(self._in_step)

    async def _link(self, word: str) -> bool:
        assert self.box.app.link is not None
        return self.box.app.link.state.state == word

    async def _in_step(self) -> bool:
        link = self.box.app.link
        assert link is not None
        return link.state.state == "live" and link.state.acked_seq == self.box.app.writer.durable_seq

    async def agree(self) -> None:
        """Everything is sent, and both hold the same."""
        await self.online()
        sql = await asyncpg.connect(self.database)
        try:
            await assert_equal(self.directory, sql)
        finally:
            await sql.close()

    async def aged(self, seconds: float) -> None:
        """Everything in the commands' stream has lain in the cloud for so much longer."""
        await self.cloud.pool.execute(
            """
            UPDATE down_entries SET created_at = created_at - make_interval(secs => $1)
            WHERE stream = 'commands'
            """,
            seconds,
        )
        await self.cloud.pool.execute(
            "UPDATE instructions SET expires_at = expires_at - make_interval(secs => $1)", seconds
        )

    def state(self, aggregate: str) -> Any:
        """What the box has on its disk of something."""
        return self.box.app.hot.committed(aggregate)


async def eventually(so: Callable[[], Awaitable[bool]]) -> None:
    """Look again and again until it is so."""
    async with asyncio.timeout(_WITHIN_S):
        while True:
            if await so():
                return
            await asyncio.sleep(_LOOK_EVERY_S)


@asynccontextmanager
async def linked(directory: Path, database: str, config: Config = CONFIG) -> AsyncIterator[Linked]:
    """Everything started, claimed and in step; ended whatever happens."""
    async with AsyncExitStack() as stack:
        if config.data == CONFIG.data:
            config = msgspec.structs.replace(config, data=directory.with_name("cloud"))
        cloud = await stack.enter_async_context(serving(config, database))
        await founding.create_owner(cloud.pool, OWNER, PASSWORD)
        venue = await founding.create_venue(cloud.pool, OWNER, None, venue_file.load(sample("venue.json")))
        await founding.import_menu(cloud.pool, venue.venue_id, sample("menu.csv"), "test")
        wire = await stack.enter_async_context(Wire(cloud.port).serving())
        await _claim(directory, cloud.url, wire.url, venue.claim_code)
        stand = Linked(directory, database, cloud, wire, venue)
        await _open(stand, stack)
        yield stand


@asynccontextmanager
async def beside(stand: Linked, directory: Path, name: str) -> AsyncIterator[Linked]:
    """Another venue of the same owner at the same cloud, with a box and a wire of its own."""
    async with AsyncExitStack() as stack:
        cloud = stand.cloud
        venue = await founding.create_venue(cloud.pool, OWNER, name, venue_file.load(sample("venue.json")))
        await founding.import_menu(cloud.pool, venue.venue_id, sample("menu.csv"), "test")
        wire = await stack.enter_async_context(Wire(cloud.port).serving())
        await _claim(directory, cloud.url, wire.url, venue.claim_code)
        other = Linked(directory, stand.database, cloud, wire, venue)
        await _open(other, stack)
        yield other


async def _open(stand: Linked, stack: AsyncExitStack) -> None:
    """Switch its box on, and let its people in."""
    jar = aiohttp.CookieJar(unsafe=True)
    stand.http = await stack.enter_async_context(aiohttp.ClientSession(cookie_jar=jar))
    stand.tasks = await stack.enter_async_context(asyncio.TaskGroup())
    await stand.box.on(stand.tasks)
    stack.push_async_callback(stand.box.off)
    await stand.enter()


async def _claim(directory: Path, cloud_url: str, link_url: str, code: str) -> None:
    connection = open_writer(directory, time.time_ns() // 1_000_000)
    try:
        claimed = await claim(cloud_url, code, read_box(connection), load_key(directory / "node.key"))
        bind(connection, claimed.venue_id, claimed.epoch, link_url)
    finally:
        connection.close()


def play_of(state: Any) -> tuple[str, int]:
    """Status and seconds of a play session."""
    return state.status, state.entitled_s
