"""Records: one byte representation, a chain over them; damage is told apart from what is new."""

import hashlib
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.core.bookings.commands import MakeBooking
from edge.core.commands import AdoptMenu, BeginPrint, ConfigureVenue
from edge.core.devices.commands import AdoptDevice, BindMachine, ReleaseDevice
from edge.core.money.commands import (
    CloseShift,
    RefundPayment,
    SettleStoredCard,
    StoreCard,
    TakePayment,
    VoidLine,
)
from edge.core.play.commands import CreditAccount, IssueCode, StopPlay, TickClock
from edge.core.shop.commands import BeginDesign, PlaceShopOrder
from protocol.facts.card_config import OfflineCards
from protocol.facts.cart import ItemsOrdered
from protocol.facts.fact import Fact, chain, genesis, shape
from protocol.facts.fold import (
    KINDS,
    SHAPES,
    BadRecord,
    UnknownEvent,
    decode_envelope,
    decode_record,
    encode_record,
    evolve,
    restored,
    rows,
)
from protocol.instruction import CancelOrder, MarkSoldOut, StartDrill, TellStaff
from tests.sample_venue import (
    LOOKS,
    PC1,
    add,
    config,
    extend,
    join,
    menu,
    opening,
    place,
    say_word,
    start,
    told,
)
from tests.unit.edge.core.devices.test_fitting import CONSOLE, PLUG, ROUTER
from tests.unit.edge.core.script import Script

BEGIN = BeginPrint("K-1@grill", "ticket", "Grill printer")


def evening() -> Script:
    """A venue in which every kind of aggregate has facts."""
    played = (
        CreditAccount("mia", "entry-1", 2500, "counter", "staff:ann"),
        IssueCode("KB7T", 3600, 500, "CASH", "staff:ann"),
        start(),
        extend(),
        TickClock(),
        StopPlay("play-1", "left", "staff:ann"),
    )
    configured, menu_adopted = opening()
    assert isinstance(configured, ConfigureVenue)
    stores = msgspec.structs.replace(configured.config, offline_cards=OfflineCards(True))
    return Script(
        *(
            ConfigureVenue(stores),
            menu_adopted,
            *played,
            BEGIN,
            join("chinu"),
            say_word(),
            add(dish=19),
            add(),
            place(),
        ),
        TakePayment("s1", "p1", "CASH", "staff:ann", "m1", tip_minor=50),
        BeginDesign("d1", "s1", "chinu", "mug", LOOKS),
        PlaceShopOrder("g1", "s1", "chinu", "d1", 2),
        VoidLine("s1", "order_line:1", 1, "a1", "dropped", "mia", "staff:ann", "m1"),
        RefundPayment("p1", "r1", "dropped", "mia", "staff:ann", "m1", 410),
        AdoptDevice(PLUG, "staff:mia"),
        AdoptDevice(ROUTER, "staff:mia"),
        BindMachine(ROUTER.id, PC1, CONSOLE, "staff:mia"),
        ReleaseDevice(PLUG.id, "broken", "staff:mia"),
        CloseShift("entry-1", 0, "staff:ann"),
        TakePayment("s1", "p2", "CARD", "staff:ann", "m2", amount_minor=100),
        StoreCard("p2", "staff:ann", "m2", 60.0, False),
        SettleStoredCard("p2", False, "no money", "staff:ann", "m2"),
        ConfigureVenue(msgspec.structs.replace(config(), wallet_credit_cap_minor=5000), 2),
        start(
            PC1,
            session="play-2",
            method="BALANCE",
            amount_minor=4000,
            user_id="mia",
            cloud_away=True,
            on_credit=True,
        ),
        MakeBooking("b1", "Anna", 1_700_003_600_000, 3600, "staff:ann", "b1:paid", "m2", zone="hall"),
        told(MarkSoldOut(19)),
        told(CancelOrder("ORD-7-1", "late", "r9"), "c2"),
        told(TellStaff("Close at ten tonight."), "c3"),
        told(StartDrill(5), "c4"),
    )


def test_a_record_is_read_back_and_written_again_byte_for_byte() -> None:
    kinds = set()
    for fact in evening().facts:
        record = encode_record(fact)
        assert decode_record(record) == fact
        assert encode_record(decode_record(record)) == record
        assert decode_record(record.decode()) == fact
        assert decode_envelope(record).seq == fact.seq
        kinds.add(fact.aggregate.partition(":")[0])
    assert kinds == set(KINDS.values())


def test_folding_records_gives_the_same_states_and_rows_that_fit_their_tables() -> None:
    venue = evening()
    states: dict[str, Any] = {}
    for fact in venue.facts:
        again = decode_record(encode_record(fact))
        states[again.aggregate] = state = evolve(states.get(again.aggregate), again)
        for name, values in rows(state, again):
            assert len(values) == len(SHAPES[name].columns)
            for (_, kind), value in zip(SHAPES[name].columns, values, strict=True):
                assert value is None or type(value) is {"int": int, "text": str, "bool": bool}[kind]
    assert states == venue.states


def test_menu_and_configuration_are_told_whole_by_their_newest_fact() -> None:
    venue = Script(*opening())
    venue.do(AdoptMenu(menu(2)))
    venue.do(ConfigureVenue(config("The Pier")))
    newest = {fact.aggregate: fact for fact in venue.facts}
    assert restored(newest["menu:menu"]) == venue.states["menu:menu"]
    assert restored(newest["venue:venue"]) == venue.states["venue:venue"]


def test_the_chain_begins_with_the_log_and_covers_every_byte() -> None:
    first = genesis("log-1")
    assert first == hashlib.sha256(b"holdfast/log-1").digest()
    assert genesis("log-2") != first
    assert chain(first, b"record") == hashlib.sha256(first + b"record").digest()


@given(st.lists(st.binary(max_size=40), min_size=1, max_size=8), st.data())
def test_a_changed_swapped_or_missing_record_changes_the_chain(records: list[bytes], data: Any) -> None:
    def end(of: list[bytes]) -> bytes:
        value = genesis("log-1")
        for record in of:
            value = chain(value, record)
        return value

    place_at = data.draw(st.integers(0, len(records) - 1))
    changed = [*records[:place_at], records[place_at] + b"x", *records[place_at + 1 :]]
    assert end(changed) != end(records)
    assert end(records[:place_at] + records[place_at + 1 :]) != end(records)


def test_an_event_of_a_newer_release_is_told_apart_from_damage() -> None:
    ordered = next(fact for fact in evening().facts if isinstance(fact.event, ItemsOrdered))
    record = encode_record(ordered)
    with pytest.raises(UnknownEvent, match="ItemsFlambeed"):
        decode_record(record.replace(b"ItemsOrdered", b"ItemsFlambeed"))
    no_text = record.replace(b"ORD-", b"OR\xff-")
    for bad in (record[:-1], b"{}", b"[]", b"", b"\xff", record.replace(b'"order_id"', b'"id"'), no_text):
        with pytest.raises(BadRecord):
            decode_record(bad)


@given(st.binary(max_size=200))
def test_no_bytes_do_anything_else(raw: bytes) -> None:
    with pytest.raises((BadRecord, UnknownEvent)):
        decode_record(raw)


def test_defaults_are_left_out_of_a_record() -> None:
    fact = next(fact for fact in evening().facts if fact.aggregate == "stock:19")
    text = msgspec.json.decode(encode_record(fact))
    assert "clock_trusted" not in text
    assert "mid" not in text


def test_a_shape_is_written_short() -> None:
    made = shape("lines", "a b", "a b:int c:bool")
    assert made.key == ("a", "b")
    assert made.columns == (("a", "text"), ("b", "int"), ("c", "bool"))
    assert made.column_names == ("a", "b", "c")


def test_a_fact_without_a_person_or_a_mid_has_neither() -> None:
    fact = Fact(1, "table:s1", 1, {"type": "x"}, "b", 1, 1)
    assert (fact.mid, fact.by, fact.clock_trusted) == (None, None, True)
