"""M1: a shared-cart mutation, from a phone to the box's disk to all four phones of the table.

Limit: a bare aiohttp relay that fans the same number of bytes out, on the same loop, with the same crowd.
Survives a power cut: ours every mutation, the relay nothing.
"""

import asyncio
import os
import tempfile
import time
from pathlib import Path

from tests.bench.boxes import box, free_port, journal, process, quantile, run_crowds, seat
from tests.bench.phones import PhonePlan, Result
from tests.bench.rows import Row

#: What the relay carries: as many bytes as a `cart_update` of ours.
PAYLOAD = (
    '{"type":"cart_update","op":"update","item":{"id":123,"menu_item":17,"name":"Dish number 17","qty":5,'
    '"version":1234,"member":"01a1fb81-835a-7572-b836-ac255d0601a9","price_minor":1700,"note":"",'
    '"modifiers":[],"state":"pending","menu_version":1,"takeaway":false,"choices":[]},"tmpId":null,"cart_version":12345,"mid":"MID"}'
)


async def ours(directory: Path, tables: int, seconds: float) -> Result:
    """The box."""
    async with journal(directory):
        pass
    async with box(directory) as (url, _):
        return await run_crowds(url, await seat(url, tables, 4), seconds)


async def limit(tables: int, seconds: float) -> Result:
    """The relay."""
    port = free_port()
    with process("-m", "tests.bench.relay", str(port)) as relay:
        assert relay.stdout is not None
        relay.stdout.readline()
        plans = [
            [PhonePlan(f"/ws/table?sid={table}", "x", 0, 0) for _ in range(4)] for table in range(tables)
        ]
        return await run_crowds(f"http://127.0.0.1:{port}", plans, seconds, PAYLOAD)


def fsync_s(directory: Path) -> float:
    """p99 of an fdatasync of a 4 KiB append on the disk that is measured on.

    Who waits for two of them meets such ones at his own p99; where others work on the disk, too, they take
    twenty times the median.
    """
    handle = os.open(directory / "probe", os.O_CREAT | os.O_WRONLY)
    times = []
    for _ in range(300):
        os.write(handle, b"x" * 4096)
        started = time.perf_counter()
        os.fdatasync(handle)
        times.append(time.perf_counter() - started)
    os.close(handle)
    return quantile(sorted(times), 0.99)


async def measure(seconds: float = 5.0) -> list[Row]:
    """Rates and latencies at 1, 25 and 100 tables."""
    rows = []
    for tables in (1, 25, 100):
        with tempfile.TemporaryDirectory() as scratch:
            box_result = await ours(Path(scratch) / "box", tables, seconds)
            relay_result = await limit(tables, seconds)
            fsync = fsync_s(Path(scratch))
        rows.append(
            Row.ratio(
                f"M1 rate, {tables} tables",
                box_result.mutations / box_result.seconds,
                relay_result.mutations / relay_result.seconds,
                "mutations/s",
                "every mutation; relay: nothing",
                target=">= 0.8" if tables == 100 else "",
            )
        )
        rows.append(
            Row.latency(
                f"M1 p99, {tables} tables",
                quantile(box_result.round_trips_s, 0.99),
                quantile(relay_result.round_trips_s, 0.99) + 2 * fsync,
                target="<= 1 (relay p99 + 2 fsyncs)" if tables == 1 else "",
            )
        )
    return rows


if __name__ == "__main__":
    for row in asyncio.run(measure()):
        print(row)
