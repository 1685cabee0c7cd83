"""The account as a server: Stripe's API, the hosted pages, and the webhooks that follow.

Rule of the file: HTTP only; what happens is `books.py`. A request with an `Idempotency-Key` is carried out
once and answered the same for ever, failures of a card included (docs.stripe.com/api/idempotent_requests).

`faults` are those of the way there (`drop`, `hang`, `latency_s`, `lose_answers`: obeys and cuts); `broken`
answers 500 without doing anything, `broken_after` does it first. Webhooks have `whims`.
"""

import asyncio
import json
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from copy import deepcopy
from pathlib import Path
from typing import Any, Self

from aiohttp import web

from firmware_profiles.emulators.faults import Faults
from firmware_profiles.emulators.stripe import endpoints, refusals
from firmware_profiles.emulators.stripe.books import Books
from firmware_profiles.emulators.stripe.deliveries import Deliveries, Whims
from firmware_profiles.emulators.stripe.endpoints import ROWS, Asked
from firmware_profiles.emulators.stripe.form import nested
from firmware_profiles.emulators.stripe.pages import HostedPages
from firmware_profiles.emulators.stripe.refusals import StripeRefusal

SECRET_KEY, PUBLISHABLE_KEY = "sk_test_holdfast", "pk_test_holdfast"
WEBHOOK_SECRET = "whsec_holdfast_stand_in"

Answer = tuple[int, dict[str, Any]]


class StripeStandIn:
    """One account behind one port. `url` is known once entered."""

    def __init__(
        self,
        *,
        webhook_url: str | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        origin: str = "",
        state: Path | None = None,
        now_s: Callable[[], float] = time.time,
    ) -> None:
        self.faults = Faults()
        self.broken = False
        self.broken_after = False
        self.webhook_secret = WEBHOOK_SECRET
        self.deliveries = Deliveries(webhook_url, WEBHOOK_SECRET, now_s)
        self.books = Books(now_s, self.deliveries.put)
        #: Method and path of every call of the API, for tests.
        self.heard: list[str] = []
        self.host, self.port = host, port
        self._origin = origin
        self._state = state
        self._kept: dict[str, tuple[str, Answer | None]] = {}
        self._stack = AsyncExitStack()

    @property
    def url(self) -> str:
        """Base address of API and pages, without a slash at the end; with `origin`, what guests reach."""
        return f"http://{self._origin or self.host}:{self.port}"

    @property
    def whims(self) -> Whims:
        """What webhooks do wrong."""
        return self.deliveries.whims

    async def __aenter__(self) -> Self:
        if self._state is not None and self._state.exists():
            saved = json.loads(self._state.read_text())
            self.books.things, self.books.cards = saved["things"], saved["cards"]
        app = web.Application()
        for method, path, act in ROWS:
            app.router.add_route(method, path, self._served(act))
        for method, path, page in HostedPages(self.books, lambda: self.url, self.save).rows():
            app.router.add_route(method, path, page)
        app.router.add_route("*", "/{path:.*}", self._unknown)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.01)
        await runner.setup()
        self._stack.push_async_callback(runner.cleanup)
        site = web.TCPSite(runner, self.host, self.port, reuse_address=True)
        await site.start()
        self.port = runner.addresses[0][1]
        group = await self._stack.enter_async_context(asyncio.TaskGroup())
        bringing = group.create_task(self.deliveries.run())
        self._stack.callback(bringing.cancel)
        return self

    async def __aexit__(self, *_exc: object) -> None:
        self.faults.answer()
        await self._stack.aclose()

    def pay_out(self) -> list[dict[str, Any]]:
        """What is available goes to the bank."""
        made = self.books.pay_out()
        self.save()
        return made

    def save(self) -> None:
        """Keep what there is, where a file was named."""
        if self._state is not None:
            saved = {"things": self.books.things, "cards": self.books.cards}
            self._state.write_text(json.dumps(saved))

    async def _unknown(self, request: web.Request) -> web.StreamResponse:
        message = f"Unrecognized request URL ({request.method}: {request.path})."
        return _json(404, StripeRefusal(404, "invalid_request_error", message).body)

    def _served(self, act: endpoints.Act) -> Callable[[web.Request], Any]:
        async def serve(request: web.Request) -> web.StreamResponse:
            self.heard.append(f"{request.method} {request.path}")
            if self.faults.drop:
                return _cut(request)
            await self.faults.delay()
            if self.broken:
                return _json(500, StripeRefusal(500, "api_error", "Something went wrong on our end.").body)
            status, body = await self._answered(request, act)
            if self.faults.lose_answers:
                return _cut(request)
            if self.broken_after:
                return _json(500, StripeRefusal(500, "api_error", "Something went wrong on our end.").body)
            return _json(status, body)

        return serve

    async def _answered(self, request: web.Request, act: endpoints.Act) -> Answer:
        raw = await request.text()
        pairs = [(name, str(value)) for name, value in (await request.post()).items()]
        given = nested([*request.query.items(), *pairs])
        asked = Asked(self.books, self.url, request.match_info.get("name", ""), given)
        try:
            _authorise(request, asked)
            key = request.headers.get("Idempotency-Key", "")
            if request.method != "POST" or not key:
                return _outcome(act, asked)
            return self._once(key, f"{request.method} {request.path} {raw}", act, asked)
        except StripeRefusal as refusal:
            return refusal.status, refusal.body

    def _once(self, key: str, said: str, act: endpoints.Act, asked: Asked) -> Answer:
        known = self._kept.get(key)
        if known is not None and known[0] != said:
            raise refusals.key_reused()
        if known is not None and known[1] is None:
            raise refusals.key_in_use()
        if known is not None and known[1] is not None:
            return known[1]
        answer = _outcome(act, asked)
        if answer[0] in (200, 402):
            self._kept[key] = (said, deepcopy(answer))
        self.save()
        return answer


def _outcome(act: endpoints.Act, asked: Asked) -> Answer:
    try:
        return 200, _public(act(asked))
    except StripeRefusal as refusal:
        return refusal.status, _public(refusal.body)


def _public(thing: Any) -> Any:
    """Without what only the stand-in knows."""
    if isinstance(thing, dict):
        return {name: _public(each) for name, each in thing.items() if not name.startswith("_")}
    if isinstance(thing, list):
        return [_public(each) for each in thing]
    return thing


def _authorise(request: web.Request, asked: Asked) -> None:
    """The secret key may everything; a browser with an intent's own secret may see and confirm that one."""
    key = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if key == SECRET_KEY:
        return
    if key == PUBLISHABLE_KEY and request.path.startswith("/v1/payment_intents/"):
        intent = asked.books.find("payment_intent", asked.name)
        if asked.given.get("client_secret") == intent["client_secret"]:
            return
    raise refusals.unauthenticated()


def _json(status: int, body: dict[str, Any]) -> web.Response:
    return web.Response(status=status, text=json.dumps(body), content_type="application/json")


def _cut(request: web.Request) -> web.Response:
    """End the connection without a word."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=503)
