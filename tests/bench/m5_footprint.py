"""M5: memory with 100 tables of four phones and 50 stations, and cold start to the first snapshot served.

Half of the stations are PCs with agents, half consoles with plugs; all are played on.

Limits: 100 MiB, and three times what `import aiohttp, sqlalchemy` takes on the same machine.
"""

import asyncio
import sys
import tempfile
import time
from pathlib import Path

import aiohttp
import msgspec
import psutil

from edge.core.devices.bindings import Bindings, DeviceAddress, StationBinding
from protocol.facts.play_config import PlayStation
from tests.bench import m4_agents
from tests.bench.boxes import box, free_port, journal, process, run_crowds, seat
from tests.bench.rows import Row
from tests.bench.wall_of_plugs import SECRET

STATIONS = 50


async def memory(directory: Path) -> float:
    """Resident MiB of the box while 400 phones are connected and have been busy, and 50 stations play."""
    pcs = [f"pc-{number}" for number in range(STATIONS // 2)]
    consoles = [f"ps5-{number}" for number in range(STATIONS // 2)]
    stations = [PlayStation(name, name, "pc") for name in pcs]
    stations += [PlayStation(name, name, "console") for name in consoles]
    await m4_agents.furnish(directory, tuple(stations))
    with process("-m", "tests.bench.wall_of_plugs", str(len(consoles)), answers=True) as wall:
        assert wall.stdout is not None
        urls = msgspec.json.decode(wall.stdout.readline(), type=list[str])
        (directory / "stations.json").write_bytes(msgspec.json.encode(_bindings(consoles, urls)))
        async with box(directory) as (url, pid):
            known = await m4_agents.tokens(url, pcs)
            await m4_agents.sell(url, pcs + consoles)
            async with asyncio.TaskGroup() as group:
                beating = group.create_task(m4_agents.beat(url, known, pid, 30.0))
                await run_crowds(url, await seat(url, 100, 4), 3.0)
                rss_mib = float(psutil.Process(pid).memory_info().rss / 2**20)
                beating.cancel()
            return rss_mib


def _bindings(consoles: list[str], urls: list[str]) -> Bindings:
    plugs = (DeviceAddress("shelly_gen2", url, password=SECRET) for url in urls)
    return Bindings(stations={name: StationBinding(plug) for name, plug in zip(consoles, plugs, strict=True)})


async def cold_start_s(directory: Path, session_pid: str, token: str) -> float:
    """From the start of the process to a phone's snapshot."""
    port = free_port()
    arguments = ("-m", "edge.cli", "--log-level", "error", "run", "--data", str(directory))
    started_s = time.perf_counter()
    with process(*arguments, "--host", "127.0.0.1", "--port", str(port)):
        headers = {"Authorization": f"Bearer {token}"}
        async with aiohttp.ClientSession(f"http://127.0.0.1:{port}", headers=headers) as phone:
            while True:
                try:
                    async with phone.get("/cart_snapshot", params={"session_pid": session_pid}) as response:
                        assert response.status == 200, await response.text()
                        return time.perf_counter() - started_s
                except aiohttp.ClientConnectionError:
                    await asyncio.sleep(0.005)


async def import_s() -> float:
    """What the limit's import takes, as a process."""
    started_s = time.perf_counter()
    child = await asyncio.create_subprocess_exec(sys.executable, "-c", "import aiohttp, sqlalchemy")
    await child.wait()
    return time.perf_counter() - started_s


async def measure() -> list[Row]:
    """Two rows; start-up is the median of five, taken in turn with the import."""
    with tempfile.TemporaryDirectory() as scratch:
        directory = Path(scratch) / "box"
        async with journal(directory):
            pass
        rss_mib = await memory(directory)
        async with box(directory) as (url, _):
            phone = (await seat(url, 1, 1))[0][0]
        session_pid = phone.path.partition("sid=")[2]
        starts, imports = [], []
        for _ in range(5):
            starts.append(await cold_start_s(directory, session_pid, phone.token))
            imports.append(await import_s())
    return [
        Row("M5 memory, 400 phones, 50 stations", rss_mib, 100.0, "MiB", "", "<= 1 (100 MiB)"),
        Row(
            "M5 cold start to first snapshot", sorted(starts)[2], sorted(imports)[2], "s", "", "<= 3 imports"
        ),
    ]


if __name__ == "__main__":
    for row in asyncio.run(measure()):
        print(row)
