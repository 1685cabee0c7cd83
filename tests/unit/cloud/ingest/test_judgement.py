"""Verdicts on a hello, from nothing but what the box says and what the cloud has."""

import msgspec
import pytest

from cloud.ingest.judgement import Hashes, judge
from cloud.store.link.nodes import Node
from protocol.link import Greeting

NODE = Node("v", "n", 3, 3, "log", b"k" * 32, 100, b"h100")
HONEST = Greeting(b"", "v", "n", 3, "log", (1, 1), "boot", 120, 100, b"h100", {}, "", True, 0)


@pytest.mark.parametrize(
    ("says", "has", "acked_hash", "word"),
    [
        ({}, {}, b"h100", "ok"),
        ({"acked_seq": 90, "acked_hash": b"h90"}, {}, b"h90", "ok"),
        ({"protocols": (1, 7)}, {}, b"h100", "ok"),
        ({"protocols": (3, 7)}, {}, b"h100", "upgrade"),
        ({"protocols": (0, 0)}, {}, b"h100", "upgrade"),
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
    verdict = judge(greeting, node, Hashes(acked_hash))
    assert verdict.word == word
    assert bool(verdict.message) == (word != "ok")
    assert bool(verdict.replaced_by) == ("charge_epoch" in has)


SPEAKING = msgspec.structs.replace(NODE, life="one", alive=True)


def test_a_second_start_waits_until_the_first_is_silent() -> None:
    other = msgspec.structs.replace(HONEST, life="two")
    assert judge(other, SPEAKING, Hashes(b"h100")).word == "fenced"
    assert judge(other, SPEAKING, Hashes(b"h100")).replaced_by == 0
    silent = msgspec.structs.replace(SPEAKING, alive=False)
    assert judge(other, silent, Hashes(b"h100")).word == "ok"
    same = msgspec.structs.replace(HONEST, life="one")
    assert judge(same, SPEAKING, Hashes(b"h100")).word == "ok"


@pytest.mark.parametrize(("outlived_s", "replaced_by"), [(9.0, 0), (11.0, 3)])
def test_a_copy_is_fenced_for_good_once_both_are_proven_alive(outlived_s: float, replaced_by: int) -> None:
    node = msgspec.structs.replace(SPEAKING, rival_life="two", outlived_s=outlived_s)
    verdict = judge(msgspec.structs.replace(HONEST, life="two"), node, Hashes(b"h100"))
    assert (verdict.word, verdict.replaced_by) == ("fenced", replaced_by)
    third = judge(msgspec.structs.replace(HONEST, life="three"), node, Hashes(b"h100"))
    assert (third.word, third.replaced_by) == ("fenced", 0)


@pytest.mark.parametrize(("cloud_hash", "word"), [(b"theirs", "resnapshot"), (b"mine", "ok"), (None, "ok")])
def test_a_disbelieved_welcome_is_looked_into(cloud_hash: bytes | None, word: str) -> None:
    doubting = msgspec.structs.replace(HONEST, forked_seq=105, forked_hash=b"mine")
    assert judge(doubting, NODE, Hashes(b"h100", cloud_hash)).word == word


@pytest.mark.parametrize(("speaks", "protocol"), [((1, 1), 1), ((1, 2), 2), ((2, 9), 2)])
def test_both_speak_the_newest_version_that_both_know(speaks: tuple[int, int], protocol: int) -> None:
    assert (
        judge(msgspec.structs.replace(HONEST, protocols=speaks), NODE, Hashes(b"h100")).protocol == protocol
    )
