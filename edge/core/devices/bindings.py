"""Which plug and which router enforce a station, and where they answer on the venue's network.

Kept in a file on the box and nowhere else: addresses mean nothing outside the venue, and pass words of
devices are nobody else's business. A station without any is watched by its agent alone.

Counterpart: `edge/effects/devices/premises.py` does what these say.
"""

import msgspec


class DeviceAddress(msgspec.Struct, frozen=True, omit_defaults=True):
    """A device: `dialect` names how it is spoken to, `url`, `user` and `password` how it is reached.

    `fingerprint` and `leased` are a router's: a pinned certificate, and whether it is trusted with an end of
    its own (`edge/wiring/dialects.py`).
    """

    dialect: str
    url: str
    user: str = "admin"
    password: str = ""
    model: str = ""
    fingerprint: str = ""
    leased: bool = True


class GateBinding(msgspec.Struct, frozen=True):
    """The machine with this MAC behind this router."""

    router: str
    mac: str


class StationBinding(msgspec.Struct, frozen=True, omit_defaults=True):
    """What enforces one station."""

    plug: DeviceAddress | None = None
    gate: GateBinding | None = None


class Bindings(msgspec.Struct, frozen=True, omit_defaults=True):
    """All of them: routers by name, stations by id."""

    routers: dict[str, DeviceAddress] = {}
    stations: dict[str, StationBinding] = {}

    def bound(self, station_id: str, binding: StationBinding) -> "Bindings":
        """With one station bound otherwise."""
        return msgspec.structs.replace(self, stations={**self.stations, station_id: binding})
