"""The rehearsal of docs/operations.md: a base backup, an archived log, a disaster, and a restore to a moment.

What boxes had been told was safe after that moment is not in the restored database. They send it again, and
afterwards it holds what they hold.
"""

import os
import shutil
import signal
import subprocess
from pathlib import Path

import aiohttp
import asyncpg
import pytest

from cloud.app import serving
from cloud.ingest import doctor
from cloud.owners.samples import sample
from cloud.owners.venues import founding, venue_file
from cloud.store.embedded_postgres import EmbeddedPostgres
from tests.fake_box import FakeBox
from tests.integration.cloud.agreement import assert_agrees
from tests.integration.cloud.conftest import CONFIG, OWNER, PASSWORD


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Where the log goes."""
    directory = tmp_path / "archive"
    directory.mkdir()
    return directory


async def _archiving(server: EmbeddedPostgres, archive: Path) -> None:
    """Switch archiving on, which takes a restart."""
    server.start()
    connection = await asyncpg.connect(server.url)
    await connection.execute("ALTER SYSTEM SET archive_mode = 'on'")
    command = f"test ! -f {archive}/%f && cp %p {archive}/%f.new && mv {archive}/%f.new {archive}/%f"
    await connection.execute(f"ALTER SYSTEM SET archive_command = '{command}'")
    await connection.close()
    server.stop()
    server.start()


def _base_backup(server: EmbeddedPostgres, into: Path) -> None:
    command = [
        str(server.programs / "pg_basebackup"),
        "--pgdata",
        str(into),
        "--checkpoint=fast",
        "--wal-method=none",
    ]
    subprocess.run([*command, "--dbname", server.url], check=True, capture_output=True)


async def _now_for_good(connection: asyncpg.Connection) -> str:
    """This moment; the log up to after it is in the archive."""
    moment = str(await connection.fetchval("SELECT clock_timestamp()::text"))
    await connection.execute("SELECT pg_logical_emit_message(true, 'rehearsal', 'a commit after the moment')")
    return moment


async def _archived(connection: asyncpg.Connection) -> None:
    """Everything that was written until now is in the archive."""
    piece = await connection.fetchval("SELECT pg_walfile_name(pg_current_wal_lsn())")
    await connection.execute("SELECT pg_switch_wal()")
    while (await connection.fetchval("SELECT last_archived_wal FROM pg_stat_archiver") or "") < piece:
        await connection.execute("SELECT pg_sleep(0.05)")


def _restored(
    backup: Path, former: EmbeddedPostgres, archive: Path, moment: str, at: Path
) -> EmbeddedPostgres:
    """A server on a copy of the base backup that replays the log up to the moment."""
    at.mkdir()
    shutil.copy(former.directory / "password", at / "password")
    cluster = at / "cluster"
    shutil.copytree(backup, cluster)
    (cluster / "recovery.signal").touch()
    with (cluster / "postgresql.auto.conf").open("a") as settings:
        settings.write(f"restore_command = 'cp {archive}/%f %p'\n")
        settings.write(f"recovery_target_time = '{moment}'\n")
        settings.write("recovery_target_action = 'promote'\narchive_mode = 'off'\n")
    if os.geteuid() == 0:
        for path in (cluster, *cluster.rglob("*")):
            shutil.chown(path, "nobody", "nogroup")
    return EmbeddedPostgres(at)


async def test_a_restore_to_a_moment_and_what_boxes_send_again(
    tmp_path: Path, archive: Path, http: aiohttp.ClientSession
) -> None:
    first = EmbeddedPostgres(tmp_path / "first")
    second = None
    box = FakeBox(seed=11)
    try:
        await _archiving(first, archive)
        sql = await asyncpg.connect(first.url, timeout=60)
        async with serving(CONFIG, first.url) as served:
            await founding.create_owner(served.pool, OWNER, PASSWORD)
            venue = await founding.create_venue(
                served.pool, OWNER, None, venue_file.load(sample("venue.json"))
            )
            assert (await box.claim(http, served.url, venue.claim_code))[0] == 200
            box.day.serve(10)
            await box.persist(http, served.url)
            _base_backup(first, tmp_path / "backup")
            box.day.serve(10)
            await box.persist(http, served.url)
            held = box.acked_seq
            moment = await _now_for_good(sql)
            box.day.serve(10)
            await box.persist(http, served.url)
            life = await sql.fetchval("SELECT incarnation FROM incarnations ORDER BY began_at DESC LIMIT 1")
            await _archived(sql)
        await sql.close()
        os.kill(first.pid, signal.SIGKILL)
        first.wait()

        second = _restored(tmp_path / "backup", first, archive, moment, tmp_path / "second")
        second.start()
        sql = await asyncpg.connect(second.url, timeout=60)
        while await sql.fetchval("SELECT pg_is_in_recovery()"):
            await sql.execute("SELECT pg_sleep(0.05)")
        assert await sql.fetchval("SELECT durable_seq FROM nodes") == held < box.acked_seq
        async with serving(CONFIG, second.url) as served:
            async with box.connect(http, served.url) as wire:
                welcome = await wire.hello({"incarnation_seen": str(life)})
                assert welcome.durable_seq == held
                assert welcome.incarnation != str(life), "the cloud went back in time, and says so"
                await wire.catch_up()
            box.day.serve(5)
            await box.persist(http, served.url)
            assert {each.verdict for each in await doctor.examine(served.pool)} == {"ok"}
        await assert_agrees(sql, box)
        await sql.close()
    finally:
        first.stop()
        if second is not None:
            second.stop()
