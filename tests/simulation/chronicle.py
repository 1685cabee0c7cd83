"""What happened in a history: its trace, what was counted, and what must never have been.

Rule of the file: it only writes down. The digest covers every line of the trace whether it is kept or not, so
two runs of one seed can be compared without storing either.
"""

import asyncio
import hashlib
from collections import Counter
from collections.abc import Callable


class Chronicle:
    """Of one history. `broken` is set with the first violation."""

    def __init__(self, clock: Callable[[], float], *, keep: bool = False) -> None:
        self._clock = clock
        self._keep = keep
        self._digest = hashlib.sha256()
        self._decisions = hashlib.sha256()
        self.lines: list[str] = []
        self.violations: list[str] = []
        self.broken = asyncio.Event()
        #: Faults by kind, and crashes by the point at which they struck.
        self.faults: Counter[str] = Counter()
        #: See `sometimes.py`.
        self.sometimes: Counter[str] = Counter()
        #: Work done: commands, facts, actions checked.
        self.figures: Counter[str] = Counter()

    def note(self, line: str) -> None:
        """One line of the trace."""
        stamped = f"{self._clock():11.4f}  {line}"
        self._digest.update(stamped.encode())
        if self._keep:
            self.lines.append(stamped)

    def decided(self, decision: bytes) -> None:
        """A decision without any wall time in it; the same seed takes the same ones under any clock."""
        self._decisions.update(decision)

    def fault(self, kind: str, detail: str = "") -> None:
        """Something was done to the venue."""
        self.faults[kind] += 1
        self.note(f"FAULT {kind} {detail}")

    def saw(self, rarity: str) -> None:
        """One of the rare things of `sometimes.py` has happened."""
        self.sometimes[rarity] += 1

    def violated(self, sentence: str) -> None:
        """An invariant does not hold. The history goes on until its next breath, then it ends."""
        self.violations.append(sentence)
        self.note(f"VIOLATION {sentence}")
        self.broken.set()

    def expect(self, holds: bool, sentence: str) -> bool:
        """Whether it holds; written down if not."""
        if not holds:
            self.violated(sentence)
        return holds

    @property
    def digest(self) -> str:
        """Of the whole trace."""
        return self._digest.hexdigest()

    @property
    def decisions(self) -> str:
        """Of everything that the box decided, in order, without wall times."""
        return self._decisions.hexdigest()
