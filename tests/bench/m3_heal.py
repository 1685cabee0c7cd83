"""M3, after outages: from the line being back to the first fact and to the last in Postgres, acknowledged.

A venue makes about 250 facts an hour while it is open; the smallest backlog made here is one round of a
hundred tables, 2,900 facts. The box is at work, and between it and the cloud stands a relay that counts
bytes. A box waits for up to 30 s of back-off with full jitter before; that is not counted. The limit beside
the drained time is that of M3: COPY of as many rows.
"""

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import cast

import asyncpg
import psutil

from edge.adapters.cloud.claiming import claim, load_key
from edge.journal.database import bind, open_reader, open_writer, read_box, read_head
from tests.bench.boxes import box, free_port
from tests.bench.clouds import Cloud, cloud
from tests.bench.m3_catch_up import backlog, limit
from tests.bench.rows import Row

#: Facts that wait after an outage of so long, at ten open hours a day.
OUTAGES = {"1 hour": 250, "1 day": 2_500, "14 days": 35_000}
_LOOK_EVERY_S = 0.005
_MOST_LOOKS = 40_000


class Relay:
    """One line to the cloud: when it was first used, and how many bytes went up and down."""

    def __init__(self, target_port: int) -> None:
        self._target_port = target_port
        self.first_s: float | None = None
        self.used = asyncio.Event()
        self._writers: list[asyncio.StreamWriter] = []
        self._meetings: set[asyncio.Task[None]] = set()
        self.up_bytes = 0
        self.down_bytes = 0

    @asynccontextmanager
    async def serving(self, port: int) -> AsyncIterator[None]:
        """Relay while the block lasts."""
        server = await asyncio.start_server(self._meet, "127.0.0.1", port)
        try:
            yield
        finally:
            server.close()
            for writer in self._writers:
                writer.close()
            if self._meetings:
                await asyncio.wait(self._meetings)

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.first_s = self.first_s or time.perf_counter()
        self.used.set()
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target_port)
        self._writers += [writer, far_writer]
        self._meetings.add(cast("asyncio.Task[None]", asyncio.current_task()))
        async with asyncio.TaskGroup() as group:
            group.create_task(self._pipe(reader, far_writer, up=True))
            group.create_task(self._pipe(far_reader, writer, up=False))

    async def _pipe(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, up: bool) -> None:
        try:
            while data := await reader.read(65536):
                self.up_bytes += len(data) if up else 0
                self.down_bytes += 0 if up else len(data)
                writer.write(data)
                await writer.drain()
        except OSError:
            pass
        writer.close()


async def heal(outage: str, facts: int) -> list[Row]:
    """One outage of so many facts."""
    with tempfile.TemporaryDirectory() as scratch:
        directory = Path(scratch) / "box"
        await backlog(directory, facts)
        async with cloud(Path(scratch)) as there:
            first_s, drained_s, words = await _healed(directory, there)
            copied_s = await limit(there)
    print(f"  {outage}: {words}")
    return [
        Row.latency(f"M3 {outage} away: first fact", first_s, first_s),
        Row.latency(f"M3 {outage} away: drained", drained_s, copied_s),
    ]


async def _healed(directory: Path, there: Cloud) -> tuple[float, float, str]:
    port = free_port()
    await claim_through(directory, there, f"http://127.0.0.1:{port}")
    reader = open_reader(directory)
    tail_seq, _ = read_head(reader)
    reader.close()
    connection = await asyncpg.connect(there.database_url)
    relay = Relay(int(there.url.rpartition(":")[2]))
    async with box(directory) as (_, pid):
        cpu_s = _cpu_s(pid)
        async with relay.serving(port):
            first_s = await _reached(connection, 1)
            last_s = await _reached(connection, tail_seq)
            cpu_s = _cpu_s(pid) - cpu_s
    await connection.close()
    assert relay.first_s is not None
    words = (
        f"{tail_seq} facts, a fact is {relay.up_bytes / tail_seq:.0f} bytes up and "
        f"{relay.down_bytes / tail_seq:.1f} down, "
        f"{cpu_s / tail_seq * 1e6:.0f} us of the box's processor a fact"
    )
    return first_s - relay.first_s, last_s - relay.first_s, words


def _cpu_s(pid: int) -> float:
    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)


async def claim_through(directory: Path, there: Cloud, link_url: str) -> None:
    """Claim the box, and have its link go through `link_url`."""
    connection = open_writer(directory, 0)
    key = load_key(directory / "node.key")
    claimed = await claim(there.url, there.claim_code, read_box(connection), key, read_head(connection)[0])
    bind(connection, claimed.venue_id, claimed.epoch, link_url)
    connection.close()


async def _reached(connection: asyncpg.Connection, seq: int) -> float:
    for _ in range(_MOST_LOOKS):
        if await connection.fetchval("SELECT coalesce(max(durable_seq), 0) FROM nodes") >= seq:
            return time.perf_counter()
        await asyncio.sleep(_LOOK_EVERY_S)
    raise TimeoutError(f"the cloud never came to {seq}")


async def measure() -> list[Row]:
    """Two rows an outage."""
    rows = []
    for outage, facts in OUTAGES.items():
        rows += await heal(outage, facts)
    return rows


if __name__ == "__main__":
    for row in asyncio.run(measure()):
        print(row)
