"""What people of the staff do with their tablet, in their own words: open, take orders, take money, count.

Rule of the file: as in `people.py`, pages are found by what a person sees or a screen reader says.
"""

from playwright.async_api import Locator, Page, expect

from tests.browser.venue import PIN


class Waiter:
    """Somebody of the staff with a tablet."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.url = ""

    async def sign_in(self, url: str, user: str = "ann", pin: str = PIN) -> None:
        """Open the staff page and say who one is."""
        self.url = url
        await self.page.goto(f"{url}/staff")
        await self.page.get_by_label("User").fill(user)
        await self.page.get_by_label("PIN").fill(pin)
        await self.page.get_by_role("button", name="Sign in").click()

    def tab(self, name: str) -> Locator:
        """A tab of the rail."""
        return self.page.get_by_role("navigation", name="Tabs").get_by_role("link", name=name)

    def tile(self, table: str) -> Locator:
        """A table on the floor."""
        return self.page.locator(".tile", has=self.page.get_by_text(table, exact=True))

    async def go_to(self, table: str) -> None:
        """From wherever to a table."""
        await self.tab("Floor").click()
        await self.tile(table).click()
        await self.page.get_by_role("heading", name=table, exact=True).wait_for()

    async def open_table(self, table: str) -> None:
        """A free table is taken."""
        await self.go_to(table)
        await self.page.get_by_role("button", name="Open table").click()
        await self.page.get_by_role("region", name="Menu").wait_for()

    async def tap(self, *dishes: str) -> None:
        """Dishes without choices, into the cart."""
        for dish in dishes:
            await self.page.get_by_role("region", name="Menu").get_by_role("button", name=dish).click()

    def cart_line(self, dish: str) -> Locator:
        """A line that the box has confirmed."""
        return self.page.get_by_role("region", name="Cart").get_by_role("button", name=f"Change {dish}")

    async def send(self) -> None:
        """The cart goes to the kitchen."""
        await self.page.get_by_role("button", name="Send to kitchen").click()
        await expect(self.page.get_by_role("region", name="Cart").locator("li")).to_have_count(0)

    async def to_bill(self) -> None:
        """What the table owes."""
        await self.page.get_by_role("link", name="Bill", exact=False).first.click()
        await self.page.get_by_role("region", name="Bill").wait_for()

    async def choose(self, name: str) -> None:
        """A button of the till beside the bill."""
        await self.page.get_by_role("region", name="Pay").get_by_role("button", name=name).first.click()

    async def take(self, words: str = "Take") -> Locator:
        """Take what is shown; the sheet that says what was paid."""
        await self.choose(words)
        sheet = self.page.get_by_role("dialog", name="Paid")
        await sheet.wait_for()
        return sheet

    async def type_digits(self, *keys: str, on: Locator | None = None) -> None:
        """On the keys of the sheet that is to open; those of the page are found by `on`."""
        for key in keys:
            await (on or self.page.get_by_role("dialog")).get_by_role("button", name=key, exact=True).click()

    async def approve(self, reason: str, manager: str = "Mia", pin: str = PIN) -> None:
        """Say why, and have a manager type a PIN."""
        sheet = self.page.get_by_role("dialog")
        await sheet.get_by_role("button", name=reason).click()
        await sheet.get_by_role("button", name=manager, exact=True).click()
        await sheet.get_by_label("Manager's PIN").fill(pin)
