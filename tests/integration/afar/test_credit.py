"""A venue stands in for a guest while the cloud is away: up to the cap, and collected exactly once."""

from pathlib import Path
from typing import Any

import pytest

from edge.effects.afar import cut_off
from tests.integration.afar.linked import Linked, beside, eventually
from tests.integration.afar.test_wallets import MIA, balances, cloud, grant, wallet


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """An outage is one from its first moment."""
    monkeypatch.setattr(cut_off, "SURE_S", 0.0)


async def allow(stand: Linked, cap_minor: int) -> None:
    """The owner sets the cap, and the venue has heard of it."""
    rules = await stand.owner("GET", "rules")
    wanted = {**rules, "wallet_credit_cap_minor": cap_minor}
    answer = await stand.owner("PUT", "rules", wanted)
    assert answer["wallet_credit_cap_minor"] == cap_minor

    async def heard() -> bool:
        venue = stand.box.app.hot.committed_venue()
        return venue is not None and venue.config.wallet_credit_cap_minor == cap_minor

    await eventually(heard)


async def play(
    stand: Linked, amount: float, station: int = 0, *, on_credit: bool = True, user: str = MIA, mid: str = ""
) -> tuple[int, Any]:
    """Somebody starts to play and pays from the balance; status and answer of the box."""
    body: dict[str, object] = {
        "station_id": stand.venue.play_stations[station].id,
        "duration": 60,
        "payment_method": "BALANCE",
        "amount": amount,
        "user_id": user,
        "on_credit": on_credit,
        "mid": mid or None,
    }
    return await stand.call("POST", f"{stand.box.url}/api/v1/sessions/start", body, stand.staff_token)


def owed(stand: Linked) -> int:
    """What all guests owe the venue, on the box's disk."""
    state = stand.state("credit:venue")
    return state.owed_minor if state else 0


async def comes_to(stand: Linked, owed_minor: int) -> None:
    """Wait until no more than that is owed to the venue, which it must come to exactly."""

    async def so() -> bool:
        return owed(stand) <= owed_minor

    await eventually(so)
    assert owed(stand) == owed_minor


async def debts(stand: Linked) -> list[dict[str, Any]]:
    """What the owner has to look at."""
    items = (await stand.owner("GET", "reconciliation"))["items"]
    return [item for item in items if item["kind"] == "credit"]


async def test_two_venues_lend_within_their_caps_and_the_wallet_pays_once(
    stand: Linked, tmp_path: Path
) -> None:
    await wallet(stand, 4500)
    async with beside(stand, tmp_path / "other", "Pier 9") as other:
        for number, each in enumerate((stand, other)):
            await allow(each, 2000)
            await each.outcome(await grant(each, 500, f"grant-0{number}"))
            await each.offline()
        status, answer = await play(stand, 20.0, on_credit=False)
        told = answer["error"]
        assert (status, told["code"], told["short_minor"], told["credit_left_minor"]) == (
            *(400, "insufficient_balance"),
            *(1500, 2000),
        )
        for _ in range(2):
            status, answer = await play(stand, 20.0, mid="start-once")
            assert status == 201, answer
        await stand.restart()
        status, answer = await play(stand, 5.01, station=1)
        assert (status, answer["error"]["code"]) == (409, "credit_exhausted"), "the cap outlives a restart"
        assert (await play(stand, 5.0, station=1))[0] == 201
        assert (await play(other, 25.0))[0] == 201
        assert (owed(stand), owed(other)) == (2000, 2000)
        for each, rest_minor in ((stand, 0), (other, 500)):  # the wallet has 35.00 left for debts of 40.00
            await each.online()
            await comes_to(each, rest_minor)
            await each.agree()
        found = await balances(stand)
        assert (found["wallet"], found["grant"], found["credit"], found["revenue"]) == (0, 0, -500, 5000)
        (debt,) = await debts(other)
        assert (debt["about"], debt["amount_minor"], await debts(stand)) == ("Mia", 500, [])
        await other.outcome(await other.ask({"kind": "ask_resend"}))
        await other.restart()
        await other.agree()
        assert await balances(stand) == found, "nothing of it comes twice"
        await _collected_later(other, debt["key"].removeprefix("credit:"))


async def _collected_later(stand: Linked, entry: str) -> None:
    """The guest pays in, the owner presses a button twice."""
    url = f"{stand.cloud.url}/api/venues/{stand.venue.venue_id}/reconciliation/collect"
    status, answer = await stand.call("POST", url, {"entry": entry, "mid": "collect-1"})
    assert (status, answer["error"]["code"]) == (400, "insufficient_balance"), "the wallet is empty"
    await cloud(stand, "wallets/top_ups", {"wallet_id": MIA, "amount_minor": 1000, "mid": "top-up-2"})
    for _ in range(2):
        sent = await stand.owner("POST", "reconciliation/collect", {"entry": entry, "mid": "collect-2"})
    assert (await stand.outcome(sent["command_id"]))["status"] == "DONE"
    await stand.agree()
    found = await balances(stand)
    assert (found["wallet"], found["credit"], owed(stand), await debts(stand)) == (500, 0, 0, [])
    status, answer = await stand.call("POST", url, {"entry": entry, "mid": "collect-3"})
    assert (status, answer["error"]["code"]) == (409, "nothing_owed")


async def test_no_venue_lends_unless_its_owner_says_so_or_while_the_cloud_is_there(stand: Linked) -> None:
    await wallet(stand, 5000)
    await stand.outcome(await grant(stand, 500, "grant-01"))
    await stand.offline()
    status, answer = await play(stand, 20.0)
    assert (status, answer["error"]) == (
        400,
        {"code": "insufficient_balance", "message": "Insufficient balance", "balance_minor": 500},
    )
    await stand.online()
    await allow(stand, 2000)
    status, answer = await play(stand, 20.0)
    assert (status, answer["error"]["code"], "short_minor" in answer["error"]) == (
        *(400, "insufficient_balance"),
        False,
    )
    assert owed(stand) == 0


async def lends(stand: Linked, user: str = MIA) -> bool:
    """Whether the venue would stand in for somebody; nothing is lent by asking."""
    status, answer = await play(stand, 20.0, on_credit=False, user=user)
    assert (status, answer["error"]["code"]) == (400, "insufficient_balance"), answer
    return "short_minor" in answer["error"]


async def test_a_drill_and_the_first_seconds_of_a_box_are_no_outage(
    stand: Linked, monkeypatch: pytest.MonkeyPatch
) -> None:
    await allow(stand, 2000)
    await wallet(stand, 5000)
    await stand.outcome(await grant(stand, 500, "grant-01"))
    drill = await stand.staff("POST", "drills", {"minutes": 5})
    await eventually(lambda: stand._link("down"))
    assert not await lends(stand), "the internet is there"
    monkeypatch.setattr(cut_off, "SURE_S", 3600.0)
    stand.wire.cut()
    await stand.staff("POST", f"drills/{drill['drill_id']}/stop", {})
    await stand.restart()
    assert not await lends(stand), "it is still dialling"
    monkeypatch.setattr(cut_off, "SURE_S", 0.0)
    assert await lends(stand)
    await stand.online()

    async def told() -> bool:  # the drill's report is a fact of its own, after the line is there again
        return bool(stand.state(f"drill:{drill['drill_id']}").status == "done")

    await eventually(told)
    await stand.agree()


async def test_the_counter_pays_a_debt_and_the_rest_is_written_off(stand: Linked) -> None:
    """A guest whom only this venue knows: there is no wallet to ask."""
    await allow(stand, 2000)
    await stand.staff("POST", "accounts/ben/credit", {"amount": 1.0, "mid": "paid-in-1"})
    await stand.offline()
    assert (await play(stand, 15.0, user="ben"))[0] == 201
    await stand.online()
    await stand.agree()
    (debt,) = await debts(stand)
    assert (debt["about"], debt["amount_minor"], "No wallet" in debt["detail"]) == ("ben", 1400, True)
    await stand.staff("POST", "accounts/ben/credit", {"amount": 4.0, "mid": "paid-in-2"})
    assert owed(stand) == 1000
    entry = debt["key"].removeprefix("credit:")
    ask = {"kind": "write_off_credit", "entry": entry, "note": "moved away"}
    assert (await stand.outcome(await stand.ask(ask)))["status"] == "DONE"
    again = await stand.outcome(await stand.ask(ask))
    assert (again["status"], again["code"]) == ("REFUSED", "nothing_owed")
    await stand.agree()
    found = await balances(stand)
    assert (found["credit"], found["loss"], found["grant"], await debts(stand)) == (0, -1000, 0, [])


@pytest.mark.parametrize("cap_minor", [-1, 10**9, "much", None])
async def test_a_cap_that_is_no_amount_changes_nothing(stand: Linked, cap_minor: object) -> None:
    url = f"{stand.cloud.url}/api/venues/{stand.venue.venue_id}/rules"
    before = await stand.owner("GET", "rules")
    status, answer = await stand.call("PUT", url, {**before, "wallet_credit_cap_minor": cap_minor})
    assert (status, answer["error"]["code"]) == (400, "invalid")
    assert await stand.owner("GET", "rules") == before
