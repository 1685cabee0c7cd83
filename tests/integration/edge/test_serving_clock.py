"""Phones are told when the hour of a dish begins and ends, once each, by the venue's clock on a real disk."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest

from edge.core.clock import Now
from edge.core.commands import AdoptMenu, ConfigureVenue
from edge.effects.orders.serving import MOST_REST_S, ServingClock
from protocol.facts.menu import Menu, MenuItem
from protocol.serving_hours import ServingHours
from tests.open_box import OpenBox, until
from tests.sample_venue import config, menu, now

#: The sample's clock shows 22:13:20 on a Tuesday.
SUPPER = ServingHours("22:15", "23:00", ("tue",))
_MINUTE_S = 60


def with_supper(version: int = 1, hours: ServingHours = SUPPER) -> Menu:
    plain = menu(version)
    supper = MenuItem(60, "Supper", "Mains", 900, "", "grill", hours=(hours,))
    return msgspec.structs.replace(plain, items=(*plain.items, supper))


class Wall:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.second = 0
        self.trusted = True

    def __call__(self) -> Now:
        return msgspec.structs.replace(now(self.second), clock_trusted=self.trusted)


class Scene(NamedTuple):
    """A box that serves supper, a wall clock, and what phones were told."""

    box: OpenBox
    wall: Wall
    clock: ServingClock
    told: list[int]

    def at(self, second: int) -> list[int]:
        """What is told when somebody looks at that second."""
        self.wall.second = second
        before = len(self.told)
        self.clock.look()
        return self.told[before:]


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    async with OpenBox(tmp_path) as box:
        await box.accept(ConfigureVenue(config()))
        await box.accept(AdoptMenu(with_supper()))
        wall, told = Wall(), list[int]()
        clock = ServingClock(box.hot, wall, told.append)
        box.writer.listen(clock.hear)
        yield Scene(box, wall, clock, told)


async def test_each_end_of_a_window_is_told_once(scene: Scene) -> None:
    begins, ends = 100, 100 + 45 * _MINUTE_S
    assert scene.at(begins - 1) == []
    assert scene.at(begins) == [1]
    assert scene.at(begins + 1) == []
    assert scene.at(ends - 1) == []
    assert scene.at(ends) == [1]
    assert scene.at(ends + _MINUTE_S) == []


async def test_a_wall_clock_that_steps_is_told_like_any_other_change(scene: Scene) -> None:
    assert scene.at(10 * _MINUTE_S) == [1]
    assert scene.at(0) == [1]


async def test_it_rests_until_the_next_change_and_never_too_long(scene: Scene) -> None:
    scene.wall.second = 99
    assert scene.clock.rest_s() == 1
    scene.wall.second = 0
    assert scene.clock.rest_s() == MOST_REST_S
    scene.wall.trusted = False
    scene.wall.second = 99
    assert scene.clock.rest_s() == MOST_REST_S


async def test_while_nobody_knows_the_time_all_is_served_and_then_it_is_told(scene: Scene) -> None:
    scene.wall.trusted = False
    assert scene.at(0) == [1]
    scene.wall.trusted = True
    assert scene.at(1) == [1]


async def test_another_menu_is_looked_at_anew_and_not_told_twice(scene: Scene) -> None:
    always = with_supper(2, ServingHours("00:00", "00:00"))
    await scene.box.accept(AdoptMenu(always))
    assert scene.at(1) == []
    await scene.box.accept(AdoptMenu(with_supper(3)))
    assert scene.at(100) == [3]


async def test_it_wakes_by_itself(scene: Scene) -> None:
    async with asyncio.TaskGroup() as group:
        running = group.create_task(scene.clock.run())
        scene.wall.second = 99
        await scene.box.accept(AdoptMenu(with_supper(2)))
        scene.wall.second = 100
        await until(lambda: scene.told == [2])
        running.cancel()
