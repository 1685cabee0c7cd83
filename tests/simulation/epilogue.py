"""What may happen once all is well: a card is copied, an older copy is put in, or the box is replaced.

Of two boxes with one card one sells on and the other has to hear that it is no longer the box of the venue;
the cloud's books follow one of the two journals and never mix them. A box that has lost facts has to hear of
it, whatever it sold meanwhile, and nothing that it writes on top of the loss gets into the books.
"""

import asyncio

import msgspec

from cloud.ingest.ending import Ending
from cloud.store.link.facts import Uuid
from edge.journal.database import open_reader, read_link
from tests.simulation.answers import Answers
from tests.simulation.clocks import BoxClock
from tests.simulation.disk import Weather
from tests.simulation.premises import Premises
from tests.simulation.replacement import replaced
from tests.simulation.scene import Scene, life_of, serve, until
from tests.simulation.till import Till

EPILOGUES = ("cloned card", "rolled-back card", "replaced box")


async def epilogue(kind: str, scene: Scene) -> None:
    """One of `EPILOGUES`; whatever goes wrong is written down."""
    scene.box.venue.chronicle.fault(kind)
    scene.clouds.excused.add(Ending.TURNED_AWAY)
    if kind == "cloned card":
        await _cloned(scene)
    elif kind == "replaced box":
        await replaced(scene)
    elif scene.earlier.exists():
        await _rolled_back(scene)


# ── a copied card ────────────────────────────────────────────────────────────────────────────────


async def _cloned(scene: Scene) -> None:
    twin = _twin(scene)
    scene.boxes["twin"] = twin
    scene.witness.forked(twin.venue.journal)
    running = scene.world.create_task(twin.run())
    async with asyncio.TaskGroup() as both:
        both.create_task(serve(scene, scene.box, "TABLE1"))
        both.create_task(serve(scene, twin, "TABLE2"))
    await until(scene, lambda: _settled(scene), "two boxes with one card never came to an end")
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
    life_of(scene.box).disk.picture(directory, power=False)
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
    return Premises(other, directory, scene.internet)


def _settled(scene: Scene) -> bool:
    """One journal is in the books to its end, and the other box knows that it is not the venue's."""
    if not scene.witness.decided:
        return False
    winner = next(box for box in scene.boxes.values() if box.venue.journal is scene.witness.journal)
    losers = [life_of(box).link for box in scene.boxes.values() if box is not winner]
    cursor = read_link(life_of(winner).reader)
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
    if not life_of(loser).link.replaced_by:
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
        scene.block(True)
    await asyncio.sleep(15.0)
    await serve(scene, box, "TABLE1")
    scene.block(False)
    if box.venue.journal.tail_seq > 0 and box.venue.journal.lost:
        await until(scene, lambda: bool(life_of(box).link.ticket), "a box that lost facts never heard of it")
    now_held = scene.witness.node.durable_seq
    grew = now_held != held and box.venue.journal.lost
    box.venue.chronicle.expect(not grew, f"the books grew from {held} to {now_held} by a box that lost facts")
