"""A box's way with a release where its disk or its journal fails it: it looks again, and forgets nobody."""

import asyncio
import shutil
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from edge.core.afar.commands import FinishCommand
from edge.core.afar.upgrading import Scene
from edge.core.clock import Now
from edge.effects.release_shelf import Places, Shelf
from edge.effects.upgrading import Pace, Upgrading
from edge.journal.writer import Accepted, Outcome
from edge.provision.release import MANIFEST, SIGNATURE
from protocol.serving_hours import ServingHours
from protocol.upgrade import Offer, Standing
from tests.integration.afar.linked import eventually
from tests.integration.releases.makers import Makers, Root

NOW = Now("boot", 1, 1_790_000_000_000, clock_trusted=True)
#: A little past two in the afternoon at a venue that is open for a minute at noon.
CLOSED = Scene(NOW, "UTC", (ServingHours("12:00", "12:01"),))


class Gone(Exception):
    """The line is."""


class Carrier:
    """Offers and brings what lies in a folder."""

    def __init__(self, bundle: Path) -> None:
        self._bundle = bundle
        manifest, signature = (bundle / MANIFEST).read_text(), (bundle / SIGNATURE).read_text()
        self._offer = Offer("0.3.0", manifest, signature)

    async def tell(self, _standing: Standing) -> Offer | None:
        """The same for everybody."""
        return self._offer

    async def fetch(self, offer: Offer, path: str, sha256: str, target: Path) -> None:
        """Whole."""
        await asyncio.to_thread(shutil.copyfile, self._bundle / path, target)


async def accepted(_command: FinishCommand) -> Outcome:
    """A journal that takes everything."""
    return Accepted(())


@asynccontextmanager
async def at_work(
    root: Root,
    makers: Makers,
    scene: Callable[[int, int], Scene] = lambda needed, free: CLOSED,
    finish: Callable[[FinishCommand], Awaitable[Outcome]] = accepted,
) -> AsyncIterator[Upgrading]:
    """It asks and looks all the time, and forgets a refusal at once."""
    root.data.mkdir(exist_ok=True)
    upgrading = Upgrading(
        shelf=Shelf(root.data, Places(root.home, root.key)),
        door=Carrier(makers.release("0.3.0")),
        closed=Gone,
        machine="any",
        scene=scene,
        clock=lambda: NOW,
        finish=finish,
        seen=lambda: None,
        pace=Pace(ask_s=0, look_s=0.02, again_s=0),
    )
    async with asyncio.TaskGroup() as group:
        task = group.create_task(upgrading.run())
        yield upgrading
        task.cancel()


async def test_a_journal_that_cannot_be_read_holds_a_release_up_and_nothing_else(
    root: Root, makers: Makers
) -> None:
    journal = sqlite3.connect(":memory:")

    def scene(_needed: int, _free: int) -> Scene:
        journal.execute("SELECT count(*) FROM payments")
        return CLOSED

    async with at_work(root, makers, scene) as upgrading:

        async def told() -> bool:
            return upgrading.standing.reason == "the disk cannot be read"

        await eventually(told)
        journal.execute("CREATE TABLE payments (status)")
        assert (await root.take_up()).version == "0.3.0"
    journal.close()
