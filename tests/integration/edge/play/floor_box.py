"""A whole box with a gaming floor, in the test's own loop: the real application, disk, sockets, devices.

`ask` talks to it as a till does.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from math import ceil
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
from argon2 import PasswordHasher

from edge.config import Config
from edge.core.commands import ConfigureVenue
from edge.core.devices.bindings import Bindings
from edge.journal.writer import Accepted
from edge.wiring.app import EdgeApp
from protocol.facts.play_config import PlayConfig
from protocol.facts.venue import StaffAccount
from tests.sample_venue import config, play_config

PIN = "4711"
_hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)

Json = dict[str, Any]


class FloorBox:
    """One run of a box. `url` is its address, `app` the application, `took_s` how long it took to begin."""

    def __init__(self, app: EdgeApp, url: str, http: aiohttp.ClientSession) -> None:
        self.app = app
        self.url = url
        self.http = http
        self.token = ""
        self.took_s = 0.0

    def brief(self, seconds: float) -> float:
        """Minutes of a session that ends soon, and not before this machine has come to see it begin.

        They are whole seconds, for time is sold in no others.
        """
        return ceil(seconds + 3 * self.took_s) / 60

    async def ask(self, method: str, path: str, body: Json | None = None) -> tuple[int, Json]:
        """Status and body of a request by staff."""
        headers = {"Authorization": f"Bearer {self.token}"}
        async with self.http.request(method, self.url + path, json=body, headers=headers) as answer:
            return answer.status, await answer.json()

    async def start(self, station: str, minutes: float = 60, **given: Any) -> Json:
        """A session that must start."""
        body = {"station_id": station, "duration": minutes, "payment_method": "CASH", "amount": 10.00}
        status, session = await self.ask("POST", "/api/v1/sessions/start", {**body, **given})
        assert status == 201, session
        return session

    async def stations(self) -> dict[str, Json]:
        """All stations by id."""
        _, answer = await self.ask("GET", "/api/v1/stations")
        return {each["id"]: each for each in answer["stations"]}

    async def until_station(self, station: str, wanted: Callable[[Json], bool]) -> Json:
        """The station once it is as wanted."""
        async with asyncio.timeout(60):
            while True:
                found = (await self.stations())[station]
                if wanted(found):
                    return found
                await asyncio.sleep(0.01)

    def staff_socket(self) -> Any:
        """A staff screen."""
        return self.http.ws_connect(f"{self.url}/ws/staff", headers={"Authorization": f"Bearer {self.token}"})

    async def agent_token(self, station: str) -> str:
        """The token of a PC's agent."""
        _, answer = await self.ask("POST", f"/api/v1/stations/{station}/agent_token")
        return str(answer["token"])


def bind(directory: Path, bindings: Bindings) -> None:
    """Say where plugs and routers are, as an installer does."""
    directory.mkdir(exist_ok=True)
    (directory / "stations.json").write_bytes(msgspec.json.encode(bindings))


def at_one_price(play: PlayConfig) -> PlayConfig:
    """Without happy hours: the box has the true time, and a test may be run on a Monday afternoon."""
    tariffs = tuple(msgspec.structs.replace(tariff, happy_hours=()) for tariff in play.tariffs)
    return msgspec.structs.replace(play, tariffs=tariffs)


@contextlib.asynccontextmanager
async def floor_box(
    directory: Path,
    play: PlayConfig | None = None,
    bindings: Bindings | None = None,
    *,
    port: int = 0,
    boot: str | None = None,
) -> AsyncIterator[FloorBox]:
    """A box that serves, with a manager signed in. `boot` pretends that the machine has been booted."""
    if bindings is not None:
        bind(directory, bindings)
    asked_s = time.monotonic()
    app = EdgeApp(Config(directory=directory, host="127.0.0.1", port=port))
    app.clock.boot = boot or app.clock.boot
    app.clock.learn(time.time_ns() // 1_000_000)  # wherever the tests run
    async with app.serving() as url, aiohttp.ClientSession() as http:
        staff = (
            StaffAccount("ana", "Ana", "manager", _hasher.hash(PIN)),
            StaffAccount("chi", "Chi", "cook", _hasher.hash(PIN)),
        )
        rules = msgspec.structs.replace(config(), staff=staff, play=at_one_price(play or play_config()))
        assert isinstance(await app.writer.execute(ConfigureVenue(rules)), Accepted)
        box = FloorBox(app, url, http)
        _, signed = await box.ask("POST", "/api/v1/auth/pin", {"user": "ana", "pin": PIN})
        box.token = signed["token"]
        box.took_s = time.monotonic() - asked_s
        yield box
