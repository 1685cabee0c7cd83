"""Devices that a profile expects: what cannot be meant is named, and what is laid down is read back whole."""

from pathlib import Path

import pytest

from edge.provision import expected
from edge.provision.profile import BadProfile, parse

GOOD = b'name = "Bar"\nversion = "0.1.0"\n'
PLUG = b'[[device]]\nkind = "plug"\nstation = "PS5-1"\nmac = "A8:03:2A:12:34:56"\n'
ROUTER = b'[[device]]\nkind = "router"\nname = "Hall"\naddress = "https://192.168.1.1"\npassword = "sesame"\n'


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (b'[[device]]\nkind = "toaster"\n', "toaster"),
        (b'[[device]]\nkind = "plug"\nstation = "PS5-1"\n', "mac, its serial or its address"),
        (b'[[device]]\nkind = "plug"\nmac = "A8032A123456"\n', "a plug switches one"),
        (PLUG.replace(b"A8:03", b"A8:0"), "mac"),
        (PLUG + b"receipts = true\n", "only a printer"),
        (PLUG + b'machines = { "PS5-1" = "A8032A123456" }\n', "only a router"),
        (ROUTER + b'machines = { "PS5-1" = "the second one" }\n', "is no MAC"),
        (ROUTER + b'station = "PS5-1"\n', "station"),
        (ROUTER.replace(b'name = "Hall"\n', b""), "what people call it"),
        (ROUTER.replace(b"192.168.1.1", b"8.8.8.8"), "none of the venue's"),
        (ROUTER.replace(b"192.168.1.1", b"["), "none of the venue's"),
        (PLUG + PLUG, "two of them have the mac"),
        (PLUG + PLUG.replace(b"56", b"57"), "two of them have the station PS5-1"),
        (ROUTER + ROUTER.replace(b"1.1", b"1.2"), "two of them have the name Hall"),
        (ROUTER + b'colour = "red"\n', "colour"),
    ],
)
def test_what_cannot_be_meant_is_named(text: bytes, named: str) -> None:
    with pytest.raises(BadProfile, match=named):
        parse(GOOD + text)


def test_a_list_is_read_as_it_was_laid_down(tmp_path: Path) -> None:
    profile = parse(GOOD + PLUG + ROUTER)
    path = tmp_path / "devices.json"
    path.write_bytes(expected.encode(profile.device, ("grill",)))
    assert expected.read(path) == expected.ExpectedList(profile.device, ("grill",))
    assert [each.key for each in profile.device] == ["A8032A123456", ""]
    assert expected.read(tmp_path / "nowhere.json") == expected.ExpectedList()
    path.write_bytes(b'{"devices": [{}]}')
    with pytest.raises(expected.BadList, match=r"devices\.json"):
        expected.read(path)
