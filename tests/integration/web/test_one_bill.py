"""Food and play on one bill, and every cent of play time where money is looked for: over HTTP, a real box."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.web.served import ServedBox, delete
from tests.integration.web.waiter import APPROVAL, Waiter, mid, opened
from tests.sample_venue import PC1, PC2, PS5, T1


@pytest.fixture
def ann(tmp_path: Path) -> Iterator[Waiter]:
    """A box of its own, because shifts and receipts are counted from the start."""
    with ServedBox(tmp_path) as served:
        yield Waiter(served)


def play(ann: Waiter, status: int = 201, **given: Any) -> Any:
    """Start a session."""
    body = {"station_id": PS5, "duration": 60, "payment_method": "CASH", "amount": 10.0}
    return ann.post("/api/v1/sessions/start", {**body, **given}, status)


def stop(ann: Waiter, session: Any) -> Any:
    """End it."""
    url, headers = f"{ann.box.url}/api/v1/sessions/{session['id']}", {"Authorization": f"Bearer {ann.token}"}
    response = delete(url, headers=headers)
    assert response.status_code == 200, response.text
    return response.json()


def postpaid(ann: Waiter, **given: Any) -> Any:
    """A PC is played on until somebody stops it."""
    return play(ann, station_id=PC1, payment_method="POSTPAID", duration=None, amount=None, **given)


def test_a_table_eats_and_plays_and_pays_once(ann: Waiter) -> None:
    opened(ann)
    table = ann.order()
    food_minor = ann.bill(table)["total_minor"]
    session = postpaid(ann, session_pid=table)
    due_minor = stop(ann, session)["due_minor"]
    assert due_minor > 0
    bill = ann.bill(table)
    assert [line["source"] for line in bill["lines"]] == ["order_line", "play_session"]
    assert bill["total_minor"] == food_minor + due_minor
    paid = ann.pay(table)
    assert paid["bill"]["status"] == "settled"
    assert ann.get("/api/v1/bills")["bills"] == []


def test_play_that_ends_after_the_table_was_settled_is_still_owed_there(ann: Waiter) -> None:
    opened(ann)
    table = ann.order()
    session = postpaid(ann, session_pid=table)
    ann.pay(table)
    due_minor = stop(ann, session)["due_minor"]
    owed = ann.get("/api/v1/bills")["bills"]
    assert [(row["session_pid"], row["balance_minor"]) for row in owed] == [(table, due_minor)]


def test_play_without_a_table_waits_among_what_is_owed(ann: Waiter) -> None:
    session = postpaid(ann)
    due_minor = stop(ann, session)["due_minor"]
    owed = ann.get("/api/v1/bills")["bills"]
    assert [(row["session_pid"], row["balance_minor"]) for row in owed] == [(session["id"], due_minor)]
    assert ann.pay(session["id"], method="CASH")["bill"]["status"] == "settled"


def test_what_is_paid_ahead_has_a_receipt_and_is_in_the_drawer(ann: Waiter) -> None:
    session = play(ann)
    assert ann.bill(session["id"])["status"] == "settled"
    shift = ann.get("/api/v1/shifts")["shifts"][0]
    assert shift["expected_minor"] == 1000


def test_money_for_play_is_given_back_like_any_other(ann: Waiter) -> None:
    session = play(ann)
    payment = ann.bill(session["id"])["payments"][0]["payment_pid"]
    body = {"mid": mid(), "reason": "the console broke", "approval": APPROVAL}
    ann.post(f"/api/v1/payments/{payment}/refund", body, 201)
    assert ann.get("/api/v1/shifts")["shifts"][0]["expected_minor"] == 0
    assert ann.get("/api/v1/bills")["bills"] == []
    bill = ann.bill(session["id"])
    assert (bill["total_minor"], bill["paid_minor"], bill["receipts"]) == (0, 0, [1, 2])


def test_what_a_balance_paid_goes_back_onto_it(ann: Waiter) -> None:
    ann.post("/api/v1/accounts/gamer/credit", {"amount": 25.0, "mid": mid()})
    session = play(ann, station_id=PC2, payment_method="BALANCE", user_id="gamer", amount=None)
    spent_minor = 2500 - ann.get("/api/v1/accounts/gamer")["balance_minor"]
    assert spent_minor == session["amount_minor"] > 0
    payment = ann.bill(session["id"])["payments"][0]["payment_pid"]
    body = {"mid": mid(), "reason": "the mouse broke", "approval": APPROVAL}
    ann.post(f"/api/v1/payments/{payment}/refund", body, 201)
    assert ann.get("/api/v1/accounts/gamer")["balance_minor"] == 2500


def test_a_table_that_is_not_there_plays_on_no_bill(ann: Waiter) -> None:
    body = {"station_id": PC1, "payment_method": "POSTPAID", "session_pid": "no such table"}
    assert ann.refused("/api/v1/sessions/start", body) == (404, "unknown_session")
    session = opened(ann)
    ann.post(f"/api/v1/tables/{T1}/close")
    assert ann.refused("/api/v1/sessions/start", {**body, "session_pid": session})[0] == 409
