"""What the parts of a history's end have in common: who is there, serving a party, waiting within bounds."""

import asyncio
import random
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import msgspec

from tests.simulation.clouds import Clouds
from tests.simulation.guests import Party
from tests.simulation.internet import Internet
from tests.simulation.invariants import CloudWitness
from tests.simulation.premises import Life, Premises
from tests.simulation.wifi import Air, Device

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
    #: Told of every line that boxes dial over, besides the venue's own.
    add_line: Callable[[Internet], None]

    @property
    def box(self) -> Premises:
        """The venue's own."""
        return self.boxes["box"]

    @property
    def venue_id(self) -> str:
        """Whose books they are."""
        return self.box.venue.box.venue_id or ""

    def block(self, blocked: bool) -> None:
        """Nothing passes over the venue's own line, or everything again."""
        self.internet.line.up_blocked = self.internet.line.down_blocked = blocked
        self.internet.settle()


def life_of(premises: Premises) -> Life:
    """The life that goes on there, or the last one."""
    assert premises.life is not None
    return premises.life


async def serve(scene: Scene, premises: Premises, table: str) -> None:
    """A party, unless the box has nothing to serve by: its card may be older than its first menu."""
    device = Device(premises, Air(), premises.venue.loop, scene.dice)
    with suppress(TimeoutError):
        async with asyncio.timeout(_WITHIN_S):
            await Party(device, lambda _session, _version, _lines: None).visit(table, 2.0)


async def until(scene: Scene, holds: Callable[[], bool], sentence: str) -> None:
    """Wait for it, within bounds."""
    venue = scene.box.venue
    deadline_s = venue.loop.time() + _WITHIN_S
    while not holds():
        if not venue.chronicle.expect(venue.loop.time() < deadline_s, sentence):
            await asyncio.sleep(_LOOK_EVERY_S)
        await asyncio.sleep(_LOOK_EVERY_S)
