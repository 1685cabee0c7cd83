"""Takes one line out of the product for a while, to see whether anybody misses it.

Rule of the file: the product's source is read, a fragment of one function is replaced, and the function is
given the code that this compiles to. Whoever holds the function then runs the changed one. A fragment that is
not there any more is an error by name, so a list of cuts cannot rot in silence.
"""

import importlib
import inspect
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from types import CodeType, FunctionType
from typing import Any


class CutMissed(Exception):
    """The product does not say what was to be cut out of it."""


def function_at(place: str) -> FunctionType:
    """`module:name` or `module:Class.name`."""
    module, _, path = place.partition(":")
    found: Any = importlib.import_module(module)
    for name in path.split("."):
        found = getattr(found, name)
    assert isinstance(found, FunctionType), place
    return found


def _code_in(compiled: CodeType, name: str) -> CodeType:
    return next(part for part in compiled.co_consts if isinstance(part, CodeType) and part.co_name == name)


def changed(function: FunctionType, cut: str, put: str) -> CodeType:
    """The function's code with `put` in the place of `cut`. Raises `CutMissed`."""
    source = textwrap.dedent(inspect.getsource(function))
    if source.count(cut) != 1:
        raise CutMissed(
            f"{function.__module__}:{function.__qualname__} says {cut!r} {source.count(cut)} times"
        )
    compiled = compile(source.replace(cut, put), inspect.getfile(function), "exec")
    return _code_in(compiled, function.__name__)


@contextmanager
def cut_out(place: str, cut: str, put: str) -> Iterator[None]:
    """The product is without it while the block lasts."""
    function = function_at(place)
    whole = function.__code__
    function.__code__ = changed(function, cut, put)
    try:
        yield
    finally:
        function.__code__ = whole
