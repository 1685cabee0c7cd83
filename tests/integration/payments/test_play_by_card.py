"""A seat or more time, paid by card on the guest's own phone: the provider's word alone begins it."""

from typing import Any

import aiohttp

from edge.core.play.commands import AbandonPlay
from firmware_profiles.emulators.stripe.standin import StripeStandIn
from tests.integration.afar.linked import Linked, eventually
from tests.integration.payments.paying import type_in


class Seat:
    """A station, by default the first console, and a card that pays for time on it."""

    def __init__(self, stand: Linked, place: int = 0) -> None:
        self.stand = stand
        self.station = stand.venue.play_stations[place].id

    async def _asked(self, method: str, path: str, body: dict[str, Any]) -> str:
        url = f"{self.stand.box.url}/api/v1/{path}"
        status, said = await self.stand.call(method, url, body, self.stand.staff_token)
        assert (status, said["error"]["code"]) == (402, "payment_required"), said
        return str(said["error"]["payment_id"])

    async def start(self) -> str:
        """An hour; the payment that has to come first."""
        body = {"station_id": self.station, "duration": 60, "payment_method": "CARD", "amount": 100.0}
        return await self._asked("POST", "sessions/start", body)

    async def extend(self, session_id: str) -> str:
        """Half an hour more; the payment that has to come first."""
        body = {"additional_minutes": 30, "payment_method": "CARD"}
        return await self._asked("PUT", f"sessions/{session_id}/extend", body)

    async def page(self, payment_id: str) -> str:
        """The payment page."""
        opened = await self.stand.staff("POST", f"payments/{payment_id}/online")
        assert opened["code_image"].startswith("data:image/svg")
        return str(opened["url"])

    async def told(self) -> Any:
        """The station as every staff screen sees it."""
        listed = (await self.stand.staff("GET", "stations"))["stations"]
        return next(each for each in listed if each["id"] == self.station)

    async def free(self) -> bool:
        return (await self.told())["session"] is None

    async def status(self, payment_id: str) -> str:
        return str((await self.stand.staff("GET", f"payments/{payment_id}"))["status"])


async def test_the_webhook_alone_begins_and_extends(
    stand: Linked, stripe: StripeStandIn, http: aiohttp.ClientSession
) -> None:
    seat = Seat(stand)
    pid = await seat.start()
    waiting = (await seat.told())["session"]
    assert (waiting["status"], waiting["payment_id"]) == ("AWAITING", pid)
    page = await seat.page(pid)
    assert await type_in(http, page, "4000 0000 0000 0002") is None
    assert (await seat.told())["session"]["status"] == "AWAITING"
    assert stand.box.app.service.online.asked_about == {pid}
    stripe.whims.twice = True
    await type_in(http, page)

    async def plays() -> bool:
        session = (await seat.told())["session"]
        return session is not None and session["status"] == "ACTIVE"

    await eventually(plays)
    session = (await seat.told())["session"]
    assert (session["payment_id"], session["amount_minor"]) == (None, 10_000)
    more = await seat.extend(session["id"])
    assert (await seat.told())["session"]["payment_id"] == more
    # The box is away while the guest pays; it hears of it later, once.
    page = await seat.page(more)
    await stand.offline()
    await type_in(http, page)
    await stand.restart()
    await stand.online()

    async def longer() -> bool:
        return int((await seat.told())["session"]["extended_minutes"]) == 30

    await eventually(longer)
    assert (await seat.told())["session"]["payment_id"] is None
    assert stand.box.app.service.online.asked_about == set()
    await stand.agree()
    assert len([each for each in stripe.books.things["charge"].values() if each["paid"]]) == 2


async def test_what_is_called_off_or_refused_leaves_nothing_behind(
    stand: Linked, stripe: StripeStandIn, http: aiohttp.ClientSession
) -> None:
    seat = Seat(stand)
    pid = await seat.start()
    page = await seat.page(pid)
    session_id = (await seat.told())["session"]["id"]
    let_go = await stand.staff("DELETE", f"sessions/{session_id}")
    assert let_go["status"] == "ABANDONED"
    assert (await seat.status(pid), await seat.free()) == ("FAILED", True)
    assert await type_in(http, page) is None
    playing = await stand.play()
    more = await seat.extend(playing)
    page = await seat.page(more)
    called_off = await stand.staff("DELETE", f"payments/{more}/online")
    assert called_off["status"] == "FAILED"
    assert await type_in(http, page) is None
    session = (await seat.told())["session"]
    assert (session["payment_id"], session["extended_minutes"]) == (None, 0)
    items = (await stand.owner("GET", "reconciliation"))["items"]
    assert items == []
    assert not [each for each in stripe.books.things["charge"].values() if each["paid"]]
    await stand.agree()


async def test_a_seat_that_nobody_pays_for_in_time_closes_its_payment_page_also_after_a_restart(
    stand: Linked, stripe: StripeStandIn, http: aiohttp.ClientSession
) -> None:
    seat = Seat(stand)
    pid = await seat.start()
    page = await seat.page(pid)
    session_id = (await seat.told())["session"]["id"]
    await stand.offline()
    await stand.box.app.writer.execute(AbandonPlay(session_id))
    assert (await seat.status(pid), await seat.free()) == ("UNKNOWN", True)
    await stand.restart()
    await stand.online()

    async def closed() -> bool:
        return await seat.status(pid) == "FAILED"

    await eventually(closed)
    assert await type_in(http, page) is None
    await stand.agree()


async def test_who_pays_just_before_it_is_let_go_plays(
    stand: Linked, stripe: StripeStandIn, http: aiohttp.ClientSession
) -> None:
    seat = Seat(stand)
    pid = await seat.start()
    page = await seat.page(pid)
    stripe.whims.lost = True  # the webhook never comes
    await type_in(http, page)
    session_id = (await seat.told())["session"]["id"]
    told = await stand.staff("DELETE", f"sessions/{session_id}")
    assert (told["status"], await seat.status(pid)) == ("ACTIVE", "COMPLETED")
    await stand.agree()


async def test_what_stripe_did_not_answer_is_asked_about_and_begins_once(
    stand: Linked, stripe: StripeStandIn, http: aiohttp.ClientSession
) -> None:
    seat = Seat(stand)
    pid = await seat.start()
    stripe.faults.lose_answers = True
    lost = await stand.staff("POST", f"payments/{pid}/online")
    assert (lost["status"], lost["url"]) == ("PENDING", None)
    assert (await seat.told())["session"]["status"] == "AWAITING"
    stripe.faults.lose_answers = False
    page = await seat.page(pid)
    await type_in(http, page)

    async def plays() -> bool:
        session = (await seat.told())["session"]
        return session is not None and session["status"] == "ACTIVE"

    await eventually(plays)
    assert len([each for each in stripe.books.things["charge"].values() if each["paid"]]) == 1
    await stand.agree()
