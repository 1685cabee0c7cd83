"""Files say what the rows say, in every format, and a spreadsheet runs nothing that a guest typed."""

import csv
import io
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud.jobs import formats
from cloud.store.jobs.export_sets import Column

COLUMNS = (
    Column("venue"),
    Column("placed_at", "ms"),
    Column("currency"),
    Column("total", "minor"),
    Column("qty", "int"),
    Column("takeaway", "bool"),
)
ROWS = [
    ("Mole", 1_767_225_600_123, "EUR", -1250, 3, True),
    ('with "quotes", commas\r\nand lines', None, "JPY", 500, None, False),
    ("=HYPERLINK(1)", 0, "KWD", 1, -5, None),
]
#: Rows in two parts, as a job writes them.
PARTS = (ROWS[:2], ROWS[2:])


def written(form: str, directory: Path) -> Path:
    target = directory / "file"
    size = formats.joined(form, COLUMNS, (formats.page(form, COLUMNS, part) for part in PARTS), target)
    assert size == target.stat().st_size
    return target


def test_csv_is_for_people_and_their_spreadsheets(tmp_path: Path) -> None:
    text = written("csv", tmp_path).read_bytes().decode()
    lines = list(csv.reader(io.StringIO(text, newline="")))
    assert lines[0] == ["venue", "placed_at", "currency", "total", "total_minor", "qty", "takeaway"]
    assert lines[1] == ["Mole", "2026-01-01T00:00:00.123+00:00", "EUR", "-12.50", "-1250", "3", "yes"]
    assert lines[2] == ['with "quotes", commas\r\nand lines', "", "JPY", "500", "500", "", "no"]
    assert lines[3] == ["'=HYPERLINK(1)", "1970-01-01T00:00:00.000+00:00", "KWD", "0.001", "1", "-5", ""]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_text_is_never_a_formula(start: str) -> None:
    row = (f"{start}cmd|' /C calc'!A0", 0, "EUR", 0, 0, False)
    (cells,) = csv.reader(io.StringIO(formats.page("csv", COLUMNS, [row]).decode(), newline=""))
    assert cells[0] == f"'{row[0]}"


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
def test_whatever_guests_type_stays_in_its_cell(words: str) -> None:
    content = formats.page("csv", COLUMNS, [(words, 0, "EUR", 0, 0, False)]).decode()
    (cells,) = csv.reader(io.StringIO(content, newline=""))
    assert cells[0] in (words, f"'{words}")
    assert cells[1:] == ["1970-01-01T00:00:00.000+00:00", "EUR", "0.00", "0", "0", "no"]


def test_json_lines_are_for_programs(tmp_path: Path) -> None:
    lines = [json.loads(line) for line in written("jsonl", tmp_path).read_text().splitlines()]
    assert lines[0] == {
        "venue": "Mole",
        "placed_at": "2026-01-01T00:00:00.123+00:00",
        "currency": "EUR",
        "total_minor": -1250,
        "qty": 3,
        "takeaway": True,
    }
    assert lines[2]["venue"] == "=HYPERLINK(1)"
    assert (lines[1]["placed_at"], lines[2]["takeaway"]) == (None, None)


def test_parquet_has_types(tmp_path: Path) -> None:
    table = pq.read_table(written("parquet", tmp_path))
    assert [str(field.type) for field in table.schema] == [
        *("string", "timestamp[ms, tz=UTC]", "string", "int64", "int64", "bool")
    ]
    assert table.column("total_minor").to_pylist() == [-1250, 500, 1]
    assert table.column("placed_at").to_pylist()[1] is None
    assert table.num_rows == 3


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
def test_nothing_is_a_file_as_well(form: str, tmp_path: Path) -> None:
    target = tmp_path / "empty"
    formats.joined(form, COLUMNS, [], target)
    assert len(target.read_bytes().splitlines()) == (1 if form == "csv" else 0) or form == "parquet"
    assert form != "parquet" or pq.read_table(target).num_rows == 0


def test_a_clock_out_of_all_calendars_is_told_as_it_is() -> None:
    row = ("Mole", 2**60, "EUR", 0, 0, False)
    assert str(2**60) in formats.page("csv", COLUMNS, [row]).decode()
