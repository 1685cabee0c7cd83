"""Cards that a terminal stores in an outage, all of it real: owner, cloud, link, box, two tills, restarts."""

import asyncio
from pathlib import Path
from typing import Any

from tests.browser.venue import Box
from tests.integration.afar.linked import Linked, eventually
from tests.integration.successions.boxes import claim

RULES = {"allowed": True, "most_minor": 2000, "most_unsent_minor": 2500, "most_hours": 24}
DISH = 17


async def allow(stand: Linked, **rules: Any) -> None:
    """The owner says yes, and the box has heard it."""
    await stand.owner("PUT", "offline_cards", {**RULES, **rules})

    async def heard() -> bool:
        return bool(stand.state("venue:venue").config.offline_cards.allowed)

    await eventually(heard)


async def owing(stand: Linked) -> str:
    """A table with dishes on its bill, for more than any limit here."""
    seat = await stand.sit_down()
    table = f"tables/{stand.venue.tables[0].code}"
    for number in range(4):
        line = {"menu_item": DISH, "qty": 2, "mid": f"line-{number:05}"}
        cart = await stand.staff("POST", f"{table}/items", line)
    await stand.staff("POST", f"{table}/order", {"cart_hash": cart["cart_hash"]})
    return str(seat["session_pid"])


async def card(stand: Linked, session_pid: str, amount_minor: int, mid: str) -> str:
    """A card payment that is held against the venue's terminal."""
    body = {"mid": mid, "method": "CARD", "amount_minor": amount_minor}
    paid = await stand.staff("POST", f"bills/{session_pid}/payments", body)
    return str(paid["payment"]["payment_pid"])


async def store(stand: Linked, payment_pid: str, **more: Any) -> tuple[int, str]:
    """Say that the terminal has stored it: status, and the refusal's code or how the payment is."""
    url = f"{stand.box.url}/api/v1/payments/{payment_pid}/stored"
    body = {"mid": f"store-{payment_pid[-12:]}", **more}
    status, said = await stand.call("POST", url, body, stand.staff_token)
    return status, said["error"]["code"] if "error" in said else said["status"]


async def unsent(stand: Linked) -> tuple[int, int]:
    """What the staff sees."""
    listed = await stand.staff("GET", "stored_cards")
    assert len(listed["cards"]) == listed["unsent"]
    assert sum(each["amount_minor"] for each in listed["cards"]) == listed["unsent_minor"]
    return listed["unsent"], listed["unsent_minor"]


def approval(stand: Linked) -> dict[str, str]:
    """The manager's PIN."""
    manager = next(each for each in stand.venue.staff if each.role == "manager")
    return {"user": manager.user, "pin": manager.pin}


async def test_an_outage_with_stored_cards_from_the_owners_yes_to_the_last_of_them(stand: Linked) -> None:
    bill = await owing(stand)
    first = await card(stand, bill, 1500, "card-000001")
    await stand.offline()
    assert await store(stand, first) == (409, "offline_cards_off")
    await stand.online()
    await allow(stand)
    assert await store(stand, first) == (409, "cloud_reachable")
    await stand.offline()
    assert await store(stand, first) == (201, "COMPLETED")
    assert await store(stand, first) == (201, "COMPLETED")
    assert await unsent(stand) == (1, 1500)
    # Two tills want the last of what may be stored at the same moment.
    racing = [await card(stand, bill, 600, f"card-00001{number}") for number in range(2)]
    outcomes = await asyncio.gather(*(store(stand, each) for each in racing))
    assert sorted(outcomes) == [(201, "COMPLETED"), (409, "over_offline_limit")]
    (late,) = [each for each, (status, _) in zip(racing, outcomes, strict=True) if status == 409]
    await stand.restart()
    await stand.enter()
    assert await unsent(stand) == (2, 2100)
    assert await store(stand, late) == (409, "over_offline_limit")
    wrong = {**approval(stand), "pin": "0000"}
    assert await store(stand, late, reason="regulars", approval=wrong) == (401, "wrong_pin")
    assert await store(stand, late, reason=" ", approval=approval(stand)) == (400, "invalid")
    said = await store(stand, late, mid="store-00001", reason="regulars", approval=approval(stand))
    assert said == (201, "COMPLETED")
    assert await unsent(stand) == (3, 2700)
    (seen,) = [each for each in stand.box.app.alarms.current() if each.code == "stored_cards"]
    assert seen.message.startswith("3 stored cards")
    await stand.online()
    items = (await stand.owner("GET", "reconciliation"))["items"]
    pending = {each["key"]: each for each in items if each["kind"] == "pending"}
    assert set(pending) == {f"stored:{each}" for each in (first, *racing)}
    assert "regulars" in pending[f"stored:{late}"]["detail"]
    shown = await stand.owner("GET", "offline_cards")
    assert (shown["unsent"]["unsent"], shown["unsent"]["unsent_minor"]) == (3, 2700)
    # The staff knows of one, the owner of the others; one of them was declined.
    assert await stand.staff("POST", f"stored_cards/{first}", {"sent": True}) == {
        "unsent": 2,
        "unsent_minor": 1200,
        "session_pid": None,
    }
    ask = {"kind": "settle_stored_card", "sent": True}
    done = await stand.outcome(await stand.ask({**ask, "payment_pid": racing[0]}))
    assert done["message"] == "It counts as sent."
    due_minor = (await stand.staff("GET", f"bills/{bill}"))["due_minor"]
    declined = {**ask, "sent": False, "reason": "no money", "payment_pid": racing[1]}
    done = await stand.outcome(await stand.ask(declined))
    assert done["message"] == "It was taken off; the bill is owed again."
    assert (await stand.staff("GET", f"bills/{bill}"))["due_minor"] == due_minor + 600
    again = await stand.outcome(await stand.ask({**declined, "reason": "another word"}))
    assert again["message"] == "It was so already."
    other = await stand.outcome(await stand.ask({**declined, "sent": True}))
    assert (other["status"], other["code"]) == ("REFUSED", "payment_final")
    assert await unsent(stand) == (0, 0)
    assert not [each for each in stand.box.app.alarms.current() if each.code == "stored_cards"]
    items = (await stand.owner("GET", "reconciliation"))["items"]
    (owed,) = [each for each in items if each["kind"] == "recollect"]
    assert owed["key"] == f"bill:{bill}"
    assert owed["detail"] == "A stored card was declined: no money."
    ledger = await stand.cloud.pool.fetch(
        "SELECT account, sum(amount_minor)::bigint AS minor FROM ledger GROUP BY account"
    )
    books = {row["account"].partition(":")[0]: row["minor"] for row in ledger}
    assert books == {"terminal": -2100, "revenue": 2100}
    await stand.agree()


async def test_only_an_owner_says_yes_and_only_to_limits_that_can_be_meant(stand: Linked) -> None:
    url = f"{stand.cloud.url}/api/venues/{stand.venue.venue_id}/offline_cards"
    for wrong in (
        {"most_minor": 0},
        {"most_minor": 3000},
        {"most_unsent_minor": 10**13},
        {"most_hours": 0},
        {"most_hours": 24 * 365},
    ):
        status, said = await stand.call("PUT", url, {**RULES, **wrong})
        assert (status, said["error"]["code"]) == (400, "invalid"), wrong
    assert (await stand.owner("GET", "offline_cards"))["rules"] == {}
    await allow(stand, most_hours=2)
    found = await stand.owner("GET", "offline_cards")
    assert found["rules"] == {**RULES, "most_hours": 2}
    trail = await stand.cloud.pool.fetch("SELECT after FROM audit WHERE action = 'offline cards changed'")
    await allow(stand, most_hours=2)
    again = await stand.cloud.pool.fetch("SELECT after FROM audit WHERE action = 'offline cards changed'")
    assert len(trail) == len(again) == 1


async def test_a_drill_is_no_outage(stand: Linked) -> None:
    await allow(stand)
    bill = await owing(stand)
    payment = await card(stand, bill, 500, "card-000001")
    await stand.staff("POST", "drills", {"minutes": 1})

    async def cut() -> bool:
        assert stand.box.app.link is not None
        return stand.box.app.link.state.state == "down"

    await eventually(cut)
    assert await store(stand, payment) == (409, "cloud_reachable")


async def test_a_replaced_box_knows_what_is_not_sent(stand: Linked, tmp_path: Path) -> None:
    await allow(stand)
    bill = await owing(stand)
    payment = await card(stand, bill, 1500, "card-000001")
    await stand.offline()
    assert await store(stand, payment) == (201, "COMPLETED")
    await stand.online()
    await stand.box.off()
    code = (await stand.owner("POST", "replace", {"epoch": 1}))["code"]
    status, said = await claim(tmp_path / "heir", stand.cloud.url, code)
    assert status == 0, said
    stand.box = Box(tmp_path / "heir", [])
    await stand.box.on(stand.tasks)
    try:
        await stand.enter()
        assert await unsent(stand) == (1, 1500)
        declined = {"sent": False, "reason": "no money"}
        settled = await stand.staff("POST", f"stored_cards/{payment}", declined)
        assert settled == {"unsent": 0, "unsent_minor": 0, "session_pid": bill}
        found = await stand.staff("GET", f"bills/{bill}")
        assert found["due_minor"] == found["total_minor"]
    finally:
        await stand.box.off()
