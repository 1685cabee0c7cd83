"""A second box for a venue, as owner and installer see to it: the button, the code, the command line."""

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp

from tests.integration.faults.chain import Parts
from tests.integration.faults.programs import Server

_WITHIN_S = 60.0


async def replacement_code(parts: Parts) -> str:
    """What the owner's button gives."""
    async with aiohttp.ClientSession(parts.cloud.url) as http:
        body = {"email": "owner@example.com", "password": "correct horse"}
        async with http.post("/api/login", json=body) as answer:
            headers = {"X-CSRF-Token": (await answer.json())["csrf"]}
            cookies = {cookie.key: cookie.value for cookie in answer.cookies.values()}
        async with http.get("/api/venues", cookies=cookies) as answer:
            (row,) = (await answer.json())["venues"]
        address = f"/api/venues/{row['venue_id']}/replace"
        async with http.post(
            address, json={"epoch": row["epoch"]}, headers=headers, cookies=cookies
        ) as answer:
            assert answer.status == 200, await answer.text()
            code: str = (await answer.json())["code"]
            return code


async def claim(directory: Path, cloud_url: str, code: str) -> tuple[int, str]:
    """`holdfast-edge claim`; its exit status and what it said."""
    arguments = ("claim", "--data", str(directory), "--cloud", cloud_url, "--code", code)
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "edge.cli", *arguments),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await child.communicate()
    return child.returncode or 0, output.decode()


async def doctor(directory: Path) -> tuple[int, str]:
    """`holdfast-edge doctor`; its exit status and what it said."""
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "edge.cli", "doctor", "--data", str(directory)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await child.communicate()
    return child.returncode or 0, output.decode()


async def until_status(box: Server, condition: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """Wait until a box's `/status` says so; what it said then. The box may be away in between."""
    status: dict[str, Any] = {}
    try:
        async with asyncio.timeout(_WITHIN_S), aiohttp.ClientSession(box.url) as http:
            while not (status and condition(status)):
                status = await _status(http)
                await asyncio.sleep(0.02)
    except TimeoutError:
        raise AssertionError(
            f"this never came true; the last status was {status}\n{box.said()[-3000:]}"
        ) from None
    return status


async def _status(http: aiohttp.ClientSession) -> dict[str, Any]:
    try:
        async with http.get("/status") as answer:
            body: dict[str, Any] = await answer.json()
            return body
    except (aiohttp.ClientError, OSError):
        return {}
