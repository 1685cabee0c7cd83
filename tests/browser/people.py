"""What people do with the pages, in their own words: sit down, add, order; sign in, accept, serve.

Rule of the file: pages are found by what a person sees or a screen reader says, not by their markup,
except for the parts that only carry a state (`data-…`).
"""

from playwright.async_api import Locator, Page

from tests.browser.venue import PIN
from tests.sample_venue import T1, WORD


class Guest:
    """Somebody with a phone at a table."""

    def __init__(self, page: Page) -> None:
        self.page = page

    async def scan(self, url: str, code: str = T1) -> None:
        """Open what the QR code says."""
        await self.page.goto(f"{url}/t/{code}")

    async def sit_down(self, url: str, name: str, code: str = T1) -> None:
        """Scan, give a name, and see oneself at the table."""
        await self.scan(url, code)
        await self.page.get_by_label("Your name").fill(name)
        await self.page.get_by_role("button", name="Join the table").click()
        await self.page.locator(f".faces [title='{name}']").wait_for()

    async def add(self, dish: str) -> None:
        """The plus beside a dish without choices."""
        await self.page.get_by_role("button", name=f"Add {dish}", exact=True).click()

    async def say_word(self, word: str = WORD) -> None:
        """Type into the modal that asks for the pass word."""
        sheet = self.page.get_by_role("dialog", name="Pass word")
        await sheet.get_by_label("Pass word").fill(word)
        await sheet.get_by_role("button", name="Continue").click()

    async def open_cart(self) -> None:
        """On a phone the cart is a sheet."""
        await self.page.locator(".bottom-cart").click()

    def line(self, dish: str) -> Locator:
        """The cart's line of a dish, as it is visible now."""
        return self.page.locator("li.line:visible", has_text=dish)

    async def sees(self, dish: str, qty: int) -> None:
        """Wait until the box has confirmed that many."""
        confirmed = self.page.locator(f"li.line[data-saving=false]:visible:has(output:text-is('{qty}'))")
        await confirmed.filter(has_text=dish).wait_for()

    async def place_order(self) -> None:
        """Press the one big button."""
        await self.page.get_by_role("button", name="Place Order").locator("visible=true").click()

    async def is_congratulated(self, ticket: str) -> None:
        """The order is in, everyone is told, and the sheet is put away."""
        sheet = self.page.get_by_role("dialog", name="Order placed")
        await sheet.get_by_text(ticket, exact=True).wait_for()
        await sheet.get_by_role("button", name="Continue").click()


class Cook:
    """Somebody at the kitchen screen."""

    def __init__(self, page: Page) -> None:
        self.page = page

    async def sign_in(self, url: str, pin: str = PIN, station: str = "", user: str = "ann") -> None:
        """Open the kitchen page and say who one is."""
        await self.page.goto(f"{url}/kitchen{station}")
        await self.page.get_by_label("User").fill(user)
        await self.page.get_by_label("PIN").fill(pin)
        await self.page.get_by_role("button", name="Sign in").click()

    def ticket(self, name: str, dish: str = "") -> Locator:
        """The ticket on the rail; `dish` tells tickets of two stations apart."""
        return self.page.get_by_role("article", name=f"Ticket {name}").filter(has_text=dish)

    async def press(self, name: str, step: str, dish: str = "") -> None:
        """One of the ticket's buttons."""
        await self.ticket(name, dish).get_by_role("button", name=step, exact=True).click()
