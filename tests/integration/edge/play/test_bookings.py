"""Bookings over HTTP, on a real disk: a day, races, restarts, timers, and what the drawer says."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest_asyncio

from protocol.facts.booking_config import BookingRules
from protocol.play import rfc3339
from tests.integration.edge.play.floor_box import PIN, FloorBox, Json, floor_box
from tests.open_box import until
from tests.sample_venue import PC1, PC2, PS5, play_config

RULES = BookingRules(deposit_minor=500, free_cancel_hours=2)
STRICT = BookingRules(deposit_minor=500, grace_minutes=0, hold_minutes=0)
#: Whatever the hour is in which the tests run.
PLAY = msgspec.structs.replace(play_config(), bookings=RULES)


@pytest_asyncio.fixture
async def taking(tmp_path: Path) -> AsyncIterator[FloorBox]:
    """A box that asks for five euros."""
    async with floor_box(tmp_path / "box", PLAY) as made:
        yield made


def at(box: FloorBox, minutes: float) -> str:
    """So many minutes from now, as a program says it."""
    return rfc3339(box.app.clock().wall_ms + round(minutes * 60_000)) or ""


async def book(box: FloorBox, ahead: float = 180, **given: Any) -> tuple[int, Json]:
    """PC-1 for Anna in three hours, for two."""
    asked = {"mid": f"mid-of-{ahead}", "name": "Anna", "station_id": PC1, "minutes": 120, "party": 2}
    body = {"starts_at": at(box, ahead), "deposit_method": "CASH", **asked, **given}
    return await box.ask("POST", "/api/v1/bookings", body)


async def test_a_booking_from_the_call_to_the_seat(taking: FloorBox) -> None:
    async with taking.staff_socket() as screen:
        assert (await screen.receive_json())["type"] == "hello"
        status, made = await book(taking, 30)
        assert (status, made["status"], made["deposit"], made["deposit_minor"]) == (
            201,
            "CONFIRMED",
            "paid",
            500,
        )
        assert (made["party"], made["made_by"]) == (2, "staff:ana")
        told = {(await screen.receive_json())["type"] for _ in range(2)}
        assert told == {"booking:changed", "station:booked"}
    path = f"/api/v1/bookings/{made['id']}"
    assert (await taking.stations())[PC1]["booked"]["name"] == "Anna"
    _, day = await taking.ask("GET", f"/api/v1/bookings?date={made['starts_at'][:10]}")
    assert [each["id"] for each in day["bookings"]] == [made["id"]]
    assert (len(day["hours"]), day["held_minor"], day["rules"]["deposit_minor"]) == (24, 500, 500)
    body = {"station_id": PC1, "duration": 60, "payment_method": "CASH"}
    status, why = await taking.ask("POST", "/api/v1/sessions/start", body)
    assert (status, why["error"]["code"], why["error"]["free_minutes"]) == (409, "station_booked", 29)
    status, session = await taking.ask(
        "POST", f"{path}/check_in", {"mid": "checks-in", "payment_method": "CASH"}
    )
    assert (status, session["amount_minor"], session["remaining_seconds"] > 7190) == (201, 1200, True)
    status, again = await taking.ask(
        "POST", f"{path}/check_in", {"mid": "checks-in", "payment_method": "CASH"}
    )
    assert (status, again["id"]) == (201, session["id"])
    assert (await taking.ask("GET", path))[1]["status"] == "CHECKED_IN"
    assert (await taking.stations())[PC1]["booked"] is None
    _, shifts = await taking.ask("GET", "/api/v1/shifts")
    _, shift = await taking.ask("GET", f"/api/v1/shifts/{shifts['shifts'][0]['shift_pid']}")
    report = shift["report"]
    assert (report["expected_minor"], report["receipts_minor"]) == (1200, 1200)
    assert {each["kind"]: each["amount_minor"] for each in report["deposits"]} == {"taken": 500, "used": 500}
    assert "Deposits taken (1)" in shift["text"]


async def test_what_was_given_back_of_a_deposit_is_not_given_back_again(taking: FloorBox) -> None:
    _, made = await book(taking, 500)
    body = {"amount_minor": 200, "reason": "goodwill", "approval": {"user": "ana", "pin": PIN}}
    async with taking.staff_socket() as screen:
        assert (await screen.receive_json())["type"] == "hello"
        status, why = await taking.ask(
            "POST", f"/api/v1/payments/{made['payment_id']}/refund", {**body, "mid": "a-part-of-it"}
        )
        assert status == 201, why
        news = await screen.receive_json()
        while news["type"] != "booking:changed":
            news = await screen.receive_json()
        assert news["booking"]["deposit_left_minor"] == 300
    _, day = await taking.ask("GET", f"/api/v1/bookings?date={made['starts_at'][:10]}")
    assert day["held_minor"] == 300
    _, left = await taking.ask("GET", f"/api/v1/bookings/{made['id']}")
    assert (left["deposit_minor"], left["deposit_left_minor"], left["deposit"]) == (500, 300, "paid")
    _, gone = await taking.ask("POST", f"/api/v1/bookings/{made['id']}/cancel", {"mid": "cancels-it"})
    assert (gone["deposit"], gone["deposit_left_minor"]) == ("returned", 0)


async def test_a_guest_reads_on_the_statement_what_a_deposit_was_for(taking: FloorBox) -> None:
    assert (await taking.ask("POST", "/api/v1/accounts/ida/credit", {"amount": 20.0}))[0] == 200
    status, made = await book(taking, 500, deposit_method="BALANCE", user_id="ida")
    assert (status, made["deposit"]) == (201, "paid")
    _, shown = await taking.ask("POST", "/api/v1/accounts/ida/statement_code", {})
    _, phone = await taking.ask("POST", "/balance/sign_in", {"code": shown["code"]})
    headers = {"Authorization": f"Bearer {phone['token']}"}
    async with taking.http.get(f"{taking.url}/balance/statement", headers=headers) as answer:
        told = await answer.json()
    assert [(row["kind"], row["amount_minor"]) for row in told["rows"]] == [
        ("deposit", -500),
        ("paid_in", 2000),
    ]


async def test_a_booking_moves_and_everybody_hears_of_both_stations(taking: FloorBox) -> None:
    _, made = await book(taking, 300)
    path = f"/api/v1/bookings/{made['id']}"
    async with taking.staff_socket() as screen:
        assert (await screen.receive_json())["type"] == "hello"
        body = {"mid": "moves-it", "station_id": PC2, "starts_at": at(taking, 600)}
        status, moved = await taking.ask("POST", f"{path}/move", body)
        assert (status, moved["station_id"]) == (200, PC2), moved
        assert moved["starts_at"] == body["starts_at"][:20] + "000Z"
        assert moved["free_until"] == made["free_until"]
        assert moved["ends_ms"] - moved["starts_ms"] == 120 * 60_000
        told = [await screen.receive_json() for _ in range(3)]
    assert told[0]["type"] == "booking:changed"
    booked = {each["station_id"]: each["booked"] for each in told[1:]}
    assert (booked[PC1], booked[PC2]["name"]) == (None, "Anna")
    assert (await taking.ask("POST", f"{path}/move", body))[1] == moved  # once per `mid`
    _, shifts = await taking.ask("GET", "/api/v1/shifts")
    assert [each["expected_minor"] for each in shifts["shifts"]] == [500]
    for body, status, code in (
        ({"station_id": "pc-9"}, 404, "unknown_station"),
        ({"starts_at": "whenever"}, 409, "no_such_time"),
        ({"starts_at": at(taking, -60)}, 409, "booking_past"),
    ):
        got, why = await taking.ask("POST", f"{path}/move", {"mid": f"mid-of-{code}", **body})
        assert (got, why["error"]["code"]) == (status, code), body
    assert (await taking.ask("POST", f"{path}/check_in", {"mid": "checks-in"}))[0] == 201
    got, why = await taking.ask("POST", f"{path}/move", {"mid": "too-late", "station_id": PC1})
    assert (got, why["error"]["code"]) == (409, "booking_over")
    assert taking.app.gaming.agenda.standing() == []


async def test_whoever_asks_again_moves_nothing_that_a_colleague_has_moved_since(taking: FloorBox) -> None:
    _, made = await book(taking, 300, station_id=PC2)
    path = f"/api/v1/bookings/{made['id']}/move"
    stays = {"mid": "stays-there", "station_id": PC2}
    assert (await taking.ask("POST", path, stays))[1]["station_id"] == PC2
    assert (await taking.ask("POST", path, {"mid": "a-colleague", "station_id": PC1}))[1]["station_id"] == PC1
    status, again = await taking.ask("POST", path, stays)
    assert (status, again["station_id"]) == (200, PC1)
    for other in ({"station_id": PC1}, {"station_id": PC2, "starts_at": at(taking, 600)}):
        status, why = await taking.ask("POST", path, {**stays, **other})
        assert (status, why["error"]["code"]) == (409, "mid_reused"), other
    _, left = await taking.ask("GET", path.removesuffix("/move"))
    assert (left["station_id"], left["starts_at"]) == (PC1, made["starts_at"])


async def test_of_two_who_move_to_one_slot_one_has_it_also_after_a_restart(tmp_path: Path) -> None:
    async with floor_box(tmp_path / "box", PLAY) as box:
        starts_at = at(box, 900)
        made = [(await book(box, ahead))[1] for ahead in (180, 400)]
        body = {"mid": "moves-it", "starts_at": starts_at}
        answers = await asyncio.gather(
            *(box.ask("POST", f"/api/v1/bookings/{each['id']}/move", body) for each in made)
        )
        assert sorted(status for status, _ in answers) == [200, 409]
        (lost,) = (body["error"] for status, body in answers if status == 409)
        assert (lost["code"], lost["name"]) == ("slot_taken", "Anna")
        stood = sorted(each.made.starts_ms for each in box.app.gaming.agenda.standing())
    async with floor_box(tmp_path / "box", PLAY, boot="boot-2") as box:
        assert sorted(each.made.starts_ms for each in box.app.gaming.agenda.standing()) == stood
        assert (await book(box, starts_at=starts_at, mid="another-tablet"))[1]["error"][
            "code"
        ] == "slot_taken"
        _, day = await box.ask("GET", "/api/v1/bookings")
        assert day["held_minor"] == 1000


async def test_of_many_tablets_one_gets_the_slot(taking: FloorBox) -> None:
    answers = await asyncio.gather(*(book(taking, 60, mid=f"tablet-{number}") for number in range(8)))
    assert sorted(status for status, _ in answers) == [201, *[409] * 7]
    assert {body["error"]["code"] for status, body in answers if status == 409} == {"slot_taken"}
    _, day = await taking.ask("GET", "/api/v1/bookings")
    assert day["held_minor"] == 500


async def test_one_tablet_that_asks_again_has_one_booking_also_after_a_restart(tmp_path: Path) -> None:
    async with floor_box(tmp_path / "box", PLAY) as box:
        starts_at = at(box, 60)
        answers = await asyncio.gather(
            *(book(box, 60, mid="one-tablet", starts_at=starts_at) for _ in range(5))
        )
        assert {status for status, _ in answers} == {201}
        (name,) = {body["id"] for _, body in answers}
    async with floor_box(tmp_path / "box", PLAY, boot="boot-2") as box:
        _, again = await book(box, 60, mid="one-tablet", starts_at=starts_at)
        assert (again["id"], again["deposit"]) == (name, "paid")
        assert (await book(box, 60, mid="another-tablet"))[1]["error"]["code"] == "slot_taken"
        status, gone = await box.ask("POST", f"/api/v1/bookings/{name}/cancel", {"mid": "cancels-it"})
        assert (status, gone["status"], gone["deposit"]) == (200, "CANCELLED", "forfeited")
        _, bill = await box.ask("GET", f"/api/v1/bills/{name}")
        assert (bill["total_minor"], bill["status"]) == (500, "settled")
        _, shifts = await box.ask("GET", "/api/v1/shifts")
        assert [each["expected_minor"] for each in shifts["shifts"]] == [500]


async def test_a_card_and_a_booking_without_a_deposit(taking: FloorBox) -> None:
    _, held = await book(taking, 200, deposit_method=None)
    assert (held["status"], held["deposit"]) == ("HELD", "due")
    path = f"/api/v1/bookings/{held['id']}"
    _, waits = await taking.ask("POST", f"{path}/deposit", {"mid": "deposits", "deposit_method": "CARD"})
    assert waits["status"] == "HELD"
    status, why = await taking.ask("POST", f"{path}/check_in", {"mid": "checks-in"})
    assert (status, why["error"]["code"]) == (409, "deposit_pending")
    await taking.ask("POST", f"/api/v1/payments/{waits['payment_id']}/progress", {"state": "COMPLETED"})
    assert (await taking.ask("GET", path))[1]["status"] == "CONFIRMED"
    _, gone = await taking.ask("POST", f"{path}/cancel", {"mid": "cancels-it"})
    assert (gone["status"], gone["deposit"]) == ("CANCELLED", "returned")


async def test_timers_miss_and_let_go_and_warn(tmp_path: Path) -> None:
    strict = msgspec.structs.replace(PLAY, bookings=STRICT)
    async with floor_box(tmp_path / "box", strict) as box:
        await box.start(PS5)
        _, late = await book(box, -1)
        _, unpaid = await book(box, 300, deposit_method=None, station_id=PC2)
        _, blocked = await book(box, 70, mid="booking-b", station_id=PS5, minutes=30)
        agenda = box.app.gaming.agenda
        await until(lambda: len(agenda.standing()) == 1)
        ended = [agenda.booking(each["id"]) for each in (late, unpaid)]
        assert [(each.status, each.deposit) for each in ended if each] == [
            ("NO_SHOW", "forfeited"),
            ("CANCELLED", "due"),
        ]
        status, _ = await box.ask("POST", f"/api/v1/bookings/{blocked['id']}/cancel", {"mid": "cancels-it"})
        assert status == 200
        await book(box, 1, mid="booking-soon", station_id=PC1, minutes=30)
        await box.start(PC1, 60, despite_booking=True)
        await until(lambda: any(each.code == "booking_blocked" for each in box.app.alarms.current()))


async def test_the_alarm_of_a_blocked_booking_moves_with_it(taking: FloorBox) -> None:
    on_account: Json = {"payment_method": "POSTPAID", "amount": None}
    await taking.start(PC1, **on_account)
    await taking.start(PC2, **on_account)
    _, made = await book(taking, 5)
    alarms = taking.app.alarms

    def blocked() -> list[str]:
        return [each.detail["station_id"] for each in alarms.current() if each.code == "booking_blocked"]

    await until(lambda: blocked() == [PC1])
    (first,) = (each for each in alarms.current() if each.code == "booking_blocked")
    assert alarms.acknowledge(first.key, "Ana", 1)
    body = {"mid": "moves-it", "station_id": PC2}
    assert (await taking.ask("POST", f"/api/v1/bookings/{made['id']}/move", body))[0] == 200
    await until(lambda: blocked() == [PC2])
    (second,) = (each for each in alarms.current() if each.code == "booking_blocked")
    assert (second.message, second.seen_by) == (first.message.replace("PC-1", "PC-2"), "")
    later = {"mid": "moves-it-on", "starts_at": at(taking, 600)}
    assert (await taking.ask("POST", f"/api/v1/bookings/{made['id']}/move", later))[0] == 200
    await until(lambda: blocked() == [])


async def test_who_may_and_what_is_refused(taking: FloorBox) -> None:
    for body, status, code in (
        ({"station_id": "pc-9"}, 404, "unknown_station"),
        ({"station_id": None, "zone": "roof"}, 404, "unknown_zone"),
        ({"starts_at": "tomorrow"}, 409, "no_such_time"),
        ({"starts_at": at(taking, -60)}, 409, "booking_past"),
        ({"name": "   "}, 400, "invalid"),
        ({"minutes": 1000}, 409, "booking_too_long"),
        ({"deposit_method": "BALANCE", "user_id": "lea"}, 400, "insufficient_balance"),
        ({"starts_at": "2026-07-01T18:00+99:00"}, 409, "no_such_time"),
    ):
        got, why = await book(taking, mid=f"mid-{code}-{body}"[:64], **body)
        assert (got, why["error"]["code"]) == (status, code), body
    for path in ("", "/cancel", "/move", "/check_in", "/missed", "/deposit"):
        method = "POST" if path else "GET"
        body = {"mid": "whatever", "deposit_method": "CASH"} if path == "/deposit" else {"mid": "whatever"}
        status, why = await taking.ask(method, f"/api/v1/bookings/none{path}", body if path else None)
        assert (status, why["error"]["code"]) == (404, "unknown_booking")
    _, cook = await taking.ask("POST", "/api/v1/auth/pin", {"user": "chi", "pin": PIN})
    taking.token = cook["token"]
    assert (await book(taking))[0] == 403
    assert (await taking.ask("GET", "/api/v1/bookings"))[0] == 403
