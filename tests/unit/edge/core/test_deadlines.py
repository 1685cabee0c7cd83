"""Deadlines against the plain way of doing it: a dictionary that is searched."""

from hypothesis import given
from hypothesis import strategies as st

from edge.core.deadlines import NEVER, Deadlines

KEYS = st.sampled_from("abcde")
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("set"), KEYS, st.integers(0, 20)),
        st.tuples(st.just("drop"), KEYS, st.just(0)),
        st.tuples(st.just("take"), st.just(""), st.integers(0, 20)),
    ),
    max_size=60,
)


@given(STEPS)
def test_behaves_like_a_searched_dictionary(steps: list[tuple[str, str, int]]) -> None:
    deadlines: Deadlines[str] = Deadlines()
    plain: dict[str, int] = {}
    for step, key, at in steps:
        if step == "set":
            deadlines.set(key, at)
            plain[key] = at
        elif step == "drop":
            deadlines.drop(key)
            plain.pop(key, None)
        else:
            taken = [(plain[key], key) for key in deadlines.take(at)]
            assert sorted(taken) == sorted((due, key) for key, due in plain.items() if due <= at)
            assert [due for due, _ in taken] == sorted(due for due, _ in taken)
            plain = {key: due for key, due in plain.items() if due > at}
        assert deadlines.next_s() == min(plain.values(), default=NEVER)


def test_takes_the_earliest_first_and_only_once() -> None:
    deadlines: Deadlines[str] = Deadlines()
    for key, at in (("late", 3.0), ("early", 1.0), ("middle", 2.0), ("never yet", 9.0)):
        deadlines.set(key, at)

    assert deadlines.take(5.0) == ["early", "middle", "late"]
    assert deadlines.take(5.0) == []
    assert deadlines.next_s() == 9.0


def test_setting_anew_replaces() -> None:
    deadlines: Deadlines[str] = Deadlines()
    deadlines.set("a", 1.0)
    deadlines.set("a", 7.0)
    deadlines.set("a", 7.0)

    assert deadlines.take(6.9) == []
    assert deadlines.take(7.0) == ["a"]
    assert deadlines.next_s() == NEVER
