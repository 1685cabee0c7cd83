"""M4: five hundred play sessions end; how late does each one's off command leave?

Ours is everything of the box but the web: sessions in a real journal on a real disk, the floor, the premises
with a reconciler and a real Shelly Gen2 adapter a plug (digest log-in, firmware 2.0), on the loop that the
box runs on. All end in one instant (closing time), or spread over ten seconds. The plugs are emulated in a
process of their own, which notes when the bytes come in; that is told, too, and is as slow as five hundred
plugs in one Python. The limit is the timer heap alone, firing into a list; the peer is the monitor of seed
003 §3, which looks every ten seconds. Lateness is told as p99.
"""

import asyncio
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import msgspec
import uvloop

from edge.adapters.devices.shelly_gen2 import ShellyGen2Plug
from edge.adapters.machine.system_clock import SystemClock
from edge.core.commands import ConfigureVenue
from edge.core.deadlines import Deadlines
from edge.core.devices.bindings import Bindings, DeviceAddress, StationBinding
from edge.core.devices.ports import NetworkGate, PlugReading
from edge.core.play.commands import StartPlay
from edge.effects.alarms import Alarms
from edge.effects.devices.enforcement import BootTime
from edge.effects.devices.premises import Premises
from edge.effects.play.timers import PlayTimers
from edge.journal.database import open_reader, open_writer
from edge.journal.floor import Floor
from edge.journal.hot import Hot
from edge.journal.writer import Accepted, Writer
from protocol.facts.play_config import PlayConfig, PlayStation
from tests.bench.boxes import process
from tests.bench.rows import Row
from tests.bench.wall_of_plugs import SECRET
from tests.sample_venue import config

SESSIONS = 500
#: Long enough for all plugs to be on before the first session ends.
PLAY_S, SPREAD_S = 15, 10.0
#: How often the monitor of seed 003 §3 looks.
POLL_S = 10.0


def percentile(values: list[float], part: float) -> float:
    """The value below which that part lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]


async def until(condition: Callable[[], bool]) -> None:
    """Look now and then whether it has come true; the journal and the plugs may take a minute."""
    for _ in range(400):
        if condition():
            return
        await asyncio.sleep(0.2)
    raise TimeoutError


def no_gate(_name: str, _address: DeviceAddress) -> NetworkGate:
    """There is no router here."""
    raise AssertionError("nobody asked for a router")


class NotedPlug(ShellyGen2Plug):
    """Notes when its off command has left, in Unix nanoseconds; by the usual way, when it was obeyed."""

    left_ns: int | None = None

    def fire(self) -> None:
        """See `PowerSwitch`."""
        if self._off.fire():
            self.left_ns = time.time_ns()

    async def turn_off(self) -> PlugReading:
        """See `PowerSwitch`."""
        reading = await super().turn_off()
        self.left_ns = self.left_ns or time.time_ns()
        return reading

    async def turn_on(self, off_after_s: float) -> PlugReading:
        """See `PowerSwitch`."""
        self.left_ns = None
        return await super().turn_on(off_after_s)


async def play(directory: Path, urls: list[str], spread_s: float) -> tuple[list[float], list[int]]:
    """Let a session end on every plug; when each was due and when its command left, in Unix nanoseconds."""
    clock, keeper = SystemClock(), BootTime()
    connection, reader = open_writer(directory, clock().wall_ms), open_reader(directory)
    hot = Hot(reader)
    writer = Writer(connection, hot, clock)
    floor = Floor(reader, hot)
    writer.listen(floor.follow)
    made: dict[str, NotedPlug] = {}
    timers = PlayTimers(floor, writer, clock)
    premises = Premises(
        floor,
        Alarms(),
        clock,
        make_plug=lambda name, at: made.setdefault(name, NotedPlug(name, at.url, password=at.password)),
        make_gate=no_gate,
        keeper=keeper,
        chance=lambda: 0.5,
    )
    timers.let_go_first(premises.fire_due)
    plugs = {f"ps5-{number}": StationBinding(_at(url)) for number, url in enumerate(urls)}
    stations = tuple(PlayStation(name, name, "console") for name in plugs)
    rules = msgspec.structs.replace(config(), play=PlayConfig(stations, grace_s=0))
    async with AsyncExitStack() as stack, asyncio.TaskGroup() as group:
        group.create_task(writer.run())
        assert isinstance(await writer.execute(ConfigureVenue(rules)), Accepted)
        running = group.create_task(timers.run())
        await stack.enter_async_context(premises.running(group, Bindings(stations=plugs)))
        await asyncio.gather(*(writer.execute(each) for each in _starts(list(plugs), spread_s)))
        at_once_ns = time.time_ns() - clock().mono_ns
        ends_ns = {each.station_id: float((each.ends_mono_ns or 0) + at_once_ns) for each in floor.live()}
        await until(lambda: not floor.live())
        await until(lambda: not any(floor.things(name).power_w for name in plugs))
        running.cancel()
        await stack.aclose()
        writer.stop()
    reader.close()
    connection.close()
    return [ends_ns[name] for name in plugs], [made[name].left_ns or 0 for name in plugs]


def _at(url: str) -> DeviceAddress:
    return DeviceAddress("shelly_gen2", url, password=SECRET)


def _starts(names: list[str], spread_s: float) -> Iterator[StartPlay]:
    """Sessions are sold by whole seconds: a spread is made of different lengths."""
    for number, name in enumerate(names):
        seconds = PLAY_S + int(spread_s * number / len(names))
        yield StartPlay(f"play-{name}", f"paid-{name}", name, seconds, "CASH", 100, "staff:ann")


async def ours(spread_s: float) -> tuple[list[float], list[float]]:
    """Seconds each off command was late in leaving and in arriving; every plug must have got one."""
    with (
        tempfile.TemporaryDirectory() as directory,
        process("-m", "tests.bench.wall_of_plugs", str(SESSIONS), answers=True) as wall,
    ):
        assert wall.stdout is not None
        assert wall.stdin is not None
        urls = msgspec.json.decode(wall.stdout.readline(), type=list[str])
        due_ns, left_ns = await asyncio.to_thread(uvloop.run, play(Path(directory), urls, spread_s))
        wall.stdin.write(b"\n")
        wall.stdin.flush()
        told = msgspec.json.decode(wall.stdout.readline())
    assert told["off"] == SESSIONS, told["off"]
    left = [(at_ns - due) / 1e9 for at_ns, due in zip(left_ns, due_ns, strict=True)]
    return left, [(at_ns - due) / 1e9 for at_ns, due in zip(told["at_ns"], due_ns, strict=True)]


async def heap_alone() -> float:
    """The same deadlines, and nothing but the heap and one timer of the loop."""
    heap: Deadlines[int] = Deadlines()
    due_s = time.monotonic() + 1.0
    for number in range(SESSIONS):
        heap.set(number, due_s)
    late: list[float] = []
    while len(late) < SESSIONS:
        await asyncio.sleep(max(0.0, heap.next_s() - time.monotonic()))
        for _ in heap.take(time.monotonic()):
            late.append(time.monotonic() - due_s)
    return percentile(late, 0.99)


def polled() -> float:
    """Sessions whose ends lie anywhere between two looks of a monitor."""
    return percentile([POLL_S * number / SESSIONS for number in range(SESSIONS)], 0.99)


async def measure() -> list[Row]:
    """p99 of ours beside the heap alone, and of a poll beside the heap alone."""
    alone_s = await heap_alone()
    rows = []
    for name, spread_s in (("at once", 0.0), ("over 10 s", SPREAD_S)):
        left, came = (percentile(late, 0.99) for late in await ours(spread_s))
        rows.append(Row.latency(f"M4 {SESSIONS} ends {name}: leaves", left, alone_s, "p99 <= 50 ms"))
        rows.append(Row.latency(f"M4 {SESSIONS} ends {name}: arrives", came, alone_s))
    return [*rows, Row.latency("M4 the same by a poll of 10 s", polled(), alone_s)]


if __name__ == "__main__":
    for row in asyncio.run(measure()):
        print(row)
