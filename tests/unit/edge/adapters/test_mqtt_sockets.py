"""A broker's socket that is gone must not be watched under a number that is somebody else's by now."""

import asyncio
import socket

from edge.adapters.mqtt import _Client


async def test_a_socket_that_closed_meanwhile_is_not_watched() -> None:
    loop = asyncio.get_running_loop()
    client = _Client("127.0.0.1")
    near, far = socket.socketpair()
    number = near.fileno()
    client._on_socket_register_write(client._client, None, near)
    near.close()
    guest = socket.socketpair()
    await asyncio.sleep(0)
    assert number in (each.fileno() for each in guest)
    assert not loop.remove_writer(number)
    for each in (far, *guest):
        each.close()


async def test_a_socket_that_is_open_is_watched() -> None:
    loop = asyncio.get_running_loop()
    client = _Client("127.0.0.1")
    near, far = socket.socketpair()
    client._on_socket_register_write(client._client, None, near)
    await asyncio.sleep(0)
    assert loop.remove_writer(near.fileno())
    near.close()
    far.close()
