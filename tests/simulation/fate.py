"""Where somebody can be struck down: named points in the code's life, and when they strike.

A victim that dies at a point leaves the world as it is in that very instant. What its code does afterwards
happens to a ghost: it writes to a disk that nobody opens again and speaks into sockets that lead nowhere.

A plan either strikes with small odds at every point, or at chosen hits counted from the history's beginning;
the latter is how every point is tried alone, and then every two of them.
"""

import asyncio
import random
from collections.abc import Collection
from typing import Protocol

from tests.simulation.chronicle import Chronicle
from tests.simulation.loop import VirtualLoop

#: Odds at points that a history is about.
_FAVOURED = 0.25


class Victim(Protocol):
    """A process that can die. `name` is for people, `dead` is set when it has; `tasks` are its own."""

    name: str
    alive: bool
    dead: asyncio.Event
    tasks: list[asyncio.Task[None]]

    def kill(self, *, power: bool) -> None:
        """Die now; `power` takes the machine's unsynced writes along."""
        ...


class Fate:
    """Decides at each point whether it is the end."""

    def __init__(
        self,
        chronicle: Chronicle,
        dice: random.Random,
        odds: float,
        strikes: Collection[int],
        favoured: str = "",
    ) -> None:
        self._chronicle = chronicle
        self._dice = dice
        self._strikes = frozenset(strikes)
        self.odds = odds
        self._favoured = favoured
        #: Points passed so far, by name.
        self.hits: list[str] = []

    def due(self, point: str, victim: Victim) -> bool:
        """Pass a point; whether this is where the victim ends. `strike` has to follow then."""
        if not victim.alive:
            return False
        self.hits.append(point)
        return len(self.hits) in self._strikes or (self.odds > 0 and self._dice.random() < self._at(point))

    def _at(self, point: str) -> float:
        return _FAVOURED if self._favoured and self._favoured in point else self.odds

    def strike(self, name: str, victim: Victim) -> None:
        """The end."""
        power = self._dice.random() < 0.5
        self._chronicle.fault(f"crash at {name}", f"{victim.name}{' (power)' if power else ''}")
        victim.kill(power=power)


class Moment:
    """Where one victim can be struck, for its parts to pass by."""

    def __init__(self, fate: Fate, victim: Victim, loop: VirtualLoop, release: int) -> None:
        self._fate = fate
        self._victim = victim
        self.loop = loop
        #: The newest protocol that the victim speaks.
        self.release = release
        #: Cleared while the whole machine stands still and nobody knows.
        self.going = asyncio.Event()
        self.going.set()

    @property
    def alive(self) -> bool:
        """Whether the victim lives."""
        return self._victim.alive

    def due(self, point: str) -> bool:
        """See `Fate.due`."""
        return self._fate.due(point, self._victim)

    def strike(self, point: str) -> None:
        """See `Fate.strike`."""
        self._fate.strike(point, self._victim)

    def pass_by(self, point: str) -> bool:
        """Pass a point; whether the victim is dead by now."""
        if self._fate.due(point, self._victim):
            self._fate.strike(point, self._victim)
        return not self._victim.alive
