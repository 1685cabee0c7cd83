"""Many emulated plugs in a process of their own, which notes when each off command reached it.

`python -m tests.bench.wall_of_plugs 500` prints the plugs' addresses as JSON and, on a line from stdin, the
Unix nanoseconds at which each got its last off command, None for one that got none. The moment is that of
the bytes, before HTTP, log-in and relay have had their turn: what a plug makes of them takes a real plug's
time, not this process's. Counterpart: `m4_expiry.py`.
"""

import asyncio
import sys
import time
from contextlib import AsyncExitStack
from typing import Any

import msgspec
from aiohttp import web_protocol

from firmware_profiles.emulators.shelly_gen2 import ShellyGen2Emulator

SECRET = "open sesame"
_OFF = b'"on":false'


def noting(arrivals: dict[int, int]) -> None:
    """Let every connection tell of the off commands that come in on it, by port."""
    taken: Any = web_protocol.RequestHandler.data_received

    def data_received(handler: Any, data: bytes) -> None:
        if _OFF in data and b"Authorization: Digest" in data:
            arrivals[handler.transport.get_extra_info("sockname")[1]] = time.time_ns()
        taken(handler, data)

    handler_class: Any = web_protocol.RequestHandler
    handler_class.data_received = data_received


async def main(plugs: int) -> None:
    """Serve until asked."""
    arrivals: dict[int, int] = {}
    noting(arrivals)
    async with AsyncExitStack() as stack:
        wall = [ShellyGen2Emulator(password=SECRET) for _ in range(plugs)]
        for plug in wall:
            await stack.enter_async_context(plug)
        print(msgspec.json.encode([plug.url for plug in wall]).decode(), flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        off = [plug.relay.on for plug in wall].count(False)
        at_ns = [arrivals.get(plug.port) for plug in wall]
        print(msgspec.json.encode({"off": off, "at_ns": at_ns}).decode(), flush=True)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
