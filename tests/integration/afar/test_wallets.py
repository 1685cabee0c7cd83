"""Money in a wallet is spent once: at most what was granted, wherever the internet is gone, and every
amount twice.
"""

import asyncio
from typing import Any

import asyncpg
import pytest

from cloud.owners.samples import sample
from cloud.owners.venues import founding, venue_file
from cloud.store.money import wallets
from cloud.store.money.wallets import Overdrawn
from tests.integration.afar.linked import Linked
from tests.integration.cloud.conftest import OWNER

MIA = "mia"


async def cloud(stand: Linked, path: str, body: object) -> tuple[int, Any]:
    """The owner asks something of the cloud that is not about one venue."""
    return await stand.call("POST", f"{stand.cloud.url}/api/{path}", body)


async def wallet(stand: Linked, amount_minor: int) -> None:
    """Mia has so much."""
    status, _ = await cloud(stand, "wallets", {"wallet_id": MIA, "name": "Mia", "currency": "EUR"})
    assert status == 200
    top_up = {"wallet_id": MIA, "amount_minor": amount_minor, "mid": "top-up-1"}
    for _ in range(2):
        status, answer = await cloud(stand, "wallets/top_ups", top_up)
        assert (status, answer["wallets"][0]["free_minor"]) == (200, amount_minor)


async def grant(stand: Linked, amount_minor: int, mid: str, **more: object) -> str:
    """So much of it may be spent at the venue; the command's id."""
    body = {"wallet_id": MIA, "amount_minor": amount_minor, "mid": mid, **more}
    return str((await stand.owner("POST", "grants", body))["command_id"])


async def spend(stand: Linked, amount: float, station: int = 0) -> tuple[int, Any]:
    """Mia starts to play and pays from her balance; status and answer of the box."""
    body = {
        "station_id": stand.venue.play_stations[station].id,
        "duration": 60,
        "payment_method": "BALANCE",
        "amount": amount,
        "user_id": MIA,
    }
    return await stand.call("POST", f"{stand.box.url}/api/v1/sessions/start", body, stand.staff_token)


async def balances(stand: Linked) -> dict[str, int]:
    """Every account of the ledger by the part before its venue; checks that all of it comes to nothing."""
    rows = await stand.cloud.pool.fetch(
        "SELECT split_part(account, ':', 1) AS kind, sum(amount_minor)::bigint AS minor "
        "FROM ledger GROUP BY kind"
    )
    found = {row["kind"]: row["minor"] for row in rows}
    assert sum(found.values()) == 0
    return found


async def test_only_what_was_granted_can_be_spent_and_what_is_left_comes_back(stand: Linked) -> None:
    await wallet(stand, 5000)
    for _ in range(2):
        assert (await stand.outcome(await grant(stand, 3000, "grant-01")))["status"] == "DONE"
    assert await balances(stand) == {"cash": -5000, "wallet": 2000, "grant": 3000}
    await stand.offline()
    status, answer = await spend(stand, 20.0)
    assert status == 201, answer
    status, answer = await spend(stand, 20.0, station=1)
    assert (status, answer["error"]["code"]) == (400, "insufficient_balance")
    back = await grant(stand, 5000, "return-1", give_back=True)
    await stand.online()
    returned = await stand.outcome(back)
    assert (returned["status"], returned["result"]) == ("DONE", {"amount_minor": "1000"})
    await stand.agree()
    assert await balances(stand) == {"cash": -5000, "wallet": 3000, "grant": 0, "revenue": 2000}


async def test_a_grant_at_a_venue_that_nobody_can_reach_is_never_given_to_another(stand: Linked) -> None:
    """Two venues, one wallet, no internet: together they cannot spend more than there is."""
    await wallet(stand, 5000)
    other = await founding.create_venue(
        stand.cloud.pool, OWNER, "The other one", venue_file.load(sample("venue.json"))
    )
    await stand.offline()
    await grant(stand, 4000, "grant-01")
    url = f"{stand.cloud.url}/api/venues/{other.venue_id}/grants"
    much = {"wallet_id": MIA, "amount_minor": 1001, "mid": "grant-02"}
    status, answer = await stand.call("POST", url, much)
    assert (status, answer["error"]["code"]) == (400, "insufficient_balance")
    status, _ = await stand.call("POST", url, {**much, "amount_minor": 1000, "mid": "grant-03"})
    assert status == 202
    await stand.aged(10**7)
    await stand.online()
    command = await stand.outcome("grant:mia:grant-01")
    assert command["status"] == "DONE", "months later it is still good"
    assert await balances(stand) == {"cash": -5000, "wallet": 0, "grant": 5000}
    await stand.agree()


async def test_a_grant_that_the_box_does_not_take_goes_back(stand: Linked) -> None:
    """A box of an older release says that it does not understand, once or again with its next state."""
    await wallet(stand, 5000)
    await stand.offline()
    command_id = await grant(stand, 3000, "grant-01")
    assert (await balances(stand))["wallet"] == 2000
    for statement in (
        "INSERT INTO command_outcomes VALUES ($1, $2, 1, 'credit_grant', 'owner:o', 'REFUSED', "
        "'not_understood', '', '{}', NULL, 1, 1, 2)",
        "UPDATE command_outcomes SET version = 3 WHERE venue_id = $1 AND command_id = $2",
    ):
        await stand.cloud.pool.execute(statement, stand.venue.venue_id, command_id)
        assert await balances(stand) == {"cash": -5000, "wallet": 5000, "grant": 0}


async def test_people_who_grant_at_once_never_grant_more_than_there_is(stand: Linked) -> None:
    await wallet(stand, 1000)
    organisation = await stand.cloud.pool.fetchval("SELECT organisation_id FROM wallets")
    outcomes: list[bool] = []

    async def one(number: int) -> None:
        async with stand.cloud.pool.acquire() as connection:
            try:
                async with connection.transaction():
                    await wallets.grant(
                        connection, organisation, stand.venue.venue_id, MIA, 300, f"race-{number}", "owner:o"
                    )
                outcomes.append(True)
            except Overdrawn:
                outcomes.append(False)

    async with asyncio.TaskGroup() as group:
        for number in range(8):
            group.create_task(one(number))
    assert sorted(outcomes) == [False] * 5 + [True] * 3
    assert (await balances(stand))["wallet"] == 100


async def test_money_from_the_counter_is_a_balance_of_this_venue(stand: Linked) -> None:
    await stand.staff("POST", f"accounts/{MIA}/credit", {"amount": 30.0, "mid": "paid-in-1"})
    assert (await spend(stand, 20.0))[0] == 201
    await stand.agree()
    found = await balances(stand)
    assert (found["drawer"], found["till"], found["grant"], found["revenue"]) == (-3000, 0, 1000, 2000)


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO ledger (organisation_id, transaction, account, amount_minor, currency) "
        "SELECT organisation_id, 'theft', 'wallet:mia', 100, 'EUR' FROM wallets",
        "UPDATE ledger SET amount_minor = amount_minor + 1",
        "DELETE FROM ledger",
    ],
)
async def test_no_money_is_made_by_hand(stand: Linked, statement: str) -> None:
    await wallet(stand, 1000)
    with pytest.raises(asyncpg.CheckViolationError):
        await stand.cloud.pool.execute(statement)
    assert (await balances(stand))["wallet"] == 1000


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("wallets/top_ups", {"wallet_id": "nobody", "amount_minor": 5, "mid": "top-up-1"}, "unknown_wallet"),
        ("wallets/top_ups", {"wallet_id": MIA, "amount_minor": -5, "mid": "top-up-1"}, "invalid"),
        ("wallets", {"wallet_id": "a b", "name": "x", "currency": "EUR"}, "invalid"),
        ("wallets", {"wallet_id": "ab", "name": "x", "currency": "euro"}, "invalid"),
    ],
)
async def test_nonsense_moves_nothing(stand: Linked, path: str, body: dict[str, object], code: str) -> None:
    _, answer = await cloud(stand, path, body)
    assert answer["error"]["code"] == code
    assert await stand.cloud.pool.fetchval("SELECT count(*) FROM ledger") == 0
