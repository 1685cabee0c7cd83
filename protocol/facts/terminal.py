"""What the venue's card terminals have stored and not sent, in one sum, and how long the cloud is away.

Every event tells the whole standing, so the newest fact alone says how much is at risk, however many cards
there have been (`fold.restored`): a limit is held against one number and not against a list. Counterpart:
`stored_card.py` has each payment; both are written in one transaction.
"""

import msgspec

from protocol.facts.fact import Fact, ImpossibleFact, Row, shape

AGGREGATE = "terminal:terminal"


class Standing(msgspec.Struct, frozen=True, omit_defaults=True):
    """`unsent` payments come to `unsent_minor`; at most `most_unsent_minor` was allowed when that was told.

    The cloud had not been heard for `cut_off_s` by then; 0 where it was there.
    """

    unsent: int = 0
    unsent_minor: int = 0
    most_unsent_minor: int = 0
    cut_off_s: int = 0


class UnsentChanged(msgspec.Struct, frozen=True, tag=True):
    """The terminal keeps one payment more, or one less."""

    stands: Standing


class CutOffNoted(msgspec.Struct, frozen=True, tag=True):
    """The cloud has been away for so long, told now and then so that a restart does not forget it."""

    stands: Standing


TerminalEvent = UnsentChanged | CutOffNoted


class Terminal(msgspec.Struct, frozen=True):
    """The state that the events fold into; `boot`, `mono_ns` and the rest are of its newest fact."""

    version: int
    stands: Standing
    boot: str
    mono_ns: int
    wall_ms: int
    trusted: bool


def changed(terminal: Terminal | None, event: TerminalEvent, fact: Fact[TerminalEvent]) -> Terminal:
    """As the event tells it."""
    stands = event.stands
    if stands.unsent < 0 or stands.unsent_minor < 0 or (stands.unsent == 0) != (stands.unsent_minor == 0):
        raise ImpossibleFact(f"{stands.unsent} payments cannot come to {stands.unsent_minor}")
    before = terminal.stands if terminal is not None else None
    if isinstance(event, CutOffNoted) and before is not None and before.unsent_minor != stands.unsent_minor:
        raise ImpossibleFact("time alone changes no money")
    return Terminal(fact.version, stands, fact.boot, fact.mono_ns, fact.wall_ms, fact.clock_trusted)


EVOLVE = {UnsentChanged: changed, CutOffNoted: changed}

SHAPES = (
    shape(
        "terminals",
        "id",
        "id:int unsent:int unsent_minor:int most_unsent_minor:int cut_off_s:int changed_ms:int version:int",
    ),
)


def rows(terminal: Terminal, _fact: Fact[TerminalEvent]) -> list[Row]:
    """The one row."""
    stands = terminal.stands
    sums = stands.unsent, stands.unsent_minor, stands.most_unsent_minor, stands.cut_off_s
    return [("terminals", (1, *sums, terminal.wall_ms, terminal.version))]
