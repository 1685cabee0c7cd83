"""Addresses of brokers, and how long to wait before the next attempt."""

import pytest

from edge.adapters.kitchen.mqtt import (
    FIRST_WAIT_S,
    MOST_WAIT_S,
    BadBrokerAddress,
    BrokerAddress,
    address_of,
    wait_s,
    with_password,
)


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("mqtt://box:pw@10.0.0.2:1884", BrokerAddress("10.0.0.2", 1884, "box", "pw")),
        ("mqtt://broker.lan", BrokerAddress("broker.lan", 1883)),
        ("mqtt://a%40b:p%3Aw%2F@broker/", BrokerAddress("broker", 1883, "a@b", "p:w/")),
        ("mqtts://broker.lan", BrokerAddress("broker.lan", 8883, tls=True)),
        ("mqtt://[::1]:1900", BrokerAddress("::1", 1900)),
    ],
)
def test_addresses(url: str, address: BrokerAddress) -> None:
    assert address_of(url) == address


@pytest.mark.parametrize(
    "url",
    [
        "",
        "broker:1883",
        "http://broker",
        "mqtt://",
        "mqtt://b:port",
        "mqtt://b:99999",
        "mqtt://b/topic",
        "mqtt://..",
    ],
)
def test_what_is_no_address_is_said_to_be_none(url: str) -> None:
    with pytest.raises(BadBrokerAddress, match=r".+"):
        address_of(url)


@pytest.mark.parametrize("password", ["secret", "p@ss/w:rd#%", "ключ"])
def test_a_password_from_elsewhere_arrives_as_it_is(password: str) -> None:
    address = address_of(with_password("mqtt://b%40x@[::1]:1884", password))
    assert address == BrokerAddress("::1", 1884, "b@x", password, False)


def test_a_password_without_a_user_is_refused() -> None:
    with pytest.raises(BadBrokerAddress, match="no user"):
        with_password("mqtt://b:1883", "secret")


def test_waits_double_up_to_a_limit_and_are_drawn_from_all_of_it() -> None:
    assert wait_s(0, 0.0) == 0.0
    assert wait_s(0, 1.0) == FIRST_WAIT_S
    assert wait_s(1, 1.0) == 2 * FIRST_WAIT_S
    assert wait_s(1, 0.5) == FIRST_WAIT_S
    assert wait_s(1_000_000, 1.0) == MOST_WAIT_S
