"""Nonsense over HTTP: a named error with the right status, never a 5xx, and not one fact more."""

import json
import socket
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from protocol.codec import MOST_BYTES
from protocol.errors import CODES
from tests.integration.web.served import ServedBox, get, post

JSON = {"Content-Type": "application/json"}
POSTS = ("/session/join", "/session/validate_pass", "/orders", "/api/v1/auth/pin", "/api/v1/menu/sold_out")


@pytest.fixture(scope="module")
def guest(box: ServedBox) -> dict[str, Any]:
    """A guest who may order."""
    return box.seated()


def error_of(response: httpx.Response) -> str:
    """The code of a refusal, which must be well formed and stand under its own status."""
    error = response.json()["error"]
    assert CODES[error["code"]][0] == response.status_code
    assert error["message"]
    assert response.headers["Content-Type"].startswith("application/json")
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    return str(error["code"])


@pytest.fixture(scope="module")
def tokens(box: ServedBox, guest: dict[str, Any]) -> dict[str, str]:
    """A token that is right for each address, so that what is refused is the body."""
    staff = box.staff_token()
    return {path: staff if path.startswith("/api") else guest["ws_token"] for path in POSTS}


NONSENSE: list[tuple[bytes, str]] = [
    (b"", "malformed"),
    (b"{", "malformed"),
    (b"hello", "malformed"),
    (b"\xff\xfe", "malformed"),
    (b"[]", "invalid"),
    (b"null", "invalid"),
    (b"{}", "invalid"),
    (b'{"a":' * 40 + b"1" + b"}" * 40, "invalid"),
    (b"[" * 30000 + b"]" * 30000, "invalid"),
    (b'{"x":"' + b"x" * MOST_BYTES + b'"}', "too_large"),
]


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize(("body", "code"), NONSENSE, ids=[repr(body[:12]) for body, _ in NONSENSE])
def test_bodies_that_are_no_message(
    box: ServedBox, tokens: dict[str, str], path: str, body: bytes, code: str
) -> None:
    before = box.facts()
    headers = {**JSON, "Authorization": f"Bearer {tokens[path]}"}
    response = post(box.url + path, content=body, headers=headers)
    assert error_of(response) == code
    assert box.facts() == before


def test_a_body_that_does_not_say_how_long_it_is(box: ServedBox) -> None:
    chunks = (b"x" * 8192 for _ in range(40))
    response = post(box.url + "/session/join", content=chunks, headers=JSON)
    assert error_of(response) == "too_large"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/session/join", {"table": 7, "name": "Chinu"}),
        ("/session/join", {"table": "TABLE1", "name": ["Chinu"]}),
        ("/session/join", {"table": "TABLE1", "name": ""}),
        ("/session/join", {"table": "TABLE1", "name": "   "}),
        ("/session/join", {"table": "TABLE1", "name": "x" * 41}),
        ("/session/join", {"table": "TABLE1", "name": "Chi\x00nu"}),
        ("/session/join", {"table": "TABLE1", "name": "Chinu", "mid": "short"}),
        ("/session/validate_pass", {"session_pid": 1, "word": "coffee"}),
        ("/session/validate_pass", {"session_pid": "s" * 65, "word": "coffee"}),
        ("/session/validate_pass", {"session_pid": "s1", "word": "c" * 101}),
        ("/orders", {"session_pid": "s1"}),
        ("/orders", {"session_pid": "s1", "cart_hash": None}),
        ("/orders", {"session_pid": "s1", "cart_hash": "x" * 65}),
        ("/orders", {"session_pid": "s1", "cart_hash": "h", "special_instructions": "x" * 281}),
        ("/orders", {"session_pid": "s1", "cart_hash": "h", "gps": {"lat": 91, "lon": 0}}),
        ("/api/v1/auth/pin", {"user": "ann", "pin": 4711}),
        ("/api/v1/auth/pin", {"user": "", "pin": "4711"}),
        ("/api/v1/menu/sold_out", {"menu_item": -1, "sold_out": True}),
        ("/api/v1/menu/sold_out", {"menu_item": 17, "sold_out": "yes"}),
        ("/api/v1/menu/sold_out", {"menu_item": 2**53, "sold_out": True}),
    ],
)
def test_fields_of_the_wrong_kind(box: ServedBox, tokens: dict[str, str], path: str, body: Any) -> None:
    before = box.facts()
    assert error_of(box.post(path, body, tokens[path])) == "invalid"
    assert box.facts() == before


def test_a_form_is_not_json(box: ServedBox) -> None:
    response = post(box.url + "/session/join", data={"table": "TABLE1", "name": "Chinu"})
    assert error_of(response) == "unsupported_type"


def test_ids_that_lead_nowhere(box: ServedBox, guest: dict[str, Any]) -> None:
    before, token = box.facts(), guest["ws_token"]
    bearer = {"Authorization": f"Bearer {token}"}
    order = {"session_pid": guest["session_pid"], "cart_hash": "0" * 64}
    staff = box.staff_token()
    answers = {
        "unknown_table": box.post("/session/join", {"table": "NOSUCH", "name": "Chinu"}),
        "cart_changed": box.post("/orders", order, token),
        "unknown_menu_item": box.post("/api/v1/menu/sold_out", {"menu_item": 404, "sold_out": True}, staff),
        "not_found": get(box.url + "/nowhere"),
        "method_not_allowed": get(box.url + "/orders"),
        "wrong_pin": box.post("/api/v1/auth/pin", {"user": "nobody", "pin": "4711"}),
    }
    assert {code: error_of(answer) for code, answer in answers.items()} == {code: code for code in answers}
    assert answers["method_not_allowed"].headers["Allow"] == "POST"
    closing = box.post("/api/v1/tables/NOSUCH/close", {}, staff)
    assert error_of(closing) == "unknown_table"
    for pid in ("nobody", "%00", "../../etc/passwd", "x" * 64):
        answer = get(f"{box.url}/cart_snapshot?session_pid={pid}", headers=bearer)
        assert error_of(answer) == "unknown_session"
    for query in ("", "?session_pid=", "?session_pid=" + "x" * 65, "?sid=s1"):
        assert error_of(get(box.url + "/cart_snapshot" + query, headers=bearer)) == "invalid"
    assert box.facts() == before


@pytest.mark.parametrize(
    "path",
    [
        "/assets/..%2f..%2f__init__.py",
        "/assets/%2e%2e/app.py",
        "/assets/....//",
        "/assets/\u202e",
        "/%ff",
        "/t/%00",
    ],
)
def test_paths_that_try_to_climb(box: ServedBox, path: str) -> None:
    response = get(box.url + path)
    assert response.status_code in (200, 404)
    assert "import" not in response.text


@pytest.mark.parametrize(
    "raw",
    [
        b"GARBAGE\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"POST /session/join HTTP/1.1\r\nHost: box\r\nContent-Length: -1\r\n\r\n",
        b"POST /session/join HTTP/1.1\r\nHost: box\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
        b"POST /session/join HTTP/1.1\r\nHost: box\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n{}\r\n",
        b"GET /menu HTTP/1.1\r\nHost: box\r\nX: " + b"x" * 100_000 + b"\r\n\r\n",
        b"GET /" + b"x" * 100_000 + b" HTTP/1.1\r\nHost: box\r\n\r\n",
        b"GET /menu HTTP/1.1\r\nHost: box\r\nBad Header\r\n\r\n",
        b"GET http://elsewhere/ HTTP/1.1\r\nHost: box\r\n\r\n",
    ],
    ids=lambda raw: repr(raw[:24]),
)
def test_what_is_hardly_http(box: ServedBox, raw: bytes) -> None:
    before = box.facts()
    address = urlsplit(box.url)
    with socket.create_connection((address.hostname, address.port or 80), timeout=60) as connection:
        connection.sendall(raw)
        connection.shutdown(socket.SHUT_WR)
        status_line = connection.makefile("rb").readline()
    assert status_line == b"" or 300 <= int(status_line.split()[1]) < 500, status_line
    assert get(box.url + "/healthz").status_code == 200
    assert box.facts() == before


@pytest.mark.parametrize("value", ["Bearer", "Basic YTpi", "Bearer " + "x" * 4000, "bearer é"])
def test_authorisation_that_is_none(box: ServedBox, guest: dict[str, Any], value: str) -> None:
    path = f"/cart_snapshot?session_pid={guest['session_pid']}"
    response = get(box.url + path, headers=[(b"Authorization", value.encode())])
    assert error_of(response) in ("unauthenticated", "token_invalid")
    assert error_of(get(box.url + "/api/v1/tables", headers=[(b"Authorization", value.encode())])) in (
        "unauthenticated",
        "token_invalid",
    )


def test_the_wrong_word_is_counted_and_then_made_to_wait(box: ServedBox) -> None:
    before = box.facts()
    guest = box.join("Bela", "TABLE2")
    body = {"session_pid": guest["session_pid"], "word": "tea"}
    answers = [box.post("/session/validate_pass", body, guest["ws_token"]) for _ in range(6)]
    assert [error_of(answer) for answer in answers] == ["wrong_pass"] * 5 + ["rate_limited"]
    assert int(answers[-1].headers["Retry-After"]) > 0
    right = box.post("/session/validate_pass", {**body, "word": "coffee"}, guest["ws_token"])
    assert error_of(right) == "rate_limited"
    assert box.facts() == before + 2


def test_the_wrong_pin_is_counted_and_then_made_to_wait(box: ServedBox) -> None:
    codes = [error_of(box.post("/api/v1/auth/pin", {"user": "carl", "pin": str(n)})) for n in range(6)]
    assert codes == ["wrong_pin"] * 5 + ["rate_limited"]


def test_a_key_that_is_given_twice_counts_once(box: ServedBox) -> None:
    body = b'{"table":"NOSUCH","table":"NOSUCH","name":"Chinu"}'
    assert error_of(post(box.url + "/session/join", content=body, headers=JSON)) == "unknown_table"


def test_the_published_error_codes_are_those_that_are_sent(box: ServedBox) -> None:
    document = get(box.url + "/openapi.json").json()
    published = document["components"]["schemas"]["Error"]["properties"]["error"]["properties"]["code"][
        "enum"
    ]
    assert json.dumps(published) == json.dumps(sorted(CODES))
