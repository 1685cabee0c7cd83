"""What the demo says about itself: the line of JSON of contract.md, 'Commands', and the same for people.

Process ids change when something is started again, so the control address makes this anew at every
question.
"""

from collections.abc import Mapping

import msgspec

from edge.demo.addresses import LOOPBACK
from edge.demo.children import Child
from edge.demo.hardware import DEVICES
from edge.demo.record import Founded, Record, Station


class Table(msgspec.Struct, frozen=True):
    """A table's card: `url` is what its QR code says."""

    code: str
    name: str
    url: str


class ConsoleStation(msgspec.Struct, frozen=True):
    """A console behind an emulated plug, which answers at `plug`."""

    id: str
    name: str
    kind: str
    plug: str


class PcStation(msgspec.Struct, frozen=True):
    """A gaming PC; its agent signs in with `agent_token`."""

    id: str
    name: str
    kind: str
    agent_token: str


class StaffLogin(msgspec.Struct, frozen=True):
    """A member of staff who may do everything on the box."""

    user: str
    pin: str


class OwnerLogin(msgspec.Struct, frozen=True):
    """Who sees the venue in the cloud."""

    email: str
    password: str


class Announcement(msgspec.Struct, frozen=True):
    """All addresses and logins. `mqtt` is for kitchen devices; `pids` holds what runs now."""

    edge: str
    cloud: str
    mqtt: str
    postgres: str
    venue_id: str
    restaurant_id: str
    pass_word: str
    tables: tuple[Table, ...]
    stations: tuple[ConsoleStation | PcStation, ...]
    router: str
    printer: str
    staff: StaffLogin
    owner: OwnerLogin
    control: str
    pids: dict[str, int]


def announce(
    record: Record, founded: Founded, children: Mapping[str, Child], edge_url: str, mqtt_url: str
) -> Announcement:
    """Everything as it is now."""
    manager = next(person for person in founded.staff if person.role == "manager")
    router, printer, postgres = (children[name].words for name in ("router", "printer", "postgres"))
    return Announcement(
        edge=edge_url,
        cloud=f"http://{LOOPBACK}:{record.ports['cloud']}",
        mqtt=mqtt_url,
        postgres=postgres["url"],
        venue_id=founded.venue_id,
        restaurant_id=str(founded.restaurant_id),
        pass_word=founded.pass_word,
        tables=tuple(Table(each.code, each.name, f"{edge_url}/t/{each.code}") for each in founded.tables),
        stations=tuple(_station(each, record, children) for each in founded.play_stations),
        router=router["url"],
        printer=f"tcp://{printer['host']}:{printer['port']}",
        staff=StaffLogin(manager.user, manager.pin),
        owner=OwnerLogin(record.owner_email, record.owner_password),
        control=f"http://{LOOPBACK}:{record.ports['control']}",
        pids=_pids(children),
    )


def _station(station: Station, record: Record, children: Mapping[str, Child]) -> ConsoleStation | PcStation:
    if station.kind == "pc":
        return PcStation(station.id, station.name, station.kind, record.agent_tokens[station.id])
    device = next(each for each in DEVICES if each.station == station.name)
    return ConsoleStation(station.id, station.name, station.kind, children[device.name].words["url"])


def _pids(children: Mapping[str, Child]) -> dict[str, int]:
    pids = {name: child.pid for name, child in children.items()}
    pids["postgres"] = children["postgres"].words["pid"]  # the server, not its keeper
    # The box that belongs to nobody is no part of the venue.
    return {name: pid for name, pid in pids.items() if pid is not None and name != "kiosk"}
