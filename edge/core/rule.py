"""The row that each command has: who decides it, where its `mid` is unique, who stands behind it.

Tables of these rows live beside what they are about, as `rules.py` of each folder; `decide.py` joins them. A
command without a row cannot be given to the writer.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from edge.core.clock import Now
from edge.core.view import Proposal, VenueView
from protocol.errors import Refusal

Decider = Callable[[VenueView, Any, Now], list[Proposal] | Refusal]


def by_field(command: Any) -> str | None:
    """The author that a command names itself; the box, as None, where it has no such field."""
    by: str | None = getattr(command, "by", None)
    return by


@dataclass(frozen=True, slots=True)
class Rule:
    """How one kind of command is treated.

    `decide` answers with proposals or a refusal. `first` lists what the first fact of an accepted one can
    be: a repeated `mid` must have been the same request. `aggregate` names the one whose journal remembers
    the `mid`, None where it cannot have been used yet. `author` becomes the facts' `by`.
    """

    decide: Decider
    first: tuple[type, ...]
    aggregate: Callable[[VenueView, Any], str | None]
    author: Callable[[Any], str | None] = by_field
