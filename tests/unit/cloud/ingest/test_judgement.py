"""Verdicts on a hello, from nothing but what the box says and what the cloud has."""

import msgspec
import pytest

from cloud.ingest.judgement import judge
from cloud.store.nodes import Node
from protocol.link import Greeting

NODE = Node("v", "n", 3, 3, "log", b"k" * 32, 100, b"h100")
HONEST = Greeting(b"", "v", "n", 3, "log", (1, 1), "boot", 120, 100, b"h100", {}, "", True, 0)


@pytest.mark.parametrize(
    ("says", "has", "acked_hash", "word"),
    [
        ({}, {}, b"h100", "ok"),
        ({"acked_seq": 90, "acked_hash": b"h90"}, {}, b"h90", "ok"),
        ({"protocols": (1, 7)}, {}, b"h100", "ok"),
        ({"protocols": (2, 7)}, {}, b"h100", "upgrade"),
        ({}, {"charge_epoch": 4}, b"h100", "fenced"),
        ({"epoch": 2}, {}, b"h100", "fenced"),
        ({"epoch": 4}, {}, b"h100", "fenced"),
        ({"log_id": "other"}, {}, b"h100", "fenced"),
        ({"tail_seq": 99, "acked_seq": 99}, {}, b"h99", "resnapshot"),
        ({"acked_seq": 110, "acked_hash": b"h110"}, {}, None, "resend"),
        ({"acked_hash": b"other"}, {}, b"h100", "resnapshot"),
    ],
)
def test_verdicts(
    says: dict[str, object], has: dict[str, object], acked_hash: bytes | None, word: str
) -> None:
    greeting, node = msgspec.structs.replace(HONEST, **says), msgspec.structs.replace(NODE, **has)
    verdict = judge(greeting, node, acked_hash)
    assert verdict.word == word
    assert bool(verdict.message) == (word != "ok")
