"""Whether a release may be put in place now: a table of what speaks against it, and who may pass over that.

An upgrade stops the box for about a minute and is watched for five. Nobody is to notice: it begins while the
venue is closed, with nothing in the kitchen, nobody playing, no phone at a table and no money in doubt. An
owner who says *now* passes over the hours, one who insists also over people; what could lose money or leave
the box without a release nobody can pass over.

Counterparts: `edge/effects/releases/upgrading.py` asks, `docs/install.md` says the same to people.
"""

from collections.abc import Callable, Iterable
from typing import Literal

import msgspec

from edge.core.clock import Now
from edge.core.local_time import local
from protocol.facts.venue import VenueConfig
from protocol.serving_hours import ServingHours, minutes_to_change, served_at

#: What lies between the hours and an upgrade that went wrong and was taken back.
BEFORE_OPENING_MINUTES = 30
#: Room for the release's own virtual environment and a copy of the journal, beside the bundle itself.
SPARE_BYTES = 400 * 1024 * 1024

#: How much somebody has said: nothing, *now*, or *now, whoever is there*.
Word = Literal["", "now", "insist"]
_STRENGTH: dict[Word, int] = {"": 0, "now": 1, "insist": 2}


class Scene(msgspec.Struct, frozen=True):
    """How the venue stands. `opening` has no windows where nobody has said when it is open.

    `needed_bytes` is what the bundle takes; `in_doubt` counts payments and orders about which nobody knows
    yet whether they went through.
    """

    now: Now
    timezone: str
    opening: tuple[ServingHours, ...]
    open_tickets: int = 0
    playing: int = 0
    phones: int = 0
    in_doubt: int = 0
    drilling: bool = False
    free_bytes: int = 2**40
    needed_bytes: int = 0


class Reason(msgspec.Struct, frozen=True):
    """Something that speaks against it. `code` is for programs."""

    code: str
    words: str


class _Row(msgspec.Struct, frozen=True):
    """`against` says in words what speaks against it, or None; `word` is what passes over it, if anything."""

    code: str
    word: Word | None
    against: Callable[[Scene], str | None]


def reasons(scene: Scene, word: Word = "") -> tuple[Reason, ...]:
    """Everything that speaks against an upgrade now; empty when it may begin."""
    found = []
    for row in TABLE:
        passed = row.word is not None and _STRENGTH[word] >= _STRENGTH[row.word]
        words = None if passed else row.against(scene)
        if words is not None:
            found.append(Reason(row.code, words))
    return tuple(found)


def in_words(found: Iterable[Reason]) -> str:
    """For the owner and the staff, in one line."""
    return "; ".join(reason.words for reason in found)


def _disk(scene: Scene) -> str | None:
    short = 2 * scene.needed_bytes + SPARE_BYTES - scene.free_bytes
    return f"the disk has {short // 2**20 + 1} MB too little room" if short > 0 else None


def _doubt(scene: Scene) -> str | None:
    if not scene.in_doubt:
        return None
    return f"{_count(scene.in_doubt, 'payment or order is', 'payments or orders are')} in doubt"


def _tickets(scene: Scene) -> str | None:
    if not scene.open_tickets:
        return None
    return f"{_count(scene.open_tickets, 'ticket is', 'tickets are')} open in the kitchen"


def _players(scene: Scene) -> str | None:
    return f"{_count(scene.playing, 'player is', 'players are')} at a station" if scene.playing else None


def _guests(scene: Scene) -> str | None:
    return f"{_count(scene.phones, 'phone is', 'phones are')} at a table" if scene.phones else None


def _drill(scene: Scene) -> str | None:
    return "an outage drill runs" if scene.drilling else None


def _hours_unknown(scene: Scene) -> str | None:
    return None if scene.opening else "nobody has said when the venue is closed"


def _clock(scene: Scene) -> str | None:
    lost = scene.opening and not scene.now.clock_trusted
    return "the box does not know what time it is" if lost else None


def _hours(scene: Scene) -> str | None:
    """Whether the venue is open, or soon will be; asked only where hours and clock are known."""
    if not scene.opening or not scene.now.clock_trusted:
        return None
    at = local(scene.now.wall_ms, scene.timezone)
    if served_at(scene.opening, at):
        return "the venue is open"
    minutes = minutes_to_change(scene.opening, at)
    return "the venue opens soon" if minutes is not None and minutes < BEFORE_OPENING_MINUTES else None


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


#: In the order in which they are told.
TABLE = (
    _Row("disk_full", None, _disk),
    _Row("money_in_doubt", None, _doubt),
    _Row("drill", None, _drill),
    _Row("open_tickets", "insist", _tickets),
    _Row("playing", "insist", _players),
    _Row("guests", "insist", _guests),
    _Row("hours_unknown", "now", _hours_unknown),
    _Row("clock_unknown", "now", _clock),
    _Row("open_hours", "now", _hours),
)


def scene_hours(config: VenueConfig | None) -> tuple[str, tuple[ServingHours, ...]]:
    """Time zone and opening hours of a venue; a box without one has none."""
    return (config.timezone, config.opening) if config else ("UTC", ())
