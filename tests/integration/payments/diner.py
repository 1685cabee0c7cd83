"""Somebody at the first table, with something on the bill, who pays on their own phone."""

from typing import Any

from tests.integration.afar.linked import Linked

DISH = 17


class Diner:
    """Somebody at the first table, with something on the bill."""

    def __init__(self, stand: Linked, seat: dict[str, Any]) -> None:
        self.stand = stand
        self.seat = seat
        self.session_pid = str(seat["session_pid"])

    async def order(self) -> None:
        """One dish, confirmed."""
        table = f"tables/{self.stand.venue.tables[0].code}"
        cart = await self.stand.staff("POST", f"{table}/items", {"menu_item": DISH, "mid": "line-0001"})
        await self.stand.staff("POST", f"{table}/order", {"cart_hash": cart["cart_hash"]})

    async def _call(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        return await self.stand.call(method, f"{self.stand.box.url}{path}", body, self.seat["ws_token"])

    async def pay(self, mid: str = "pay-000001", **more: object) -> tuple[int, Any]:
        """Pay everything on this phone."""
        return await self._call("POST", "/bill/pay", {"session_pid": self.session_pid, "mid": mid, **more})

    async def look(self, payment_pid: str) -> Any:
        """Back from the payment page."""
        path = f"/bill/pay/{payment_pid}?session_pid={self.session_pid}"
        return (await self._call("GET", path))[1]

    async def bill(self) -> Any:
        """The table's bill."""
        return (await self._call("GET", f"/bill?session_pid={self.session_pid}"))[1]

    async def settled(self) -> bool:
        """Whether everything is paid."""
        return bool((await self.bill())["status"] == "settled")
