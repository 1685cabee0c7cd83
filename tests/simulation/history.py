"""One history: a venue, its cloud and the line between them, from the first morning until all is healed.

    morning ─► days of service under troubles ─► evening: all heals, people finish ─► queues drain ─► compare

The world is put together here, each part with a stream of randomness of its own, so that what is left out of
a history disturbs the rest of it as little as possible.
"""

import asyncio
import random
import shutil
import tempfile
from collections import Counter
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge.journal.agenda import Agenda
from edge.journal.database import Box, open_reader, read_link
from edge.journal.hot import Hot
from protocol.identity import uuid7
from tests.simulation import menus
from tests.simulation.answers import Answers
from tests.simulation.books import MemoryBooks
from tests.simulation.branch import Branch
from tests.simulation.cashier import drawer, terminal_keeper
from tests.simulation.chronicle import Chronicle
from tests.simulation.clocks import BoxClock
from tests.simulation.clouds import Clouds
from tests.simulation.conservation import Conservation
from tests.simulation.disk import Weather
from tests.simulation.epilogue import epilogue
from tests.simulation.fate import Fate, Moment
from tests.simulation.furnishing import furnish, memory
from tests.simulation.guests import Party
from tests.simulation.internet import Internet
from tests.simulation.invariants import CloudWitness, Seen, check_journal
from tests.simulation.loop import Stalled, VirtualLoop
from tests.simulation.owner import Owner
from tests.simulation.plan import Plan
from tests.simulation.premises import Premises, Venue, innermost
from tests.simulation.reception import reception
from tests.simulation.releases import Releases
from tests.simulation.scene import Scene
from tests.simulation.shift import Shift
from tests.simulation.staff import approver, cook, desk, shelf
from tests.simulation.strangers import Stranger
from tests.simulation.surroundings import surroundings
from tests.simulation.terminal import Terminal
from tests.simulation.till import Till
from tests.simulation.treasurer import OFTEN_S, SELDOM_S, Treasurer
from tests.simulation.trouble import Trouble, World
from tests.simulation.wifi import Air, Device
from tests.simulation.witness import JournalWitness

#: How long people may need to finish, and queues to drain, once everything works.
_FINISH_WITHIN_S = 900.0
_DRAIN_WITHIN_S = 180.0
_LONGEST_DAY_S = 5000.0
_NIGHT_S = 20.0
_PACE_S = 4.0
_PROCESSES = 2
_COPIED_AFTER_S = 30.0
_UNDER_WAY = "SELECT count(*) FROM command_outcomes WHERE status = 'TAKEN'"


class Result(msgspec.Struct, frozen=True):
    """What became of a history."""

    plan: Plan
    violations: list[str]
    digest: str
    decisions: str
    faults: Counter[str]
    sometimes: Counter[str]
    figures: Counter[str]
    #: Refusals by code.
    refusals: Counter[str]
    #: Crash points that were passed, by name.
    passed: Counter[str]
    #: The same in order, which is what a strike is counted in.
    hits: list[str]
    virtual_s: float
    lines: list[str] = []


class _Broken(Exception):
    """An invariant was violated; there is no point in going on."""


def play(plan: Plan, scratch: Path | None = None) -> Result:
    """Live through a history. `scratch` is where its disks are, best in memory."""
    directory = Path(tempfile.mkdtemp(prefix="holdfast-", dir=scratch or memory()))
    try:
        with asyncio.Runner(loop_factory=VirtualLoop) as runner:
            loop = runner.get_loop()
            assert isinstance(loop, VirtualLoop)
            return runner.run(_History(plan, directory, loop).live())
    finally:
        shutil.rmtree(directory, ignore_errors=True)


class _History:
    def __init__(self, plan: Plan, directory: Path, loop: VirtualLoop) -> None:
        self._plan = plan
        self._directory = directory
        self._loop = loop
        self.chronicle = Chronicle(loop.time, keep=plan.trace)
        self._seen: set[Seen] = set()
        self._shift = Shift()
        self._air = Air()
        self._fate = Fate(self.chronicle, self._dice("fate"), plan.crash_odds, plan.strikes, plan.favoured)
        self._internet = Internet(loop, self._dice("line"), self.chronicle)
        self._lines = [self._internet]
        self._venue = self._make_venue()
        self.books = MemoryBooks("incarnation-0", self._loop.time)
        box, key = self._venue.box, self._venue.key
        self.venue_id = box.venue_id or ""
        public = key.public_key().public_bytes_raw()
        self.books.claim(self.venue_id, box.node_id, box.log_id, public, box.epoch)
        self.witness = CloudWitness(self.books, self._venue.journal, box.node_id, self.chronicle)
        self.clouds = Clouds(
            self.books,
            self._fate,
            loop,
            self._dice("cloud"),
            self.chronicle,
            self._hang_up,
            self._venue.releases,
        )
        self.premises = Premises(self._venue, directory / "box-0", self._internet)
        self._boxes = {"box": self.premises}
        self._earlier = directory / "earlier"
        self._internet.answer = self.clouds.answer
        self._internet.watch = self.witness.said
        outside_till = 0.8 if plan.has("bad till") else 0.3
        self._owner = Owner(
            self.clouds, self.venue_id, self._dice("owner"), outside_till, self._venue.terminal
        )
        self._branch = self._second() if plan.venues > 1 else None
        journals = {self.venue_id: self._venue.journal}
        if self._branch is not None:
            journals[self._branch.venue_id] = self._branch.premises.venue.journal
        often_s = OFTEN_S if plan.pays_in > 0.5 else SELDOM_S
        self._treasurer = Treasurer(self.clouds, list(journals), self._dice("treasurer"), often_s)
        self._conservation = Conservation(self.books, journals, self._treasurer, self._lines, self.chronicle)
        self._trouble = Trouble(self._world(), plan)

    def _dice(self, what: str) -> random.Random:
        return random.Random(f"{self._plan.seed} {what}")

    def _second(self) -> Branch:
        """Another venue of the organisation, on a line of its own."""
        venue = self._make_venue("branch")
        branch = Branch(
            venue, self._directory / "branch-0", self.clouds, self._dice("branch day"), bool(self._plan.kinds)
        )
        self._lines.append(branch.line)
        return branch

    def _make_venue(self, name: str = "box") -> Venue:
        dice = self._dice("identity" if name == "box" else f"identity of the {name}")
        node_id, log_id, venue_id = (uuid7(number, dice.randbytes(10)) for number in (1, 2, 3))
        box = Box(node_id, log_id, venue_id, 1, "sim://cloud")
        furnish(self._directory / f"{name}-0", box)
        return Venue(
            name=name,
            box=box,
            key=Ed25519PrivateKey.from_private_bytes(dice.randbytes(32)),
            journal=JournalWitness(name, log_id, self.chronicle),
            answers=Answers(self.chronicle),
            clock=BoxClock(self._loop, self._plan.wall, f"boot of the {name}"),
            weather=Weather(),
            till=Till(self._loop, self._dice(f"till of the {name}"), self.chronicle),
            terminal=Terminal(),
            fate=self._fate,
            chronicle=self.chronicle,
            loop=self._loop,
            dice=self._dice(name),
            releases=Releases(),
        )

    def _world(self) -> World:
        return World(
            premises=self.premises,
            clouds=self.clouds,
            internet=self._internet,
            air=self._air,
            till=self._venue.till,
            fate=self._fate,
            chronicle=self.chronicle,
            dice=self._dice("trouble"),
        )

    # ── living ───────────────────────────────────────────────────────────────────────────────────

    async def live(self) -> Result:
        """All of it, or as far as the first violation."""
        try:
            with surroundings(self._loop, self._dice("shells"), self.chronicle, self._dial):
                async with asyncio.TaskGroup() as world:
                    parts = [world.create_task(part) for part in self._parts()]
                    await self._story()
                    if self._plan.epilogue:
                        await epilogue(self._plan.epilogue, self._scene(world))
                    for task in parts:
                        task.cancel()
        except* _Broken:
            pass
        except* Stalled:
            self.chronicle.violated("everybody waits for ever")
        except* Exception as group:  # whatever it is, the plan has to be told with it
            self.chronicle.violated(f"something fell over: {innermost(group)!r}")
        return self._result()

    def _parts(self) -> list[Coroutine[Any, Any, None]]:
        boxes = [self.premises, *([self._branch.premises] if self._branch else ())]
        running = [box.run() for box in boxes]
        return [self._alarm(), self._too_long(), *running, self.clouds.run(_PROCESSES)]

    async def _too_long(self) -> None:
        """A day that does not end is a violation, too."""
        await asyncio.sleep(_LONGEST_DAY_S * self._plan.days)
        self.chronicle.violated("service never comes to an end")

    async def _alarm(self) -> None:
        """Ends the history at the first violation."""
        await self.chronicle.broken.wait()
        raise _Broken

    def _scene(self, world: asyncio.TaskGroup) -> Scene:
        return Scene(
            boxes=self._boxes,
            clouds=self.clouds,
            witness=self.witness,
            internet=self._internet,
            directory=self._directory,
            earlier=self._earlier,
            dice=self._dice("epilogue"),
            world=world,
            add_line=self._lines.append,
        )

    def _put_a_copy_aside(self) -> None:
        """Of the card as it is now, for an epilogue; if the box is down there is none."""
        if self.premises.life is not None and self.premises.life.alive:
            self.premises.life.disk.picture(self._earlier, power=False)

    def _hang_up(self, moment: Moment) -> None:
        """A process of the cloud is gone, on whichever line it was spoken to."""
        for line in self._lines:
            line.hang_up(moment)

    async def _dial(self, url: str) -> object:
        """`url` is `sim://{box}/{life}`."""
        name = url.split("/")[2]
        box = self._branch.premises if self._branch and name == "branch" else self._boxes[name]
        assert box.life is not None
        return await box.internet.dial(box.life.moment)

    async def _story(self) -> None:
        self._owner.publish("config")
        self._owner.publish("menu")
        if self._plan.epilogue == "rolled-back card":
            self._loop.call_later(_COPIED_AFTER_S, self._put_a_copy_aside)
        async with asyncio.TaskGroup() as people:
            trouble = people.create_task(self._trouble.run())
            self._staff(people)
            for _ in range(self._plan.days):
                await self._day(people)
            trouble.cancel()
            self._trouble.heal()
            self._shift.open = False
            self.chronicle.note("everything heals")
            ending = self._loop.call_later(
                _FINISH_WITHIN_S, self.chronicle.violated, "people never come to an end"
            )
        ending.cancel()
        await self._treasurer.write_up()
        await self._drain()
        await self._compare()

    def _device(self, name: str) -> Device:
        return Device(self.premises, self._air, self._loop, self._dice(f"device {name}"))

    def _staff(self, people: asyncio.TaskGroup) -> None:
        for station in menus.STATIONS:
            people.create_task(cook(self._device(f"cook {station}"), station, self._shift))
        people.create_task(shelf(self._device("shelf"), self._shift))
        for station in menus.PLAYED_ON:
            people.create_task(
                desk(self._device(f"desk {station}"), station, self._shift, self._plan.pays_in)
            )
        for role in (approver, terminal_keeper, drawer):
            people.create_task(role(self._device(role.__name__), self._shift))
        if self._plan.booked_every_s:
            seldom_s = self._plan.booked_every_s
            people.create_task(reception(self._device("reception"), seldom_s, self._shift))
        people.create_task(self._owner.run(self._shift))
        people.create_task(self._treasurer.run(self._shift))
        if self._branch is not None:
            self._branch.open(people, self._shift)
        people.create_task(Stranger(self._device("stranger"), self._owner).run(self._shift))

    async def _day(self, people: asyncio.TaskGroup) -> None:
        """Parties come one after the other, each to a table where nobody sits."""
        dice = self._dice(f"day {self._loop.time()}")
        self.chronicle.figures["venue-days"] += 1
        free = list(menus.TABLES)
        visits: list[asyncio.Task[None]] = []
        for number in range(self._plan.visits_a_day):
            await asyncio.sleep(dice.expovariate(1 / 12.0))
            while not free:
                await asyncio.wait(
                    [task for task in visits if not task.done()], return_when="FIRST_COMPLETED"
                )
            table = free.pop(dice.randrange(len(free)))
            visit = people.create_task(self._visit(table, f"{self._loop.time()} {number}", free))
            visits.append(visit)
        await asyncio.wait(visits)
        await asyncio.sleep(_NIGHT_S)

    async def _visit(self, table: str, name: str, free: list[str]) -> None:
        await Party(self._device(f"party {name}"), self._saw).visit(table, _PACE_S)
        free.append(table)

    def _saw(self, session_pid: str, version: int, lines: tuple[tuple[int, int, int], ...]) -> None:
        self._seen.add(Seen(session_pid, version, lines))

    # ── the end ──────────────────────────────────────────────────────────────────────────────────

    async def _drain(self) -> None:
        """Within bounded time after healing nothing is under way any more."""
        deadline_s = self._loop.time() + _DRAIN_WITHIN_S
        while (waiting := self._unsettled()) is not None:
            if self._loop.time() > deadline_s:
                self.chronicle.violated(f"after healing, {waiting}")
                await asyncio.sleep(1.0)
            await asyncio.sleep(0.5)
        self.chronicle.note("all queues are empty")

    def _unsettled(self) -> str | None:
        life = self.premises.life
        if life is None or not life.alive:
            return "the box is down"
        if life.reader.execute(_UNDER_WAY).fetchone()[0]:
            return "the box has commands that it has not carried out"
        cursor = read_link(life.reader)
        waiting = self.witness.unsettled(self.venue_id, (cursor.acked_seq, cursor.incarnation))
        return waiting or (self._branch.unsettled() if self._branch else None)

    async def _compare(self) -> None:
        with_reader = open_reader(self.premises.directory)
        try:
            self._venue.journal.reread(with_reader)
            self.witness.compare(self.venue_id, with_reader)
            self.witness.followed(self.venue_id, with_reader)
            self.witness.deposits(self.venue_id, Agenda(with_reader, Hot(with_reader)).held_minor())
        finally:
            with_reader.close()
        venue = self._venue
        venue.answers.elsewhere |= self._owner.mids
        check = check_journal(venue.journal, venue.answers, self._seen, venue.till, self.chronicle)
        self.witness.commanded(self.venue_id, check.taken)
        if self._branch is not None:
            self._branch.compare()
        self._conservation.settled()
        await asyncio.sleep(0)

    def _result(self) -> Result:
        chronicle = self.chronicle
        return Result(
            plan=self._plan,
            violations=chronicle.violations,
            digest=chronicle.digest,
            decisions=chronicle.decisions,
            faults=chronicle.faults,
            sometimes=chronicle.sometimes,
            figures=chronicle.figures,
            refusals=self._venue.answers.codes,
            passed=Counter(self._fate.hits),
            hits=self._fate.hits if self._plan.trace else [],
            virtual_s=self._loop.time(),
            lines=chronicle.lines,
        )
