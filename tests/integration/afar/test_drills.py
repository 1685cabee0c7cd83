"""Outages on purpose, on a real link: it is cut, the venue serves, the report is true, and the link comes
back.
"""

from typing import Any

from tests.integration.afar.linked import Linked, eventually
from tests.integration.afar.test_far_guests import order_of


async def _drill(stand: Linked) -> dict[str, Any]:
    drill: dict[str, Any] = (await stand.staff("GET", "drills"))["drills"][0]
    return drill


async def _becomes(stand: Linked, status: str) -> dict[str, Any]:
    async def so() -> bool:
        return bool((await _drill(stand))["status"] == status)

    await eventually(so)
    return await _drill(stand)


async def _all_over(stand: Linked) -> None:
    """Nothing more is written about any drill."""

    async def so() -> bool:
        return {each["status"] for each in (await stand.staff("GET", "drills"))["drills"]} == {"done"}

    await eventually(so)


def _verdicts(findings: list[dict[str, str]]) -> dict[str, str]:
    return {each["what"]: each["verdict"] for each in findings}


async def _link_is(stand: Linked, word: str) -> None:
    async def so() -> bool:
        link = stand.box.app.link
        return link is not None and link.state.state == word

    await eventually(so)


async def test_the_owner_cuts_the_link_and_reads_how_the_venue_did(stand: Linked) -> None:
    command = await stand.outcome(await stand.ask({"kind": "start_drill", "minutes": 10}))
    assert command["status"] == "DONE", "the cloud hears of it before the link is cut"
    await _link_is(stand, "down")
    assert stand.box.app.link is not None
    assert "on purpose" in stand.box.app.link.state.state + stand.box.app.link.state.message
    (told,) = (await stand.owner("GET", "drills"))["drills"]
    assert told["status"] == "running"
    seat = await stand.sit_down()
    await _order_nearby(stand, seat)
    running = await _becomes(stand, "running")
    assert running["ends_ms"] > running["begun_ms"]
    await stand.staff("POST", f"drills/{running['drill_id']}/stop", {})
    done = await _becomes(stand, "done")
    verdicts = _verdicts(done["findings"])
    assert (verdicts["orders"], verdicts["payments"], verdicts["journal"]) == ("good", "idle", "good")
    assert done["unsynced"] > 5
    await stand.agree()
    (told,) = (await stand.owner("GET", "drills"))["drills"]
    assert (told["ending"], told["status"], told["findings"]) == ("stopped", "done", done["findings"])
    assert told["drained_ms"] is not None


async def _order_nearby(stand: Linked, seat: dict[str, Any]) -> None:
    """A guest orders over the Wi-Fi."""
    line = order_of(seat)["lines"]
    assert isinstance(line, list)
    headers = {"Authorization": f"Bearer {seat['ws_token']}"}
    url = f"{stand.box.url}/ws/table?sid={seat['session_pid']}"
    async with stand.http.ws_connect(url, headers=headers) as socket:
        dish = {"menu_item": line[0]["menu_item"], "qty": 1, "note": "", "modifiers": []}
        await socket.send_json(
            {"type": "cart_mutate", "op": "create", "mid": line[0]["mid"], "tmpId": "t", **dish}
        )
        while (await socket.receive_json())["type"] != "cart_update":
            pass
    snapshot = f"{stand.box.url}/cart_snapshot?session_pid={seat['session_pid']}"
    _, cart = await stand.call("GET", snapshot, token=seat["ws_token"])
    body = {"session_pid": seat["session_pid"], "cart_hash": cart["cart_hash"]}
    status, answer = await stand.call("POST", f"{stand.box.url}/orders", body, seat["ws_token"])
    assert status == 201, answer


async def test_a_manager_drills_without_the_owner(stand: Linked) -> None:
    begun = await stand.staff("POST", "drills", {"minutes": 5})
    await _link_is(stand, "down")
    await stand.staff("POST", f"drills/{begun['drill_id']}/stop", {})
    await _becomes(stand, "done")
    await stand.agree()


async def test_a_restart_ends_a_drill_and_says_so(stand: Linked) -> None:
    await stand.staff("POST", "drills", {"minutes": 30})
    await _link_is(stand, "down")
    await stand.restart()
    done = await _becomes(stand, "done")
    assert (done["ending"], done["findings"][0]["what"]) == ("interrupted", "restart")
    await stand.agree()


async def test_two_drills_at_once_hold_the_link_until_both_are_over(stand: Linked) -> None:
    first = await stand.staff("POST", "drills", {"minutes": 5})
    second = await stand.staff("POST", "drills", {"minutes": 5})
    await _link_is(stand, "down")
    await stand.staff("POST", f"drills/{first['drill_id']}/stop", {})
    assert stand.box.app.link is not None
    assert stand.box.app.link.state.state == "down"
    await stand.staff("POST", f"drills/{second['drill_id']}/stop", {})
    await _all_over(stand)
    await stand.agree()


async def test_nonsense_cuts_nothing(stand: Linked) -> None:
    for minutes in (0, 61, -1, "5", None):
        url = f"{stand.box.url}/api/v1/drills"
        status, _ = await stand.call("POST", url, {"minutes": minutes}, stand.staff_token)
        assert status == 400
    status, answer = await stand.call(
        "POST", f"{stand.box.url}/api/v1/drills/none/stop", {}, stand.staff_token
    )
    assert (status, answer["error"]["code"]) == (404, "unknown_drill")
    assert (await stand.staff("GET", "drills"))["drills"] == []
