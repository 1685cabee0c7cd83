"""Paying in on a balance over HTTP: the first answer again for a repeat, and bad input refused by name."""

import asyncio
from typing import Any

import pytest

from tests.integration.edge.play.floor_box import PIN, FloorBox, Json
from tests.sample_venue import PC1

MIA = "/api/v1/accounts/mia/payments"


def body(mid: str = "mid-of-a-pay-in", **more: Any) -> Json:
    return {"mid": mid, "amount_minor": 2000, **more}


async def told(box: FloorBox) -> dict[str, int]:
    """Mia's balance, what the drawer should hold, and what the open shift says of balances."""
    _, account = await box.ask("GET", "/api/v1/accounts/mia")
    _, shifts = await box.ask("GET", "/api/v1/shifts")
    found = {"balance": account["balance_minor"], "drawer": 0}
    for row in shifts["shifts"]:
        _, shift = await box.ask("GET", f"/api/v1/shifts/{row['shift_pid']}")
        found["drawer"] += shift["report"]["expected_minor"]
        found |= {each["kind"]: each["amount_minor"] for each in shift["report"]["prepaid"]}
    return found


async def test_cash_counts_once_and_a_repeat_has_the_first_answer(box: FloorBox) -> None:
    asked = body(tendered_minor=5000, currency="EUR")
    answers = await asyncio.gather(*(box.ask("POST", MIA, asked) for _ in range(4)))
    assert {status for status, _ in answers} == {201}
    first = answers[0][1]
    assert all(each == first for _, each in answers)
    assert (first["payment"]["status"], first["payment"]["change_minor"]) == ("COMPLETED", 3000)
    assert (first["after_minor"], first["balance_minor"]) == (2000, 2000)
    assert "Balance of mia" in first["text"]
    assert "taxed when it is spent" in first["text"]
    await box.ask("POST", MIA, body("mid-of-another"))
    again = (await box.ask("POST", MIA, asked))[1]
    assert (again["after_minor"], again["balance_minor"]) == (2000, 4000)
    assert await told(box) == {"balance": 4000, "drawer": 4000, "paid_in": 4000}


async def test_a_card_is_there_when_the_terminal_says_so_and_stands_on_the_list_until_then(
    box: FloorBox,
) -> None:
    _, begun = await box.ask("POST", MIA, body(method="CARD"))
    pid = begun["payment"]["payment_pid"]
    assert (begun["payment"]["status"], begun["after_minor"]) == ("INITIATED", None)
    _, listed = await box.ask("GET", "/api/v1/paid_in")
    assert [(each["user_id"], each["payment"]["status"]) for each in listed["paid_in"]] == [
        ("mia", "INITIATED")
    ]
    for state in ("UNKNOWN", "COMPLETED", "COMPLETED"):
        assert (await box.ask("POST", f"/api/v1/payments/{pid}/progress", {"state": state}))[0] == 200
    assert await told(box) == {"balance": 2000, "drawer": 0, "paid_in": 2000}
    status, repeated = await box.ask("POST", MIA, body(method="CARD"))
    assert (status, repeated["payment"]["payment_pid"]) == (201, pid)
    assert (repeated["payment"]["status"], repeated["after_minor"]) == ("COMPLETED", 2000)


async def test_a_manager_gives_back_what_is_not_spent(box: FloorBox) -> None:
    pid = (await box.ask("POST", MIA, body()))[1]["payment"]["payment_pid"]
    await box.start(PC1, payment_method="BALANCE", user_id="mia", amount=12.0)
    back = {"reason": "paid twice", "approval": {"user": "ana", "pin": PIN}}
    path = f"/api/v1/payments/{pid}/refund"
    status, why = await box.ask("POST", path, {**back, "mid": "back-of-all-of-it"})
    assert (status, why["error"]["code"], why["error"]["balance_minor"]) == (400, "insufficient_balance", 800)
    nobody = {**back, "approval": {"user": "chi", "pin": PIN}, "mid": "back-by-a-cook"}
    assert (await box.ask("POST", path, {**nobody, "amount_minor": 800}))[0] == 403
    for _ in range(2):
        rest = {**back, "mid": "back-of-the-rest", "amount_minor": 800}
        assert (await box.ask("POST", path, rest))[0] == 201
    assert await told(box) == {"balance": 0, "drawer": 1200, "paid_in": 2000, "given_back": 800}
    _, shown = await box.ask("GET", "/api/v1/paid_in")
    assert "Given back" in shown["paid_in"][0]["text"]


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"amount_minor": 0}, 400, "invalid"),
        ({"amount_minor": -2000}, 400, "invalid"),
        ({"amount_minor": 20.5}, 400, "invalid"),
        ({"amount_minor": "2000"}, 400, "invalid"),
        ({"amount_minor": 10**9 + 1}, 400, "invalid"),
        ({"amount_minor": 10**30}, 400, "invalid"),
        ({"method": "BALANCE"}, 400, "invalid"),
        ({"mid": "short"}, 400, "invalid"),
        ({"currency": "USD"}, 409, "wrong_currency"),
        ({"currency": "euros"}, 400, "invalid"),
        ({"tendered_minor": 1999}, 409, "tendered_short"),
        ({"print": True}, 409, "no_printer"),
    ],
)
async def test_bad_input_is_refused_by_name_and_changes_nothing(
    box: FloorBox, change: Json, status: int, code: str
) -> None:
    answered, why = await box.ask("POST", MIA, {**body(), **change})
    assert (answered, why["error"]["code"]) == (status, code)
    assert await told(box) == {"balance": 0, "drawer": 0}
    assert (await box.ask("GET", "/api/v1/paid_in"))[1] == {"paid_in": []}


async def test_a_mid_names_one_pay_in_and_names_are_for_people(box: FloorBox) -> None:
    assert (await box.ask("POST", MIA, body()))[0] == 201
    for change in ({"amount_minor": 2001}, {"method": "CARD"}):
        status, why = await box.ask("POST", MIA, {**body(), **change})
        assert (status, why["error"]["code"]) == (409, "mid_reused")
    for name in ("%00", "%20mia", "a" * 65, "mi%0Aa"):
        status, why = await box.ask("POST", f"/api/v1/accounts/{name}/payments", body("mid-of-a-name"))
        assert (status, why["error"]["code"]) == (404, "unknown_balance"), name
    assert await told(box) == {"balance": 2000, "drawer": 2000, "paid_in": 2000}


async def test_balances_are_found_by_some_of_their_name(box: FloorBox) -> None:
    for number, name in enumerate(("mia", "Maxim 0151 22", "100%_sure")):
        path = f"/api/v1/accounts/{name}/payments".replace("%", "%25")
        assert (await box.ask("POST", path, body(f"mid-no-{number}")))[0] == 201

    async def found(words: str) -> list[str]:
        _, answer = await box.ask("GET", f"/api/v1/accounts?find={words}")
        return [each["user_id"] for each in answer["accounts"]]

    assert await found("m") == ["Maxim 0151 22", "mia"]
    assert await found("MIA") == ["mia"]
    assert await found("0151") == ["Maxim 0151 22"]
    assert await found("%25_") == ["100%_sure"]
    assert await found("%20") == await found("nobody") == []
    assert (await box.ask("GET", f"/api/v1/accounts?find={'m' * 65}"))[0] == 400


async def test_cooks_and_strangers_take_no_money(box: FloorBox) -> None:
    _, signed = await box.ask("POST", "/api/v1/auth/pin", {"user": "chi", "pin": PIN})
    for token, status in ((signed["token"], 403), ("nonsense", 401)):
        box.token = token
        assert (await box.ask("POST", MIA, body()))[0] == status
        for path in ("/api/v1/accounts?find=m", "/api/v1/paid_in"):
            assert (await box.ask("GET", path))[0] == status
