"""Who prints what, second by second, with no printer and no clock."""

import pytest

from edge.core.deadlines import NEVER
from edge.effects.kitchen.printing_plan import Job, PrintingPlan, PrintLimits, address_of, server_of
from protocol.facts.venue import PrinterConfig

LIMITS = PrintLimits(retry_s=2.0, most_retry_s=10.0, patience=2, stuck_s=30.0)
GRILL = PrinterConfig("Grill", "10.0.0.1:9100", stations=("grill",), fallback="Bar")
BAR = PrinterConfig("Bar", "10.0.0.2:9100", stations=("bar",), fallback="Grill")
TILL = PrinterConfig("Till", "10.0.0.3", receipts=True)
K1, K2 = Job("K-1@grill", "ticket", "grill"), Job("K-2@grill", "ticket", "grill")


@pytest.fixture
def plan() -> PrintingPlan:
    return PrintingPlan(LIMITS, (GRILL, BAR, TILL))


def test_the_printer_of_a_station_takes_its_tickets_oldest_first(plan: PrintingPlan) -> None:
    plan.want(K1, 0.0)
    plan.want(K2, 1.0)
    plan.want(K1, 2.0)
    assert plan.take("Bar", 2.0) is None
    assert plan.take("Grill", 2.0) == K1
    assert plan.take("Grill", 2.0) == K2
    assert plan.take("Grill", 2.0) is None
    assert plan.over("K-1@grill") == K1
    assert plan.over("K-1@grill") is None
    assert "K-1@grill" not in plan


def test_what_did_not_come_out_comes_again_and_knows_that_it_may_be_on_paper(plan: PrintingPlan) -> None:
    plan.want(K1, 0.0)
    plan.take("Grill", 0.0)
    plan.give_back("K-1@grill", begun=True)
    again = plan.take("Grill", 0.0)
    assert again is not None
    assert again.begun


def test_a_printer_that_failed_rests_longer_each_time(plan: PrintingPlan) -> None:
    assert plan.rests_s("Grill", 0.0) is None
    for wait_s in (2.0, 4.0, 8.0, 10.0, 10.0):
        plan.failed("Grill", 100.0, hopeless=False)
        assert plan.rests_s("Grill", 100.0) == wait_s
        assert plan.rests_s("Grill", 200.0) == 0.0
    plan.works("Grill", 0.0)
    assert plan.rests_s("Grill", 100.0) is None


def test_one_failure_is_forgiven_and_a_second_sends_the_job_to_the_other_printer(plan: PrintingPlan) -> None:
    plan.want(K1, 0.0)
    plan.failed("Grill", 0.0, hopeless=False)
    assert plan.take("Bar", 0.0) is None
    assert plan.take("Grill", 1.9) is None
    plan.failed("Grill", 2.0, hopeless=False)
    assert (plan.out_of_order("Grill"), plan.stand_in("Grill")) == (True, "Bar")
    assert plan.take("Grill", 100.0) is None
    assert plan.take("Bar", 2.0) == K1


def test_a_printer_that_says_it_cannot_is_not_asked_twice(plan: PrintingPlan) -> None:
    plan.want(K1, 0.0)
    plan.failed("Grill", 0.0, hopeless=True)
    assert plan.take("Bar", 0.0) == K1


def test_it_gets_its_work_back_once_it_works(plan: PrintingPlan) -> None:
    plan.failed("Grill", 0.0, hopeless=True)
    plan.works("Grill", 0.0)
    plan.want(K1, 1.0)
    assert plan.take("Bar", 1.0) is None
    assert plan.take("Grill", 1.0) == K1


def test_with_all_out_of_order_whoever_is_tried_next_takes_it(plan: PrintingPlan) -> None:
    plan.want(K1, 0.0)
    for name in ("Grill", "Bar"):
        plan.failed(name, 0.0, hopeless=True)
    assert plan.stand_in("Grill") is None
    assert plan.take("Bar", 1.0) is None
    assert plan.take("Bar", 4.0) == K1


def test_chains_end_although_printers_stand_in_for_each_other(plan: PrintingPlan) -> None:
    assert plan.chain(K1) == ["Grill", "Bar"]
    assert plan.chain(Job("K-1@bar", "ticket", "bar")) == ["Bar", "Grill"]
    assert plan.chain(Job("K-1@roof", "ticket", "roof")) == []
    lonely = PrintingPlan(LIMITS, [PrinterConfig("Grill", "h", stations=("grill",), fallback="Grill")])
    assert lonely.chain(K1) == ["Grill"]


def test_receipts_come_out_where_receipts_do_unless_a_printer_is_named(plan: PrintingPlan) -> None:
    assert plan.chain(Job("R-1", "receipt")) == ["Till"]
    assert plan.chain(Job("R-1", "receipt", printer="Bar")) == ["Bar", "Grill"]
    assert plan.chain(Job("R-1", "receipt", printer="Gone")) == ["Till"]


def test_a_job_that_waits_too_long_is_told_once(plan: PrintingPlan) -> None:
    assert plan.next_stuck_s() == NEVER
    plan.want(K1, 0.0)
    plan.want(K2, 5.0)
    plan.over("K-2@grill")
    assert (plan.next_stuck_s(), plan.stuck(29.0)) == (30.0, [])
    assert plan.stuck(30.0) == [K1]
    assert plan.stuck(100.0) == []


def test_addresses() -> None:
    assert address_of(GRILL) == ("10.0.0.1", 9100)
    assert address_of(TILL) == ("10.0.0.3", 9100)
    assert address_of(PrinterConfig("P", "printer.local:9101")) == ("printer.local", 9101)


def test_the_first_printer_that_names_a_station_serves_it() -> None:
    twin = PrinterConfig("Twin", "h", stations=("grill",))
    assert server_of((BAR, GRILL, twin), "grill") == GRILL
    assert server_of((BAR, TILL), "grill") is None
