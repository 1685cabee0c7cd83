"""A station as the venue knows it: who plays there, and whether it is out of service.

At most one play session at a time: a second one meets a station that is taken. Whether an agent or a plug
answers at this moment is telemetry and no fact. Every event tells the whole standing, so the newest fact
alone says how a station is, however many guests it has had (`fold.restored`).

    free --StationTaken--> taken --StationFreed--> free
"""

import msgspec

from protocol.facts.fact import Fact, ImpossibleFact, Row, shape

#: Whether the station is taken -> events that may come.
TRANSITIONS: dict[str, dict[str, str]] = {
    "free": {
        "StationTaken": "taken",
        "MaintenanceBegun": "free",
        "MaintenanceEnded": "free",
        "StationDescribed": "free",
    },
    "taken": {
        "StationFreed": "free",
        "MaintenanceBegun": "taken",
        "MaintenanceEnded": "taken",
        "StationDescribed": "taken",
    },
}


class Standing(msgspec.Struct, frozen=True, omit_defaults=True):
    """How it stands. `agent`, `os` and `specs` (JSON) are what a PC's agent said of itself last."""

    session_id: str | None = None
    maintenance: bool = False
    agent: str = ""
    os: str = ""
    specs: str = "{}"


class StationTaken(msgspec.Struct, frozen=True, tag=True):
    """A play session has it."""

    stands: Standing


class StationFreed(msgspec.Struct, frozen=True, tag=True):
    """The session ended or moved away."""

    stands: Standing


class MaintenanceBegun(msgspec.Struct, frozen=True, tag=True):
    """Staff took it out of service (seed 003 §9)."""

    stands: Standing


class MaintenanceEnded(msgspec.Struct, frozen=True, tag=True):
    """It is back in service."""

    stands: Standing


class StationDescribed(msgspec.Struct, frozen=True, tag=True):
    """Its agent told what machine it is (seed 003 §5)."""

    stands: Standing


StationEvent = StationTaken | StationFreed | MaintenanceBegun | MaintenanceEnded | StationDescribed


class Station(msgspec.Struct, frozen=True):
    """The state that the events fold into."""

    version: int
    station_id: str
    stands: Standing
    changed_ms: int


def aggregate_of(station_id: str) -> str:
    """`station:{id}`."""
    return f"station:{station_id}"


def changed(station: Station | None, event: StationEvent, fact: Fact[StationEvent]) -> Station:
    """The station as the event tells it. Without a state before it there is nothing to hold it against."""
    name = type(event).__name__
    before = station.stands if station is not None else Standing()
    if (station is not None or fact.version == 1) and name not in TRANSITIONS[_occupied(before)]:
        raise ImpossibleFact(f"{name} on {fact.aggregate}")
    return Station(fact.version, fact.aggregate.partition(":")[2], event.stands, fact.wall_ms)


def _occupied(stands: Standing) -> str:
    return "taken" if stands.session_id else "free"


EVOLVE = {
    StationTaken: changed,
    StationFreed: changed,
    MaintenanceBegun: changed,
    MaintenanceEnded: changed,
    StationDescribed: changed,
}

SHAPES = (
    shape(
        "play_stations",
        "station_id",
        "station_id session_id maintenance:bool agent os specs changed_ms:int version:int",
    ),
)


def rows(station: Station, _fact: Fact[StationEvent]) -> list[Row]:
    """The station's row."""
    stands = station.stands
    told = stands.session_id, stands.maintenance, stands.agent, stands.os, stands.specs
    return [("play_stations", (station.station_id, *told, station.changed_ms, station.version))]
