"""People secure their accounts and let each other in, in a real browser."""

import time

import pyotp
from playwright.async_api import Page, expect

from cloud.app import Serving
from cloud.owners.venues.founding import NewVenue
from tests.browser.owner.test_owner_page import sign_in
from tests.browser.venue import DESK, PHONE, Browser
from tests.integration.cloud.conftest import OWNER, PASSWORD


async def _enrol(page: Page) -> tuple[pyotp.TOTP, list[str]]:
    """Set the second factor up as a person does, and keep what is shown."""
    await page.get_by_role("button", name="Set it up").click()
    await expect(page.get_by_role("img", name="QR code")).to_be_visible()
    secret = await page.locator("code.secret").inner_text()
    authenticator = pyotp.TOTP(secret.replace(" ", ""))
    await page.get_by_label("The code that it shows now").fill(authenticator.now())
    await page.get_by_role("button", name="Switch on").click()
    kept = page.get_by_role("status").filter(has_text="Keep these recovery codes")
    await expect(kept).to_be_visible()
    return authenticator, await kept.locator("code").all_inner_texts()


async def test_a_second_factor_from_the_qr_code_to_the_next_login(
    browser: Browser, cloud: Serving, venue: NewVenue
) -> None:
    desk, phone = await browser.device(DESK), await browser.device(PHONE)
    await sign_in(desk, cloud.url)
    await desk.get_by_role("link", name="Account").click()
    authenticator, codes = await _enrol(desk)
    assert len(codes) == 10

    await sign_in(phone, cloud.url)
    code = phone.get_by_label("Code of your authenticator")
    await code.fill("000000")
    await phone.get_by_role("button", name="Sign in").click()
    await expect(phone.get_by_role("alert")).to_contain_text("That code is not right")
    await code.fill(authenticator.at(int(time.time()) + 30))  # no code opens twice
    await phone.get_by_role("button", name="Sign in").click()
    await expect(phone.get_by_role("heading", name=venue.name).first).to_be_visible()

    spare = await browser.device(DESK)
    await sign_in(spare, cloud.url)
    await spare.get_by_label("Code of your authenticator").fill(codes[0])
    await spare.get_by_role("button", name="Sign in").click()
    await expect(spare.get_by_role("heading", name=venue.name).first).to_be_visible()


async def test_a_colleague_is_invited_and_sees_what_the_role_may_see(
    browser: Browser, cloud: Serving, venue: NewVenue
) -> None:
    owner, colleague = await browser.device(DESK), await browser.device(PHONE)
    await sign_in(owner, cloud.url)
    await owner.get_by_role("link", name="Team").click()
    await owner.get_by_role("button", name="Invite somebody").click()
    sheet = owner.get_by_role("dialog", name="Invite somebody")
    await sheet.get_by_label("E-mail").fill("eve@example.com")
    await sheet.get_by_label("Role").select_option("accountant")
    await sheet.get_by_role("button", name="Make the link").click()
    link = await sheet.get_by_label("Send them this link").input_value()
    await sheet.get_by_role("button", name="Done").click()

    await colleague.goto(link)
    await expect(colleague.get_by_text("as accountant")).to_be_visible()
    await colleague.get_by_label("Your name").fill("Eve")
    await colleague.get_by_label("A password").fill("long enough for her")
    await colleague.get_by_role("button", name="Join").click()
    await expect(colleague.get_by_role("heading", name=venue.name).first).to_be_visible()
    await colleague.get_by_role("button", name="More").click()
    more = colleague.get_by_role("dialog", name="More")
    await expect(more.get_by_role("link", name="Account")).to_be_visible()
    await expect(colleague.get_by_role("link", name="Team")).to_have_count(0)

    await owner.reload()
    row = owner.get_by_role("listitem").filter(has_text="eve@example.com")
    async with owner.expect_response("**/api/people/*") as answered:
        await row.get_by_label("Role of Eve").select_option("manager")
    assert (await answered.value).ok
    await owner.get_by_role("link", name="Activity").click()
    await expect(owner.get_by_text("role changed")).to_be_visible()
    assert OWNER in await owner.get_by_role("listitem").filter(has_text="role changed").inner_text()


async def test_the_password_is_changed_and_the_old_one_is_refused(
    browser: Browser, cloud: Serving, venue: NewVenue
) -> None:
    page = await browser.device(DESK)
    await sign_in(page, cloud.url)
    await page.get_by_role("link", name="Account").click()
    await page.get_by_label("Password now").fill(PASSWORD)
    await page.get_by_label("New password").fill("another horse altogether")
    await page.get_by_role("button", name="Change password").click()
    await expect(page.get_by_text("Your password is changed.")).to_be_visible()
    await page.get_by_role("button", name="Sign out").click()
    await expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    await sign_in(page, cloud.url)
    await expect(page.get_by_role("alert")).to_contain_text("not right")
