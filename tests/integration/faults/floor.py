"""A gaming floor of real programs: a box, plugs and routers that are emulated as processes, agents.

`furnished` makes the box's data directory and binds its consoles; `Till` is a member of staff who keeps
asking while the box is away, as people do.
"""

import asyncio
import base64
import json
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
from argon2 import PasswordHasher

from edge.core.commands import ConfigureVenue
from edge.core.devices.bindings import Bindings, DeviceAddress, GateBinding, StationBinding
from edge.demo.children import environment, leashed
from protocol.facts.play_config import PlayConfig, PlayStation
from protocol.facts.venue import StaffAccount
from tests import sample_venue
from tests.integration.faults.programs import Program
from tests.open_box import OpenBox

PC, CONSOLE = "pc-1", "ps5-1"
PIN = "4711"
MAC, ADDRESS = "AA:BB:CC:00:00:01", "192.168.30.50"
SECRET = "open sesame"
GRACE_S = 2
_LOOK_EVERY_S = 0.05
#: `timer_duration` is from when the timer was set, which may be some seconds ago.
_TIMER_SLACK_S = 90.0
_hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)

Json = dict[str, Any]


async def furnished(
    directory: Path, bindings: Bindings, off_policy: str = "pause", play: PlayConfig | None = None
) -> None:
    """Two people at the counter; a PC and a console, unless the floor is another one."""
    stations = (PlayStation(PC, "PC-1", "pc"), PlayStation(CONSOLE, "PS5-1", "console"))
    play = play or PlayConfig(stations, off_policy=off_policy, grace_s=GRACE_S)  # type: ignore[arg-type]
    digest = _hasher.hash(PIN)
    staff = tuple(StaffAccount(name, name.title(), "manager", digest) for name in ("ana", "bo"))
    async with OpenBox(directory) as box:
        await box.accept(
            ConfigureVenue(msgspec.structs.replace(sample_venue.config(), staff=staff, play=play))
        )
    (directory / "stations.json").write_bytes(msgspec.json.encode(bindings))


def gated(router: "Device") -> Bindings:
    """The console plays online through this router."""
    said = router.said
    address = DeviceAddress("routeros_rest", said["url"], user=said["user"], password=SECRET)
    return Bindings({"hex": address}, {CONSOLE: StationBinding(gate=GateBinding("hex", MAC))})


async def let_through(router: "Device", http: aiohttp.ClientSession) -> list[Json]:
    """Entries of the list of machines that may pass, as the router's own page tells them."""
    login = base64.b64encode(f"{router.said['user']}:{SECRET}".encode()).decode()
    url = f"{router.said['url']}/rest/ip/firewall/address-list"
    async with http.get(url, headers={"Authorization": f"Basic {login}"}) as answer:
        rows: list[Json] = await answer.json()
        return [row for row in rows if (row["list"], row["address"]) == ("holdfast-allowed", ADDRESS)]


def plugged(plug: "Device") -> Bindings:
    """The console's power comes from this plug."""
    address = DeviceAddress("shelly_gen2", plug.said["url"], password=SECRET)
    return Bindings(stations={CONSOLE: StationBinding(address)})


class Device:
    """An emulated device as a program; `happens` types a line at it."""

    def __init__(self, *arguments: str) -> None:
        self._process = subprocess.Popen(
            leashed([sys.executable, "-m", "firmware_profiles.emulators", *arguments]),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment({}),
        )
        assert self._process.stdout is not None
        self.said: Json = json.loads(self._process.stdout.readline())

    def happens(self, what: str) -> None:
        """`press`, `reboot`, `drop`, `mend` and so on; it has happened when this returns."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{what}\n".encode())
        self._process.stdin.flush()
        assert self._process.stdout.readline().decode().strip() == what

    def end(self) -> None:
        """Pull it out."""
        self._process.kill()
        self._process.communicate()


class Switch:
    """Looks at a plug as a passer-by does: without a pass word there is only its log-in free part."""

    def __init__(self, device: Device, http: aiohttp.ClientSession) -> None:
        self._url = str(device.said["url"])
        self._http = http
        self._login = aiohttp.DigestAuthMiddleware("admin", SECRET)

    async def status(self) -> Json:
        """`Switch.GetStatus`."""
        async with self._http.post(
            f"{self._url}/rpc/Switch.GetStatus", json={"id": 0}, middlewares=(self._login,)
        ) as answer:
            told: Json = await answer.json()
            return told

    async def until(self, *, on: bool, within_s: float = 60.0) -> float:
        """Wait until it stands so; seconds that took."""
        loop = asyncio.get_running_loop()
        began_s = loop.time()
        async with asyncio.timeout(within_s):
            while True:
                if (await self.status())["output"] is on:
                    return loop.time() - began_s
                await asyncio.sleep(_LOOK_EVERY_S)

    async def until_ends_in(self, wanted_s: float, within_s: float = 60.0) -> None:
        """Wait until it has power and a timer that ends about then."""
        async with asyncio.timeout(within_s):
            while True:
                told = await self.status()
                if told["output"] and abs(told["timer_duration"] - wanted_s) < _TIMER_SLACK_S:
                    return
                await asyncio.sleep(_LOOK_EVERY_S)


class Till:
    """Staff at `url`; questions that the box does not answer are asked again, for `patience_s` each."""

    def __init__(self, url: str, http: aiohttp.ClientSession, patience_s: float = 60.0) -> None:
        self._url = url
        self._http = http
        self._patience_s = patience_s
        self.token = ""

    async def sign_in(self, user: str = "ana") -> "Till":
        """As one of the two."""
        self.token = (await self.ask("POST", "/api/v1/auth/pin", {"user": user, "pin": PIN}))[1]["token"]
        return self

    async def ask(self, method: str, path: str, body: Json | None = None) -> tuple[int, Json]:
        """Status and body, however long it takes."""
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        async with asyncio.timeout(self._patience_s):
            while True:
                with suppress(aiohttp.ClientError):
                    async with self._http.request(
                        method, self._url + path, json=body, headers=headers
                    ) as answer:
                        return answer.status, await answer.json()
                await asyncio.sleep(_LOOK_EVERY_S)

    async def start(self, station: str, seconds: float, **given: Any) -> Json:
        """A session that must start."""
        body = {"station_id": station, "duration": seconds / 60, "amount": 10.0, **given}
        status, session = await self.ask("POST", "/api/v1/sessions/start", body)
        assert status == 201, session
        return session

    async def session(self, session: Json) -> Json:
        """The same one as it stands now."""
        return (await self.ask("GET", f"/api/v1/sessions/{session['id']}"))[1]

    async def station(self, station_id: str) -> Json:
        """A station as it stands now."""
        stations = (await self.ask("GET", "/api/v1/stations"))[1]["stations"]
        found: Json = next(each for each in stations if each["id"] == station_id)
        return found

    async def until_station(self, station_id: str, **wanted: Any) -> Json:
        """The station, once it stands like that."""
        async with asyncio.timeout(60):
            while True:
                station = await self.station(station_id)
                if all(station[name] == value for name, value in wanted.items()):
                    return station
                await asyncio.sleep(_LOOK_EVERY_S)


async def agent(directory: Path, url: str, till: Till) -> Program:
    """`holdfast-agent run --dry-run` on the PC, not started yet; its log tells what it did."""
    token = (await till.ask("POST", f"/api/v1/stations/{PC}/agent_token"))[1]["token"]
    arguments = ["-m", "edge.agent.cli", "run", "--server", url, "--station", PC, "--token", token]
    arguments += ["--state", str(directory / "agent.json"), "--overlay-port", "0", "--dry-run"]
    return Program(directory / "agent.log", arguments)


def deeds(program: Program) -> list[str]:
    """What an agent did to its PC, repeats left out."""
    said = [json.loads(line) for line in program.said().splitlines() if line.startswith("{")]
    actions = [each["action"] for each in said if "action" in each]
    return [each for at, each in enumerate(actions) if at == 0 or actions[at - 1] != each]


async def until_done(program: Program, wanted: list[str], within_s: float = 60.0) -> None:
    """Wait until an agent has done all that, in that order."""
    async with asyncio.timeout(within_s):
        while deeds(program) != wanted:
            program.check()
            await asyncio.sleep(_LOOK_EVERY_S)
