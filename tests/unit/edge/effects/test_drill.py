"""Drills on a clock of the test's own, and the report: true where something happened, silent where
nothing did.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from edge.core.afar.commands import BeginDrill
from edge.core.afar.link_state import LinkState
from edge.core.clock import Now
from edge.core.commands import AdvanceTicket
from edge.effects.afar.cut_off import SURE_S, CutOff
from edge.effects.afar.drill import Drills
from edge.effects.afar.drill_report import Premises, Seen, findings
from edge.effects.afar.valve import Valve
from edge.journal.writer import Committed
from protocol.facts.drill import Drill
from tests.open_box import OpenBox, until
from tests.sample_venue import add, join, now, place, say_word

WELL = Premises({"PS5-1 plug": "well"}, {"PC-1": True}, (), 12, 1250, "EUR")


async def _idle() -> None:
    """A link that does nothing until it is cut."""
    await asyncio.Event().wait()


class Drilled:
    """A box whose drills run on `second`, with a link that is what the test says."""

    def __init__(self, box: OpenBox) -> None:
        self.box = box
        self.second = 0
        self.state = LinkState("live", acked_seq=0)
        self.valve = Valve(_idle, lambda _why: None)
        self.drills = Drills(
            writer=box.writer,
            reader=box.reader,
            clock=self.clock,
            valve=self.valve,
            link=lambda: self.state,
            premises=self.premises,
        )
        self.cut_off = CutOff(
            link=lambda: self.state,
            on_purpose=lambda: self.drills.ends_ms() is not None,
            writer=box.writer,
            hot=box.hot,
            clock=self.clock,
        )
        box.writer.listen(self.drills.hear)
        box.writer.listen(self.cut_off.hear)

    def clock(self) -> Now:
        return now(self.second)

    async def premises(self) -> Premises:
        return WELL

    def at(self, second: int) -> None:
        """Time passes, and the timers have their turn."""
        self.second = second
        self.drills.link_changed()

    def drill(self, drill_id: str = "d1") -> Drill:
        state = self.box.hot.committed(f"drill:{drill_id}")
        assert isinstance(state, Drill)
        return state


@asynccontextmanager
async def drilled(directory: Path) -> AsyncIterator[Drilled]:
    async with OpenBox(directory) as box:
        await box.opened()
        at_work = Drilled(box)
        async with asyncio.TaskGroup() as group:
            task = group.create_task(at_work.drills.run())
            yield at_work
            task.cancel()


async def test_it_is_cut_when_the_cloud_knows_and_lasts_its_minutes(tmp_path: Path) -> None:
    async with drilled(tmp_path) as at_work:
        await at_work.box.accept(BeginDrill("d1", 5, "owner:o"))
        assert not at_work.valve.cut
        at_work.state.acked_seq = at_work.box.writer.durable_seq
        at_work.at(2)
        await until(lambda: at_work.valve.cut)
        at_work.at(301)
        assert at_work.drills.ends_ms("d1") is not None
        at_work.at(302)
        await until(lambda: not at_work.valve.cut)
        ended = at_work.drill().ended
        assert ended is not None
        assert (ended.ending, ended.lasted_s) == ("completed", 300)
        at_work.state.acked_seq = at_work.box.writer.durable_seq
        at_work.at(309)
        await until(lambda: at_work.drill().status == "done")
        assert at_work.drill().drained_s == 7.0
        assert at_work.drills.ends_ms() is None


async def test_it_does_not_wait_long_for_a_cloud_that_does_not_hear(tmp_path: Path) -> None:
    async with drilled(tmp_path) as at_work:
        await at_work.box.accept(BeginDrill("d1", 1, "owner:o"))
        at_work.at(2)
        assert not at_work.valve.cut
        at_work.at(3)
        await until(lambda: at_work.valve.cut)


async def test_what_it_cut_is_no_outage_and_afterwards_counts_from_its_end(tmp_path: Path) -> None:
    async with drilled(tmp_path) as at_work:
        at_work.state.state = "down"
        at_work.cut_off.link_changed()
        at_work.second = 60
        assert at_work.cut_off.sure()
        await at_work.box.accept(BeginDrill("d1", 1, "owner:o"))
        await until(lambda: at_work.valve.cut)
        assert (at_work.cut_off.seconds(), at_work.cut_off.sure()) == (None, False)
        at_work.at(120)
        await until(lambda: not at_work.valve.cut)
        assert (at_work.cut_off.seconds(), at_work.cut_off.sure()) == (0.0, False)
        at_work.second += int(SURE_S)
        assert at_work.cut_off.sure()


async def test_the_report_counts_what_happened_and_nothing_before(tmp_path: Path) -> None:
    async with drilled(tmp_path) as at_work:
        box = at_work.box
        await box.accept(join("chinu"))
        await box.accept(say_word())
        await box.accept(BeginDrill("d1", 1, "owner:o"))
        at_work.state.state = "down"
        at_work.at(1)
        await until(lambda: at_work.valve.cut)
        await box.accept(add())
        await box.accept(place())
        await box.accept(AdvanceTicket("K-1", "grill", "received", "device:grill"))
        at_work.drills.stop("d1")
        await until(lambda: at_work.drill().ended is not None)
        ended = at_work.drill().ended
        assert ended is not None
        told = {each.what: each for each in ended.findings}
        assert {what: each.verdict for what, each in told.items()} == {
            "orders": "good",
            "kitchen": "good",
            "printers": "idle",
            "payments": "idle",
            "play": "idle",
            "plugs": "good",
            "agents": "good",
            "journal": "good",
        }
        assert told["orders"].words == "1 order went through without the internet."
        assert "worth 12.50 EUR" in told["journal"].words


def _ticket(box: OpenBox) -> list[Committed]:
    return [each for each in box.told if each.fact.aggregate.startswith("ticket:")]


async def test_a_ticket_that_nobody_saw_is_bad_news(tmp_path: Path) -> None:
    async with OpenBox(tmp_path) as box:
        await box.opened()
        for command in (join("chinu"), say_word(), add(), place()):
            await box.accept(command)
        seen = Seen()
        for each in _ticket(box):
            seen.note(each)
    kitchen = next(each for each in findings(seen, WELL) if each.what == "kitchen")
    assert (kitchen.verdict, kitchen.words) == ("bad", "1 of 1 ticket was never acknowledged.")


@pytest.mark.parametrize(
    ("premises", "what", "verdict"),
    [
        (Premises({"PS5-1 plug": "lost"}, {}, (), 0, 0, "EUR"), "plugs", "bad"),
        (Premises({}, {"PC-1": True, "PC-2": False}, (), 0, 0, "EUR"), "agents", "warn"),
        (Premises({}, {}, ("The grill printer is out of paper.",), 0, 0, "EUR"), "printers", "bad"),
        (Premises({}, {}, (), 0, 0, "EUR"), "plugs", "idle"),
        (Premises({}, {}, (), 0, 0, "JPY"), "journal", "idle"),
    ],
)
def test_how_the_premises_are_is_told_as_it_is(premises: Premises, what: str, verdict: str) -> None:
    told = next(each for each in findings(Seen(), premises) if each.what == what)
    assert told.verdict == verdict
    assert told.words.endswith(".")
