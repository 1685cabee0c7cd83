"""Alarms are states: up once, down once, told to whoever listens."""

import msgspec

from edge.effects.alarms import Alarm, Alarms


def alarm(key: str, since_ms: int = 1) -> Alarm:
    return Alarm(key, "ticket_unacknowledged", "Please go there.", since_ms, {"ticket": "K-1"})


def test_raising_twice_keeps_the_first_and_tells_once() -> None:
    alarms, told = Alarms(), list[tuple[str, int, bool]]()
    alarms.listen(lambda each, up: told.append((each.key, each.since_ms, up)))

    alarms.raise_(alarm("a", since_ms=1))
    alarms.raise_(alarm("a", since_ms=2))
    alarms.raise_(alarm("b", since_ms=3))
    alarms.clear("a")
    alarms.clear("a")

    assert told == [("a", 1, True), ("b", 3, True), ("a", 1, False)]
    assert alarms.current() == (alarm("b", since_ms=3),)


def test_a_listener_may_leave_while_it_is_told() -> None:
    alarms, told = Alarms(), list[str]()

    def hear_once(each: Alarm, _up: bool) -> None:
        told.append(each.key)
        leave()

    leave = alarms.listen(hear_once)
    alarms.listen(lambda each, _up: told.append(f"{each.key} too"))

    alarms.raise_(alarm("a"))
    alarms.raise_(alarm("b"))

    assert told == ["a", "a too", "b too"]


def test_an_alarm_says_on_the_wire_that_it_is_one() -> None:
    assert msgspec.to_builtins(alarm("a")) == {
        "type": "alarm",
        "key": "a",
        "code": "ticket_unacknowledged",
        "message": "Please go there.",
        "since_ms": 1,
        "detail": {"ticket": "K-1"},
        "seen_by": "",
        "seen_ms": None,
    }


def test_the_first_who_looks_after_an_alarm_counts_and_everybody_hears_of_it() -> None:
    alarms = Alarms()
    told: list[tuple[str, bool]] = []
    alarms.listen(lambda each, up: told.append((each.seen_by, up)))
    alarms.raise_(alarm("a"))
    assert alarms.acknowledge("a", "Ann", 5)
    assert alarms.acknowledge("a", "Mia", 6)
    assert [(each.seen_by, each.seen_ms) for each in alarms.current()] == [("Ann", 5)]
    alarms.clear("a")
    assert not alarms.acknowledge("a", "Mia", 7)
    assert told == [("", True), ("Ann", True), ("Ann", False)]
