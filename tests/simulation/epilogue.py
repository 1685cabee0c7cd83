"""What may happen to a box's card once all is well: it is copied, or an older copy is put in.

Of two boxes with one card one sells on and the other has to hear that it is no longer the box of the venue;
the cloud's books follow one of the two journals and never mix them. A box that has lost facts has to hear of
it, whatever it sold meanwhile, and nothing that it writes on top of the loss gets into the books.
"""

import asyncio
import random
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import msgspec

from cloud.ingest.ending import Ending
from cloud.store.link.facts import Uuid
from edge.journal.database import open_reader, read_link
from tests.simulation.answers import Answers
from tests.simulation.clocks import BoxClock
from tests.simulation.clouds import Clouds
from tests.simulation.disk import Weather
from tests.simulation.guests import Party
from tests.simulation.internet import Internet
from tests.simulation.invariants import CloudWitness
from tests.simulation.premises import Life, Premises
from tests.simulation.till import Till
from tests.simulation.wifi import Air, Device

EPILOGUES = ("cloned card", "rolled-back card")
_WITHIN_S = 240.0
_LOOK_EVERY_S = 1.0


class Scene(msgspec.Struct, frozen=True):
    """What an epilogue needs of its history. `earlier` is a copy of the disk from the first day, if any."""

    boxes: dict[str, Premises]
    clouds: Clouds
    witness: CloudWitness
    internet: Internet
    directory: Path
    earlier: Path
    dice: random.Random
    world: asyncio.TaskGroup

    @property
    def box(self) -> Premises:
        """The venue's own."""
        return self.boxes["box"]

    @property
    def venue_id(self) -> str:
        """Whose books they are."""
        return self.box.venue.box.venue_id or ""


async def epilogue(kind: str, scene: Scene) -> None:
    """One of `EPILOGUES`; whatever goes wrong is written down."""
    scene.box.venue.chronicle.fault(kind)
    scene.clouds.excused.add(Ending.TURNED_AWAY)
    if kind == "cloned card":
        await _cloned(scene)
    elif scene.earlier.exists():
        await _rolled_back(scene)


def _life(premises: Premises) -> Life:
    assert premises.life is not None
    return premises.life


async def _serve(scene: Scene, premises: Premises, table: str) -> None:
    """A party, unless the box has nothing to serve by: its card may be older than its first menu."""
    device = Device(premises, Air(), premises.venue.loop, scene.dice)
    with suppress(TimeoutError):
        async with asyncio.timeout(_WITHIN_S):
            await Party(device, lambda _session, _version, _lines: None).visit(table, 2.0)


async def _until(scene: Scene, holds: Callable[[], bool], sentence: str) -> None:
    """Wait for it, within bounds."""
    venue = scene.box.venue
    deadline_s = venue.loop.time() + _WITHIN_S
    while not holds():
        if not venue.chronicle.expect(venue.loop.time() < deadline_s, sentence):
            await asyncio.sleep(_LOOK_EVERY_S)
        await asyncio.sleep(_LOOK_EVERY_S)


# ── a copied card ────────────────────────────────────────────────────────────────────────────────


async def _cloned(scene: Scene) -> None:
    twin = _twin(scene)
    scene.boxes["twin"] = twin
    scene.witness.forked(twin.venue.journal)
    running = scene.world.create_task(twin.run())
    async with asyncio.TaskGroup() as both:
        both.create_task(_serve(scene, scene.box, "TABLE1"))
        both.create_task(_serve(scene, twin, "TABLE2"))
    await _until(scene, lambda: _settled(scene), "two boxes with one card never came to an end")
    winner = next(box for box in scene.boxes.values() if box.venue.journal is scene.witness.journal)
    with_reader = open_reader(winner.directory)
    try:
        scene.witness.compare(scene.venue_id, with_reader)
    finally:
        with_reader.close()
    winner.venue.journal.finish()
    running.cancel()


def _twin(scene: Scene) -> Premises:
    """Another box with a copy of the card as it is now, and a till of its own that knows the same orders."""
    venue, directory = scene.box.venue, scene.directory / "twin-0"
    _life(scene.box).disk.picture(directory, power=False)
    till = Till(venue.loop, scene.dice, venue.chronicle)
    till.taken.update(venue.till.taken)
    other = msgspec.structs.replace(
        venue,
        name="twin",
        journal=venue.journal.fork("twin", venue.journal.tail_seq),
        answers=Answers(venue.chronicle),
        clock=BoxClock(venue.loop, 0, "twin's boot"),
        weather=Weather(),
        till=till,
    )
    return Premises(other, directory, scene.internet.hang_up)


def _settled(scene: Scene) -> bool:
    """One journal is in the books to its end, and the other box knows that it is not the venue's."""
    if not scene.witness.decided:
        return False
    winner = next(box for box in scene.boxes.values() if box.venue.journal is scene.witness.journal)
    losers = [_life(box).link for box in scene.boxes.values() if box is not winner]
    cursor = read_link(_life(winner).reader)
    drained = scene.witness.unsettled(scene.venue_id, (cursor.acked_seq, cursor.incarnation)) is None
    told = all(link.replaced_by or link.ticket for link in losers)
    return (
        drained and told and all(_handed_in(scene, box) for box in scene.boxes.values() if box is not winner)
    )


def _handed_in(scene: Scene, loser: Premises) -> bool:
    """Whether every fact of a box that lost its place lies in the cloud, in the books or as an orphan.

    One that found only on its own side that the journals differ is given a new beginning instead, and sends
    its former journal afterwards; that is for `tests/integration/cloud/test_successions.py`.
    """
    if not _life(loser).link.replaced_by:
        return True
    venue, journal, books = Uuid(scene.venue_id), loser.venue.journal, scene.clouds.books.all
    log = Uuid(journal.log_id)
    for seq, chain_hash in enumerate(journal.hashes[1:], 1):
        fact = books.get(("fact", venue, log, seq))
        if (fact is None or fact[7] != chain_hash) and ("orphan", venue, log, seq, chain_hash) not in books:
            return False
    return True


# ── an older card ────────────────────────────────────────────────────────────────────────────────


async def _rolled_back(scene: Scene) -> None:
    box, held = scene.box, scene.witness.node.durable_seq
    offline = scene.dice.random() < 0.5
    box.put_in(scene.earlier)
    scene.witness.rolled_back(box.venue.journal)
    if offline:
        _block(scene, True)
    await asyncio.sleep(15.0)
    await _serve(scene, box, "TABLE1")
    _block(scene, False)
    if box.venue.journal.tail_seq > 0 and box.venue.journal.lost:
        await _until(scene, lambda: bool(_life(box).link.ticket), "a box that lost facts never heard of it")
    now_held = scene.witness.node.durable_seq
    grew = now_held != held and box.venue.journal.lost
    box.venue.chronicle.expect(not grew, f"the books grew from {held} to {now_held} by a box that lost facts")


def _block(scene: Scene, blocked: bool) -> None:
    scene.internet.line.up_blocked = scene.internet.line.down_blocked = blocked
    scene.internet.settle()
