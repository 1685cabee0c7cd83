"""The box through all its lives: started from what its disk holds, killed at any moment, started again.

`Life` is one run of the program, wired from the product's own parts as `edge/wiring/app.py` does it, without
doors: commands come in through `Premises.receive`, which stands where the web's handlers stand. A life that
is killed becomes a ghost: its disk has been pictured, its sockets are dead, and nobody hears what it answers.
"""

import asyncio
import random
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import cast

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge.adapters.cloud.link import CloudLink
from edge.core.commands import Command
from edge.effects.afar.cut_off import CutOff
from edge.effects.afar.errands import Errands
from edge.effects.afar.valve import Valve
from edge.effects.alarms import Alarms
from edge.effects.orders.point_of_sale import PointOfSaleCalls, Surroundings
from edge.effects.play.booking_timers import BookingTimers
from edge.effects.play.timers import PlayTimers
from edge.journal.agenda import Agenda
from edge.journal.board import KitchenBoard
from edge.journal.database import Box, open_reader, open_writer, read_box, read_head
from edge.journal.floor import Floor
from edge.journal.hot import Hot
from edge.journal.under_way import OrdersUnderWay
from edge.journal.writer import Committed, Outcome, Writer
from protocol.facts.fold import encode_record
from protocol.facts.owner_command import OwnerCommand
from protocol.telemetry import Reading
from tests.simulation.answers import Answers
from tests.simulation.chronicle import Chronicle
from tests.simulation.clocks import BoxClock
from tests.simulation.disk import Disk, JournalRows, Weather
from tests.simulation.fate import Fate, Moment, Victim
from tests.simulation.internet import Internet
from tests.simulation.loop import VirtualLoop
from tests.simulation.releases import OLD, OldLink, Releases
from tests.simulation.terminal import Terminal
from tests.simulation.till import AtTheTill, Till
from tests.simulation.witness import JournalWitness

Reply = Callable[[Outcome], None]


class Venue(msgspec.Struct, frozen=True):
    """What stays whatever happens to the box: who it is, its journal's witness, and the world around."""

    name: str
    box: Box
    key: Ed25519PrivateKey
    journal: JournalWitness
    answers: Answers
    clock: BoxClock
    weather: Weather
    till: Till
    terminal: Terminal
    fate: Fate
    chronicle: Chronicle
    loop: VirtualLoop
    dice: random.Random
    releases: Releases


class Life:
    """One run of the box's program on the data directory `directory`."""

    def __init__(
        self, venue: Venue, directory: Path, number: int, died: Callable[["Life", bool], None]
    ) -> None:
        self.name = venue.name
        self.alive = True
        self.dead = asyncio.Event()
        self.tasks: list[asyncio.Task[None]] = []
        self.venue = venue
        self.directory = directory
        self.number = number
        self._died = died
        self.moment = Moment(venue.fate, self, venue.loop, venue.releases.box)
        self.connection = open_writer(directory, 0)
        self.disk = Disk(self.connection, directory, venue.weather, venue.dice, self.moment, self._committed)
        self.reader = open_reader(directory)
        self.hot = Hot(self.reader)
        self.writer = Writer(cast(sqlite3.Connection, self.disk), self.hot, venue.clock)
        self.board = KitchenBoard(self.reader, self.hot, venue.clock)
        self.floor = Floor(self.reader, self.hot)
        under_way = OrdersUnderWay(self.reader, self.hot)
        for listener in (self.board.follow, self.floor.follow, under_way.follow, self._hear):
            self.writer.listen(listener)
        self.timers = PlayTimers(self.floor, self.writer, venue.clock)
        self.agenda = Agenda(self.reader, self.hot)
        self.writer.listen(self.agenda.follow)
        alarms = Alarms()
        self.bookings = BookingTimers(
            self.agenda, self.floor, self.writer, venue.clock, alarms, self.hot.timezone
        )
        self.calls = PointOfSaleCalls(
            Surroundings(
                under_way=under_way,
                hot=self.hot,
                writer=self.writer,
                alarms=alarms,
                clock=venue.clock,
                pos_of=lambda _config: AtTheTill(venue.till, self.moment),
                away_s=lambda _member: 0.0,
            )
        )
        self.link = self._link(read_box(self.connection))
        self.link.gauges = self._gauges
        self.valve = Valve(self.link.run, self.link.down)
        self.errands = Errands(
            writer=self.writer,
            hot=self.hot,
            reader=self.reader,
            directory=directory,
            clock=venue.clock,
            hello_anew=self.valve.anew,
            upgrade=_nobody_upgrades,
        )
        self.cut_off = CutOff(
            link=lambda: self.link.state,
            on_purpose=lambda: False,
            writer=self.writer,
            hot=self.hot,
            clock=venue.clock,
        )
        self.link.listen(self.cut_off.link_changed)
        for hear in (self.errands.hear, self.cut_off.hear):
            self.writer.listen(hear)

    def _gauges(self) -> tuple[Reading, ...]:
        """The box says how far its journal goes, so that a later reading can be told from an earlier one."""
        figures = {"facts": float(self.writer.durable_seq)}
        return (Reading("box", "box", self.name, "well", figures=figures),)

    def _link(self, box: Box) -> CloudLink:
        of_release = OldLink if self.moment.release == OLD else CloudLink
        return of_release(
            directory=self.directory,
            box=msgspec.structs.replace(box, cloud_url=f"sim://{self.name}/{self.number}"),
            key=self.venue.key,
            writer=self.writer,
            hot=self.hot,
            clock=self.venue.clock,
            learn_time=self._learn,
        )

    def _learn(self, server_time_ms: int) -> None:
        if self.alive:
            self.venue.clock.learn(server_time_ms)

    def _committed(self, rows: JournalRows) -> None:
        if self.alive:
            self.venue.journal.committed(rows)

    def _hear(self, batch: list[Committed]) -> None:
        """What every phone and screen is told, which must be true by then."""
        if self.alive:
            last = batch[-1].fact
            self.venue.journal.told("news", [(last.seq, encode_record(last))])

    async def run(self) -> None:
        """Until it is killed."""
        parts = (
            *(self.writer.run(), self.calls.run(), self._keep_time()),
            *(self.valve.run(), self.errands.run(), self.cut_off.run(), self._heed()),
            self.bookings.run(),
        )
        async with asyncio.TaskGroup() as group:
            self.tasks = [group.create_task(part) for part in parts]

    async def _heed(self) -> None:
        """As `edge/lifetime/life.py`: a box that hears that another has its place decides nothing more."""
        while not self.link.replaced_by:
            await self.link.turned.wait()
            self.link.turned.clear()
        self.writer.fence()
        self.venue.chronicle.note(f"{self.name} is fenced")

    async def _keep_time(self) -> None:
        await self.timers.settle()
        await self.timers.run()

    def kill(self, *, power: bool) -> None:
        """The end: what is on the disk is all that is left."""
        if self.alive:
            self.alive = False
            self.dead.set()
            self._died(self, power)

    def close(self) -> None:
        """Let go of a ghost's files."""
        self.reader.close()
        self.connection.close()


class Premises:
    """Keeps a box going, on a line of its own or one that it shares."""

    def __init__(self, venue: Venue, directory: Path, internet: Internet) -> None:
        self.venue = venue
        self.directory = directory
        self.life: Life | None = None
        #: Seconds between a death and the next start.
        self.rest_s = (0.2, 10.0)
        self.internet = internet
        self._lives = 0
        self._doubtful: JournalRows = []

    # ── doors ────────────────────────────────────────────────────────────────────────────────────

    def receive(self, command: Command, reply: Reply) -> None:
        """A request reaches the box, if there is one. `reply` is heard unless the box dies first."""
        life = self.life
        if life is None or not life.alive:
            return
        self.venue.answers.arrived(command)
        self.venue.chronicle.figures["commands"] += 1

        def answer(outcome: Outcome) -> None:
            if life.alive:
                self.venue.answers.answered(command, outcome, self.venue.journal, life.number)
                life.moment.pass_by("box.answer.before")
                if life.alive:
                    reply(outcome)

        life.writer.submit(command, answer)

    @property
    def hot(self) -> Hot | None:
        """What can be looked at over the web: committed state, while the box is up."""
        return self.life.hot if self.life is not None and self.life.alive else None

    @property
    def cut_off_s(self) -> float | None:
        """For how long the box has not heard the cloud; None while it hears it, or is down itself."""
        return self.life.cut_off.seconds() if self.life is not None and self.life.alive else None

    @property
    def heard_since(self) -> bool:
        """Whether the cloud has the last word about that which is on the box's disk."""
        return self.life is None or not self.life.alive or self.life.cut_off.heard_since

    def listed(self, query: str) -> list[str]:
        """What a list on the staff's screens names; nothing while the box is down."""
        if self.life is None or not self.life.alive:
            return []
        return [str(name) for (name,) in self.life.reader.execute(query).fetchall()]

    # ── lives ────────────────────────────────────────────────────────────────────────────────────

    async def run(self) -> None:
        """One life after the other, until cancelled."""
        async with asyncio.TaskGroup() as group:
            while True:
                life = self._start()
                try:
                    await laid_to_rest(group.create_task(_see_out(life)), life)
                finally:
                    life.close()
                shutil.rmtree(life.directory)
                await asyncio.sleep(self.venue.dice.uniform(*self.rest_s))

    def _start(self) -> Life:
        self._lives += 1
        life = Life(self.venue, self.directory, self._lives, self._bury)
        self.venue.journal.reopened(life.reader, self._doubtful)
        self._doubtful = []
        self.venue.chronicle.note(f"{self.venue.name} starts at fact {life.writer.seq}")
        self.life = life
        return life

    def _bury(self, life: Life, power: bool) -> None:
        """Picture the disk and cut the sockets within the instant; the ghost's tasks end soon after."""
        self._doubtful = life.disk.rows
        target = self.directory.with_name(f"{self.venue.name}-{self._lives}")
        life.disk.picture(target, power=power)
        self.directory = target
        if power:
            self.venue.clock.reboot()
        self.internet.hang_up(life.moment)

    def put_in(self, card: Path) -> None:
        """Pull the plug and put another card in, an older copy of the one that was."""
        assert self.life is not None
        self.life.kill(power=True)
        with closing(open_reader(card)) as reader:
            tail_seq = read_head(reader)[0]
        journal = self.venue.journal.fork("rolled-back box", tail_seq)
        self.venue = msgspec.structs.replace(
            self.venue, journal=journal, answers=Answers(self.venue.chronicle)
        )
        self.directory, self._doubtful = card, []

    def stop(self) -> None:
        """The history is over: an orderly end, with everything closed."""
        if self.life is not None and self.life.alive:
            self.life.kill(power=False)


async def laid_to_rest(task: asyncio.Task[None], victim: Victim) -> None:
    """Wait for a process to die and its ghost to vanish, however it clings to its last errand."""
    await victim.dead.wait()
    while not task.done():
        for each in (*victim.tasks, task):
            each.cancel()
        await asyncio.wait([task], timeout=0.01)


async def _see_out(life: Life) -> None:
    """Run a life; whatever its ghost meets after its death is nobody's concern."""
    try:
        await life.run()
    except asyncio.CancelledError:
        if life.alive:
            raise
    except BaseException as error:
        if life.alive:
            life.venue.chronicle.violated(f"the box fell over: {innermost(error)!r}")


def innermost(error: BaseException) -> BaseException:
    """What really happened, within whatever groups."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def _nobody_upgrades(command: OwnerCommand, left_over: bool) -> None:
    """No owner of a simulation orders a release."""
    raise AssertionError(f"{command.taken.command_id} was never asked for ({left_over=})")
