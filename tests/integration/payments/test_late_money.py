"""A card pays for a seat that was given up while the box was away: counted, and back on the card, once."""

import asyncio
import sqlite3
from pathlib import Path

import aiohttp

from cloud.payments.asking import Asking
from cloud.payments.refunding import Refunding
from edge.core.play.commands import AbandonPlay
from firmware_profiles.emulators.stripe.standin import StripeStandIn
from tests.integration.afar.linked import Linked, eventually
from tests.integration.faults.programs import edge_program
from tests.integration.payments.paying import type_in
from tests.integration.payments.test_play_by_card import Seat

_PRICE = 10_000


async def _paid_too_late(
    seat: Seat, stand: Linked, stripe: StripeStandIn, http: aiohttp.ClientSession
) -> str:
    """The box is away and gives the seat up, then the guest pays, and Stripe says so twice; the payment."""
    pid = await seat.start()
    page = await seat.page(pid)
    session_id = (await seat.told())["session"]["id"]
    await stand.offline()
    await stand.box.app.writer.execute(AbandonPlay(session_id))
    stripe.whims.twice = True
    await type_in(http, page)
    return pid


async def _asks(stand: Linked) -> None:
    """What any process of the cloud does about money under way, now."""
    await stand.cloud.pool.execute("UPDATE card_refunds SET ask_at = now()")
    await Asking(stand.cloud.cards, Refunding(stand.cloud.cards), 1).turn()


async def _nothing_is_left(stand: Linked) -> bool:
    """The owner's list is empty, and nothing of the provider's is in the books."""
    await _asks(stand)
    sums = [
        await stand.cloud.pool.fetchval(
            "SELECT coalesce(sum(amount_minor), 0)::bigint FROM ledger WHERE account LIKE $1", account
        )
        for account in ("cards:%", "stripe", "revenue:%", "%")
    ]
    refunds = await stand.cloud.pool.fetch("SELECT status FROM card_refunds")
    listed = (await stand.owner("GET", "reconciliation"))["items"]
    return not any(sums) and listed == [] and [row["status"] for row in refunds] == ["COMPLETED"]


def _returned(stripe: StripeStandIn) -> list[int]:
    return [each["amount"] for each in stripe.books.things["refund"].values()]


async def test_who_pays_for_a_seat_that_was_given_up_has_the_money_back_once(
    stand: Linked, stripe: StripeStandIn, http: aiohttp.ClientSession
) -> None:
    seat = Seat(stand)
    pid = await _paid_too_late(seat, stand, stripe, http)
    await stand.restart()
    await stand.online()

    async def decided() -> bool:
        return await seat.status(pid) == "REFUNDED"

    await eventually(decided)
    await stand.agree()
    # Stripe gives it back and the answer is lost: it is asked about, not told again.
    stripe.faults.lose_answers = True
    await _asks(stand)
    stripe.faults.lose_answers = False
    await eventually(lambda: _nothing_is_left(stand))
    assert (await seat.free(), _returned(stripe)) == (True, [_PRICE])
    assert (await stand.staff("GET", f"payments/{pid}/online"))["status"] == "REFUNDED"
    confirmed = await stand.staff("POST", f"payments/{pid}/confirm")
    assert (confirmed["status"], confirmed["amount_minor"]) == ("REFUND_OWED", _PRICE)
    await stand.agree()
    assert _returned(stripe) == [_PRICE]


async def test_a_box_that_is_killed_while_late_money_arrives_gives_it_back_once(
    stand: Linked, stripe: StripeStandIn, http: aiohttp.ClientSession
) -> None:
    seat = Seat(stand)
    pid = await _paid_too_late(seat, stand, stripe, http)
    await stand.box.off()
    program = edge_program(stand.directory)
    try:
        for _ in range(2):
            stand.wire.heal()
            program.start()
            await _until_decided(stand.directory, pid)
            program.kill()
            stand.wire.cut()
        stand.wire.heal()
        await program.up()
        await eventually(lambda: _nothing_is_left(stand))
        program.stop()
    finally:
        program.kill()
    await stand.box.on(stand.tasks)
    await stand.agree()
    assert (await seat.status(pid), _returned(stripe)) == ("REFUNDED", [_PRICE])


async def _until_decided(directory: Path, pid: str) -> None:
    """It is on the box's disk; killed in this moment, the box may have told nobody."""
    async with asyncio.timeout(60):
        while True:
            journal = sqlite3.connect(f"file:{directory}/journal.sqlite3?mode=ro", uri=True)
            (status,) = journal.execute(
                "SELECT status FROM payments WHERE payment_pid = ?", (pid,)
            ).fetchone()
            journal.close()
            if status == "REFUNDED":
                return
            await asyncio.sleep(0.01)


async def test_a_terminals_late_card_is_a_task_at_the_counter_and_stands_with_the_owner_until_it_is_done(
    stand: Linked,
) -> None:
    seat = Seat(stand)
    pid = await seat.start()
    await stand.box.app.writer.execute(AbandonPlay((await seat.told())["session"]["id"]))
    confirmed = await stand.staff("POST", f"payments/{pid}/confirm")
    assert confirmed["status"] == "REFUND_OWED"
    (task,) = (await stand.staff("GET", "approvals"))["refunds"]
    assert (task["method"], task["amount_minor"]) == ("CARD", _PRICE)
    await stand.agree()
    (item,) = (await stand.owner("GET", "reconciliation"))["items"]
    assert (item["key"], item["amount_minor"]) == (f"task:{task['request_id']}", _PRICE)
    await stand.staff("POST", f"refund_requests/{task['request_id']}", {"granted": True})
    await stand.agree()
    assert (await stand.owner("GET", "reconciliation"))["items"] == []
    assert await seat.status(pid) == "REFUNDED"


async def test_what_nobody_at_the_counter_can_give_back_stays_with_the_owner(stand: Linked) -> None:
    seat = Seat(stand)
    pid = await seat.start()
    await stand.box.app.writer.execute(AbandonPlay((await seat.told())["session"]["id"]))
    await stand.staff("POST", f"payments/{pid}/confirm")
    (task,) = (await stand.staff("GET", "approvals"))["refunds"]
    await stand.staff("POST", f"refund_requests/{task['request_id']}", {"granted": False})
    await stand.agree()
    (item,) = (await stand.owner("GET", "reconciliation"))["items"]
    assert (item["key"], item["kind"], item["amount_minor"]) == (f"entitlement:{pid}", "refund", _PRICE)
