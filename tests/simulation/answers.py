"""What the box has answered, command by command, and whether that can all be true.

A command is known by its `mid`. It may reach the box several times, over several lives; each time it is
answered or dies with the box. All answers to one `mid` have to tell of the same effect, an effect has to be
in the journal once, and what was only ever refused must have none.
"""

import re
from collections import Counter
from typing import Any

import msgspec

from edge.core.commands import ChangeItem, Command, PlaceOrder, RemoveItem
from edge.journal.writer import Accepted, Outcome
from protocol.errors import Refusal
from protocol.facts.cart import ItemChanged, ItemRemoved
from protocol.facts.fold import encode_record
from protocol.facts.order import OrderPlaced
from tests.simulation import sometimes
from tests.simulation.chronicle import Chronicle
from tests.simulation.witness import JournalWitness

#: Refusals that no well-meant command may ever meet.
_NEVER = ("internal", "mid_reused")
#: Refusals that tell of the moment and nothing about what became of the command.
_ABOUT_NOW = ("storage_failed", "rate_limited", "box_replaced")
_TELLING = {
    "version_conflict": sometimes.RACED,
    "cart_changed": sometimes.CART_MOVED,
    "sold_out": sometimes.SOLD_OUT,
    "over_offline_limit": sometimes.OVER_LIMIT,
    "storage_failed": sometimes.STORAGE_FAILED,
    "slot_taken": sometimes.SLOT_TAKEN,
    "station_booked": sometimes.IN_THE_WAY,
}


_PRINTED = re.compile(rb'"issued_ms":\d+')


class Asked(msgspec.Struct):
    """The fate of one `mid`. `effect` holds the seqs of its facts once somebody was told of them."""

    kind: str
    effect: tuple[int, ...] | None = None
    #: The life of the box that brought the effect about, as far as anybody was told.
    life: int = 0
    refusals: int = 0
    #: Copies that the box took in and did not live to answer.
    unanswered: int = 0


class Answers:
    """Of one box. Holds every answer against the disk at the very moment at which it is given."""

    def __init__(self, chronicle: Chronicle) -> None:
        self._chronicle = chronicle
        self.asked: dict[str, Asked] = {}
        self.codes: Counter[str] = Counter()
        #: What was asked for by way of the cloud, and is answered there.
        self.elsewhere: set[str] = set()

    def arrived(self, command: Command) -> None:
        """The box has taken a copy in."""
        assert command.mid is not None
        self.asked.setdefault(command.mid, Asked(type(command).__name__)).unanswered += 1

    def answered(self, command: Command, outcome: Outcome, journal: JournalWitness, life: int) -> None:
        """The box, in its so manieth life, has answered a copy."""
        assert command.mid is not None
        asked = self.asked[command.mid]
        asked.unanswered -= 1
        self._chronicle.figures["answers"] += 1
        self._chronicle.decided(_decision(command, outcome))
        if isinstance(outcome, Refusal):
            self._refused(command, outcome, asked)
        else:
            self._accepted(command, outcome, asked, journal, life)

    def _refused(self, command: Command, refusal: Refusal, asked: Asked) -> None:
        self.codes[refusal.code] += 1
        name = f"{asked.kind} {command.mid}"
        self._chronicle.note(f"refused {name}: {refusal.code}")
        if refusal.code in _TELLING:
            self._chronicle.saw(_TELLING[refusal.code])
        if refusal.code in _ABOUT_NOW:
            return
        asked.refusals += 1
        self._chronicle.expect(refusal.code not in _NEVER, f"{name} was refused with {refusal.code}")
        self._chronicle.expect(
            asked.effect is None, f"DOUBLED {name}: told of an effect, then refused ({refusal.code})"
        )

    def _accepted(
        self, command: Command, outcome: Accepted, asked: Asked, journal: JournalWitness, life: int
    ) -> None:
        name, facts = f"{asked.kind} {command.mid}", outcome.facts
        seqs = tuple(fact.seq for fact in facts)
        self._chronicle.note(f"accepted {name}: {seqs[:1]}+{len(seqs)}{' again' if outcome.repeated else ''}")
        journal.told(f"the answer to {name}", ((fact.seq, encode_record(fact)) for fact in facts))
        if not facts:
            return
        self._chronicle.expect(
            asked.effect in (None, seqs), f"DOUBLED {name}: {asked.effect} the first time, now {seqs}"
        )
        asked.effect = seqs
        for fact in facts:
            self._chronicle.expect(fact.mid == command.mid, f"{name}: fact {fact.seq} belongs to {fact.mid}")
            self._fits(command, fact.event)
        if outcome.repeated:
            self._chronicle.saw(sometimes.REPEATED)
            if asked.life != life:
                self._chronicle.saw(sometimes.LATER_LIFE)
        else:
            asked.life = life

    def _fits(self, command: Command, event: Any) -> None:
        """The effect is what was asked for, on top of what was seen."""
        match command, event:
            case ChangeItem(id=number, version=seen), ItemChanged(id=changed, version=made):
                good = (number, seen + 1) == (changed, made)
            case RemoveItem(id=number, version=seen), ItemRemoved(id=removed, version=made):
                good = (number, seen + 1) == (removed, made)
            case PlaceOrder(cart_hash=seen_hash), OrderPlaced(cart_hash=ordered_hash):
                good = seen_hash in (None, ordered_hash)
            case _:
                good = True
        self._chronicle.expect(good, f"{command} led to {event}")


def _decision(command: Command, outcome: Outcome) -> bytes:
    """What was decided, without the wall times that people read on paper."""
    if isinstance(outcome, Refusal):
        return msgspec.json.encode((command.mid, outcome.code))
    facts = [(fact.seq, fact.aggregate, fact.version, fact.event) for fact in outcome.facts]
    return _PRINTED.sub(b"", msgspec.json.encode((command.mid, facts)))
