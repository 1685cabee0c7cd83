"""People who are bound to some venues: every route, everything that is listed, and Postgres by itself.

Rule of the file: as in `test_gate.py` routes are not named; what a bound person may not stands in their rows.
"""

from typing import Any

import aiohttp
import asyncpg
import pytest

from cloud.app import Serving
from cloud.ingest.pairing import user_code_digest
from cloud.jobs import letters
from cloud.jobs.letters import Letter
from cloud.owners.people.roles import ROLES
from cloud.store.tenancy import acting_for
from protocol.http import Route
from tests.integration.cloud.organisation import (
    Key,
    Organisation,
    address_of,
    annex,
    bind,
    call,
    enter,
    found,
)
from tests.integration.cloud.test_gate import BODIES, _name, _of_owners

BOUND = [role for role in ROLES if role != "owner"]
#: Things in a path that are of one venue.
OF_A_VENUE = {"venue_id", "order_id", "export_id"}


@pytest.fixture
async def harbour(cloud: Serving) -> Organisation:
    return await found(cloud, "harbour")


@pytest.fixture
async def second(cloud: Serving, harbour: Organisation) -> Organisation:
    """The same organisation's other venue, which nobody here is bound to."""
    return await annex(cloud, harbour, "harbour")


def _about(route: Route) -> bool:
    return any(f"{{{name}}}" in route.path for name in OF_A_VENUE)


@pytest.mark.parametrize("role", BOUND)
async def test_each_bound_role_may_what_the_routes_say_at_its_venue(
    cloud: Serving, harbour: Organisation, http: aiohttp.ClientSession, role: str
) -> None:
    await cloud.pool.execute("UPDATE exports SET venues = $1", [harbour.ids["venue_id"]])
    for bound_to in ("venue_id", "brand_id"):
        await bind(cloud, harbour, role, harbour.ids[bound_to])
        for route in _of_owners(cloud):
            key = await enter(cloud, harbour, role)
            status, code = await call(http, cloud.url + address_of(route, harbour), route, key)
            if role not in route.roles:
                assert (status, code) == (403, "forbidden"), _name(route)
            elif route.whole:
                assert (status, code) == (403, "beyond_reach"), _name(route)
            else:
                assert status < 500, (_name(route), status, code)
                assert status not in (401, 403) or code in ("wrong_password", "wrong_code"), (
                    _name(route),
                    code,
                )


@pytest.mark.parametrize("role", BOUND)
async def test_a_bound_role_finds_nothing_of_the_other_venue(
    cloud: Serving, harbour: Organisation, second: Organisation, http: aiohttp.ClientSession, role: str
) -> None:
    await bind(cloud, harbour, role, harbour.ids["venue_id"])
    about = [route for route in _of_owners(cloud) if _about(route) and role in route.roles]
    assert about
    for route in about:
        key = await enter(cloud, harbour, role)
        url = cloud.url + address_of(route, second)
        status, code = await call(http, url, route, key, BODIES.get(_name(route)))
        if route.whole:
            assert (status, code) == (403, "beyond_reach"), _name(route)
        else:
            assert (status, code.partition("_")[0]) == (404, "unknown"), (_name(route), code)


async def test_nobody_who_is_bound_finds_another_organisation(
    cloud: Serving, harbour: Organisation, http: aiohttp.ClientSession
) -> None:
    """Also where the bounds name a venue of it, as a row that was written by hand might."""
    pier = await found(cloud, "pier")
    await bind(cloud, harbour, "manager", pier.ids["venue_id"])
    for route in _of_owners(cloud):
        if _about(route) and "manager" in route.roles and not route.whole:
            for target in (harbour, pier):
                key = await enter(cloud, harbour, "manager")
                url = cloud.url + address_of(route, target)
                status, _ = await call(http, url, route, key, BODIES.get(_name(route)))
                assert status == 404, _name(route)


class Reader:
    """Somebody who asks for lists."""

    def __init__(self, http: aiohttp.ClientSession, url: str, key: Key) -> None:
        self._http, self._url, self._key = http, url, key

    async def __call__(self, path: str, method: str = "GET", body: object = None) -> tuple[int, Any]:
        headers = {**self._key.headers, "X-CSRF-Token": self._key.csrf}
        async with self._http.request(method, self._url + path, json=body, headers=headers) as response:
            return response.status, await response.json()


@pytest.fixture
async def bound(
    cloud: Serving, harbour: Organisation, second: Organisation, http: aiohttp.ClientSession
) -> Reader:
    """A manager of the first venue."""
    await bind(cloud, harbour, "manager", harbour.ids["venue_id"])
    return Reader(http, cloud.url, await enter(cloud, harbour, "manager"))


async def _sold(sql: asyncpg.Connection, venue_id: str, total_minor: int) -> None:
    """An order of now; what reports and exports count."""
    await sql.execute(
        """
        INSERT INTO orders (venue_id, order_id, number, session_pid, table_name, member, cart_hash,
            total_minor, currency, special_instructions, status, attempts, placed_ms, version)
        VALUES ($1, 'ORD-1-1', 1, 's', 'T1', 'm', 'h', $2, 'EUR', '', 'confirmed', 1,
            (extract(epoch FROM now()) * 1000)::bigint, 1)
        """,
        venue_id,
        total_minor,
    )


async def test_lists_and_reports_hold_their_own_venue_alone(
    bound: Reader, harbour: Organisation, second: Organisation, sql: asyncpg.Connection
) -> None:
    own, other = harbour.ids["venue_id"], second.ids["venue_id"]
    for venue_id, total_minor in ((own, 700), (other, 9_000)):
        await _sold(sql, venue_id, total_minor)
        await sql.execute(
            "INSERT INTO alerts (organisation_id, alert_id, kind, venue, subject, words)"
            " VALUES ($1, gen_random_uuid(), 'silent', $2, $3, 'quiet')",
            harbour.organisation_id,
            venue_id,
            venue_id,
        )
        await sql.execute(
            """
            INSERT INTO card_payments (organisation_id, payment_id, venue_id, purpose, subject, amount_minor,
                currency, wanted, status) VALUES ($1, $2, $3, 'venue', 's', 100, 'EUR', '{}', 'INITIATED')
            """,
            harbour.organisation_id,
            f"payment-{venue_id}",
            venue_id,
        )
    _, me = await bound("/api/me")
    assert me["reach"] == [own]
    _, venues = await bound("/api/venues")
    assert [(row["venue_id"], row["revenue_today_minor"]) for row in venues["venues"]] == [(own, 700)]
    span = "first=today&last=today"
    _, report = await bound(f"/api/report?{span}")
    assert [row["total_minor"] for row in report["by_day"]] == [700]
    assert (await bound(f"/api/report?{span}&venue={other}"))[0] == 404
    for path, rows in (("/api/devices", "boxes"), ("/api/alerts", "alerts"), ("/admin/orders", "orders")):
        _, answer = await bound(path)
        assert [row["venue_id"] for row in answer[rows]] == [own], path
    _, payments = await bound("/api/money/payments")
    assert [row["payment_id"] for row in payments["payments"]] == [f"payment-{own}"]
    _, money = await bound("/api/money")
    assert (money["balances"], money["payouts"]) == ([], [])
    _, brands = await bound("/api/brands")
    assert [row["venues"] for row in brands["brands"]] == [1]


async def test_exports_are_of_their_own_venue(
    bound: Reader, harbour: Organisation, second: Organisation
) -> None:
    asked = {"what": "orders", "format": "csv", "first": "2026-03-01", "last": "2026-03-02"}
    _, made = await bound("/api/exports", "POST", asked)
    assert made["venue_ids"] == [harbour.ids["venue_id"]]
    _, listed = await bound("/api/exports")
    assert [row["export_id"] for row in listed["exports"]] == [made["export_id"]]
    other = {**asked, "venue_ids": [second.ids["venue_id"]]}
    assert (await bound("/api/exports", "POST", other))[0] == 404


async def test_the_live_socket_tells_of_their_own_venue_and_stops_when_that_changes(
    cloud: Serving, harbour: Organisation, second: Organisation, http: aiohttp.ClientSession
) -> None:
    own, other = harbour.ids["venue_id"], second.ids["venue_id"]
    await bind(cloud, harbour, "support", own)
    key = await enter(cloud, harbour, "support")
    async with http.ws_connect(f"{cloud.url}/ws/owner", headers=key.headers) as socket:
        told = [await socket.receive_json(timeout=60) for _ in range(3)]
        assert {row["venue_id"] for row in told} == {own}
        await bind(cloud, harbour, "support", other)
        while (await socket.receive_json(timeout=60))["venue_id"] == own:
            pass
        after = [await socket.receive_json(timeout=60) for _ in range(3)]
        assert {row["venue_id"] for row in after} == {other}


async def test_a_box_is_paired_to_their_own_venue_only(
    bound: Reader, harbour: Organisation, second: Organisation, sql: asyncpg.Connection
) -> None:
    await sql.execute(
        """
        INSERT INTO pairings (user_code_digest, device_code_digest, public_key, node_id, tail_seq, release,
            house, address, expires_at, interval_s)
        VALUES ($1, 'd', $2, gen_random_uuid(), 0, '', '', '', now() + interval '1 hour', 5)
        """,
        user_code_digest("BCDF-2345"),
        bytes(32),
    )
    wish = {"code": "BCDF-2345", "epoch": 0}
    status, answer = await bound("/api/pairing", "POST", {**wish, "venue_id": second.ids["venue_id"]})
    assert (status, answer["error"]["code"]) == (404, "unknown_venue")
    status, answer = await bound("/api/pairing", "POST", {**wish, "venue_id": harbour.ids["venue_id"]})
    assert (status, answer.get("venue_id")) == (200, harbour.ids["venue_id"]), answer


TABLES = "SELECT c.relname FROM pg_class c WHERE has_table_privilege('holdfast_owners', c.oid, 'SELECT')"


async def test_postgres_itself_shows_what_the_reach_leaves(
    cloud: Serving, harbour: Organisation, second: Organisation, sql: asyncpg.Connection
) -> None:
    own, other = harbour.ids["venue_id"], second.ids["venue_id"]
    for venue_id in (own, other):
        await sql.execute("INSERT INTO stock VALUES ($1, 1, 1, false, 1)", venue_id)
        await sql.execute(
            "INSERT INTO audit (organisation_id, venue_id, actor, action, origin)"
            " VALUES ($1, $2, '', '', '')",
            harbour.organisation_id,
            venue_id,
        )
    await sql.execute(
        "INSERT INTO wallets (organisation_id, wallet_id, name, currency) VALUES ($1, 'w', 'w', 'EUR')",
        harbour.organisation_id,
    )
    shown = {}
    for reach in (frozenset({own}), frozenset({harbour.ids["brand_id"]}), None):
        async with acting_for(cloud.pool, harbour.organisation_id, reach) as connection:
            shown[reach] = [
                await connection.fetchval(f"SELECT count(*) FROM {table}")
                for table in ("venues", "stock", "shop_orders", "brands", "brand_menus", "wallets")
            ]
    assert shown[frozenset({own})] == [1, 1, 1, 1, 0, 0]
    assert shown[frozenset({harbour.ids["brand_id"]})] == [2, 2, 2, 1, 0, 0]
    assert shown[None] == [2, 2, 2, 1, 0, 1]
    async with acting_for(cloud.pool, harbour.organisation_id, frozenset({own})) as connection:
        assert {str(row[0]) for row in await connection.fetch("SELECT venue_id FROM audit")} == {own}
        assert await connection.fetchval("SELECT count(email) FROM users") == 0
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(
                "INSERT INTO down_heads (venue_id, stream, seq) VALUES ($1, 'x', 1)", other
            )


async def test_of_jobs_and_mails_they_see_what_was_caused_within_their_reach(
    cloud: Serving, harbour: Organisation, second: Organisation, sql: asyncpg.Connection
) -> None:
    own, other, brand = harbour.ids["venue_id"], second.ids["venue_id"], harbour.ids["brand_id"]
    await sql.execute("TRUNCATE jobs, mails")
    causes = {"own": {own}, "other": {other}, "brand": {brand}, "both": {own, other}, "all": None}
    for cause, reach in causes.items():
        bounds = None if reach is None else frozenset(reach)
        async with acting_for(cloud.pool, harbour.organisation_id, bounds) as connection:
            letter = Letter(subject=cause, paragraphs=("Something was sold.",))
            assert await letters.post(connection, harbour.organisation_id, cause, "a@b.example", letter)
    seen = {}
    for reader in ("own", "brand", "all"):
        reach = causes[reader]
        bounds = None if reach is None else frozenset(reach)
        async with acting_for(cloud.pool, harbour.organisation_id, bounds) as connection:
            mails = await connection.fetch("SELECT subject, mail_id::text FROM mails")
            jobs = {row["key"] for row in await connection.fetch("SELECT key FROM jobs")}
        # The job that sends a mail is seen by whoever sees the mail.
        assert jobs == {row["mail_id"] for row in mails}, reader
        seen[reader] = {row["subject"] for row in mails}
    assert seen == {"own": {"own"}, "brand": {*causes} - {"all"}, "all": {*causes}}


async def test_nobody_causes_more_than_they_reach(cloud: Serving, harbour: Organisation) -> None:
    """Also where a statement says so: a row beyond their reach is not taken."""
    async with acting_for(
        cloud.pool, harbour.organisation_id, frozenset({harbour.ids["venue_id"]})
    ) as connection:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(
                "INSERT INTO jobs (job_id, organisation_id, kind, body, reach)"
                " VALUES (gen_random_uuid(), $1, 'export', '{}', NULL)",
                harbour.organisation_id,
            )


async def test_no_reach_shows_more_than_none(
    cloud: Serving, harbour: Organisation, second: Organisation, sql: asyncpg.Connection
) -> None:
    """Whatever tables there are, and will be: somebody who is bound sees part of what others see."""
    tables = [
        row["relname"] for row in await sql.fetch(f"{TABLES} AND c.relnamespace = 'public'::regnamespace")
    ]
    assert len(tables) > 50
    nowhere = frozenset({"018f0000-0000-7000-8000-000000000001"})
    for table in sorted({*tables} - {"organisations"}):
        async with acting_for(cloud.pool, harbour.organisation_id, nowhere) as connection:
            rows = await connection.fetch(f'SELECT * FROM "{table}"')
        assert rows == [], table
