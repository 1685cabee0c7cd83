"""Tokens that are missing, forged, expired, of another table, of a closed one: refused by name, no change."""

import base64
import json
import time
from typing import Any

import httpx
import jwt
import pytest

from edge.web.tokens import STAFF_TOKEN_TTL_S, Staff
from protocol.identity import uuid7
from tests.integration.web.served import ServedBox, get


def base64url(raw: bytes) -> str:
    """Base64 for URLs, without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def code(response: httpx.Response) -> str:
    """The code of a refusal."""
    return str(response.json()["error"]["code"])


def snapshot(box: ServedBox, session_pid: str, token: str | None) -> httpx.Response:
    """A guest's look at a table."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return get(f"{box.url}/cart_snapshot?session_pid={session_pid}", headers=headers)


def everywhere(box: ServedBox, session_pid: str, token: str | None) -> set[str]:
    """What a token is told at every address that wants a guest's."""
    order = {"session_pid": session_pid, "cart_hash": "0" * 64}
    word = {"session_pid": session_pid, "word": "coffee"}
    socket = get(
        f"{box.url}/ws/table?sid={session_pid}", headers={"Authorization": f"Bearer {token}"} if token else {}
    )
    return {
        code(snapshot(box, session_pid, token)),
        code(box.post("/orders", order, token)),
        code(box.post("/session/validate_pass", word, token)),
        code(socket),
    }


@pytest.fixture(scope="module")
def guest(box: ServedBox) -> dict[str, Any]:
    """A guest at T1."""
    return box.seated()


def test_no_token(box: ServedBox, guest: dict[str, Any]) -> None:
    before = box.facts()
    assert everywhere(box, guest["session_pid"], None) == {"unauthenticated"}
    assert box.facts() == before


def test_another_tables_token(box: ServedBox, guest: dict[str, Any]) -> None:
    neighbour = box.seated("TABLE2")
    before = box.facts()
    assert everywhere(box, guest["session_pid"], neighbour["ws_token"]) == {"not_authorised"}
    assert everywhere(box, neighbour["session_pid"], guest["ws_token"]) == {"not_authorised"}
    assert box.facts() == before


@pytest.mark.parametrize("place", range(0, 55, 6))
def test_a_token_with_one_changed_letter(box: ServedBox, guest: dict[str, Any], place: int) -> None:
    token = guest["ws_token"]
    changed = "A" if token[place] != "A" else "B"
    forged = token[:place] + changed + token[place + 1 :]
    assert everywhere(box, guest["session_pid"], forged) == {"token_invalid"}


def test_tokens_out_of_thin_air(box: ServedBox, guest: dict[str, Any]) -> None:
    before = box.facts()
    member = uuid7(1, b"\x01" * 10)
    made_up = [
        "x",
        ".",
        "a.b.c",
        guest["member_pid"],
        guest["ws_token"].partition(".")[0] + ".",
        guest["ws_token"] + "x",
        base64url(bytes.fromhex(member.replace("-", ""))) + "." + base64url(b"\x00" * 24),
        "é" * 20,
    ]
    for token in made_up:
        headers = [(b"Authorization", b"Bearer " + token.encode())]
        answer = get(f"{box.url}/cart_snapshot?session_pid={guest['session_pid']}", headers=headers)
        assert code(answer) == "token_invalid", token
    assert box.facts() == before


def test_a_staff_token_is_not_a_guests_and_the_other_way_round(box: ServedBox, guest: dict[str, Any]) -> None:
    assert everywhere(box, guest["session_pid"], box.staff_token()) == {"token_invalid"}
    tables = get(box.url + "/api/v1/tables", headers={"Authorization": f"Bearer {guest['ws_token']}"})
    assert code(tables) == "token_invalid"


def test_the_token_of_a_closed_table(box: ServedBox) -> None:
    guest = box.seated("TABLE2")
    box.close_table("TABLE2")
    before = box.facts()
    assert everywhere(box, guest["session_pid"], guest["ws_token"]) == {"session_closed"}
    assert box.facts() == before
    again = box.post("/session/join", {"table": "TABLE2", "name": "Bela"}, guest["ws_token"])
    assert again.json()["session_pid"] != guest["session_pid"]


def staff_asks(box: ServedBox, token: str | None) -> set[str]:
    """What a token is told at every address that wants one of staff."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return {
        code(get(box.url + "/api/v1/tables", headers=headers)),
        code(box.post("/api/v1/tables/TABLE1/close", {}, token)),
        code(box.post("/api/v1/menu/sold_out", {"menu_item": 17, "sold_out": True}, token)),
        code(get(box.url + "/ws/kitchen", headers=headers)),
    }


def test_an_expired_staff_token(box: ServedBox) -> None:
    before = box.facts()
    then_s = int(time.time()) - STAFF_TOKEN_TTL_S - 5
    assert staff_asks(box, box.app.tokens.staff_token(Staff("ann", "waiter"), then_s)) == {"token_expired"}
    assert box.facts() == before


def test_staff_tokens_that_the_box_did_not_make(box: ServedBox) -> None:
    before, now_s = box.facts(), int(time.time())
    claims = {"sub": "ann", "role": "manager", "aud": "holdfast-staff", "iat": now_s, "exp": now_s + 3600}
    unsigned = f"{base64url(json.dumps({'alg': 'none'}).encode())}.{base64url(json.dumps(claims).encode())}."
    genuine = box.staff_token()
    for token in (
        None,
        "x",
        "a.b.c",
        unsigned,
        jwt.encode(claims, b"another key, which is long enough", algorithm="HS256"),
        jwt.encode({**claims, "aud": "holdfast-agent"}, b"another key, which is long enough"),
        genuine[:-3] + ("AAA" if not genuine.endswith("AAA") else "BBB"),
        genuine.replace(".", ".x", 1),
    ):
        assert staff_asks(box, token) == {"unauthenticated" if token is None else "token_invalid"}, token
    assert box.facts() == before


def test_somebody_who_no_longer_works_here(box: ServedBox) -> None:
    gone = box.app.tokens.staff_token(Staff("zoe", "manager"), int(time.time()))
    assert staff_asks(box, gone) == {"token_invalid"}


def test_a_role_that_may_not_close_tables(box: ServedBox) -> None:
    before = box.facts()
    closing = box.post("/api/v1/tables/TABLE1/close", {}, box.staff_token("carl"))
    assert (closing.status_code, code(closing)) == (403, "forbidden")
    assert box.facts() == before


def test_a_claim_that_is_missing_or_of_the_wrong_kind(box: ServedBox) -> None:
    now_s = int(time.time())
    key = box.app.tokens._staff_key
    base = {"aud": "holdfast-staff", "iat": now_s, "exp": now_s + 3600}
    for claims in (base, {**base, "sub": 7}, {**base, "sub": None}, {"sub": "ann", "aud": "holdfast-staff"}):
        assert staff_asks(box, jwt.encode(claims, key)) == {"token_invalid"}, claims
