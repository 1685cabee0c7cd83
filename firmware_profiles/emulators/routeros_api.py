"""The binary face of the emulated router (TCP 8728, with TLS 8729), RouterOS 6 and 7.

Source: help.mikrotik.com 'API': sentences of length-prefixed words; `/login` with `=name= =password=` since
6.43 and with an MD5 challenge before; `.tag` comes back on every sentence of a reply; `print` takes query
words and `.proplist`; since 7.18 a print with nothing to tell says `!empty` before `!done`.

The bytes are taken apart here by hand and not with the codec of the box, so that each checks the other.
Counterpart: `edge/adapters/devices/routeros_api.py`.
"""

import asyncio
import hashlib
import secrets
import ssl
from typing import Self

from firmware_profiles.catalogue.routers import software_of
from firmware_profiles.emulators.faults import Faults
from firmware_profiles.emulators.routeros import RouterBox, RouterTrap, Row

#: How many of the first byte's high bits are set, and how many bytes follow.
_PREFIXES = ((0x80, 0x00, 0), (0xC0, 0x80, 1), (0xE0, 0xC0, 2), (0xF0, 0xE0, 3), (0xF8, 0xF0, 4))


class RouterOsApiEmulator:
    """`box` over TCP; with `tls` as on 8729."""

    def __init__(self, box: RouterBox, *, port: int = 0, tls: ssl.SSLContext | None = None) -> None:
        self.box = box
        self.faults = Faults()
        self.host = "127.0.0.1"
        self.port = port
        self.heard: list[str] = []
        self._tls = tls
        self._server: asyncio.Server | None = None
        self._talking: set[asyncio.StreamWriter] = set()
        software = software_of("mikrotik", box.version)
        #: Whether log-in is that of before 6.43, and whether a print with nothing to tell says so.
        self.challenges = software is not None and software.login == "challenge"
        self.says_empty = software is not None and software.says_empty

    async def start(self) -> None:
        """Take the port and serve."""
        self._server = await asyncio.start_server(self._talk, self.host, self.port, ssl=self._tls)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Vanish from the network, cutting those who are connected."""
        self.faults.answer()
        self.hang_up()
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
            self._server = None

    def hang_up(self) -> None:
        """Cut every connection, as a restart does."""
        for writer in list(self._talking):
            writer.transport.abort()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_exc: object) -> None:
        await self.stop()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._talking.add(writer)
        try:
            await _Session(self, reader, writer).run()
        except (asyncio.IncompleteReadError, ConnectionError, ssl.SSLError):
            pass  # the caller has gone; nothing of the router's depends on it
        finally:
            self._talking.discard(writer)
            writer.transport.abort()


class _Session:
    """One connection: nobody until `/login` succeeded."""

    def __init__(
        self, router: RouterOsApiEmulator, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._router = router
        self._box = router.box
        self._reader = reader
        self._writer = writer
        self._known = False
        self._challenge = ""

    async def run(self) -> None:
        while True:
            words = await _sentence(self._reader)
            faults = self._router.faults
            await faults.delay()
            if faults.drop:
                return
            tag = next((word for word in words if word.startswith(".tag=")), "")
            replies = self._obey(words)
            if faults.lose_answers:
                return
            for reply in replies:
                self._writer.write(_encoded([*reply, *([tag] if tag else [])]))
            await self._writer.drain()
            if replies[-1][0] == "!fatal":
                return

    def _obey(self, words: list[str]) -> list[list[str]]:
        attributes = dict(word[1:].partition("=")[::2] for word in words if word.startswith("="))
        queries = dict(word[1:].lstrip("=").partition("=")[::2] for word in words if word.startswith("?"))
        path = words[0]
        self._router.heard.append(path)
        try:
            if path == "/login":
                return [self._login(attributes)]
            if not self._known:
                return [["!fatal", "not logged in"]]
            return self._command(path, attributes, queries)
        except RouterTrap as trap:
            return [["!trap", f"=category={trap.category}", f"=message={trap}"], ["!done"]]

    def _login(self, attributes: Row) -> list[str]:
        box = self._box
        if "password" in attributes and not self._router.challenges:
            right = (attributes.get("name"), attributes["password"]) == (box.user, box.password)
        elif "response" in attributes and self._challenge:
            right = attributes.get("name") == box.user and attributes["response"] == self._expected()
        else:
            self._challenge = secrets.token_hex(16)
            return ["!done", f"=ret={self._challenge}"]
        if not right:
            raise RouterTrap("invalid user name or password (6)")
        self._known = True
        return ["!done"]

    def _expected(self) -> str:
        secret = b"\x00" + self._box.password.encode() + bytes.fromhex(self._challenge)
        return "00" + hashlib.md5(secret, usedforsecurity=False).hexdigest()

    def _command(self, path: str, attributes: Row, queries: Row) -> list[list[str]]:
        menu, _, verb = path.rpartition("/")
        match verb:
            case "print" | "getall":
                return self._printed(menu, attributes, queries)
            case "add":
                return [["!done", f"=ret={self._box.add(menu, attributes)}"]]
            case "set":
                row_id = attributes.pop(".id")
                self._box.set(menu, row_id, attributes)
            case "remove":
                self._box.remove(menu, attributes.get(".id") or attributes.get("numbers", ""))
            case "move":
                self._box.move(menu, attributes["numbers"], attributes["destination"])
            case "reboot" if menu == "/system":
                self._box.reboot()
            case "quit":
                return [["!fatal", "session terminated on request"]]
            case _:
                raise RouterTrap("no such command", category=0)
        return [["!done"]]

    def _printed(self, menu: str, attributes: Row, queries: Row) -> list[list[str]]:
        names = [name for name in attributes.get(".proplist", "").split(",") if name]
        rows = [row for row in self._box.rows(menu) if queries.items() <= row.items()]
        told = [
            ["!re", *(f"={name}={value}" for name, value in row.items() if not names or name in names)]
            for row in rows
        ]
        if not told and self._router.says_empty:
            told = [["!empty"]]
        return [*told, ["!done"]]


async def _sentence(reader: asyncio.StreamReader) -> list[str]:
    words: list[str] = []
    while True:
        first = (await reader.readexactly(1))[0]
        if first >= 0xF8:
            raise ConnectionError(f"control byte {first:#x}")
        mask, _mark, more = next(prefix for prefix in _PREFIXES if first & prefix[0] == prefix[1])
        low = first & ~mask & 0xFF
        length = int.from_bytes(bytes([low]) + await reader.readexactly(more), "big")
        if length == 0 and words:
            return words
        if length:
            words.append((await reader.readexactly(length)).decode("utf-8", "surrogateescape"))


def _encoded(words: list[str]) -> bytes:
    parts = []
    for word in words:
        raw = word.encode("utf-8", "surrogateescape")
        more = sum(len(raw) >= limit for limit in (0x80, 0x4000, 0x200000, 0x10000000))
        mark = _PREFIXES[more][1] << (8 * more)
        parts.append((len(raw) | mark).to_bytes(more + 1, "big") + raw)
    return b"".join(parts) + b"\x00"
