"""A guest's own balance on their own phone: one code, one phone, one balance, and nothing else behind it."""

from typing import Any

import pytest

from edge.web.money import statement_desk
from tests.integration.web.served import ServedBox, get
from tests.sample_venue import PC1, PS5


@pytest.fixture(scope="module")
def ann(box: ServedBox) -> str:
    """Who serves, after two guests have paid in and one of them played and ate."""
    token = box.staff_token()
    for user, amount in (("ida", 20.0), ("bob", 7.0)):
        assert box.post(f"/api/v1/accounts/{user}/credit", {"amount": amount}, token).status_code == 200
    body = {"station_id": PS5, "duration": 60, "payment_method": "BALANCE", "amount": 10.0, "user_id": "ida"}
    assert box.post("/api/v1/sessions/start", body, token).status_code == 201
    return token


def code(box: ServedBox, ann: str, user: str = "ida") -> str:
    """What the staff shows to a guest."""
    shown = box.post(f"/api/v1/accounts/{user}/statement_code", {}, ann)
    assert shown.status_code == 201, shown.text
    assert shown.json()["url"].endswith(f"/balance#{shown.json()['code']}")
    return str(shown.json()["code"])


def signed_in(box: ServedBox, ann: str, user: str = "ida") -> str:
    """The token of a phone that brought a code, typed as people do."""
    typed = code(box, ann, user).lower()
    answer = box.post("/balance/sign_in", {"code": f" {typed[:4]}-{typed[4:]}"})
    assert (answer.status_code, answer.json()["user_id"]) == (200, user)
    return str(answer.json()["token"])


def refused(answer: Any) -> tuple[int, str]:
    """Status and code."""
    return answer.status_code, answer.json()["error"]["code"]


def test_a_phone_shows_its_own_balance_and_what_moved_it(box: ServedBox, ann: str) -> None:
    told = box.get("/balance/statement", signed_in(box, ann)).json()
    assert (told["user_id"], told["balance_minor"], told["owed_minor"], told["next"]) == (
        "ida",
        1000,
        0,
        None,
    )
    rows = [(row["kind"], row["amount_minor"], row["balance_minor"], row["place"]) for row in told["rows"]]
    assert rows == [("play", -1000, 1000, "PS5-1"), ("paid_in", 2000, 2000, None)]
    assert (told["link"], told["heard_ms"], told["wallet_url"]) == ("down", None, None)
    other = box.get("/balance/statement", signed_in(box, ann, "bob")).json()
    assert [row["amount_minor"] for row in other["rows"]] == [700]


def test_earlier_movements_follow_page_by_page(
    box: ServedBox, ann: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statement_desk, "PAGE", 1)
    token = signed_in(box, ann)
    first = box.get("/balance/statement", token).json()
    second = box.get(f"/balance/statement?before={first['next']}", token).json()
    assert [page["rows"][0]["kind"] for page in (first, second)] == ["play", "paid_in"]
    assert box.get(f"/balance/statement?before={second['next']}", token).json()["rows"] == []
    for nonsense in ("0", "-1", "x", "1" * 30, "١"):
        assert refused(box.get(f"/balance/statement?before={nonsense}", token)) == (400, "invalid")


def test_a_code_works_once_and_not_for_long(
    box: ServedBox, ann: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    used = code(box, ann)
    assert box.post("/balance/sign_in", {"code": used}).status_code == 200
    assert refused(box.post("/balance/sign_in", {"code": used})) == (404, "link_unknown")
    monkeypatch.setattr(statement_desk, "CODE_MINUTES", 0)
    late = code(box, ann)
    assert refused(box.post("/balance/sign_in", {"code": late})) == (404, "link_unknown")


def test_only_who_serves_shows_a_balance_and_only_one_that_there_is(box: ServedBox, ann: str) -> None:
    path = "/api/v1/accounts/ida/statement_code"
    assert refused(box.post(path, {}, box.staff_token("carl"))) == (403, "forbidden")
    assert refused(box.post(path, {}, signed_in(box, ann))) == (401, "token_invalid")
    assert refused(box.post("/api/v1/accounts/nobody/statement_code", {}, ann)) == (404, "unknown_balance")


def test_a_phone_is_let_in_nowhere_else_and_not_for_ever(box: ServedBox, ann: str) -> None:
    token, guest = signed_in(box, ann), box.join()
    bill = f"/bill?session_pid={guest['session_pid']}"
    for path in (bill, "/api/v1/accounts/ida", "/api/v1/stations", "/api/v1/bills"):
        assert box.get(path, token).status_code == 401, path
    for stranger in (ann, guest["ws_token"], box.app.tokens.agent_token(PC1), "x"):
        assert refused(box.get("/balance/statement", stranger)) == (401, "token_invalid")
    old = box.app.tokens.balance_token("ida", 1)
    assert refused(box.get("/balance/statement", old)) == (401, "token_expired")
    assert refused(get(box.url + "/balance/statement")) == (401, "unauthenticated")


def test_codes_cannot_be_guessed_and_nonsense_changes_nothing(box: ServedBox, ann: str) -> None:
    waiting, before = code(box, ann), box.facts()
    answers = [refused(box.post("/balance/sign_in", {"code": f"GUESS{number}"})) for number in range(20)]
    assert answers[-1] == (429, "rate_limited")
    assert set(answers) == {(404, "link_unknown"), (429, "rate_limited")}
    assert refused(box.post("/balance/sign_in", {"code": waiting})) == (429, "rate_limited")
    assert box.facts() == before
