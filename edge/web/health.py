"""How the box is: `/healthz` for watchdogs, `/status` for people and banners, `/metrics` for Prometheus."""

import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec
from aiohttp import web
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from edge.core.clock import Now
from edge.journal.reading import Unsynced
from edge.journal.writer import Writer
from edge.web.answers import Handler, answer
from edge.web.guests.phones import Phones
from protocol.errors import Refused, refuse
from protocol.http import Route


class LinkStatus(msgspec.Struct, frozen=True):
    """The link to the cloud as this box sees it."""

    state: str
    message: str
    last_sync_ms: int | None
    acked_seq: int


class StatusReply(msgspec.Struct, frozen=True):
    """Answer to `GET /status`. `link` is `live`, `catching_up` or `down`."""

    link: str
    link_message: str
    last_sync_ms: int | None
    unsynced: int
    unsynced_value_minor: int
    currency: str
    clock_trusted: bool
    disk_free_bytes: int
    disk_used_percent: float
    storage: str
    tail_seq: int
    phones: int
    mqtt: str
    open_tickets: int
    playing: int
    alarms: tuple[dict[str, Any], ...]
    devices: tuple[dict[str, Any], ...]
    venue_id: str | None


class HealthReply(msgspec.Struct, frozen=True):
    """Answer to `GET /healthz`."""

    ok: bool


HEALTHZ = Route(
    method="GET",
    path="/healthz",
    summary="200 while loop and database both work.",
    response=HealthReply,
    errors=("storage_failed",),
)
STATUS = Route(
    method="GET", path="/status", summary="How the box, its link and its devices are.", response=StatusReply
)
METRICS = Route(method="GET", path="/metrics", summary="Prometheus text format.", media="text/plain")


class Surroundings(msgspec.Struct, frozen=True):
    """What `/status` tells about things other than the journal; each is read when somebody asks."""

    link: Callable[[], LinkStatus]
    unsynced: Callable[[], Awaitable[Unsynced]]
    mqtt: Callable[[], str]
    alarms: Callable[[], list[dict[str, Any]]]
    currency: Callable[[], str]
    devices: Callable[[], tuple[dict[str, Any], ...]]
    open_tickets: Callable[[], int]
    playing: Callable[[], int]
    venue_id: str | None


class Health(Collector):
    """Handlers of the health addresses, and the collector behind `/metrics`."""

    def __init__(
        self,
        writer: Writer,
        phones: Phones,
        clock: Callable[[], Now],
        directory: Path,
        surroundings: Surroundings,
    ) -> None:
        self._writer = writer
        self._phones = phones
        self._clock = clock
        self._directory = directory
        self._around = surroundings
        self._unsynced = Unsynced(0, 0, 0)
        self._registry = CollectorRegistry()
        self._registry.register(self)

    def routes(self) -> list[tuple[Route, Handler]]:
        """Addresses and their handlers."""
        return [(HEALTHZ, self.healthz), (STATUS, self.status), (METRICS, self.metrics)]

    async def healthz(self, _request: web.Request) -> web.Response:
        """`GET /healthz`."""
        if self._writer.failure is not None:
            raise Refused(refuse("storage_failed"))
        return answer(HealthReply(ok=True))

    async def status(self, _request: web.Request) -> web.Response:
        """`GET /status`."""
        link, unsynced = self._around.link(), await self._around.unsynced()
        disk = shutil.disk_usage(self._directory)
        reply = StatusReply(
            link=link.state,
            link_message=link.message,
            last_sync_ms=link.last_sync_ms,
            unsynced=unsynced.facts,
            unsynced_value_minor=unsynced.value_minor,
            currency=self._around.currency(),
            clock_trusted=self._clock().clock_trusted,
            disk_free_bytes=disk.free,
            disk_used_percent=round(100 * disk.used / disk.total, 1),
            storage=self._writer.failure or "ok",
            tail_seq=self._writer.durable_seq,
            phones=len(self._phones),
            mqtt=self._around.mqtt(),
            open_tickets=self._around.open_tickets(),
            playing=self._around.playing(),
            alarms=tuple(self._around.alarms()),
            devices=self._around.devices(),
            venue_id=self._around.venue_id,
        )
        return answer(reply)

    async def metrics(self, _request: web.Request) -> web.Response:
        """`GET /metrics`."""
        self._unsynced = await self._around.unsynced()
        return web.Response(body=generate_latest(self._registry), headers={"Content-Type": "text/plain"})

    def collect(self) -> list[GaugeMetricFamily]:
        """Gauges, read when Prometheus asks."""
        link, unsynced = self._around.link(), self._unsynced
        values = {
            "holdfast_journal_seq": ("Last fact on disk", self._writer.durable_seq),
            "holdfast_unsynced_facts": ("Facts the cloud does not have yet", unsynced.facts),
            "holdfast_unsynced_minor": ("Value of unsynced orders, minor units", unsynced.value_minor),
            "holdfast_link_up": ("1 while facts flow to the cloud", int(link.state != "down")),
            "holdfast_phones": ("Open table sockets", len(self._phones)),
            "holdfast_storage_ok": ("1 while the journal can be written", int(self._writer.failure is None)),
            "holdfast_alarms": ("Open alarms", len(self._around.alarms())),
        }
        return [GaugeMetricFamily(name, text, value) for name, (text, value) in values.items()]
