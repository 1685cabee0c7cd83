"""Stations that are played on and what an hour on them costs, as the owner configured them.

Part of the venue's configuration, so the cloud writes it and the box adopts it whole. Where a station's plug
answers on the venue's network is not told here: addresses and pass words of devices stay on the box
(`edge/core/devices/bindings.py`).

Counterpart: `edge/core/play/tariff.py` works prices out.
"""

from typing import Literal

import msgspec

from protocol.facts.booking_config import BookingRules
from protocol.station import WARN_AT_S, OffPolicy

Kind = Literal["pc", "console"]
Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAYS: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class PlayStation(msgspec.Struct, frozen=True, omit_defaults=True):
    """A PC with an agent, or a console behind a plug or a router. Stations of a `zone` share tariffs."""

    id: str
    name: str
    kind: Kind
    zone: str = ""


class Package(msgspec.Struct, frozen=True):
    """So many minutes for a price of their own, whatever the hour."""

    name: str
    minutes: int
    price_minor: int


class HappyHour(msgspec.Struct, frozen=True, omit_defaults=True):
    """Another price per hour from `begins` to `ends`, local time `HH:MM`; beyond midnight if that is later.

    `days` are those on which it begins; none named means all.
    """

    begins: str
    ends: str
    per_hour_minor: int
    days: tuple[Day, ...] = ()


class Tariff(msgspec.Struct, frozen=True, omit_defaults=True):
    """What play costs in `zones`; none named means everywhere. Sold in steps of `step_minutes`."""

    name: str
    per_hour_minor: int
    zones: tuple[str, ...] = ()
    minimum_minor: int = 0
    step_minutes: int = 1
    packages: tuple[Package, ...] = ()
    happy_hours: tuple[HappyHour, ...] = ()


class PlayConfig(msgspec.Struct, frozen=True, omit_defaults=True):
    """Stations, prices and house rules of play time.

    `off_policy` is what happens to paid time while the box has no power; `grace_s` is how long a console
    keeps its power after the paid end. Prices hold their tax, which is `tax_rate_bp`.
    """

    stations: tuple[PlayStation, ...] = ()
    tariffs: tuple[Tariff, ...] = ()
    off_policy: OffPolicy = "pause"
    grace_s: int = 30
    warn_at_s: tuple[int, ...] = WARN_AT_S
    tax_rate_bp: int = 0
    bookings: BookingRules = BookingRules()

    def station(self, station_id: str) -> PlayStation | None:
        """The station of that id."""
        return next((each for each in self.stations if each.id == station_id), None)

    def tariff(self, zone: str) -> Tariff | None:
        """The first tariff that holds in a zone."""
        return next((each for each in self.tariffs if not each.zones or zone in each.zones), None)
