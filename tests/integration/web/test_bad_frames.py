"""Nonsense over the sockets: refused by name to its author, bounded in number, and no fact more."""

import asyncio
import json
from contextlib import suppress
from typing import Any

import aiohttp
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from protocol import board, news
from protocol.codec import MOST_BYTES
from protocol.errors import CODES
from tests.integration.web.served import ServedBox

_table_news = msgspec.json.Decoder(news.TableNews)
_board_news = msgspec.json.Decoder(board.BoardNews)
#: Frames of nonsense after which a box hangs up.
MOST_BAD = 20


@pytest.fixture(scope="module")
def guest(box: ServedBox) -> dict[str, Any]:
    """A guest at T1 who has said the word."""
    return box.seated()


async def heard(socket: aiohttp.ClientWebSocketResponse) -> Any:
    """The next message, which must be one of those that are described."""
    raw = await socket.receive_str(timeout=60)
    return _table_news.decode(raw)


NONSENSE: list[tuple[str | bytes, str]] = [
    ("", "malformed"),
    ("{", "malformed"),
    (b"\xff\xfe", "malformed"),
    ("[]", "invalid"),
    ('{"type":"selfdestruct"}', "invalid"),
    ('{"type":"cart_mutate","op":"create","qty":"one"}', "invalid"),
    ('{"type":"ping","x":' + "[" * 100 + "]" * 100 + "}", "invalid"),
    ('{"type":"ping","x":"' + "x" * MOST_BYTES + '"}', "too_large"),
    (b'{"type":"ping","x":"' + b"x" * (MOST_BYTES * 10) + b'"}', "too_large"),
]


@pytest.mark.parametrize(("frame", "code"), NONSENSE, ids=[repr(frame[:20]) for frame, _ in NONSENSE])
async def test_frames_that_are_no_message(
    box: ServedBox, guest: dict[str, Any], frame: str | bytes, code: str
) -> None:
    before = box.facts()
    async with box.socket(guest) as socket:
        await (socket.send_str(frame) if isinstance(frame, str) else socket.send_bytes(frame))
        answer = await heard(socket)
        assert isinstance(answer, news.ErrorMessage)
        assert answer.code == code
        await socket.send_str('{"type":"ping"}')
        assert await heard(socket) == news.PongMessage()
    assert box.facts() == before


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ({"op": "create"}, "invalid"),
        ({"op": "update", "id": 1}, "invalid"),
        ({"op": "delete", "version": 1}, "invalid"),
        ({"op": "create", "menu_item": 404, "qty": 1}, "unknown_menu_item"),
        ({"op": "create", "menu_item": 17, "qty": 0}, "invalid"),
        ({"op": "create", "menu_item": 17, "qty": 10**30}, "invalid"),
        ({"op": "create", "menu_item": 17, "qty": -1}, "invalid"),
        ({"op": "create", "menu_item": 17, "modifiers": [1]}, "invalid"),
        ({"op": "create", "menu_item": 19, "qty": 50}, "sold_out"),
        ({"op": "update", "id": 10**9, "version": 1, "qty": 2}, "unknown_item"),
        ({"op": "delete", "id": 10**9, "version": 1}, "unknown_item"),
    ],
)
async def test_mutations_that_cannot_be(
    box: ServedBox, guest: dict[str, Any], message: dict[str, Any], code: str
) -> None:
    before = box.facts()
    async with box.socket(guest) as socket:
        await socket.send_json({"type": "cart_mutate", **message, "tmpId": "c9", "mid": "mid-of-nonsense"})
        answer = await heard(socket)
        assert isinstance(answer, news.ErrorMessage)
        assert (answer.code, answer.mid, answer.tmpId) == (code, "mid-of-nonsense", "c9")
    assert box.facts() == before


@pytest.mark.parametrize(
    "message",
    [
        {},
        {"total": 12.5},
        {"total": "NaN"},
        {"total": 0.001},
        {"cart_hash": "0" * 64},
        {"cart_items": [{"menu_item_id": 17, "qty": 1}]},
    ],
)
async def test_orders_that_cannot_be(box: ServedBox, guest: dict[str, Any], message: dict[str, Any]) -> None:
    before = box.facts()
    async with box.socket(guest) as socket:
        await socket.send_str(json.dumps({"type": "place_order", **message, "mid": "mid-of-nonsense"}))
        answer = await heard(socket)
        assert isinstance(answer, news.ErrorMessage)
        assert answer.code in ("invalid", "cart_changed", "cart_empty")
        assert answer.mid == "mid-of-nonsense"
    assert box.facts() == before


async def test_a_huge_total_is_only_a_wrong_total(box: ServedBox, guest: dict[str, Any]) -> None:
    async with box.socket(guest) as socket:
        for total in ("1e999999999", "1" + "0" * 400, '"Infinity"'):
            await socket.send_str('{"type":"place_order","total":' + total + "}")
            answer = await heard(socket)
            assert isinstance(answer, news.ErrorMessage)
            assert answer.code == "invalid"


async def test_who_sends_nothing_but_nonsense_is_hung_up_on(box: ServedBox, guest: dict[str, Any]) -> None:
    async with box.socket(guest) as socket:
        for _ in range(MOST_BAD):
            await socket.send_str("nonsense")
        answers = [await heard(socket) for _ in range(MOST_BAD)]
        assert {answer.code for answer in answers} == {"malformed"}
        closing = await socket.receive(timeout=60)
        assert closing.type is aiohttp.WSMsgType.CLOSE
        assert socket.close_code == 1008


async def test_a_frame_of_two_mebibytes_ends_the_socket_and_nothing_else(
    box: ServedBox, guest: dict[str, Any]
) -> None:
    before = box.facts()
    async with box.socket(guest) as socket:
        with suppress(ConnectionError):  # the box may hang up before it has heard the last of it
            await socket.send_str("x" * (2 * 1024 * 1024))
        closing = await socket.receive(timeout=60)
        assert closing.type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR)
    async with box.socket(guest) as socket:
        await socket.send_str('{"type":"ping"}')
        assert await heard(socket) == news.PongMessage()
    assert box.facts() == before


async def test_a_member_may_not_touch_anothers_line(box: ServedBox, guest: dict[str, Any]) -> None:
    anshu = box.join("Anshu")
    async with box.socket(guest) as hers, box.socket(anshu) as his:
        create = {"type": "cart_mutate", "op": "create", "menu_item": 17, "qty": 1, "mid": "mid-of-burger"}
        await hers.send_json(create)
        line = (await heard(hers)).item
        assert (await heard(his)).item == line
        before = box.facts()
        for op in ({"op": "update", "qty": 9}, {"op": "delete"}):
            await his.send_json({"type": "cart_mutate", **op, "id": line.id, "version": 1})
            assert (await heard(his)).code == "not_authorised"
        assert box.facts() == before


#: Goes through the writer like every mutation, so its refusal comes after everybody else's.
LAST = {"type": "cart_mutate", "op": "delete", "id": 10**9, "version": 1, "mid": "mid-of-the-last-one"}

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
#: Nothing in here is a dish of the menu or a line of the cart, so nothing may come of it.
nearly = st.fixed_dictionaries(
    {"type": st.sampled_from(["cart_mutate", "place_order", "ping", "x"]) | json_values},
    optional={
        "op": st.sampled_from(["create", "update", "delete"]) | json_values,
        "id": st.integers(10**9, 2**60) | json_values.filter(lambda each: not isinstance(each, int)),
        "menu_item": st.integers(10**6, 2**60) | json_values.filter(lambda each: not isinstance(each, int)),
        "version": json_values,
        "qty": json_values,
        "modifiers": json_values,
        "mid": json_values,
        "tmpId": json_values,
        "cart_hash": st.text(min_size=1, max_size=70),
        "cart_items": json_values,
        "total": st.floats() | json_values,
    },
).filter(lambda each: each["type"] != "place_order" or "cart_hash" in each)


@given(messages=st.lists(nearly, min_size=1, max_size=MOST_BAD - 1))
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_any_nonsense_is_answered_and_changes_nothing(
    box: ServedBox, guest: dict[str, Any], messages: list[dict[str, Any]]
) -> None:
    """Each frame gets an answer of a described kind; the last one's tells that all are through."""
    before = box.facts()

    async def talk() -> None:
        async with box.socket(guest) as socket:
            for message in messages:
                await socket.send_str(json.dumps(message))
            await socket.send_json(LAST)
            answers = [await heard(socket)]
            while not (isinstance(answers[-1], news.ErrorMessage) and answers[-1].mid == LAST["mid"]):
                answers.append(await heard(socket))
            assert len(answers) == len(messages) + 1
            refused = [each for each in answers if not isinstance(each, news.PongMessage)]
            assert all(isinstance(each, news.ErrorMessage) for each in refused)
            assert all(CODES[each.code][0] < 500 for each in refused)

    asyncio.run(talk())
    assert box.facts() == before


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ("nonsense", "malformed"),
        ("{}", "invalid"),
        ('{"type":"ack","ticket":"K-1"}', "invalid"),
        ('{"type":"ack","ticket":"K-1","station":"grill","state":"eaten"}', "invalid"),
        ('{"type":"ack","ticket":"","station":"grill","state":"ready"}', "invalid"),
        ('{"type":"ack","ticket":"K-1","station":"' + "x" * 33 + '","state":"ready"}', "invalid"),
        ('{"type":"ack","ticket":"K-999","station":"grill","state":"ready"}', "unknown_ticket"),
        ('{"type":"ack","ticket":"K-999","station":"roof","state":"ready"}', "unknown_ticket"),
        ('{"type":"ack","ticket":"' + "x" * MOST_BYTES + '"}', "too_large"),
    ],
    ids=lambda each: each[:40],
)
async def test_nonsense_from_the_kitchens_page(box: ServedBox, frame: str, code: str) -> None:
    before = box.facts()
    async with box.opened("/ws/kitchen", box.staff_token("carl")) as socket:
        assert isinstance(_board_news.decode(await socket.receive_str()), board.BoardMessage)
        await socket.send_str(frame)
        answer = _board_news.decode(await socket.receive_str(timeout=60))
        assert isinstance(answer, news.ErrorMessage)
        assert answer.code == code
    assert box.facts() == before
