"""Money paid in at a counter: spent there at once, offline as well, booked once, elsewhere by the wallet."""

from collections import Counter
from pathlib import Path

from cloud.store.link import snapshots
from cloud.store.reading import roll_ups, summing
from tests.integration.afar.linked import Linked, beside
from tests.integration.afar.test_wallets import MIA, balances, cloud, grant, spend


async def pay_in(stand: Linked, amount_minor: int, mid: str, method: str = "CASH") -> str:
    """Mia hands so much over the counter, twice asked for; the payment."""
    body = {"mid": mid, "amount_minor": amount_minor, "method": method}
    answers = [await stand.staff("POST", f"accounts/{MIA}/payments", body) for _ in range(2)]
    assert answers[0] == answers[1]
    pid = str(answers[0]["payment"]["payment_pid"])
    if method == "CARD":
        await stand.staff("POST", f"payments/{pid}/progress", {"state": "COMPLETED"})
    return pid


async def hand_back(stand: Linked, pid: str, amount_minor: int) -> None:
    """Some of it, on a manager's word."""
    manager = next(each for each in stand.venue.staff if each.role == "manager")
    approval = {"user": manager.user, "pin": manager.pin}
    body = {"mid": "hand-back-1", "reason": "too much", "approval": approval, "amount_minor": amount_minor}
    await stand.staff("POST", f"payments/{pid}/refund", body)


async def test_what_is_paid_in_offline_is_spent_here_at_once_and_in_the_books_once(
    stand: Linked, tmp_path: Path
) -> None:
    await stand.offline()
    cash = await pay_in(stand, 3000, "pay-in-cash")
    await pay_in(stand, 500, "pay-in-card", "CARD")
    assert (await spend(stand, 12.0))[0] == 201
    await hand_back(stand, cash, 800)
    await stand.online()
    await stand.agree()
    here = {"drawer": -2200, "terminal": -500, "till": 0, "grant": 1500, "revenue": 1200}
    assert await balances(stand) == here
    await _no_sale(stand)
    await _of_the_wallet(stand)
    returned = await stand.outcome(await grant(stand, 1500, "return-1", give_back=True))
    assert (returned["status"], returned["result"]) == ("DONE", {"amount_minor": "1500"})
    async with beside(stand, tmp_path / "other", "The other one") as other:
        assert (await other.outcome(await grant(other, 1500, "grant-01")))["status"] == "DONE"
        assert [(await spend(each, 15.0, 1))[0] for each in (stand, other)] == [400, 201]
        await other.agree()
    await stand.agree()
    assert await balances(stand) == {**here, "grant": 0, "wallet": 0, "revenue": 2700}


async def _no_sale(stand: Linked) -> None:
    """The takings are what was spent, and the day's sum says apart what was paid in."""
    pool, venue_id = stand.cloud.pool, stand.venue.venue_id
    async with pool.acquire() as connection:
        assert await roll_ups.differences(connection, venue_id) == []
        day, payments, minor = await connection.fetchrow(
            "SELECT day, payments, amount_minor::bigint FROM takings WHERE venue_id = $1", venue_id
        )
        told = await summing.of_day(connection, venue_id, day)
    assert (payments, minor) == (1, 1200)
    assert [(each.method, each.payments, each.amount_minor) for each in told.taken] == [("BALANCE", 1, 1200)]
    assert told.prepaid == summing.Prepaid(payments=2, amount_minor=3500, refunded_minor=800)


async def _of_the_wallet(stand: Linked) -> None:
    """The owner sees what lies at the venue as the guest's, before anything was ever granted."""
    _, answer = await cloud(stand, "wallets", {"wallet_id": MIA, "name": "Mia", "currency": "EUR"})
    (row,) = answer["wallets"]
    assert (row["free_minor"], row["granted_minor"]) == (0, 1500)
    _, statement = await stand.call("GET", f"{stand.cloud.url}/api/wallets/{MIA}/statement")
    assert Counter((each["kind"], each["granted_minor"]) for each in statement["rows"]) == Counter(
        {
            ("paid_in_at_venue", 3000): 1,
            ("paid_in_at_venue", 500): 1,
            ("paid_out_at_venue", -800): 1,
            ("spent", -1200): 1,
        }
    )


async def test_a_new_box_is_given_old_payments_that_can_be_handed_back_still(stand: Linked) -> None:
    """Paid in long before the fortnight that a snapshot looks back over."""
    pid = await pay_in(stand, 3000, "pay-in-cash")
    assert (await spend(stand, 12.0))[0] == 201
    await stand.agree()
    pool = stand.cloud.pool
    await pool.execute("UPDATE facts SET received_at = received_at - interval '20 days'")
    shift = await pool.fetchval("SELECT 'shift:' || shift_pid FROM payments WHERE payment_pid = $1", pid)
    assert {f"payment:{pid}", shift} <= await _wanted(stand)
    half = "DELETE FROM facts WHERE aggregate = $1 AND version = 1"
    assert f"payment:{pid}" not in await _wanted(stand, half, f"payment:{pid}"), "its beginning is archived"
    assert (await spend(stand, 18.0, 1))[0] == 201
    await stand.agree()
    await pool.execute("UPDATE facts SET received_at = received_at - interval '20 days'")
    assert f"payment:{pid}" not in await _wanted(stand), "nothing lies on the balance"


async def _wanted(stand: Linked, after: str = "", *arguments: str) -> set[str]:
    """What a snapshot would hold once something had been done."""
    async with stand.cloud.pool.acquire() as connection:
        change = connection.transaction()
        await change.start()
        if after:
            await connection.execute(after, *arguments)
        await snapshots.note_wanted(connection, stand.venue.venue_id, 14)
        rows = await connection.fetch("SELECT aggregate FROM wanted")
        await change.rollback()
    return {row["aggregate"] for row in rows}
