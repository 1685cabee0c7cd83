"""Run within a network namespace of its own: a box behind its firewall, and an end in each of some networks.

Reads {"rules", "ends"} as JSON, prints which doors each end got through. Nothing of the machine's own network
is touched; all of it is gone when this ends.
"""

import asyncio
import contextlib
import json
import socket
import subprocess
import sys
from typing import cast

TCP, UDP = (22, 80, 443, 1883, 5432, 8080, 8443), (53, 123)
#: What listens on the box; the doors 80 and 443 lead elsewhere.
LISTENING = (22, 1883, 5432, 8080, 8443)

KNOCK = """
import asyncio, json, sys
box, tcp, udp = sys.argv[1], json.loads(sys.argv[2]), json.loads(sys.argv[3])
async def open_(port):
    try:
        async with asyncio.timeout(3):
            _, writer = await asyncio.open_connection(box, port)
            writer.close()
            return f"tcp {port}"
    except (OSError, TimeoutError):
        return None
class Echo(asyncio.DatagramProtocol):
    def __init__(self): self.heard = asyncio.get_running_loop().create_future()
    def datagram_received(self, data, _): self.heard.done() or self.heard.set_result(data)
async def echoed(port):
    loop = asyncio.get_running_loop()
    line, echo = await loop.create_datagram_endpoint(Echo, remote_addr=(box, port))
    line.sendto(b"knock")
    try:
        async with asyncio.timeout(3):
            await echo.heard
            return f"udp {port}"
    except (OSError, TimeoutError):
        return None
    finally:
        line.close()
async def main():
    print(json.dumps([each for each in await asyncio.gather(*map(open_, tcp), *map(echoed, udp)) if each]))
asyncio.run(main())
"""


class Echo(asyncio.DatagramProtocol):
    """Says what it hears."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._line = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self._line.sendto(data, addr)


def run(*words: str, said: str = "") -> None:
    subprocess.run(words, input=said, text=True, check=True)


def wire(number: int, network: str, inside: str) -> None:
    """A cable from the box, `network`.1, to `network`.7 in another namespace."""
    box, enter = f"box{number}", ("nsenter", "--target", inside, "--net", "ip")
    run("ip", "link", "add", "name", box, "type", "veth", "peer", "name", "wire", "netns", inside)
    run("ip", "address", "add", f"{network}.1/24", "dev", box)
    run("ip", "link", "set", box, "up")
    run(*enter, "address", "add", f"{network}.7/24", "dev", "wire")
    run(*enter, "link", "set", "wire", "up")


async def end(number: int, network: str, stack: contextlib.AsyncExitStack) -> list[str]:
    """What an end gets through to."""
    waiting = ("unshare", "--net", "sh", "-c", "echo up; exec sleep 600")
    inside = await asyncio.create_subprocess_exec(*waiting, stdout=subprocess.PIPE)
    stack.callback(inside.kill)
    assert inside.stdout is not None
    await inside.stdout.readline()
    at = str(inside.pid)
    await asyncio.to_thread(wire, number, network, at)
    asked = (f"{network}.1", json.dumps(TCP), json.dumps(UDP))
    knock = ("nsenter", "--target", at, "--net", sys.executable, "-c", KNOCK, *asked)
    knocking = await asyncio.create_subprocess_exec(*knock, stdout=subprocess.PIPE)
    out, _ = await knocking.communicate()
    got: list[str] = json.loads(out)
    return sorted(got)


def close(rules: str) -> None:
    """The box's own network, behind its firewall."""
    run("mount", "-t", "proc", "proc", "/proc")
    run("ip", "link", "set", "lo", "up")
    run("nft", "-f", "-", said=rules)


async def main() -> None:
    asked = json.load(sys.stdin)
    await asyncio.to_thread(close, asked["rules"])
    async with contextlib.AsyncExitStack() as stack:
        for port in LISTENING:
            server = await asyncio.start_server(lambda _, writer: writer.close(), "0.0.0.0", port)
            stack.callback(server.close)
        for port in UDP:
            loop = asyncio.get_running_loop()
            line, _ = await loop.create_datagram_endpoint(Echo, ("0.0.0.0", port), family=socket.AF_INET)
            stack.callback(line.close)
        ends = (end(number, network, stack) for number, network in enumerate(asked["ends"]))
        told = dict(zip(asked["ends"], await asyncio.gather(*ends), strict=True))
    print(json.dumps(told))


if __name__ == "__main__":
    asyncio.run(main())
