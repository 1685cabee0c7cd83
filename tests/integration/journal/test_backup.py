"""A backup is whole or does not exist; a restore loses nothing that nobody else has, unless told to."""

import os
import sqlite3
from pathlib import Path

import pytest

from edge.journal.backup import BackupRefused, backup, restore
from edge.journal.database import DirectoryTaken, LinkCursor, open_reader, read_head
from edge.journal.export import export
from edge.journal.rebuild import rebuild
from protocol.facts.fact import chain, genesis
from protocol.facts.fold import decode_record
from tests.open_box import OpenBox
from tests.sample_venue import add, join, say_word


async def started(directory: Path) -> None:
    """A guest at T1 who may order."""
    async with OpenBox(directory) as box:
        await box.opened()
        await box.accept(join("chinu"))
        await box.accept(say_word())


async def carried_on(directory: Path, lines: int = 1, acked: bool = False) -> int:
    """Some lines more; the tail then. `acked` tells the box that the cloud has everything."""
    async with OpenBox(directory) as box:
        for _ in range(lines):
            await box.accept(add())
        if acked:
            box.writer.remember_link(LinkCursor(box.writer.seq, box.writer.chain_hash, 1, "incarnation-1"))
        return box.writer.seq


def head(directory: Path) -> tuple[int, bytes]:
    """Seq and hash of the last fact on the disk."""
    reader = open_reader(directory)
    try:
        return read_head(reader)
    finally:
        reader.close()


async def test_a_backup_of_a_box_at_work_is_one_whole_file(tmp_path: Path) -> None:
    await started(tmp_path / "box")
    async with OpenBox(tmp_path / "box") as box:
        facts = await box.accept(add())
        made = backup(tmp_path / "box", tmp_path / "safe.sqlite3")
        assert made.tail_seq == facts[-1].seq
        await box.accept(add())
    assert sorted(os.listdir(tmp_path)) == ["box", "safe.sqlite3"]
    assert (tmp_path / "safe.sqlite3").stat().st_mode & 0o077 == 0
    connection = sqlite3.connect(tmp_path / "safe.sqlite3")
    assert connection.execute("SELECT count(*) FROM journal").fetchone() == (made.tail_seq,)
    connection.close()


async def test_a_restored_box_works_on(tmp_path: Path) -> None:
    await started(tmp_path / "box")
    backup(tmp_path / "box", tmp_path / "safe.sqlite3")
    restored = restore(tmp_path / "safe.sqlite3", tmp_path / "new")
    assert (restored.aside, restored.lost_facts, restored.missing_facts) == (None, 0, 0)
    assert head(tmp_path / "new") == head(tmp_path / "box")
    await carried_on(tmp_path / "new")
    assert rebuild(tmp_path / "new").agrees


async def test_facts_that_nobody_else_has_are_not_overwritten(tmp_path: Path) -> None:
    await started(tmp_path / "box")
    backup(tmp_path / "box", tmp_path / "safe.sqlite3")
    await carried_on(tmp_path / "box", lines=3)
    before = head(tmp_path / "box")
    with pytest.raises(BackupRefused, match="3 facts"):
        restore(tmp_path / "safe.sqlite3", tmp_path / "box")
    assert head(tmp_path / "box") == before
    restored = restore(tmp_path / "safe.sqlite3", tmp_path / "box", force=True)
    assert restored.lost_facts == 3
    assert restored.tail_seq == before[0] - 3
    assert restored.aside is not None
    kept = sqlite3.connect(restored.aside)
    assert kept.execute("SELECT max(seq) FROM journal").fetchone() == (before[0],)
    kept.close()


async def test_facts_that_the_cloud_has_may_be_overwritten_and_are_told(tmp_path: Path) -> None:
    await started(tmp_path / "box")
    backup(tmp_path / "box", tmp_path / "safe.sqlite3")
    await carried_on(tmp_path / "box", lines=2, acked=True)
    restored = restore(tmp_path / "safe.sqlite3", tmp_path / "box")
    assert (restored.lost_facts, restored.missing_facts) == (0, 2)


async def test_a_later_backup_may_replace_an_earlier_journal(tmp_path: Path) -> None:
    await started(tmp_path / "box")
    backup(tmp_path / "box", tmp_path / "early.sqlite3")
    await carried_on(tmp_path / "box")
    backup(tmp_path / "box", tmp_path / "late.sqlite3")
    restore(tmp_path / "early.sqlite3", tmp_path / "other")
    assert restore(tmp_path / "late.sqlite3", tmp_path / "other").lost_facts == 0
    assert head(tmp_path / "other") == head(tmp_path / "box")


async def test_a_journal_of_another_log_counts_as_lost(tmp_path: Path) -> None:
    await started(tmp_path / "one")
    await started(tmp_path / "two")
    backup(tmp_path / "one", tmp_path / "safe.sqlite3")
    with pytest.raises(BackupRefused, match="neither in the backup nor in the cloud"):
        restore(tmp_path / "safe.sqlite3", tmp_path / "two")


async def test_the_write_ahead_log_of_the_former_database_is_not_played_into_the_backup(
    tmp_path: Path,
) -> None:
    await started(tmp_path / "box")
    backup(tmp_path / "box", tmp_path / "safe.sqlite3")
    async with OpenBox(tmp_path / "box") as box:
        await box.accept(add())
        for name in ("journal.sqlite3", "journal.sqlite3-wal"):
            (tmp_path / "killed").mkdir(exist_ok=True)
            (tmp_path / "killed" / name).write_bytes((tmp_path / "box" / name).read_bytes())
    tail_seq = head(tmp_path / "killed")[0]
    restored = restore(tmp_path / "safe.sqlite3", tmp_path / "killed", force=True)
    assert restored.lost_facts == 1
    assert head(tmp_path / "killed")[0] == tail_seq - 1
    assert rebuild(tmp_path / "killed").agrees


async def test_a_box_at_work_is_not_restored(tmp_path: Path) -> None:
    await started(tmp_path / "box")
    backup(tmp_path / "box", tmp_path / "safe.sqlite3")
    async with OpenBox(tmp_path / "box"):
        with pytest.raises(DirectoryTaken):
            restore(tmp_path / "safe.sqlite3", tmp_path / "box", force=True)


async def test_a_database_that_cannot_be_read_is_replaced_only_by_force(tmp_path: Path) -> None:
    await started(tmp_path / "box")
    backup(tmp_path / "box", tmp_path / "safe.sqlite3")
    (tmp_path / "box" / "journal.sqlite3").write_bytes(b"flattened by a dying card" * 999)
    with pytest.raises(BackupRefused, match="cannot be read"):
        restore(tmp_path / "safe.sqlite3", tmp_path / "box")
    restored = restore(tmp_path / "safe.sqlite3", tmp_path / "box", force=True)
    assert restored.lost_facts is None
    assert rebuild(tmp_path / "box").agrees


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        ("UPDATE journal SET record = replace(record, 'Chinu', 'Mallory')", "hash chain breaks at fact"),
        ("DELETE FROM journal WHERE seq = 2", "hash chain breaks at fact 3"),
        ("DROP TABLE alembic_version", "no journal that this release can read"),
    ],
)
async def test_a_damaged_backup_is_refused_and_nothing_changes(
    tmp_path: Path, damage: str, words: str
) -> None:
    await started(tmp_path / "box")
    backup(tmp_path / "box", tmp_path / "safe.sqlite3")
    connection = sqlite3.connect(tmp_path / "safe.sqlite3", isolation_level=None)
    connection.execute("DROP TRIGGER journal_is_append_only")
    connection.execute(damage)
    connection.close()
    before = head(tmp_path / "box")
    with pytest.raises(BackupRefused, match=words):
        restore(tmp_path / "safe.sqlite3", tmp_path / "box", force=True)
    assert head(tmp_path / "box") == before
    assert not (tmp_path / "box" / "journal.restoring").exists()


async def test_what_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("Dear box, " * 1000)
    with pytest.raises(BackupRefused, match="cannot be copied"):
        restore(tmp_path / "letter.txt", tmp_path / "box")
    with pytest.raises(BackupRefused, match="no backup"):
        restore(tmp_path / "nothing", tmp_path / "box")
    with pytest.raises(BackupRefused, match="no journal"):
        backup(tmp_path / "box", tmp_path / "safe.sqlite3")


async def test_a_backup_is_never_written_over_another(tmp_path: Path) -> None:
    await started(tmp_path / "box")
    backup(tmp_path / "box", tmp_path / "safe.sqlite3")
    with pytest.raises(BackupRefused, match="already there"):
        backup(tmp_path / "box", tmp_path / "safe.sqlite3")


async def test_an_export_is_the_journal_line_by_line(tmp_path: Path) -> None:
    await started(tmp_path / "box")
    lines: list[bytes] = []
    exported = export(tmp_path / "box", lines.append)
    records = b"".join(lines).splitlines()
    assert [decode_record(record).seq for record in records] == list(range(1, exported.last_seq + 1))
    chain_hash = genesis(exported.log_id)
    for record in records:
        chain_hash = chain(chain_hash, record)
    assert chain_hash.hex() == exported.chain_hash
    assert (exported.facts, exported.first_seq) == (len(records), 1)


async def test_an_export_may_begin_later_and_may_be_empty(tmp_path: Path) -> None:
    await started(tmp_path / "box")
    lines: list[bytes] = []
    later = export(tmp_path / "box", lines.append, after_seq=4)
    assert decode_record(b"".join(lines).splitlines()[0]).seq == later.first_seq == 5
    nothing = export(tmp_path / "box", lines.append, after_seq=later.last_seq)
    assert (nothing.facts, nothing.last_seq) == (0, later.last_seq)
