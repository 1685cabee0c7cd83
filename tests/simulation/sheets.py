"""A transaction in memory: sheets of changes laid over what is committed, merged or thrown away.

Counterpart: `books.py` keeps the cloud's books on them.
"""

from typing import Any

Key = tuple[Any, ...]


class Sheets:
    """Changes laid over what is committed, savepoint upon savepoint."""

    def __init__(self, committed: dict[Key, Any]) -> None:
        self._layers: list[dict[Key, Any]] = [committed]

    def get(self, key: Key, default: Any = None) -> Any:
        """The value as this transaction sees it."""
        for layer in reversed(self._layers):
            if key in layer:
                return layer[key]
        return default

    def put(self, key: Key, value: Any) -> None:
        """Change it for this transaction."""
        self._layers[-1][key] = value

    def open(self) -> None:
        """Lay a new sheet on top."""
        self._layers.append({})

    def drop(self) -> None:
        """Throw the top sheet away."""
        self._layers.pop()

    def merge(self) -> None:
        """Make the top sheet part of the one below."""
        top = self._layers.pop()
        self._layers[-1].update(top)
