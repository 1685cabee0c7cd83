"""Counting down from a lease."""

from hypothesis import given, settings
from hypothesis import strategies as st

from edge.agent.countdown import REPEAT_SLACK_S, begun, renewed, warned
from protocol.station import Lease

LEASE = Lease("PC-1", "s1", 1, 10, 700.0)


def test_it_counts_and_never_below_zero() -> None:
    known = begun(LEASE, 100.0)
    assert [known.remaining_s(at_s) for at_s in (100.0, 400.0, 800.0, 9000.0)] == [700.0, 400.0, 0.0, 0.0]


def test_it_wakes_for_each_warning_and_for_the_end() -> None:
    known = begun(LEASE, 0.0)
    assert known.next_s(0.0) == 100.0
    known, due = warned(known, 100.0)
    assert (due, known.next_s(100.0)) == (600, 480.0)
    known, due = warned(known, 580.0)
    assert (due, known.next_s(580.0)) == (120, 120.0)


def test_a_pc_that_slept_through_both_warnings_gives_the_shorter_one() -> None:
    known, due = warned(begun(LEASE, 0.0), 650.0)
    assert (due, known.warnings) == (120, ())


def test_a_paused_session_does_not_count_and_never_wakes() -> None:
    known = begun(Lease("PC-1", "s1", 1, 10, 700.0, paused=True), 0.0)
    assert (known.remaining_s(9999.0), known.next_s(9999.0)) == (700.0, None)


@settings(deadline=None)
@given(st.floats(1, 1e5), st.floats(0, 1e5), st.floats(0, 2e5))
def test_the_same_fact_never_brings_time_back(bought_s: float, repeated_s: float, later_s: float) -> None:
    known = begun(Lease("PC-1", "s1", 1, 10, bought_s), 0.0)
    again = renewed(known, Lease("PC-1", "s1", 1, 10, repeated_s), later_s)
    assert again.remaining_s(later_s) <= known.remaining_s(later_s) + REPEAT_SLACK_S


@settings(deadline=None)
@given(st.floats(1, 1e5), st.floats(0, 1e5))
def test_a_newer_fact_is_the_boxs_word(left_s: float, later_s: float) -> None:
    known = begun(LEASE, 0.0)
    assert renewed(known, Lease("PC-1", "s1", 1, 11, left_s), later_s).remaining_s(later_s) == left_s
