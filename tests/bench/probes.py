"""What the machine can do while an evening goes on: a bare relay and a bare broker, at a guest's pace.

Both run beside the box from beginning to end and suffer whatever else the machine does just as it does, so
the ratio tells of the box. Neither checks anything or writes anything to a disk.
"""

import asyncio
import os
import time
from pathlib import Path

import aiohttp
import aiomqtt

from tests.bench.m8_kitchen import NO_DELAY

EVERY_S = 0.1


async def relay(url: str, payload: str, took_s: list[float]) -> None:
    """Seconds from a phone's message to the last of the table's four phones, until cancelled."""
    async with aiohttp.ClientSession(url) as http:
        phones = [await http.ws_connect("/ws/table?sid=probe") for _ in range(4)]
        while True:
            sent_s = time.perf_counter()
            await phones[0].send_str(payload)
            await asyncio.gather(*(phone.receive_str() for phone in phones))
            took_s.append(time.perf_counter() - sent_s)
            await asyncio.sleep(EVERY_S)


async def broker(port: int, took_s: list[float]) -> None:
    """Seconds from a publish to its arrival, until cancelled."""
    async with (
        aiomqtt.Client("127.0.0.1", port, socket_options=[NO_DELAY]) as device,
        aiomqtt.Client("127.0.0.1", port, socket_options=[NO_DELAY]) as sender,
    ):
        await device.subscribe("probe", qos=1)
        arrivals = aiter(device.messages)
        while True:
            sent_s = time.perf_counter()
            await sender.publish("probe", b"x" * 400, qos=1)
            await anext(arrivals)
            took_s.append(time.perf_counter() - sent_s)
            await asyncio.sleep(EVERY_S)


async def disk(directory: Path, took_s: list[float]) -> None:
    """Seconds of one fdatasync of a 4 KiB append, until cancelled."""
    handle = os.open(directory / "probe", os.O_CREAT | os.O_WRONLY)
    try:
        while True:
            started_s = time.perf_counter()
            await asyncio.to_thread(_append, handle)
            took_s.append(time.perf_counter() - started_s)
            await asyncio.sleep(EVERY_S)
    finally:
        os.close(handle)


def _append(handle: int) -> None:
    os.write(handle, b"x" * 4096)
    os.fdatasync(handle)
