"""Going back to a former release: nothing that was sold with the newer one is lost, or nothing is changed."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from edge.journal import migrating
from edge.journal.database import DatabaseUnusable, DirectoryTaken, path_of
from edge.journal.rebuild import rebuild
from edge.journal.refold import RefoldRefused, refold
from protocol.facts.fact import chain, genesis
from tests.open_box import OpenBox
from tests.sample_venue import add, join, say_word


async def sold(directory: Path) -> int:
    """A table with a line in its cart; the tail then."""
    async with OpenBox(directory) as box:
        await box.opened()
        for command in (join("chinu"), say_word(), add()):
            await box.accept(command)
        return box.writer.seq


def migrated_by_a_newer_release(directory: Path) -> None:
    """Another schema number, a column more in a folded table, a table more, a value in a table of the box."""
    with closing(sqlite3.connect(path_of(directory))) as newer, newer:
        newer.execute("ALTER TABLE cart_items ADD COLUMN colour TEXT")
        newer.execute("CREATE TABLE news_of_tomorrow (id INTEGER PRIMARY KEY)")
        newer.execute("UPDATE box SET venue_id = 'venue-1', epoch = 3")
        newer.execute("UPDATE alembic_version SET version_num = '9999'")


async def test_the_former_release_goes_on_with_everything_that_was_sold(tmp_path: Path) -> None:
    tail = await sold(tmp_path)
    migrated_by_a_newer_release(tmp_path)
    with pytest.raises(DatabaseUnusable, match="newer release"):
        await sold(tmp_path)

    done = refold(tmp_path)

    assert done is not None
    assert (done.facts, done.former_schema, done.schema) == (tail, "9999", migrating.HEAD)
    assert done.aside is not None
    assert done.aside.exists()
    assert rebuild(tmp_path).agrees
    async with OpenBox(tmp_path) as box:
        assert box.writer.seq == tail
        await box.accept(add())
    with closing(sqlite3.connect(path_of(tmp_path))) as connection:
        assert connection.execute("SELECT venue_id, epoch FROM box").fetchone() == ("venue-1", 3)
        assert connection.execute("SELECT count(*) FROM cart_items").fetchone() == (2,)


async def test_a_database_of_this_release_is_left_alone(tmp_path: Path) -> None:
    await sold(tmp_path)
    before = path_of(tmp_path).read_bytes()
    assert refold(tmp_path) is None
    assert path_of(tmp_path).read_bytes() == before


async def test_a_fact_without_meaning_here_is_named_and_nothing_changed(tmp_path: Path) -> None:
    tail = await sold(tmp_path)
    migrated_by_a_newer_release(tmp_path)
    with closing(sqlite3.connect(path_of(tmp_path))) as newer, newer:
        (last,) = newer.execute("SELECT hash FROM journal ORDER BY seq DESC LIMIT 1").fetchone()
        (record,) = newer.execute("SELECT record FROM journal WHERE seq = 1").fetchone()
        strange = record.replace('"seq":1,', f'"seq":{tail + 1},', 1).replace("venue:venue", "song:1")
        kind = strange.split('"type":"', 1)[1].split('"', 1)[0]
        strange = strange.replace(f'"type":"{kind}"', '"type":"SongWished"', 1)
        values = (tail + 1, "song:1", 1, 0, None, strange, chain(last, strange.encode()))
        newer.execute("INSERT INTO journal VALUES (?, ?, ?, ?, ?, ?, ?)", values)
    before = path_of(tmp_path).read_bytes()
    with pytest.raises(RefoldRefused, match="SongWished"):
        refold(tmp_path)
    assert path_of(tmp_path).read_bytes() == before
    assert not (tmp_path / "journal.refolding").exists()


async def test_a_broken_chain_is_named(tmp_path: Path) -> None:
    await sold(tmp_path)
    migrated_by_a_newer_release(tmp_path)
    with closing(sqlite3.connect(path_of(tmp_path))) as newer, newer:
        newer.execute("DROP TRIGGER journal_is_append_only")
        newer.execute("UPDATE journal SET hash = ? WHERE seq = 2", (genesis("another log"),))
    with pytest.raises(RefoldRefused, match="chain breaks"):
        refold(tmp_path)


async def test_a_box_at_work_is_not_touched(tmp_path: Path) -> None:
    await sold(tmp_path)
    async with OpenBox(tmp_path):
        with pytest.raises(DirectoryTaken):
            refold(tmp_path)


def test_an_empty_directory_is_said_to_be_empty(tmp_path: Path) -> None:
    with pytest.raises(RefoldRefused, match="no journal"):
        refold(tmp_path)
