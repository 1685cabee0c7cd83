"""A printout: one slip that has to be on paper once, and how far it has come.

    (none) --PrintAsked--> asked --PrintBegun--> sending --PrintFinished--> printed
                             |      ^      |
                             |      '------' PrintBegun: again, and marked as a reprint
                             '--PrintDropped--> dropped <--PrintDropped-- (from `sending` too)

`sending` is written to disk before the first byte leaves, so whoever finds it after a crash, or after a
printer fell silent, knows that the slip may already lie in front of somebody. `printed` and `dropped` absorb.
A kitchen ticket's printout is named after the ticket and carries no slip: the ticket tells what stands on it.
Anything else (a receipt, a report) carries its slip whole. A printout's aggregate is `print:{job}`.
"""

import msgspec

from protocol.facts.fact import Fact, ImpossibleFact, Row, shape

TRANSITIONS: dict[str, dict[str, str]] = {
    "asked": {"PrintBegun": "sending", "PrintDropped": "dropped"},
    "sending": {"PrintBegun": "sending", "PrintFinished": "printed", "PrintDropped": "dropped"},
    "printed": {},
    "dropped": {},
}

#: States in which there is still something to do.
OPEN_STATES = ("asked", "sending")


class SlipLine(msgspec.Struct, frozen=True, omit_defaults=True):
    """One printed line: `text` at the left, `right` flush with the right edge (a price, a count)."""

    text: str = ""
    right: str = ""
    bold: bool = False
    large: bool = False


class Slip(msgspec.Struct, frozen=True, omit_defaults=True):
    """What goes on paper: a kitchen ticket, a receipt, a report. A `reprint` says so at its head."""

    heading: str
    lines: tuple[SlipLine, ...]
    footing: str = ""
    qr: str = ""
    reprint: bool = False
    open_drawer: bool = False


class PrintAsked(msgspec.Struct, frozen=True, tag=True, omit_defaults=True):
    """A slip is wanted. `printer` is the one that was asked for; empty for whichever serves such slips."""

    job: str
    kind: str
    printer: str = ""
    slip: Slip | None = None


class PrintBegun(msgspec.Struct, frozen=True, tag=True):
    """It is about to be sent to `printer`; from here on it may be on paper."""

    printer: str


class PrintFinished(msgspec.Struct, frozen=True, tag=True):
    """`printer` worked it off."""

    printer: str


class PrintDropped(msgspec.Struct, frozen=True, tag=True):
    """Nobody wants it any more."""

    reason: str


PrintEvent = PrintAsked | PrintBegun | PrintFinished | PrintDropped


class Printout(msgspec.Struct, frozen=True):
    """The state that the events fold into. `printer` is the last one it was sent to, None before that."""

    version: int
    asked: PrintAsked
    state: str
    asked_ms: int
    changed_ms: int
    printer: str | None = None
    attempts: int = 0


def aggregate_of(job: str) -> str:
    """`print:{job}`."""
    return f"print:{job}"


def ticket_job(ticket: str, station: str) -> str:
    """The job of a kitchen ticket: `K-88@grill`."""
    return f"{ticket}@{station}"


def asked(printout: Printout | None, event: PrintAsked, fact: Fact[PrintEvent]) -> Printout:
    """A new printout that nothing was done about yet."""
    if printout is not None:
        raise ImpossibleFact(f"{fact.aggregate} was asked for twice")
    return Printout(fact.version, event, "asked", fact.wall_ms, fact.wall_ms)


def _next(printout: Printout | None, fact: Fact[PrintEvent]) -> Printout:
    name = type(fact.event).__name__
    if printout is None or name not in TRANSITIONS[printout.state]:
        raise ImpossibleFact(f"{name} on {fact.aggregate}")
    state = TRANSITIONS[printout.state][name]
    return msgspec.structs.replace(printout, version=fact.version, state=state, changed_ms=fact.wall_ms)


def begun(printout: Printout | None, event: PrintBegun, fact: Fact[PrintEvent]) -> Printout:
    """On its way to a printer, once more perhaps."""
    following = _next(printout, fact)
    return msgspec.structs.replace(following, printer=event.printer, attempts=following.attempts + 1)


def finished(printout: Printout | None, event: PrintFinished, fact: Fact[PrintEvent]) -> Printout:
    """Final: it is on paper."""
    return msgspec.structs.replace(_next(printout, fact), printer=event.printer)


def dropped(printout: Printout | None, event: PrintDropped, fact: Fact[PrintEvent]) -> Printout:
    """Final: it never came out, or nobody knows."""
    return _next(printout, fact)


EVOLVE = {PrintAsked: asked, PrintBegun: begun, PrintFinished: finished, PrintDropped: dropped}

SHAPES = (
    shape(
        "printouts",
        "job",
        "job =kind state printer attempts:int =asked_ms:int changed_ms:int version:int",
    ),
)


def rows(printout: Printout, fact: Fact[PrintEvent]) -> list[Row]:
    """The printout's row; what stood on the slip is told by its first fact."""
    return [
        (
            "printouts",
            (
                printout.asked.job,
                printout.asked.kind,
                printout.state,
                printout.printer,
                printout.attempts,
                printout.asked_ms,
                printout.changed_ms,
                printout.version,
            ),
        )
    ]
