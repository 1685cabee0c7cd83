"""RouterOS 6 and 7 menus over the binary API, in the words of help.mikrotik.com 'API'.

TCP 8728, or 8729 with TLS, which log-in since 6.43 needs because it sends the pass word in the clear; older
ones are entered by MD5 challenge, which such a router demands by answering with `=ret=`. One connection is
kept and made anew after any fault. The codec is `firmware_profiles/dialects/routeros_words.py`.

Counterpart: `firmware_profiles/emulators/routeros_api.py`; the port is `Menus` in `routeros_gate.py`.
"""

import asyncio
import contextlib
import hashlib
import ssl
from typing import Self

from edge.core.devices.ports import DeviceConfused, DeviceRefused, DeviceUnreachable
from firmware_profiles.dialects.routeros_rows import Ask, Row, Trap
from firmware_profiles.dialects.routeros_words import (
    Reply,
    SentenceReader,
    WordsBroken,
    command,
    parse_reply,
)

#: `category` of a `!trap` for a missing item or command (help.mikrotik.com 'API', '!trap').
_MISSING = "0"
_READ_BYTES = 65536


class RouterOsApi:
    """The wire to one router. `fingerprint` pins its certificate, which is usually one of its own making."""

    def __init__(
        self,
        name: str,
        host: str,
        port: int = 8729,
        *,
        user: str,
        password: str,
        tls: bool = True,
        fingerprint: bytes | None = None,
        timeout_s: float = 5.0,
    ) -> None:
        self.name = name
        self._host, self._port = host, port
        self._user, self._password = user, password
        self._tls = _context(fingerprint) if tls else None
        self._fingerprint = fingerprint
        self._timeout_s = timeout_s
        self._wire: _Wire | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_exc: object) -> None:
        await self._hang_up()

    async def ask(self, ask: Ask) -> list[Row]:
        """One command. After any fault of the way there the connection is closed."""
        attributes = {**ask.values, **({".id": ask.id} if ask.id else {})}
        if ask.only:
            attributes[".proplist"] = ",".join(ask.only)
        queries = [f"?{name}={value}" for name, value in ask.where.items()]
        sentence = command(f"{ask.menu}/{ask.verb}", attributes, queries)
        try:
            async with asyncio.timeout(self._timeout_s):
                wire = self._wire or await self._connect()
                replies = await wire.exchange(sentence)
        except (OSError, EOFError, TimeoutError) as error:
            await self._hang_up()
            raise DeviceUnreachable(self.name, f"{ask.menu}: {error!r}") from error
        except WordsBroken as error:
            await self._hang_up()
            raise DeviceConfused(self.name, str(error)) from error
        return [reply.attributes for reply in replies if reply.kind == "!re"]

    async def _connect(self) -> "_Wire":
        """A connection that is logged in. Kept only once it is."""
        reader, writer = await asyncio.open_connection(self._host, self._port, ssl=self._tls)
        self._wire = _Wire(reader, writer)
        try:
            self._check_certificate(writer)
            await self._log_in(self._wire)
        except Trap as trap:
            await self._hang_up()
            raise DeviceRefused(self.name, str(trap)) from trap
        except DeviceConfused:
            await self._hang_up()
            raise
        return self._wire

    def _check_certificate(self, writer: asyncio.StreamWriter) -> None:
        if self._fingerprint is None:
            return
        shown = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
        if hashlib.sha256(shown).digest() != self._fingerprint:
            raise DeviceConfused(self.name, "shows another certificate than it was adopted with")

    async def _log_in(self, wire: "_Wire") -> None:
        login = {"name": self._user, "password": self._password}
        done = (await wire.exchange(command("/login", login)))[-1]
        challenge = done.attributes.get("ret")
        if challenge is not None:
            answer = {"name": self._user, "response": _response(self._password, challenge)}
            await wire.exchange(command("/login", answer))

    async def _hang_up(self) -> None:
        wire, self._wire = self._wire, None
        if wire is not None:
            await wire.close()


class _Wire:
    """One connection, one command at a time."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._sentences = SentenceReader()
        self._waiting: list[Reply] = []

    async def exchange(self, sentence: bytes) -> list[Reply]:
        """Replies up to `!done`. A `!trap` is raised after its `!done`, so that the stream stays in step."""
        self._writer.write(sentence)
        await self._writer.drain()
        replies: list[Reply] = []
        while not replies or replies[-1].kind not in ("!done", "!fatal"):
            replies.append(await self._next())
        if replies[-1].kind == "!fatal":
            raise EOFError(f"closed by the router: {replies[-1].words}")
        for reply in replies:
            if reply.kind == "!trap":
                told = reply.attributes
                raise Trap(told.get("message", "no reason given"), told.get("category") == _MISSING)
        return replies

    async def _next(self) -> Reply:
        while not self._waiting:
            data = await self._reader.read(_READ_BYTES)
            if not data:
                raise EOFError("closed by the router")
            self._waiting += [parse_reply(words) for words in self._sentences.feed(data)]
        return self._waiting.pop(0)

    async def close(self) -> None:
        self._writer.close()
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()


def _context(fingerprint: bytes | None) -> ssl.SSLContext:
    """Pinned certificates are compared whole, by us; all others are checked as on the web."""
    context = ssl.create_default_context()
    if fingerprint is not None:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def _response(password: str, challenge: str) -> str:
    """Log-in of before 6.43: `00` and MD5 over a zero byte, the pass word and the challenge."""
    try:
        nonce = bytes.fromhex(challenge)
    except ValueError as error:
        raise WordsBroken(f"a challenge that is none: {challenge!r}") from error
    digest = hashlib.md5(b"\x00" + password.encode() + nonce, usedforsecurity=False)
    return "00" + digest.hexdigest()
