"""The internet of a box that has none: one address within its network that leads to a cloud outside of it.

    python -m tests.install.uplink PID-OF-ITS-INIT PORT PORT-OF-THE-CLOUD

A socket stays in the network in which it was made, wherever its process goes afterwards (setns(2)). Killing
this is the line that goes down.
"""

import asyncio
import ctypes
import os
import socket
import sys

from tests.integration.faults.wire import Wire

_CLONE_NEWNET = 0x4000_0000


def enter(network: int) -> None:
    """This thread is in that network from here on. Raises `OSError`."""
    if ctypes.CDLL(None, use_errno=True).setns(network, _CLONE_NEWNET) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def door_within(init: str, port: int) -> socket.socket:
    """A door on the loopback of somebody else's network."""
    with open("/proc/self/ns/net") as home, open(f"/proc/{init}/ns/net") as there:
        enter(there.fileno())
        try:
            return socket.create_server(("127.0.0.1", port))
        finally:
            enter(home.fileno())


async def main(init: str, port: str, cloud_port: str) -> None:
    async with Wire(int(cloud_port)).serving(door_within(init, int(port))):
        print("up", flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
