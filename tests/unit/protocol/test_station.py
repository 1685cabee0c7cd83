"""Leases must be obeyed only when the box made them for this station; messages keep the seed's names."""

import msgspec
import pytest

from protocol import codec, station
from protocol.errors import Refused

KEY = station.lease_key("an agent's token")
LEASE = station.Lease("PC-1", "s1", epoch=1, seq=40, remaining_s=3600.0)


def test_a_lease_comes_out_as_it_went_in() -> None:
    assert station.open_lease(station.sign_lease(LEASE, KEY), KEY, "PC-1") == LEASE


def test_a_lease_of_another_key_is_rejected() -> None:
    signed = station.sign_lease(LEASE, station.lease_key("another token"))
    with pytest.raises(station.LeaseRejected) as rejected:
        station.open_lease(signed, KEY, "PC-1")
    assert rejected.value.code == "bad_signature"


@pytest.mark.parametrize("place", range(0, 120, 7))
def test_a_lease_with_one_changed_byte_is_rejected(place: int) -> None:
    signed = station.sign_lease(LEASE, KEY)
    text = signed.text[:place] + chr(ord(signed.text[place]) ^ 1) + signed.text[place + 1 :]
    with pytest.raises(station.LeaseRejected) as rejected:
        station.open_lease(station.SignedLease(text, signed.mac), KEY, "PC-1")
    assert rejected.value.code == "bad_signature"


@pytest.mark.parametrize("mac", ["", "zz", "é" * 64, "\ud800"])
def test_a_mac_that_is_no_mac_is_rejected(mac: str) -> None:
    with pytest.raises(station.LeaseRejected):
        station.open_lease(station.SignedLease(codec.encode(LEASE).decode(), mac), KEY, "PC-1")


def test_a_lease_for_the_neighbour_is_rejected() -> None:
    with pytest.raises(station.LeaseRejected) as rejected:
        station.open_lease(station.sign_lease(LEASE, KEY), KEY, "PC-2")
    assert rejected.value.code == "other_station"


def test_what_the_agent_says_has_the_names_of_the_seed() -> None:
    beat = station.Heartbeat(cpu=12.5, ram=40.0, active_session="s1", remaining_seconds=90)
    assert msgspec.json.decode(codec.encode(beat)) == {
        "type": "heartbeat",
        "cpu": 12.5,
        "ram": 40.0,
        "active_session": "s1",
        "remaining_seconds": 90,
    }


def test_the_bare_messages_of_the_contract_are_understood() -> None:
    assert station.from_box(
        '{"type":"session_start","session_id":"s","duration":60}'
    ) == station.SessionStart("s", 60)
    assert station.from_box('{"type":"no_session"}') == station.NoSession()
    assert station.from_agent('{"type":"sync_request","last_known_session":null}') == station.SyncRequest()
    assert station.from_agent('{"type":"ack","of":"session_stop"}') == station.AgentAck("session_stop")


@pytest.mark.parametrize(
    "raw", ["{}", '{"type":"agent_hello"}', '{"type":"ack"}', "[]", '{"type":"status_change","status":"ON"}']
)
def test_what_is_not_of_the_protocol_is_refused(raw: str) -> None:
    with pytest.raises(Refused):
        station.from_agent(raw)
