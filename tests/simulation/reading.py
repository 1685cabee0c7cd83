"""What the readers of a journal have in common: events by name, and sentences about what is wrong."""

from collections.abc import Callable
from typing import Any, ClassVar

Json = dict[str, Any]


class Complaints:
    """Of all readers, in order."""

    def __init__(self) -> None:
        self.sentences: list[str] = []

    def unless(self, holds: bool, sentence: str) -> None:
        """Complain unless it holds."""
        if not holds:
            self.sentences.append(sentence)


class Reader:
    """Hands each event that it knows to the method of its name in `EVENTS`."""

    EVENTS: ClassVar[dict[str, str]] = {}

    def __init__(self, said: Complaints) -> None:
        self._say = said.unless
        self._handlers: dict[str, Callable[[str, Json, Json], None]] = {
            name: getattr(self, method) for name, method in self.EVENTS.items()
        }

    def take(self, name: str, event: Json, fact: Json) -> None:
        """One event of the aggregate `name`, within its envelope."""
        handler = self._handlers.get(event["type"])
        if handler is not None:
            handler(name, event, fact)

    def finish(self) -> None:
        """The journal is over."""
