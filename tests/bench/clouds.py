"""A real cloud for the measures: embedded Postgres, `holdfast-cloud run`, a venue and its claim code."""

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec

from tests.bench.boxes import free_port, process, until_up

OWNER, PASSWORD = "bench@holdfast.example", "a long pass phrase"


class Cloud(msgspec.Struct, frozen=True):
    """Where it is, its database, and a venue that waits for its box."""

    url: str
    database_url: str
    venue_id: str
    claim_code: str


@contextlib.asynccontextmanager
async def cloud(directory: Path) -> AsyncIterator[Cloud]:
    """Everything up; taken down again on the way out."""
    with process("-m", "cloud.cli", "postgres", "--data", str(directory / "postgres")) as postgres:
        assert postgres.stdout is not None
        database_url = json.loads(await asyncio.to_thread(postgres.stdout.readline))["url"]
        os.environ["DATABASE_URL"] = database_url
        try:
            await _command("migrate")
            await _command("create-owner", "--email", OWNER, "--password", PASSWORD)
            venue = json.loads(await _command("create-venue", "--name", "Bench", "--owner", OWNER, "--json"))
            port = free_port()
            with process("-m", "cloud.cli", "run", "--host", "127.0.0.1", "--port", str(port)):
                url = f"http://127.0.0.1:{port}"
                await until_up(url)
                yield Cloud(url, database_url, venue["venue_id"], venue["claim_code"])
        finally:
            del os.environ["DATABASE_URL"]


async def _command(*arguments: str) -> str:
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "cloud.cli", *arguments, stdout=asyncio.subprocess.PIPE
    )
    output, _ = await child.communicate()
    if child.returncode:
        raise RuntimeError(f"holdfast-cloud {arguments[0]} failed")
    return output.decode()
