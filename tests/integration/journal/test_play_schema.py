"""Play time in SQL: its guards allow what its transition tables allow, and no time or money is made."""

import sqlite3

import pytest

from protocol.facts import play, play_code
from tests.integration.journal.test_schema import allowed, moves

PLAY_ROW = (
    "INSERT INTO play_sessions VALUES ('p1', 'ps5-1', '{}', NULL, 'EUR', 'pause', 3600, 0, 0, 1000, 0, "
    "1, NULL, NULL, NULL, NULL, 1)"
)
CODE_ROW = "INSERT INTO play_codes VALUES ('KB7T', 3600, 500, 'CASH', 'EUR', '{}', 1, NULL, 1)"
ENTITLEMENT_ROW = "INSERT INTO play_entitlements VALUES ('e1', 'p1', 3600, 1000, 'CASH', '', {}, {})"


@pytest.mark.parametrize("before", play.TRANSITIONS)
@pytest.mark.parametrize("after", play.TRANSITIONS)
def test_play_sessions_are_guarded(fresh: sqlite3.Connection, before: str, after: str) -> None:
    fresh.execute(PLAY_ROW.format(before))
    assert moves(fresh, "play_sessions", "status", after) == allowed(play.TRANSITIONS, before, after)


@pytest.mark.parametrize("before", play_code.TRANSITIONS)
@pytest.mark.parametrize("after", play_code.TRANSITIONS)
def test_guest_codes_are_guarded(fresh: sqlite3.Connection, before: str, after: str) -> None:
    fresh.execute(CODE_ROW.format(before))
    assert moves(fresh, "play_codes", "status", after) == allowed(play_code.TRANSITIONS, before, after)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE play_sessions SET consumed_ms = 3600001",
        "UPDATE play_sessions SET consumed_ms = -1",
        "UPDATE play_entitlements SET granted = 0",
        "UPDATE play_entitlements SET refund_owed = 1",
        "INSERT INTO play_stations VALUES ('pc-9', 'p1', 0, '', '', '{}', 1, 1)",
        "UPDATE accounts SET balance_minor = -1",
        "INSERT INTO account_entries VALUES ('mia', 2, 'e1', 5, 5, '', 1)",
        "INSERT INTO play_clock VALUES (2, 'boot', 1, 1, 1, 1)",
    ],
)
def test_time_and_money_for_play_cannot_be_made(fresh: sqlite3.Connection, statement: str) -> None:
    for row in (
        PLAY_ROW.format("ACTIVE"),
        ENTITLEMENT_ROW.format(1, 0),
        "INSERT INTO play_stations VALUES ('ps5-1', 'p1', 0, '', '', '{}', 1, 1)",
        "INSERT INTO accounts VALUES ('mia', 10, 'EUR', 1)",
        "INSERT INTO account_entries VALUES ('mia', 1, 'e1', 10, 10, '', 1)",
    ):
        fresh.execute(row)
    with pytest.raises(sqlite3.IntegrityError):
        fresh.execute(statement)
