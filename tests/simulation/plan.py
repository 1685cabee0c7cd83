"""What one history is made of: how long, how busy, which troubles, whose clock. All follows from the seed.

Every history has some kinds of trouble and not others, because what hides behind one kind is seldom found
while all of them rage. A plan can be written as a command line and read from one, so a history that fails
can be told to somebody else, whole or with kinds left out.
"""

import random

import msgspec

#: Every kind of trouble by name. `trouble.py` and the parts themselves say what each does.
KINDS = (
    "crash points",
    "box killed",
    "box loses power",
    "slow disk",
    "full disk",
    "failed commits",
    "partition",
    "one-way partition",
    "cut",
    "half-open",
    "long outage",
    "slow line",
    "mangled frames",
    "cloud killed",
    "cloud frozen",
    "database away",
    "commits in doubt",
    "cloud restored",
    "lost notes",
    "clock steps",
    "lossy wifi",
    "bad till",
    "old box",
    "old cloud",
)


#: What of a plan a command line says by one value each.
SAID = (
    "visits_a_day",
    "wall",
    "crash_odds",
    "trouble_every_s",
    "epilogue",
    "venues",
    "booked_every_s",
    "favoured",
    "pays_in",
)
#: Crash points that are seldom passed -> what brings them about; each has some histories of its own.
SELDOM = {" resend.": "mangled frames", "till find out": "bad till"}
_SELDOM_OF = 30
#: One of so many venues has guests who pay nothing in, and a line that is cut off again and again.
_POOR_OF = 8
#: What may befall the card or the box at the very end.
_ENDS = ("", "", "cloned card", "rolled-back card", "replaced box")


class Wall(msgspec.Struct, frozen=True):
    """How wrong the box's clock is when it starts, and whether it believes itself."""

    offset_ms: int
    trusted: bool


_TODAY_MS = 1_790_000_000_000
#: Right, at the epoch, days ahead, a year behind.
WALLS = (
    Wall(0, True),
    Wall(-_TODAY_MS, False),
    Wall(3 * 86_400_000, True),
    Wall(-400 * 86_400_000, False),
)


class Plan(msgspec.Struct, frozen=True):
    """One history. `strikes` are hits of crash points, counted from its beginning."""

    seed: int
    days: int = 1
    kinds: tuple[str, ...] = ()
    visits_a_day: int = 5
    wall: int = 0
    #: What happens to the card at the very end; see `epilogue.py`.
    epilogue: str = ""
    strikes: tuple[int, ...] = ()
    crash_odds: float = 0.0
    #: Mean time between two troubles of one source; there are two sources.
    trouble_every_s: float = 40.0
    #: Of one organisation, with one wallet; see `branch.py`.
    venues: int = 1
    #: Mean time between two people at the desk of the booked stations; 0 where nobody books.
    booked_every_s: float = 0.0
    #: A crash point with this in its name strikes far more often than others.
    favoured: str = ""
    #: How often a guest who plays pays something in before; who never does plays on credit in an outage.
    pays_in: float = 0.6
    trace: bool = False

    def has(self, kind: str) -> bool:
        """Whether this history knows that kind of trouble."""
        return kind in self.kinds

    def command(self) -> str:
        """The line that plays this history again."""
        fresh = plan(self.seed, self.days)
        parts = [f"make sim SEED={self.seed} DAYS={self.days} TRACE=1"]
        options = []
        for name in SAID:
            if getattr(self, name) != getattr(fresh, name):
                options.append(f"--{name.replace('_', '-')} '{getattr(self, name)}'")
        if self.kinds != fresh.kinds:
            options.append(f"--kinds '{','.join(self.kinds)}'")
        if self.strikes:
            options.append(f"--strikes {','.join(map(str, self.strikes))}")
        return " ".join(parts + ([f'OPTIONS="{" ".join(options)}"'] if options else []))


def plan(seed: int, days: int) -> Plan:
    """The history of a seed: a handful of kinds, now and then none or all of them."""
    dice = random.Random(f"plan {seed}")
    share = dice.choice((0.0, 0.15, 0.3, 0.5, 1.0))
    kinds = tuple(kind for kind in KINDS if dice.random() < share)
    favoured = random.Random(f"favoured {seed}").choice((*SELDOM, *SELDOM, *[""] * _SELDOM_OF))
    if favoured:
        kinds = "crash points", SELDOM[favoured]
    poor = not favoured and not random.Random(f"habits {seed}").randrange(_POOR_OF)
    if poor:
        kinds = ("partition",)
    return Plan(
        seed=seed,
        days=days,
        kinds=kinds,
        visits_a_day=dice.choice((2, 4, 6, 8)),
        wall=dice.randrange(len(WALLS)),
        epilogue=random.Random(f"epilogue {seed}").choice(_ENDS),
        crash_odds=dice.choice((0.0005, 0.002, 0.01)) if "crash points" in kinds else 0.0,
        trouble_every_s=8.0 if favoured else 30.0 if poor else dice.choice((8.0, 40.0, 40.0, 120.0)),
        venues=random.Random(f"venues {seed}").choice((1, 1, 1, 2)),
        favoured=favoured,
        pays_in=0.02 if poor else 0.6,
        booked_every_s=random.Random(f"bookings {seed}").choice((0.0, 0.0, 12.0, 40.0)),
    )


def calm(seed: int, days: int = 1, **changes: object) -> Plan:
    """A history in which nothing goes wrong, apart from `changes`."""
    return msgspec.structs.replace(Plan(seed, days), **changes)
