"""What one transaction of the journal contains, and what becomes of the commands in it.

Plain values between deciding and committing. Counterpart: `writer.py` fills a batch, commits it, and answers.
"""

from collections.abc import Callable

import msgspec

from edge.journal.tables import RowBatch
from protocol.errors import Refusal
from protocol.facts.fact import Row
from protocol.facts.fold import AnyFact, State


class Accepted(msgspec.Struct, frozen=True, gc=False):
    """A command went through. No facts means 'already so'; `repeated` that its `mid` had been used before."""

    facts: tuple[AnyFact, ...]
    repeated: bool = False


Outcome = Accepted | Refusal
Reply = Callable[[Outcome], None]


class Committed(msgspec.Struct, frozen=True, gc=False):
    """A fact on disk, with its aggregate's state right after it."""

    fact: AnyFact
    state: State


Listener = Callable[[list[Committed]], None]


class Step(msgspec.Struct, frozen=True, gc=False):
    """One fact of a command, worked out whole before anything of the command is kept."""

    fact: AnyFact
    state: State
    previous: int
    record: bytes
    rows: list[Row]


class Batch:
    """What one transaction will contain, and who waits for it."""

    def __init__(self) -> None:
        self.answers: list[tuple[Reply, Outcome]] = []
        self.committed: list[Committed] = []
        self.journal: list[tuple[int, str, int, int, str | None, str, bytes]] = []
        self.heads: dict[str, tuple[str, int, int]] = {}
        self.rows = RowBatch()
