"""An outage on purpose: the link is cut for some minutes, and the box writes down how the venue did.

    (none) --DrillBegun--> running --DrillEnded--> catching_up --DrillDrained--> done
                              `--DrillEnded (interrupted)-----------^

`DrillEnded` is the moment at which the link may come back; its report tells how ready the venue is. What was
written meanwhile is still only on the box; `DrillDrained` says how long the cloud took to have it all.

Counterparts: `edge/effects/afar/drill.py` cuts and looks; the owner's page shows the report to people.
"""

from typing import Literal

import msgspec

from protocol.facts.fact import Fact, ImpossibleFact, Row, shape

TRANSITIONS: dict[str, dict[str, str]] = {
    "running": {"DrillEnded": "catching_up"},
    "catching_up": {"DrillDrained": "done"},
    "done": {},
}

Ending = Literal["completed", "stopped", "interrupted"]
Verdict = Literal["good", "warn", "bad", "idle"]


class Finding(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line of a report: `what` was looked at, `verdict` in a word, `words` for the owner.

    `idle` means that nothing of the kind happened, so nothing is known.
    """

    what: str
    verdict: Verdict
    words: str


class DrillBegun(msgspec.Struct, frozen=True, tag=True):
    """The link is cut from now on, for `minutes`."""

    drill_id: str
    minutes: int


class DrillEnded(msgspec.Struct, frozen=True, tag=True):
    """The link may come back. `lasted_s` is how long it was cut, `unsynced` the facts that wait."""

    ending: Ending
    lasted_s: int
    unsynced: int
    findings: tuple[Finding, ...]


class DrillDrained(msgspec.Struct, frozen=True, tag=True):
    """The cloud has everything again, `seconds` after the link could come back."""

    seconds: float


DrillEvent = DrillBegun | DrillEnded | DrillDrained


class Drill(msgspec.Struct, frozen=True):
    """The state that the events fold into."""

    version: int
    begun: DrillBegun
    status: str
    begun_by: str | None
    begun_ms: int
    ended: DrillEnded | None = None
    ended_ms: int | None = None
    drained_s: float | None = None


def aggregate_of(drill_id: str) -> str:
    """`drill:{id}`."""
    return f"drill:{drill_id}"


def begun(drill: Drill | None, event: DrillBegun, fact: Fact[DrillEvent]) -> Drill:
    """A drill that runs."""
    if drill is not None:
        raise ImpossibleFact(f"{fact.aggregate} was begun twice")
    return Drill(fact.version, event, "running", fact.by, fact.wall_ms)


def _next(drill: Drill | None, fact: Fact[DrillEvent]) -> Drill:
    name = type(fact.event).__name__
    if drill is None or name not in TRANSITIONS[drill.status]:
        raise ImpossibleFact(f"{name} on {fact.aggregate}")
    return msgspec.structs.replace(drill, version=fact.version, status=TRANSITIONS[drill.status][name])


def ended(drill: Drill | None, event: DrillEnded, fact: Fact[DrillEvent]) -> Drill:
    """The report is written; the cloud has yet to catch up."""
    return msgspec.structs.replace(_next(drill, fact), ended=event, ended_ms=fact.wall_ms)


def drained(drill: Drill | None, event: DrillDrained, fact: Fact[DrillEvent]) -> Drill:
    """Over."""
    return msgspec.structs.replace(_next(drill, fact), drained_s=event.seconds)


EVOLVE = {DrillBegun: begun, DrillEnded: ended, DrillDrained: drained}

SHAPES = (
    shape(
        "drills",
        "drill_id",
        "drill_id =minutes:int status =begun_by =begun_ms:int ended_ms:int ending lasted_s:int unsynced:int "
        "findings drained_ms:int version:int",
    ),
)


def rows(drill: Drill, _fact: Fact[DrillEvent]) -> list[Row]:
    """How the drill stands."""
    first, end = drill.begun, drill.ended
    head = first.drill_id, first.minutes, drill.status, drill.begun_by, drill.begun_ms, drill.ended_ms
    told = (None, None, None) if end is None else (end.ending, end.lasted_s, end.unsynced)
    findings = msgspec.json.encode(end.findings if end else ()).decode()
    took_ms = None if drill.drained_s is None else round(drill.drained_s * 1000)
    return [("drills", (*head, *told, findings, took_ms, drill.version))]
