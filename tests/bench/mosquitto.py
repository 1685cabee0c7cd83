"""A Mosquitto that was offline hands what it kept to another one over its bridge, at QoS 1.

The far broker keeps a session for a reader who was there before, so whatever comes over the bridge counts
from the first message on. https://mosquitto.org/man/mosquitto-conf-5.html, 'Configuring Bridges'.
"""

import asyncio
import contextlib
import signal
import time
from pathlib import Path

import aiomqtt

from tests.bench.boxes import free_port, process

_WITHIN_S = 120.0
_FAR = """
listener {port} 127.0.0.1
allow_anonymous true
log_dest none
persistence true
persistence_location {directory}/far/
max_queued_messages 0
max_inflight_messages 0
"""
_NEAR = """
listener {port} 127.0.0.1
allow_anonymous true
log_dest none
persistence true
persistence_location {directory}/near/
max_queued_messages 0
max_inflight_messages 0
connection far
address 127.0.0.1:{far}
topic facts out 1
cleansession false
restart_timeout 1
"""


async def catch_up(records: list[bytes], directory: Path) -> float:
    """Seconds from the far broker's return until its reader has every message."""
    far, near = free_port(), free_port()
    _configure(directory, far, near)
    with process("mosquitto", "-c", str(directory / "far.conf"), python=False) as broker:
        await _until_there(far)
        async with _reader(far) as reader:
            await reader.subscribe("facts", qos=1)
        broker.send_signal(signal.SIGTERM)
        broker.wait()
    with process("mosquitto", "-c", str(directory / "near.conf"), python=False):
        await _until_there(near)
        async with aiomqtt.Client("127.0.0.1", near) as sender:
            for record in records:
                await sender.publish("facts", record, qos=1, timeout=_WITHIN_S)
        with process("mosquitto", "-c", str(directory / "far.conf"), python=False):
            await _until_there(far)
            async with asyncio.timeout(_WITHIN_S), _reader(far) as reader:
                return await _read(reader, len(records))


def _configure(directory: Path, far: int, near: int) -> None:
    """A broker started by root runs as another user, who has to be let in."""
    directory.chmod(0o755)
    for name, text, port in (("far", _FAR, far), ("near", _NEAR, near)):
        (directory / name).mkdir()
        (directory / name).chmod(0o777)
        (directory / f"{name}.conf").write_text(text.format(port=port, far=far, directory=directory))


async def _read(reader: aiomqtt.Client, count: int) -> float:
    """Seconds from the first message to the last; the bridge takes up to a second to come back."""
    started_s = 0.0
    async for _ in reader.messages:
        started_s = started_s or time.perf_counter()
        count -= 1
        if count == 0:
            break
    return time.perf_counter() - started_s


async def _until_there(port: int) -> None:
    async with asyncio.timeout(_WITHIN_S):
        while True:
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                return
            await asyncio.sleep(0.01)


def _reader(port: int) -> aiomqtt.Client:
    """Whose session the far broker keeps."""
    return aiomqtt.Client("127.0.0.1", port, identifier="reader", clean_session=False)
