"""The box's own state in one word, and since when a thing has been so."""

from pathlib import Path
from typing import Any

import pytest

from edge.core.commands import ConfigureVenue
from edge.effects.alarms import Alarm, Alarms
from edge.effects.gauges import Gauges
from edge.effects.kitchen.printing import printer_alarm
from edge.effects.kitchen.printing_plan import Condition
from edge.journal.board import KitchenBoard
from edge.journal.floor import Floor
from tests.open_box import OpenBox
from tests.sample_venue import PS5, config, now

CALM = {"disk_used_percent": 40.0, "temperature_c": 50.0}


class Place:
    """A furnished box whose machine and printers say what a test wants."""

    def __init__(self, box: OpenBox) -> None:
        self.box = box
        self.second = 100
        self.machine = dict(CALM)
        self.printers = [Condition("Bar", False, None, 0)]
        self.mqtt = "off"
        self.alarms = Alarms()
        self.floor = Floor(box.reader, box.hot)
        self.gauges = Gauges(
            clock=lambda: now(self.second),
            machine=lambda: self.machine,
            writer=box.writer,
            hot=box.hot,
            floor=self.floor,
            board=KitchenBoard(box.reader, box.hot, box.clock),
            alarms=self.alarms,
            printers=lambda: self.printers,
            mqtt=lambda: self.mqtt,
        )

    def read(self, thing: str) -> Any:
        """One of the readings."""
        return next(each for each in self.gauges() if each.thing == thing)


@pytest.mark.parametrize(
    ("figures", "state", "words"),
    [
        ({}, "well", ""),
        ({"disk_used_percent": 81.0}, "shaky", "Its disk is filling up."),
        ({"disk_used_percent": 96.0, "temperature_c": 85.0}, "alarmed", "Its disk is full."),
        ({"temperature_c": 85.0}, "shaky", "It is too hot."),
    ],
)
async def test_the_box_in_one_word(tmp_path: Path, figures: dict[str, float], state: str, words: str) -> None:
    async with OpenBox(tmp_path) as box:
        place = Place(box)
        place.machine |= figures
        told = place.read("box")
        assert (told.state, told.words) == (state, words)
        box.writer.failure = "disk I/O error"
        assert place.read("box").words == "It cannot write: disk I/O error"


async def test_readings_tell_their_age_and_since_when_it_has_been_so(tmp_path: Path) -> None:
    async with OpenBox(tmp_path) as box:
        await box.accept(ConfigureVenue(config()))
        place = Place(box)
        measured_s = now(place.second).mono_ns / 1e9
        place.floor.note(PS5, health={"plug": "well"}, power_w=61.0, energy_wh=5.0, measured_s=measured_s)
        plug = place.read(f"plug:{PS5}")
        assert (plug.state, plug.figures, plug.age_ms) == ("well", {"power_w": 61.0, "energy_wh": 5.0}, 0)
        place.second += 30
        plug = place.read(f"plug:{PS5}")
        assert (plug.age_ms, plug.since_ms) == (30_000, 30_000)
        place.floor.note(PS5, health={"plug": "lost"})
        plug = place.read(f"plug:{PS5}")
        assert (plug.state, plug.since_ms) == ("lost", 0)


async def test_a_printer_that_nobody_used_is_not_called_well(tmp_path: Path) -> None:
    async with OpenBox(tmp_path) as box:
        place = Place(box)
        assert place.read("printer:Bar").state == "unknown"
        place.printers = [Condition("Bar", False, 90.0, 0)]
        assert place.read("printer:Bar").state == "well"
        place.printers = [Condition("Bar", True, None, 2)]
        place.alarms.raise_(Alarm(printer_alarm("Bar"), "printer_stopped", "Bar is out of paper.", 1, {}))
        told = place.read("printer:Bar")
        assert (told.state, told.words, told.figures) == ("alarmed", "Bar is out of paper.", {"waiting": 2.0})


async def test_a_name_that_nobody_could_keep_is_told_so_that_it_can_be(tmp_path: Path) -> None:
    async with OpenBox(tmp_path) as box:
        place = Place(box)
        place.printers = [Condition("", True, None, 0), Condition("x" * 500, True, None, 0)]
        readings = place.gauges()
        assert [len(each.name) for each in readings if each.kind == "printer"] == [len("printer:"), 120]


async def test_a_broker_is_told_where_there_is_one(tmp_path: Path) -> None:
    async with OpenBox(tmp_path) as box:
        place = Place(box)
        assert "broker" not in {each.thing for each in place.gauges()}
        place.mqtt = "no answer in time"
        assert (place.read("broker").state, place.read("broker").words) == ("lost", "no answer in time")
