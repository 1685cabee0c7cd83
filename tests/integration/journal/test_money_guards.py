"""Guards of the tables of money: what no bug and no hand-typed SQL may bring about."""

import sqlite3
from pathlib import Path

import pytest

from edge.journal import migrating
from protocol.facts import bill, payment, shift

SCHEMA = (Path(migrating.__file__).parent / "schema.sql").read_text("utf-8")

BILL_ROW = "INSERT INTO bills VALUES ('s1', 'T1', 'EUR', '{}', 950, 950, 950, 0, 0, 0, {}, 1, {}, 1)"
BILL_LINE_ROW = (
    "INSERT INTO bill_lines VALUES ('{}', 'order_line:1', 'order_line', 'ORD-7-1', 17, 'Burger', 2, 475, "
    "'chinu', 0, 1, 0, 0, 0, 0, 950, NULL)"
)
RECEIPT_ROW = "INSERT INTO receipts VALUES ({}, 's1', 'sale', {}, 0, 'EUR', '{{}}', 1)"
SHIFT_ROW = (
    "INSERT INTO shifts VALUES ('{}', '{}', 'EUR', '{}', 0, NULL, 0, 100, NULL, NULL, {}, '{{}}', 1, NULL, 1)"
)
PAYMENT_ROW = (
    "INSERT INTO payments VALUES ('p1', 'CASH', 'EUR', 950, 0, 0, 's1', NULL, 'main', '{}', NULL, NULL, "
    "NULL, 0, 0, 1, NULL, 1)"
)


def goes(connection: sqlite3.Connection, statement: str, *values: object) -> bool:
    """Whether the guards let a statement through."""
    try:
        connection.execute(statement, values)
    except sqlite3.IntegrityError:
        return False
    return True


@pytest.mark.parametrize("before", bill.TRANSITIONS)
@pytest.mark.parametrize("after", bill.TRANSITIONS)
def test_bills_are_guarded(fresh: sqlite3.Connection, before: str, after: str) -> None:
    merged, settled = ("'s2'" if before == "merged" else "NULL"), ("1" if before == "settled" else "NULL")
    fresh.execute(BILL_ROW.format(before, merged, settled))
    merged, settled = ("'s2'" if after == "merged" else "NULL"), ("1" if after == "settled" else "NULL")
    statement = f"UPDATE bills SET status = ?, merged_into = {merged}, settled_ms = {settled}"
    assert goes(fresh, statement, after) == (before == after or after in bill.TRANSITIONS[before])


@pytest.mark.parametrize("before", payment.TRANSITIONS)
@pytest.mark.parametrize("after", payment.TRANSITIONS)
def test_payments_are_guarded(fresh: sqlite3.Connection, before: str, after: str) -> None:
    fresh.execute(PAYMENT_ROW.format(before))
    went = goes(fresh, "UPDATE payments SET status = ?", after)
    assert went == (before == after or after in payment.TRANSITIONS[before].values())


@pytest.mark.parametrize("before", shift.TRANSITIONS)
@pytest.mark.parametrize("after", shift.TRANSITIONS)
def test_shifts_are_guarded(fresh: sqlite3.Connection, before: str, after: str) -> None:
    fresh.execute(SHIFT_ROW.format("m1", "main", before, "NULL" if before == "open" else "1"))
    number = "NULL" if after == "open" else "1"
    statement = f"UPDATE shifts SET status = ?, z_number = {number}"
    went = goes(fresh, statement, after)
    assert went == (before == after or after in shift.TRANSITIONS[before].values())


def test_receipts_are_numbered_without_a_gap_and_never_change(fresh: sqlite3.Connection) -> None:
    fresh.execute(BILL_ROW.format("open", "NULL", "NULL"))
    tried = [goes(fresh, RECEIPT_ROW.format(number, 950)) for number in (2, 1, 1, 3, 2)]
    assert tried == [False, True, False, False, True]
    with pytest.raises(sqlite3.IntegrityError, match="never changes"):
        fresh.execute("UPDATE receipts SET total_minor = 1")


def test_z_reports_are_numbered_without_a_gap(fresh: sqlite3.Connection) -> None:
    tried = []
    for place, number in enumerate((2, 1, 1, 3, 2)):
        fresh.execute(SHIFT_ROW.format(f"m{place}", f"till {place}", "open", "NULL"))
        statement = "UPDATE shifts SET status = 'closed', z_number = ? WHERE shift_pid = ?"
        tried.append(goes(fresh, statement, number, f"m{place}"))
    assert tried == [False, True, False, False, True]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE bills SET balance_minor = 1",
        "UPDATE bills SET total_minor = 900",
        "UPDATE bill_lines SET voided = 2, comped = 1",
        "UPDATE bill_lines SET amount_minor = -1",
        BILL_LINE_ROW.format("s9"),
        BILL_LINE_ROW.format("s2"),
        RECEIPT_ROW.format(1, -950),
        SHIFT_ROW.format("m2", "main", "open", "NULL"),
        "UPDATE shifts SET counted_minor = 90, difference_minor = 10",
        "UPDATE payments SET refunded_minor = 951",
        "UPDATE payments SET shift_pid = 'm9'",
        "INSERT INTO refunds VALUES ('r1', 'p9', 1, 0, 0, 'paid twice', NULL, 'mia', 'm1', 1)",
        "INSERT INTO refunds VALUES ('r1', 'p1', 1, 0, 0, '', NULL, 'mia', 'm1', 1)",
        "INSERT INTO cash_movements VALUES ('c1', 'm1', 0, 'nothing', NULL, 1)",
        "INSERT INTO bill_adjustments VALUES ('s1', 'a1', 'void', NULL, 1, 950, '', NULL, 'mia', 1)",
    ],
)
def test_impossible_money_is_refused(fresh: sqlite3.Connection, statement: str) -> None:
    for row in (
        BILL_ROW.format("settled", "NULL", "1"),
        BILL_ROW.format("settled", "NULL", "1").replace("'s1'", "'s2'"),
        BILL_LINE_ROW.format("s1"),
        SHIFT_ROW.format("m1", "main", "open", "NULL"),
        PAYMENT_ROW.format("COMPLETED"),
    ):
        fresh.execute(row)
    assert not goes(fresh, statement)
