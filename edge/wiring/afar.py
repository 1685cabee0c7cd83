"""Everything that comes from the other end of the link and wants the venue to do something, wired.

The part of the composition root that is about the owner's commands, orders of guests who are not on the
venue's network, and outages on purpose; `app.py` makes one and serves its addresses.
"""

import asyncio
import contextlib
import sqlite3
from typing import Any

from edge.core.afar.link_state import LinkState
from edge.core.money.stored_cards import near_limit, standing
from edge.effects.afar.cut_off import CutOff
from edge.effects.afar.drill import Drills
from edge.effects.afar.drill_report import Premises
from edge.effects.afar.errands import Errands
from edge.effects.afar.valve import Valve
from edge.effects.alarms import Alarm, Alarms
from edge.effects.money.given_up import GivenUp
from edge.journal.reading import Unsynced
from edge.journal.writer import Committed, Writer
from edge.web.answers import Handler
from edge.web.money.online_payments import OnlinePayments
from edge.web.money.stored_desk import StoredDesk
from edge.web.staff.approval_desk import ApprovalDesk
from edge.web.staff.drill_desk import DrillDesk
from edge.wiring.books import Books
from edge.wiring.gaming import Gaming
from edge.wiring.line import Line
from edge.wiring.service import Service
from edge.wiring.upgrades import Upgrades
from protocol import afar
from protocol.facts.card_config import OfflineCards
from protocol.facts.drill import Drill
from protocol.facts.note import Note
from protocol.facts.owner_command import OwnerCommand
from protocol.facts.refund_request import RefundRequest
from protocol.facts.terminal import AGGREGATE as TERMINAL
from protocol.facts.terminal import Terminal
from protocol.facts.venue import Venue
from protocol.http import Route

_PRINTER_ALARMS = ("printer_stopped", "print_stuck")
_LIMIT = "stored_cards"
#: Nobody comes back from a payment page that is called off.
NOWHERE = "http://nowhere.invalid/"


class FromAfar:
    """Make it before the writer runs; `running` lists what has to run beside it."""

    def __init__(
        self,
        line: Line,
        books: Books,
        service: Service,
        gaming: Gaming,
        alarms: Alarms,
        upgrades: Upgrades,
    ) -> None:
        self._link = link = line.link
        self._unsynced = line.unsynced
        self._hot = books.hot
        self._clock = books.clock
        self._floor = gaming.floor
        self._screens = gaming.screens
        self._alarms = alarms
        self._upgrades = upgrades
        self._valve = Valve(link.run, link.down) if link else Valve(_nothing, lambda _why: None)
        self._errands = self._make_errands(books)
        self._drills = self._make_drills(books)
        self._cut_off = self._make_cut_off(books)
        self._given_up = _given_up(books, service.online)
        self._approvals = ApprovalDesk(service.counter, books.reader)
        self._desks = (
            self._approvals,
            DrillDesk(service.counter, books.reader, self._drills, lambda: self._link is not None),
            StoredDesk(service.counter, service.pins, self._cut_off, books.reader),
        )
        self._listen(books.writer)

    def _listen(self, writer: Writer) -> None:
        self._screens.greet(lambda: {"afar": self._afar()})
        effects = (self._errands, self._drills, self._cut_off, self._given_up)
        for hears in (*(each.hear for each in effects), self._hear):
            writer.listen(hears)
        if self._link is not None:
            changed = self._drills.link_changed, self._cut_off.link_changed
            for listener in (*changed, self._given_up.wake, self._upgrades.upgrading.look):
                self._link.listen(listener)

    def _make_errands(self, books: Books) -> Errands:
        return Errands(
            writer=books.writer,
            hot=books.hot,
            reader=books.reader,
            directory=books.directory,
            clock=books.clock,
            hello_anew=self._valve.anew,
            upgrade=self._upgrades.upgrading.order,
        )

    def _make_drills(self, books: Books) -> Drills:
        return Drills(
            writer=books.writer,
            reader=books.reader,
            clock=books.clock,
            valve=self._valve,
            link=self._link_state,
            premises=self._premises,
        )

    def _make_cut_off(self, books: Books) -> CutOff:
        return CutOff(
            link=self._link_state if self._link else None,
            on_purpose=self.drilling,
            writer=books.writer,
            hot=books.hot,
            clock=books.clock,
        )

    def _link_state(self) -> LinkState:
        return self._link.state if self._link else LinkState()

    def _afar(self) -> afar.Afar:
        venue, terminal = self._hot.committed_venue(), self._hot.committed(TERMINAL)
        stands = standing(terminal if isinstance(terminal, Terminal) else None)
        rules = venue.config.offline_cards if venue else OfflineCards()
        return afar.Afar(
            waiting=self._approvals.waiting(),
            drill_ends_ms=self._drills.ends_ms(),
            unsent_cards=stands.unsent,
            unsent_minor=stands.unsent_minor,
            most_unsent_minor=rules.most_unsent_minor if rules.allowed else 0,
            currency=venue.config.currency if venue else "EUR",
            upgrade=self._upgrades.waits(),
        )

    def _hear(self, batch: list[Committed]) -> None:
        """Screens are told that something changed, and ask for what they show."""
        if any(isinstance(each.state, Terminal | Venue) for each in batch):
            self._watch_limit()
        if not len(self._screens):
            return
        told = OwnerCommand | RefundRequest | Note | Drill | Terminal | Venue
        if any(isinstance(each.state, told) for each in batch):
            self.tell()

    def tell(self) -> None:
        """Screens are told how things stand now."""
        with contextlib.suppress(sqlite3.Error):  # the next news, or the next hello, tells it
            self._screens.tell(afar.AfarNews(self._afar()))

    def _watch_limit(self) -> None:
        """An alarm while little is left of what stored cards may come to."""
        now = self._afar()
        if not near_limit(now.unsent_minor, now.most_unsent_minor):
            self._alarms.clear(_LIMIT)
            return
        words = (
            f"{now.unsent_cards} stored cards are not sent yet. Nearly all that may be stored is used up: "
            "take cash, or have the terminal send them."
        )
        self._alarms.raise_(Alarm(_LIMIT, _LIMIT, words, self._clock().wall_ms))

    async def worth(self) -> int | None:
        """What the orders come to that the cloud does not have whole; None when the disk does not tell."""
        from sqlalchemy.exc import DBAPIError  # on demand, as the read side itself

        try:
            return (await self._unsynced()).value_minor
        except DBAPIError:
            return None

    async def _premises(self) -> Premises:
        """How things stand, for a drill's report; what a failing disk does not tell counts as nothing."""
        from sqlalchemy.exc import DBAPIError  # on demand, as the read side itself

        try:
            unsynced = await self._unsynced()
        except DBAPIError:
            unsynced = Unsynced(0, 0, 0)
        venue = self._hot.committed_venue()
        stations = self._floor.config.stations
        things = {station.name: self._floor.things(station.id) for station in stations}
        return Premises(
            devices={
                f"{name} {device}": how
                for name, each in things.items()
                for device, how in each.health.items()
            },
            agents={each.name: things[each.name].agent_online for each in stations if each.kind == "pc"},
            printer_trouble=[each.message for each in self._alarms.current() if each.code in _PRINTER_ALARMS],
            unsynced=unsynced.facts,
            unsynced_minor=unsynced.value_minor,
            currency=venue.config.currency if venue else "EUR",
        )

    def routes(self) -> list[tuple[Route, Handler]]:
        """Addresses and their handlers."""
        return [route for desk in self._desks for route in desk.routes()]

    def drilling(self) -> bool:
        """Whether the link is cut on purpose."""
        return self._drills.ends_ms() is not None

    def cloud_away(self) -> bool:
        """Whether the cloud cannot be reached, and nobody means it to be so."""
        return self._cut_off.sure()

    def running(self, group: asyncio.TaskGroup) -> list["asyncio.Task[Any]"]:
        """Tasks to cancel in the end; the link runs behind the valve."""
        tasks = [
            group.create_task(self._errands.run(), name="errands"),
            group.create_task(self._drills.run(), name="drills"),
            group.create_task(self._cut_off.run(), name="cut off"),
            group.create_task(self._given_up.run(), name="given up"),
        ]
        if self._link is not None:
            tasks.append(group.create_task(self._valve.run(), name="cloud link"))
        return tasks


def _given_up(books: Books, online: OnlinePayments) -> GivenUp:
    """Payments whose page nobody comes back from are called off."""
    return GivenUp(
        books.hot, books.reader, lambda pid: online.cancel(pid, NOWHERE, "box"), lambda: online.possible
    )


async def _nothing() -> None:
    """The link of a box that nobody has claimed."""
