"""The catalogue holds rows that can be found, and each row names something the house can talk to."""

import pytest

from firmware_profiles.catalogue.plugs import PLUGS, find_plug, nonce_rules
from firmware_profiles.catalogue.printers import PRINTERS, find_printer
from firmware_profiles.catalogue.routers import ROUTERS, find_router, software_of
from firmware_profiles.catalogue.version import version_of


def test_every_row_is_found_by_its_model_and_no_model_stands_twice() -> None:
    assert [find_plug(row.model) for row in PLUGS] == list(PLUGS)
    assert [find_router(row.model) for row in ROUTERS] == list(ROUTERS)
    assert [find_printer(row.model) for row in PRINTERS] == list(PRINTERS)


def test_an_unknown_model_is_nobody() -> None:
    assert find_plug("SHBLB-1") is None
    assert find_router("WRT54G") is None
    assert find_printer("LQ-2550") is None


@pytest.mark.parametrize(
    ("firmware", "version"),
    [
        ("2.0.0-beta1", (2, 0, 0)),
        ("1.7.5", (1, 7, 5)),
        ("20230913-113421/v1.14.0-gcb84623", (1, 14, 0)),
        ("14.2.0(tasmota)", (14, 2, 0)),
        ("nonsense", (0, 0, 0)),
        ("", (0, 0, 0)),
    ],
)
def test_versions_are_read_as_vendors_write_them(firmware: str, version: tuple[int, int, int]) -> None:
    assert version_of(firmware) == version


def test_nonces_live_an_hour_from_firmware_two_on() -> None:
    assert nonce_rules("1.7.5").life_s is None
    rules = nonce_rules("2.0.0")
    assert (rules.life_s, rules.slots, rules.throttle_s) == (3600.0, 32, 2.0)
    assert nonce_rules("2.3.1") is rules


@pytest.mark.parametrize(
    ("version", "login", "dialect", "says_empty"),
    [
        ("6.42.12 (long-term)", "challenge", "routeros_api", False),
        ("6.49.17 (stable)", "plain", "routeros_api", False),
        ("7.16.2 (stable)", "plain", "routeros_rest", False),
        ("7.9rc5", "plain", "routeros_rest", False),
        ("7.18beta2", "plain", "routeros_rest", True),
        ("7.20.1 (stable)", "plain", "routeros_rest", True),
    ],
)
def test_the_software_decides_how_a_router_is_spoken_to(
    version: str, login: str, dialect: str, says_empty: bool
) -> None:
    software = software_of("mikrotik", version)
    assert software is not None
    assert (software.login, software.dialects[0], software.says_empty) == (login, dialect, says_empty)


def test_unknown_router_software_is_nobody() -> None:
    assert software_of("acme", "1.0") is None
    assert software_of("mikrotik", "5.26") is None
    assert software_of("mikrotik", "") is None
