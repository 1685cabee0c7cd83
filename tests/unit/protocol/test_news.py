"""What phones and kitchens are told: the seed's names and values, made from committed facts alone."""

from typing import Any

import msgspec
import pytest

from edge.core.commands import AdvanceTicket, ChangeItem, CloseTable, RemoveItem, TakeItemOff
from protocol import board, kitchen, news
from protocol.codec import encode
from protocol.errors import CODES, refuse
from protocol.facts import cart, order
from protocol.facts.fold import evolve
from protocol.facts.order import Order
from protocol.facts.ticket import Ticket
from protocol.facts.venue import PosConfig
from protocol.menu_message import MenuMessage, Offer, menu_message
from protocol.table import broadcasts, error_message, iso, item_message, kitchen_status, order_message
from tests.sample_venue import BACON, BURGER, CAKE, add, config, join, opening, place, say_word
from tests.unit.edge.core.script import Script
from tests.unit.protocol.facts.test_transitions import FIRED, PLACED, fact, holding

_news = msgspec.json.Decoder(news.TableNews)


def told(venue: Script, since: int) -> list[dict[str, Any]]:
    """Everything that phones hear of the facts after the first `since`, as JSON."""
    states: dict[str, Any] = {}
    heard: list[dict[str, Any]] = []
    for number, each in enumerate(venue.facts):
        states[each.aggregate] = state = evolve(states.get(each.aggregate), each)
        messages = broadcasts(each, state)
        if number >= since:
            for message in messages:
                raw = encode(message)
                assert _news.decode(raw) == message
                heard.append(msgspec.json.decode(raw))
    return heard


def test_the_conversation_of_the_seed() -> None:
    venue = Script(*opening(), join("chinu"), join("anshu"), say_word())
    since = len(venue.facts)
    added = add(mid="mid-of-create")
    venue.do(type(added)("s1", "chinu", BURGER, 1, tmp_id="c1", mid="mid-of-create"))
    venue.do(ChangeItem("s1", "chinu", 1, 1, qty=2))
    venue.do(place())
    create, update, locked, processing, confirmed, fired, unlocked = told(venue, since)
    assert create == {
        "type": "cart_update",
        "op": "create",
        "item": {
            "id": 1,
            "menu_item": BURGER,
            "name": "Burger",
            "qty": 1,
            "version": 1,
            "member": "chinu",
            "price_minor": 950,
            "note": "",
            "modifiers": [],
            "state": "pending",
            "menu_version": 1,
            "takeaway": False,
            "choices": [],
        },
        "tmpId": "c1",
        "cart_version": 1,
        "mid": "mid-of-create",
    }
    assert (update["op"], update["item"]["version"], update["item"]["qty"]) == ("update", 2, 2)
    assert (update["tmpId"], update["cart_version"]) == (None, 2)
    assert (locked["type"], locked["locked_by_member"], locked["order_id"]) == (
        "cart_locked",
        "chinu",
        "ORD-7-1",
    )
    assert locked["timestamp"].endswith("Z")
    assert processing["type"] == "order_processing"
    assert confirmed == {
        "type": "order_confirmed",
        "order_id": "ORD-7-1",
        "ticket": "K-1",
        "message": "Order placed successfully!",
    }
    assert fired["order"]["id"] == "ORD-7-1"
    assert fired["order"]["ticket"] == "K-1"
    assert [line["qty"] for line in fired["order"]["items"]] == [2]
    assert unlocked == {"type": "cart_unlocked", "order_id": "ORD-7-1", "reason": "ordered"}


def test_people_come_and_go() -> None:
    venue = Script(*opening(), join("chinu"), say_word(), CloseTable("s1", "left", "staff:ann"))
    joined, validated, closed = told(venue, 0)
    assert joined == {
        "type": "member_joined",
        "member": {"member_pid": "chinu", "name": "Chinu", "host": True},
    }
    assert validated == {"type": "pass_validated", "member_pid": "chinu"}
    assert closed == {"type": "table_closed", "reason": "left"}


def test_a_removed_line_is_told_with_its_last_version() -> None:
    venue = Script(*opening(), join("chinu"), say_word(), add())
    since = len(venue.facts)
    venue.do(RemoveItem("s1", "chinu", 1, 1))
    (removed,) = told(venue, since)
    assert (removed["op"], removed["item"]["id"], removed["item"]["version"]) == ("delete", 1, 2)


def test_no_token_or_digest_is_ever_told() -> None:
    venue = Script(*opening(), join("chinu"), join("anshu"), say_word(), add(), place())
    digests = [
        member.token_digest
        for session in [venue.table("s1")]
        if session is not None
        for member in session.members.values()
    ]
    everything = encode(told(venue, 0)).decode()
    assert digests
    assert not [digest for digest in digests if digest in everything]


def test_a_failed_order_is_told_and_may_be_tried_again() -> None:
    state: Any = evolve(None, fact("order:ORD-7-1", 1, PLACED))
    failed = fact("order:ORD-7-1", 2, order.OrderFailed("pos_down", "The till does not answer.", True, 2))
    state = evolve(state, failed)
    words, reason = "Order failed. Please try again.", "The till does not answer."
    assert broadcasts(failed, state) == [
        news.OrderFailedMessage("ORD-7-1", reason, words, True, "pos_down", 2)
    ]
    retried = fact("order:ORD-7-1", 3, order.OrderRetried("chinu"))
    processing = news.OrderProcessingMessage("ORD-7-1", "Your order is being processed...")
    assert broadcasts(retried, evolve(state, retried)) == [processing]
    gave_up = fact("order:ORD-7-1", 3, order.OrderAbandoned("gave up"))
    assert broadcasts(gave_up, evolve(state, gave_up)) == [news.OrderStatusMessage("ORD-7-1", "abandoned")]
    unlocked = fact("cart:s1", 2, cart.CartUnlocked("ORD-7-1", "failed"))
    assert broadcasts(unlocked, evolve(holding("locked"), unlocked)) == [
        news.CartUnlockedMessage("ORD-7-1", "failed")
    ]


def test_guests_hear_that_the_till_is_asked_again() -> None:
    state: Any = evolve(None, fact("order:ORD-7-1", 1, PLACED))
    asked = fact("order:ORD-7-1", 2, order.PosAsked(1, PosConfig()))
    state = evolve(state, asked)
    assert broadcasts(asked, state) == []
    declined = fact("order:ORD-7-1", 3, order.PosDeclined(1, "pos_down", "The till does not answer."))
    assert broadcasts(declined, evolve(state, declined)) == [
        news.OrderProcessingMessage("ORD-7-1", "The till does not answer. Trying again...")
    ]


@pytest.mark.parametrize(
    ("states", "word"),
    [
        (("fired", "fired"), "confirmed"),
        (("received", "ready"), "confirmed"),
        (("preparing", "ready"), "preparing"),
        (("recalled", "ready"), "preparing"),
        (("ready", "served"), "ready"),
        (("served", "served"), "served"),
        (("rejected", "served"), "rejected"),
        ((), "confirmed"),
    ],
)
def test_an_order_is_as_far_as_its_slowest_ticket(states: tuple[str, ...], word: str) -> None:
    placed = Order(2, PLACED, "confirmed", 1, "K-1", 1, ("grill", "bar"))
    tickets = [Ticket(1, FIRED, state, 1, 1, 1) for state in states]
    assert kitchen_status(placed, tickets) == word


def test_an_order_that_is_not_confirmed_says_so_itself() -> None:
    assert kitchen_status(Order(1, PLACED, "processing", 1), []) == "processing"


def test_an_order_in_a_snapshot() -> None:
    message = order_message(Order(1, PLACED, "confirmed", 1_700_000_000_123, "K-1"), "ready")
    assert (message.total, message.total_minor, message.currency) == (9.5, 950, "EUR")
    assert (message.placed_at, message.status, message.ticket) == ("2023-11-14T22:13:20.123Z", "ready", "K-1")


def test_a_refusal_over_a_socket_names_its_mid_and_its_details() -> None:
    line = item_message(holding("pending").items[1])
    message = error_message(refuse("version_conflict", detail={"item": line}), "mid-1", "c1")
    heard = _news.decode(encode(message))
    assert heard == news.ErrorMessage("version_conflict", CODES["version_conflict"][1], "mid-1", "c1", line)
    waiting = error_message(refuse("rate_limited", retry_after_s=7), None)
    assert (waiting["retry_after_s"], waiting["mid"]) == (7, None)


def test_every_code_has_a_status_and_a_sentence() -> None:
    for code, (status, sentence) in CODES.items():
        assert 400 <= status <= 599, code
        assert sentence.endswith((".", "!", "?")), code
        assert refuse(code).status == status
    assert refuse("wrong_pass", "No, sorry.").message == "No, sorry."


@pytest.mark.parametrize(
    ("wall_ms", "text"), [(0, "1970-01-01T00:00:00.000Z"), (1_700_000_000_123, "2023-11-14T22:13:20.123Z")]
)
def test_instants_on_the_wire(wall_ms: int, text: str) -> None:
    assert iso(wall_ms) == text


def test_the_menu_marks_what_is_sold_out_and_writes_every_field() -> None:
    venue = Script(*opening(), TakeItemOff(BURGER, True, "cook"))
    book = venue.menu()
    assert book is not None
    menu = menu_message(book, Offer(frozenset({BURGER}), frozenset()), config())
    assert {item.id for item in menu.items if item.sold_out} == {BURGER}
    heard = msgspec.json.decode(encode(menu), type=MenuMessage)
    assert heard == menu
    written = msgspec.json.decode(encode(menu))
    assert written["items"][1]["modifier_groups"] == []
    assert written["modifier_groups"][1]["options"][0] == {"id": BACON, "name": "bacon", "price_minor": 120}
    assert "stock" not in written["items"][2]
    assert written["items"][2]["id"] == CAKE


def test_a_ticket_reaches_devices_in_the_contracts_words() -> None:
    venue = Script(*opening(), join("chinu"), say_word(), add(), place())
    ticket = venue.ticket("K-1", "grill")
    assert ticket is not None
    publication = kitchen.ticket_publication("venue-1", ticket)
    assert (publication.topic, publication.retain) == ("v1/venue-1/kds/grill/ticket", False)
    message = msgspec.json.decode(publication.payload, type=board.TicketMessage)
    assert (message.ticket, message.table, message.state, message.order_id) == (
        "K-1",
        "T1",
        "fired",
        "ORD-7-1",
    )
    assert message.seq == ticket.seq
    later = kitchen.ticket_publication("venue-1", ticket, 2)
    assert msgspec.json.decode(later.payload, type=board.TicketMessage).epoch == 2, (
        "so devices can tell boxes"
    )
    shown = kitchen.snapshot_publication("venue-1", "grill", [ticket])
    assert (shown.topic, shown.retain) == ("v1/venue-1/kds/grill/snapshot", True)
    assert msgspec.json.decode(shown.payload, type=board.SnapshotMessage).tickets == (message,)


def test_a_refused_ack_is_answered_on_the_error_topic() -> None:
    venue = Script(*opening(), join("chinu"), say_word(), add(), place())
    refusal = venue.refusal(AdvanceTicket("K-1", "grill", "served", "device:grill"))
    publication = kitchen.error_publication("venue-1", "grill", refusal, "K-1", "mid-of-ack")
    assert publication.topic == "v1/venue-1/kds/grill/error"
    message = msgspec.json.decode(publication.payload, type=board.AckRefused)
    assert (message.code, message.ticket, message.mid, message.state) == (
        "illegal_transition",
        "K-1",
        "mid-of-ack",
        "fired",
    )


@pytest.mark.parametrize(
    ("topic", "station"),
    [
        ("v1/venue-1/kds/grill/ack", "grill"),
        ("v1/venue-1/kds/grill/ticket", None),
        ("v1/venue-1/kds/a/b/ack", None),
        ("v1/venue-1/pos/grill/ack", None),
        ("", None),
    ],
)
def test_the_station_stands_in_the_topic(topic: str, station: str | None) -> None:
    assert kitchen.station_of(topic) == station
