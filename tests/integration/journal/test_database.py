"""Opening the file: whose it is, who may write, and what is refused instead of papered over."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from edge.journal.database import (
    DatabaseUnusable,
    DirectoryTaken,
    bind,
    open_reader,
    open_writer,
    read_box,
    read_head,
    read_link,
)
from protocol.facts.fact import genesis


def test_a_new_box_gets_an_identity_that_stays(tmp_path: Path) -> None:
    first = open_writer(tmp_path, 1_000)
    box = read_box(first)
    assert box.venue_id is None
    assert read_head(first) == (0, genesis(box.log_id))
    assert read_link(first).acked_hash == genesis(box.log_id)
    bind(first, "venue-1", 3, "https://cloud.example")
    first.close()
    second = open_writer(tmp_path, 2_000)
    again = read_box(second)
    assert (again.node_id, again.log_id) == (box.node_id, box.log_id)
    assert (again.venue_id, again.epoch, again.cloud_url) == ("venue-1", 3, "https://cloud.example")
    second.close()


def test_commits_are_synced_and_logged_ahead(tmp_path: Path) -> None:
    connection = open_writer(tmp_path, 1_000)
    values = [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")]
    assert values == ["wal", 2]
    assert connection.execute("PRAGMA foreign_keys").fetchone() == (1,)
    connection.close()


def test_a_reader_cannot_write(tmp_path: Path) -> None:
    writer, reader = open_writer(tmp_path, 1_000), open_reader(tmp_path)
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        reader.execute("DELETE FROM journal")
    reader.close()
    writer.close()


@pytest.mark.parametrize("name", ["with blank", "50% off?mode=rwc", "a#b", "café"])
def test_a_directory_may_have_any_name(tmp_path: Path, name: str) -> None:
    writer = open_writer(tmp_path / name, 1_000)
    reader = open_reader(tmp_path / name)
    assert read_box(reader) == read_box(writer)
    reader.close()
    writer.close()


def test_a_second_writer_is_turned_away(tmp_path: Path) -> None:
    first = open_writer(tmp_path, 1_000)
    with pytest.raises(DirectoryTaken):
        open_writer(tmp_path, 1_000)
    first.close()
    open_writer(tmp_path, 1_000).close()


def test_the_directory_is_free_again_when_its_process_was_killed(tmp_path: Path) -> None:
    program = (
        "import sys, pathlib; from edge.journal.database import open_writer\n"
        "kept = open_writer(pathlib.Path(sys.argv[1]), 1000); print('open', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", program, str(tmp_path)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=Path.cwd())
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"open\n"
        with pytest.raises(DirectoryTaken):
            open_writer(tmp_path, 1_000)
        process.kill()
    open_writer(tmp_path, 1_000).close()


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "journal.sqlite3").write_bytes(b"this is not a database, by no means" * 100)
    with pytest.raises(DatabaseUnusable, match="not a database"):
        open_writer(tmp_path, 1_000)


def test_a_directory_that_cannot_be_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DatabaseUnusable):
        open_writer(tmp_path / "file" / "data", 1_000)


def test_a_database_of_a_newer_release_is_refused_and_untouched(tmp_path: Path) -> None:
    connection = open_writer(tmp_path, 1_000)
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    before = (tmp_path / "journal.sqlite3").read_bytes()
    with pytest.raises(DatabaseUnusable, match="newer release"):
        open_writer(tmp_path, 1_000)
    assert (tmp_path / "journal.sqlite3").read_bytes() == before
