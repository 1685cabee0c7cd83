"""Is somebody who orders at the venue? Told from the network they come from, and from what their phone says.

Neither is proof against a liar with patience; both keep out who scanned a photograph of the code at home
(seed 001). The policy is the venue's (contract.md, Guests):

    off      anywhere
    ip       the address is in one of the venue's subnets
    gps      the reading is inside the fence
    either   one of the two is enough

An address is that of the connection, unless the connection is a trusted proxy's: then it is the nearest one
in X-Forwarded-For that no trusted proxy has. What stands before that in the header anybody could have
written. A reading's circle of uncertainty has to touch the fence; readings vaguer than the fence allows
count as none, because a circle that is large enough touches everything.

Pure. Whatever cannot be understood lets nobody in.
"""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from math import asin, cos, radians, sin, sqrt

import msgspec

from protocol.errors import Refusal, refuse
from protocol.facts.venue import Fence, LocationConfig
from protocol.whereabouts import Gps

#: Mean radius of the earth, IUGG.
EARTH_M = 6_371_008.8
#: Proxies in a row that are looked at; a longer header is nonsense or an attack.
MOST_HOPS = 20

Address = IPv4Address | IPv6Address


class Origin(msgspec.Struct, frozen=True):
    """Where a request came from: the address of its connection and its X-Forwarded-For headers, joined."""

    peer: str
    forwarded_for: str = ""


def elsewhere(config: LocationConfig, origin: Origin | None, gps: Gps | None) -> Refusal | None:
    """`not_at_venue` with the policy and what would help, in words; None for somebody who is there."""
    if config.policy == "off":
        return None
    if config.policy in ("ip", "either") and _on_the_network(config, origin):
        return None
    words = "Please connect to the venue's Wi-Fi, then order again."
    if config.policy in ("gps", "either"):
        outside = _outside(config.fence, gps)
        if outside is None:
            return None
        words = outside if config.policy == "gps" else f"{words[:-1]}, or let your phone say where it is."
    return refuse("not_at_venue", words, detail={"policy": config.policy})


def _on_the_network(config: LocationConfig, origin: Origin | None) -> bool:
    address = client_address(origin, config.trusted_proxies) if origin else None
    return address is not None and _within(address, config.subnets)


def client_address(origin: Origin, trusted_proxies: tuple[str, ...]) -> Address | None:
    """The nearest address that is not a trusted proxy's; None when that cannot be told."""
    address = _address(origin.peer)
    hops = origin.forwarded_for.split(",") if origin.forwarded_for else []
    for hop in reversed(hops[-MOST_HOPS:]):
        if address is None or not _within(address, trusted_proxies):
            return address
        address = _address(hop)
    return address


def _address(text: str) -> Address | None:
    """An address as proxies write it: with a port, in brackets, with a zone, or as IPv4 mapped into IPv6."""
    text = text.strip().strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def _within(address: Address, subnets: tuple[str, ...]) -> bool:
    for subnet in subnets:
        try:
            network = ip_network(subnet, strict=False)
        except ValueError:
            continue
        if address in network:
            return True
    return False


def _outside(fence: Fence | None, gps: Gps | None) -> str | None:
    """Why a reading does not count, in words for the guest; None if it is inside."""
    if gps is None or fence is None:
        return "Please let your phone say where it is, then order again."
    if not gps.accuracy_m <= fence.most_accuracy_m:
        return "Your phone does not know well enough where it is; please try again near a window."
    if distance_m(fence.lat, fence.lon, gps.lat, gps.lon) - gps.accuracy_m > fence.radius_m:
        return "Orders can only be placed from inside the venue."
    return None


def distance_m(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    """Metres between two places, by the haversine formula; within 0.5 % of the true earth."""
    north, east = radians(other_lat - lat), radians(other_lon - lon)
    chord = sin(north / 2) ** 2 + cos(radians(lat)) * cos(radians(other_lat)) * sin(east / 2) ** 2
    return 2 * EARTH_M * asin(min(1.0, sqrt(chord)))
