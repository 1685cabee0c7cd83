"""`/healthz`, `/status` and `/metrics`: what a load balancer, a person and Prometheus ask."""

import asyncpg
import msgspec
from aiohttp import web

from cloud.web.answers import Handler, answer
from cloud.web.figures import Figures
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

    def __init__(self, pool: asyncpg.Pool, figures: Figures) -> None:
        self._pool = pool
        self._figures = figures

    def routes(self) -> list[tuple[Route, Handler]]:
        """Addresses and their handlers."""
        return [(HEALTHZ, self.healthz), (STATUS, self.status), (METRICS, self.metrics)]

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
