"""Play time as a guest's phone asks for it: its own table's, and nobody else's."""

from pathlib import Path
from typing import Any

from edge.core.tables.commands import MergeTables
from edge.journal.writer import Accepted
from tests.integration.edge.play.floor_box import FloorBox, floor_box
from tests.sample_venue import PC1, PS5, T1, T2

Json = dict[str, Any]


class Phone:
    """A guest's phone over HTTP."""

    def __init__(self, box: FloorBox, joined: Json) -> None:
        self._box = box
        self.pid = joined["session_pid"]
        self._token = joined["ws_token"]

    async def ask(self, method: str, path: str, body: Json | None = None) -> tuple[int, Json]:
        headers = {"Authorization": f"Bearer {self._token}"}
        async with self._box.http.request(method, self._box.url + path, json=body, headers=headers) as answer:
            return answer.status, await answer.json()

    async def times(self, pid: str | None = None) -> tuple[int, Json]:
        return await self.ask("GET", f"/play_time?session_pid={pid or self.pid}")

    async def call(self, session_id: str) -> tuple[int, Json]:
        body = {"session_pid": self.pid, "play_session_id": session_id}
        return await self.ask("POST", "/play_time/call", body)


async def sit_down(box: FloorBox, table: str, name: str) -> Phone:
    async with box.http.post(f"{box.url}/session/join", json={"table": table, "name": name}) as answer:
        return Phone(box, await answer.json())


async def test_a_table_sees_its_own_time_and_calls_for_more(box: FloorBox) -> None:
    mine, other = await sit_down(box, T1, "Chinu"), await sit_down(box, T2, "Anshu")
    session = await box.start(PS5, 60, session_pid=mine.pid)
    await box.start(PC1, 60)
    _, told = await mine.times()
    (time,) = told["sessions"]
    assert (time["station"], time["called"], time["postpaid"]) == ("PS5-1", False, False)
    assert 3590 < time["remaining_seconds"] <= 3600
    assert (await other.times())[1] == {"sessions": []}

    status, told = await mine.call(session["id"])
    assert (status, told["sessions"][0]["called"]) == (200, True)
    await mine.call(session["id"])
    (alarm,) = box.app.alarms.current()
    assert alarm.message == "Chinu at T1 asks for more time on PS5-1."
    await box.ask("PUT", f"/api/v1/sessions/{session['id']}/extend", {"additional_minutes": 30, "amount": 5})
    assert box.app.alarms.current() == ()
    assert (await mine.times())[1]["sessions"][0]["called"] is False


async def test_a_guest_who_calls_is_still_on_the_screens_after_a_restart(tmp_path: Path) -> None:
    async with floor_box(tmp_path / "box") as box:
        mine = await sit_down(box, T1, "Chinu")
        session = await box.start(PS5, 60, session_pid=mine.pid)
        await mine.call(session["id"])
        (before,) = box.app.alarms.current()
    async with floor_box(tmp_path / "box") as box:
        assert box.app.alarms.current() == (before,)
        body = {"additional_minutes": 30, "amount": 5}
        await box.ask("PUT", f"/api/v1/sessions/{session['id']}/extend", body)
        assert box.app.alarms.current() == ()


async def test_what_waits_for_its_card_has_not_begun_for_phones_and_tills(box: FloorBox) -> None:
    mine = await sit_down(box, T1, "Chinu")
    body = {
        "station_id": PS5,
        "duration": 60,
        "payment_method": "CARD",
        "amount": 10,
        "session_pid": mine.pid,
    }
    status, refused = await box.ask("POST", "/api/v1/sessions/start", body)
    assert status == 402
    assert (await mine.times())[1] == {"sessions": []}
    assert (await box.ask("GET", "/api/v1/sessions"))[1]["sessions"] == []
    assert (await box.stations())[PS5]["session"]["status"] == "AWAITING"
    await box.ask("POST", f"/api/v1/payments/{refused['error']['payment_id']}/confirm")
    assert [each["status"] for each in (await mine.times())[1]["sessions"]] == ["ACTIVE"]


async def test_nobody_calls_for_somebody_elses_time_or_for_what_is_over(box: FloorBox) -> None:
    mine, other = await sit_down(box, T1, "Chinu"), await sit_down(box, T2, "Anshu")
    session = await box.start(PS5, 60, session_pid=mine.pid)
    loose = await box.start(PC1, 60)
    for phone, session_id in ((other, session["id"]), (mine, loose["id"]), (mine, "nothing")):
        status, refused = await phone.call(session_id)
        assert (status, refused["error"]["code"]) == (404, "unknown_play_session")
    status, refused = await other.times(mine.pid)
    assert (status, refused["error"]["code"]) == (403, "not_authorised")
    await mine.call(session["id"])
    await box.ask("DELETE", f"/api/v1/sessions/{session['id']}")
    assert box.app.alarms.current() == (), "nobody waits any more"
    status, refused = await mine.call(session["id"])
    assert (status, refused["error"]["code"]) == (400, "session_not_active")


async def test_time_goes_with_the_guests_to_another_table(box: FloorBox) -> None:
    mine, other = await sit_down(box, T1, "Chinu"), await sit_down(box, T2, "Anshu")
    await box.start(PS5, 60, session_pid=mine.pid)
    merged = await box.app.writer.execute(MergeTables(mine.pid, other.pid, "staff:ana"))
    assert isinstance(merged, Accepted), merged
    assert [each["station"] for each in (await other.times())[1]["sessions"]] == ["PS5-1"]
