"""A box's way with a release where its disk or its journal fails it: it looks again, and forgets nobody."""

import asyncio
import errno
import os
import shutil
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from edge.core.afar.commands import FinishCommand
from edge.core.afar.upgrading import Scene
from edge.core.clock import Now
from edge.effects.releases.shelf import Places, Shelf
from edge.effects.releases.upgrading import Pace, Upgrading
from edge.journal.writer import Accepted, Outcome
from edge.provision.asked import FETCHED, WANTED
from edge.provision.host import Host
from edge.provision.release import MANIFEST, SIGNATURE, verify
from edge.provision.upgrade import Progress, Upgrade, UpgradeFailed
from protocol import instruction
from protocol.errors import refuse
from protocol.facts.owner_command import CommandTaken, OwnerCommand
from protocol.serving_hours import ServingHours
from protocol.upgrade import Manifest, Offer, Standing
from tests.integration.afar.linked import eventually
from tests.integration.releases.makers import IN_USE, Makers, Root

NOW = Now("boot", 1, 1_790_000_000_000, clock_trusted=True)
#: A little past two in the afternoon at a venue that is open for a minute at noon.
CLOSED = Scene(NOW, "UTC", (ServingHours("12:00", "12:01"),))
HOURS_UNKNOWN = Scene(NOW, "UTC", ())


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


class Journal:
    """Cannot be written as often as it is told to; keeps the ends that it took."""

    def __init__(self, failures: int = 0) -> None:
        self._failures = failures
        self.ends: list[FinishCommand] = []

    async def take(self, command: FinishCommand) -> Outcome:
        """Or not."""
        if self._failures > 0:
            self._failures -= 1
            return refuse("storage_failed")
        self.ends.append(command)
        return Accepted(())

    async def until(self, *command_ids: str) -> None:
        """Wait until these have ended, in this order, and none a second time."""

        async def so() -> bool:
            return len(self.ends) >= len(command_ids)

        await eventually(so)
        assert [each.command_id for each in self.ends] == list(command_ids)


def ordered(command_id: str, version: str = "") -> OwnerCommand:
    """An owner says *now*."""
    taken = CommandTaken(command_id, 1, "upgrade", "owner", 900_000, ask=instruction.Upgrade(version))
    return OwnerCommand(1, taken, "TAKEN", NOW.wall_ms)


def provisioned(root: Root) -> Upgrade:
    """Root's own hand, which keeps its files in the test's folder."""
    here = str(root.home)
    return Upgrade(
        Host("the box", lambda argv: tuple(each.replace("/opt/holdfast", here) for each in argv)), print
    )


@asynccontextmanager
async def at_work(
    root: Root,
    makers: Makers,
    scene: Callable[[int, int], Scene] = lambda needed, free: CLOSED,
    finish: Callable[[FinishCommand], Awaitable[Outcome]] = accepted,
    again_s: float = 3600,
    shelved: type[Shelf] = Shelf,
) -> AsyncIterator[Upgrading]:
    """It asks and looks all the time."""
    root.data.mkdir(exist_ok=True)
    upgrading = Upgrading(
        shelf=shelved(root.data, Places(root.home, root.key)),
        door=Carrier(makers.release("0.3.0")),
        closed=Gone,
        machine="any",
        scene=scene,
        clock=lambda: NOW,
        finish=finish,
        seen=lambda: None,
        pace=Pace(ask_s=0, look_s=0.02, again_s=again_s),
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


class WornShelf(Shelf):
    """On a card that cannot tell, a few times, what is on it."""

    errors = 5

    def lacks(self, manifest: Manifest) -> list[tuple[str, str]]:
        """Or the card's word for it."""
        if self.errors > 0:
            self.errors -= 1
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return super().lacks(manifest)


async def test_a_card_that_cannot_be_read_for_a_while_ends_nothing(root: Root, makers: Makers) -> None:
    """The look meets it first, then what is told of the look."""
    async with at_work(root, makers, shelved=WornShelf):
        assert (await root.take_up()).version == "0.3.0"


async def test_an_order_s_end_is_told_until_the_journal_has_taken_it(root: Root, makers: Makers) -> None:
    journal = Journal(failures=2)
    async with at_work(root, makers, lambda needed, free: HOURS_UNKNOWN, journal.take) as upgrading:
        upgrading.order(ordered("first", "9.9.9"), left_over=False)
        await journal.until("first")
        upgrading.order(ordered("second", "9.9.9"), left_over=False)
        await journal.until("first", "second")
    assert {each.code for each in journal.ends} == {"no_release"}


async def test_an_order_that_root_refused_ends_with_that_and_is_not_handed_over_again(
    root: Root, makers: Makers
) -> None:
    journal = Journal(failures=2)
    async with at_work(root, makers, lambda needed, free: HOURS_UNKNOWN, journal.take) as upgrading:
        upgrading.order(ordered("order"), left_over=False)
        wanted = await root.take_up()
        root.note(Progress("refused", IN_USE, wanted.version, "there are 2 open tickets", wanted.asked))
        await journal.until("order")
        assert not (root.data / WANTED).exists()
    assert [(each.code, each.message) for each in journal.ends] == [("refused", "there are 2 open tickets")]


async def test_a_release_that_was_taken_back_stays_so_whatever_root_refuses_later(
    root: Root, makers: Makers
) -> None:
    (root.home / "upgrade.json").write_text(
        '{"phase":"returned","former":"0.2.0","wanted":"0.3.0","why":"it died","asked":"first"}'
    )
    journal = Journal()
    async with at_work(root, makers, finish=journal.take, again_s=0) as upgrading:
        upgrading.order(ordered("order"), left_over=False)
        wanted = await root.take_up()
        by_root = provisioned(root)
        (root.home / "releases").rename(root.home / "elsewhere")
        (root.home / "releases").touch()  # so that nothing can be installed
        with pytest.raises(UpgradeFailed):
            by_root.run(wanted.version, now=True, asked=wanted.asked)
        by_root.refuse(wanted.version, "the card is full", wanted.asked)
        await journal.until("order")

        async def told() -> bool:
            return upgrading.standing.reason == "the card is full"

        await eventually(told)
        assert upgrading.standing.state == "refused"
        # Ordered once more it is tried, and what it waited for was no try in between.
        upgrading.order(ordered("again"), left_over=False)
        assert (await root.take_up()).asked == "again"


async def test_what_a_power_cut_has_spoilt_is_gathered_again_before_root_looks_at_it(
    root: Root, makers: Makers
) -> None:
    async with at_work(root, makers, lambda needed, free: HOURS_UNKNOWN) as upgrading:

        async def waits() -> bool:
            return upgrading.standing.state == "waiting"

        await eventually(waits)
    gathered = root.data / FETCHED / "0.3.0"
    fetched, borrowed = sorted(gathered.glob("wheels/*.whl"))
    for path in (fetched, borrowed):  # renamed, while what they hold never reached the disk
        path.write_bytes(bytes(path.stat().st_size))
    for name in (MANIFEST, SIGNATURE):
        (gathered / name).unlink(missing_ok=True)
    async with at_work(root, makers):
        assert (await root.take_up()).version == "0.3.0"
    assert verify(root.home / "bundles/0.3.0", makers.public).version == "0.3.0"
