"""Folding runs in memory: any cut into runs leaves the same tables, and poison harms only its own."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloud.ingest import ledger
from cloud.ingest.ledger import ChainBroken, Ledger, replay
from protocol.facts import fold, stock, table
from tests.venue_day import VenueDay


def _day(visits: int = 3, seed: int = 0) -> VenueDay:
    day = VenueDay(str(uuid4()), seed=seed)
    day.serve(visits)
    return day


def _ledger(set_aside: set[str] | None = None) -> Ledger:
    return Ledger(uuid4(), uuid4(), set_aside or set())


def _entries(day: VenueDay, after: int, until: int) -> list[ledger.Entry]:
    return _ledger().read(after + 1, day.records[after:until], day.hashes[after], day.hashes[until])


@settings(max_examples=25, deadline=None)
@given(cuts=st.sets(st.integers(1, 400), max_size=12), seed=st.integers(0, 5))
def test_any_cut_into_runs_leaves_the_tables_of_the_journal(cuts: set[int], seed: int) -> None:
    day = _day(8, seed)
    ends = [*sorted(cut for cut in cuts if cut < day.tail_seq), day.tail_seq]
    held: ledger.Rows = {}
    own, after = _ledger(), 0
    for end in ends:
        folded = own.fold(_entries(day, after, end))
        assert [row[2] for row in folded.facts] == list(range(after + 1, end + 1))
        for rows in (folded.new, folded.changed):
            for name, of_table in rows.items():
                assert not (rows is folded.new and held.get(name, {}).keys() & of_table.keys())
                held.setdefault(name, {}).update(of_table)
        own.keep(folded)
        after = end
    assert _rows(held) == _rows(day.tables)


def _rows(tables: Mapping[str, Mapping[Any, tuple[object, ...]]]) -> dict[str, set[tuple[object, ...]]]:
    return {name: set(rows.values()) for name, rows in tables.items()}


def test_a_run_that_is_dropped_never_happened() -> None:
    day, own = _day(), _ledger()
    own.drop(own.fold(_entries(day, 0, 30)))
    assert not own.fold(_entries(day, 0, 30)).set_aside


def test_runs_are_folded_ahead_of_their_commits() -> None:
    day, own = _day(4), _ledger()
    ahead = [own.fold(_entries(day, start, start + 20)) for start in (0, 20, 40)]
    assert own.missing(_entries(day, 60, 80)) == set()
    for folded in ahead:
        assert not folded.set_aside
        own.keep(folded)
    assert not own.fold(_entries(day, 60, 80)).set_aside


def test_only_aggregates_that_go_on_are_looked_up() -> None:
    day, own = _day(), _ledger()
    begun_before = {entry.aggregate for entry in _entries(day, 0, 10)}
    rest = _entries(day, 10, day.tail_seq)
    assert own.missing(rest) == begun_before & {entry.aggregate for entry in rest}
    own.warm({name: _records(day, name, 10) for name in begun_before})
    assert own.missing(rest) == set()
    assert not own.fold(rest).set_aside


def _records(day: VenueDay, aggregate: str, until: int) -> list[bytes]:
    return [entry.record for entry in _entries(day, 0, until) if entry.aggregate == aggregate]


def test_replaying_an_aggregate_gives_its_state() -> None:
    day = _day()
    for aggregate, state in day.states.items():
        assert replay(_records(day, aggregate, day.tail_seq)) == state
    assert replay([]) is None
    assert replay([b"damaged"]) is None


def test_hot_aggregates_are_bounded_and_the_oldest_go_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "MOST_HOT", 3)
    day, own = VenueDay(str(uuid4())), _ledger()
    for item in (1, 2, 3, 1, 4):
        day.happen(f"stock:{item}", stock.StockCounted(item, 5))
        own.keep(own.fold(_entries(day, day.tail_seq - 1, day.tail_seq)))
    day.happen("stock:2", stock.StockCounted(2, 5))
    day.happen("stock:1", stock.StockCounted(1, 5))
    assert own.missing(_entries(day, 5, 7)) == {"stock:2"}


def test_records_must_hash_to_what_the_box_says() -> None:
    day = _day(1)
    with pytest.raises(ChainBroken):
        _ledger().read(1, day.records[:5], day.hashes[0], day.hashes[6])
    with pytest.raises(ChainBroken):
        _ledger().read(1, [*day.records[1::-1], *day.records[2:5]], day.hashes[0], day.hashes[5])


@given(record=st.binary(max_size=80))
def test_any_bytes_are_kept_and_set_aside(record: bytes) -> None:
    day = VenueDay(str(uuid4()))
    day.append(record)
    folded = _ledger().fold(_entries(day, 0, 1))
    assert folded.facts[0][6] == record
    assert folded.facts[0][8]
    assert list(folded.set_aside) == ["unreadable:1"]


def test_an_aggregate_that_is_set_aside_stays_so() -> None:
    day = VenueDay(str(uuid4()))
    day.happen("table:S", table.TableOpened("S", "C", "T1"))
    folded = _ledger({"table:S"}).fold(_entries(day, 0, 1))
    assert folded.facts[0][8]
    assert not folded.new
    assert not folded.set_aside, "it is known already"


def test_facts_in_the_wrong_place_are_not_folded() -> None:
    """A record whose own seq is another's, or whose aggregate is not of its event's kind."""
    day = _day(1)
    moved = VenueDay(day.log_id)
    moved.append(day.records[1])
    assert _ledger().fold(_entries(moved, 0, 1)).set_aside
    swapped = VenueDay(day.log_id)
    swapped.append(day.records[0].replace(b"table:", b"order:"))
    assert _ledger().fold(_entries(swapped, 0, 1)).set_aside


def test_every_shape_has_its_key_among_its_columns() -> None:
    for name, shape in fold.SHAPES.items():
        assert set(shape.key) <= set(shape.column_names), name
