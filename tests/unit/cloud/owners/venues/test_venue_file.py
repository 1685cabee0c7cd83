"""Venue files: the sample works, mistakes are told in words, secrets do not stay in clear."""

import json
import secrets
from pathlib import Path
from typing import Any

import msgspec
import pytest
from argon2 import PasswordHasher

from cloud.owners.samples import sample
from cloud.owners.venues.venue_file import BadVenueFile, check, configure, load, with_printer
from protocol.facts.venue import PrinterConfig
from protocol.identity import pass_word_digest

PRINTER: dict[str, Any] = {"name": "Grill", "address": "10.0.0.7:9100"}
SAMPLE: dict[str, Any] = json.loads(sample("venue.json").read_text())


def test_the_sample_is_the_venue_of_the_demo() -> None:
    file = load(sample("venue.json"))
    assert [*file.tables] == [f"T{number}" for number in range(1, 13)]
    assert [station.id for station in file.stations] == ["kitchen", "bar"]
    ana = file.staff[0]
    assert (ana.user, ana.pin, ana.role) == ("ana", "2468", "manager")
    assert {person.role for person in file.staff} == {"manager", "waiter", "cook"}
    assert (file.pass_word, file.currency) == ("coffee", "EUR")


def test_what_the_box_is_told_has_no_secret_in_clear() -> None:
    config = configure(load(sample("venue.json")), "Mole", "v", 7, secrets.token_bytes)
    raw = msgspec.json.encode(config)
    assert b"2468" not in raw
    assert b"coffee" not in raw
    assert config.pass_word_hash == pass_word_digest(7, "Coffee ")
    assert PasswordHasher().verify(config.staff[0].pin_hash, "2468")
    assert len({table.code for table in config.tables}) == 12


def test_a_printer_named_on_the_command_line_serves_everybody() -> None:
    file = with_printer(load(sample("venue.json")), "Kitchen printer", "10.0.0.7:9100")
    check(file, "the venue")
    (printer,) = configure(file, "Mole", "v", 7, secrets.token_bytes).printers
    assert printer == PrinterConfig(
        "Kitchen printer", "10.0.0.7:9100", stations=("kitchen", "bar"), receipts=True
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"tables": []}, "at least one table"),
        ({"tables": ["T1", "T1"]}, "two tables"),
        ({"stations": []}, "at least one kitchen station"),
        ({"stations": [{"id": "The Bar", "name": "Bar"}]}, "small letters"),
        ({"staff": [{"user": "a", "name": "A", "role": "king", "pin": "1234"}]}, "a role is one of"),
        ({"staff": [{"user": "a", "name": "A", "role": "cook", "pin": "12"}]}, "a PIN is 4 digits"),
        ({"pass_word": " "}, "pass word"),
        ({"currency": "euro"}, "like EUR"),
        ({"printers": [PRINTER, PRINTER]}, "two printers"),
        ({"printers": [{**PRINTER, "address": ""}]}, "host:port"),
        ({"printers": [{**PRINTER, "width_mm": 210}]}, "58 or 80"),
        ({"printers": [{**PRINTER, "stations": ["cellar"]}]}, "not there"),
        ({"printers": [{**PRINTER, "fallback": "Bar"}]}, "name of another"),
        ({"printers": [{**PRINTER, "tickets": "some"}]}, "every or unacknowledged"),
        ({"play": {"bookings": {"deposit_minor": -1}}}, "not below zero"),
        ({"play": {"bookings": {"grace_minutes": 0}}}, "5 to 1440"),
        ({"tables": "T1"}, "Expected `array`"),
        ({"colour": "red"}, "unknown field"),
    ],
)
def test_mistakes_are_told_in_words(tmp_path: Path, change: dict[str, Any], words: str) -> None:
    file = tmp_path / "venue.json"
    file.write_text(json.dumps({**SAMPLE, **change}))
    with pytest.raises(BadVenueFile, match=words):
        load(file)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(BadVenueFile, match="cannot be read"):
        load(tmp_path / "nowhere.json")
    (tmp_path / "x.json").write_text("{")
    with pytest.raises(BadVenueFile):
        load(tmp_path / "x.json")
