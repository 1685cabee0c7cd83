"""A second venue of the organisation, small and with a line of its own: it sells play time from balances.

Its box, its journal and its link are as real as the first one's. It is there because one wallet may be spent
at two venues that cannot hear of each other.
"""

import asyncio
import random
from contextlib import closing
from pathlib import Path

from edge.journal.database import open_reader, read_link
from tests.simulation import menus
from tests.simulation.clouds import Clouds
from tests.simulation.internet import Internet
from tests.simulation.invariants import CloudWitness, check_answers
from tests.simulation.owner import Owner
from tests.simulation.premises import Premises, Venue
from tests.simulation.shift import Shift
from tests.simulation.staff import desk
from tests.simulation.wifi import Air, Device

_OUTAGE_EVERY_S = 60.0


class Branch:
    """`cut_off` is whether its line goes away now and then."""

    def __init__(
        self, venue: Venue, directory: Path, clouds: Clouds, dice: random.Random, cut_off: bool
    ) -> None:
        self.venue_id = venue.box.venue_id or ""
        self._venue = venue
        self._dice = dice
        self._cut_off = cut_off
        self.line = Internet(venue.loop, dice, venue.chronicle)
        box, public = venue.box, venue.key.public_key().public_bytes_raw()
        clouds.books.claim(self.venue_id, box.node_id, box.log_id, public, box.epoch)
        self.witness = CloudWitness(clouds.books, venue.journal, box.node_id, venue.chronicle)
        self.line.answer, self.line.watch = clouds.answer, self.witness.said
        self.premises = Premises(venue, directory, self.line)
        self._owner = Owner(clouds, self.venue_id, dice, 0.0, venue.terminal)

    def open(self, people: asyncio.TaskGroup, shift: Shift) -> None:
        """The owner has it set up, and people come to play."""
        self._owner.publish("config")
        self._owner.publish("menu")
        for station in menus.PLAYED_ON:
            device = Device(self.premises, Air(), self._venue.loop, self._dice)
            people.create_task(desk(device, station, shift))
        if self._cut_off:
            people.create_task(self._outages(shift))

    async def _outages(self, shift: Shift) -> None:
        """Of its own line, beside whatever befalls the other venue."""
        line = self.line.line
        while shift.open:
            await asyncio.sleep(self._dice.expovariate(1 / _OUTAGE_EVERY_S))
            for blocked in (True, False):
                line.up_blocked = line.down_blocked = blocked and shift.open
                self.line.settle()
                await asyncio.sleep(self._dice.uniform(1.0, 90.0) if line.up_blocked else 0.0)

    def unsettled(self) -> str | None:
        """What is still under way, in words."""
        life = self.premises.life
        if life is None or not life.alive:
            return "the branch is down"
        cursor = read_link(life.reader)
        return self.witness.unsettled(self.venue_id, (cursor.acked_seq, cursor.incarnation))

    def compare(self) -> None:
        """As the first venue at the end of its day."""
        with closing(open_reader(self.premises.directory)) as reader:
            self._venue.journal.reread(reader)
            self.witness.compare(self.venue_id, reader)
        self._venue.journal.finish()
        check_answers(self._venue.journal, self._venue.answers, self._venue.chronicle)
        self.witness.commanded(self.venue_id, self._venue.journal.check.taken)
