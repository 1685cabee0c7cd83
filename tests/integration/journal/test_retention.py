"""What is forgotten is old, acknowledged and told by something newer; the doctor finds the rest whole."""

import sqlite3
from pathlib import Path

import msgspec
import pytest

from edge.core import commands
from edge.core.clock import Now
from edge.journal import retention, writer
from edge.journal.backup import backup, restore
from edge.journal.database import LinkCursor, open_reader, open_writer, read_floor, read_head
from edge.journal.rebuild import rebuild
from edge.journal.retention import FORGETFUL, KEPT_MS, Forgetting, forget
from tests import sample_venue
from tests.open_box import OpenBox, until

_LATER_MS = 2_000_000_000_000


async def _evening(directory: Path, *, acked: int | None = None, counts: int = 12) -> int:
    """Stock counted many times, tables between; acknowledged up to `acked` or the end."""
    async with OpenBox(directory) as box:
        await box.opened()
        for qty in range(counts):
            await box.accept(commands.CountStock(sample_venue.SOUP, qty, "staff:ann"))
            await box.accept(commands.CountStock(sample_venue.CAKE, qty, "staff:ann"))
        seq = box.writer.durable_seq if acked is None else acked
        reader = open_reader(directory)
        row = reader.execute("SELECT hash FROM journal WHERE seq = ?", (seq,)).fetchone()
        reader.close()
        box.writer.remember_link(LinkCursor(seq, row[0], None, ""))
    return seq


def _forget(directory: Path, now_ms: int = _LATER_MS) -> int:
    connection = open_writer(directory, 0)
    try:
        return forget(connection, now_ms)
    finally:
        connection.close()


def _kept(directory: Path) -> list[tuple[int, str]]:
    reader = open_reader(directory)
    rows = reader.execute("SELECT seq, aggregate FROM journal ORDER BY seq").fetchall()
    reader.close()
    return rows


async def test_old_levels_go_and_everything_else_stays(tmp_path: Path) -> None:
    await _evening(tmp_path)
    before = _kept(tmp_path)
    counted = [name for _, name in before if name.startswith(FORGETFUL)]
    assert _forget(tmp_path) == len(counted) - len(set(counted)) > 20
    after = _kept(tmp_path)
    gone = set(before) - set(after)
    assert all(aggregate.startswith(FORGETFUL) for _, aggregate in gone)
    assert [name for _, name in after].count(f"stock:{sample_venue.SOUP}") == 1
    rebuilt = rebuild(tmp_path)
    assert rebuilt.agrees, (rebuilt.problems, rebuilt.differences)
    assert _forget(tmp_path) == 0


async def test_what_is_not_acknowledged_is_never_forgotten(tmp_path: Path) -> None:
    acked = await _evening(tmp_path, acked=9)
    before = _kept(tmp_path)
    _forget(tmp_path)
    after = _kept(tmp_path)
    assert [row for row in after if row[0] > acked] == [row for row in before if row[0] > acked]
    reader = open_reader(tmp_path)
    assert read_floor(reader).seq <= acked
    reader.close()
    assert rebuild(tmp_path).agrees


async def test_a_fortnight_is_kept_for_a_cloud_that_is_restored(tmp_path: Path) -> None:
    await _evening(tmp_path)
    reader = open_reader(tmp_path)
    (record,) = reader.execute("SELECT record FROM journal ORDER BY seq LIMIT 1").fetchone()
    reader.close()
    first_ms = msgspec.json.decode(record)["wall_ms"]
    assert _forget(tmp_path, first_ms + KEPT_MS) == 0
    assert _forget(tmp_path, 0) == 0, "a box that does not know the date yet"


@pytest.mark.parametrize("rounds", [1, 3])
async def test_the_box_works_on_after_forgetting_again_and_again(tmp_path: Path, rounds: int) -> None:
    for _ in range(rounds):
        await _evening(tmp_path, counts=5)
        _forget(tmp_path)
    async with OpenBox(tmp_path) as box:
        await box.accept(commands.CountStock(sample_venue.SOUP, 3, "staff:ann"))
        state = box.hot.committed(f"stock:{sample_venue.SOUP}")
        assert state is not None
        assert state.version == rounds * 5 + 1
    rebuilt = rebuild(tmp_path)
    assert rebuilt.agrees, (rebuilt.problems, rebuilt.differences)


async def test_a_box_that_is_never_switched_off_forgets_in_quiet_moments(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "QUIET_S", 0.0)
    monkeypatch.setattr(retention, "_FACTS_A_BIT", 7)
    seq = await _evening(tmp_path)
    told = [Now("boot-1", 1, _LATER_MS, False)]
    async with OpenBox(tmp_path) as box:
        box.writer.when_quiet(Forgetting(lambda: told[-1]))
        await box.accept(commands.CountStock(sample_venue.SOUP, 1, "staff:ann"))
        assert read_floor(box.reader).seq == 0, "a clock that nobody has set forgets nothing"
        told.append(Now("boot-1", 2, _LATER_MS, True))
        for qty in range(100):
            await box.accept(commands.CountStock(sample_venue.SOUP, qty, "staff:ann"))
            if read_floor(box.reader).seq == seq:
                break
            await until(lambda: not box.writer.failure)
        await until(lambda: read_floor(box.reader).seq == seq, 30_000)
        await box.accept(commands.CountStock(sample_venue.SOUP, 3, "staff:ann"))
    rebuilt = rebuild(tmp_path)
    assert rebuilt.agrees, (rebuilt.problems, rebuilt.differences)


async def test_a_backup_of_a_forgetful_box_can_be_restored(tmp_path: Path) -> None:
    directory = tmp_path / "box"
    await _evening(directory)
    _forget(directory)
    backup(directory, tmp_path / "copy.sqlite3")
    reader = open_reader(directory)
    head = read_head(reader)
    reader.close()
    restore(tmp_path / "copy.sqlite3", tmp_path / "other")
    other = sqlite3.connect(tmp_path / "other" / "journal.sqlite3")
    assert read_head(other) == head
    other.close()
