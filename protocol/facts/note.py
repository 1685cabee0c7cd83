"""Words that the owner left for whoever stands at the counter, until somebody has read them.

(none) --NoteLeft--> unread --NoteRead--> read
"""

import msgspec

from protocol.facts.fact import Fact, ImpossibleFact, Row, shape

TRANSITIONS: dict[str, dict[str, str]] = {"unread": {"NoteRead": "read"}, "read": {}}


class NoteLeft(msgspec.Struct, frozen=True, tag=True):
    """Somebody wants the staff to know."""

    note_id: str
    text: str


class NoteRead(msgspec.Struct, frozen=True, tag=True):
    """The staff knows."""


NoteEvent = NoteLeft | NoteRead


class Note(msgspec.Struct, frozen=True):
    """The state that the events fold into."""

    version: int
    note_id: str
    text: str
    status: str
    left_by: str | None
    left_ms: int
    read_by: str | None = None
    read_ms: int | None = None


def aggregate_of(note_id: str) -> str:
    """`note:{id}`."""
    return f"note:{note_id}"


def left(note: Note | None, event: NoteLeft, fact: Fact[NoteEvent]) -> Note:
    """A note that nobody has read."""
    if note is not None:
        raise ImpossibleFact(f"{fact.aggregate} was left twice")
    return Note(fact.version, event.note_id, event.text, "unread", fact.by, fact.wall_ms)


def seen(note: Note | None, _event: NoteRead, fact: Fact[NoteEvent]) -> Note:
    """Somebody has read it."""
    if note is None or note.status != "unread":
        raise ImpossibleFact(f"NoteRead on {fact.aggregate}")
    return msgspec.structs.replace(
        note, version=fact.version, status="read", read_by=fact.by, read_ms=fact.wall_ms
    )


EVOLVE = {NoteLeft: left, NoteRead: seen}

SHAPES = (
    shape("notes", "note_id", "note_id =text status =left_by =left_ms:int read_by read_ms:int version:int"),
)


def rows(note: Note, _fact: Fact[NoteEvent]) -> list[Row]:
    """How the note stands."""
    read = note.read_by, note.read_ms, note.version
    return [("notes", (note.note_id, note.text, note.status, note.left_by, note.left_ms, *read))]
