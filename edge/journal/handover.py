"""What an installer leaves behind on paper: what box this is and what it serves, read from its own journal.

Nothing secret is in it: PINs and pass words are on the box as digests only, so no paper can give them away,
whether they were changed since or not. Counterparts: `edge/web/installing/handover_page.py`,
`handover_paper.py`.
"""

import sqlite3
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version

import msgspec

from edge.journal.database import Box, read_box, read_head
from edge.journal.hot import Hot
from protocol.devices import LastTrial
from protocol.facts.venue import VenueConfig


class ServiceState(msgspec.Struct, frozen=True):
    """A systemd unit: whether it runs, and how exposed it is (0 safe to 10), where that was measured."""

    name: str
    active: str
    exposure: float | None = None


class DeviceLine(msgspec.Struct, frozen=True):
    """A device in service since `since_ms`. `tested` is its last test on this box; None for one that another
    box took into service, where it had passed, too."""

    name: str
    kind: str
    model: str
    firmware: str
    mac: str
    serves: str
    since_ms: int
    tested: LastTrial | None = None


class KitchenLine(msgspec.Struct, frozen=True):
    """A kitchen station; `tested` says whether a test ticket came back, None where nobody tried."""

    name: str
    tested: LastTrial | None = None


class ExpectedLine(msgspec.Struct, frozen=True):
    """A device that the box's profile expects, and how the installer's last visit to it ended."""

    name: str
    words: str
    at_ms: int | None = None


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
    kitchen: tuple[KitchenLine, ...]
    devices: tuple[DeviceLine, ...]
    missing: tuple[ExpectedLine, ...] = ()
    services: tuple[ServiceState, ...] = ()
    findings: tuple[str, ...] = ()


_DEVICES = """
    SELECT device_id, name, kind, model, firmware, mac, station_id, serves, changed_ms FROM devices
    WHERE state = 'adopted' ORDER BY kind, name
"""


def gather(
    reader: sqlite3.Connection,
    hot: Hot,
    fingerprint: str,
    address: str,
    now_ms: int,
    trials: Mapping[str, LastTrial],
) -> Handover | None:
    """The report of a box that serves a venue; None for one that serves nobody. Raises `sqlite3.Error`.

    `trials` are the last tests by device id, and of kitchen stations by `kitchen:` and theirs.
    """
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
        kitchen=tuple(KitchenLine(each.name, trials.get(f"kitchen:{each.id}")) for each in config.stations),
        devices=tuple(_device(row, config, trials) for row in reader.execute(_DEVICES)),
    )


_Row = tuple[str, str, str, str, str, str, str | None, str, int]


def _device(row: _Row, config: VenueConfig, trials: Mapping[str, LastTrial]) -> DeviceLine:
    serves = _serves(row[6], msgspec.json.decode(row[7], type=_Serves), config)
    return DeviceLine(*row[1:6], serves, row[8], trials.get(row[0]))


class _Serves(msgspec.Struct):
    machines: dict[str, str]
    stations: tuple[str, ...]
    receipts: bool


def _serves(station_id: str | None, served: _Serves, config: VenueConfig) -> str:
    """What a device is there for, in the venue's own names."""
    play = {each.id: each.name for each in config.play.stations}
    kitchen = {each.id: each.name for each in config.stations}
    words = [play.get(station_id, station_id)] if station_id else []
    words += [f"{play.get(key, key)} ({mac})" for key, mac in served.machines.items()]
    words += [f"tickets of {kitchen.get(key, key)}" for key in served.stations]
    words += ["receipts"] if served.receipts else []
    return ", ".join(words)


def _cloud(box: Box) -> str:
    return box.cloud_url or ""


def _release() -> str:
    try:
        return version("holdfast")
    except PackageNotFoundError:
        return "not installed"
