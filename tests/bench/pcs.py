"""Many gaming PCs in one process, as a box sees them: sockets, hellos, heartbeats, acks.

`python -m tests.bench.pcs` reads a `Pcs` as JSON from stdin and answers with a `Told` on stdout. Agents that
ship would be 500 processes; a box cannot tell the difference. Counterpart: `m4_agents.py`.
"""

import asyncio
import sys
import time

import aiohttp
import msgspec

from protocol import station
from protocol.codec import encode

_HELLO = station.AgentHello("bench", "Windows 11", {"cores": 8, "ram_mib": 16384})


class Pcs(msgspec.Struct, frozen=True):
    """Tokens by station; heartbeats `every_s` for `seconds`, after `settle_s` in which all connect."""

    url: str
    tokens: dict[str, str]
    every_s: float
    seconds: float


class Told(msgspec.Struct, frozen=True):
    """How long it took until all were connected and in step, and each heartbeat until its ack."""

    herd_s: float
    in_step: int
    acks_s: list[float]


class _Pc:
    """One of them."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.in_step = asyncio.Event()
        self.acks_s: list[float] = []
        self._beat_s: float | None = None

    async def live(self, http: aiohttp.ClientSession, plan: Pcs, wait_s: float) -> None:
        """Connect, get in step, beat until cancelled."""
        headers = {"Authorization": f"Bearer {plan.tokens[self.name]}"}
        async with http.ws_connect(f"{plan.url}/ws/agent/{self.name}", headers=headers) as socket:
            for message in (_HELLO, station.SyncRequest()):
                await socket.send_str(encode(message).decode())
            async with asyncio.TaskGroup() as group:
                group.create_task(self._beats(socket, plan.every_s, wait_s))
                async for frame in socket:
                    self._hear(station.from_box(frame.data))
                raise ConnectionError(f"{self.name} was hung up on")

    async def _beats(self, socket: aiohttp.ClientWebSocketResponse, every_s: float, wait_s: float) -> None:
        await self.in_step.wait()
        await asyncio.sleep(wait_s)
        while True:
            self._beat_s = time.perf_counter()
            await socket.send_str(encode(station.Heartbeat(10.0, 20.0)).decode())
            await asyncio.sleep(every_s)

    def _hear(self, message: station.FromBox) -> None:
        if isinstance(message, station.HeartbeatAck) and self._beat_s is not None:
            self.acks_s.append(time.perf_counter() - self._beat_s)
        elif isinstance(message, station.SyncResponse | station.NoSession):
            self.in_step.set()


async def main() -> None:
    """All at once, then for as long as was asked."""
    plan = msgspec.json.decode(sys.stdin.buffer.read(), type=Pcs)
    pcs = [_Pc(name) for name in plan.tokens]
    began_s = time.perf_counter()
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as http, asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(pc.live(http, plan, plan.every_s * number / len(pcs)))
            for number, pc in enumerate(pcs)
        ]
        for pc in pcs:
            await pc.in_step.wait()
        herd_s = time.perf_counter() - began_s
        print(flush=True)  # all are in step: whoever measures begins now
        await asyncio.sleep(plan.seconds)
        for task in tasks:
            task.cancel()
    acks_s = sorted(ack for pc in pcs for ack in pc.acks_s)
    in_step = sum(pc.in_step.is_set() for pc in pcs)
    print(msgspec.json.encode(Told(herd_s, in_step, acks_s)).decode(), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
