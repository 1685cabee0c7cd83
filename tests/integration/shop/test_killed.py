"""A worker is killed in the middle of a final picture: it is begun again elsewhere, and there is one
picture."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import asyncpg
import msgspec
import pytest

from cloud.app import Serving, working_only
from protocol.drawing.bench import PainterDied
from tests.integration.shop.conftest import CONFIG, looks, until
from tests.integration.shop.guest import Guest


async def _worker(database: str, data: Path) -> asyncio.subprocess.Process:
    """A process that does jobs and nothing else, at work."""
    environment = {**os.environ, "DATABASE_URL": database, "HOLDFAST_CLOUD_DATA": str(data)}
    command = (sys.executable, "-m", "cloud", "worker", "--json")
    process = await asyncio.create_subprocess_exec(*command, env=environment, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    async with asyncio.timeout(60):
        await process.stdout.readline()
    return process


async def test_a_worker_that_is_killed_in_the_middle_of_a_picture_is_followed_by_another(
    guest_without_worker: Guest, database: str, tmp_path: Path, sql: asyncpg.Connection
) -> None:
    guest = guest_without_worker
    design_id = await guest.begin(looks())
    worker = await _worker(database, tmp_path / "cloud")
    # Nobody can write down that a picture is finished while this transaction is open.
    holding = await asyncpg.connect(database)
    transaction = holding.transaction()
    try:
        await guest.ask("POST", f"/designs/{design_id}/finalize", {"version": 1})

        async def begun() -> bool:
            return bool((await sql.fetchval("SELECT status FROM render_jobs")) == "processing")

        await until(begun)
        await transaction.start()
        await holding.execute("LOCK TABLE render_jobs IN SHARE ROW EXCLUSIVE MODE")
        still_at_work = (await sql.fetchval("SELECT status FROM render_jobs")) == "processing"
        worker.send_signal(signal.SIGKILL)
        await worker.wait()
    finally:
        await transaction.rollback()
        await holding.close()
    config = msgspec.structs.replace(CONFIG, data=tmp_path / "cloud")

    async def ready() -> bool:
        return bool((await guest.design(design_id))["status"] == "ready")

    async with working_only(config, database):
        await until(ready)
    assert await sql.fetchval("SELECT count(*) FROM render_jobs") == 1
    if still_at_work:
        assert await sql.fetchval("SELECT attempt FROM render_jobs") == 2


async def test_what_can_never_be_painted_fails_for_good_and_the_owner_is_told(
    guest: Guest, cloud: Serving, sql: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The painters' process dies each time; after the last attempt design, render and job say so."""

    def dies(*_: object) -> bytes:
        raise PainterDied("it ended")

    monkeypatch.setattr("cloud.shop.designs.rendering._painted", dies)
    design_id = await guest.begin(looks())
    await guest.ask("POST", f"/designs/{design_id}/finalize", {"version": 1})

    async def failed() -> bool:
        await sql.execute("UPDATE pgqueuer SET execute_after = now() WHERE status = 'queued'")
        await sql.execute("UPDATE jobs SET due_at = now() WHERE state = 'queued'")
        return bool((await guest.design(design_id))["status"] == "failed")

    await until(failed)
    row = await sql.fetchrow("SELECT status, attempt, failure_reason FROM render_jobs")
    assert (row["status"], row["attempt"]) == ("failed", 5)
    assert await sql.fetchval("SELECT count(*) FROM jobs WHERE kind = 'render' AND state = 'failed'") == 1
    monkeypatch.undo()
    again = await guest.ask("POST", f"/designs/{design_id}/finalize", {"version": 1})
    assert again.status == 202

    async def ready() -> bool:
        return bool((await guest.design(design_id))["status"] == "ready")

    await until(ready)
    assert await sql.fetchval("SELECT count(*) FROM render_jobs") == 1
