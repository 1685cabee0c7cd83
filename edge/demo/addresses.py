"""Where things listen and how they are reached, and small questions to them over TCP and HTTP."""

import asyncio
import contextlib
import socket
from typing import Any

import aiohttp
import msgspec

LOOPBACK = "127.0.0.1"
_EVERYWHERE = "0.0.0.0"


def reach(host: str) -> str:
    """Where a server that listens on `host` is reached from this machine."""
    return LOOPBACK if host == _EVERYWHERE else host


def public_host(host: str) -> str:
    """The address under which phones reach a server that listens on `host`."""
    if host != _EVERYWHERE:
        return host
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # asks the routing table; nothing is sent (RFC 5737)
        except OSError:
            return LOOPBACK
        address: str = probe.getsockname()[0]
        return address


async def listens(host: str, port: int) -> bool:
    """Whether somebody accepts connections there."""
    try:
        _, writer = await asyncio.open_connection(host, port)
    except OSError:
        return False
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    return True


async def ask(session: aiohttp.ClientSession, url: str) -> Any:
    """The JSON at an address; None while there is none."""
    try:
        async with session.get(url) as answer:
            return msgspec.json.decode(await answer.read()) if answer.status == 200 else None
    except (aiohttp.ClientError, TimeoutError, OSError):
        return None
