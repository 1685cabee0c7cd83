"""The guards of the cloud's folded tables, read out of `cloud/store/schema.sql` and put into Python.

Three kinds of guard are understood, which are all that folded tables have: a CHECK over a row, a trigger with
a condition over OLD and NEW, and the primary key. What Postgres cannot hold at all (NUL in a text, numbers
beyond 64 bits) is refused here as its driver refuses it.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import asyncpg

import cloud.store
from protocol.facts.fact import TableShape
from protocol.facts.fold import SHAPES

Row = tuple[Any, ...]
#: Whether a condition holds, given its names.
Condition = Callable[[dict[str, Any]], bool]

_SCHEMA = (Path(cloud.store.__file__).parent / "schema.sql").read_text("utf-8")
_TABLE = re.compile(r"CREATE TABLE (\w+) \((.*?)\n\);", re.DOTALL)
_TRIGGER = re.compile(r"BEFORE UPDATE ON (\w+) FOR EACH ROW\s+WHEN \((.*?)\)\s+EXECUTE", re.DOTALL)
_WORDS = (
    (r"\b(OLD|NEW)\.(\w+)", r"\1['\2']"),
    (r"\bIS DISTINCT FROM\b|<>", "!="),
    (r"(?<![!<>=])=(?!=)", "=="),
    (r"\bAND\b", "and"),
    (r"\bOR\b", "or"),
    (r"\bNOT IN\b", "not in"),
    (r"\bNOT\b", "not"),
    (r"\bIN\b", "in"),
    (r"\(\s*('[^']*')\s*\)", r"(\1,)"),
    (r"\s+", " "),
)
_INT64 = 2**63


def _condition(source: str) -> Condition:
    for pattern, replacement in _WORDS:
        source = re.sub(pattern, replacement, source)
    code = compile(source.strip(), "schema.sql", "eval")

    def holds(names: dict[str, Any]) -> bool:
        return bool(eval(code, {"__builtins__": {}}, names))

    return holds


def _checked(body: str) -> Iterator[str]:
    """What stands in the brackets of each CHECK."""
    for begin in re.finditer(r"CHECK \(", body):
        depth, end = 1, begin.end()
        while depth:
            depth += {"(": 1, ")": -1}.get(body[end], 0)
            end += 1
        yield body[begin.end() : end - 1]


def _conditions() -> tuple[dict[str, list[Condition]], dict[str, list[Condition]]]:
    """By folded table: what must hold for a row, and what refuses a change."""
    checks: dict[str, list[Condition]] = {}
    triggers: dict[str, list[Condition]] = {}
    for table, body in _TABLE.findall(_SCHEMA):
        if table in SHAPES:
            checks[table] = [_condition(source) for source in _checked(body)]
    for table, source in _TRIGGER.findall(_SCHEMA):
        if table in SHAPES:
            triggers.setdefault(table, []).append(_condition(source))
    return checks, triggers


class Guard:
    """What one folded table lets in."""

    def __init__(self, shape: TableShape, checks: list[Condition], refusing: list[Condition]) -> None:
        names = shape.column_names
        self.name = shape.name
        self._names = names
        self._checks = checks
        self._refusing = refusing
        self._key_places = tuple(names.index(name) for name in shape.key)
        self._fixed_places = tuple(names.index(name) for name in shape.fixed if name not in shape.key)

    def key(self, row: Row) -> Row:
        """The primary key without its venue."""
        return tuple([row[place] for place in self._key_places])

    def check(self, row: Row) -> None:
        """Raises what the driver or the server would for a row that is new."""
        for value in row:
            if isinstance(value, str):
                check_text(value)
            elif isinstance(value, int) and not -_INT64 <= value < _INT64:
                raise asyncpg.DataError("value out of int64 range")
        if self._checks:
            named = dict(zip(self._names, row, strict=True))
            if not all(check(named) for check in self._checks):
                raise asyncpg.CheckViolationError(f"{self.name}: {named} breaks a check")

    def merged(self, old: Row, new: Row) -> Row:
        """What an update leaves. Raises where a trigger would."""
        row = list(new)
        for place in self._fixed_places:
            row[place] = old[place]
        if self._refusing:
            before, after = dict(zip(self._names, old, strict=True)), dict(zip(self._names, row, strict=True))
            if any(refuses({"OLD": before, "NEW": after}) for refuses in self._refusing):
                raise asyncpg.CheckViolationError(f"{self.name}: {before} cannot become {after}")
        return tuple(row)


def check_text(text: str) -> None:
    """Raises what Postgres and its driver do for text that they cannot hold."""
    if "\0" in text:
        raise asyncpg.CharacterNotInRepertoireError('invalid byte sequence for encoding "UTF8": 0x00')
    text.encode()


def _guards() -> dict[str, Guard]:
    checks, triggers = _conditions()
    return {
        name: Guard(shape, checks.get(name, []), triggers.get(name, [])) for name, shape in SHAPES.items()
    }


GUARDS = _guards()
