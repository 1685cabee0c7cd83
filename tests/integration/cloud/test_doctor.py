"""What `holdfast-cloud doctor` says of money, months, jobs, mails, webhooks, orphans: each damage by name."""

import aiohttp
import asyncpg

from cloud.app import Serving
from cloud.ingest.doctor import examine, verdict
from cloud.store.link.checking import CHECKS
from tests.fake_box import FakeBox

_ORGANISATION = "00000000-0000-7000-8000-000000000001"
_LEDGER = "INSERT INTO ledger (organisation_id, transaction, account, amount_minor, currency) VALUES"
_JOB = "INSERT INTO jobs (job_id, kind, body, state, changed_at, due_at, reason) VALUES (gen_random_uuid(),"
_MAIL = (
    "INSERT INTO mails (mail_id, organisation_id, key, recipient, subject, body, html, state, written_at)"
    f" SELECT gen_random_uuid(), '{_ORGANISATION}', key, 'a', 's', 'b', 'h', key, now() - ago"
)
_EVENT = "INSERT INTO stripe_event_log (event_id, type, made_at, outcome, body)"

#: What somebody's hand did to the database, the verdict on it, and words of it.
_DAMAGE = [
    (f"{_LEDGER} ('{_ORGANISATION}', 't', 'cash', 5, 'EUR')", "bad", "transaction t comes to 5 EUR"),
    (
        f"{_LEDGER} ('{_ORGANISATION}', 'u', 'grant:a', -5, 'EUR'), ('{_ORGANISATION}', 'u', 'b', 5, 'EUR')",
        "bad",
        "grant:a is at -5 EUR",
    ),
    ("UPDATE nodes SET durable_seq = durable_seq - 1", "bad", "1 facts stand past its cursor"),
    ("UPDATE nodes SET sealed_seq = 2", "bad", "2 facts are live and put away"),
    (
        "INSERT INTO archives VALUES ('2020-01-01', 'gone', '', 7)",
        "bad",
        "2020-01: the archive has 7 facts, its logs 0",
    ),
    ("UPDATE facts SET received_at = now() - interval '70 days'", "warn", "older than two months"),
    (
        f"{_JOB} 'export', '{{}}', 'queued', now(), now() - interval '1 hour', NULL)",
        "warn",
        "1 of kind export wait for 01:00",
    ),
    (
        f"{_JOB} 'render', '{{}}', 'running', now() - interval '2 hours', now(), NULL)",
        "warn",
        "1 of kind render run, and nobody was heard of them for 02:00",
    ),
    (
        f"{_JOB} 'summary', '{{}}', 'failed', now(), now(), 'no room')",
        "warn",
        "1 of kind summary failed within a week: no room",
    ),
    (f"{_MAIL} FROM (VALUES ('failed', interval '0')) AS v(key, ago)", "warn", "1 failed since"),
    (f"{_MAIL} FROM (VALUES ('waiting', interval '3 hours')) AS v(key, ago)", "warn", "1 wait since"),
    (
        f"{_EVENT} SELECT 'evt_' || n, 'charge', now(), 'under way', '{{}}' FROM generate_series(1, 9) AS n",
        "bad",
        "evt_1 of charge was taken and nothing was made of it",
    ),
    (
        "INSERT INTO card_payments (organisation_id, payment_id, purpose, subject, amount_minor, currency,"
        f" wanted, status, initiated_at) VALUES ('{_ORGANISATION}', 'p1', 'bill', 's', 5, 'EUR', 'x',"
        " 'UNKNOWN', now() - interval '5 hours')",
        "warn",
        "p1 of bill: nobody knows for 05:00",
    ),
    (
        "INSERT INTO orphan_orders SELECT venue_id, log_id, 'ORD-1-99', 'T1', 'confirmed', 5, 'EUR', 1"
        " FROM nodes",
        "warn",
        "1 orders and payments of a replaced box wait for a decision",
    ),
    ("UPDATE nodes SET trouble = 'Digests differed.'", "warn", "Digests differed."),
]


async def test_each_damage_is_named_and_nothing_is_said_of_a_cloud_that_is_well(
    cloud: Serving, box: FakeBox, http: aiohttp.ClientSession, sql: asyncpg.Connection
) -> None:
    box.day.serve(3)
    await box.persist(http, cloud.url)
    findings = await examine(cloud.pool)
    assert verdict(findings) == "ok", findings
    assert {check.subject for check in CHECKS} <= {finding.subject for finding in findings}
    quick = await examine(cloud.pool, thorough=False)
    assert verdict(quick) == "ok"
    assert len(quick) < len(findings)

    await sql.execute("SET session_replication_role = replica")  # a hand on the database that minds no guard
    for damage, _, _ in _DAMAGE:
        await sql.execute(damage)
    findings = await examine(cloud.pool)
    for damage, how, words in _DAMAGE:
        told = [finding.verdict for finding in findings if words in finding.words]
        assert told == [how], (damage, findings)
    assert verdict(findings) == "bad"
    webhooks = [each.words for each in findings if each.subject == "webhooks"]
    assert len(webhooks) == 6, "of many the first few are told"
    assert webhooks[-1].startswith("and more; ")
