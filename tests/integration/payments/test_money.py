"""The ledger and the provider's books: every cent stands twice and comes from one fact or event."""

from typing import Any

import aiohttp
import asyncpg
import pytest

from cloud.app import Serving
from cloud.payments.asking import Asking
from cloud.payments.reconciling import Reconciling
from cloud.payments.refunding import Refunding
from cloud.store.money import books as money
from cloud.store.money import wallet_statement, wallets
from cloud.store.tenancy import acting_for
from firmware_profiles.emulators.stripe.standin import StripeStandIn
from tests.integration.afar.linked import Linked, eventually
from tests.integration.payments.diner import Diner
from tests.integration.payments.paying import confirm, type_in, until_status, wanted


async def _accounts(pool: asyncpg.Pool) -> dict[str, int]:
    """What accounts come to, without venues in their names; they sum to nothing."""
    rows = await pool.fetch(
        """
        SELECT split_part(account, ':', 1) AS name, sum(amount_minor)::bigint AS minor
        FROM ledger GROUP BY 1
        """
    )
    found = {row["name"]: row["minor"] for row in rows}
    assert sum(found.values()) == 0
    return {name: minor for name, minor in found.items() if minor}


async def _organisation(pool: asyncpg.Pool) -> str:
    return str(await pool.fetchval("SELECT organisation_id FROM organisations"))


async def test_a_bill_paid_by_card_is_given_back_at_the_venue_and_everything_comes_to_nothing(
    stand: Linked, stripe: StripeStandIn, http: aiohttp.ClientSession
) -> None:
    pool, cards = stand.cloud.pool, stand.cloud.cards
    diner = Diner(stand, await stand.sit_down())
    await diner.order()
    begun = (await diner.pay())[1]
    pid, total = begun["payment_pid"], begun["amount_minor"]
    await type_in(http, begun["url"])
    await eventually(diner.settled)
    await stand.agree()
    assert await _accounts(pool) == {"stripe": -total, "revenue": total}
    organisation_id = await _organisation(pool)
    refused = await stand.call(
        "POST", f"{stand.cloud.url}/api/money/payments/{pid}/refunds", {"mid": "refund-01", "reason": "cold"}
    )
    assert refused[1]["error"]["code"] == "refund_at_venue"
    manager = next(each for each in stand.venue.staff if each.role == "manager")
    back = {"reason": "cold", "approval": {"user": manager.user, "pin": manager.pin}, "mid": "back-00001"}
    await stand.staff("POST", f"payments/{pid}/refund", back)
    await stand.agree()
    refunding = Refunding(cards)

    async def returned() -> bool:
        await Asking(cards, refunding, 1).turn()
        return bool(stripe.books.things["refund"])

    await eventually(returned)
    assert await pool.fetchval("SELECT status FROM card_payments") == "REFUNDED"
    assert await _accounts(pool) == {}
    async with acting_for(pool, organisation_id) as connection:
        (row,) = await money.refunds(connection, organisation_id, 10)
        assert (row.by, row.role, row.reason) == (f"staff:{manager.user}", "venue", "cold")
        assert await money.differences(connection, organisation_id) == []


async def test_the_providers_books_bring_fees_and_payouts_and_show_what_differs(
    cloud: Serving,
    stripe: StripeStandIn,
    http: aiohttp.ClientSession,
    sql: asyncpg.Connection,
    organisation_id: str,
) -> None:
    for name in ("pay-1", "pay-2"):
        opened = await cloud.cards.begin(wanted(organisation_id, name))
        assert opened.client_secret is not None
        await confirm(http, stripe, opened.client_secret)
        await until_status(sql, "COMPLETED", name)
    stripe.pay_out()
    reconciling = Reconciling(cloud.cards)
    await reconciling.once()
    await reconciling.once()
    assert await _accounts(cloud.pool) == {"revenue": 2500, "fees": -88, "bank": -2412}
    async with acting_for(cloud.pool, organisation_id) as connection:
        (payout,) = await money.payouts(connection, organisation_id, 10)
        assert (payout.gross_minor, payout.fee_minor, payout.amount_minor, payout.payments) == (
            2500,
            88,
            2412,
            2,
        )
        assert await money.differences(connection, organisation_id) == []
        newest, older = await money.payments(connection, organisation_id, None, 10)
        assert (newest.payment_id, newest.fee_minor) == ("pay-2", 44)
        (again,) = await money.payments(connection, organisation_id, newest.place, 10)
        assert again == older
    await sql.execute("UPDATE provider_movements SET amount_minor = 1 WHERE payment_id = 'pay-1'")
    async with acting_for(cloud.pool, organisation_id) as connection:
        (differs,) = await money.differences(connection, organisation_id)
        assert (differs.kind, differs.payment_id) == ("amount", "pay-1")


async def test_nobody_changes_what_is_written_in_the_ledger(
    cloud: Serving, sql: asyncpg.Connection, organisation_id: str
) -> None:
    await wallets.add(sql, organisation_id, "ada", "Ada", "EUR")
    await wallets.top_up(sql, organisation_id, "ada", 500, "top-up-01")
    for statement in ("UPDATE ledger SET amount_minor = 0", "DELETE FROM ledger"):
        with pytest.raises(asyncpg.CheckViolationError):
            await sql.execute(statement)
    with pytest.raises(asyncpg.CheckViolationError):
        await sql.execute(
            "INSERT INTO ledger (organisation_id, transaction, account, amount_minor, currency) "
            "VALUES ($1, 'gift', 'wallet:ada', 1, 'EUR')",
            organisation_id,
        )


async def test_a_wallet_is_topped_up_by_card_and_its_statement_adds_up(
    stand: Linked, http: aiohttp.ClientSession
) -> None:
    pool = stand.cloud.pool
    organisation_id = await _organisation(pool)
    wallet = {"wallet_id": "ada", "name": "Ada", "currency": "EUR"}
    api = f"{stand.cloud.url}/api"
    await stand.call("POST", f"{api}/wallets", wallet)
    top_up: dict[str, Any] = {"wallet_id": "ada", "amount_minor": 5000, "mid": "top-up-01"}
    status, opened = await stand.call("POST", f"{api}/wallets/card_top_ups", top_up)
    assert (status, opened["status"]) == (201, "PENDING")
    await type_in(http, opened["url"])

    async def paid() -> bool:
        return bool(
            (await stand.cloud.cards.look(organisation_id, opened["payment_id"])).status == "COMPLETED"
        )

    await eventually(paid)
    again = (await stand.call("POST", f"{api}/wallets/card_top_ups", top_up))[1]
    assert (again["status"], again["url"]) == ("COMPLETED", None)
    granted = {"wallet_id": "ada", "amount_minor": 3000, "mid": "grant-001"}
    await stand.outcome((await stand.owner("POST", "grants", granted))["command_id"], "DONE")
    station = stand.venue.play_stations[0].id
    play = {
        "station_id": station,
        "duration": 60,
        "payment_method": "BALANCE",
        "user_id": "ada",
        "amount": 10.0,
    }
    await stand.staff("POST", "sessions/start", play)
    await stand.agree()
    _, told = await stand.call("GET", f"{api}/wallets/ada/statement")
    rows = [
        (row["kind"], row["free_minor"], row["granted_minor"], row["balance_minor"]) for row in told["rows"]
    ]
    assert rows == [
        ("spent", 0, -1000, 4000),
        ("set_aside", -3000, 3000, 5000),
        ("paid_by_card", 5000, 0, 5000),
    ]
    async with acting_for(pool, organisation_id) as connection:
        page = await wallet_statement.page(connection, organisation_id, "ada", told["rows"][1]["number"], 1)
        assert [row.kind for row in page] == ["paid_by_card"]
    assert (await stand.call("GET", f"{api}/wallets/nobody/statement"))[0] == 404


async def test_money_of_the_counter_is_in_the_ledger_and_a_balance_is_counted_once(stand: Linked) -> None:
    diner = Diner(stand, await stand.sit_down())
    await diner.order()
    total = (await diner.bill())["due_minor"]
    bill = f"bills/{diner.session_pid}/payments"
    await stand.staff("POST", bill, {"mid": "cash-00001", "amount_minor": 100, "tip_minor": 50})
    card = await stand.staff("POST", bill, {"mid": "card-00001", "method": "CARD"})
    pid = card["payment"]["payment_pid"]
    await stand.staff("POST", f"payments/{pid}/progress", {"state": "COMPLETED"})
    await stand.staff("POST", "accounts/ada/credit", {"amount": 20.0})
    await stand.agree()
    assert await _accounts(stand.cloud.pool) == {
        "drawer": -2150,
        "terminal": -(total - 100),
        "revenue": total,
        "tips": 50,
        "grant": 2000,
    }
