"""Whether a box's journal bears out what its phones were told, and holds nothing that they did not ask for.

The journal is read from the disk by SQLite and folded by protocol/facts; nothing of the running box is asked.
"""

from collections import Counter, defaultdict
from pathlib import Path

import msgspec

from edge.journal.database import open_reader
from edge.journal.rebuild import rebuild
from protocol.facts.cart import Cart, ItemAdded, ItemChanged, ItemRemoved
from protocol.facts.fold import AnyFact, State, decode_record, evolve
from protocol.facts.order import OrderConfirmed, OrderPlaced
from protocol.facts.table import MemberJoined
from tests.integration.faults.diary import Diary, Heard

#: The one fact that is what a guest asked for; whatever else a command does follows from it.
_ASKED_FOR = (ItemAdded, ItemChanged, ItemRemoved, OrderPlaced, MemberJoined)
_OPS: dict[type, str] = {ItemAdded: "create", ItemChanged: "update", ItemRemoved: "delete"}


class Journal:
    """A journal's facts, found again by mid, by cart version and by order."""

    def __init__(self, directory: Path) -> None:
        reader = open_reader(directory)
        records = [record for (record,) in reader.execute("SELECT record FROM journal ORDER BY seq")]
        reader.close()
        self.facts: list[AnyFact] = [decode_record(record) for record in records]
        self.effects: dict[str, list[AnyFact]] = defaultdict(list)
        self.carts: dict[tuple[str, int], AnyFact] = {}
        self.lines: dict[tuple[str, int], tuple[tuple[int, int, int], ...]] = {}
        self.placed: dict[str, OrderPlaced] = {}
        self.tickets: dict[str, str] = {}
        states: dict[str, State] = {}
        for fact in self.facts:
            state = states[fact.aggregate] = evolve(states.get(fact.aggregate), fact)
            self._index(fact, state)

    def _index(self, fact: AnyFact, state: State) -> None:
        if isinstance(fact.event, _ASKED_FOR) and fact.mid is not None:
            self.effects[fact.mid].append(fact)
        if isinstance(state, Cart):
            self.carts[state.session_pid, fact.version] = fact
            lines = tuple(sorted((item.id, item.version, item.qty) for item in state.live()))
            self.lines[state.session_pid, fact.version] = lines
        if isinstance(fact.event, OrderPlaced):
            assert fact.event.order_id not in self.placed
            self.placed[fact.event.order_id] = fact.event
        if isinstance(fact.event, OrderConfirmed):
            self.tickets[fact.aggregate.removeprefix("order:")] = fact.event.ticket


def assert_borne_out(directory: Path, diary: Diary) -> Journal:
    """Everything that was answered is there, once, and nothing else is. The phones must be at rest."""
    rebuilt = rebuild(directory)
    assert rebuilt.agrees, (rebuilt.problems, rebuilt.differences)
    journal = Journal(directory)
    _mutations(journal, diary)
    _broadcasts(journal, diary)
    _snapshots(journal, diary)
    _orders(journal, diary)
    _seats(journal, diary)
    return journal


def _mutations(journal: Journal, diary: Diary) -> None:
    """Each mid has one effect if it was granted, none if it was refused, and was asked for by somebody."""
    for mid, op in diary.asked.items():
        effects = journal.effects.get(mid, [])
        if mid in diary.refused or op == "nameless order":
            assert effects == [], (mid, op, diary.refused.get(mid))
        elif op == "order":
            assert len(effects) == 1, (mid, op, effects)
        else:
            _granted(diary.done[mid], op, effects)
    unasked = {mid for mid in journal.effects if not mid.startswith("order-")} - set(diary.asked)
    assert unasked <= set(diary.joined)


def _granted(answer: Heard, op: str, effects: list[AnyFact]) -> None:
    assert len(effects) == 1, (op, effects)
    assert (_OPS[type(effects[0].event)], _line_of(effects[0])[0]) == (op, answer.id)


def _line_of(fact: AnyFact) -> tuple[int, int, int | None]:
    """Id, version and quantity of the line right after the fact; a line that is taken out has none."""
    match fact.event:
        case ItemAdded(item=item):
            return item.id, item.version, item.qty
        case ItemChanged(id=number, version=version, qty=qty):
            return number, version, qty
        case ItemRemoved(id=number, version=version):
            return number, version, None
    raise AssertionError(f"{fact} is about no line")


def _broadcasts(journal: Journal, diary: Diary) -> None:
    """What anybody heard of a cart at some version is what the journal has at that version."""
    for heard in diary.heard:
        fact = journal.carts[heard.session_pid, heard.cart_version]
        if fact.mid != heard.mid:
            # The answer to a repeat tells how things stand; only who has asked is told.
            assert heard.mine, (heard, fact)
            assert _line_of(journal.effects[heard.mid][0])[0] == heard.id
            continue
        number, version, qty = _line_of(fact)
        assert (number, version) == (heard.id, heard.version), (heard, fact)
        assert qty in (None, heard.qty), (heard, fact)


def _snapshots(journal: Journal, diary: Diary) -> None:
    for seen in diary.seen:
        lines = journal.lines[seen.session_pid, seen.cart_version] if seen.cart_version else ()
        assert seen.lines == lines, seen


def _orders(journal: Journal, diary: Diary) -> None:
    """One order for each question, under the name that was told, numbered without a hole, no line in two."""
    assert diary.orders == set(journal.tickets.items())
    for mid, answers in diary.ordered.items():
        assert len(answers) == 1, (mid, answers)
    told = Counter(order for answers in diary.ordered.values() for order, _ in answers)
    assert told == Counter(list(journal.placed)), "an order answers two questions, or none"
    numbers = [placed.number for placed in journal.placed.values()]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(set(journal.tickets.values())) == len(numbers)
    lines = Counter(line.id for placed in journal.placed.values() for line in placed.lines)
    assert not lines or max(lines.values()) == 1


def _seats(journal: Journal, diary: Diary) -> None:
    for mid, answers in diary.joined.items():
        ((session_pid, member_pid),) = answers
        (fact,) = journal.effects[mid]
        assert fact.aggregate == f"table:{session_pid}"
        assert isinstance(fact.event, MemberJoined)
        assert msgspec.structs.asdict(fact.event)["member_pid"] == member_pid
