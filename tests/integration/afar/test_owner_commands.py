"""Owner commands across a real link: carried out once, however it breaks, and always with an outcome."""

import asyncio
from functools import partial
from pathlib import Path

import pytest

from protocol.link import Welcome
from tests.integration.afar.linked import Linked, eventually, linked, play_of
from tests.integration.faults.wire import Limit


async def test_a_dish_is_marked_sold_out_and_the_owner_is_told(stand: Linked) -> None:
    command = await stand.outcome(await stand.ask({"kind": "mark_sold_out", "menu_item": 17}))
    assert (command["status"], command["message"]) == ("DONE", "Marked as sold out.")
    assert stand.state("stock:17").off
    again = await stand.outcome(await stand.ask({"kind": "mark_sold_out", "menu_item": 17}))
    assert again["message"] == "It was so already."
    unknown = await stand.outcome(await stand.ask({"kind": "mark_sold_out", "menu_item": 999_999}))
    assert (unknown["status"], unknown["code"]) == ("REFUSED", "unknown_menu_item")
    await stand.agree()


async def test_time_that_was_bought_on_both_sides_of_an_outage_counts_once_each(stand: Linked) -> None:
    session = await stand.play(60)
    await stand.offline()
    paid = {"kind": "extend_session", "session_id": session, "seconds": 1800, "amount_minor": 500}
    first = await stand.ask({**paid, "extend_id": "x-1"})
    second = await stand.ask({**paid, "extend_id": "x-1"})
    assert (await stand.command(first))["status"] == "WAITING"
    await stand.staff("PUT", f"sessions/{session}/extend", {"additional_minutes": 15})
    await stand.online()
    assert (await stand.outcome(first))["status"] == "DONE"
    assert (await stand.outcome(second))["message"] == "It was so already."
    assert play_of(stand.state(f"play:{session}")) == ("ACTIVE", 3600 + 900 + 1800)
    await stand.agree()


async def test_time_that_comes_after_the_end_is_owed_back_once(stand: Linked) -> None:
    session = await stand.play(60)
    await stand.offline()
    ask = {"kind": "extend_session", "session_id": session, "seconds": 1800, "amount_minor": 500}
    for _ in range(2):
        await stand.ask({**ask, "extend_id": "x-1"})
    await stand.staff("DELETE", f"sessions/{session}")
    before = stand.state(f"play:{session}")
    await stand.online()
    listed = (await stand.owner("GET", "commands"))["commands"]
    outcomes = [await stand.outcome(each["command_id"]) for each in listed]
    assert {each["status"] for each in outcomes} == {"REFUSED"}
    assert stand.state(f"play:{session}") == before
    items = (await stand.owner("GET", "reconciliation"))["items"]
    assert [(each["kind"], each["amount_minor"]) for each in items] == [("refund", 500)]
    await stand.agree()


async def test_one_that_ran_out_while_the_link_was_down_is_expired_and_said_to_be(stand: Linked) -> None:
    session = await stand.play(60)
    await stand.offline()
    late = await stand.ask({"kind": "stop_session", "session_id": session}, ttl_s=60)
    good = await stand.ask({"kind": "tell_staff", "text": "Back soon."}, ttl_s=3600)
    await stand.aged(120)
    assert (await stand.command(late))["status"] == "OVERDUE"
    await stand.online()
    assert (await stand.outcome(late))["status"] == "EXPIRED"
    assert (await stand.outcome(good))["status"] == "DONE"
    assert play_of(stand.state(f"play:{session}"))[0] == "ACTIVE"
    (note,) = (await stand.staff("GET", "approvals"))["notes"]
    assert note["text"] == "Back soon."
    await stand.staff("POST", f"notes/{note['note_id']}/read", {})
    assert (await stand.staff("GET", "approvals"))["notes"] == []
    await stand.agree()


async def test_an_order_that_the_kitchen_has_becomes_a_refund_that_somebody_decides(stand: Linked) -> None:
    seat = await stand.sit_down()
    order_id = await _order(stand, seat)
    cancelled = await stand.outcome(await stand.ask({"kind": "cancel_order", "order_id": order_id}))
    assert cancelled["status"] == "DONE"
    assert stand.state(f"order:{order_id}").status == "confirmed"
    (refund,) = (await stand.staff("GET", "approvals"))["refunds"]
    assert refund["request_id"] == cancelled["result"]["request_id"]
    decide = {"kind": "decide_refund", "request_id": refund["request_id"], "granted": True, "note": "in cash"}
    assert (await stand.outcome(await stand.ask(decide)))["status"] == "DONE"
    assert (await stand.staff("GET", "approvals"))["refunds"] == []
    late = await stand.ask({**decide, "granted": False})
    assert (await stand.outcome(late))["code"] == "request_settled"
    await stand.agree()


async def _order(stand: Linked, seat: dict[str, object]) -> str:
    token = str(seat["ws_token"])
    async with stand.http.ws_connect(
        f"{stand.box.url}/ws/table?sid={seat['session_pid']}", headers={"Authorization": f"Bearer {token}"}
    ) as socket:
        mutation = {"type": "cart_mutate", "op": "create", "tmpId": "t", "menu_item": 17, "qty": 1}
        await socket.send_json({**mutation, "note": "", "modifiers": [], "mid": "a-mid-of-my-own"})
        while (await socket.receive_json())["type"] != "cart_update":
            pass
    url = f"{stand.box.url}/cart_snapshot?session_pid={seat['session_pid']}"
    _, snapshot = await stand.call("GET", url, token=token)
    body = {"session_pid": seat["session_pid"], "cart_hash": snapshot["cart_hash"]}
    status, answer = await stand.call("POST", f"{stand.box.url}/orders", body, token)
    assert status == 201, answer
    return str(answer["order_id"])


async def test_a_backup_is_made_and_a_new_hello_said(stand: Linked) -> None:
    backup = await stand.outcome(await stand.ask({"kind": "ask_backup"}))
    assert backup["status"] == "DONE"
    assert (stand.directory / backup["result"]["file"]).stat().st_size > 10_000
    hello = await stand.outcome(await stand.ask({"kind": "ask_resend"}))
    assert hello["status"] == "DONE"
    await stand.agree()


#: Bytes after which the line breaks on its way down: in the hello, in an entry, between two, in an
#: acknowledgement.
CUTS = (60, 150, 300, 420, 520, 620, 700, 800, 900, 1_100, 1_300, 1_600, 2_000)


@pytest.mark.parametrize("direction", ["down", "up"])
async def test_a_link_that_breaks_at_any_byte_does_everything_once(stand: Linked, direction: str) -> None:
    session = await stand.play(60)
    await stand.offline()
    ids = [
        await stand.ask({"kind": "extend_session", "session_id": session, "seconds": 60, "amount_minor": 10})
        for _ in range(6)
    ]
    stand.wire.limits.extend(Limit(**{direction: count}) for count in CUTS)
    await stand.online()
    assert {(await stand.outcome(each))["status"] for each in ids} == {"DONE"}
    assert play_of(stand.state(f"play:{session}")) == ("ACTIVE", 3600 + 6 * 60)
    assert stand.wire.cuts > 3
    await stand.agree()


async def test_commands_survive_a_restart_of_the_box_between_any_two(tmp_path: Path, database: str) -> None:
    """Off and on again while they are on their way: what is on disk is not done twice, what is not comes
    again.
    """
    async with linked(tmp_path / "box", database) as stand:
        session = await stand.play(60)
        ids: list[str] = []
        for _ in range(4):
            await stand.offline()
            ids.append(await stand.ask({"kind": "extend_session", "session_id": session, "seconds": 60}))
            cuts = stand.wire.cuts
            # The box asks other things over the same line, too, and those may come first and be short.
            stand.wire.limits.extend([Limit(down=700)] * 40)
            stand.wire.heal()
            await eventually(partial(_broken, stand, cuts))
            stand.wire.limits.clear()
            await stand.restart()
        assert {(await stand.outcome(each))["status"] for each in ids} == {"DONE"}
        assert stand.state(f"play:{session}").entitled_s == 3600 + 4 * 60
        await stand.agree()


async def test_a_box_that_goes_off_just_as_its_line_breaks_goes_off(
    tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A task group forgets that it was cancelled when one of its members fails in the same moment."""
    async with linked(tmp_path / "box", database) as stand:
        links = [task for task in asyncio.all_tasks() if task.get_name() == "cloud link"]

        def torn(_welcome: Welcome) -> None:
            for task in links:
                task.cancel()
            raise ConnectionResetError

        await stand.offline()
        monkeypatch.setattr(stand.box.app.link, "went_live", torn)
        stand.wire.heal()
        async with asyncio.timeout(60):
            await asyncio.wait(links)
        assert all(task.cancelled() for task in links)


async def _broken(stand: Linked, cuts: int) -> bool:
    """The line has broken once more."""
    return stand.wire.cuts > cuts
