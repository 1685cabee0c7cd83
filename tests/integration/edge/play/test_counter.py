"""Play time over HTTP, to the letter of the contract and of seed 003."""

import asyncio
from typing import Any

import pytest

from tests.integration.edge.play.floor_box import PIN, FloorBox, Json
from tests.sample_venue import PC1, PC2, PS5

BODY: dict[str, Any] = {
    "station_id": PS5,
    "duration": 60,
    "user_id": None,
    "payment_method": "CASH",
    "amount": 10.00,
}


async def test_a_session_from_start_to_stop(box: FloorBox) -> None:
    status, session = await box.ask("POST", "/api/v1/sessions/start", BODY)
    assert status == 201
    assert session["station_id"] == PS5
    assert session["status"] == "ACTIVE"
    assert 3595 <= session["remaining_seconds"] <= 3600
    assert session["scheduled_end_at"].endswith("Z")
    assert (session["extended_minutes"], session["amount"], session["amount_minor"]) == (0, 10.0, 1000)
    busy, why = await box.ask("POST", "/api/v1/sessions/start", BODY)
    assert (busy, why["error"]["code"]) == (409, "station_busy")
    path = f"/api/v1/sessions/{session['id']}"
    status, extended = await box.ask("PUT", f"{path}/extend", {"additional_minutes": 30, "amount": 5})
    assert (status, extended["extended_minutes"]) == (200, 30)
    assert extended["version"] > session["version"]
    assert 5390 <= extended["remaining_seconds"] <= 5400
    status, stopped = await box.ask("DELETE", path)
    assert (status, stopped["status"], stopped["remaining_seconds"]) == (200, "STOPPED", 0)
    status, why = await box.ask("DELETE", path)
    assert (status, why["error"]["message"]) == (400, "Session already ended")
    status, why = await box.ask("PUT", f"{path}/extend", {"additional_minutes": 30, "amount": 5})
    assert (status, why["error"]["message"]) == (400, "Cannot extend inactive session")
    _, told = await box.ask("GET", "/api/v1/sessions")
    assert [each["id"] for each in told["sessions"]] == [session["id"]]
    assert (await box.ask("GET", path))[1]["end_reason"] == "stopped by staff"


async def test_an_extension_costs_what_the_tariff_says(box: FloorBox) -> None:
    session = await box.start(PC1)
    status, extended = await box.ask(
        "PUT", f"/api/v1/sessions/{session['id']}/extend", {"additional_minutes": 30}
    )
    assert (status, extended["amount_minor"]) == (200, 1300)


async def test_unpaid_is_402_and_a_short_balance_400(box: FloorBox) -> None:
    for body, status, code in (
        ({**BODY, "amount": 0}, 402, "payment_required"),
        ({**BODY, "station_id": PC1, "amount": 1.00}, 402, "payment_required"),
        ({**BODY, "payment_method": "CARD"}, 402, "payment_required"),
        (
            {**BODY, "station_id": PC1, "payment_method": "BALANCE", "user_id": "mia"},
            400,
            "insufficient_balance",
        ),
        ({**BODY, "station_id": "nowhere"}, 404, "unknown_station"),
        ({**BODY, "duration": 0}, 400, "invalid"),
        ({**BODY, "duration": 100_000}, 400, "invalid"),
        ({**BODY, "amount": -1}, 400, "invalid"),
        ({**BODY, "amount": 0.001}, 400, "invalid"),
    ):
        answered, why = await box.ask("POST", "/api/v1/sessions/start", body)
        assert (answered, why["error"]["code"]) == (status, code), body


async def test_a_card_is_confirmed_and_then_it_begins(box: FloorBox) -> None:
    status, why = await box.ask("POST", "/api/v1/sessions/start", {**BODY, "payment_method": "CARD"})
    assert status == 402
    payment = why["error"]["payment_id"]
    assert (await box.stations())[PS5]["status"] == "IN_USE"
    status, paid = await box.ask("POST", f"/api/v1/payments/{payment}/confirm")
    assert (status, paid["status"], paid["session"]["status"]) == (200, "COMPLETED", "ACTIVE")
    again = await box.ask("POST", f"/api/v1/payments/{payment}/confirm")
    assert (again[0], again[1]["session"]["version"]) == (200, paid["session"]["version"])
    assert (await box.ask("POST", "/api/v1/payments/nothing/confirm"))[0] == 404


async def test_a_balance_is_filled_and_spent(box: FloorBox) -> None:
    body = {"amount": 25.00, "mid": "mid-of-mias-money"}
    for _ in range(2):
        status, account = await box.ask("POST", "/api/v1/accounts/mia/credit", body)
        assert (status, account["balance"]) == (200, 25.0)
    await box.start(PC1, payment_method="BALANCE", user_id="mia", amount=None)
    assert (await box.ask("GET", "/api/v1/accounts/mia"))[1]["balance_minor"] == 1900


async def test_a_repeated_request_takes_effect_once(box: FloorBox) -> None:
    first = await box.start(PS5, mid="mid-of-a-start")
    again = await box.start(PS5, mid="mid-of-a-start")
    assert again["id"] == first["id"]
    path = f"/api/v1/sessions/{first['id']}/extend"
    body = {"additional_minutes": 30, "amount": 5, "mid": "mid-of-an-extension"}
    for _ in range(2):
        status, extended = await box.ask("PUT", path, body)
        assert (status, extended["extended_minutes"]) == (200, 30)


async def test_two_staff_extend_in_the_same_instant_and_both_count_once(box: FloorBox) -> None:
    session = await box.start(PS5)
    path = f"/api/v1/sessions/{session['id']}/extend"
    body = {"additional_minutes": 30, "amount": 5}
    requests = (box.ask("PUT", path, {**body, "mid": f"mid-of-till-{till % 2}"}) for till in range(6))
    assert {status for status, _ in await asyncio.gather(*requests)} == {200}
    _, session = await box.ask("GET", f"/api/v1/sessions/{session['id']}")
    assert (session["extended_minutes"], session["amount_minor"]) == (60, 2000)


async def test_pause_resume_and_move(box: FloorBox) -> None:
    session = await box.start(PC1)
    path = f"/api/v1/sessions/{session['id']}"
    status, paused = await box.ask("POST", f"{path}/pause", {"reason": "phone call"})
    assert (status, paused["status"], paused["scheduled_end_at"]) == (200, "PAUSED", None)
    status, resumed = await box.ask("POST", f"{path}/resume")
    assert (status, resumed["status"]) == (200, "ACTIVE")
    status, moved = await box.ask("POST", f"{path}/move", {"station_id": PC2})
    assert (status, moved["station_id"]) == (200, PC2)
    stations = await box.stations()
    assert (stations[PC1]["session"], stations[PC2]["session"]["id"]) == (None, session["id"])


async def test_a_guest_code_is_sold_and_played_once(box: FloorBox) -> None:
    status, sold = await box.ask("POST", "/api/v1/play_codes", {"duration": 30, "amount": 4.00})
    assert status == 201
    body = {"station_id": PS5, "payment_method": "CODE", "code": sold["code"].lower()}
    status, session = await box.ask("POST", "/api/v1/sessions/start", body)
    assert (status, session["remaining_seconds"] > 1790) == (201, True)
    status, why = await box.ask("POST", "/api/v1/sessions/start", {**body, "station_id": PC1})
    assert (status, why["error"]["code"]) == (409, "code_used")


async def test_a_guest_code_asked_for_twice_under_one_mid_is_one_code(box: FloorBox) -> None:
    body = {"duration": 30, "amount": 4.00, "mid": "mid-of-a-code"}
    codes = [(await box.ask("POST", "/api/v1/play_codes", body))[1]["code"] for _ in range(2)]
    other = (await box.ask("POST", "/api/v1/play_codes", {**body, "mid": "mid-of-another"}))[1]["code"]
    assert codes[0] == codes[1] != other


async def test_maintenance_is_told_and_kept(box: FloorBox) -> None:
    async with box.staff_socket() as screen:
        hello = await screen.receive_json()
        assert [each["id"] for each in hello["stations"]] == [PC1, PC2, PS5]
        status, station = await box.ask("POST", f"/api/v1/stations/{PS5}/maintenance", {"on": True})
        assert (status, station["status"]) == (200, "MAINTENANCE")
        news = await screen.receive_json()
        assert news == {"type": "station:status", "station_id": PS5, "status": "MAINTENANCE"}
    status, why = await box.ask("POST", "/api/v1/sessions/start", BODY)
    assert (status, why["error"]["code"]) == (409, "station_in_maintenance")


async def test_staff_screens_hear_of_every_session(box: FloorBox) -> None:
    async with box.staff_socket() as screen:
        await screen.receive_json()
        session = await box.start(PS5)
        path = f"/api/v1/sessions/{session['id']}"
        await box.ask("PUT", f"{path}/extend", {"additional_minutes": 30, "amount": 5})
        await box.ask("DELETE", path)
        await screen.send_str('{"type":"ping"}')
        heard: list[Json] = []
        while (news := await screen.receive_json(timeout=60)) != {"type": "pong"}:
            heard.append(news)
    told = {each["type"]: each for each in heard}
    assert told["session:started"]["session_id"] == session["id"]
    assert told["session:extended"]["added_seconds"] == 1800
    assert told["session:stopped"]["session"]["status"] == "STOPPED"
    statuses = [each["status"] for each in heard if each["type"] == "station:status"]
    assert statuses == ["IN_USE", "ONLINE"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/v1/sessions/start"),
        ("PUT", "/api/v1/sessions/x/extend"),
        ("DELETE", "/api/v1/sessions/x"),
        ("POST", "/api/v1/payments/x/confirm"),
        ("POST", "/api/v1/accounts/x/credit"),
        ("POST", f"/api/v1/stations/{PC1}/agent_token"),
    ],
)
async def test_cooks_and_strangers_sell_no_time(box: FloorBox, method: str, path: str) -> None:
    _, signed = await box.ask("POST", "/api/v1/auth/pin", {"user": "chi", "pin": PIN})
    box.token = signed["token"]
    assert (await box.ask(method, path, {}))[0] == 403
    box.token = "nonsense"
    assert (await box.ask(method, path, {}))[0] == 401


async def test_a_session_ends_by_itself_and_is_told(box: FloorBox) -> None:
    async with box.staff_socket() as screen:
        await screen.receive_json()
        session = await box.start(PS5, minutes=box.brief(1))
        heard = [await screen.receive_json(timeout=60)]
        while heard[-1]["type"] != "session:expired":
            heard.append(await screen.receive_json(timeout=60))
        await screen.send_str('{"type":"ping"}')
        while heard[-1] != {"type": "pong"}:
            heard.append(await screen.receive_json(timeout=60))
    assert [each["type"] for each in heard].count("session:expired") == 1
    _, ended = await box.ask("GET", f"/api/v1/sessions/{session['id']}")
    assert (ended["status"], ended["end_reason"]) == ("EXPIRED", "time_used_up")
    assert (await box.stations())[PS5]["status"] == "ONLINE"


async def test_prices_are_told_for_a_station_and_postpaid_play_what_it_costs_so_far(box: FloorBox) -> None:
    status, prices = await box.ask("GET", f"/api/v1/stations/{PC1}/prices")
    assert status == 200
    offers = {each["minutes"]: each for each in prices["offers"]}
    assert sorted(offers) == [30, 60, 120, 180]
    assert (offers[180]["name"], offers[180]["price_minor"]) == ("three hours", 1500)
    _, without = await box.ask("GET", f"/api/v1/stations/{PS5}/prices")
    assert (without["per_hour_minor"], without["offers"]) == (None, [])
    status, refused = await box.ask("GET", "/api/v1/stations/nowhere/prices")
    assert (status, refused["error"]["code"]) == (404, "unknown_station")

    session = await box.start(PC1, payment_method="POSTPAID", duration=None, amount=None)
    _, told = await box.ask("GET", f"/api/v1/sessions/{session['id']}")
    assert told["due_minor"] == 150, "the tariff's minimum"
