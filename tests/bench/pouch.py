"""PouchDB that was offline replicates to a pouchdb-server, both with LevelDB, from npm as they are today.

They are no dependency of anything here: npm lays them down in a throw-away folder for the measure alone.
"""

import asyncio
import os
import shutil
import subprocess
from pathlib import Path

from tests.bench.boxes import free_port, process

PACKAGES = ("pouchdb@9", "pouchdb-server@4")
_SCRIPT = Path(__file__).with_name("pouch.cjs")
_WITHIN_S = 300.0


def lay_down(directory: Path) -> bool:
    """Whether npm could bring the packages."""
    npm = shutil.which("npm")
    if npm is None:
        return False
    command = [npm, "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(directory), *PACKAGES]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


async def catch_up(records: list[bytes], directory: Path) -> float:
    """Seconds of one replication of all records, `lay_down` in the same directory before."""
    port = free_port()
    server = directory / "node_modules/pouchdb-server/bin/pouchdb-server"
    far = (
        "--port",
        str(port),
        "--dir",
        str(directory),
        "--no-stdout-logs",
        "--config",
        str(directory / "c.json"),
    )
    with process("node", str(server), *far, python=False):
        await _until_there(port)
        child = await asyncio.create_subprocess_exec(
            *("node", str(_SCRIPT), str(directory / "near"), f"http://127.0.0.1:{port}/far"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env={**os.environ, "NODE_PATH": str(directory / "node_modules")},
        )
        async with asyncio.timeout(_WITHIN_S):
            said, _ = await child.communicate(b"\n".join(records) + b"\n")
        return float(said)


async def _until_there(port: int) -> None:
    async with asyncio.timeout(_WITHIN_S):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.02)
                continue
            writer.close()
            return
