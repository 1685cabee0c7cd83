"""What a supervisor, a load balancer, a person and Prometheus ask.

`/livez` is 200 while the loop turns: whoever restarts processes asks this, and no restart mends Postgres.
`/readyz` is 200 while new callers are welcome: not before everything is prepared, and not any more once the
process has been told to stop. `/healthz` is 200 while loop and Postgres both work.
"""

import asyncio

import asyncpg
import msgspec
from aiohttp import web

from cloud.web.answers import Handler, answer
from cloud.web.figures import Figures
from protocol.errors import Refused, refuse
from protocol.http import Route


class Healthy(msgspec.Struct, frozen=True):
    """The loop runs, and Postgres has just answered."""

    ok: bool


class ProcessStatus(msgspec.Struct, frozen=True):
    """This process as a person wants to know it."""

    database: str
    links: int
    connections: int
    idle_connections: int


LIVEZ = Route(method="GET", path="/livez", summary="200 while the process is alive.", response=Healthy)
READYZ = Route(
    method="GET",
    path="/readyz",
    summary="200 while this process takes in; 503 before that, and while it goes away.",
    response=Healthy,
    errors=("going_away", "storage_failed"),
)
HEALTHZ = Route(
    method="GET",
    path="/healthz",
    summary="200 while loop and database both work.",
    response=Healthy,
    errors=("storage_failed",),
)
STATUS = Route(
    method="GET",
    path="/status",
    summary="How this process and its database are.",
    response=ProcessStatus,
    errors=("storage_failed",),
)
METRICS = Route(method="GET", path="/metrics", summary="Prometheus text format.", media="text/plain")


class Health:
    """The handlers and what they look at."""

    def __init__(self, pool: asyncpg.Pool, figures: Figures, draining: asyncio.Event) -> None:
        self._pool = pool
        self._figures = figures
        self._draining = draining

    def routes(self) -> list[tuple[Route, Handler]]:
        """Addresses and their handlers."""
        return [(LIVEZ, self.livez), (READYZ, self.readyz), *self._for_people()]

    def _for_people(self) -> list[tuple[Route, Handler]]:
        return [(HEALTHZ, self.healthz), (STATUS, self.status), (METRICS, self.metrics)]

    async def livez(self, _request: web.Request) -> web.Response:
        """That it answers is the answer."""
        return answer(Healthy(ok=True))

    async def readyz(self, _request: web.Request) -> web.Response:
        """503 `going_away` once the process was told to stop; `storage_failed` without Postgres."""
        if self._draining.is_set():
            raise Refused(refuse("going_away", retry_after_s=1))
        await self._pool.fetchval("SELECT 1", timeout=3)
        return answer(Healthy(ok=True))

    async def healthz(self, _request: web.Request) -> web.Response:
        """200 when both work; 503 `storage_failed` when Postgres does not answer within 3 s."""
        await self._pool.fetchval("SELECT 1", timeout=3)
        return answer(Healthy(ok=True))

    async def status(self, _request: web.Request) -> web.Response:
        """Which Postgres, how many boxes."""
        version = await self._pool.fetchval("SHOW server_version", timeout=3)
        links = int(self._figures.registry.get_sample_value("holdfast_links") or 0)
        return answer(
            ProcessStatus(f"PostgreSQL {version}", links, self._pool.get_size(), self._pool.get_idle_size())
        )

    async def metrics(self, _request: web.Request) -> web.Response:
        """Prometheus text."""
        return web.Response(body=self._figures.text(), headers={"Content-Type": "text/plain; version=0.0.4"})
