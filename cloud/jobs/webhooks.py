"""Tells an owner's own program of an alert: a signed POST, tried again for a day.

The signature is the one that tills know (docs/pos-webhook.md): HMAC-SHA-256 of timestamp, method, path with
query, and body, the first three each followed by a line feed. `Idempotency-Key` is the same however often it
is sent, so whoever has seen it may answer 200 and do nothing.

Rule of the file: the address is a stranger's word. Only http and https, no redirects, and nothing within our
own network is called (OWASP, Server Side Request Forgery Prevention); names are resolved once, by us, and
what they resolve to is what is called. `HOLDFAST_PRIVATE_WEBHOOKS=yes` is for clouds that stand in one house
with what they call.
"""

import asyncio
import hashlib
import hmac
import socket
import time
from ipaddress import ip_address
from urllib.parse import urlsplit

import aiohttp
import msgspec
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

from cloud.jobs.registry import Hopeless, Kind, Work
from cloud.store.jobs import alert_settings

_WITHIN_S = 10.0


class NotTaken(Exception):
    """The program did not say 2xx."""


class Call(msgspec.Struct, frozen=True):
    """What is sent: `body` to the organisation's webhook as it is set by then."""

    key: str
    body: str


class Outside(AbstractResolver):
    """Resolves names to addresses of the internet, and to nothing else."""

    def __init__(self) -> None:
        self._resolver = ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Raises `OSError` where nothing outside is left."""
        found = await self._resolver.resolve(host, port, family)
        outside = [each for each in found if ip_address(each["host"]).is_global]
        if not outside:
            raise OSError(f"{host} is not on the internet")
        return outside

    async def close(self) -> None:
        """Nothing is held open."""
        await self._resolver.close()


def fault(url: str, *, private: bool) -> str | None:
    """What is wrong with an address, in words; null where it may be called."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return "This is not an address."
    if parts.scheme not in ("http", "https") or not host or parts.username or "\\" in url:
        return "A webhook is an address like https://example.com/holdfast."
    try:
        literal = ip_address(host)
    except ValueError:
        return None
    return None if private or literal.is_global else "A webhook has to be on the internet."


def signature(key: str, timestamp: int, url: str, body: bytes) -> str:
    """As `Holdfast-Signature` carries it."""
    parts = urlsplit(url)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    told = f"{timestamp}\nPOST\n{path}\n".encode() + body
    return "v1=" + hmac.new(key.encode(), told, hashlib.sha256).hexdigest()


async def _call(work: Work, what: Call) -> None:
    async with work.pool.acquire() as connection:
        settings = await alert_settings.of(connection, work.organisation_id or "")
    if settings.webhook_url is None or settings.webhook_key is None:
        return
    private = work.config.private_webhooks
    wrong = fault(settings.webhook_url, private=private)
    if wrong is not None:
        raise Hopeless(wrong)
    body, now_s = what.body.encode(), int(time.time())
    headers = {
        "Content-Type": "application/json",
        "Idempotency-Key": what.key,
        "Holdfast-Timestamp": str(now_s),
        "Holdfast-Signature": signature(settings.webhook_key, now_s, settings.webhook_url, body),
    }
    connector = aiohttp.TCPConnector(resolver=ThreadedResolver() if private else Outside())
    async with (
        asyncio.timeout(_WITHIN_S),
        aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar()) as http,
        http.post(settings.webhook_url, data=body, headers=headers, allow_redirects=False) as answer,
    ):
        if not 200 <= answer.status < 300:
            raise NotTaken(f"The webhook answered {answer.status}.")


WEBHOOK = Kind(name="alert-webhook", body=Call, do=_call, attempts=30, at_once=8, longest_run_s=60)
