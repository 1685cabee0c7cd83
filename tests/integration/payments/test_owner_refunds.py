"""The owner gives a venue's payments back: to the card by the provider, in cash by the staff; once each."""

from typing import Any

import aiohttp

from cloud.payments.asking import Asking
from cloud.payments.refunding import Refunding
from firmware_profiles.emulators.stripe.standin import StripeStandIn
from tests.integration.afar.linked import Linked, eventually
from tests.integration.afar.test_stored_cards import owing
from tests.integration.cloud.conftest import OWNER
from tests.integration.payments.paying import type_in


async def _payment(stand: Linked, payment_pid: str) -> dict[str, Any]:
    """As the owner's list has it."""
    listed = (await stand.owner("GET", "payments"))["payments"]
    return next(each for each in listed if each["payment_pid"] == payment_pid)


async def _by_phone(stand: Linked, http: aiohttp.ClientSession, bill: str, amount_minor: int) -> str:
    body = {"mid": "card-000001", "method": "CARD", "amount_minor": amount_minor}
    paid = await stand.staff("POST", f"bills/{bill}/payments", body)
    pid = str(paid["payment"]["payment_pid"])
    opened = await stand.staff("POST", f"payments/{pid}/online")
    await type_in(http, opened["url"])

    async def there() -> bool:
        return bool((await stand.staff("GET", f"payments/{pid}"))["status"] == "COMPLETED")

    await eventually(there)
    return pid


async def test_a_card_goes_back_through_the_provider_once(
    stand: Linked, stripe: StripeStandIn, http: aiohttp.ClientSession
) -> None:
    bill = await owing(stand)
    pid = await _by_phone(stand, http, bill, 2000)
    await stand.agree()
    ask = {"kind": "return_payment", "payment_pid": pid, "reason": "cold food", "amount_minor": 800}
    await stand.offline()
    command = await stand.ask(ask, command_id="give-back-0001", ttl_s=3600)
    assert await stand.ask(ask, command_id="give-back-0001", ttl_s=3600) == command
    await stand.restart()
    await stand.online()
    done = await stand.outcome(command)
    assert (done["status"], done["message"]) == ("DONE", "It goes back by itself.")

    async def returned() -> bool:
        rows = await stand.cloud.pool.fetch("SELECT status FROM card_refunds")
        return [row["status"] for row in rows] == ["COMPLETED"]

    await stand.agree()
    await stand.cloud.pool.execute("UPDATE card_refunds SET ask_at = now()")
    await Asking(stand.cloud.cards, Refunding(stand.cloud.cards), 1).turn()
    await eventually(returned)
    assert [each["amount"] for each in stripe.books.things["refund"].values()] == [800]
    listed = await _payment(stand, pid)
    assert (listed["online"], listed["refunded_minor"], listed["place"]) == (True, 800, "T1")
    too_much = await stand.outcome(await stand.ask({**ask, "amount_minor": 1201}))
    assert (too_much["status"], too_much["code"]) == ("REFUSED", "refund_too_high")
    trail = await stand.cloud.pool.fetch("SELECT actor FROM audit WHERE action = 'command: return_payment'")
    assert len(trail) == 2
    await stand.agree()


async def test_cash_becomes_a_task_that_somebody_at_the_counter_does(stand: Linked) -> None:
    bill = await owing(stand)
    body = {"mid": "cash-000001", "amount_minor": 2000}
    paid = await stand.staff("POST", f"bills/{bill}/payments", body)
    pid = paid["payment"]["payment_pid"]
    ask = {"kind": "return_payment", "payment_pid": pid, "reason": "cold food"}
    done = await stand.outcome(await stand.ask(ask))
    assert done["message"] == "The staff has it on its list, to give it back."
    (task,) = (await stand.staff("GET", "approvals"))["refunds"]
    assert (task["method"], task["place"], task["amount_minor"]) == ("CASH", "T1", 2000)
    assert (await _payment(stand, pid))["owed_back_minor"] == 2000
    (item,) = (await stand.owner("GET", "reconciliation"))["items"]
    assert item["key"] == f"task:{task['request_id']}"
    granted = {"kind": "decide_refund", "request_id": task["request_id"], "granted": True}
    refused = await stand.outcome(await stand.ask(granted))
    assert (refused["status"], refused["code"]) == ("REFUSED", "forbidden")
    before = (await stand.staff("GET", f"bills/{bill}"))["due_minor"]
    await stand.staff("POST", f"refund_requests/{task['request_id']}", {"granted": True})
    await stand.staff("POST", f"refund_requests/{task['request_id']}", {"granted": True})
    assert (await stand.staff("GET", f"bills/{bill}"))["due_minor"] == before + 2000
    await stand.agree()
    listed = await _payment(stand, pid)
    assert (listed["status"], listed["refunded_minor"], listed["owed_back_minor"]) == ("REFUNDED", 2000, 0)
    row = await stand.cloud.pool.fetchrow('SELECT reason, "by", approved_by FROM refunds')
    assert row is not None
    assert row["reason"] == "cold food"
    assert row["by"].startswith("staff:")
    assert row["approved_by"] == OWNER
    assert (await stand.owner("GET", "reconciliation"))["items"] == []
