"""Smart plugs and relays: a row per model, and a row per firmware generation where behaviour changed.

Sources: model codes and generations, github.com/home-assistant-libs/aioshelly `const.py`; Gen1 `type`
codes, shelly-api-docs.shelly.cloud/gen1; nonce rules of Gen2+ firmware 2.0,
shelly-api-docs.shelly.cloud/gen2/General/Authentication 'Nonce Tracking and Eviction' as quoted in
openhab-addons#21179, home-assistant/core#177257 and evcc#32836; oldest usable firmware, `*_MIN_FIRMWARE_DATE`
in that `const.py`; Tasmota names, the `NAME` of a template
on templates.blakadder.com. Ratings are those printed on the plugs.

Counterpart: `edge/adapters/devices/shelly_gen1.py`, `shelly_gen2.py`, `tasmota.py`.
"""

from dataclasses import dataclass

from firmware_profiles.catalogue.version import version_of


@dataclass(frozen=True, slots=True)
class PlugModel:
    """One model. `model` is what the device calls itself; `channels` relays, the first of which is used."""

    model: str
    name: str
    dialect: str
    most_power_w: int
    meter: bool = True
    channels: int = 1


@dataclass(frozen=True, slots=True)
class NonceRules:
    """How firmware from `since` on keeps digest nonces.

    `life_s` None: nonces live until the device restarts and their count is not looked at. With
    `slots` all taken, a request for a new nonce is answered 429 for `throttle_s`.
    """

    since: tuple[int, int, int]
    life_s: float | None = None
    slots: int | None = None
    uses: int | None = None
    throttle_s: float = 0.0


SHELLY_GEN2_NONCES = (
    NonceRules(since=(0, 0, 0)),
    NonceRules(since=(2, 0, 0), life_s=3600.0, slots=32, uses=30_000, throttle_s=2.0),
)

#: Firmware below this is too old to be relied on, by dialect; Shelly's plugs bring themselves up to date.
OLDEST_FIRMWARE = {"shelly_gen1": (1, 9, 0), "shelly_gen2": (1, 0, 0)}

#: HTTP connections a Gen2+ device serves at once, and it keeps none alive (Gen2 docs, 'RPC Channels').
SHELLY_GEN2_CHANNELS = 6

PLUGS = (
    # Shelly Gen1: HTTP with Basic authentication.
    PlugModel("SHPLG-S", "Shelly Plug S", "shelly_gen1", 2500),
    PlugModel("SHPLG-1", "Shelly Plug", "shelly_gen1", 3500),
    PlugModel("SHPLG2-1", "Shelly Plug E", "shelly_gen1", 3500),
    PlugModel("SHPLG-U1", "Shelly Plug US", "shelly_gen1", 1800),
    PlugModel("SHSW-PM", "Shelly 1PM", "shelly_gen1", 3500),
    PlugModel("SHSW-1", "Shelly 1", "shelly_gen1", 3500, meter=False),
    PlugModel("SHSW-25", "Shelly 2.5", "shelly_gen1", 2300, channels=2),
    # Shelly Gen2, Gen3, Gen4: RPC with digest authentication.
    PlugModel("SNPL-00112EU", "Shelly Plus Plug S", "shelly_gen2", 2500),
    PlugModel("SNPL-10112EU", "Shelly Plus Plug S (2nd)", "shelly_gen2", 2500),
    PlugModel("SNPL-00110IT", "Shelly Plus Plug IT", "shelly_gen2", 2300),
    PlugModel("SNPL-00112UK", "Shelly Plus Plug UK", "shelly_gen2", 2500),
    PlugModel("SNPL-00116US", "Shelly Plus Plug US", "shelly_gen2", 1800),
    PlugModel("SNSW-001P16EU", "Shelly Plus 1PM", "shelly_gen2", 3500),
    PlugModel("SNSW-001X16EU", "Shelly Plus 1", "shelly_gen2", 3500, meter=False),
    PlugModel("SPSW-001PE16EU", "Shelly Pro 1PM", "shelly_gen2", 3500),
    PlugModel("SPSW-201PE16EU", "Shelly Pro 1PM (3rd)", "shelly_gen2", 3500),
    PlugModel("SPSW-004PE16EU", "Shelly Pro 4PM", "shelly_gen2", 3500, channels=4),
    PlugModel("S3PL-00112EU", "Shelly Plug S Gen3", "shelly_gen2", 2500),
    PlugModel("S3PL-10112EU", "Shelly AZ Plug", "shelly_gen2", 2500),
    PlugModel("S3PL-20112EU", "Shelly Outdoor Plug S Gen3", "shelly_gen2", 2500),
    PlugModel("S3PL-30116EU", "Shelly Plug PM Gen3", "shelly_gen2", 3500),
    PlugModel("S3PL-30110EU", "Shelly Plug M Gen3", "shelly_gen2", 2500, meter=False),
    PlugModel("S3SW-001P16EU", "Shelly 1PM Gen3", "shelly_gen2", 3500),
    PlugModel("S4SW-001P16EU", "Shelly 1PM Gen4", "shelly_gen2", 3500),
    PlugModel("S4PL-00116US", "Shelly Plug US Gen4", "shelly_gen2", 1800),
    PlugModel("S4PL-00416EU", "Shelly Power Strip 4 Gen4", "shelly_gen2", 3500, channels=4),
    # Tasmota: whatever it was flashed on.
    PlugModel("NOUS A1T", "Nous A1T", "tasmota", 3500),
    PlugModel("Athom Plug V2", "Athom Plug V2", "tasmota", 3500),
    PlugModel("Sonoff S31", "Sonoff S31", "tasmota", 1800),
    PlugModel("Gosund SP1 v23", "Gosund SP1", "tasmota", 3500),
    PlugModel("Sonoff S2X", "Sonoff S20 / S26", "tasmota", 2200, meter=False),
)

_BY_MODEL = {row.model: row for row in PLUGS}


def find_plug(model: str) -> PlugModel | None:
    """The row for a model code, None for one the catalogue does not hold."""
    return _BY_MODEL.get(model)


def nonce_rules(firmware: str) -> NonceRules:
    """The newest row not younger than this firmware."""
    version = version_of(firmware)
    return next(row for row in reversed(SHELLY_GEN2_NONCES) if row.since <= version)


def too_old(dialect: str, firmware: str) -> bool:
    """Whether a plug has to be brought up to date first. An unreadable version is taken as it comes."""
    version = version_of(firmware)
    return (0, 0, 0) < version < OLDEST_FIRMWARE.get(dialect, (0, 0, 0))
