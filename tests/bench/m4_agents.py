"""Five hundred stations with agents on one box, every second one played on: what do they cost?

The box is `holdfast-edge run` as a process; the PCs are sockets of another one, which speak as agents do.
They all come at once, as after a power cut, then beat every 30 seconds. Told: the box's CPU while they beat,
its memory, the p99 of a heartbeat until its ack, and how long the herd takes. Beside each stands a box with
one PC and no play.
"""

import asyncio
import sys
import tempfile
from pathlib import Path

import aiohttp
import msgspec
import psutil
from argon2 import PasswordHasher

from edge.core.commands import ConfigureVenue
from protocol.facts.play_config import PlayConfig, PlayStation
from protocol.facts.venue import StaffAccount
from tests.bench.boxes import CONFIG, box, journal, quantile
from tests.bench.pcs import Pcs, Told
from tests.bench.rows import Row

STATIONS = 500
EVERY_S, SECONDS = 30.0, 40.0
PIN = "4711"
_hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


async def furnish(directory: Path, stations: tuple[PlayStation, ...]) -> None:
    """A box with these stations and somebody at the counter."""
    staff = (StaffAccount("ana", "Ana", "manager", _hasher.hash(PIN)),)
    async with journal(directory) as writer:
        await writer.execute(
            ConfigureVenue(msgspec.structs.replace(CONFIG, staff=staff, play=PlayConfig(stations)))
        )


async def sell(url: str, stations: list[str], minutes: float = 60) -> None:
    """A session on each."""
    async with _Counter(url) as till:
        for name in stations:
            body = {"station_id": name, "duration": minutes, "amount": 10.0}
            async with till.post("/api/v1/sessions/start", json=body) as answer:
                assert answer.status == 201, await answer.text()


async def tokens(url: str, stations: list[str]) -> dict[str, str]:
    """What each PC's agent signs in with."""
    found = {}
    async with _Counter(url) as till:
        for name in stations:
            async with till.post(f"/api/v1/stations/{name}/agent_token") as answer:
                found[name] = (await answer.json())["token"]
    return found


class _Counter:
    """Somebody signed in."""

    def __init__(self, url: str) -> None:
        self._http = aiohttp.ClientSession(url)

    async def __aenter__(self) -> aiohttp.ClientSession:
        async with self._http.post("/api/v1/auth/pin", json={"user": "ana", "pin": PIN}) as answer:
            token = (await answer.json())["token"]
        self._http.headers["Authorization"] = f"Bearer {token}"
        return self._http

    async def __aexit__(self, *_exc: object) -> None:
        await self._http.close()


async def beat(url: str, known: dict[str, str], pid: int, every_s: float) -> tuple[Told, float, float]:
    """What the PCs tell, and the box's CPU (1.0 is one core) and MiB while they beat."""
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.bench.pcs",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert child.stdin is not None
    assert child.stdout is not None
    child.stdin.write(msgspec.json.encode(Pcs(url, known, every_s, SECONDS)))
    child.stdin.write_eof()
    try:
        await child.stdout.readline()
        program = psutil.Process(pid)
        before = program.cpu_times()
        told = msgspec.json.decode(await child.stdout.read(), type=Told)
        after, mib = program.cpu_times(), program.memory_info().rss / 2**20
    except asyncio.CancelledError:
        child.kill()
        raise
    finally:
        await child.wait()
    busy_s = after.user + after.system - before.user - before.system
    return told, busy_s / SECONDS, mib


async def measure() -> list[Row]:
    """Four rows."""
    names = [f"pc-{number}" for number in range(STATIONS)]
    with tempfile.TemporaryDirectory() as scratch:
        directory = Path(scratch) / "box"
        await furnish(directory, tuple(PlayStation(name, name, "pc") for name in names))
        async with box(directory) as (url, pid):
            known = await tokens(url, names)
            idle, idle_cpu, idle_mib = await beat(url, dict(list(known.items())[:1]), pid, 0.5)
            await sell(url, names[::2])
            told, cpu, mib = await beat(url, known, pid, EVERY_S)
    assert told.in_step == STATIONS
    name = f"M4 {STATIONS} agents"
    return [
        Row(f"{name}: CPU of the box", cpu * 100, max(idle_cpu * 100, 0.01), "% of a core"),
        Row(f"{name}: memory", mib, idle_mib, "MiB"),
        Row.latency(f"{name}: beat acked, p99", quantile(told.acks_s, 0.99), quantile(idle.acks_s, 0.99)),
        Row(f"{name}: all back in step", told.herd_s, idle.herd_s, "s"),
    ]


if __name__ == "__main__":
    for row in asyncio.run(measure()):
        print(row)
