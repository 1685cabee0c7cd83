"""Pictures of money: play by card, stored cards, what goes back, wrong amounts, statements of balances."""

import asyncio
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import asyncpg
from playwright.async_api import Page

from cloud.store.money import wallet_links
from edge.core.play.commands import AbandonPlay
from firmware_profiles.emulators.stripe.standin import StripeStandIn
from protocol.identity import token_digest
from tests.browser.afar.test_balance import shown_code
from tests.browser.album import Album
from tests.browser.owner.test_owner_page import sign_in
from tests.browser.tablet import Waiter
from tests.browser.test_paying_in import balances, begin, cash
from tests.browser.venue import DESK, PHONE, TABLET, Browser
from tests.integration.afar.linked import Linked, linked
from tests.integration.afar.test_stored_cards import allow, card, owing, store
from tests.integration.payments.conftest import taking
from tests.integration.payments.test_play_by_card import Seat
from tests.integration.payments.test_wrong_money import too_little_came

_TOKEN = "a link of a mail, long enough".replace(" ", "-").replace(",", "")


async def money(album: Album, browser: Browser, directory: Path, postgres_url: str) -> None:
    """A venue of its own whose cloud takes cards, in a database of its own beside the one that is named."""
    connection = await asyncpg.connect(postgres_url)
    await connection.execute("CREATE DATABASE money")
    await connection.close()
    beside = urlsplit(postgres_url)._replace(path="/money").geturl()
    async with StripeStandIn() as stripe, linked(directory / "money", beside, taking(stripe)) as stand:
        stripe.deliveries.url = f"{stand.cloud.url}/api/stripe/webhook"
        sql = await asyncpg.connect(beside)
        try:
            async with aiohttp.ClientSession() as http:
                await too_little_came(stand, stripe, http, sql, amount=900)
            await _wallet(stand)
            await _pictures(album, browser, stand, sql)
        finally:
            await sql.close()


async def _wallet(stand: Linked) -> None:
    """Some of Mia's wallet is set aside for this venue, and she has played for it."""
    await _cloud(stand, "PUT", "wallets/mia/email", {"email": "mia@example.com"})
    paid = {"wallet_id": "mia", "amount_minor": 5000, "mid": "topup-0001"}
    await _cloud(stand, "POST", "wallets/top_ups", paid)
    grant = {"wallet_id": "mia", "amount_minor": 2000, "mid": "grant-0001"}
    await stand.outcome((await stand.owner("POST", "grants", grant))["command_id"])
    pc = next(each for each in stand.venue.play_stations if each.kind == "pc")
    body = {"station_id": pc.id, "duration": 60, "payment_method": "BALANCE", "user_id": "mia", "amount": 4.0}
    await stand.staff("POST", "sessions/start", body)
    await stand.staff("POST", "accounts/mia/credit", {"amount": 5.0, "mid": "paid-in-0001"})


async def _cloud(stand: Linked, method: str, path: str, body: object) -> None:
    status, said = await stand.call(method, f"{stand.cloud.url}/api/{path}", body)
    assert status < 300, said


async def _pictures(album: Album, browser: Browser, stand: Linked, sql: asyncpg.Connection) -> None:
    tablet, phone = Waiter(await browser.device(TABLET)), await browser.device(PHONE, "dark", scale=2)
    desk, owner = await browser.device(DESK), await browser.device(PHONE, scale=2)
    for page in (desk, owner):
        await sign_in(page, stand.cloud.url)
    await _balance(album, stand, tablet, phone, desk)
    await _whole_wallet(album, stand, sql, phone, desk)
    await _by_card(album, stand, tablet.page)
    await _late(album, stand, tablet.page)
    await _stored(album, stand, tablet.page)
    await stand.agree()
    for name, page in (("desk", desk), ("phone", owner)):
        await _owner(album, stand, page, name)


async def _balance(album: Album, stand: Linked, tablet: Waiter, phone: Page, desk: Page) -> None:
    """A code at the counter, the guest's phone with and without internet."""
    for name, page in (("phone", phone), ("desk", desk)):
        await page.goto(f"{stand.box.url}/balance")
        await page.get_by_label("Code").wait_for()
        await album.keep(page, f"balance-{name}-code")
    code = await shown_code(stand, tablet, "€21.00")
    await album.keep(tablet.page, "staff-balance-code")
    await tablet.page.keyboard.press("Escape")
    await tablet.page.get_by_role("region", name="Balances").scroll_into_view_if_needed()
    await album.keep(tablet.page, "staff-balances")
    await _paying_in(album, tablet.page)
    await phone.goto(f"{stand.box.url}/balance#{code}")
    await phone.get_by_role("region", name="Statement").wait_for()
    await album.keep(phone, "balance-phone")
    await stand.offline()
    await phone.reload()
    await phone.get_by_text("has no internet since").wait_for()
    await album.keep(phone, "balance-phone-no-internet")
    await stand.online()


async def _paying_in(album: Album, page: Page) -> None:
    """Mia hands over a note of fifty, Leo pays by card, and what came last."""
    sheet = await begin(page, "mia")
    await sheet.get_by_role("button", name="€20.00", exact=True).click()
    await album.keep(page, "staff-pay-in")
    await page.keyboard.press("Escape")
    paid = await cash(page, "mia")
    await album.keep(page, "staff-paid-in")
    await paid.get_by_role("button", name="Done").click()
    sheet = await begin(page, "leo")
    await sheet.get_by_role("button", name="Card").click()
    await sheet.get_by_role("button", name="€10.00", exact=True).click()
    await album.keep(page, "staff-pay-in-new")
    await sheet.get_by_role("button", name="Take €10.00 by card").click()
    paid = page.get_by_role("dialog", name="Paid in", exact=True)
    await paid.get_by_role("button", name="Done").wait_for()
    await album.keep(page, "staff-paid-in-by-card")
    await paid.get_by_role("button", name="Done").click()
    await balances(page).get_by_role("button", name="Paid in last").click()
    await page.get_by_role("dialog", name="Paid in last").get_by_role("listitem").first.wait_for()
    await album.keep(page, "staff-paid-in-last")
    await page.keyboard.press("Escape")


async def _whole_wallet(
    album: Album, stand: Linked, sql: asyncpg.Connection, phone: Page, desk: Page
) -> None:
    """The wallet over all venues, by the link of a mail, and as the owner sees it."""
    organisation_id = str(await sql.fetchval("SELECT organisation_id FROM organisations"))
    (found,) = await wallet_links.of_email(sql, organisation_id, "mia@example.com")
    await wallet_links.make(sql, found, token_digest(_TOKEN), 24)
    await phone.goto(f"{stand.cloud.url}/wallet/{stand.venue.venue_id}")
    await phone.get_by_label("E-mail").wait_for()
    await album.keep(phone, "wallet-phone-link")
    for name, page in (("phone", phone), ("desk", desk)):
        await page.goto("about:blank")
        await page.goto(f"{stand.cloud.url}/wallet/{stand.venue.venue_id}#{_TOKEN}")
        await page.get_by_role("region", name="Statement").wait_for()
        await album.keep(page, f"wallet-{name}")


async def _by_card(album: Album, stand: Linked, page: Page) -> None:
    """Time that a card has to pay first, and the code for the guest's camera."""
    await Seat(stand).start()
    await page.get_by_role("link", name="Stations").first.click()
    await page.locator(".station").filter(has_text=stand.venue.play_stations[0].name).first.click()
    await album.keep(page, "stations-awaits-card")
    await page.get_by_role("button", name="How to pay").click()
    await page.get_by_role("button", name="On the guest's phone").wait_for()
    await album.keep(page, "stations-by-card")
    await page.get_by_role("button", name="On the guest's phone").click()
    await page.get_by_role("img", name="Code of the payment page").wait_for()
    await album.keep(page, "stations-by-card-code")
    await page.keyboard.press("Escape")


async def _late(album: Album, stand: Linked, page: Page) -> None:
    """A terminal's card comes when the seat is given up, and is to be given back."""
    seat = Seat(stand, place=1)
    pid = await seat.start()
    await stand.box.app.writer.execute(AbandonPlay((await seat.told())["session"]["id"]))
    await stand.staff("POST", f"payments/{pid}/confirm")
    await page.goto(f"{stand.box.url}/staff#/approvals")
    await page.reload()
    await page.get_by_text("Give back on the terminal").wait_for()
    await album.keep(page, "staff-late-card")


async def _stored(album: Album, stand: Linked, page: Page) -> None:
    """Cards that only the terminal knows of, at the counter."""
    await allow(stand)
    bill = await owing(stand)
    first, second = await card(stand, bill, 1500, "card-000001"), await card(stand, bill, 600, "card-000002")
    await stand.offline()
    await asyncio.gather(store(stand, first), store(stand, second))
    await page.get_by_role("link", name="Till").click()
    await page.get_by_role("region", name="Stored cards").get_by_role("listitem").nth(1).wait_for()
    await album.keep(page, "staff-stored-cards")
    await page.get_by_role("button", name="Declined").first.click()
    await album.keep(page, "staff-stored-declined")
    await stand.online()


async def _owner(album: Album, stand: Linked, page: Page, name: str) -> None:
    """What the owner sees of all this, and what the owner can do about it."""
    at = f"{stand.cloud.url}/#venue/{stand.venue.venue_id}"
    await page.goto(f"{at}/cards")
    await page.get_by_label("Take cards that only").wait_for()
    await album.keep(page, f"owner-{name}-cards")
    await page.goto(f"{at}/payments")
    await page.get_by_role("button", name="Give back").first.wait_for()
    await album.keep(page, f"owner-{name}-payments")
    await page.get_by_role("button", name="Give back").first.click()
    await page.get_by_role("dialog").wait_for()
    await album.keep(page, f"owner-{name}-give-back")
    await page.keyboard.press("Escape")
    await page.goto(f"{at}/reconciliation")
    await page.get_by_text("The staff has it on its list").first.wait_for()
    await album.keep(page, f"owner-{name}-to-give-back")
    await page.goto(f"{stand.cloud.url}/#money")
    await page.get_by_role("button", name="Decide…").first.wait_for()
    await album.keep(page, f"owner-{name}-differs")
    await page.get_by_role("button", name="Decide…").first.click()
    await page.get_by_role("dialog", name="Wrong amount").wait_for()
    await album.keep(page, f"owner-{name}-wrong-amount")
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="Statement").first.click()
    await page.get_by_role("dialog", name="Statement of Mia").get_by_text("Set aside").first.wait_for()
    await album.keep(page, f"owner-{name}-statement")
    await page.keyboard.press("Escape")
