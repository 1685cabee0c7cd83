"""A broker's socket that is gone must not be watched under a number that is somebody else's by now."""

import asyncio
import contextlib
import socket
import struct
import threading
from collections.abc import Iterator
from typing import Any

import aiomqtt
import pytest

from edge.adapters.kitchen.mqtt import _Client


@pytest.fixture
def broker() -> Iterator[socket.socket]:
    """Takes connections; what it says to them is a test's business."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening


def _client(broker: socket.socket, **given: Any) -> _Client:
    return _Client("127.0.0.1", broker.getsockname()[1], timeout=30.0, **given)


async def test_a_connection_that_broke_while_it_was_made_is_watched_under_no_number() -> None:
    """Opened and closed in the connecting thread, before the loop has come to any of it."""
    loop, client = asyncio.get_running_loop(), _Client("127.0.0.1")
    near, far = socket.socketpair()
    number = near.fileno()

    def connecting() -> None:
        client._on_socket_open(client._client, None, near)
        client._on_socket_register_write(client._client, None, near)
        client._on_socket_unregister_write(client._client, None, near)
        client._on_socket_close(client._client, None, near)
        near.close()

    thread = threading.Thread(target=connecting)
    thread.start()
    thread.join()
    guest = socket.socketpair()
    assert number in (each.fileno() for each in guest)
    client._attach()
    await asyncio.sleep(0)
    assert not loop.remove_reader(number)
    assert not loop.remove_writer(number)
    for each in (far, *guest):
        each.close()


async def test_a_guest_who_got_the_number_is_heard(broker: socket.socket) -> None:
    """The broker breaks off at once, again and again, while guests come and go on the numbers it leaves."""
    heard = 0

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(await reader.readexactly(1))
        await writer.drain()
        writer.close()

    def break_off() -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = broker.accept()
                near.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                near.close()  # with a reset

    thread = threading.Thread(target=break_off)
    thread.start()
    door = await asyncio.start_server(echo, "127.0.0.1", 0)
    port = door.sockets[0].getsockname()[1]
    for _ in range(30):
        async with asyncio.TaskGroup() as group:
            dialling = group.create_task(_dials(broker))
            for _ in range(3):
                async with asyncio.timeout(30):
                    reader, writer = await asyncio.open_connection("127.0.0.1", port)
                    writer.write(b"x")
                    heard += len(await reader.readexactly(1))
                    writer.close()
            dialling.cancel()
    assert heard == 90
    door.close()
    await door.wait_closed()
    broker.shutdown(socket.SHUT_RDWR)
    thread.join()


async def _dials(broker: socket.socket) -> None:
    with contextlib.suppress(aiomqtt.MqttError, OSError):
        async with _client(broker):
            pass


async def test_what_was_given_up_while_it_was_made_is_closed_when_it_is_there(
    broker: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop = asyncio.get_running_loop()
    client, at_work, go_on = _client(broker), asyncio.Event(), threading.Event()
    connect = client._client.connect

    def slowly(*given: Any) -> Any:
        loop.call_soon_threadsafe(at_work.set)
        go_on.wait(30)
        return connect(*given)

    monkeypatch.setattr(client._client, "connect", slowly)

    async def enter() -> None:
        async with client:
            pass

    async with asyncio.TaskGroup() as group:
        entering = group.create_task(enter())
        await at_work.wait()
        entering.cancel()
    go_on.set()
    far, _ = await loop.run_in_executor(None, broker.accept)
    far.settimeout(30)
    told = b""
    while chunk := await loop.run_in_executor(None, far.recv, 1000):
        told += chunk
    assert told[:1] in (b"\x10", b""), "a CONNECT perhaps, and then the end"
    far.close()


async def test_a_socket_that_is_open_is_watched_and_let_go(broker: socket.socket) -> None:
    loop, client = asyncio.get_running_loop(), _client(broker)
    await loop.run_in_executor(None, client._client_connect)
    await asyncio.sleep(0)
    near = client._client.socket()
    assert near is not None
    client._on_socket_register_write(client._client, None, near)
    assert loop.remove_writer(near.fileno())
    client._on_socket_close(client._client, None, near)
    assert not loop.remove_reader(near.fileno()), "the watch went before the socket does"
    near.close()
