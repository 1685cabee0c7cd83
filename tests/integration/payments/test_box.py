"""A guest pays the bill by card: phone, box, cloud and Stripe, each of which may be away when it matters."""

import asyncio

import aiohttp
import pytest

from edge.adapters.cloud.cards import CloudCards
from edge.core.money.cards import NeverHeard
from edge.web.money import online_payments
from firmware_profiles.emulators.stripe.standin import StripeStandIn
from tests.integration.afar.linked import Linked, eventually
from tests.integration.payments.diner import Diner
from tests.integration.payments.paying import type_in


@pytest.fixture
async def diner(stand: Linked) -> Diner:
    diner = Diner(stand, await stand.sit_down())
    await diner.order()
    return diner


async def test_a_guest_pays_on_the_phone_and_comes_back(
    stand: Linked, diner: Diner, stripe: StripeStandIn, http: aiohttp.ClientSession
) -> None:
    status, begun = await diner.pay()
    assert (status, begun["status"]) == (201, "PENDING")
    again = (await diner.pay())[1]
    assert again == begun
    assert (await diner.pay(mid="pay-000002"))[1]["error"]["code"] == "nothing_due"
    assert await type_in(http, begun["url"], "4000 0000 0000 0002") is None
    refused = await diner.look(begun["payment_pid"])
    assert (refused["status"], refused["reason"]) == ("PENDING", "Your card was declined.")
    back = await type_in(http, begun["url"])
    assert back is not None
    assert back.endswith(f"?paid={begun['payment_pid']}")
    assert (await diner.look(begun["payment_pid"]))["status"] == "COMPLETED"
    assert await diner.settled()
    await stand.agree()
    assert len([each for each in stripe.books.things["charge"].values() if each["paid"]]) == 1


async def test_what_is_paid_while_the_box_is_away_reaches_it_later_and_once(
    stand: Linked, diner: Diner, stripe: StripeStandIn, http: aiohttp.ClientSession
) -> None:
    begun = (await diner.pay())[1]
    await stand.offline()
    assert (await diner.pay(mid="pay-000003"))[1]["error"]["code"] == "cloud_away"
    stripe.whims.twice = True
    await type_in(http, begun["url"])
    assert not await diner.settled()
    await stand.restart()
    await stand.online()
    await eventually(diner.settled)
    await stand.agree()
    payment = stand.state(f"payment:{begun['payment_pid']}")
    assert (payment.status, payment.provider) == ("COMPLETED", "stripe")
    receipts = (await diner.bill())["receipts"]
    assert len(receipts) == 1


async def test_nobody_at_the_counter_says_how_an_online_payment_went(
    stand: Linked, diner: Diner, http: aiohttp.ClientSession
) -> None:
    begun = (await diner.pay())[1]
    path = f"payments/{begun['payment_pid']}"
    url, token = f"{stand.box.url}/api/v1/{path}", stand.staff_token
    status, said = await stand.call("POST", f"{url}/progress", {"state": "COMPLETED"}, token)
    assert (status, said["error"]["code"]) == (409, "payment_online")
    cancelled = await stand.call("DELETE", f"{url}/online", None, token)
    assert cancelled[1]["status"] == "FAILED"
    assert await type_in(http, begun["url"]) is None
    assert (await diner.bill())["due_minor"] > 0
    paid = await stand.staff("POST", f"bills/{diner.session_pid}/payments", {"mid": "cash-00001"})
    assert paid["bill"]["status"] == "settled"
    await stand.agree()


async def test_a_seat_is_paid_by_card_and_confirmed_only_by_the_provider(
    stand: Linked, stripe: StripeStandIn, http: aiohttp.ClientSession
) -> None:
    """Seed 003 §6: 402 with a payment, which is verified when it is confirmed."""
    station = stand.venue.play_stations[0].id
    body = {"station_id": station, "duration": 60, "payment_method": "CARD", "amount": 100.0}
    start = f"{stand.box.url}/api/v1/sessions/start"
    status, said = await stand.call("POST", start, body, stand.staff_token)
    assert status == 402, said
    pid = said["error"]["payment_id"]
    opened = await stand.staff("POST", f"payments/{pid}/online")
    confirm = f"{stand.box.url}/api/v1/payments/{pid}/confirm"
    status, said = await stand.call("POST", confirm, None, stand.staff_token)
    assert (status, said["error"]["code"]) == (402, "payment_required")
    stripe.whims.lost = True
    await type_in(http, opened["url"])
    paid = await stand.staff("POST", f"payments/{pid}/confirm")
    assert (paid["status"], paid["session"]["status"]) == ("COMPLETED", "ACTIVE")
    await stand.agree()


async def test_a_call_that_no_box_in_charge_has_signed_is_nobodys(stand: Linked, diner: Diner) -> None:
    begun = (await diner.pay())[1]
    call = {
        "venue_id": stand.venue.venue_id,
        "node_id": stand.box.app.box.node_id,
        "ask": "cancel",
        "payment_pid": begun["payment_pid"],
        "subject": "",
        "amount_minor": 1,
        "currency": "EUR",
        "return_url": "http://elsewhere.example/",
    }
    for signature in ("", "nonsense", "AAAA"):
        async with stand.http.post(
            f"{stand.cloud.url}/api/edge/cards", json=call, headers={"Holdfast-Signature": signature}
        ) as answer:
            assert answer.status == 401
    assert (await diner.look(begun["payment_pid"]))["status"] == "PENDING"


async def test_what_the_cloud_never_heard_of_is_over_and_can_be_paid_again(
    stand: Linked, diner: Diner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The box dies when it has written that a payment goes online, just before it says so to the cloud."""

    async def dies(*_: object) -> None:
        raise asyncio.CancelledError

    with monkeypatch.context() as patch:
        patch.setattr(CloudCards, "begin", dies)
        with pytest.raises(aiohttp.ClientError):
            await diner.pay()
    (payment,) = (await stand.staff("GET", f"bills/{diner.session_pid}"))["payments"]
    assert stand.state(f"payment:{payment['payment_pid']}").status == "PENDING"
    await stand.restart()
    await stand.online()
    assert (await diner.look(payment["payment_pid"]))["status"] == "PENDING"
    monkeypatch.setattr(online_payments, "UNHEARD_FOR_S", 0)
    lost = await diner.look(payment["payment_pid"])
    assert (lost["status"], lost["reason"]) == ("FAILED", "There is no such payment.")
    status, again = await diner.pay(mid="pay-000002")
    assert (status, again["status"]) == (201, "PENDING")


async def test_a_page_that_was_shown_is_never_called_lost(
    stand: Linked, diner: Diner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A question may be quicker than the opening, and its answer slower."""
    monkeypatch.setattr(online_payments, "UNHEARD_FOR_S", 0)
    begun = (await diner.pay())[1]

    async def never_heard(*_: object) -> None:
        raise NeverHeard("There is no such payment.")

    with monkeypatch.context() as patch:
        patch.setattr(CloudCards, "look", never_heard)
        assert (await diner.look(begun["payment_pid"]))["status"] == "PENDING"
    assert stand.state(f"payment:{begun['payment_pid']}").status == "PENDING"
