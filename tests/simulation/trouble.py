"""What befalls a venue, kind by kind, for a while each, several at once; and how all of it is healed.

Rule of the file: a trouble turns one knob of the world and turns it back. What follows from it is the
product's business.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable

import msgspec

from cloud.ingest.ending import Ending
from tests.simulation.chronicle import Chronicle
from tests.simulation.clouds import Clouds
from tests.simulation.fate import Fate
from tests.simulation.internet import Internet
from tests.simulation.plan import Plan
from tests.simulation.premises import Premises
from tests.simulation.releases import OLD, PRESENT
from tests.simulation.till import Till
from tests.simulation.wifi import Air

_DAY_MS = 86_400_000


class World(msgspec.Struct, frozen=True):
    """Everything that has a knob."""

    premises: Premises
    clouds: Clouds
    internet: Internet
    air: Air
    till: Till
    fate: Fate
    chronicle: Chronicle
    dice: random.Random


class Trouble:
    """The troubles of one plan. `run` makes them come and go; `heal` ends all that is under way."""

    def __init__(self, world: World, plan: Plan) -> None:
        self._world = world
        self._mean_s = plan.trouble_every_s
        #: Long enough for a box to be sure that it is cut off, where that is what a history is about.
        self._partition_s = 60.0 if plan.pays_in > 0.5 else 200.0
        every: dict[str, Callable[[], Awaitable[None]]] = {
            "box killed": self._box_killed,
            "box loses power": self._box_loses_power,
            "slow disk": self._slow_disk,
            "full disk": self._full_disk,
            "failed commits": self._failed_commits,
            "partition": self._partition,
            "one-way partition": self._one_way,
            "cut": self._cut,
            "half-open": self._half_open,
            "long outage": self._long_outage,
            "slow line": self._slow_line,
            "mangled frames": self._mangled,
            "cloud killed": self._cloud_killed,
            "cloud frozen": self._cloud_frozen,
            "database away": self._database_away,
            "commits in doubt": self._commits_in_doubt,
            "cloud restored": self._cloud_restored,
            "lost notes": self._lost_notes,
            "clock steps": self._clock_steps,
            "lossy wifi": self._lossy_wifi,
            "bad till": self._bad_till,
            "old box": self._old_box,
            "old cloud": self._old_cloud,
        }
        self._kinds = [(kind, do) for kind, do in every.items() if plan.has(kind)]

    async def run(self) -> None:
        """Two sources of trouble, so that two can fall together."""
        if not self._kinds:
            return
        async with asyncio.TaskGroup() as group:
            for _ in range(2):
                group.create_task(self._source())

    async def _source(self) -> None:
        dice = self._world.dice
        while True:
            await asyncio.sleep(dice.expovariate(1.0 / self._mean_s))
            kind, do = dice.choice(self._kinds)
            self._world.chronicle.fault(kind)
            await do()
            self._world.chronicle.note(f"end of {kind}")

    async def _for_a_while(self, most_s: float) -> None:
        await asyncio.sleep(self._world.dice.uniform(0.1, most_s))

    def heal(self) -> None:
        """Everything works from now on."""
        world = self._world
        weather, line, database = world.premises.venue.weather, world.internet.line, world.clouds.database
        weather.full, weather.failing, weather.latency_s = False, 0.0, 0.0004
        line.up_blocked = line.down_blocked = line.dead = False
        line.repeated = line.dropped = line.flipped = 0.0
        line.latency_s = 0.02
        database.away, database.doubt, database.latency_s = False, 0.0, 0.002
        world.air.lost = world.air.repeated = 0.0
        world.till.closed = world.till.lost = 0.0
        world.clouds.lost_notes = 0.0
        world.fate.odds = 0.0
        for process in world.clouds.processes:
            process.moment.going.set()
        self._upgrade()
        world.internet.settle()

    def _upgrade(self) -> None:
        """Everybody to the present release; whoever runs an older one starts anew."""
        world = self._world
        world.premises.venue.releases.box = world.clouds.releases.cloud = PRESENT
        life = world.premises.life
        if life is not None and life.moment.release != PRESENT:
            life.kill(power=False)
        for process in tuple(world.clouds.processes):
            if process.moment.release != PRESENT:
                process.kill(power=False)

    # ── the box ──────────────────────────────────────────────────────────────────────────────────

    async def _box_killed(self) -> None:
        if self._world.premises.life is not None:
            self._world.premises.life.kill(power=False)

    async def _box_loses_power(self) -> None:
        if self._world.premises.life is not None:
            self._world.premises.life.kill(power=True)

    async def _slow_disk(self) -> None:
        weather = self._world.premises.venue.weather
        weather.latency_s = self._world.dice.choice((0.005, 0.03, 0.2, 1.5))
        await self._for_a_while(60.0)
        weather.latency_s = 0.0004

    async def _full_disk(self) -> None:
        weather = self._world.premises.venue.weather
        weather.full = True
        await self._for_a_while(20.0)
        weather.full = False

    async def _failed_commits(self) -> None:
        weather = self._world.premises.venue.weather
        weather.failing = self._world.dice.choice((0.05, 0.3))
        await self._for_a_while(40.0)
        weather.failing = 0.0

    async def _clock_steps(self) -> None:
        step_ms = self._world.dice.choice(
            (-400 * _DAY_MS, -_DAY_MS, -3_600_000, -2_000, 2_000, _DAY_MS, 30 * _DAY_MS)
        )
        self._world.premises.venue.clock.step(step_ms)

    async def _lossy_wifi(self) -> None:
        air = self._world.air
        air.lost, air.repeated = self._world.dice.choice((0.05, 0.3)), self._world.dice.choice((0.0, 0.2))
        await self._for_a_while(60.0)
        air.lost = air.repeated = 0.0

    async def _bad_till(self) -> None:
        till = self._world.till
        till.closed, till.lost = self._world.dice.choice((0.0, 0.3, 0.9)), self._world.dice.choice((0.1, 0.5))
        await self._for_a_while(60.0)
        till.closed = till.lost = 0.0

    async def _old_box(self) -> None:
        """The box goes back to the last release for a while, and on to the present one."""
        for release, most_s in ((OLD, 200.0), (PRESENT, 0.2)):
            self._world.premises.venue.releases.box = release
            await self._box_killed()
            await self._for_a_while(most_s)

    # ── the line ─────────────────────────────────────────────────────────────────────────────────

    async def _partition(self) -> None:
        await self._block(up=True, down=True, most_s=self._partition_s)

    async def _one_way(self) -> None:
        up = self._world.dice.random() < 0.5
        await self._block(up=up, down=not up, most_s=60.0)

    async def _long_outage(self) -> None:
        """As good as two weeks: everything that is done until the venue's evening waits for the cloud."""
        await self._block(up=True, down=True, most_s=1500.0)

    async def _block(self, *, up: bool, down: bool, most_s: float) -> None:
        internet = self._world.internet
        internet.line.up_blocked, internet.line.down_blocked = up, down
        internet.settle()
        await self._for_a_while(most_s)
        internet.line.up_blocked = internet.line.down_blocked = False
        internet.settle()

    async def _cut(self) -> None:
        """A reset in the middle of anything; both ends hear of it, not at the same time."""
        dice = self._world.dice
        for wire in tuple(self._world.internet.wires):
            wire.sever((dice.uniform(0.0, 0.5), dice.uniform(0.0, 0.5)))

    async def _half_open(self) -> None:
        """A router forgets the connection: nobody is told, or one side only."""
        dice = self._world.dice
        for wire in tuple(self._world.internet.wires):
            wire.sever(dice.choice(((None, None), (0.1, None), (None, 0.1))))

    async def _slow_line(self) -> None:
        line = self._world.internet.line
        line.latency_s = self._world.dice.choice((0.3, 2.0, 9.0))
        await self._for_a_while(90.0)
        line.latency_s = 0.02

    async def _mangled(self) -> None:
        """Something between box and cloud repeats, loses or damages frames, which TCP would never do."""
        self._world.clouds.excused |= {Ending.VIOLATION, Ending.CHAIN_BROKEN, Ending.TURNED_AWAY}
        line, dice = self._world.internet.line, self._world.dice
        line.repeated, line.dropped = dice.choice((0.0, 0.1, 0.5)), dice.choice((0.0, 0.1, 0.5))
        line.flipped = dice.choice((0.0, 0.1))
        await self._for_a_while(60.0)
        line.repeated = line.dropped = line.flipped = 0.0

    # ── the cloud ────────────────────────────────────────────────────────────────────────────────

    async def _cloud_killed(self) -> None:
        for process in tuple(self._world.clouds.processes):
            if self._world.dice.random() < 0.7:
                process.kill(power=False)

    async def _old_cloud(self) -> None:
        """Processes are started anew one by one, and some are of the last release for a while."""
        for release, most_s in ((OLD, 200.0), (PRESENT, 0.2)):
            self._world.clouds.releases.cloud = release
            await self._cloud_killed()
            await self._for_a_while(most_s)

    async def _cloud_frozen(self) -> None:
        """A machine stands still, and goes on as if nothing had been; its boxes may have left meanwhile."""
        dice, clouds = self._world.dice, self._world.clouds
        if not clouds.processes:
            return
        frozen = dice.choice(clouds.processes).moment
        frozen.going.clear()
        if dice.random() < 0.7:
            for wire in self._world.internet.wires:
                if wire.cloud.moment is frozen:
                    wire.sever((dice.uniform(0.0, 5.0), None))
        await self._for_a_while(20.0)
        frozen.going.set()

    async def _database_away(self) -> None:
        self._world.clouds.database.away = True
        await self._for_a_while(30.0)
        self._world.clouds.database.away = False

    async def _commits_in_doubt(self) -> None:
        database = self._world.clouds.database
        database.doubt, database.latency_s = 0.1, self._world.dice.choice((0.002, 0.05, 1.0))
        await self._for_a_while(40.0)
        database.doubt, database.latency_s = 0.0, 0.002

    async def _cloud_restored(self) -> None:
        """Back to a copy that was taken some time ago, in a new incarnation."""
        clouds, dice = self._world.clouds, self._world.dice
        copy = dict(clouds.books.all)
        await self._for_a_while(200.0)
        for process in tuple(clouds.processes):
            process.kill(power=False)
        clouds.books.restore(copy, f"incarnation-{dice.getrandbits(32):x}")

    async def _lost_notes(self) -> None:
        self._world.clouds.lost_notes = 0.5
        await self._for_a_while(100.0)
        self._world.clouds.lost_notes = 0.0
