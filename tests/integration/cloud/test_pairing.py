"""The cloud's side of pairing: codes guessed, run out, typed twice, by two owners, for the wrong place."""

import asyncio
import secrets
from base64 import b64encode
from typing import Any

import aiohttp
import asyncpg
import msgspec
import pytest

from cloud.app import Serving
from cloud.owners.samples import sample
from cloud.owners.venues import founding, venue_file
from cloud.owners.venues.founding import NewVenue
from protocol import pairing
from protocol.facts.venue import VenueConfig
from protocol.pairing import House
from tests.fake_box import FakeBox
from tests.integration.cloud.conftest import OWNER, PASSWORD
from tests.integration.cloud.hours import hold_windows

Answer = tuple[int, dict[str, Any]]
_PLACE = "01890a5d-ac96-774b-bcce-b302099a8057"


class Owner:
    """Somebody at the dashboard."""

    def __init__(self, http: aiohttp.ClientSession, url: str) -> None:
        self._http = http
        self._url = url
        self._headers: dict[str, str] = {}

    async def enter(self, email: str = OWNER) -> "Owner":
        body = {"email": email, "password": PASSWORD}
        async with self._http.post(f"{self._url}/api/login", json=body) as response:
            assert response.status == 200, await response.text()
            cookie = "; ".join(f"{each.key}={each.value}" for each in response.cookies.values())
            self._headers = {"X-CSRF-Token": (await response.json())["csrf"], "Cookie": cookie}
        return self

    async def look(self, code: str) -> Answer:
        return await _post(self._http, f"{self._url}/api/pairing/look", {"code": code}, self._headers)

    async def pair(self, code: str, venue_id: str | None = None, epoch: int = 0) -> Answer:
        body = {"code": code, "venue_id": venue_id, "epoch": epoch}
        return await _post(self._http, f"{self._url}/api/pairing", body, self._headers)


async def _post(
    http: aiohttp.ClientSession, address: str, body: Any, headers: dict[str, str] | None = None
) -> Answer:
    jar = aiohttp.DummyCookieJar()
    async with (
        aiohttp.ClientSession(cookie_jar=jar) as session,
        session.post(address, json=body, headers=headers) as response,
    ):
        return response.status, await response.json()


def house(number: int = 1_234_567_890) -> House:
    file = venue_file.load(sample("venue.json"))
    config: VenueConfig = venue_file.configure(file, "Kiosk", _PLACE, number, secrets.token_bytes)
    return House(config)


def asked(box: FakeBox, tail_seq: int = 0, served: str = "") -> dict[str, Any]:
    text = pairing.asking(box.node_id, tail_seq, served)
    return {
        "public_key": b64encode(box.key.public_key().public_bytes_raw()).decode(),
        "node_id": box.node_id,
        "tail_seq": tail_seq,
        "signature": b64encode(box.key.sign(text)).decode(),
        "house": served,
    }


async def code_of(http: aiohttp.ClientSession, url: str, box: FakeBox, **about: Any) -> dict[str, Any]:
    status, given = await _post(http, f"{url}/api/edge/pairing", asked(box, **about))
    assert status == 200, given
    return given


async def poll(http: aiohttp.ClientSession, url: str, box: FakeBox, device_code: str) -> tuple[int, str]:
    signature = b64encode(box.key.sign(pairing.polling(device_code))).decode()
    body = {"device_code": device_code, "signature": signature}
    status, answer = await _post(http, f"{url}/api/edge/pairing/poll", body)
    return status, answer["error"]["code"] if status != 200 else answer["venue_id"]


@pytest.fixture
async def owner(cloud: Serving, venue: NewVenue, http: aiohttp.ClientSession) -> Owner:
    return await Owner(http, cloud.url).enter()


async def test_a_box_gets_the_place_that_an_owner_chose(
    cloud: Serving, venue: NewVenue, owner: Owner, http: aiohttp.ClientSession
) -> None:
    box = FakeBox()
    given = await code_of(http, cloud.url, box)
    assert (given["interval_s"], given["expires_s"]) == (5, 600)
    status, seen = await owner.look(given["user_code"].lower().replace("-", " "))
    assert status == 200
    assert seen["fingerprint"] == pairing.fingerprint(box.key.public_key().public_bytes_raw())
    assert (await owner.pair(given["user_code"], venue.venue_id))[0] == 200
    assert await poll(http, cloud.url, box, given["device_code"]) == (200, venue.venue_id)
    stranger = FakeBox()
    assert (await stranger.claim(http, cloud.url, given["device_code"]))[0] == 404, "for this box alone"
    status, claimed = await box.claim(http, cloud.url, given["device_code"])
    assert (status, claimed["venue_id"], claimed["epoch"]) == (200, venue.venue_id, 1)
    assert await box.claim(http, cloud.url, given["device_code"]) == (200, claimed), "an answer may be lost"
    assert (await owner.pair(given["user_code"], venue.venue_id, 1))[1]["error"]["code"] == "pairing_used"


async def test_of_two_owners_who_type_one_code_only_one_gets_the_box(
    cloud: Serving, venue: NewVenue, owner: Owner, http: aiohttp.ClientSession
) -> None:
    await founding.create_owner(cloud.pool, "other@example.com", PASSWORD)
    theirs = await founding.create_venue(
        cloud.pool, "other@example.com", "Elsewhere", venue_file.load(sample("venue.json"))
    )
    other = await Owner(http, cloud.url).enter("other@example.com")
    for _ in range(5):
        box = FakeBox()
        given = await code_of(http, cloud.url, box)
        both = await asyncio.gather(
            owner.pair(given["user_code"], venue.venue_id), other.pair(given["user_code"], theirs.venue_id)
        )
        assert sorted(status for status, _ in both) == [200, 409], both
        winner = next(answer for status, answer in both if status == 200)
        assert await poll(http, cloud.url, box, given["device_code"]) == (200, winner["venue_id"])


async def test_nobody_gives_away_the_place_of_another(
    cloud: Serving, venue: NewVenue, http: aiohttp.ClientSession
) -> None:
    await founding.create_owner(cloud.pool, "other@example.com", PASSWORD)
    other = await Owner(http, cloud.url).enter("other@example.com")
    given = await code_of(http, cloud.url, FakeBox())
    status, answer = await other.pair(given["user_code"], venue.venue_id)
    assert (status, answer["error"]["code"]) == (404, "unknown_venue")


async def test_a_code_runs_out_and_guessing_is_counted(
    cloud: Serving, owner: Owner, http: aiohttp.ClientSession, sql: asyncpg.Connection
) -> None:
    await hold_windows(sql)
    box = FakeBox()
    given = await code_of(http, cloud.url, box)
    await sql.execute("UPDATE pairings SET expires_at = now() - interval '1 second'")
    assert (await owner.look(given["user_code"]))[1]["error"]["code"] == "pairing_unknown"
    assert (await poll(http, cloud.url, box, given["device_code"]))[1] == "expired_token"
    codes = [(await owner.look(f"BCDF-GHJ{last}"))[1]["error"]["code"] for last in "23456789BCDFGHJ"]
    assert codes[0] == "pairing_unknown"
    assert codes[-1] == "rate_limited"


async def test_a_box_that_asks_too_often_is_slowed_down(
    cloud: Serving, venue: NewVenue, http: aiohttp.ClientSession, sql: asyncpg.Connection
) -> None:
    box = FakeBox()
    given = await code_of(http, cloud.url, box)
    assert (await poll(http, cloud.url, box, given["device_code"]))[1] == "authorization_pending"
    await sql.execute("UPDATE pairings SET polled_at = now() + interval '1 minute'")  # we may be slow
    assert (await poll(http, cloud.url, box, given["device_code"]))[1] == "slow_down"
    assert await sql.fetchval("SELECT interval_s FROM pairings") == 10
    await sql.execute("UPDATE pairings SET polled_at = now() - interval '10 seconds'")
    assert (await poll(http, cloud.url, box, given["device_code"]))[1] == "authorization_pending"
    assert (await poll(http, cloud.url, FakeBox(), given["device_code"]))[1] == "expired_token"


async def test_a_newer_code_of_a_box_voids_the_one_before(
    cloud: Serving, owner: Owner, http: aiohttp.ClientSession
) -> None:
    box = FakeBox()
    former = await code_of(http, cloud.url, box)
    await code_of(http, cloud.url, box)
    assert (await owner.look(former["user_code"]))[1]["error"]["code"] == "pairing_unknown"


async def test_a_box_that_was_claimed_otherwise_shows_a_void_code(
    cloud: Serving, venue: NewVenue, owner: Owner, http: aiohttp.ClientSession
) -> None:
    box = FakeBox()
    given = await code_of(http, cloud.url, box)
    assert (await box.claim(http, cloud.url, venue.claim_code))[0] == 200
    assert (await owner.pair(given["user_code"], venue.venue_id, 1))[1]["error"]["code"] == "pairing_unknown"


async def test_what_is_not_signed_by_its_key_gets_no_code(
    cloud: Serving, venue: NewVenue, http: aiohttp.ClientSession
) -> None:
    wanted = {**asked(FakeBox()), "node_id": FakeBox().node_id}
    status, answer = await _post(http, f"{cloud.url}/api/edge/pairing", wanted)
    assert (status, answer["error"]["code"]) == (400, "invalid")


async def test_a_replacement_fits_the_epoch_that_the_page_showed(
    cloud: Serving, venue: NewVenue, owner: Owner, box: FakeBox, http: aiohttp.ClientSession
) -> None:
    heir = FakeBox()
    given = await code_of(http, cloud.url, heir)
    assert (await owner.pair(given["user_code"], venue.venue_id, 0))[1]["error"]["code"] == "epoch_moved"
    assert (await owner.pair(given["user_code"], venue.venue_id, 1))[1]["replaces"]
    assert (await heir.claim(http, cloud.url, given["device_code"]))[1]["epoch"] == 2


async def test_a_box_that_served_by_itself_founds_its_own_place(
    cloud: Serving, venue: NewVenue, owner: Owner, http: aiohttp.ClientSession, sql: asyncpg.Connection
) -> None:
    served = msgspec.json.encode(house()).decode()
    given = await code_of(http, cloud.url, FakeBox(), tail_seq=40, served=served)
    assert (await owner.look(given["user_code"]))[1]["name"] == "Kiosk"
    answer = await owner.pair(given["user_code"], venue.venue_id)
    assert answer[1]["error"]["code"] == "pairing_not_empty", "it cannot take another's place"
    status, paired = await owner.pair(given["user_code"])
    assert (status, paired["venue_id"]) == (200, _PLACE)
    row = await sql.fetchrow("SELECT restaurant_id, name, epoch FROM venues WHERE venue_id = $1", _PLACE)
    assert tuple(row) == (1_234_567_890, "Kiosk", 0)
    again = await code_of(http, cloud.url, FakeBox(), tail_seq=40, served=served)
    assert (await owner.pair(again["user_code"]))[1]["error"]["code"] == "pairing_taken"
    low = msgspec.json.encode(house(number=9)).decode()
    status, _ = await _post(http, f"{cloud.url}/api/edge/pairing", asked(FakeBox(), 1, low))
    assert status == 400, "numbers that the cloud gives are the cloud's"


async def test_an_empty_box_founds_nothing(cloud: Serving, owner: Owner, http: aiohttp.ClientSession) -> None:
    given = await code_of(http, cloud.url, FakeBox())
    assert (await owner.pair(given["user_code"]))[1]["error"]["code"] == "pairing_empty"
