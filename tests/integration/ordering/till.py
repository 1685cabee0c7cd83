"""A till that keeps docs/pos-webhook.md, over real HTTP, and breaks in every way that a test asks for.

`fates` says what happens to the next calls, one by one; when they run out the till just works. It never
takes an order twice and refuses attempts that it has closed, so `taken` is what its accounts would show.
"""

import asyncio
import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable
from typing import Any, Self

from aiohttp import web

from tests.integration.faults.programs import Program

KEY = "a key that only till and box know"
Fate = Callable[["Till", web.Request, dict[str, Any]], Awaitable[web.StreamResponse]]


class Till:
    """`async with Till() as till` listens at `till.url`; `calls` are method, order and attempt of each."""

    def __init__(self) -> None:
        self.key = KEY
        self.taken: dict[str, str] = {}
        self.closed: dict[str, int] = {}
        self.calls: list[tuple[str, str, int]] = []
        self.bodies: list[dict[str, Any]] = []
        self.fates: list[Fate] = []
        self.questions: list[Fate] = []
        self.closes = True
        self.called = asyncio.Event()
        self.let_go = asyncio.Event()
        self._port = 0
        self._runner: web.AppRunner

    @property
    def url(self) -> str:
        """What the venue's configuration says."""
        return f"http://127.0.0.1:{self._port}/holdfast"

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(self, *_exc: object) -> None:
        self.let_go.set()
        await self.shut()

    async def open(self) -> None:
        """Listen, at the same port as before."""
        app = web.Application()
        app.router.add_post("/holdfast/orders", self._place)
        app.router.add_get("/holdfast/orders/{order_id}", self._tell)
        app.router.add_delete("/holdfast/orders/{order_id}", self._close)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await site.start()
        self._port = self._runner.addresses[0][1]

    async def shut(self) -> None:
        """Nobody listens any more."""
        await self._runner.cleanup()

    async def _read(self, request: web.Request) -> dict[str, Any] | None:
        """The body of a call that the box has signed; None for a stranger's."""
        raw = await request.read()
        told = (
            f"{request.headers['Holdfast-Timestamp']}\n{request.method}\n{request.raw_path}\n".encode() + raw
        )
        expected = "v1=" + hmac.new(self.key.encode(), told, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(expected, request.headers["Holdfast-Signature"]):
            return None
        order_id, attempt = request.headers["Idempotency-Key"], int(request.headers["Holdfast-Attempt"])
        self.calls.append((request.method, order_id, attempt))
        self.called.set()
        return json.loads(raw) if raw else {"order_id": order_id, "attempt": attempt}

    async def _place(self, request: web.Request) -> web.StreamResponse:
        body = await self._read(request)
        if body is None:
            return web.json_response({"error": "signature"}, status=401)
        self.bodies.append(body)
        if self.fates:
            return await self.fates.pop(0)(self, request, body)
        return self.take(body)

    def take(self, body: dict[str, Any]) -> web.Response:
        """Take an order, as a till does that works."""
        order_id = body["order_id"]
        if order_id not in self.taken and body["attempt"] <= self.closed.get(order_id, 0):
            return web.json_response({"status": "void"}, status=409)
        reference = self.taken.setdefault(order_id, f"till-{len(self.taken) + 1}")
        return web.json_response({"status": "taken", "reference": reference})

    async def _tell(self, request: web.Request) -> web.StreamResponse:
        body = await self._read(request)
        if body is None:
            return web.json_response({"error": "signature"}, status=401)
        if self.questions:
            return await self.questions.pop(0)(self, request, body)
        return self.tell(body["order_id"])

    def tell(self, order_id: str) -> web.Response:
        """What became of an order."""
        if order_id in self.taken:
            return web.json_response({"status": "taken", "reference": self.taken[order_id]})
        return web.json_response({"status": "unknown"}, status=404)

    async def _close(self, request: web.Request) -> web.StreamResponse:
        body = await self._read(request)
        if body is None:
            return web.json_response({"error": "signature"}, status=401)
        if not self.closes:
            return web.Response(status=405)
        order_id = body["order_id"]
        if order_id in self.taken:
            return self.tell(order_id)
        self.closed[order_id] = int(request.query["attempt"])
        return web.json_response({"status": "void"})


# ── fates ────────────────────────────────────────────────────────────────────────────────────────


def answers(status: int, body: object = None) -> Fate:
    """Says this and does nothing."""

    async def fate(_till: Till, _request: web.Request, _body: dict[str, Any]) -> web.StreamResponse:
        return web.Response(status=status) if body is None else web.json_response(body, status=status)

    return fate


def says(text: str, status: int = 200) -> Fate:
    """Says these very words and does nothing."""

    async def fate(_till: Till, _request: web.Request, _body: dict[str, Any]) -> web.StreamResponse:
        return web.Response(text=text, status=status, content_type="application/json")

    return fate


async def hangs(till: Till, _request: web.Request, body: dict[str, Any]) -> web.StreamResponse:
    """Says nothing until it is let go, and then has not taken the order."""
    await till.let_go.wait()
    return web.json_response({"status": "unknown"})


async def answers_late(till: Till, _request: web.Request, body: dict[str, Any]) -> web.StreamResponse:
    """Works on the order only once it is let go; nobody listens any more by then."""
    await till.let_go.wait()
    return till.take(body)


async def takes_and_hangs(till: Till, _request: web.Request, body: dict[str, Any]) -> web.StreamResponse:
    """Takes the order at once and never says so."""
    till.take(body)
    await till.let_go.wait()
    return web.Response()


async def dies(_till: Till, request: web.Request, _body: dict[str, Any]) -> web.StreamResponse:
    """The connection breaks before the order is looked at."""
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def takes_and_dies(till: Till, request: web.Request, body: dict[str, Any]) -> web.StreamResponse:
    """Takes the order; the connection breaks before it can say so."""
    till.take(body)
    return await dies(till, request, body)


async def breaks_off(till: Till, request: web.Request, body: dict[str, Any]) -> web.StreamResponse:
    """Takes the order and dies in the middle of saying so."""
    till.take(body)
    assert request.transport is not None
    request.transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: 400\r\n\r\n" + b'{"status":"tak')
    request.transport.close()
    return web.Response()


async def answers_twice(till: Till, request: web.Request, body: dict[str, Any]) -> web.StreamResponse:
    """Says yes, and then no, to one and the same call."""
    yes = till.take(body).text or ""
    no = '{"status":"refused","message":"a second answer"}'
    told = "".join(f"HTTP/1.1 200 OK\r\nContent-Length: {len(each)}\r\n\r\n{each}" for each in (yes, no))
    assert request.transport is not None
    request.transport.write(told.encode())
    request.transport.close()
    return web.Response()


def kills(box: Program, *, taking: bool) -> Fate:
    """The box is killed while it calls; the till has taken the order by then, or never will."""

    async def fate(till: Till, _request: web.Request, body: dict[str, Any]) -> web.StreamResponse:
        if taking:
            till.take(body)
        box.kill()
        return web.Response()

    return fate
