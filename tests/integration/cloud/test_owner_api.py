"""Owners: logging in and out, and seeing their own venues and nobody else's."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
import asyncpg
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from cloud.app import Serving
from cloud.owners.pages import Pages
from cloud.owners.samples import sample
from cloud.owners.venues import founding, venue_file
from cloud.owners.venues.founding import NewVenue
from cloud.web.answers import answers
from protocol.facts import table
from protocol.facts.fold import SHAPES
from protocol.link_machine import Acknowledged
from tests.fake_box import FakeBox
from tests.integration.cloud.conftest import OWNER, PASSWORD
from tests.integration.cloud.hours import hold_windows, make_it_noon
from tests.venue_day import VenueDay


async def _login(http: aiohttp.ClientSession, url: str, email: str = OWNER, password: str = PASSWORD) -> str:
    async with http.post(f"{url}/api/login", json={"email": email, "password": password}) as response:
        answer = await response.json()
        assert response.status == 200, answer
    return str(answer["csrf"])


async def _get(http: aiohttp.ClientSession, url: str) -> tuple[int, Any]:
    async with http.get(url) as response:
        return response.status, await response.json()


def _now_ms() -> int:
    return int(datetime.now(UTC).timestamp() * 1000)


async def test_login_me_logout(cloud: Serving, venue: NewVenue, http: aiohttp.ClientSession) -> None:
    assert (await _get(http, f"{cloud.url}/api/me"))[0] == 401
    csrf = await _login(http, cloud.url, email=f" {OWNER.upper()} ")
    status, me = await _get(http, f"{cloud.url}/api/me")
    assert (status, me) == (200, {"email": OWNER, "role": "owner", "csrf": csrf, "reach": None})
    async with http.post(f"{cloud.url}/api/logout") as response:
        assert (response.status, (await response.json())["error"]["code"]) == (403, "csrf_failed")
    async with http.post(f"{cloud.url}/api/logout", headers={"X-CSRF-Token": csrf}) as response:
        assert response.status == 200
    assert (await _get(http, f"{cloud.url}/api/me"))[0] == 401


async def test_the_cookie_is_for_this_page_alone(
    cloud: Serving, venue: NewVenue, http: aiohttp.ClientSession, sql: asyncpg.Connection
) -> None:
    async with http.post(f"{cloud.url}/api/login", json={"email": OWNER, "password": PASSWORD}) as response:
        cookie = response.cookies["holdfast"]
        assert "default-src 'self'" in response.headers["Content-Security-Policy"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert cookie.value not in await sql.fetchval("SELECT string_agg(s::text, '') FROM login_sessions s")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"email": OWNER, "password": "wrong"}, 401, "wrong_login"),
        ({"email": "nobody@example.com", "password": PASSWORD}, 401, "wrong_login"),
        ({"email": "\0", "password": "\0"}, 400, "invalid"),
        ({"email": OWNER}, 400, "invalid"),
        ({"email": OWNER, "password": 7}, 400, "invalid"),
        ([], 400, "invalid"),
    ],
)
async def test_wrong_logins(
    cloud: Serving, venue: NewVenue, http: aiohttp.ClientSession, body: object, status: int, code: str
) -> None:
    async with http.post(f"{cloud.url}/api/login", json=body) as response:
        assert (response.status, (await response.json())["error"]["code"]) == (status, code)
    assert "holdfast" not in response.cookies


async def test_bodies_that_are_no_bodies(cloud: Serving, http: aiohttp.ClientSession) -> None:
    async def refused(data: bytes, kind: str) -> tuple[int, str]:
        async with http.post(f"{cloud.url}/api/login", data=data, headers={"Content-Type": kind}) as response:
            return response.status, (await response.json())["error"]["code"]

    assert await refused(b"{", "application/json") == (400, "malformed")
    assert await refused(b"\xff", "application/json") == (400, "malformed")
    assert await refused(b"[" * 1000, "application/json") == (400, "invalid")
    assert await refused(b" " * 70_000, "application/json") == (413, "too_large")
    assert await refused(b"{}", "text/plain") == (415, "unsupported_type")
    assert (await _get(http, f"{cloud.url}/api/nothing"))[1]["error"]["code"] == "not_found"
    async with http.put(f"{cloud.url}/api/login") as response:
        assert (response.status, (await response.json())["error"]["code"]) == (405, "method_not_allowed")


@pytest.mark.parametrize(
    "headers",
    [
        b"Cookie: holdfast=\xff\xfe",
        b"Cookie: holdfast=" + b"x" * 5000,
        b"Cookie: holdfast",
        b"X-CSRF-Token: \xff\xfe",
    ],
)
async def test_headers_of_any_bytes(cloud: Serving, headers: bytes) -> None:
    for request in (b"GET /api/me", b"POST /api/logout"):
        reader, writer = await asyncio.open_connection(cloud.host, cloud.port)
        writer.write(request + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + headers + b"\r\n\r\n")
        answer = await reader.read()
        writer.close()
        assert answer.split()[1] in (b"400", b"401"), answer


async def test_guessing_a_password_is_limited(
    cloud: Serving, venue: NewVenue, http: aiohttp.ClientSession, sql: asyncpg.Connection
) -> None:
    await hold_windows(sql)
    body = {"email": OWNER, "password": "guess"}
    statuses = []
    for _ in range(11):
        async with http.post(f"{cloud.url}/api/login", json=body) as response:
            statuses.append(response.status)
    assert statuses == [401] * 10 + [429]
    assert int(response.headers["Retry-After"]) > 0


async def _venue_row(http: aiohttp.ClientSession, url: str) -> dict[str, Any]:
    status, answer = await _get(http, f"{url}/api/venues")
    assert status == 200
    return dict(answer["venues"][0])


async def test_a_venue_before_during_and_after_its_link(
    cloud: Serving, venue: NewVenue, box: FakeBox, http: aiohttp.ClientSession, sql: asyncpg.Connection
) -> None:
    await _login(http, cloud.url)
    row = await _venue_row(http, cloud.url)
    assert (row["venue_id"], row["name"], row["currency"]) == (venue.venue_id, venue.name, "EUR")
    assert (row["link"], row["unsynced"], row["last_sync_age_s"]) == ("down", None, None)

    await make_it_noon(sql)
    box.day = VenueDay(box.log_id, venue.restaurant_id, wall_ms=_now_ms())
    box.day.serve(4)
    box.day.happen("table:open", table.TableOpened("open", "C", "T1"))
    box.day.play("ps5-1", ends=False)
    box.day.play("ps5-2", ends=True)
    async with box.online(http, cloud.url) as wire:
        await wire.push(10)
        await wire.next(Acknowledged)
        row = await _venue_row(http, cloud.url)
        assert row["link"] == "catching_up"
        assert row["unsynced"] == box.day.tail_seq - box.acked_seq > 0
        await wire.catch_up()
        row = await _venue_row(http, cloud.url)
        assert (row["link"], row["unsynced"]) == ("live", 0)
        assert 0 <= row["last_sync_age_s"] < 60
        assert (row["orders_today"], row["open_tables"], row["stations_in_use"]) == (4, 1, 1)
        revenue = sum(int(str(order[6])) for order in box.day.tables["orders"].values())
        assert row["revenue_today_minor"] == revenue
    while (row := await _venue_row(http, cloud.url))["link"] != "down":
        pass  # the cloud is about to notice
    assert row["unsynced"] is None, "nobody knows what a box that is away has sold meanwhile"
    await sql.execute("UPDATE nodes SET synced_at = now() - interval '1 hour', tail_seq = durable_seq + 7")
    row = await _venue_row(http, cloud.url)
    assert row["unsynced"] == 7
    assert 3600 <= row["last_sync_age_s"] < 3700


async def test_a_box_that_falls_silent_is_down_whatever_its_socket_says(
    cloud: Serving, box: FakeBox, http: aiohttp.ClientSession, sql: asyncpg.Connection
) -> None:
    await _login(http, cloud.url)
    await sql.execute("UPDATE nodes SET connection = $1, heard_at = now() - interval '20 s'", str(uuid4()))
    assert (await _venue_row(http, cloud.url))["link"] == "down"


async def test_orders_of_a_day(
    cloud: Serving, venue: NewVenue, box: FakeBox, http: aiohttp.ClientSession, sql: asyncpg.Connection
) -> None:
    await make_it_noon(sql)
    await _login(http, cloud.url)
    then = datetime.now(UTC) - timedelta(days=3)
    box.day = VenueDay(box.log_id, venue.restaurant_id, wall_ms=int(then.timestamp() * 1000))
    box.day.serve(2)
    box.day.wall_ms = _now_ms()
    box.day.serve(3)
    async with box.online(http, cloud.url) as wire:
        await wire.catch_up()

    async def orders(day: str) -> tuple[int, Any]:
        return await _get(http, f"{cloud.url}/api/venues/{venue.venue_id}/orders?day={day}")

    status, answer = await orders("today")
    assert (status, len(answer["orders"])) == (200, 3)
    _, earlier = await orders(str((then + timedelta(hours=12 - then.hour)).date()))
    assert [len(earlier["orders"]), len((await orders("2020-01-01"))[1]["orders"])] == [2, 0]
    order = answer["orders"][-1]
    row = dict(
        zip(SHAPES["orders"].column_names, box.day.tables["orders"][(order["order_id"],)], strict=True)
    )
    assert (order["table"], order["status"]) == (row["table_name"], "confirmed")
    assert (order["total_minor"], order["currency"]) == (row["total_minor"], "EUR")
    assert sum(line["qty"] * line["price_minor"] for line in order["lines"]) == order["total_minor"]
    assert {ticket["state"] for ticket in order["tickets"]} == {"served"}
    assert datetime.fromisoformat(order["placed_at"]).timestamp() * 1000 == pytest.approx(
        row["placed_ms"], abs=1
    )
    for day in ("yesterday", "2026-13-01", ""):
        status, answer = await orders(day)
        assert (status, answer["error"]["code"]) == (400, "invalid")


async def test_an_owner_sees_nothing_of_others(
    cloud: Serving, venue: NewVenue, http: aiohttp.ClientSession
) -> None:
    await founding.create_owner(cloud.pool, "other@example.com", PASSWORD)
    other = await founding.create_venue(
        cloud.pool, "other@example.com", "Elsewhere", venue_file.load(sample("venue.json"))
    )
    assert (await _get(http, f"{cloud.url}/api/venues"))[0] == 401
    await _login(http, cloud.url, "other@example.com")
    _, answer = await _get(http, f"{cloud.url}/api/venues")
    assert [row["venue_id"] for row in answer["venues"]] == [other.venue_id]
    for venue_id in (venue.venue_id, str(uuid4()), "x"):
        status, answer = await _get(http, f"{cloud.url}/api/venues/{venue_id}/orders")
        assert (status, answer["error"]["code"]) == (404, "unknown_venue")


async def test_the_page_is_served_when_it_is_built(tmp_path: Path, http: aiohttp.ClientSession) -> None:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<title>Venues</title>")
    (tmp_path / "assets/owner-1a2b.js").write_text("1")
    pages = Pages(tmp_path)
    application = web.Application(middlewares=[answers()])
    for route, handler in pages.routes():
        application.router.add_route(route.method, route.path, handler)
    async with TestServer(application) as server:
        async with http.get(server.make_url("/")) as response:
            assert await response.text() == "<title>Venues</title>"
            assert response.headers["Cache-Control"] == "no-cache"
        async with http.get(server.make_url("/assets/owner-1a2b.js")) as response:
            assert (response.status, "immutable" in response.headers["Cache-Control"]) == (200, True)
            assert response.headers["X-Content-Type-Options"] == "nosniff"
        for missing in ("/assets/..%2findex.html", "/assets/x", "/favicon.svg"):
            assert (await _get(http, str(server.make_url(missing))))[0] == 404
    bare = web.Application(middlewares=[answers()])
    bare.router.add_get("/", Pages(tmp_path / "nothing").index)
    async with TestServer(bare) as server:
        status, answer = await _get(http, str(server.make_url("/")))
    assert (status, answer["error"]["code"]) == (503, "pages_not_built")


async def test_health_status_metrics(cloud: Serving, box: FakeBox, http: aiohttp.ClientSession) -> None:
    assert await _get(http, f"{cloud.url}/healthz") == (200, {"ok": True})
    box.day.serve(1)
    async with box.online(http, cloud.url) as wire:
        await wire.catch_up()
        status, answer = await _get(http, f"{cloud.url}/status")
        assert (status, answer["links"]) == (200, 1)
        async with http.get(f"{cloud.url}/metrics") as response:
            text = await response.text()
    assert f"holdfast_facts_total {box.day.tail_seq}.0" in text
    assert 'holdfast_hellos_total{verdict="ok"} 1.0' in text
