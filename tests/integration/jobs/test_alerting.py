"""People are told once of what is wrong and once that it is over; not at night, nor of what flickers."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import asyncpg
import msgspec
import pytest
from aiohttp import web

from cloud.app import Serving
from cloud.jobs import alerting, summarising, webhooks
from cloud.jobs.blobs import Blobs
from cloud.jobs.registry import Nothing, Work
from cloud.jobs.webhooks import WEBHOOK, signature
from cloud.owners.venues.founding import NewVenue
from cloud.store import migrations
from cloud.store.jobs import alert_settings, alerts, outbox
from cloud.store.jobs.alert_settings import Recipient, Settings
from tests.fake_box import FakeBox
from tests.integration.cloud.conftest import OWNER, PASSWORD
from tests.integration.cloud.hours import make_it_noon
from tests.integration.jobs.conftest import CONFIG, QUICK, Workers, until

ADA, BEN = "ada@example.com", "ben@example.com"
EVERYTHING = sorted(alerts.KINDS)


class Desk:
    """The owner's organisation, and a look at everything as the schedule has it."""

    def __init__(self, pool: asyncpg.Pool, blobs: Blobs, venue: NewVenue, organisation_id: str) -> None:
        self.pool = pool
        self.venue_id = venue.venue_id
        self.organisation_id = organisation_id
        self._work = Work(
            config=msgspec.structs.replace(CONFIG, public_url="https://cloud.example.com"),
            pool=pool,
            blobs=blobs,
            job_id="",
            run=1,
            attempt=1,
            organisation_id=None,
            stopping=asyncio.Event(),
        )

    async def look(self) -> None:
        await alerting.look(self._work, Nothing())

    async def summarise(self) -> None:
        await summarising.summarise(self._work, Nothing())

    async def settle(self, **changes: Any) -> None:
        people = (Recipient(ADA, EVERYTHING, True), Recipient(BEN, ["printer"], False))
        settings = Settings(recipients=people, **changes)
        async with self.pool.acquire() as connection, connection.transaction():
            await alert_settings.keep(connection, self.organisation_id, settings)

    async def subjects(self) -> list[tuple[str, str]]:
        async with self.pool.acquire() as connection:
            found = await outbox.newest(connection, self.organisation_id, 50)
        return sorted((letter.recipient, letter.subject) for letter in found)

    async def silent_for(self, seconds: float) -> None:
        await self.pool.execute("UPDATE nodes SET heard_at = now() - make_interval(secs => $1)", seconds)

    async def later(self, seconds: float) -> None:
        """Time passes for what is known."""
        await self.pool.execute(
            "UPDATE alerts SET began_at = began_at - make_interval(secs => $1),"
            " clear_since = clear_since - make_interval(secs => $1)",
            seconds,
        )


@pytest.fixture
async def desk(pool: asyncpg.Pool, blobs: Blobs, venue: NewVenue, box: FakeBox) -> Desk:
    organisation_id = str(await pool.fetchval("SELECT organisation_id FROM organisations"))
    return Desk(pool, blobs, venue, organisation_id)


async def test_a_silent_venue_is_told_of_once_and_when_it_is_back(desk: Desk) -> None:
    await desk.settle()
    await desk.silent_for(599)
    await desk.look()
    assert await desk.subjects() == []
    await desk.silent_for(700)
    await desk.look()
    await desk.later(90)
    for _ in range(3):
        await desk.look()
    assert await desk.subjects() == [(ADA, alerts.KINDS["silent"])]
    await desk.silent_for(0)
    await desk.look()
    assert len(await desk.subjects()) == 1
    await desk.later(130)
    for _ in range(2):
        await desk.look()
    assert await desk.subjects() == [(ADA, "A venue is not heard of"), (ADA, "Over: a venue is not heard of")]
    async with desk.pool.acquire() as connection:
        (row,) = await alerts.listed(connection, desk.organisation_id, 10)
    assert row.told_at is not None
    assert row.over_at is not None
    assert "Zur Alten Mole" in row.words


async def test_a_line_that_comes_and_goes_is_one_alert(desk: Desk) -> None:
    await desk.settle()
    for _ in range(4):
        await desk.silent_for(700)
        await desk.look()
        await desk.later(90)
        await desk.look()
        await desk.silent_for(0)
        await desk.look()
    assert await desk.subjects() == [(ADA, alerts.KINDS["silent"])]


async def test_what_goes_at_once_is_forgotten(desk: Desk) -> None:
    await desk.settle()
    await desk.silent_for(700)
    await desk.look()
    await desk.silent_for(0)
    await desk.look()
    await desk.later(300)
    await desk.look()
    assert await desk.subjects() == []
    assert await desk.pool.fetchval("SELECT count(*) FROM alerts") == 0


async def test_nobody_is_woken_up(desk: Desk) -> None:
    """In quiet hours nothing is told; what still lasts afterwards is."""
    timezone = await desk.pool.fetchval("SELECT timezone FROM venues")
    local: datetime = await desk.pool.fetchval("SELECT now() AT TIME ZONE $1", timezone)
    begin, end = (local - timedelta(hours=1)).time(), (local + timedelta(hours=1)).time()
    await desk.settle(quiet_from=begin, quiet_until=end)
    await desk.silent_for(700)
    await desk.look()
    await desk.later(90)
    await desk.look()
    assert await desk.subjects() == []
    await desk.settle(quiet_from=end, quiet_until=begin)
    await desk.look()
    assert len(await desk.subjects()) == 1


async def test_everything_that_can_be_wrong_is_noticed(desk: Desk) -> None:
    await desk.settle()
    now_ms = int(datetime.now(UTC).timestamp() * 1000)
    await desk.pool.execute(
        "INSERT INTO printouts (venue_id, job, kind, state, printer, attempts, asked_ms, changed_ms, version)"
        " SELECT $1, 'j' || n, 'ticket', 'sending', 'Bar', 3, $2, $2, 1 FROM generate_series(1, 4) n",
        desk.venue_id,
        now_ms - 400_000,
    )
    await desk.pool.execute(
        "INSERT INTO quarantine (venue_id, aggregate, log_id, seq, reason)"
        " VALUES ($1, 'order:1', gen_random_uuid(), 1, 'x')",
        desk.venue_id,
    )
    await desk.pool.execute(
        "INSERT INTO orphans (venue_id, log_id, seq, aggregate, version, type, record, hash)"
        " VALUES ($1, gen_random_uuid(), 1, 'order:1', 1, 'x', '', '')",
        desk.venue_id,
    )
    await desk.pool.execute(
        "INSERT INTO jobs (job_id, organisation_id, kind, body, state, reason)"
        " SELECT gen_random_uuid(), $1, kind, '{}', 'failed', 'no'"
        " FROM (VALUES ('export'), ('mail')) t (kind)",
        desk.organisation_id,
    )
    await desk.pool.execute(
        """
        INSERT INTO release_trials (venue_id, version, state, reason, told_at) VALUES
            ($1, '0.3.0', 'rolled_back', 'it died and had to be started anew', now()),
            ($1, '0.2.9', 'rolled_back', 'long ago', now() - interval '25 hours'),
            ($1, '0.2.8', 'installed', '', now())
        """,
        desk.venue_id,
    )
    await desk.look()
    await desk.later(90)
    await desk.look()
    told = [(ADA, alerts.KINDS[kind]) for kind in ("jobs", "orphans", "printer", "quarantine", "releases")]
    assert await desk.subjects() == sorted([*told, (BEN, alerts.KINDS["printer"])])
    words = await desk.pool.fetchval("SELECT words FROM alerts WHERE kind = 'printer'")
    assert words == "Zur Alten Mole: 4 slips wait for Bar."
    taken_back = "SELECT words FROM alerts WHERE kind = 'releases' AND over_at IS NULL"
    words = (
        "Zur Alten Mole: the box took release 0.3.0 back and serves with the former one:"
        " it died and had to be started anew."
    )
    assert await desk.pool.fetchval(taken_back) == words
    await desk.pool.execute(
        "INSERT INTO release_rings (version, ring, halted_at) VALUES ('0.3.0', 'first', now())"
    )
    await desk.look()
    assert await desk.pool.fetchval(taken_back) == f"{words} It is offered to nobody for now."


async def test_whoever_wanted_everything_there_was_gets_what_came_later(desk: Desk) -> None:
    first = ["jobs", "orphans", "printer", "quarantine", "silent"]
    people = (Recipient(ADA, first, True), Recipient(BEN, [*first[1:], "cards"], False))
    script = Path(migrations.__file__).with_name("versions") / "v0044_newer_alerts.sql"
    async with desk.pool.acquire() as connection, connection.transaction():
        await alert_settings.keep(connection, desk.organisation_id, Settings(recipients=people))
        await connection.execute(script.read_text())
        ada, ben = (await alert_settings.of(connection, desk.organisation_id)).recipients
    assert ada.kinds == sorted([*first, "cards", "health", "releases"])
    assert ben == people[1]


async def test_a_box_that_is_unwell_is_told_of_and_a_reading_that_is_old_says_nothing(desk: Desk) -> None:
    await desk.settle()
    await desk.pool.execute(
        """
        INSERT INTO telemetry
            (venue_id, thing, epoch, seq, kind, name, state, figures, words, read_at, since_at)
        SELECT $1, thing, 1, 1, kind, 'PS5-1', state, '{}', words, now() - ago, now() FROM (VALUES
            ('box', 'box', 'shaky', 'Its disk is filling up.', interval '0'),
            ('plug:1', 'plug', 'lost', '', interval '0'),
            ('plug:2', 'plug', 'lost', '', interval '6 minutes'),
            ('agent:1', 'agent', 'lost', 'Somebody plays on it.', interval '0')
        ) AS t (thing, kind, state, words, ago)
        """,
        desk.venue_id,
    )
    await desk.look()
    await desk.later(300)
    await desk.look()
    assert await desk.subjects() == [], "it may pass"
    await desk.later(310)
    await desk.look()
    assert await desk.subjects() == [(ADA, alerts.KINDS["health"])] * 2
    words = await desk.pool.fetch("SELECT words FROM alerts ORDER BY words")
    assert [row["words"] for row in words] == [
        "Zur Alten Mole: Its disk is filling up.",
        "Zur Alten Mole: PS5-1 (plug) does not answer.",
    ]


async def test_two_workers_that_look_at_once_tell_once(desk: Desk) -> None:
    await desk.settle()
    await desk.silent_for(700)
    await desk.look()
    await desk.later(90)
    async with asyncio.TaskGroup() as group:
        for _ in range(3):
            group.create_task(desk.look())
    assert len(await desk.subjects()) == 1


class Listener:
    """An owner's own program."""

    def __init__(self) -> None:
        self.calls: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[int] = []
        self.url = ""

    async def heard(self, request: web.Request) -> web.Response:
        self.calls.append((dict(request.headers), await request.read()))
        status = self.answers.pop(0) if self.answers else 204
        return web.Response(status=status, headers={"Location": self.url} if status == 302 else {})


@pytest.fixture
async def listener() -> AsyncIterator[Listener]:
    found = Listener()
    application = web.Application()
    application.router.add_post("/hook", found.heard)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    found.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook?a=1"
    yield found
    await runner.cleanup()


async def test_a_webhook_is_signed_and_tried_until_it_is_taken(
    desk: Desk, listener: Listener, workers: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(WEBHOOK.__class__, "delay_s", lambda _kind, _attempt: 0.05)
    listener.answers = [500, 302]
    await desk.settle(webhook_url=listener.url, webhook_key="secret")
    await desk.silent_for(700)
    await desk.look()
    await desk.later(90)
    await desk.look()
    async with workers(WEBHOOK, config=msgspec.structs.replace(QUICK, private_webhooks=True)):
        await until(lambda: _calls(listener, 3))
    for headers, body in listener.calls:
        expected = signature("secret", int(headers["Holdfast-Timestamp"]), listener.url, body)
        assert headers["Holdfast-Signature"] == expected
    assert len({headers["Idempotency-Key"] for headers, _ in listener.calls}) == 1
    told = msgspec.json.decode(listener.calls[0][1])
    assert (told["kind"], told["state"], told["venue_id"]) == ("silent", "began", desk.venue_id)


async def test_a_webhook_within_our_own_network_is_never_called(
    desk: Desk, listener: Listener, workers: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither by its number nor by a name that leads there."""
    monkeypatch.setattr(WEBHOOK.__class__, "delay_s", lambda _kind, _attempt: 0.05)
    for url in (listener.url, listener.url.replace("127.0.0.1", "localhost")):
        await desk.settle(webhook_url=url, webhook_key="secret")
        async with desk.pool.acquire() as connection, connection.transaction():
            await WEBHOOK.ask(connection, webhooks.Call("k", "{}"), desk.organisation_id)
    async with workers(WEBHOOK):
        await until(lambda: _refused(desk.pool))
    assert listener.calls == []


async def _calls(listener: Listener, many: int) -> bool:
    return len(listener.calls) >= many


async def _refused(pool: asyncpg.Pool) -> bool:
    return bool(await pool.fetchval("SELECT count(*) = 2 FROM jobs WHERE reason IS NOT NULL"))


async def test_each_business_day_is_told_of_once(desk: Desk, sql: asyncpg.Connection) -> None:
    """Whoever looks how often; and a cloud that was away catches up with the days it missed."""
    await make_it_noon(sql)
    await desk.settle(summary_at=time(0))
    await desk.summarise()
    assert await desk.subjects() == []  # the venue was not there yesterday
    await desk.pool.execute("UPDATE venues SET created_at = now() - interval '30 days'")
    yesterday_ms = int((datetime.now(UTC) - timedelta(days=1)).timestamp() * 1000)
    await desk.pool.execute(
        "INSERT INTO orders (venue_id, order_id, number, session_pid, table_name, member, cart_hash,"
        " total_minor, currency, special_instructions, status, attempts, placed_ms, version)"
        " SELECT $1, 'O' || n, n, 's', 'T', 'm', 'h', 1250, 'EUR', '', 'confirmed', 1, $2, 1"
        " FROM generate_series(1, 2) n",
        desk.venue_id,
        yesterday_ms,
    )
    async with asyncio.TaskGroup() as group:
        group.create_task(desk.summarise())
        group.create_task(desk.summarise())
    ((recipient, subject),) = await desk.subjects()
    assert recipient == ADA
    assert subject.startswith("Zur Alten Mole: 25.00 EUR on ")
    body = await desk.pool.fetchval("SELECT body FROM mails")
    assert "Per order  12.50 EUR" in body
    await desk.pool.execute("UPDATE summaries SET day = day - 3")
    await desk.summarise()
    await desk.summarise()
    assert len(await desk.subjects()) == 1 + 2  # yesterday has its mail already
    assert await desk.pool.fetchval("SELECT count(*) FROM summaries") == 4


async def test_owners_say_who_is_told(cloud: Serving, desk: Desk, http: aiohttp.ClientSession) -> None:
    async with http.post(f"{cloud.url}/api/login", json={"email": OWNER, "password": PASSWORD}) as answer:
        http.headers["X-CSRF-Token"] = (await answer.json())["csrf"]
    address = f"{cloud.url}/api/alerts/settings"
    async with http.get(address) as answer:
        settings = await answer.json()
    assert (settings["silent_after_s"], settings["summary_at"], settings["recipients"]) == (600, "06:00", [])
    assert settings.pop("webhook_key") is None
    wanted = settings | {
        "quiet_from": "23:00",
        "quiet_until": "07:30",
        "webhook_url": "https://example.com/hook",
        "recipients": [{"email": " Ada@Example.com ", "kinds": ["silent", "silent"], "summaries": True}],
    }
    async with http.put(address, json=wanted) as answer:
        assert answer.status == 200
    async with http.get(address) as answer:
        settings = await answer.json()
    assert settings["recipients"] == [{"email": ADA, "kinds": ["silent"], "summaries": True}]
    assert (settings["quiet_from"], settings["quiet_until"]) == ("23:00", "07:30")
    assert len(settings["webhook_key"]) > 30
    bad: list[dict[str, Any]] = [
        {"silent_after_s": 1},
        {"quiet_until": None},
        {"summary_at": "25:00"},
        {"summary_at": "soon"},
        {"webhook_url": "http://10.0.0.1/"},
        {"webhook_url": "http://[::1]/"},
        {"webhook_url": "ftp://example.com"},
        {"webhook_url": "https://me@example.com"},
        {"recipients": [{"email": "nobody", "kinds": [], "summaries": True}]},
        {"recipients": [{"email": "a@b.c\r\nBcc: d@e.f", "kinds": [], "summaries": True}]},
        {"recipients": [{"email": "a@b.c, d@e.f", "kinds": [], "summaries": True}]},
        {"recipients": [{"email": ADA, "kinds": ["everything"], "summaries": True}]},
    ]
    for change in bad:
        async with http.put(address, json=wanted | change) as answer:
            assert (answer.status, (await answer.json())["error"]["code"]) == (400, "invalid"), change
    async with http.post(f"{cloud.url}/api/alerts/test") as answer:
        assert answer.status == 200
    async with http.get(f"{cloud.url}/api/alerts") as answer:
        found = await answer.json()
    assert (found["mail"], found["waiting"], found["alerts"]) == (False, 1, [])
