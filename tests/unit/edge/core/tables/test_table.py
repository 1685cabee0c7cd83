"""Joining, the pass word, closing (seed 000 §0, §1A; contract.md, Guests)."""

import pytest

from edge.core.commands import CloseTable, Command, JoinTable
from edge.core.tables.table import MOST_MEMBERS
from protocol.facts.table import MemberJoined, PassValidated, TableClosed, TableOpened
from tests.sample_venue import T1, T2, add, join, opening, place, say_word
from tests.unit.edge.core.script import Script

CLOSE = CloseTable("s1", "left", "staff:ann")


def test_the_first_to_join_opens_the_table_and_is_host() -> None:
    venue = Script(*opening())
    opened, joined = venue.do(join("chinu"))
    assert opened == TableOpened("s1", T1, "T1")
    assert isinstance(joined, MemberJoined)
    assert (joined.member_pid, joined.name, joined.host) == ("chinu", "Chinu", True)


def test_the_next_to_join_sits_down_beside_the_host() -> None:
    venue = Script(*opening(), join("chinu"))
    (joined,) = venue.do(join("anshu", "a fresh pid that is dropped"))
    assert isinstance(joined, MemberJoined)
    assert not joined.host
    session = venue.table("s1")
    assert session is not None
    assert session.host is session.members["chinu"]


def test_two_tables_are_two_sessions() -> None:
    venue = Script(*opening(), join("chinu"), join("bela", "s2", T2))
    assert (venue.open_session_at(T1), venue.open_session_at(T2)) == ("s1", "s2")


def test_the_right_word_opens_the_cart_for_everybody() -> None:
    venue = Script(*opening(), join("chinu"), join("anshu"))
    assert venue.do(say_word("anshu")) == [PassValidated("anshu")]
    assert venue.do(say_word("chinu")) == []
    assert venue.do(add("chinu"))


@pytest.mark.parametrize("word", ["coffee", " Coffee ", "COFFEE"])
def test_case_and_blanks_do_not_matter(word: str) -> None:
    assert Script(*opening(), join("chinu")).do(say_word(word=word)) == [PassValidated("chinu")]


def test_closing_ends_the_session_and_frees_the_table() -> None:
    venue = Script(*opening(), join("chinu"))
    assert venue.do(CLOSE) == [TableClosed("left")]
    assert venue.do(CLOSE) == []
    assert len(venue.do(join("anshu", "s2"))) == 2
    assert venue.open_session_at(T1) == "s2"


@pytest.mark.parametrize(
    ("before", "command", "code"),
    [
        ([], join("chinu"), "not_configured"),
        (opening(), join("chinu", table="NOSUCH"), "unknown_table"),
        (opening(), say_word(), "unknown_session"),
        ([*opening(), join("chinu")], say_word("stranger"), "not_authorised"),
        ([*opening(), join("chinu")], say_word(word="tea"), "wrong_pass"),
        ([*opening(), join("chinu")], say_word(word=""), "wrong_pass"),
        ([*opening(), join("chinu"), CLOSE], say_word(), "session_closed"),
        ([*opening(), join("chinu"), CLOSE], place(), "session_closed"),
        (opening(), CLOSE, "unknown_session"),
    ],
)
def test_refusals(before: list[Command], command: Command, code: str) -> None:
    venue = Script(*before)
    facts = len(venue.facts)
    assert venue.code(command) == code
    assert len(venue.facts) == facts


def test_a_table_takes_only_so_many_phones() -> None:
    venue = Script(*opening(), *(join(f"guest{n}") for n in range(MOST_MEMBERS)))
    assert venue.code(join("one too many")) == "rate_limited"


def test_a_member_who_joins_under_the_same_pid_gets_a_new_token() -> None:
    venue = Script(*opening(), join("chinu"))
    venue.do(JoinTable(T1, "Chinu", "s1", "chinu", "f" * 64))
    session = venue.table("s1")
    assert session is not None
    assert len(session.members) == 1
    assert session.members["chinu"].token_digest == "f" * 64
