"""Releases from the cloud, wired: the shelf, the door, and how the venue stands when one might be put in.

A part of the composition root; `app.py` makes one. A box without a cloud, or that was laid down without the
makers' key, hears of no release and says so when somebody orders one.
"""

import asyncio
import platform
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import msgspec

from edge.adapters.cloud.claiming import load_key
from edge.adapters.cloud.release_door import DoorClosed, ReleaseDoor
from edge.config import Config
from edge.core.afar.upgrading import Scene, scene_hours
from edge.effects.releases.shelf import Places, Shelf
from edge.effects.releases.upgrading import Pace, Upgrading
from edge.journal.board import KitchenBoard
from edge.journal.floor import Floor
from edge.journal.under_way import OrdersUnderWay
from edge.web.guests.phones import Phones
from edge.wiring.books import Books
from protocol.afar import UpgradeWaits
from protocol.facts.payment import UNDER_WAY
from protocol.upgrade import Offer, Standing

_DAY_MS = 24 * 3600 * 1000
#: A doubt of long ago is for a person, and no restart makes it worse.
_IN_DOUBT = "SELECT count(*) FROM payments WHERE status IN (?, ?, ?) AND initiated_ms > ?"


class Rooms(msgspec.Struct, frozen=True):
    """Where guests, players and orders are looked for."""

    board: KitchenBoard
    floor: Floor
    phones: Phones
    under_way: OrdersUnderWay


class Screens(Protocol):
    """Of the staff, and what else comes from afar."""

    def tell(self) -> None: ...

    def drilling(self) -> bool: ...


class Upgrades:
    """Make it before the writer runs. `waits` is what staff are shown, on `screens` once they are there."""

    def __init__(
        self,
        config: Config,
        rooms: Rooms,
        books: Books,
        screens: Callable[[], Screens],
    ) -> None:
        self._rooms = rooms
        self._hot = books.hot
        self._reader = books.reader
        self._clock = books.clock
        self._screens = screens
        box = books.box
        serves = box.venue_id is not None and box.cloud_url is not None
        self.upgrading = Upgrading(
            shelf=Shelf(config.directory, Places(config.releases, config.release_key)),
            door=ReleaseDoor(box, load_key(config.directory / "node.key")) if serves else _Nowhere(),
            closed=DoorClosed,
            machine=platform.machine(),
            scene=self._scene,
            clock=books.clock,
            finish=books.writer.execute,
            seen=lambda: screens().tell(),
            pace=Pace(ask_s=config.release_ask_s, look_s=config.release_look_s),
        )

    def waits(self) -> UpgradeWaits | None:
        """A release that is here and waits, or is being put in place."""
        standing = self.upgrading.standing
        if standing.state not in ("downloaded", "waiting", "installing"):
            return None
        return UpgradeWaits(standing.version, standing.state == "installing", standing.reason)

    def _scene(self, needed_bytes: int, free_bytes: int) -> Scene:
        rooms, venue, now = self._rooms, self._hot.committed_venue(), self._clock()
        timezone, opening = scene_hours(venue.config if venue else None)
        return Scene(
            now=now,
            timezone=timezone,
            opening=opening,
            open_tickets=rooms.board.moved_within(_DAY_MS),
            playing=sum(session.status == "ACTIVE" for session in rooms.floor.live()),
            phones=len(rooms.phones),
            in_doubt=len(rooms.under_way.ids()) + self._payments_in_doubt(now.wall_ms),
            drilling=self._screens().drilling(),
            free_bytes=free_bytes,
            needed_bytes=needed_bytes,
        )

    def _payments_in_doubt(self, wall_ms: int) -> int:
        return int(self._reader.execute(_IN_DOUBT, (*UNDER_WAY, wall_ms - _DAY_MS)).fetchone()[0])

    def running(self, group: asyncio.TaskGroup) -> list["asyncio.Task[Any]"]:
        """Tasks to cancel in the end."""
        return [group.create_task(self.upgrading.run(), name="upgrading")]


class _Nowhere:
    """Of a box that belongs to nobody: there is no cloud to ask."""

    async def tell(self, _standing: Standing) -> Offer | None:
        """Nothing."""
        return None

    async def fetch(self, offer: Offer, path: str, sha256: str, target: Path) -> None:
        """Never asked for, because nothing is offered."""
        raise DoorClosed(path)
