"""Paying in on a balance over HTTP: the first answer again for a repeat, and bad input refused by name."""

import asyncio
from typing import Any
from urllib.parse import quote

import pytest

from edge.web.money.payment_desk import REFUND
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
    assert {"insufficient_balance", "method_unavailable"} <= set(REFUND.errors)
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
        ({"method": "CARD", "tendered_minor": 9000}, 400, "invalid"),
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


async def test_a_name_is_found_as_it_is_typed_in_any_alphabet(box: FloorBox) -> None:
    for number, name in enumerate(("Łukasz", "Özlem", "özlem", "Straße 4")):
        path = f"/api/v1/accounts/{quote(name)}/payments"
        assert (await box.ask("POST", path, body(f"mid-no-{number}")))[0] == 201

    async def found(words: str) -> list[str]:
        _, answer = await box.ask("GET", f"/api/v1/accounts?find={quote(words)}")
        return [each["user_id"] for each in answer["accounts"]]

    assert await found("Łukasz") == await found("łUK") == ["Łukasz"]
    assert await found("Özlem") == ["Özlem", "özlem"]
    assert await found("özlem") == ["özlem", "Özlem"]
    assert await found("STRASSE") == await found("straße") == ["Straße 4"]
    for nothing in ("%00", "a%00", "%E2%80%8B"):
        status, why = await box.ask("GET", f"/api/v1/accounts?find={nothing}")
        assert (status, why["error"]["code"]) == (404, "unknown_balance"), nothing


async def test_a_card_stays_on_the_list_until_its_end_is_known_whoever_comes_after_it(box: FloorBox) -> None:
    card = (await box.ask("POST", MIA, body(method="CARD")))[1]["payment"]["payment_pid"]
    for number in range(31):
        assert (await box.ask("POST", MIA, body(f"mid-no-{number:04}")))[0] == 201

    async def listed() -> list[str]:
        _, answer = await box.ask("GET", "/api/v1/paid_in")
        assert len({each["payment"]["payment_pid"] for each in answer["paid_in"]}) == len(answer["paid_in"])
        return [each["payment"]["status"] for each in answer["paid_in"]]

    for state in ("PENDING", "UNKNOWN"):
        assert sorted(set(await listed())) == sorted({"COMPLETED", (await one(box, card))["status"]})
        assert len(await listed()) == 31
        await box.ask("POST", f"/api/v1/payments/{card}/progress", {"state": state})
    assert (await listed()).count("UNKNOWN") == 1
    await box.ask("POST", f"/api/v1/payments/{card}/progress", {"state": "COMPLETED"})
    assert await listed() == ["COMPLETED"] * 30
    assert (await one(box, card))["status"] == "COMPLETED"


async def one(box: FloorBox, pid: str) -> Json:
    """A payment by its own address."""
    status, answer = await box.ask("GET", f"/api/v1/paid_in/{pid}")
    assert status == 200, answer
    payment: Json = answer["payment"]
    return payment


@pytest.mark.parametrize("state", ["PENDING", "UNKNOWN", "FAILED"])
async def test_money_that_has_not_come_has_no_slip(box: FloorBox, state: str) -> None:
    _, begun = await box.ask("POST", MIA, body(method="CARD"))
    pid = begun["payment"]["payment_pid"]
    assert begun["text"] == ""
    for now in ("INITIATED", state):
        _, shown = await box.ask("GET", "/api/v1/paid_in")
        assert [(each["payment"]["status"], each["text"]) for each in shown["paid_in"]] == [(now, "")]
        status, why = await box.ask("POST", f"/api/v1/paid_in/{pid}/print", {})
        assert (status, why["error"]["code"]) == (409, "not_paid_in")
        await box.ask(
            "POST", f"/api/v1/payments/{pid}/progress", {"state": state, "reason": "said the terminal"}
        )


async def test_a_mid_that_began_no_payment_is_used_all_the_same(box: FloorBox) -> None:
    nothing = {"amount": 0, "mid": "mid-credit-0"}
    assert (await box.ask("POST", "/api/v1/accounts/mia/credit", nothing))[0] == 200
    status, why = await box.ask("POST", MIA, body("mid-credit-0"))
    assert (status, why["error"]["code"]) == (409, "mid_reused")
    assert await told(box) == {"balance": 0, "drawer": 0}


@pytest.mark.parametrize("method", ["CASH", "CARD"])
async def test_one_guests_money_is_never_anothers_answer(box: FloorBox, method: str) -> None:
    """Two names and two mids that make one id."""
    first = await box.ask("POST", "/api/v1/accounts/a:b/payments", body("cccccccc", method=method))
    assert (first[0], first[1]["user_id"]) == (201, "a:b")
    status, why = await box.ask("POST", "/api/v1/accounts/a/payments", body("b:cccccccc", method=method))
    assert (status, why["error"]["code"]) == (409, "mid_reused")


async def test_cooks_and_strangers_take_no_money(box: FloorBox) -> None:
    _, signed = await box.ask("POST", "/api/v1/auth/pin", {"user": "chi", "pin": PIN})
    for token, status in ((signed["token"], 403), ("nonsense", 401)):
        box.token = token
        assert (await box.ask("POST", MIA, body()))[0] == status
        for path in ("/api/v1/accounts?find=m", "/api/v1/paid_in"):
            assert (await box.ask("GET", path))[0] == status
