"""`holdfast-cloud` as a person or the demo runs it: real processes on a data directory of their own.

What a command says of a database that is there takes no process; those are run in this one.
"""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import asyncpg
import pytest
import structlog

from cloud import cli
from cloud.owners.samples import sample
from tests.fake_box import FakeBox

_ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
_OWNER = {"HOLDFAST_OWNER_EMAIL": "o@example.com", "HOLDFAST_OWNER_PASSWORD": "correct horse"}


@asynccontextmanager
async def _running(
    *arguments: str, **environment: str
) -> AsyncIterator[tuple[asyncio.subprocess.Process, Any]]:
    """A command that serves, and the line of JSON it says once it does; ended in order afterwards."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "cloud",
        *arguments,
        env={**_ENVIRONMENT, **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        yield process, json.loads(await process.stdout.readline())
    finally:
        if process.returncode is None:
            process.terminate()
        await process.communicate()


async def _command(*arguments: str, **environment: str) -> tuple[int, str, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "cloud",
        *arguments,
        env={**_ENVIRONMENT, **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()


async def test_from_nothing_to_a_venue_that_syncs(tmp_path: Path, http: aiohttp.ClientSession) -> None:
    """The embedded Postgres outlives a cloud that is killed, and everything is found again."""
    async with _running("postgres", "--data", str(tmp_path / "pg")) as (postgres, told):
        url = {"DATABASE_URL": told["url"]}
        assert (await _command("create-owner", **url, **_OWNER))[0] == 0
        status, out, _ = await _command("create-venue", "--owner", "o@example.com", "--json", **url)
        venue = json.loads(out)
        assert (status, len(venue["tables"]), venue["pass_word"]) == (0, 12, "coffee")
        menu = str(sample("menu.csv"))
        status, out, _ = await _command("import-menu", "--venue", venue["venue_id"], menu, "--json", **url)
        assert (status, json.loads(out)["menu_version"]) == (0, 1)
        box = FakeBox()
        async with _running("run", "--port", "0", "--json", **url) as (cloud, serving):
            assert serving["pid"] == cloud.pid
            assert (await box.claim(http, serving["url"], venue["claim_code"]))[0] == 200
            box.day.serve(10)
            async with box.online(http, serving["url"]) as wire:
                await wire.push(100)
                await wire.event()
                cloud.kill()
                await cloud.wait()
        async with _running("run", "--port", "0", "--json", **url) as (cloud, serving):
            await box.persist(http, serving["url"])
            cloud.terminate()
            assert await cloud.wait() == 0
        postgres.send_signal(signal.SIGTERM)
        assert await postgres.wait() == 0


async def test_run_brings_its_own_postgres_and_finds_it_again(
    tmp_path: Path, http: aiohttp.ClientSession
) -> None:
    data = ("--data", str(tmp_path / "pg"))
    for ending in (signal.SIGKILL, signal.SIGTERM):
        async with _running("run", *data, "--port", "0", "--json") as (cloud, serving):
            async with http.get(f"{serving['url']}/healthz") as response:
                assert response.status == 200
            cloud.send_signal(ending)
            assert await cloud.wait() == (-ending if ending is signal.SIGKILL else 0)
    # The first run was killed and left its Postgres behind; the second used it and left it running too.
    async with _running("postgres", *data) as (postgres, told):
        note = tmp_path / "pg/cluster/postmaster.pid"
        assert note.read_text().split()[0] == str(told["pid"])
        postgres.terminate()
        assert await postgres.wait() == 0
        assert not note.exists()


async def test_postgres_that_dies_by_itself_is_an_error(tmp_path: Path) -> None:
    async with _running("postgres", "--data", str(tmp_path / "pg")) as (postgres, told):
        os.kill(told["pid"], signal.SIGKILL)
        assert await postgres.wait() == 1
    async with _running("postgres", "--data", str(tmp_path / "pg")) as (_, again):
        assert again["url"] == told["url"]


Said = Callable[..., tuple[int, str, str]]


@pytest.fixture
def command(
    database: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Said]:
    """A command in this process, on a database that is there: its exit status, and what it said."""
    monkeypatch.setenv("DATABASE_URL", database)

    def said(*arguments: str, **environment: str) -> tuple[int, str, str]:
        with pytest.MonkeyPatch.context() as patch:
            for name, value in environment.items():
                patch.setenv(name, value)
            return cli.main(list(arguments)), *capsys.readouterr()

    yield said
    structlog.reset_defaults()


def test_refusals_are_one_sentence_and_exit_1(command: Said) -> None:
    short = {**_OWNER, "HOLDFAST_OWNER_PASSWORD": "short"}
    assert command("create-owner", **_OWNER)[0] == 0
    missing = "00000000-0000-7000-8000-000000000000"
    for arguments, environment, words in (
        (("create-owner",), short, "at least 10 characters"),
        (("create-owner",), _OWNER, "has an account already"),
        (("create-venue", "--owner", "nobody@example.com"), {}, "nobody@example.com"),
        (("create-venue", "--owner", "o@example.com", "--config", "nowhere.json"), {}, "cannot be read"),
        (("create-venue", "--owner", "o@example.com", "--printer", "Grill"), {}, "host:port"),
        (("import-menu", "--venue", missing, "menu.csv"), {}, missing),
        (("run",), {"HOLDFAST_CLOUD_PORT": "x"}, "HOLDFAST_CLOUD_PORT"),
    ):
        status, out, err = command(*arguments, **environment)
        assert (status, out) == (1, ""), arguments
        assert words in err
        assert "Traceback" not in err


async def test_without_a_database_there_is_a_sentence_too() -> None:
    status, _, err = await _command("migrate", DATABASE_URL="postgresql://x:y@127.0.0.1:1/nothing")
    assert status == 1
    assert "Traceback" not in err


def test_the_doctor_and_the_replay_answer_in_words(command: Said, database: str) -> None:
    assert command("create-owner", **_OWNER)[0] == 0
    venue = json.loads(command("create-venue", "--owner", "o@example.com", "--json")[1])
    status, out, _ = command("doctor")
    assert status == 0
    assert f"{venue['name']}: no box has claimed this venue yet" in out
    status, out, _ = command("doctor", "--quick", "--json")
    told = json.loads(out)
    assert (status, told["verdict"]) == (0, "warn")
    assert {"subject": "webhooks", "verdict": "ok"}.items() <= told["findings"][-2].items()
    asyncio.run(_loses_an_archive(database))
    status, out, err = command("doctor", "--json")
    assert (status, json.loads(out)["verdict"]) == (1, "bad")
    assert "Something is wrong" in err
    assert command("replay-quarantine", "--json") == (0, '{"back":[],"left":[]}\n', "")


async def _loses_an_archive(database: str) -> None:
    sql = await asyncpg.connect(database)
    await sql.execute("INSERT INTO archives VALUES ('2020-01-01', 'gone', '', 7)")
    await sql.close()
