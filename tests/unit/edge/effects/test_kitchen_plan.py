"""When tickets, snapshots and alarms are due, second by second, with no clock and no broker."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.core.deadlines import NEVER
from edge.effects.kitchen.plan import MOST_ANSWERS, KitchenPlan, Limits
from protocol.facts.ticket import Ticket, TicketFired
from protocol.kitchen import Publication

LIMITS = Limits(resend_s=5.0, alarm_s=60.0, gather_s=0.2, broker_alarm_s=15.0)


def ticket(number: int = 1, station: str = "grill", state: str = "fired") -> Ticket:
    fired = TicketFired(f"K-{number}", station, f"ORD-7-{number}", "S", "T1", ())
    return Ticket(1, fired, state, placed_ms=0, seq=number, changed_ms=0)


def moved(before: Ticket, state: str) -> Ticket:
    return msgspec.structs.replace(before, state=state, version=before.version + 1)


def names(tickets: list[Ticket]) -> list[str]:
    return [each.fired.ticket for each in tickets]


@pytest.fixture
def plan() -> KitchenPlan:
    """Connected at second 0, snapshots of the grill shown."""
    plan = KitchenPlan(LIMITS, 0.0)
    plan.connected(0.0)
    assert plan.stale(["grill"], 0.0) == ["grill"]
    return plan


class TestTickets:
    def test_a_fired_ticket_is_due_at_once_and_again_until_a_device_moves_it(self, plan: KitchenPlan) -> None:
        first = ticket()
        plan.moved(first, 10.0)

        assert plan.next_s(10.0) == 10.0
        assert names(plan.due(10.0)) == ["K-1"]
        assert plan.due(14.9) == []
        assert names(plan.due(15.0)) == ["K-1"]

        plan.moved(moved(first, "received"), 16.0)
        assert plan.due(1000.0) == []

    def test_oldest_first(self, plan: KitchenPlan) -> None:
        for number in (1, 2, 3):
            plan.moved(ticket(number), number)
        assert names(plan.due(3.0)) == ["K-1", "K-2", "K-3"]

    def test_the_same_name_at_two_stations_is_two_tickets(self, plan: KitchenPlan) -> None:
        plan.moved(ticket(1, "grill"), 0.0)
        plan.moved(ticket(1, "bar"), 0.0)
        plan.moved(ticket(1, "bar", state="received"), 0.0)
        assert [each.fired.station for each in plan.due(0.0)] == ["grill"]

    def test_nothing_is_due_without_a_connection_and_all_with_a_new_one(self, plan: KitchenPlan) -> None:
        plan.moved(ticket(1), 0.0)
        assert names(plan.due(0.0)) == ["K-1"]
        plan.disconnected(1.0)
        plan.moved(ticket(2), 2.0)
        assert plan.due(20.0) == []

        plan.connected(21.0)
        assert names(plan.due(21.0)) == ["K-1", "K-2"]

    def test_a_ticket_whose_sending_was_cut_off_is_due_when_connected_again(self, plan: KitchenPlan) -> None:
        plan.moved(ticket(), 0.0)
        plan.due(0.0)
        plan.disconnected(0.1)
        plan.connected(0.2)
        assert names(plan.due(0.2)) == ["K-1"]

    def test_a_recalled_ticket_is_not_sent_as_new(self, plan: KitchenPlan) -> None:
        plan.moved(ticket(state="recalled"), 0.0)
        assert plan.due(100.0) == []


class TestAlarms:
    def test_overdue_after_the_limit_and_once(self, plan: KitchenPlan) -> None:
        plan.moved(ticket(), 0.0)
        assert plan.overdue(59.9) == []
        assert names(plan.overdue(60.0)) == ["K-1"]
        assert plan.overdue(120.0) == []

    def test_also_without_a_connection(self, plan: KitchenPlan) -> None:
        plan.disconnected(0.0)
        plan.moved(ticket(), 0.0)
        assert names(plan.overdue(60.0)) == ["K-1"]

    def test_time_before_a_restart_counts(self, plan: KitchenPlan) -> None:
        plan.moved(ticket(1), 0.0, age_s=50.0)
        plan.moved(ticket(2), 0.0, age_s=500.0)
        assert names(plan.overdue(0.0)) == ["K-2"]
        assert names(plan.overdue(10.0)) == ["K-1"]

    def test_never_for_a_ticket_that_was_moved(self, plan: KitchenPlan) -> None:
        plan.moved(ticket(), 0.0)
        plan.moved(ticket(state="accepted"), 59.0)
        assert plan.overdue(1000.0) == []

    def test_a_missing_broker_is_noticed_after_a_while(self, plan: KitchenPlan) -> None:
        assert not plan.broker_missing(1000.0)
        plan.disconnected(100.0)
        plan.disconnected(110.0)
        assert plan.next_s(100.0) == 115.0
        assert not plan.broker_missing(114.9)
        assert plan.broker_missing(115.0)
        assert plan.next_s(115.0) == NEVER
        plan.connected(116.0)
        assert not plan.broker_missing(1000.0)

    def test_a_broker_that_never_was_there_is_missing_too(self) -> None:
        assert KitchenPlan(LIMITS, 7.0).broker_missing(22.0)


class TestSnapshots:
    def test_all_stations_at_a_connection(self, plan: KitchenPlan) -> None:
        plan.disconnected(1.0)
        assert plan.stale(["grill", "bar"], 2.0) == []
        plan.connected(3.0)
        assert plan.stale(["grill", "bar"], 3.0) == ["grill", "bar"]
        assert plan.stale(["grill", "bar"], 4.0) == []

    def test_changes_gather_and_the_first_one_counts(self, plan: KitchenPlan) -> None:
        for at in (10.0, 10.1, 10.19):
            plan.moved(ticket(), at)
            plan.due(at)
        assert plan.stale(["grill"], 10.19) == []
        assert plan.next_s(10.19) == pytest.approx(10.2)
        assert plan.stale(["grill"], 10.21) == ["grill"]
        assert plan.stale(["grill"], 11.0) == []

    def test_only_touched_stations(self, plan: KitchenPlan) -> None:
        plan.connected(0.0)
        plan.stale(["grill", "bar"], 0.0)
        plan.moved(ticket(1, "bar"), 1.0)
        assert plan.stale(["grill", "bar"], 2.0) == ["bar"]

    def test_a_station_that_the_owner_took_away_still_gets_its_last_tickets_cleared(
        self, plan: KitchenPlan
    ) -> None:
        plan.moved(ticket(1, "old bar", state="served"), 1.0)
        assert plan.stale(["grill"], 2.0) == ["old bar"]

    def test_a_station_that_the_owner_added_gets_its_first(self, plan: KitchenPlan) -> None:
        assert plan.stale(["grill", "new bar"], 5.0) == []
        plan.stations_changed(5.0)
        assert plan.next_s(5.0) == 5.0
        assert plan.stale(["grill", "new bar"], 5.0) == ["new bar"]


class TestAnswers:
    def test_once_and_with_a_connection(self, plan: KitchenPlan) -> None:
        answer = Publication("v1/V/kds/grill/error", b"{}")
        plan.disconnected(0.0)
        plan.answer(answer)
        assert plan.answers() == []
        plan.connected(1.0)
        assert plan.answers() == [answer]
        assert plan.answers() == []

    def test_a_flood_keeps_the_newest(self, plan: KitchenPlan) -> None:
        for number in range(MOST_ANSWERS + 5):
            plan.answer(Publication(str(number), b"{}"))
        kept = plan.answers()
        assert len(kept) == MOST_ANSWERS
        assert kept[-1].topic == str(MOST_ANSWERS + 4)


def test_an_idle_plan_never_wakes_anybody(plan: KitchenPlan) -> None:
    plan.moved(ticket(), 0.0)
    plan.due(0.0)
    plan.moved(ticket(state="received"), 1.0)
    plan.stale(["grill"], 2.0)
    assert plan.next_s(2.0) == NEVER


HAPPENINGS = st.lists(
    st.one_of(
        st.tuples(st.just("wait"), st.integers(1, 80)),
        st.tuples(st.sampled_from(["fire", "ack"]), st.integers(0, 4)),
        st.tuples(st.sampled_from(["connect", "disconnect"]), st.just(0)),
    ),
    max_size=60,
)


@given(HAPPENINGS)
def test_whatever_happens_no_fired_ticket_waits_longer_than_the_interval(
    happenings: list[tuple[str, int]],
) -> None:
    """A shell that looks exactly when the plan says so; tenths of seconds."""
    plan, now_s, connected = KitchenPlan(LIMITS, 0.0), 0.0, False
    sent: dict[str, float] = {}
    fired: dict[str, float] = {}
    alarmed: set[str] = set()

    def look() -> None:
        due = names(plan.due(now_s))
        assert set(due) <= fired.keys()
        assert connected or not due
        sent.update(dict.fromkeys(due, now_s))
        alarmed.update(names(plan.overdue(now_s)))
        plan.stale(["grill"], now_s)
        assert plan.next_s(now_s) > now_s

    for happening, value in happenings:
        if happening == "wait":
            end_s = now_s + value / 10
            while (next_s := plan.next_s(now_s)) <= end_s:
                now_s = max(now_s, next_s)
                look()
            now_s = end_s
        elif happening == "fire":
            plan.moved(ticket(value), now_s)
            fired[f"K-{value}"] = now_s
        elif happening == "ack":
            plan.moved(ticket(value, state="received"), now_s)
            for known in (fired, sent):
                known.pop(f"K-{value}", None)
        else:
            connected = happening == "connect"
            (plan.connected if connected else plan.disconnected)(now_s)
            sent.clear()
        look()
        for name, fired_s in fired.items():
            if connected:
                assert now_s - sent[name] <= LIMITS.resend_s
            assert name in alarmed or now_s - fired_s < LIMITS.alarm_s
