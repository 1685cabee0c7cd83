"""M8: from the answer that an order is accepted to its ticket at an MQTT device.

Limit: the same broker from a publish to its receipt by a subscriber, the same client library, QoS 1. Ours
is on the disk before the ticket leaves; two fsyncs are allowed for that.
"""

import asyncio
import json
import socket as socket_options
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import aiomqtt

from tests.bench.boxes import CONFIG, box, ended, free_port, journal, new_id, process, quantile
from tests.bench.m1_cart import fsync_s
from tests.bench.rows import Row

ORDERS = 300
TOPIC = f"v1/{CONFIG.venue_id}/kds/kitchen"
NO_DELAY = (socket_options.IPPROTO_TCP, socket_options.TCP_NODELAY, 1)


class Device:
    """A kitchen screen: notes when each ticket came, and acknowledges it."""

    def __init__(self, client: aiomqtt.Client) -> None:
        self._client = client
        self._came: dict[str, asyncio.Future[float]] = {}

    def of(self, ticket: str) -> asyncio.Future[float]:
        """When a ticket came."""
        return self._came.setdefault(ticket, asyncio.get_running_loop().create_future())

    async def watch(self) -> None:
        """Until cancelled."""
        await self._client.subscribe(f"{TOPIC}/ticket", qos=1)
        async for message in self._client.messages:
            came_s = time.perf_counter()
            ticket = json.loads(bytes(message.payload))["ticket"]
            if not self.of(ticket).done():
                self.of(ticket).set_result(came_s)
            ack = json.dumps({"ticket": ticket, "state": "received"})
            await self._client.publish(f"{TOPIC}/ack", ack, qos=1)


async def order_to_ticket(url: str, broker_port: int) -> list[float]:
    """Seconds from the answer `201` to the ticket at the device, sorted; 0 where the ticket was first."""
    async with (
        aiomqtt.Client("127.0.0.1", broker_port, socket_options=[NO_DELAY]) as client,
        aiohttp.ClientSession(url) as phone,
        asyncio.TaskGroup() as group,
    ):
        device = Device(client)
        watching = group.create_task(device.watch())
        took = [max(0.0, await device.of(ticket) - at_s) async for ticket, at_s in _orders(phone)]
        await ended(watching)
    return sorted(took)


async def _orders(phone: aiohttp.ClientSession) -> AsyncIterator[tuple[str, float]]:
    """Tickets of orders, and when they were answered."""
    seat = await (await phone.post("/session/join", json={"table": "T1", "name": "Ann"})).json()
    phone.headers["Authorization"] = f"Bearer {seat['ws_token']}"
    session = {"session_pid": seat["session_pid"]}
    (await phone.post("/session/validate_pass", json={**session, "word": "coffee"})).release()
    async with phone.ws_connect(f"/ws/table?sid={seat['session_pid']}") as socket:
        for _ in range(ORDERS):
            create = {"type": "cart_mutate", "op": "create", "menu_item": 17, "qty": 1, "mid": new_id()}
            await socket.send_json(create)
            while (await socket.receive_json())["type"] != "cart_update":
                pass
            cart = await (await phone.get("/cart_snapshot", params=session)).json()
            order = {**session, "cart_hash": cart["cart_hash"]}
            async with phone.post("/orders", json=order) as response:
                answered_s = time.perf_counter()
                yield (await response.json())["ticket"], answered_s


async def publish_to_receive(broker_port: int) -> list[float]:
    """Seconds from a publish to its arrival, sorted."""
    took = []
    async with (
        aiomqtt.Client("127.0.0.1", broker_port, socket_options=[NO_DELAY]) as device,
        aiomqtt.Client("127.0.0.1", broker_port, socket_options=[NO_DELAY]) as sender,
    ):
        await device.subscribe("probe", qos=1)
        for _ in range(ORDERS):
            started_s = time.perf_counter()
            await sender.publish("probe", b"x" * 400, qos=1)
            async for _message in device.messages:
                break
            took.append(time.perf_counter() - started_s)
    return sorted(took)


async def measure() -> list[Row]:
    """One row."""
    with tempfile.TemporaryDirectory() as scratch:
        directory, port = Path(scratch) / "box", free_port()
        settings = Path(scratch) / "mosquitto.conf"
        settings.write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\nset_tcp_nodelay true\n")
        async with journal(directory, claimed=True):
            pass
        with process("mosquitto", "-c", str(settings), python=False):
            await asyncio.sleep(0.3)
            async with box(directory, "--mqtt", f"mqtt://127.0.0.1:{port}") as (url, _):
                ours = await order_to_ticket(url, port)
            broker = await publish_to_receive(port)
        allowed_s = quantile(broker, 0.99) + 2 * fsync_s(Path(scratch))
    return [
        Row.latency("M8 order to ticket, p50", quantile(ours, 0.5), quantile(broker, 0.5)),
        Row.latency("M8 order to ticket, p99", quantile(ours, 0.99), allowed_s, "<= 1 (p99 + 2 fsyncs)"),
    ]


if __name__ == "__main__":
    for row in asyncio.run(measure()):
        print(row)
