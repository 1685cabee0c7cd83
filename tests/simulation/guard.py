"""One line of the product that its promise rests on, and how to take it away for a while.

Where two guards stand behind each other, so that neither is missed alone, a row takes both (`also`), or the
outer one where the inner one's refusal counts: the product then calls itself at fault, which is a violation,
too. Counterparts: `guards.py` and `money_guards.py` are the lists.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import msgspec

from tests.simulation.plan import Plan, plan
from tests.simulation.surgery import cut_out


class Guard(msgspec.Struct, frozen=True):
    """`put` stands where `cut` stood in the function at `place`."""

    name: str
    place: str
    cut: str
    put: str
    kinds: tuple[str, ...] = ()
    crash_odds: float = 0.0
    trouble_every_s: float = 20.0
    epilogue: str = ""
    venues: int = 1
    booked_every_s: float = 0.0
    #: Other guards that would stand in for it: place, cut, put.
    also: tuple[tuple[str, str, str], ...] = ()

    @property
    def cuts(self) -> tuple[tuple[str, str, str], ...]:
        """Everything that has to go."""
        return ((self.place, self.cut, self.put), *self.also)

    @contextmanager
    def removed(self) -> Iterator[None]:
        """The product is without it while the block lasts."""
        with ExitStack() as stack:
            for cut in self.cuts:
                stack.enter_context(cut_out(*cut))
            yield

    def plans(self, first: int, count: int) -> Iterator[Plan]:
        """Histories in which it should be missed: every odd seed has a busy day."""
        for seed in range(first, first + count):
            yield msgspec.structs.replace(
                plan(seed, 1),
                kinds=self.kinds,
                crash_odds=self.crash_odds,
                trouble_every_s=self.trouble_every_s,
                visits_a_day=8 if seed % 2 else 3,
                wall=0,
                epilogue=self.epilogue,
                venues=self.venues,
                booked_every_s=self.booked_every_s,
                favoured="",
                pays_in=0.6,
            )
