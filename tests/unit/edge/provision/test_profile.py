"""A profile that cannot be used is refused with the entry named, before any machine is touched."""

from pathlib import Path

import pytest

from edge.provision.profile import BadProfile, load, parse

GOOD = b'name = "Bar"\nversion = "0.1.0"\n'


def test_the_least_profile_is_enough() -> None:
    profile = parse(GOOD)
    assert (profile.hostname, profile.board.kind, profile.cloud) == ("holdfast", "pi5", None)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (b'version = "0.1.0"\n', "name"),
        (b'name = " "\nversion = "0.1.0"\n', "name"),
        (b'name = "a\\nb"\nversion = "0.1.0"\n', "name"),
        (b'name = "Bar"\nversion = "newest"\n', "version"),
        (b'name = "Bar"\nversion = "0.1.0; rm -rf /"\n', "version"),
        (GOOD + b'hostname = "-x"\n', "hostname"),
        (GOOD + b'hostname = "a b"\n', "hostname"),
        (GOOD + b'timezone = "../../etc/shadow"\n', "timezone"),
        (GOOD + b'dns_name = "box"\n', "dns_name"),
        (GOOD + b'colour = "red"\n', "colour"),
        (GOOD + b'[board]\nkind = "pi3"\n', "pi3"),
        (GOOD + b'[board]\ndata_device = "sda1"\n', "data_device"),
        (GOOD + b'[network]\nguests = ["192.168.1.5/24"]\n', "network.guests"),
        (GOOD + b'[network]\ndevices = ["all"]\n', "network.devices"),
        (GOOD + b'[cloud]\nurl = "cloud.example"\n', "cloud.url"),
        (GOOD + b'[cloud]\nurl = "https://a b"\n', "cloud.url"),
        (GOOD + b'[[kitchen]]\nname = "Hot"\nstation = "hot"\n', "kitchen"),
        (GOOD + b'[[kitchen]]\nname = "holdfast"\nstation = "hot"\n', "holdfast"),
        (GOOD + b'[[kitchen]]\nname = "a"\nstation = "#"\n', "kitchen"),
        (GOOD + 2 * b'[[kitchen]]\nname = "a"\nstation = "hot"\n', "kitchen"),
        (b"\xff", "profile"),
        (b"name = ", "profile"),
    ],
)
def test_what_is_wrong_is_named(text: bytes, named: str) -> None:
    with pytest.raises(BadProfile, match=named):
        parse(text)


@pytest.mark.parametrize(
    ("entry", "value"),
    [
        ("ssid", '""'),
        ("ssid", '"a\\u0007b"'),
        ("ssid", '"' + 33 * "x" + '"'),
        ("passphrase", '"short"'),
        ("passphrase", '"line\\nbreak12"'),
        ("country", '"Germany"'),
        ("interface", '"wlan0; reboot"'),
        ("channel", "14"),
        ("address", '"192.168.77.0/24"'),
        ("address", '"192.168.77.1"'),
    ],
)
def test_an_access_point_that_no_radio_would_span_is_named(entry: str, value: str) -> None:
    entries = {"ssid": '"Bar"', "passphrase": '"correct horse"', "country": '"DE"', entry: value}
    lines = "".join(f"{key} = {each}\n" for key, each in entries.items())
    with pytest.raises(BadProfile, match=f"access_point.{entry}"):
        parse(GOOD + b"[network.access_point]\n" + lines.encode())


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadProfile, match=r"nowhere\.toml"):
        load(tmp_path / "nowhere.toml")
