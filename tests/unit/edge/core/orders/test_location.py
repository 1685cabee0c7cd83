"""Who is at the venue: subnets, proxies, fences and readings of all kinds (contract.md, 'Location')."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.core.commands import ConfigureVenue, PlaceOrder
from edge.core.orders.location import Origin, client_address, distance_m, elsewhere
from protocol.facts.venue import Fence, LocationConfig
from protocol.whereabouts import Gps
from tests.sample_venue import add, config, join, opening, say_word
from tests.unit.edge.core.script import Script

HARBOUR = Fence(53.5436, 9.9665, 80.0)
INSIDE, STREET, TOWN = Gps(53.5437, 9.9667, 12.0), Gps(53.5446, 9.9665, 12.0), Gps(53.56, 9.99, 12.0)
LAN = Origin("192.168.1.20")
ABROAD = Origin("203.0.113.9")
PROXY = ("127.0.0.1/32", "10.9.0.0/16")


def refused(policy: str, origin: Origin | None, gps: Gps | None) -> str | None:
    """The words, or None for somebody who is there."""
    settings = {"policy": policy, "fence": HARBOUR}
    found = elsewhere(LocationConfig(**settings), origin, gps)  # type: ignore[arg-type]
    assert found is None or (found.code, found.status) == ("not_at_venue", 403)
    return found.message if found else None


@pytest.mark.parametrize(
    ("policy", "origin", "gps", "there"),
    [
        ("off", None, None, True),
        ("off", ABROAD, TOWN, True),
        ("ip", LAN, None, True),
        ("ip", LAN, TOWN, True),
        ("ip", ABROAD, INSIDE, False),
        ("ip", None, INSIDE, False),
        ("gps", ABROAD, INSIDE, True),
        ("gps", LAN, None, False),
        ("gps", LAN, TOWN, False),
        ("either", LAN, TOWN, True),
        ("either", ABROAD, INSIDE, True),
        ("either", ABROAD, TOWN, False),
        ("either", None, None, False),
    ],
)
def test_policies(policy: str, origin: Origin | None, gps: Gps | None, there: bool) -> None:
    assert (refused(policy, origin, gps) is None) == there


@pytest.mark.parametrize(
    ("policy", "gps", "help_with"),
    [
        ("ip", INSIDE, "Wi-Fi"),
        ("gps", None, "let your phone say where it is"),
        ("gps", Gps(53.5437, 9.9667, 900.0), "near a window"),
        ("gps", TOWN, "inside the venue"),
        ("either", None, "Wi-Fi, then order again, or let your phone"),
    ],
)
def test_a_refusal_says_what_would_help(policy: str, gps: Gps | None, help_with: str) -> None:
    assert help_with in (refused(policy, ABROAD, gps) or "")


@pytest.mark.parametrize(
    ("metres", "accuracy_m", "there"),
    [
        (0.0, 0.0, True),
        (79.0, 0.0, True),
        (81.0, 0.0, False),
        (110.0, 40.0, True),
        (130.0, 40.0, False),
        (200.0, 150.0, True),
        (10.0, 150.5, False),
        (10.0, float("inf"), False),
        (10.0, float("nan"), False),
    ],
)
def test_a_readings_circle_has_to_touch_the_fence_and_be_small(
    metres: float, accuracy_m: float, there: bool
) -> None:
    north = HARBOUR.lat + metres / 111_195.08
    assert (refused("gps", None, Gps(north, HARBOUR.lon, accuracy_m)) is None) == there


def test_without_a_fence_nobody_is_inside() -> None:
    assert elsewhere(LocationConfig("gps"), LAN, INSIDE) is not None


@pytest.mark.parametrize(
    ("peer", "header", "expected"),
    [
        ("192.168.1.20", "", "192.168.1.20"),
        ("203.0.113.9", "192.168.1.20", "203.0.113.9"),
        ("127.0.0.1", "192.168.1.20", "192.168.1.20"),
        ("127.0.0.1", "192.168.1.20, 203.0.113.9", "203.0.113.9"),
        ("127.0.0.1", "192.168.1.20, 203.0.113.9, 10.9.0.4", "203.0.113.9"),
        ("127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", "10.9.0.4", "10.9.0.4"),
        ("127.0.0.1", "192.168.1.20, unknown", None),
        ("127.0.0.1", "192.168.1.20:51000", "192.168.1.20"),
        ("127.0.0.1", '"[fd00::7]:443"', "fd00::7"),
        ("127.0.0.1", "fd00::7", "fd00::7"),
        ("::ffff:192.168.1.20", "", "192.168.1.20"),
        ("fe80::1%eth0", "", "fe80::1"),
        ("", "", None),
    ],
)
def test_only_a_trusted_proxy_is_believed(peer: str, header: str, expected: str | None) -> None:
    address = client_address(Origin(peer, header), PROXY)
    assert (str(address) if address else None) == expected


def test_an_endless_header_is_not_read_to_its_end() -> None:
    header = ",".join(["192.168.1.20"] + ["10.9.0.4"] * 50_000)
    assert str(client_address(Origin("127.0.0.1", header), PROXY)) == "10.9.0.4"


def test_a_subnet_that_cannot_be_read_lets_nobody_in() -> None:
    assert elsewhere(LocationConfig("ip", subnets=("all of them",)), LAN, None) is not None
    assert elsewhere(LocationConfig("ip", subnets=("nonsense", "192.168.1.7/24")), LAN, None) is None


@given(st.text(max_size=40), st.text(max_size=60))
def test_no_text_is_at_the_venue_by_accident(peer: str, header: str) -> None:
    policy = LocationConfig("ip", subnets=("198.51.100.7/32",), trusted_proxies=("127.0.0.1/32",))
    if "198.51.100.7" not in peer + header and "c633" not in (peer + header).lower():
        assert elsewhere(policy, Origin(peer, header), None) is not None


@pytest.mark.parametrize(
    ("one", "other", "metres"),
    [
        ((0, 0), (0, 0), 0),
        ((0, 0), (0, 1), 111_195),
        ((0, 179.9995), (0, -179.9995), 111.2),
        ((90, 0), (90, 135), 0),
        ((0, 0), (0, 180), 20_015_114),
        ((53.5436, 9.9665), (53.5511, 9.9937), 1_982),
    ],
)
def test_distances(one: tuple[float, float], other: tuple[float, float], metres: float) -> None:
    assert distance_m(*one, *other) == pytest.approx(metres, rel=0.005, abs=0.01)
    assert distance_m(*other, *one) == pytest.approx(metres, rel=0.005, abs=0.01)


def test_an_order_from_elsewhere_is_refused_before_the_cart_is_looked_at() -> None:
    venue = Script(*opening(), join("chinu"), say_word(), add())
    venue.do(ConfigureVenue(config(location=LocationConfig("ip"))))
    assert venue.code(PlaceOrder("s1", "chinu", cart_hash="0" * 64, origin=ABROAD)) == "not_at_venue"
    assert venue.code(PlaceOrder("s1", "chinu")) == "not_at_venue"
    assert venue.do(PlaceOrder("s1", "chinu", origin=LAN))
