"""What the venue is: its tables, kitchen stations, staff and house rules, as the owner configured them.

The cloud writes this; the box adopts it whole, version by version, like a menu.
"""

from typing import Literal

import msgspec

from protocol.facts.card_config import OfflineCards
from protocol.facts.fact import Fact, Row, shape
from protocol.facts.play_config import PlayConfig
from protocol.facts.shop_config import ShopConfig
from protocol.serving_hours import ServingHours

#: Addresses that no router passes on to the internet: where guests are when they are on the venue's Wi-Fi.
PRIVATE_SUBNETS = (
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "169.254.0.0/16",
    "127.0.0.0/8",
    "fc00::/7",
    "fe80::/10",
    "::1/128",
)


class TableConfig(msgspec.Struct, frozen=True):
    """A table and the code printed on its card."""

    code: str
    name: str


class KitchenStation(msgspec.Struct, frozen=True):
    """A place that prepares food; `id` stands in MQTT topics and in menu items."""

    id: str
    name: str


class PrinterConfig(msgspec.Struct, frozen=True, omit_defaults=True):
    """A receipt or kitchen printer on the venue's network, known by `name`.

    `address` is `host:port`; `width_mm` 58 or 80; `model` a row of the catalogue, empty for any printer of
    that width. It prints the tickets of `stations`: `every` one, or the `unacknowledged` ones only, which a
    screen did not show in time. Where it cannot print, the printer named `fallback` does. `receipts` says
    that slips for guests come out here. `acknowledges` counts a ticket on paper as received by the kitchen,
    for kitchens without a screen.
    """

    name: str
    address: str
    width_mm: int = 80
    model: str = ""
    stations: tuple[str, ...] = ()
    tickets: str = "every"
    fallback: str = ""
    receipts: bool = False
    acknowledges: bool = False


class StaffAccount(msgspec.Struct, frozen=True, omit_defaults=True):
    """A person who works here. `pin_hash` is argon2id, so PINs can be checked with no internet."""

    user: str
    name: str
    role: str
    pin_hash: str


class Simulation(msgspec.Struct, frozen=True, omit_defaults=True):
    """How the simulated point of sale behaves (seed 002 §2D): `success` is the share of calls it takes."""

    delay_s: float = 3.0
    success: float = 0.9
    seed: int = 0


class PosConfig(msgspec.Struct, frozen=True, omit_defaults=True):
    """Who takes orders: the box itself (`builtin`), a till over HTTP at `url`, or a simulation for training.

    `timeout_s` is how long a till may take for one answer. What a till is told and answers is in
    docs/pos-webhook.md; the key that signs it never leaves the box.
    """

    kind: Literal["builtin", "webhook", "simulator"] = "builtin"
    url: str = ""
    timeout_s: float = 8.0
    simulation: Simulation = Simulation()


class Fence(msgspec.Struct, frozen=True, omit_defaults=True):
    """A circle around the venue, WGS 84. A reading vaguer than `most_accuracy_m` proves nothing."""

    lat: float
    lon: float
    radius_m: float
    most_accuracy_m: float = 150.0


class LocationConfig(msgspec.Struct, frozen=True, omit_defaults=True):
    """From where orders are taken: anywhere (`off`), from `subnets`, from inside `fence`, or either.

    `trusted_proxies` are subnets of proxies whose X-Forwarded-For is believed; nobody else's is.
    """

    policy: Literal["off", "ip", "gps", "either"] = "off"
    subnets: tuple[str, ...] = PRIVATE_SUBNETS
    fence: Fence | None = None
    trusted_proxies: tuple[str, ...] = ()


class VenueConfig(msgspec.Struct, frozen=True, omit_defaults=True):
    """One version of the whole configuration.

    `tax_inclusive` tells whether the menu's prices hold the tax. With `cash_rounding` an amount paid in coins
    is rounded to what coins can pay. `receipt_heading` stands on receipts below the name: address, tax id.
    `takeaway` says that guests may take their food away, `offline_cards` whether a card that only the
    terminal knows of counts. Guests may owe the venue `wallet_credit_cap_minor`
    together for what they spend beyond their balances while the cloud cannot be reached; 0 is nothing. A
    price once seen is held for `price_hold_minutes`, or until checkout where that is 0. `opening` is when
    guests are let in; without windows nobody has said, and nothing is done to the box by itself.
    """

    venue_id: str
    restaurant_id: int
    name: str
    currency: str
    pass_word_hash: str
    tables: tuple[TableConfig, ...]
    stations: tuple[KitchenStation, ...]
    staff: tuple[StaffAccount, ...] = ()
    timezone: str = "UTC"
    printers: tuple[PrinterConfig, ...] = ()
    pos: PosConfig = PosConfig()
    location: LocationConfig = LocationConfig()
    play: PlayConfig = PlayConfig()
    tax_inclusive: bool = True
    cash_rounding: bool = False
    receipt_heading: tuple[str, ...] = ()
    takeaway: bool = True
    shop: ShopConfig = ShopConfig()
    offline_cards: OfflineCards = OfflineCards()
    wallet_credit_cap_minor: int = 0
    price_hold_minutes: int = 0
    opening: tuple[ServingHours, ...] = ()


class VenueConfigured(msgspec.Struct, frozen=True, tag=True, omit_defaults=True):
    """From here on the venue is as `config` says. `down_seq` is its place in the cloud's config stream."""

    config: VenueConfig
    down_seq: int = 0


class Venue(msgspec.Struct, frozen=True):
    """The configuration in force, with tables by code and staff by user name."""

    version: int
    config: VenueConfig
    down_seq: int
    tables: dict[str, TableConfig]
    staff: dict[str, StaffAccount]


def configured(venue: Venue | None, event: VenueConfigured, fact: Fact[VenueConfigured]) -> Venue:
    """The configuration in force after `event`."""
    config = event.config
    return Venue(
        version=fact.version,
        config=config,
        down_seq=event.down_seq or (venue.down_seq if venue else 0),
        tables={table.code: table for table in config.tables},
        staff={account.user: account for account in config.staff},
    )


EVOLVE = {VenueConfigured: configured}


SHAPES = (shape("venue_configs", "version", "version:int body adopted_ms:int"),)


def rows(venue: Venue, fact: Fact[VenueConfigured]) -> list[Row]:
    """One row a version."""
    body = msgspec.json.encode(fact.event.config).decode()
    return [("venue_configs", (fact.version, body, fact.wall_ms))]
