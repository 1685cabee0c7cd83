"""Real boxes and crowds for the measures: a prepared data directory, a box on it, phones at its tables."""

import asyncio
import contextlib
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
import msgspec

from edge.adapters.machine.system_clock import SystemClock
from edge.core import commands
from edge.journal.database import bind, open_reader, open_writer
from edge.journal.hot import Hot
from edge.journal.writer import Writer
from protocol.facts.menu import Menu, MenuItem
from protocol.facts.venue import KitchenStation, StaffAccount, TableConfig, VenueConfig
from protocol.identity import pass_word_digest, uuid7
from tests.bench.phones import PhonePlan, Plan, Result

CONFIG = VenueConfig(
    venue_id="bench",
    restaurant_id=7,
    name="Bench",
    currency="EUR",
    pass_word_hash=pass_word_digest(7, "coffee"),
    tables=tuple(TableConfig(f"T{number}", f"T{number}") for number in range(1, 201)),
    stations=(KitchenStation("kitchen", "Kitchen"),),
    staff=(StaffAccount("ana", "Ana", "manager", "unused"),),
)
MENU = Menu(
    1, "EUR", ("Food",), tuple(MenuItem(n, f"Dish number {n}", "Food", 100 * n) for n in range(1, 61))
)


def new_id() -> str:
    """A fresh UUIDv7."""
    return uuid7(time.time_ns() // 1_000_000, secrets.token_bytes(10))


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.asynccontextmanager
async def journal(directory: Path, claimed: bool = False) -> AsyncIterator[Writer]:
    """A running writer on a directory with `CONFIG` and `MENU`; `claimed` by a cloud that is away."""
    clock = SystemClock()
    connection, reader = open_writer(directory, clock().wall_ms), open_reader(directory)
    if claimed:
        bind(connection, CONFIG.venue_id, 1, "http://127.0.0.1:9")
    writer = Writer(connection, Hot(reader), clock)
    async with asyncio.TaskGroup() as group:
        running = group.create_task(writer.run())
        await writer.execute(commands.ConfigureVenue(CONFIG))
        await writer.execute(commands.AdoptMenu(MENU))
        yield writer
        writer.stop()
        await running
    connection.close()
    reader.close()


@contextlib.contextmanager
def process(*arguments: str, python: bool = True, answers: bool = False) -> Iterator[subprocess.Popen[bytes]]:
    """A child process, terminated on the way out; one that `answers` listens to its stdin."""
    command = [sys.executable, *arguments] if python else list(arguments)
    stdin = subprocess.PIPE if answers else None
    child = subprocess.Popen(command, stdin=stdin, stdout=subprocess.PIPE)
    try:
        yield child
    finally:
        child.terminate()
        child.wait()


@contextlib.asynccontextmanager
async def box(directory: Path, *options: str) -> AsyncIterator[tuple[str, int]]:
    """`holdfast-edge run` on a prepared directory; its address and pid."""
    port = free_port()
    arguments = ("-m", "edge.cli", "--log-level", "error", "run", "--data", str(directory))
    with process(*arguments, "--host", "127.0.0.1", "--port", str(port), *options) as child:
        url = f"http://127.0.0.1:{port}"
        await until_up(url)
        yield url, child.pid


async def until_up(url: str) -> None:
    """Wait for `/healthz`."""
    async with aiohttp.ClientSession() as session:
        for _ in range(400):
            with contextlib.suppress(aiohttp.ClientError):
                async with session.get(f"{url}/healthz") as response:
                    if response.status == 200:
                        return
            await asyncio.sleep(0.02)
    raise TimeoutError(url)


async def seat(url: str, tables: int, phones: int) -> list[list[PhonePlan]]:
    """Open tables, seat phones, give the pass word, and have each phone put one line into its cart."""
    async with aiohttp.ClientSession(url) as session:
        return [await _seat_table(session, f"T{number}", phones) for number in range(1, tables + 1)]


async def _seat_table(session: aiohttp.ClientSession, code: str, phones: int) -> list[PhonePlan]:
    plans = []
    for number in range(phones):
        async with session.post("/session/join", json={"table": code, "name": f"Phone {number}"}) as response:
            seat = await response.json()
        headers = {"Authorization": f"Bearer {seat['ws_token']}"}
        word = {"session_pid": seat["session_pid"], "word": "coffee"}
        (await session.post("/session/validate_pass", json=word, headers=headers)).release()
        path = f"/ws/table?sid={seat['session_pid']}"
        async with session.ws_connect(path, headers=headers) as phone:
            await phone.send_json({"type": "cart_mutate", "op": "create", "menu_item": 17, "mid": new_id()})
            while (message := await phone.receive_json())["type"] != "cart_update":
                pass
        plans.append(PhonePlan(path, seat["ws_token"], message["item"]["id"], message["item"]["version"]))
    return plans


async def run_crowds(
    url: str, tables: list[list[PhonePlan]], seconds: float, payload: str | None = None, crowds: int = 2
) -> Result:
    """Split the tables over processes, run them at once, and put the results together."""
    shares = [share for at in range(crowds) if (share := tables[at::crowds])]
    plans = [Plan(url, share, seconds, 1.0, payload) for share in shares]
    results = await asyncio.gather(*(_crowd(plan) for plan in plans))
    trips = sorted(trip for result in results for trip in result.round_trips_s)
    frames = sum(result.frames for result in results)
    return Result(len(trips), frames, max(result.seconds for result in results), trips)


async def _crowd(plan: Plan) -> Result:
    """By way of a file: what has run uvloop loses the end of a long output in a pipe now and then."""
    with tempfile.TemporaryDirectory() as scratch:
        result = Path(scratch) / "result.json"
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.bench.phones", str(result)), stdin=asyncio.subprocess.PIPE
        )
        await child.communicate(msgspec.json.encode(plan))
        return msgspec.json.decode(result.read_bytes(), type=Result)


async def ended(*tasks: "asyncio.Task[None]") -> None:
    """Cancel tasks until they are: before Python 3.12 `wait_for` may swallow a cancellation (bpo-37658)."""
    while any(not task.done() for task in tasks):
        for task in tasks:
            task.cancel()
        await asyncio.sleep(0.02)


def quantile(values: list[float], share: float) -> float:
    """The value below which `share` of the sorted values lie."""
    return values[min(len(values) - 1, int(len(values) * share))]
