"""The doctor's findings: well when all is well, and the right words when it is not."""

import sqlite3
import time
from pathlib import Path

import pytest

from edge.journal import doctor as doctor_module
from edge.journal.database import LinkCursor, bind, fence, open_writer
from edge.journal.doctor import Report, doctor
from tests.open_box import OpenBox
from tests.sample_venue import add, join, say_word


async def served(directory: Path) -> None:
    """A claimed box with one open table, the cloud two facts behind."""
    connection = open_writer(directory, 1_000)
    bind(connection, "venue-1", 2, "https://cloud.example")
    connection.close()
    async with OpenBox(directory) as box:
        await box.opened()
        await box.accept(join("chinu"))
        await box.accept(say_word())
        await box.accept(add())
        box.writer.remember_link(LinkCursor(box.writer.seq - 2, b"\x01" * 32, 1, "incarnation-1"))


def verdicts(report: Report) -> dict[str, tuple[str, str]]:
    """Verdict and words by subject."""
    return {each.subject: (each.verdict, each.words) for each in report.findings}


async def test_a_box_that_is_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor_module, "WARN_DISK", 101)
    monkeypatch.setattr(doctor_module, "BAD_DISK", 101)
    await served(tmp_path)
    report = doctor(tmp_path)
    found = verdicts(report)
    assert report.well
    assert "venue venue-1, epoch 2" in found["identity"][1]
    assert found["open tables"] == ("ok", "T1")
    assert found["cloud"] == ("ok", "has 6 facts; 2 are only on this disk")
    assert found["box"] == ("ok", "is not running")
    assert "every row is what 8 facts fold into" in found["tables"][1]
    assert found.pop("clock")[0] == "warn", "nobody has told this box the time"
    assert {verdict for subject, (verdict, _) in found.items() if subject != "SQLite"} == {"ok"}
    assert len(report.lines()) == len(report.findings)


def test_an_old_sqlite_is_warned_of_with_the_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor_module, "SAFE_SQLITE", (99, 0, 0))
    verdict, words = verdicts(doctor(tmp_path))["SQLite"]
    assert verdict == "warn"
    assert sqlite3.sqlite_version in words
    assert "write-ahead log" in words


async def test_a_box_that_lost_its_place_and_a_journal_that_waits_are_told_of(tmp_path: Path) -> None:
    await served(tmp_path)
    await served(tmp_path / "orphans" / "former")
    connection = open_writer(tmp_path, 0)
    fence(connection, 3)
    connection.close()
    report = doctor(tmp_path, thorough=False)
    found = verdicts(report)
    assert not report.well
    assert found["charge"][0] == "bad"
    assert "epoch 3" in found["charge"][1]
    assert "claim this one again" in found["charge"][1]
    assert found["former journal"][0] == "warn"
    (tmp_path / "orphans" / "former" / "sent").touch()
    assert "former journal" not in verdicts(doctor(tmp_path, thorough=False))


async def test_a_clock_that_went_back_is_told_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    await served(tmp_path)
    monkeypatch.setattr(time, "time", lambda: 1_000.0)
    verdict, words = verdicts(doctor(tmp_path, thorough=False))["clock"]
    assert verdict == "warn"
    assert "went back" in words


async def test_a_box_at_work_is_seen_to_run(tmp_path: Path) -> None:
    await served(tmp_path)
    async with OpenBox(tmp_path):
        assert verdicts(doctor(tmp_path))["box"] == (
            "ok",
            "is running: its process holds the data directory",
        )


def test_an_empty_directory_has_no_database(tmp_path: Path) -> None:
    report = doctor(tmp_path)
    assert not report.well
    assert verdicts(report)["database"][0] == "bad"
    assert not list(tmp_path.iterdir())


def test_a_directory_that_is_not_there(tmp_path: Path) -> None:
    assert verdicts(doctor(tmp_path / "nowhere"))["disk"][0] == "bad"


def test_a_database_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "journal.sqlite3").write_bytes(b"flattened by a dying card" * 999)
    verdict, words = verdicts(doctor(tmp_path))["database"]
    assert verdict == "bad"
    assert "restore a backup" in words


@pytest.mark.parametrize(
    ("statement", "subject", "words"),
    [
        ("UPDATE cart_items SET qty = 50", "tables", "qty is 50, the journal says 1"),
        ("UPDATE link SET acked_seq = 999", "cloud", "the disk has lost data"),
        ("DELETE FROM table_sessions", "references", "refers to a missing row of table_sessions"),
        ("DELETE FROM journal WHERE seq = 5", "journal", "facts 5 to 5 are missing"),
    ],
)
async def test_what_was_tampered_with_is_found(
    tmp_path: Path, statement: str, subject: str, words: str
) -> None:
    await served(tmp_path)
    connection = sqlite3.connect(tmp_path / "journal.sqlite3", isolation_level=None)
    connection.execute(statement)
    connection.close()
    report = doctor(tmp_path)
    assert not report.well
    assert any(each.subject == subject and words in each.words for each in report.findings), report.lines()


async def test_a_quick_examination_leaves_the_journal_unfolded(tmp_path: Path) -> None:
    await served(tmp_path)
    assert "tables" not in verdicts(doctor(tmp_path, thorough=False))


@pytest.mark.parametrize(("warn", "bad", "verdict"), [(0, 101, "warn"), (0, 0, "bad")])
def test_a_disk_that_fills_up_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, warn: int, bad: int, verdict: str
) -> None:
    monkeypatch.setattr(doctor_module, "WARN_DISK", warn)
    monkeypatch.setattr(doctor_module, "BAD_DISK", bad)
    assert verdicts(doctor(tmp_path))["disk"][0] == verdict


async def test_a_large_write_ahead_log_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor_module, "MOST_WAL_BYTES", 0)
    await served(tmp_path)
    async with OpenBox(tmp_path) as box:
        await box.accept(add())
        assert verdicts(doctor(tmp_path))["write-ahead log"][0] == "warn"
