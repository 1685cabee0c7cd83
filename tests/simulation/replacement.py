"""A box is replaced on purpose in the middle of service: the owner presses the button, a new one takes over.

The old box may be cut off by then and goes on selling until it hears of it; so both serve for a while. The
new one fetches its snapshot by the real way of claiming, over a line that is cut, from processes that die,
and goes on where the cloud's copy of the old journal ended. What only the old one knew ends as orphans, its
orders and payments counted one by one, and changes nothing of the venue's own tables.
"""

import asyncio
import json
import random
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from types import SimpleNamespace

import aiohttp
import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cloud.store.link.facts import Uuid
from cloud.store.pool import GONE
from edge.adapters.cloud import claiming
from edge.adapters.cloud.claiming import ClaimRefused, CloudAway, take_over
from edge.core.play.commands import StopPlay
from edge.journal.database import Box, open_reader, read_box, read_charge, read_link
from protocol.identity import uuid7
from tests.simulation import menus, sometimes, succession
from tests.simulation.answers import Answers
from tests.simulation.clocks import BoxClock
from tests.simulation.disk import Weather
from tests.simulation.doors import Doors
from tests.simulation.furnishing import furnish
from tests.simulation.internet import Internet
from tests.simulation.invariants import check_answers
from tests.simulation.premises import Premises
from tests.simulation.reading import Json
from tests.simulation.scene import Scene, serve, until
from tests.simulation.shift import Shift
from tests.simulation.staff import desk
from tests.simulation.wifi import Air, Device

_PLAYED = "SELECT session_id FROM play_sessions WHERE status IN ('ACTIVE', 'PAUSED')"
_CODE = "code-of-the-replacement"
#: Nobody is struck any more after so long.
_UNREST_S = 60.0


async def replaced(scene: Scene) -> None:
    """All of it, until both boxes are where they belong."""
    old, shift = scene.box, Shift()
    async with asyncio.TaskGroup() as evening:
        unrest = evening.create_task(_unrest(scene))
        evening.create_task(serve(scene, old, "TABLE1"))
        playing = evening.create_task(desk(_device(scene, old), "pc-1", shift))
        await asyncio.sleep(scene.dice.uniform(0.0, 15.0))
        if scene.dice.random() < 0.7:
            scene.block(True)
            await asyncio.sleep(scene.dice.uniform(0.0, 30.0))
        heir = await _taken_over(scene)
        running = scene.world.create_task(heir.run())
        evening.create_task(serve(scene, heir, "TABLE2"))
        await asyncio.sleep(scene.dice.uniform(0.0, 30.0))
        scene.block(False)
        shift.open = False
        await unrest
        playing.cancel()
        await _end_play(scene, heir)
    await until(scene, lambda: _settled(scene, heir), "a box that was replaced never came to rest")
    _compare(scene, heir)
    running.cancel()


def _device(scene: Scene, premises: Premises) -> Device:
    return Device(premises, Air(), premises.venue.loop, scene.dice)


async def _unrest(scene: Scene) -> None:
    """Somebody dies now and then, at a named point as well, and lines break; then nobody any more."""
    fate, dice = scene.clouds.fate, scene.dice
    fate.odds = dice.choice((0.0, 0.0, 0.002, 0.01))
    for _ in range(dice.randrange(4)):
        await asyncio.sleep(dice.uniform(0.0, _UNREST_S / 3))
        victims = [box.life for box in scene.boxes.values()] + list(scene.clouds.processes)
        victim = dice.choice(victims)
        if victim is not None:
            victim.kill(power=dice.random() < 0.5)
    fate.odds = 0.0


async def _end_play(scene: Scene, heir: Premises) -> None:
    """What was begun at the old box and is known to the new one is ended there."""
    device = _device(scene, heir)
    await until(scene, lambda: heir.hot is not None, "the new box never starts")
    for session_id in heir.listed(_PLAYED):
        heir.venue.chronicle.saw(sometimes.PLAYED_ON)
        await device.ask(StopPlay(session_id, "closing", f"staff:{menus.MANAGER}", device.mid("stop")))


# ── taking over ──────────────────────────────────────────────────────────────────────────────────


async def _taken_over(scene: Scene) -> Premises:
    """The new box, with what the cloud had of the venue; whoever sets it up tries until it works."""
    venue, dice = scene.box.venue, scene.dice
    line = Internet(venue.loop, dice, venue.chronicle)
    line.answer, line.watch = scene.clouds.answer, scene.witness.said
    scene.add_line(line)
    key = Ed25519PrivateKey.from_private_bytes(dice.randbytes(32))
    node_id, log_id = (uuid7(number, dice.randbytes(10)) for number in (4, 5))
    directory = scene.directory / "heir-0"
    furnish(directory, Box(node_id, log_id, None, 0, None))
    doors = Doors(scene.clouds, line, dice)
    doors.lost, doors.damaged = dice.choice((0.0, 0.2)), dice.choice((0.0, 0.2))
    await _press(scene)
    scene.witness.alone = False
    with _knocking(doors, dice):
        await _claim(scene, directory, key)
    return _open(scene, directory, key, line)


async def _press(scene: Scene) -> None:
    """The owner's button, again if the page says that it did not work."""
    while True:
        with suppress(OSError, *GONE):
            async with scene.clouds.view().transaction() as page:
                succession.replace(page, scene.venue_id, _CODE)
            return
        await asyncio.sleep(1.0)


async def _claim(scene: Scene, directory: Path, key: Ed25519PrivateKey) -> None:
    """As `holdfast-edge claim`, with the same code until it says that the box has its place."""
    while True:
        try:
            taken = await take_over(directory, "sim://cloud", _CODE, key)
        except ClaimRefused as error:
            scene.box.venue.chronicle.note(f"claiming: {error}")
            away = isinstance(error, CloudAway)
            scene.box.venue.chronicle.expect(away, f"the new box was refused: {error}")
            await asyncio.sleep(1.0)
        else:
            scene.box.venue.chronicle.expect(not taken.left_out, f"left out: {taken.left_out}")
            return


@contextmanager
def _knocking(doors: Doors, dice: random.Random) -> Iterator[None]:
    """The real claiming code knocks at the doors of this history while the block lasts."""
    real = {name: vars(claiming)[name] for name in ("aiohttp", "random")}
    sockets = SimpleNamespace(**vars(aiohttp) | {"ClientSession": doors.session})
    vars(claiming).update(aiohttp=sockets, random=dice)
    try:
        yield
    finally:
        vars(claiming).update(real)


def _open(scene: Scene, directory: Path, key: Ed25519PrivateKey, line: Internet) -> Premises:
    """The new box on the place of the old one; the till and the terminal are the venue's."""
    former = scene.box.venue
    with closing(open_reader(directory)) as reader:
        box, base_seq = read_box(reader), read_charge(reader)[0]
    journal = former.journal.succeeded("heir", box.log_id, base_seq)
    answers = Answers(former.chronicle)
    answers.elsewhere |= former.answers.elsewhere | former.answers.asked.keys()
    scene.witness.succeeded(journal, box.node_id)
    venue = msgspec.structs.replace(
        former, name="heir", box=box, key=key, journal=journal, answers=answers,
        clock=BoxClock(former.loop, 0, "heir's boot"), weather=Weather(),
    )  # fmt: skip
    heir = scene.boxes["heir"] = Premises(venue, directory, line)
    tail = former.journal.tail_seq - base_seq
    former.chronicle.note(f"the new box goes on after fact {base_seq}, the old one has {tail} more")
    former.chronicle.saw(sometimes.TAKEN_OVER)
    return heir


# ── afterwards ───────────────────────────────────────────────────────────────────────────────────


def _settled(scene: Scene, heir: Premises) -> bool:
    """The new box and the cloud agree to the end, the old one knows its place and has handed all of it in."""
    old, new = scene.box.life, heir.life
    if old is None or new is None or not (old.alive and new.alive):
        return False
    cursor = read_link(new.reader)
    drained = scene.witness.unsettled(scene.venue_id, (cursor.acked_seq, cursor.incarnation)) is None
    return drained and old.link.replaced_by > 0 and not _missing(scene, heir)


def _missing(scene: Scene, heir: Premises) -> list[int]:
    """Facts that only the old box had and that are not among the orphans, byte for byte."""
    journal, books = scene.box.venue.journal, scene.clouds.books.all
    venue, log = Uuid(scene.venue_id), Uuid(journal.log_id)
    base_seq, missing = heir.venue.journal.first_seq, []
    for seq in range(base_seq + 1, journal.tail_seq + 1):
        row = books.get(("orphan", venue, log, seq, journal.hashes[seq]))
        if row is None or row[6] != journal.records[seq - 1]:
            missing.append(seq)
    return missing


def _compare(scene: Scene, heir: Premises) -> None:
    """The venue's tables are the new box's; what the old one had alone is counted and nowhere else."""
    chronicle = heir.venue.chronicle
    with closing(open_reader(heir.directory)) as reader:
        heir.venue.journal.reread(reader)
        scene.witness.compare(scene.venue_id, reader)
    heir.venue.journal.finish()
    check_answers(heir.venue.journal, heir.venue.answers, chronicle)
    scene.witness.commanded(scene.venue_id, heir.venue.journal.check.taken)
    for sentence in _counted(scene, heir.venue.journal.first_seq):
        chronicle.violated(sentence)


def _counted(scene: Scene, base_seq: int) -> Iterator[str]:
    """What is wrong with the sums of the orphans: each order and payment of the tail has to be in them."""
    journal, books = scene.box.venue.journal, scene.clouds.books.all
    told = {key[3]: row for key, row in books.items() if key[0] in ("orphan order", "orphan payment")}
    wanted = _of_tail(journal.records, base_seq)
    if wanted:
        journal_chronicle = scene.box.venue.chronicle
        journal_chronicle.saw(sometimes.ORPHANED)
        journal_chronicle.figures["orders and payments counted as orphans"] += len(wanted)
    if told.keys() != wanted.keys():
        yield f"orphans counted: {sorted(told)}, the old box alone had {sorted(wanted)}"
    for name, (status, amount_minor) in wanted.items():
        row = told.get(name)
        found = (
            (row.status, getattr(row, "total_minor", None) or getattr(row, "amount_minor", 0))
            if row
            else None
        )
        if found != (status, amount_minor):
            yield f"{name} is {status} over {amount_minor} and counts as {found}"


_ORDER_STATUS = {
    "OrderPlaced": "processing", "OrderRetried": "processing", "OrderConfirmed": "confirmed",
    "OrderFailed": "failed", "OrderAbandoned": "abandoned",
}  # fmt: skip
_PAYMENT_STATUS = {
    "PaymentInitiated": "INITIATED", "PaymentPending": "PENDING", "PaymentCompleted": "COMPLETED",
    "PaymentFailed": "FAILED", "PaymentUnknown": "UNKNOWN", "PaymentRefunded": "REFUNDED",
}  # fmt: skip


def _of_tail(records: list[bytes], base_seq: int) -> dict[str, tuple[str, int]]:
    """Orders and payments that the tail is about: how each stands at its end, and its amount."""
    stands: dict[str, tuple[str, int]] = {}
    late: set[str] = set()
    for seq, record in enumerate(records, 1):
        fact: Json = json.loads(record)
        kind, _, name = fact["aggregate"].partition(":")
        if kind not in ("order", "payment"):
            continue
        event = fact["event"]
        status, amount_minor = stands.get(name, ("", 0))
        status = (_ORDER_STATUS | _PAYMENT_STATUS).get(event["type"], status)
        if event["type"] in ("OrderPlaced", "PaymentInitiated"):
            amount_minor = event.get("total_minor", event.get("amount_minor"))
        stands[name] = status, amount_minor
        if seq > base_seq:
            late.add(name)
    return {name: stands[name] for name in late}
