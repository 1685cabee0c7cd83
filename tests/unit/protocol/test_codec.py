"""Whatever a stranger sends: a struct or a named refusal, never anything else."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from protocol import kitchen, table
from protocol.codec import MOST_BYTES, MOST_DEPTH, decode, encode, too_deep
from protocol.errors import Refused
from protocol.money import BadAmount, from_major

DECODERS: dict[str, "msgspec.json.Decoder[Any]"] = {
    "phone": msgspec.json.Decoder(table.FromPhone),
    "page": msgspec.json.Decoder(kitchen.FromPage),
    "ack": msgspec.json.Decoder(kitchen.Ack),
    "join": msgspec.json.Decoder(table.JoinRequest),
    "pass": msgspec.json.Decoder(table.PassRequest),
    "order": msgspec.json.Decoder(table.OrderRequest),
}


def code_of(decoder: "msgspec.json.Decoder[Any]", raw: bytes | str) -> str | None:
    """The refusal's code; None for a message that is understood."""
    try:
        decode(decoder, raw)
    except Refused as refused:
        return refused.refusal.code
    return None


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "malformed"),
        (b"{", "malformed"),
        (b"nonsense", "malformed"),
        (b"\xff\xfe\x00", "malformed"),
        (b'{"type":"ping"}{"type":"ping"}', "malformed"),
        ('{"type":"cart_mutate","op":"create","note":"\udc80"}', "malformed"),
        (b'{"type":"ping"} trailing', "malformed"),
        (b'{"type":"cart_mutate","op":"create","note":"\\ud800"}', "malformed"),
        (b"[]", "invalid"),
        (b"null", "invalid"),
        (b"7", "invalid"),
        (b"{}", "invalid"),
        (b'{"type":"selfdestruct"}', "invalid"),
        (b'{"type":7}', "invalid"),
        (b'{"type":"cart_mutate"}', "invalid"),
        (b'{"type":"cart_mutate","op":"explode"}', "invalid"),
        (b'{"type":"cart_mutate","op":"update","id":-1}', "invalid"),
        (b'{"type":"cart_mutate","op":"update","id":9007199254740992}', "invalid"),
        (b'{"type":"cart_mutate","op":"update","id":1.5}', "invalid"),
        (b'{"type":"cart_mutate","op":"update","id":"1"}', "invalid"),
        (b'{"type":"cart_mutate","op":"update","id":true}', "invalid"),
        (b'{"type":"cart_mutate","op":"update","qty":' + b"9" * 5000 + b"}", "invalid"),
        (b'{"type":"cart_mutate","op":"create","mid":"short"}', "invalid"),
        (b'{"type":"cart_mutate","op":"create","mid":"' + b"x" * 65 + b'"}', "invalid"),
        (b'{"type":"cart_mutate","op":"create","note":"' + b"x" * 281 + b'"}', "invalid"),
        (b'{"type":"cart_mutate","op":"create","note":"a\\u0000b"}', "invalid"),
        (b'{"type":"cart_mutate","op":"create","modifiers":[' + b"1," * 30 + b"1]}", "invalid"),
        (b'{"type":"place_order","gps":{"lat":91,"lon":0}}', "invalid"),
        (b'{"type":"place_order","gps":{"lat":1e999,"lon":0}}', "invalid"),
        (b'{"type":"place_order","total":"a lot"}', "invalid"),
        (b'{"type":"ping","x":' + b"[" * 20 + b"]" * 20 + b"}", "invalid"),
        (b'{"type":"ping","x":' + b'{"a":' * 30000 + b"1" + b"}" * 30000 + b"}", "too_large"),
        (b'{"type":"ping","x":"' + b"x" * MOST_BYTES + b'"}', "too_large"),
    ],
)
def test_nonsense_from_a_phone(raw: bytes | str, code: str) -> None:
    assert code_of(DECODERS["phone"], raw) == code


@pytest.mark.parametrize(
    "raw",
    [
        b'{"type":"ping"}',
        b' {"type" : "ping", "unknown": [1, {"deeper": null}]} ',
        b'{"type":"cart_mutate","op":"create","tmpId":"c1","menu_item":17,"qty":1}',
        b'{"type":"cart_mutate","op":"create","note":"' + "☕".encode() * 280 + b'"}',
        b'{"type":"place_order","cart_items":[],"total":1250.00,"special_instructions":""}',
        '{"type":"cart_mutate","op":"update","id":100,"version":1,"qty":2,"mid":"01234567"}',
    ],
)
def test_what_is_said_properly_is_understood(raw: bytes | str) -> None:
    assert code_of(DECODERS["phone"], raw) is None


def test_a_message_of_just_64_kib_is_read() -> None:
    frame = b'{"type":"ping","x":"%s"}'
    room = MOST_BYTES - len(frame) + 2
    assert code_of(DECODERS["phone"], frame % (b"x" * room)) is None
    assert code_of(DECODERS["phone"], frame % (b"x" * (room + 1))) == "too_large"


def test_the_size_counts_bytes_not_letters() -> None:
    assert code_of(DECODERS["phone"], '{"type":"ping","x":"' + "é" * (MOST_BYTES // 2) + '"}') == "too_large"


@pytest.mark.parametrize(("depth", "deep"), [(MOST_DEPTH, False), (MOST_DEPTH + 1, True)])
def test_depth_is_bounded(depth: int, deep: bool) -> None:
    assert too_deep(b"[" * depth + b"]" * depth) is deep
    assert not too_deep(b"[]" * 1000)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=10), inner, max_size=5),
    max_leaves=25,
)
KNOWN = ("type", "op", "id", "version", "qty", "tmpId", "menu_item", "mid", "note", "modifiers", "state")
near_misses = st.dictionaries(
    st.sampled_from([*KNOWN, "total", "cart_items", "gps", "ticket", "station", "table", "name", "word"]),
    json_values
    | st.sampled_from(["cart_mutate", "place_order", "ping", "create", "update", "delete", "ack"]),
)


@pytest.mark.parametrize("name", DECODERS)
@given(raw=st.binary(max_size=300) | st.text(max_size=300) | json_values.map(json.dumps))
@example(raw="NaN")
@example(raw='"\\u0000"')
def test_any_bytes_are_refused_by_name(name: str, raw: bytes | str) -> None:
    assert code_of(DECODERS[name], raw) in (None, "malformed", "invalid", "too_large")


@pytest.mark.parametrize("name", DECODERS)
@given(message=near_misses)
def test_messages_that_are_nearly_right_are_refused_by_name(name: str, message: dict[str, Any]) -> None:
    assert code_of(DECODERS[name], json.dumps(message)) in (None, "malformed", "invalid", "too_large")


@given(st.decimals(allow_nan=True, allow_infinity=True) | st.text("0123456789.eE+-", max_size=60))
@example("1e999999999")
@example("9" * 5000)
@example("12.5000000000000000000000000000000000000000000000000000000000000000000001")
def test_any_total_is_an_amount_or_a_bad_one(total: Any) -> None:
    try:
        minor = from_major(total, "EUR")
    except BadAmount:
        return
    assert abs(minor) <= 10**12


def test_what_is_encoded_is_compact_utf_8() -> None:
    assert encode({"name": "café", "n": [1, 2]}) == '{"name":"café","n":[1,2]}'.encode()
