"""What guests of the shop are told by mail, and what owners are when money does not fit its order.

Rule of the file: one cause, one mail: its key is the order and what happened to it, and it is written in
the transaction in which that happened. Tables sell to people without an address too; they are told at the
counter.
"""

import asyncpg

from cloud.config import Config
from cloud.jobs import letters
from cloud.jobs.letters import Letter
from cloud.shop.orders.words import money, short_number
from cloud.store.shop import staff as shop_staff
from cloud.store.shop.orders import LineRow, OrderRow
from cloud.store.venues import Venue

LINK_MINUTES = 30


def base_url(config: Config) -> str:
    """How the outside reaches us. Never what a request says of itself: a mail would carry a stranger's
    address.
    """
    return config.public_url or f"http://{config.host}:{config.port}"


class Postman:
    """Writes mails of the shop; `base_url` is how the outside reaches it."""

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url

    def page(self, venue_id: str, *place: str) -> str:
        """The address of the guest's page of orders."""
        return f"{self._base_url}/shop/{venue_id}/orders#{'/'.join(place)}"

    def staff_page(self, order_id: str) -> str:
        """The address of the dashboard's page of an order."""
        return f"{self._base_url}/#shop/order/{order_id}"

    async def paid(
        self, connection: asyncpg.Connection, venue: Venue, order: OrderRow, lines: list[LineRow]
    ) -> None:
        """The money has come."""
        rows = [(f"{line.quantity} × {line.name}", money(line.gross_minor, order.currency)) for line in lines]
        if order.address is not None:
            rows.append(("Shipping", money(order.shipping_minor, order.currency)))
        rows.append(("Total", money(order.total_minor, order.currency)))
        letter = Letter(
            subject=f"{venue.name}: thank you for order {short_number(order.number)}",
            paragraphs=(
                f"Hello {order.name},",
                "your payment has arrived and we are about to make what you designed. "
                + (
                    "We write again when it is on its way."
                    if order.address
                    else "We write again when it waits for you."
                ),
            ),
            rows=tuple(rows),
            link=("See your order", self.page(order.venue_id, "order", order.order_id)),
            footer=venue.name,
        )
        await self._post(connection, venue, order, "paid", letter)

    async def shipped(
        self, connection: asyncpg.Connection, venue: Venue, order: OrderRow, carrier: str, tracking: str
    ) -> None:
        """It is on its way, or waits at the venue."""
        name, number = order.name, short_number(order.number)
        sent = order.address is not None
        words = (
            f"your order {number} has left the house."
            if sent
            else f"your order {number} is ready. Come and collect it at {venue.name} whenever you like."
        )
        rows = [("Carrier", carrier), ("Tracking number", tracking)] if sent else []
        letter = Letter(
            subject=f"{venue.name}: order {number} {'is on its way' if sent else 'waits for you'}",
            paragraphs=(f"Hello {name},", words),
            rows=tuple((label, value) for label, value in rows if value),
            link=("See your order", self.page(order.venue_id, "order", order.order_id)),
            footer=venue.name,
        )
        await self._post(connection, venue, order, "shipped", letter)

    async def delivered(self, connection: asyncpg.Connection, venue: Venue, order: OrderRow) -> None:
        """It has arrived."""
        number = short_number(order.number)
        letter = Letter(
            subject=f"{venue.name}: order {number} has arrived",
            paragraphs=(
                f"Hello {order.name},",
                f"your order {number} has been {'delivered' if order.address else 'collected'}. Enjoy it!",
                "If you would like the same once more, it takes two taps on the page of your order.",
            ),
            link=("Order it again", self.page(order.venue_id, "order", order.order_id)),
            footer=venue.name,
        )
        await self._post(connection, venue, order, "delivered", letter)

    async def refunded(
        self, connection: asyncpg.Connection, venue: Venue, order: OrderRow, refund_id: str, amount_minor: int
    ) -> None:
        """Money goes back."""
        amount = money(amount_minor, order.currency)
        letter = Letter(
            subject=f"{venue.name}: {amount} of order {short_number(order.number)} goes back to you",
            paragraphs=(
                f"Hello {order.name},",
                f"we have sent {amount} back to the card it came from. Banks take up to ten days to show it.",
            ),
            link=("See your order", self.page(order.venue_id, "order", order.order_id)),
            footer=venue.name,
        )
        await self._post(connection, venue, order, f"refund:{refund_id}", letter)

    async def cancelled(self, connection: asyncpg.Connection, venue: Venue, order: OrderRow) -> None:
        """It will not be made."""
        number = short_number(order.number)
        paid = order.paid_minor > order.refunded_minor
        words = f"we are sorry: order {number} was cancelled."
        letter = Letter(
            subject=f"{venue.name}: order {number} was cancelled",
            paragraphs=(
                f"Hello {order.name},",
                f"{words} What you paid goes back to you." if paid else words,
            ),
            link=("See your order", self.page(order.venue_id, "order", order.order_id)),
            footer=venue.name,
        )
        await self._post(connection, venue, order, "cancelled", letter)

    async def look_at_money(
        self, connection: asyncpg.Connection, venue: Venue, order: OrderRow, came: str
    ) -> None:
        """To those who run the venue: a payment that is not what was asked."""
        number = short_number(order.number)
        letter = Letter(
            subject=f"{venue.name}: the payment of order {number} needs a look",
            paragraphs=(
                f"{came} came for order {number}, which costs {money(order.total_minor, order.currency)}.",
                "Nothing is made until somebody decides: accept the payment, or give it back.",
            ),
            link=("Open the order", self.staff_page(order.order_id)),
        )
        for recipient in await shop_staff.runners(connection, venue.organisation_id):
            key = f"shop:{order.order_id}:mismatch"
            await letters.post(connection, venue.organisation_id, key, recipient, letter)

    async def history(
        self, connection: asyncpg.Connection, venue: Venue, email: str, token: str, cause: str
    ) -> None:
        """The link that lets a browser in."""
        letter = Letter(
            subject=f"{venue.name}: your orders",
            paragraphs=(
                "Somebody, hopefully you, asked to see what was ordered under this address.",
                f"The link works once, within {LINK_MINUTES} minutes. If it was not you, do nothing.",
            ),
            link=("Show my orders", self.page(venue.venue_id, "link", token)),
            footer=venue.name,
        )
        await letters.post(connection, venue.organisation_id, f"shop-link:{cause}", email, letter)

    async def _post(
        self, connection: asyncpg.Connection, venue: Venue, order: OrderRow, cause: str, letter: Letter
    ) -> None:
        if order.email is not None:
            key = f"shop:{order.order_id}:{cause}"
            await letters.post(connection, venue.organisation_id, key, order.email, letter)
