"""Who takes orders and from where, as owners write it down: what no box could use is told at once."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from cloud.owners.venues.venue_file import BadVenueFile, configure, load
from protocol.facts.venue import Fence, LocationConfig, PosConfig, Simulation

VENUE = {
    "currency": "EUR",
    "pass_word": "coffee",
    "tables": ["T1"],
    "stations": [{"id": "grill", "name": "Grill"}],
}
FENCE = {"lat": 53.5436, "lon": 9.9665, "radius_m": 80}


def written(directory: Path, **more: Any) -> Path:
    """The file."""
    path = directory / "venue.json"
    path.write_bytes(msgspec.json.encode({**VENUE, **more}))
    return path


def test_what_is_not_said_is_the_box_itself_from_anywhere(tmp_path: Path) -> None:
    file = load(written(tmp_path))
    config = configure(file, "The Harbour", "venue-1", 7, bytes)
    assert (config.pos, config.location) == (PosConfig(), LocationConfig())


def test_it_reaches_the_box_as_written(tmp_path: Path) -> None:
    pos = {"kind": "webhook", "url": "https://till.local/holdfast", "timeout_s": 5}
    location = {
        "policy": "either",
        "subnets": ["192.168.8.0/24"],
        "fence": FENCE,
        "trusted_proxies": ["10.0.0.1"],
    }
    config = configure(
        load(written(tmp_path, pos=pos, location=location)), "The Harbour", "venue-1", 7, bytes
    )
    assert config.pos == PosConfig("webhook", "https://till.local/holdfast", 5.0)
    fence = Fence(53.5436, 9.9665, 80.0)
    assert config.location == LocationConfig("either", ("192.168.8.0/24",), fence, ("10.0.0.1",))
    training = load(written(tmp_path, pos={"kind": "simulator", "simulation": {"success": 1}}))
    assert training.pos == PosConfig("simulator", simulation=Simulation(success=1.0))


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"pos": {"kind": "webhook"}}, "pos.url"),
        ({"pos": {"kind": "webhook", "url": "ftp://till"}}, "pos.url"),
        ({"pos": {"kind": "webhook", "url": "https://"}}, "pos.url"),
        ({"pos": {"kind": "webhook", "url": "https://till/?key=1"}}, "pos.url"),
        ({"pos": {"kind": "carrier pigeon"}}, "Invalid enum value"),
        ({"pos": {"timeout_s": 0}}, "timeout_s"),
        ({"pos": {"timeout_s": 600}}, "timeout_s"),
        ({"pos": {"simulation": {"success": 90}}}, "simulation"),
        ({"pos": {"simulation": {"delay_s": -1}}}, "simulation"),
        ({"location": {"policy": "ip", "subnets": ["the Wi-Fi"]}}, "subnet"),
        ({"location": {"policy": "ip", "subnets": ["192.168.8.7/24"]}}, "subnet"),
        ({"location": {"policy": "off", "trusted_proxies": ["proxy"]}}, "subnet"),
        ({"location": {"policy": "ip", "subnets": []}}, "name the subnets"),
        ({"location": {"policy": "gps"}}, "where the venue is"),
        ({"location": {"policy": "gps", "fence": {**FENCE, "lat": 200}}}, "degrees"),
        ({"location": {"policy": "gps", "fence": {**FENCE, "radius_m": 0}}}, "degrees"),
        ({"location": {"policy": "here"}}, "Invalid enum value"),
    ],
)
def test_complaints(tmp_path: Path, settings: dict[str, Any], complaint: str) -> None:
    with pytest.raises(BadVenueFile, match=complaint):
        load(written(tmp_path, **settings))
