"""A release meets facts that it does not know and keeps them; the next one makes good what was missed."""

from typing import Any

import aiohttp
import asyncpg
import pytest

from cloud.app import Serving, serving
from cloud.ingest.doctor import examine
from cloud.ingest.replaying import replay
from protocol import bucket
from protocol.facts import fold
from tests.fake_box import FakeBox
from tests.integration.cloud.agreement import assert_agrees
from tests.integration.cloud.conftest import CONFIG


def _forget(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    """A release from before these events."""
    known = fold.decode_record

    def decode_record(record: bytes | str) -> fold.AnyFact:
        fact = known(record)
        if type(fact.event).__name__ in names:
            raise fold.UnknownEvent(type(fact.event).__name__)
        return fact

    for module in (fold, bucket):
        monkeypatch.setattr(module, "decode_record", decode_record)


async def _set_aside(
    box: FakeBox, http: aiohttp.ClientSession, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    box.day.serve(4)
    with monkeypatch.context() as earlier:
        _forget(earlier, "PassValidated", "TicketAdvanced")
        await box.persist(http, url)


async def test_a_later_release_makes_good_what_an_earlier_one_set_aside(
    cloud: Serving,
    box: FakeBox,
    http: aiohttp.ClientSession,
    sql: asyncpg.Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await _set_aside(box, http, cloud.url, monkeypatch)
    assert await sql.fetchval("SELECT count(*) FROM quarantine") > 4
    assert await sql.fetchval("SELECT count(*) FROM orders") == 4, "everything else flowed"
    replayed = await replay(cloud.pool)
    assert replayed.back
    assert not replayed.left
    assert await sql.fetchval("SELECT count(*) FROM facts WHERE set_aside") == 0
    await assert_agrees(sql, box)
    box.day.serve(2)
    await box.persist(http, cloud.url)
    await assert_agrees(sql, box)


async def test_it_happens_by_itself_when_a_process_starts(
    cloud: Serving,
    database: str,
    box: FakeBox,
    http: aiohttp.ClientSession,
    sql: asyncpg.Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await _set_aside(box, http, cloud.url, monkeypatch)
    async with serving(CONFIG, database):
        await assert_agrees(sql, box)


async def test_what_is_still_not_understood_stays_and_changes_nothing(
    cloud: Serving,
    box: FakeBox,
    http: aiohttp.ClientSession,
    sql: asyncpg.Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await _set_aside(box, http, cloud.url, monkeypatch)
    before = await sql.fetch("SELECT * FROM quarantine ORDER BY aggregate")
    _forget(monkeypatch, "PassValidated", "TicketAdvanced")
    replayed = await replay(cloud.pool)
    assert not replayed.back
    assert len(replayed.left) == len(before)
    assert await sql.fetch("SELECT * FROM quarantine ORDER BY aggregate") == before


def _bad(findings: list[Any]) -> list[str]:
    return [finding.words for finding in findings if finding.verdict == "bad"]


async def test_the_doctor_finds_a_whole_cloud_well(
    cloud: Serving, box: FakeBox, http: aiohttp.ClientSession
) -> None:
    box.day.serve(4)
    await box.persist(http, cloud.url)
    findings = await examine(cloud.pool)
    assert not _bad(findings)
    assert any("every one of" in finding.words for finding in findings)


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        ("UPDATE facts SET record = record || ' '::bytea WHERE seq = 30", "the hash chain breaks"),
        ("DELETE FROM facts WHERE seq BETWEEN 20 AND 30", "facts 20 to 30 are missing"),
        ("DELETE FROM facts WHERE seq > 20", "its cursor says"),
        ("UPDATE orders SET total_minor = 1", "is not what the facts say"),
        ("DELETE FROM order_lines", "is missing"),
    ],
)
async def test_the_doctor_names_what_is_wrong(
    cloud: Serving,
    box: FakeBox,
    http: aiohttp.ClientSession,
    sql: asyncpg.Connection,
    damage: str,
    words: str,
) -> None:
    box.day.serve(4)
    await box.persist(http, cloud.url)
    await sql.execute(damage)
    assert any(words in each for each in _bad(await examine(cloud.pool)))
