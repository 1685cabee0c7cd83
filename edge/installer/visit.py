"""How the installer's last visit to each expected device ended: `fitted.json` in the data directory.

The report names from it what the profile expects and the venue has not got. Tests of devices in service are
the box's own affair (`edge/effects/devices/trial_book.py`).
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal, Protocol, TypeVar

import msgspec

from edge.core.devices.fitting import in_service
from edge.journal.database import give_to_owner
from edge.journal.handover import ExpectedLine
from edge.journal.hot import Hot
from edge.provision import expected
from edge.provision.expected import ExpectedDevice, ExpectedList
from protocol.devices import DevicesReply, LastTrial
from protocol.facts.venue import VenueConfig

FILE_NAME = "fitted.json"
Outcome = Literal["adopted", "serving", "failed"]
S = TypeVar("S", bound="Serving")


class Serving(Protocol):
    """A device in service, as a fact or as the box tells it."""

    @property
    def id(self) -> str: ...

    @property
    def kind(self) -> str: ...

    @property
    def name(self) -> str: ...

    @property
    def station_id(self) -> str | None: ...


class Names(msgspec.Struct, frozen=True):
    """Ids of the venue's stations by name and by id: to play at, and of the kitchen."""

    play: dict[str, str]
    kitchen: dict[str, str]


def names_of(config: VenueConfig) -> Names:
    """The names that people may use for the venue's stations."""
    play, kitchen = config.play.stations, config.stations
    return Names(
        {key: each.id for each in play for key in (each.name, each.id)},
        {key: each.id for each in kitchen for key in (each.name, each.id)},
    )


class Fitted(msgspec.Struct, frozen=True, omit_defaults=True):
    """One expected thing: `adopted` now, `serving` already, or `failed` with `code` and `words`."""

    title: str
    kind: str
    outcome: Outcome
    at_ms: int
    device_id: str = ""
    url: str = ""
    tested: LastTrial | None = None
    code: str = ""
    words: str = ""


def write(directory: Path, fitted: Iterable[Fitted]) -> None:
    """Keep the newest visit of each. Raises `OSError`."""
    kept = {each.title: each for each in (*read(directory).values(), *fitted)}
    scratch = directory / f"{FILE_NAME}.new"
    scratch.write_bytes(msgspec.json.format(msgspec.json.encode(kept)))
    give_to_owner(scratch)
    scratch.replace(directory / FILE_NAME)


def read(directory: Path) -> dict[str, Fitted]:
    """By title; empty where nobody was, or where what was kept cannot be read."""
    try:
        return msgspec.json.decode((directory / FILE_NAME).read_bytes(), type=dict[str, Fitted])
    except (OSError, msgspec.DecodeError):
        return {}


def serving(device: ExpectedDevice, there: Iterable[S], names: Names) -> S | None:
    """The device in service that this one is, by what it is known by, else by what it serves or is called."""
    rows = [each for each in there if each.kind == device.kind]
    if device.key:
        return next((each for each in rows if each.id == device.key), None)
    if device.kind == "plug":
        station_id = names.play.get(device.station)
        return next((each for each in rows if each.station_id == station_id), None)
    return next((each for each in rows if each.name == device.name), None)


def missing(
    wanted: ExpectedList, there: Iterable[Serving], names: Names, visits: Mapping[str, Fitted]
) -> tuple[ExpectedLine, ...]:
    """What is expected and does not serve, with how the last visit to it ended."""
    serves = list(there)
    lost = [each for each in wanted.devices if serving(each, serves, names) is None]
    return tuple(_line(each.title, visits.get(each.title)) for each in lost)


def failed(reply: DevicesReply) -> tuple[ExpectedLine, ...]:
    """What serves, or should, and did not pass its last test."""
    tried = [(each.name, each.tested) for each in reply.devices]
    tried += [(f"Kitchen {station}", last) for station, last in reply.kitchen.items()]
    return tuple(
        ExpectedLine(name, f"failed its test at '{last.failed}': {last.why} ({last.code})", last.at_ms)
        for name, last in tried
        if last is not None and last.failed
    )


def missing_here(directory: Path, hot: Hot, list_path: Path) -> tuple[ExpectedLine, ...]:
    """What this box's own list expects and has not got. Raises `BadList`."""
    venue = hot.committed_venue()
    if venue is None:
        return ()
    adopted = in_service(hot).values()
    return missing(expected.read(list_path), adopted, names_of(venue.config), read(directory))


def _line(title: str, last: Fitted | None) -> ExpectedLine:
    if last is None or last.outcome != "failed":
        return ExpectedLine(title, "not looked for yet")
    return ExpectedLine(title, f"{last.words} ({last.code})", last.at_ms)
