"""An owner lets a venue stand in for guests; the staff agrees to amounts; the owner settles the rest."""

import pytest
from playwright.async_api import Page, expect

from edge.effects.afar import cut_off
from tests.browser.afar.test_afar import open_tab, sign_in_as_manager
from tests.browser.stations.floor import Tablet
from tests.browser.venue import DESK, PHONE, TABLET, Browser
from tests.integration.afar.linked import Linked, eventually
from tests.integration.afar.test_credit import owed
from tests.open_box import until


async def set_cap(page: Page, stand: Linked, amount: str) -> None:
    """On the owner's phone, until the venue has heard of it."""
    await open_tab(page, stand, "House rules")
    await page.get_by_label("the venue stands in for up to").fill(amount)
    await page.get_by_role("button", name="Save", exact=True).click()
    await expect(page.get_by_text("Saved.")).to_be_visible()

    async def heard() -> bool:
        venue = stand.box.app.hot.committed_venue()
        return venue is not None and venue.config.wallet_credit_cap_minor > 0

    await eventually(heard)


async def ask_to_play(page: Page, stand: Linked, user: str, amount: str) -> None:
    """At the counter, for an hour at a price that was agreed."""
    await sign_in_as_manager(page, stand)
    await page.get_by_role("link", name="Stations").first.click()
    sheet = await Tablet(page).open(stand.venue.play_stations[0].name)
    await sheet.get_by_role("button", name="Balance", exact=True).click()
    await sheet.get_by_label("Whose balance?").fill(user)
    await sheet.get_by_text("Another length or price").click()
    for digit in amount:
        await sheet.get_by_role("button", name=digit, exact=True).click()
    await sheet.get_by_role("button", name="Start", exact=True).click()


async def test_the_staff_agrees_to_an_amount_and_the_owner_settles_it(
    stand: Linked, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cut_off, "SURE_S", 0.0)
    await set_cap(await browser.device(PHONE), stand, "20")
    await stand.staff("POST", "accounts/ben/credit", {"amount": 1.0, "mid": "paid-in-1"})
    await stand.offline()
    tablet = await browser.device(TABLET)
    await ask_to_play(tablet, stand, "ben", "1500")
    offer = tablet.get_by_role("region", name="On the venue's credit")
    await expect(offer).to_contain_text("€14.00")
    await expect(offer).to_contain_text("€20.00 of the owner's limit are left")
    assert owed(stand) == 0, "nothing is lent before somebody has agreed"
    await offer.get_by_role("button", name="Stand in for €14.00").click()
    await expect(tablet.get_by_role("status").filter(has_text="The venue stands in.")).to_be_visible()
    assert owed(stand) == 1400
    await stand.online()
    await stand.agree()
    owner = await browser.device(DESK)
    await open_tab(owner, stand, "After an outage")
    group = owner.get_by_role("region", name="On the venue's credit")
    await expect(group).to_contain_text("€14.00")
    await group.get_by_role("button", name="Collect from the wallet").click()
    await expect(group.get_by_role("alert")).to_contain_text("Nothing is free in this wallet.")
    await group.get_by_role("button", name="Write off…").click()
    await group.get_by_role("button", name="Write off €14.00").click()
    await expect(owner.get_by_text("Nothing is left to do")).to_be_visible()
    await until(lambda: owed(stand) == 0)
