"""Nothing waits for a network without a deadline: who dials says how long, or does so within a timeout."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.house.test_tree import ROOT, sources

#: Ways to another machine, by the last word of the call.
DIALS = {"ClientSession", "open_connection", "create_connection", "ws_connect", "AsyncClient"}
#: People press keys there, and what does not answer is seen.
SHOWN_TO_PEOPLE = Path("edge/demo")


def dialled(tree: ast.AST) -> Iterator[ast.Call]:
    """Calls that open a way to another machine."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in DIALS:
            yield node


def in_time(call: ast.Call) -> bool:
    """Whether the call itself names a deadline."""
    return any(word.arg in ("timeout", "sock_connect") for word in call.keywords)


def has_deadlines(tree: ast.AST) -> bool:
    """Whether waits of this module stand within `asyncio.timeout`, or its requests name one."""
    words = ("timeout", "wait_for", "ClientTimeout")
    called = (node.func for node in ast.walk(tree) if isinstance(node, ast.Call))
    return any(isinstance(func, ast.Attribute) and func.attr in words for func in called)


def test_whoever_dials_says_how_long() -> None:
    unbounded = []
    for path in sources("edge", "cloud"):
        if path.suffix != ".py" or path.is_relative_to(SHOWN_TO_PEOPLE):
            continue
        tree = ast.parse((ROOT / path).read_text("utf-8"))
        bounded = has_deadlines(tree)
        unbounded += [f"{path}:{call.lineno}" for call in dialled(tree) if not (in_time(call) or bounded)]
    assert unbounded == []


def test_a_wait_for_ever_would_be_found() -> None:
    tree = ast.parse("import aiohttp\nsession = aiohttp.ClientSession()\n")
    assert [in_time(call) or has_deadlines(tree) for call in dialled(tree)] == [False]
