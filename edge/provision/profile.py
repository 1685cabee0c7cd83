"""What an installer writes about a box before it exists: a TOML file, checked before anything is touched.

    name = "Bar Central"            # shown on reports
    [board]   kind = "pi5"          # pi4 | pi5 | x86-64
    [network] guests = ["192.168.20.0/24"]

Every other entry has a default that suits a box on an existing network. `docs/install.md` shows them all.
"""

import ipaddress
import re
import tomllib
from pathlib import Path
from typing import Literal

import msgspec

from edge.provision import expected
from edge.provision.expected import ExpectedDevice
from protocol.upgrade import VERSION

HOSTNAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
DEVICE_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
DNS_NAME = re.compile(r"(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")
TIMEZONE = re.compile(r"[A-Za-z_]+(/[A-Za-z0-9_+-]+){0,2}")
KEY = re.compile(r"[A-Za-z0-9+/]{43}=")

BoardKind = Literal["pi4", "pi5", "x86-64"]


class BadProfile(ValueError):
    """The file cannot be used; the message names the entry and what would be right."""


class Board(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The machine. `data_device` is a partition with an ext4 file system of its own for the journal."""

    kind: BoardKind = "pi5"
    data_device: str | None = None


class AccessPoint(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A Wi-Fi that the box itself spans, for venues without one of their own."""

    ssid: str
    passphrase: str
    country: str
    interface: str = "wlan0"
    channel: int = 6
    address: str = "192.168.77.1/24"


class Network(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who may reach what. Empty lists mean every private address."""

    guests: tuple[str, ...] = ()
    devices: tuple[str, ...] = ()
    admins: tuple[str, ...] = ()
    access_point: AccessPoint | None = None


class KitchenDevice(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An MQTT user of its own for each kitchen device, held to the topics of its station."""

    name: str
    station: str


class Cloud(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the box belongs; without it the venue is served unpaired."""

    url: str


class Profile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One box. `version` is the release to install; `dns_name` is what QR codes carry.

    `release_key` is the public key (base64) of those whose later releases the box may run.
    """

    name: str
    version: str
    hostname: str = "holdfast"
    dns_name: str | None = None
    timezone: str = "Etc/UTC"
    venue_id: str | None = None
    board: Board = Board()
    network: Network = Network()
    cloud: Cloud | None = None
    kitchen: tuple[KitchenDevice, ...] = ()
    device: tuple[ExpectedDevice, ...] = ()
    release_key: str | None = None

    @property
    def private_networks(self) -> tuple[str, ...]:
        """What counts as inside where the installer named nothing."""
        return ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")


def load(path: Path) -> Profile:
    """Read and check a profile. Raises `BadProfile`."""
    try:
        text = path.read_bytes()
    except OSError as error:
        raise BadProfile(f"{path}: {error.strerror}") from None
    return parse(text, str(path))


def parse(text: bytes, source: str = "profile") -> Profile:
    """A checked profile from TOML. Raises `BadProfile`."""
    try:
        profile = msgspec.convert(tomllib.loads(text.decode()), Profile)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise BadProfile(f"{source}: {error}") from None
    for wrong in faults(profile):
        raise BadProfile(f"{source}: {wrong}")
    return profile


def faults(profile: Profile) -> list[str]:
    """What is wrong with a profile, a sentence each. Every value here ends up in a file that root reads."""
    wrong = []
    if not profile.name.strip() or not profile.name.isprintable():
        wrong.append("name: write the venue's name on one line")
    for entry, value, shape, example in (
        ("version", profile.version, VERSION, "0.1.0"),
        ("hostname", profile.hostname, HOSTNAME, "holdfast"),
        ("timezone", profile.timezone, TIMEZONE, "Europe/Berlin"),
        ("dns_name", profile.dns_name, DNS_NAME, "box.bar-central.example"),
        ("release_key", profile.release_key, KEY, "what `holdfast-provision keygen` prints"),
        ("venue_id", profile.venue_id, DEVICE_NAME, "01890a5d-ac96-774b-bcce-b302099a8057"),
    ):
        if value is not None and not (shape.fullmatch(value) and len(value) <= 253):
            wrong.append(f"{entry}: {value!r} cannot be used; an example is {example}")
    wrong += [*_network_faults(profile.network), *_kitchen_faults(profile.kitchen)]
    wrong += expected.faults(profile.device)
    device = profile.board.data_device
    if device is not None and not re.fullmatch(r"/dev/[A-Za-z0-9/_.:-]+|LABEL=[A-Za-z0-9_-]+", device):
        wrong.append(f"board.data_device: {device!r} is no device; examples are /dev/sda1 and LABEL=holdfast")
    if profile.cloud is not None and not re.fullmatch(r"https?://[A-Za-z0-9.:\[\]/_-]+", profile.cloud.url):
        wrong.append(f"cloud.url: {profile.cloud.url!r} is no http(s) address")
    return wrong


def _network_faults(network: Network) -> list[str]:
    wrong = []
    for entry in ("guests", "devices", "admins"):
        for each in getattr(network, entry):
            try:
                ipaddress.ip_network(each)
            except ValueError as error:
                wrong.append(f"network.{entry}: {error}")
    return wrong + (_access_point_faults(network.access_point) if network.access_point else [])


def _access_point_faults(point: AccessPoint) -> list[str]:
    wrong = []
    if not 1 <= len(point.ssid.encode()) <= 32 or not point.ssid.isprintable():
        wrong.append("network.access_point.ssid: 1 to 32 bytes on one line")
    if not 8 <= len(point.passphrase) <= 63 or not (
        point.passphrase.isascii() and point.passphrase.isprintable()
    ):
        wrong.append("network.access_point.passphrase: 8 to 63 plain characters")
    if not re.fullmatch(r"[A-Z]{2}", point.country):
        wrong.append("network.access_point.country: two capital letters, because radio rules differ")
    if not re.fullmatch(r"[a-z][a-z0-9]{1,14}", point.interface):
        wrong.append("network.access_point.interface: a name such as wlan0")
    if point.channel not in range(1, 14):
        wrong.append("network.access_point.channel: 1 to 13")
    try:
        interface = ipaddress.IPv4Interface(point.address)
    except ValueError as error:
        return [*wrong, f"network.access_point.address: {error}"]
    if not 8 <= interface.network.prefixlen <= 28 or interface.ip == interface.network.network_address:
        wrong.append("network.access_point.address: an address with its prefix, such as 192.168.77.1/24")
    return wrong


def _kitchen_faults(devices: tuple[KitchenDevice, ...]) -> list[str]:
    wrong = [
        f"kitchen: {value!r} cannot be a name; use a-z, 0-9, - and _"
        for device in devices
        for value in (device.name, device.station)
        if not DEVICE_NAME.fullmatch(value)
    ]
    names = [device.name for device in devices]
    if len(set(names)) < len(names) or "holdfast" in names:
        wrong.append("kitchen: each device needs a name of its own, and `holdfast` is taken by the box")
    return wrong
