"""One's own account: a second factor from the offer to the last recovery code, passwords, login sessions."""

import asyncio
import time
from typing import Any

import aiohttp
import asyncpg
import pyotp
import pytest

from cloud.app import Serving
from cloud.owners.venues import founding
from cloud.owners.venues.founding import NewVenue
from tests.integration.cloud.conftest import OWNER, PASSWORD
from tests.integration.cloud.hours import hold_windows


class Desk:
    """A browser of the owner."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.http = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))
        self.csrf = ""

    async def ask(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        """Status and answer; of a refusal its code."""
        headers = {"X-CSRF-Token": self.csrf}
        async with self.http.request(method, self._url + path, json=body, headers=headers) as response:
            answer = await response.json()
        return response.status, answer["error"]["code"] if "error" in answer else answer

    async def login(self, code: str = "", password: str = PASSWORD) -> tuple[int, Any]:
        """As the page does it."""
        body = {"email": OWNER, "password": password, "code": code}
        status, answer = await self.ask("POST", "/api/login", body)
        self.csrf = answer["csrf"] if status == 200 else ""
        return status, answer


@pytest.fixture
async def desk(cloud: Serving, venue: NewVenue) -> Any:
    desk = Desk(cloud.url)
    await desk.login()
    yield desk
    await desk.http.close()


@pytest.fixture
async def other(cloud: Serving, venue: NewVenue) -> Any:
    desk = Desk(cloud.url)
    yield desk
    await desk.http.close()


def code_of(secret: str, steps_ahead: int = 1) -> str:
    """What the authenticator will show next, which is good for a minute at least; no code is good twice."""
    return pyotp.TOTP(secret).at(int(time.time()) + 30 * steps_ahead)


async def enrol(desk: Desk) -> tuple[str, list[str]]:
    """Switch the second factor on: its secret and the recovery codes."""
    status, offer = await desk.ask("POST", "/api/account/totp/offer")
    assert (status, offer["secret"] in offer["address"]) == (200, True)
    status, answer = await desk.ask(
        "POST", "/api/account/totp/confirm", {"code": code_of(offer["secret"], 0)}
    )
    assert status == 200, answer
    return offer["secret"], answer["recovery_codes"]


async def test_a_second_factor_is_asked_for_after_the_password(desk: Desk, other: Desk) -> None:
    secret, _ = await enrol(desk)
    assert await other.login(password="wrong", code=code_of(secret)) == (401, "wrong_login")
    assert await other.login() == (401, "totp_required")
    assert await other.login("000000") == (401, "wrong_code")
    assert (await other.ask("GET", "/api/me"))[0] == 401
    assert (await other.login(code_of(secret)))[0] == 200
    assert (await other.ask("GET", "/api/account"))[1]["second_factor"]


async def test_a_code_opens_one_session_only_however_fast_it_is_repeated(desk: Desk, cloud: Serving) -> None:
    secret, _ = await enrol(desk)
    code, desks = code_of(secret), [Desk(cloud.url) for _ in range(4)]
    answers = await asyncio.gather(*(each.login(code) for each in desks))
    assert sorted(status for status, _ in answers) == [200, 401, 401, 401]
    for each in desks:
        await each.http.close()


async def test_each_recovery_code_works_once(desk: Desk, other: Desk) -> None:
    _, codes = await enrol(desk)
    assert (await other.login(codes[3].lower()))[0] == 200
    assert await other.login(codes[3]) == (401, "wrong_code")
    assert (await other.login(codes[4]))[0] == 200
    assert (await desk.ask("GET", "/api/account"))[1]["recovery_codes_left"] == len(codes) - 2


async def test_an_offer_counts_only_with_its_code(desk: Desk, other: Desk) -> None:
    assert await desk.ask("POST", "/api/account/totp/confirm", {"code": "123456"}) == (409, "totp_off")
    _, first = await desk.ask("POST", "/api/account/totp/offer")
    _, second = await desk.ask("POST", "/api/account/totp/offer")
    stale = {"code": code_of(first["secret"])}
    assert await desk.ask("POST", "/api/account/totp/confirm", stale) == (401, "wrong_code")
    assert (await other.login())[0] == 200
    good = {"code": code_of(second["secret"])}
    assert (await desk.ask("POST", "/api/account/totp/confirm", good))[0] == 200
    assert await desk.ask("POST", "/api/account/totp/offer") == (409, "totp_on")


async def test_switching_it_off_takes_the_password(desk: Desk, other: Desk) -> None:
    await enrol(desk)
    off = "/api/account/totp/disable"
    assert await desk.ask("POST", off, {"password": "wrong"}) == (403, "wrong_password")
    assert (await desk.ask("POST", off, {"password": PASSWORD}))[0] == 200
    assert await desk.ask("POST", off, {"password": PASSWORD}) == (409, "totp_off")
    assert (await other.login())[0] == 200


async def test_guessing_codes_is_limited(desk: Desk, other: Desk, sql: asyncpg.Connection) -> None:
    await hold_windows(sql)
    await enrol(desk)
    answers = [await other.login("000000") for _ in range(12)]
    assert answers[0] == (401, "wrong_code")
    assert answers[-1] == (429, "rate_limited")


async def test_a_new_password_ends_all_other_sessions(desk: Desk, other: Desk) -> None:
    await other.login()
    change = {"password": PASSWORD, "new_password": "a longer horse"}
    path = "/api/account/password"
    assert await desk.ask("POST", path, {**change, "password": "wrong"}) == (403, "wrong_password")
    assert await desk.ask("POST", path, {**change, "new_password": "short"}) == (400, "weak_password")
    assert (await desk.ask("POST", path, change))[0] == 200
    assert (await desk.ask("GET", "/api/me"))[0] == 200
    assert (await other.ask("GET", "/api/me"))[0] == 401
    assert await other.login() == (401, "wrong_login")
    assert (await other.login(password="a longer horse"))[0] == 200


async def test_whoever_lost_password_and_phone_is_let_in_by_the_operator(
    cloud: Serving, desk: Desk, other: Desk
) -> None:
    await enrol(desk)
    await founding.reset_login(cloud.pool, f" {OWNER.upper()}", "a fresh horse")
    assert (await desk.ask("GET", "/api/me"))[0] == 401
    assert await other.login() == (401, "wrong_login")
    assert (await other.login(password="a fresh horse"))[0] == 200
    with pytest.raises(founding.NoSuchOwner):
        await founding.reset_login(cloud.pool, "nobody@example.com", "a fresh horse")


async def test_a_session_elsewhere_can_be_ended_from_here(desk: Desk, other: Desk) -> None:
    await other.login()
    sessions = (await desk.ask("GET", "/api/account"))[1]["sessions"]
    assert [each["current"] for each in sessions] == [False, True]
    path = f"/api/account/sessions/{sessions[0]['session_id']}"
    assert (await desk.ask("DELETE", path))[0] == 200
    assert await desk.ask("DELETE", path) == (404, "unknown_login")
    assert (await other.ask("GET", "/api/me"))[0] == 401


async def test_nothing_that_opens_an_account_is_kept_in_clear_or_audited(
    desk: Desk, sql: asyncpg.Connection
) -> None:
    secret, codes = await enrol(desk)
    whole = await sql.fetchval("SELECT string_agg(r::text, '') FROM recovery_codes r")
    told = await sql.fetchval("SELECT string_agg(a::text, '') FROM audit a")
    assert not any(code in whole or code.replace("-", "") in whole for code in codes)
    assert "second factor switched on" in told
    assert secret not in told
