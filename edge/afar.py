"""Everything that comes from the other end of the link and wants the venue to do something, wired.

The part of the composition root that is about the owner's commands, orders of guests who are not on the
venue's network, and outages on purpose; `app.py` makes one and serves its addresses.
"""

import asyncio
import contextlib
import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Protocol

from edge.core.afar.link_state import LinkState
from edge.core.clock import Now
from edge.core.money.stored_cards import near_limit, standing
from edge.effects.alarms import Alarm, Alarms
from edge.effects.cut_off import CutOff
from edge.effects.drill import Drills
from edge.effects.drill_report import Premises
from edge.effects.errands import Errands
from edge.effects.given_up import GivenUp
from edge.effects.valve import Valve
from edge.journal.floor import Floor
from edge.journal.hot import Hot
from edge.journal.reading import Unsynced
from edge.journal.writer import Committed, Writer
from edge.upgrades import Upgrades
from edge.web.answers import Handler
from edge.web.counter import Counter
from edge.web.money.online_payments import OnlinePayments
from edge.web.money.stored_desk import StoredDesk
from edge.web.staff.approval_desk import ApprovalDesk
from edge.web.staff.drill_desk import DrillDesk
from edge.web.staff.pins import Pins
from edge.web.staff.socket import StaffScreens
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


class Link(Protocol):
    """The box's end of the link, as it is handled here."""

    state: LinkState

    async def run(self) -> None: ...

    def down(self, reason: str) -> None: ...

    def listen(self, listener: Callable[[], None]) -> None: ...


class FromAfar:
    """Make it before the writer runs; `running` lists what has to run beside it."""

    def __init__(
        self,
        *,
        link: Link | None,
        writer: Writer,
        hot: Hot,
        reader: sqlite3.Connection,
        directory: Path,
        clock: Callable[[], Now],
        counter: Counter,
        pins: Pins,
        online: OnlinePayments,
        screens: StaffScreens,
        floor: Floor,
        alarms: Alarms,
        unsynced: Callable[[], Awaitable[Unsynced]],
        upgrades: Upgrades,
    ) -> None:
        self._link = link
        self._hot = hot
        self._floor = floor
        self._alarms = alarms
        self._unsynced = unsynced
        self._screens = screens
        self._upgrades = upgrades
        self._valve = Valve(link.run, link.down) if link else Valve(_nothing, lambda _why: None)
        self._errands = Errands(
            writer=writer,
            hot=hot,
            reader=reader,
            directory=directory,
            clock=clock,
            hello_anew=self._valve.anew,
            upgrade=upgrades.upgrading.order,
        )
        self._drills = Drills(
            writer=writer,
            reader=reader,
            clock=clock,
            valve=self._valve,
            link=self._link_state,
            premises=self._premises,
        )
        self._cut_off = CutOff(
            link=self._link_state if link else None,
            on_purpose=lambda: self._drills.ends_ms() is not None,
            writer=writer,
            hot=hot,
            clock=clock,
        )
        if link is not None:
            link.listen(self._drills.link_changed)
            link.listen(self._cut_off.link_changed)
        self._given_up = GivenUp(
            hot, reader, lambda pid: online.cancel(pid, NOWHERE, "box"), lambda: online.possible
        )
        if link is not None:
            link.listen(self._given_up.wake)
            link.listen(upgrades.upgrading.look)
        self._clock = clock
        self._approvals = ApprovalDesk(counter, reader)
        self._desks = (
            self._approvals,
            DrillDesk(counter, reader, self._drills, lambda: self._link is not None),
            StoredDesk(counter, pins, self._cut_off, reader),
        )
        screens.greet(lambda: {"afar": self._afar()})
        effects = (self._errands, self._drills, self._cut_off, self._given_up)
        for listener in (*(each.hear for each in effects), self._hear):
            writer.listen(listener)

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


async def _nothing() -> None:
    """The link of a box that nobody has claimed."""
