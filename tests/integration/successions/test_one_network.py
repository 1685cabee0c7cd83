"""Two boxes of one venue on its network and no internet: the one that was replaced steps down by itself."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.adapters.cloud.link import CloudLink
from edge.config import Config
from edge.effects.afar.rivals import announcement
from edge.journal import succession
from edge.journal.database import bind, open_reader, open_writer, read_head
from edge.wiring.app import EdgeApp
from firmware_profiles.emulators.announcing import LOOPBACK
from protocol.facts.fact import renewed
from protocol.snapshot import Carried, Claimed, Manifest, Numbers
from tests.open_box import OpenBox, until

VENUE = "018f0000-0000-7000-8000-0000000000aa"
NOWHERE = "http://127.0.0.1:9"


async def sold(directory: Path) -> tuple[int, bytes]:
    """A box of the first epoch that has sold something; where its journal ends."""
    async with OpenBox(directory) as box:
        await box.opened()
        bind(box.connection, VENUE, 1, NOWHERE)
    reader = open_reader(directory)
    head = read_head(reader)
    reader.close()
    return head


def succeeded(directory: Path, end: tuple[int, bytes]) -> None:
    """A new box whose log goes on where the cloud's copy of the old one ended."""
    connection = open_writer(directory, 0)
    (log_id,) = connection.execute("SELECT log_id FROM box").fetchone()
    connection.close()
    base = renewed(end[1], log_id)
    nothing: Iterator[tuple[Carried, ...]] = iter(())
    manifest = Manifest(end[0], base, 0, Numbers(), (), ())
    succession.settle(directory, Claimed(VENUE, 7, 2, end[0], base), NOWHERE, manifest, nothing)


def box_at(directory: Path) -> EdgeApp:
    return EdgeApp(Config(directory=directory, host=LOOPBACK, port=0, mdns=LOOPBACK))


def link_of(box: EdgeApp) -> CloudLink:
    assert box.link is not None
    return box.link


def alarms_of(box: EdgeApp) -> list[str]:
    return [alarm.code for alarm in box.alarms.current()]


async def test_a_replaced_box_without_internet_steps_down_when_it_hears_its_successor(tmp_path: Path) -> None:
    end = await sold(tmp_path / "old")
    succeeded(tmp_path / "new", end)
    old, new = box_at(tmp_path / "old"), box_at(tmp_path / "new")
    async with new.serving():
        async with old.serving():
            async with asyncio.timeout(60):
                await link_of(old).turned.wait()
            assert link_of(old).replaced_by == 2
            assert "has taken this one's place" in link_of(old).state.message
            await until(lambda: "older_box" in alarms_of(new), 60_000)
        assert link_of(new).replaced_by == 0
        await until(lambda: "older_box" not in alarms_of(new), 60_000)


async def test_whoever_cannot_prove_it_closes_no_venue(tmp_path: Path) -> None:
    end = await sold(tmp_path / "old")
    succeeded(tmp_path / "liar", (end[0], b"x" * 32))
    old, liar = box_at(tmp_path / "old"), box_at(tmp_path / "liar")
    async with old.serving(), liar.serving():
        await until(lambda: "unproven_box" in alarms_of(old), 60_000)
        assert link_of(old).replaced_by == 0
        assert not link_of(old).turned.is_set()


@pytest.mark.parametrize("venue", ["", VENUE])
async def test_a_box_says_of_its_place_what_there_is_to_say(tmp_path: Path, venue: str) -> None:
    connection = open_writer(tmp_path, 0)
    if venue:
        bind(connection, venue, 1, NOWHERE)
    connection.close()
    box = box_at(tmp_path)
    assert announcement(box.box, box.reader).get("venue", "") == venue
    await box.books.close()
