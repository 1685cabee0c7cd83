"""A worker as a real process: what it says of itself while it works."""

import asyncio
import os
import sys
from pathlib import Path

import aiohttp
import msgspec

from tests.integration.cloud.conftest import database, postgres, template

__all__ = ["database", "postgres", "template"]


async def _status(http: aiohttp.ClientSession, url: str) -> int:
    async with http.get(url) as response:
        return response.status


async def test_a_worker_says_how_it_is(database: str, tmp_path: Path) -> None:
    environment = {**os.environ, "DATABASE_URL": database, "HOLDFAST_CLOUD_DATA": str(tmp_path)}
    worker = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "cloud", "worker", "--json"), env=environment, stdout=asyncio.subprocess.PIPE
    )
    try:
        assert worker.stdout is not None
        async with asyncio.timeout(60), aiohttp.ClientSession() as http:
            said = msgspec.json.decode(await worker.stdout.readline())
            for path in ("livez", "readyz", "healthz", "status"):
                assert await _status(http, f"{said['watched']}/{path}") == 200, path
            assert await _status(http, f"{said['watched']}/api/me") == 404
            async with http.get(f"{said['watched']}/metrics") as response:
                figures = await response.text()
            assert "holdfast_working 1.0" in figures
            assert "holdfast_ready 0.0" in figures, "it takes in nobody"
            assert "# TYPE holdfast_job_wait_seconds histogram" in figures
            worker.terminate()
            assert await worker.wait() == 0
    finally:
        if worker.returncode is None:
            worker.kill()
            await worker.wait()
