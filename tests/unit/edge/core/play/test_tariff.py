"""Prices: minutes, steps, packages, happy hours over midnight, and nothing for a clock nobody trusts."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from edge.core.clock import Now
from edge.core.play.tariff import local_time, played_minor, price_minor
from protocol.facts.play_config import HappyHour, Package, PlayConfig, Tariff

BERLIN = ZoneInfo("Europe/Berlin")
PLAIN = Tariff("plain", 600)
FULL = Tariff(
    "full",
    600,
    minimum_minor=150,
    step_minutes=15,
    packages=(Package("three hours", 180, 1500), Package("an hour", 60, 700)),
    happy_hours=(HappyHour("22:00", "02:00", 300, ("fri",)),),
)
FRIDAY = datetime(2026, 3, 6, 12, 0, tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("tariff", "minutes", "price"),
    [
        (PLAIN, 60, 600),
        (PLAIN, 1, 10),
        (Tariff("odd", 100), 1, 2),
        (Tariff("free", 0), 60, 0),
        (FULL, 1, 150),
        (FULL, 16, 300),
        (FULL, 60, 600),
        (FULL, 180, 1500),
        (FULL, 181, 1950),
    ],
)
def test_minutes_steps_minimum_and_packages(tariff: Tariff, minutes: int, price: int) -> None:
    assert price_minor(tariff, minutes * 60, FRIDAY) == price


@pytest.mark.parametrize(
    ("begins", "minutes", "price"),
    [
        (FRIDAY.replace(hour=22), 60, 300),
        (FRIDAY.replace(hour=21, minute=30), 60, 450),
        (FRIDAY.replace(hour=23, minute=30), 60, 300),
        (FRIDAY + timedelta(hours=13), 60, 300),
        (FRIDAY + timedelta(hours=13, minutes=30), 60, 450),
        (FRIDAY - timedelta(hours=11), 60, 600),
        (FRIDAY + timedelta(hours=34), 60, 600),
        (None, 60, 600),
    ],
)
def test_happy_hours_belong_to_the_day_on_which_they_begin(
    begins: datetime | None, minutes: int, price: int
) -> None:
    assert price_minor(FULL, minutes * 60, begins) == price


def test_a_happy_hour_may_last_all_day() -> None:
    always = Tariff("always", 600, happy_hours=(HappyHour("09:00", "09:00", 60),))
    assert price_minor(always, 24 * 3600, FRIDAY) == 24 * 60


def test_played_time_is_never_dearer_than_a_package_that_covers_it() -> None:
    assert played_minor(FULL, 170 * 60, None) == 1500
    assert played_minor(FULL, 10 * 60, None) == 150


def test_nobody_knows_what_time_it_is_by_a_clock_that_is_not_trusted() -> None:
    assert local_time(Now("b", 1, 1_772_794_800_000, False), "Europe/Berlin") is None
    known = local_time(Now("b", 1, 1_772_794_800_000, True), "Europe/Berlin")
    assert known == FRIDAY


def test_the_first_tariff_of_a_zone_counts() -> None:
    rules = PlayConfig(tariffs=(Tariff("vip", 900, zones=("vip",)), PLAIN))
    assert rules.tariff("vip") == rules.tariffs[0]
    assert rules.tariff("") == PLAIN
    assert PlayConfig().tariff("") is None
