"""What an installer leaves behind on paper: what box this is and what it serves, read from its own journal.

Nothing secret is in it: PINs and pass words are on the box as digests only, so no paper can give them away,
whether they were changed since or not. Counterparts: `edge/web/handover_page.py`, `handover_paper.py`.
"""

import sqlite3
from importlib.metadata import PackageNotFoundError, version

import msgspec

from edge.journal.database import Box, read_box, read_head
from edge.journal.hot import Hot


class ServiceState(msgspec.Struct, frozen=True):
    """A systemd unit: whether it runs, and how exposed it is (0 safe to 10), where that was measured."""

    name: str
    active: str
    exposure: float | None = None


class DeviceLine(msgspec.Struct, frozen=True):
    """A device in service. It was taken into service because it passed its test; `since_ms` says when."""

    name: str
    kind: str
    model: str
    firmware: str
    mac: str
    serves: str
    since_ms: int


class TableCard(msgspec.Struct, frozen=True):
    """A table and where its code leads."""

    name: str
    address: str


class Handover(msgspec.Struct, frozen=True):
    """Everything that the paper says. `fingerprint` is the one that the dashboard shows when it is paired."""

    venue: str
    made_ms: int
    timezone: str
    node_id: str
    epoch: int
    fingerprint: str
    release: str
    cloud_url: str
    address: str
    facts: int
    tables: tuple[TableCard, ...]
    staff: tuple[tuple[str, str], ...]
    kitchen: tuple[str, ...]
    devices: tuple[DeviceLine, ...]
    services: tuple[ServiceState, ...] = ()
    findings: tuple[str, ...] = ()


_DEVICES = """
    SELECT name, kind, model, firmware, mac, coalesce(station_id, serves), changed_ms FROM devices
    WHERE state = 'adopted' ORDER BY kind, name
"""


def gather(
    reader: sqlite3.Connection, hot: Hot, fingerprint: str, address: str, now_ms: int
) -> Handover | None:
    """The report of a box that serves a venue; None for one that serves nobody. Raises `sqlite3.Error`."""
    venue = hot.committed_venue()
    if venue is None:
        return None
    config, box = venue.config, read_box(reader)
    home = address.rstrip("/")
    return Handover(
        venue=config.name,
        made_ms=now_ms,
        timezone=config.timezone,
        node_id=box.node_id,
        epoch=box.epoch,
        fingerprint=fingerprint,
        release=_release(),
        cloud_url=_cloud(box),
        address=home,
        facts=read_head(reader)[0],
        tables=tuple(TableCard(table.name, f"{home}/t/{table.code}") for table in config.tables),
        staff=tuple((person.name, person.role) for person in config.staff),
        kitchen=tuple(station.name for station in config.stations),
        devices=tuple(_device(row) for row in reader.execute(_DEVICES)),
    )


def _device(row: tuple[str, str, str, str, str, str, int]) -> DeviceLine:
    serves = row[5]
    return DeviceLine(*row[:5], serves="" if serves in ("{}", "[]") else serves[:60], since_ms=row[6])


def _cloud(box: Box) -> str:
    return box.cloud_url or ""


def _release() -> str:
    try:
        return version("holdfast")
    except PackageNotFoundError:
        return "not installed"
