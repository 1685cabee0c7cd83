"""The real journal on a disk that loses whatever was not synced: cut the power after every single write.

One evening is written through the real writer with the real schema and pragmas. Then, for cuts all along it,
the files are made as the cut may have left them, and opened as the box opens them. What was answered has to
be there, the chain whole, every table what the journal says, and the box goes on from there.
"""

import asyncio
import random
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import apsw
import pytest

from edge.core.commands import AdvanceTicket, Command, PlaceOrder
from edge.core.money.commands import TakePayment
from edge.journal.database import FILE_NAME, PRAGMAS, open_writer, read_head
from edge.journal.hot import Hot
from edge.journal.rebuild import rebuild
from edge.journal.writer import Accepted, Writer
from protocol.facts.order import OrderConfirmed
from tests.open_box import OpenBox
from tests.sample_venue import BURGER, CHIPS, STEAK, T2, add, join, now, opening, say_word
from tests.simulation.loop import VirtualLoop
from tests.simulation.platter import Platter

_CUTS = 150
_ROUNDS = 4


class Evening:
    """A recorded evening: the platter, the journal it led to, and what was answered by when."""

    def __init__(self, directory: Path, pragmas: tuple[str, ...]) -> None:
        open_writer(directory, 0).close()
        self.platter = Platter(directory)
        self._connection = apsw.Connection(str(directory / FILE_NAME), vfs=Platter.NAME)
        for pragma in pragmas:
            self._connection.execute(f"PRAGMA {pragma}")
        self._connection.execute("PRAGMA wal_autocheckpoint=40")
        self._seconds = 0
        #: (operations by then, seq that somebody had been told of)
        self.told: list[tuple[int, int]] = []
        with asyncio.Runner(loop_factory=VirtualLoop) as runner:
            runner.run(self._live())
        query = "SELECT CAST(record AS BLOB), hash FROM journal ORDER BY seq"
        self.facts = self._connection.execute(query).fetchall()
        self._connection.close()

    async def _live(self) -> None:
        connection = cast(sqlite3.Connection, self._connection)
        writer = Writer(connection, Hot(connection), lambda: now(self._tick()))
        async with asyncio.TaskGroup() as group:
            group.create_task(writer.run())
            for command in self._commands():
                outcome = await writer.execute(command)
                if isinstance(outcome, Accepted):
                    self.told.append((len(self.platter.done), writer.durable_seq))
                    await self._advance(writer, outcome)
                if self._seconds % 7 == 0:
                    await asyncio.sleep(2.0)  # the writer tidies up when it is quiet
            writer.stop()

    async def _advance(self, writer: Writer, outcome: Accepted) -> None:
        for fact in outcome.facts:
            if isinstance(fact.event, OrderConfirmed):
                step = AdvanceTicket(fact.event.ticket, fact.event.stations[0], "accepted", "kitchen:grill")
                await writer.execute(step)
                self.told.append((len(self.platter.done), writer.durable_seq))

    def _tick(self) -> int:
        self._seconds += 1
        return self._seconds

    def _commands(self) -> Iterator[Command]:
        yield from opening()
        yield from (join("chinu"), join("anshu"), say_word(), join("bela", "s2", T2))
        for number in range(_ROUNDS):
            yield from (add("chinu", BURGER), add("anshu", CHIPS, 2), add("chinu", STEAK))
            yield PlaceOrder("s1", "chinu", None, mid=f"order {number}")
            yield TakePayment("s1", f"pay-{number}", "CASH", "staff:ann", f"shift-{number}", 100)

    def told_by(self, cut_after: int) -> int:
        """The last seq that anybody had been told of before the cut."""
        return max((seq for by, seq in self.told if by <= cut_after), default=0)


def _losses(evening: Evening, directory: Path, cuts: int) -> list[str]:
    """What was lost in so many cuts, spread over the evening."""
    dice = random.Random(5)
    losses = []
    places = sorted(dice.choices(range(len(evening.platter.done) + 1), k=cuts))
    for number, cut_after in enumerate(places):
        left = directory / f"cut-{number}"
        left.mkdir()
        evening.platter.image(cut_after, left, dice)
        loss = _loss(evening, left, evening.told_by(cut_after))
        if loss is not None:
            losses.append(f"cut after {cut_after}: {loss}")
    return losses


def _loss(evening: Evening, left: Path, told: int) -> str | None:
    try:
        connection = open_writer(left, 0)
        try:
            tail, _ = read_head(connection)
            query = "SELECT CAST(record AS BLOB), hash FROM journal ORDER BY seq"
            found = connection.execute(query).fetchall()
        finally:
            connection.close()
    except Exception as error:
        return f"the journal cannot be opened: {error}"
    if tail < told:
        return f"{told} was answered, the journal ends at {tail}"
    if found != evening.facts[:tail]:
        return "facts have changed"
    rebuilt = rebuild(left)
    return None if rebuilt.agrees else f"{rebuilt.problems} {rebuilt.differences}"


def test_no_power_cut_loses_what_was_answered(tmp_path: Path) -> None:
    (tmp_path / "box").mkdir()
    evening = Evening(tmp_path / "box", PRAGMAS)
    assert sum(operation.kind == "sync" for operation in evening.platter.done) > len(evening.told)
    assert {operation.file for operation in evening.platter.done} == {FILE_NAME, f"{FILE_NAME}-wal"}
    assert _losses(evening, tmp_path, _CUTS) == []


@pytest.mark.parametrize("weaker", ["synchronous=NORMAL", "synchronous=OFF"])
def test_a_weaker_setting_would_lose_it_and_be_seen(tmp_path: Path, weaker: str) -> None:
    (tmp_path / "box").mkdir()
    evening = Evening(tmp_path / "box", (*PRAGMAS, weaker))
    assert _losses(evening, tmp_path, 30)


async def test_the_box_goes_on_from_what_a_cut_left(tmp_path: Path) -> None:
    (tmp_path / "box").mkdir()
    evening = await asyncio.to_thread(Evening, tmp_path / "box", PRAGMAS)
    left = tmp_path / "left"
    left.mkdir()
    evening.platter.image(len(evening.platter.done) * 2 // 3, left, random.Random(1))
    async with OpenBox(left, boot="boot-2") as box:
        before = box.writer.durable_seq
        facts = await box.accept(join("dora", "s9", T2))
    assert facts[0].seq == before + 1
    assert rebuild(left).agrees
