"""The cloud's end of the link: whatever order runs come in, what is taken is dense and within the credit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol import link
from protocol.link_machine import CloudEnd, Judge, ProtocolViolation, Run, Telemetry

WELCOME = link.Welcome("ok", 1, 10, b"h", "i", 100, 0)


def _live(durable_seq: int = 10, credit: int = 100) -> CloudEnd:
    """An end that has welcomed a box."""
    end = CloudEnd(b"n")
    end.state = "judging"
    end.welcome(link.Welcome("ok", 1, durable_seq, b"h%d" % durable_seq, "i", credit, 0))
    end.outbox.clear()
    return end


def _up(first_seq: int, count: int) -> link.Up:
    records = tuple(b"%d" % seq for seq in range(first_seq, first_seq + count))
    return link.Up(first_seq, records, b"h%d" % (first_seq + count - 1))


def test_nothing_but_a_hello_opens_a_link() -> None:
    end = CloudEnd(b"n")
    assert end.outbox == [link.Challenge(b"n")]
    with pytest.raises(ProtocolViolation):
        end.receive(_up(1, 1), 0)


def test_a_hello_is_judged_and_a_refused_box_may_say_nothing_more() -> None:
    greeting = link.Greeting(b"n", "v", "n", 1, "l", (1, 1), "b", 0, 0, b"", {}, "", True, 0)
    end = CloudEnd(b"n")
    event = end.receive(link.Hello(link.encode(greeting), b"s"), 0)
    assert isinstance(event, Judge)
    assert event.greeting == greeting
    end.welcome(link.Welcome("fenced", 1, 0, b"", "i", 0, 0, "no"))
    with pytest.raises(ProtocolViolation):
        end.receive(link.Ping(1), 0)


def test_runs_may_follow_each_other_before_the_first_is_durable() -> None:
    end = _live()
    assert end.receive(_up(11, 5), 0) == Run(11, tuple(b"%d" % seq for seq in range(11, 16)), b"h15")
    assert end.receive(_up(16, 5), 0) == Run(16, tuple(b"%d" % seq for seq in range(16, 21)), b"h20")
    assert end.outbox == []
    end.committed(20, b"h20")
    assert end.outbox == [link.UpAck(20, b"h20", 100)]


def test_what_is_under_way_is_not_taken_twice() -> None:
    end = _live()
    end.receive(_up(11, 5), 0)
    assert end.receive(_up(11, 5), 0) is None
    assert end.receive(_up(13, 5), 0) == Run(16, (b"16", b"17"), b"h17")
    assert end.outbox == []


def test_what_is_durable_is_acknowledged_again() -> None:
    end = _live()
    assert end.receive(_up(6, 5), 0) is None
    assert end.outbox == [link.UpAck(10, b"h10", 100)]


def test_a_gap_is_asked_about_once() -> None:
    end = _live()
    assert end.receive(_up(13, 5), 0) is None
    assert end.receive(_up(18, 5), 0) is None
    assert end.outbox == [link.Resend(10)]
    end.receive(_up(11, 5), 0)
    assert end.receive(_up(20, 5), 0) is None
    assert end.outbox == [link.Resend(10), link.Resend(15)]


def test_credit_that_was_given_holds_when_less_is_given_later() -> None:
    end = _live(durable_seq=0, credit=50)
    end.credit = 5
    end.receive(_up(1, 10), 0)
    end.committed(10, b"h10")
    assert end.receive(_up(11, 40), 0) is not None
    with pytest.raises(ProtocolViolation):
        end.receive(_up(51, 1), 0)


@pytest.mark.parametrize("run", [_up(0, 1), _up(-5, 3), _up(111, 1), _up(11, 101)])
def test_runs_that_no_honest_box_sends(run: link.Up) -> None:
    with pytest.raises(ProtocolViolation):
        _live().receive(run, 0)


def test_pings_are_answered_with_the_time_and_telemetry_passes() -> None:
    end = _live()
    assert end.receive(link.Ping(7), 123) is None
    assert end.outbox == [link.Pong(7, 123)]
    assert end.receive(link.Status(99, True), 0) == Telemetry(link.Status(99, True))


@given(runs=st.lists(st.tuples(st.integers(1, 60), st.integers(0, 20), st.booleans()), max_size=40))
def test_taken_records_are_dense_whatever_comes(runs: list[tuple[int, int, bool]]) -> None:
    end = _live(durable_seq=0, credit=200)
    taken: list[bytes] = []
    for first_seq, count, commit in runs:
        event = end.receive(_up(first_seq, count), 0)
        if isinstance(event, Run):
            assert event.first_seq == len(taken) + 1
            taken += event.records
        if commit and end.taken_seq > end.durable_seq:
            end.committed(end.taken_seq, b"h%d" % end.taken_seq)
    assert taken == [b"%d" % seq for seq in range(1, len(taken) + 1)]
    acknowledged = [message.durable_seq for message in end.outbox if isinstance(message, link.UpAck)]
    assert acknowledged == sorted(acknowledged)
    assert all(seq <= len(taken) for seq in acknowledged)
