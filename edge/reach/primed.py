"""A request that only waits to be sent: connection and words are there before the moment comes.

When many sessions end in one second, most of what an off command costs is connecting, logging in and waiting
for one's turn on the loop. So a plug's off command is primed a little before its time and leaves with one
`send`. What the device makes of it is found out afterwards; one that was not taken is sent again the usual
way, so a connection that died meanwhile costs time and nothing else.

Rule of the file: nothing here raises at the moment of sending. Used by the adapters of plugs, which know
the words; counterpart: `edge/effects/devices/volley.py`, which knows the moment.
"""

import asyncio
import socket
from collections.abc import Callable
from urllib.parse import urlsplit

from edge.core.devices.ports import DeviceUnreachable

#: As much of an answer as holds its first line.
_MOST = 256


class Primed:
    """At most one request to the device at `url`; `render` gives its bytes once the line is there."""

    def __init__(self, name: str, url: str, render: Callable[[], bytes], timeout_s: float) -> None:
        self._name = name
        self._at = urlsplit(url)
        self._render = render
        self._timeout_s = timeout_s
        self._line: socket.socket | None = None
        self._unsent = b""

    async def aim(self) -> None:
        """Connect, unless that is done. Raises `DeviceUnreachable`."""
        if self._at.scheme != "http" or self._line is not None:
            return
        host, port = self._at.hostname or "", self._at.port or 80
        try:
            async with asyncio.timeout(self._timeout_s):
                self._line = await _connected(host, port)
        except (OSError, TimeoutError) as error:
            raise DeviceUnreachable(self._name, f"{self._at.netloc}: {error!r}") from error
        self._unsent = self._render()

    def fire(self) -> bool:
        """Send, once, if it has been aimed; whether it left. `landed` finds out if the line has died."""
        if self._line is None or not self._unsent:
            return False
        words, self._unsent = self._unsent, b""
        try:
            self._line.send(words)  # a few hundred bytes always fit a connection that sent nothing yet
        except OSError:
            self.drop()
            return False
        return True

    async def landed(self) -> bool:
        """Send what is aimed and was not sent; whether the device took it. There is none afterwards."""
        self.fire()
        line = self._line
        if line is None:
            return False
        try:
            async with asyncio.timeout(self._timeout_s):
                return _accepted(await asyncio.get_running_loop().sock_recv(line, _MOST))
        except (OSError, TimeoutError):
            return False
        finally:
            self.drop()

    def drop(self) -> None:
        """Hang up without a word, or forget what was sent."""
        if self._line is not None:
            self._line.close()
        self._line, self._unsent = None, b""


async def _connected(host: str, port: int) -> socket.socket:
    """A line to the first address of a host. Raises `OSError`."""
    loop = asyncio.get_running_loop()
    family, kind, protocol, _, address = (
        await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    )[0]
    line = socket.socket(family, kind, protocol)
    try:
        line.setblocking(False)
        await loop.sock_connect(line, address)
    except BaseException:
        line.close()
        raise
    return line


def _accepted(answer: bytes) -> bool:
    """Whether an answer begins like `HTTP/1.1 200 OK`."""
    words = answer.split(b" ", 2)
    return len(words) > 1 and words[0].startswith(b"HTTP/") and words[1] == b"200"


def http_request(verb: str, url: str, path: str, headers: dict[str, str], body: bytes = b"") -> bytes:
    """An HTTP/1.1 request after which the connection ends."""
    lines = [f"{verb} {path} HTTP/1.1", f"Host: {urlsplit(url).netloc}", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body
