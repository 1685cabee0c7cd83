"""Somebody of the staff with a tablet, over HTTP: looks, asks, is refused, orders, takes money."""

from itertools import count
from typing import Any

from tests.integration.web.served import PIN, ServedBox
from tests.sample_venue import BURGER, T1

APPROVAL = {"user": "mia", "pin": PIN}
_mids = count(1)


def mid() -> str:
    """A fresh idempotency key."""
    return f"serving-{next(_mids):06}"


class Waiter:
    """Ann with her tablet."""

    def __init__(self, box: ServedBox, user: str = "ann") -> None:
        self.box = box
        self.token = box.staff_token(user)

    def get(self, path: str) -> Any:
        """What is there."""
        return self.box.get(path, self.token).json()

    def post(self, path: str, body: Any = None, status: int = 200) -> Any:
        """What came of it."""
        response = self.box.post(path, {} if body is None else body, self.token)
        assert response.status_code == status, response.text
        return response.json()

    def refused(self, path: str, body: Any = None) -> tuple[int, str]:
        """Why not."""
        response = self.box.post(path, {} if body is None else body, self.token)
        return response.status_code, str(response.json()["error"]["code"])

    def order(self, table: str = T1, *dishes: int, qty: int = 1, member: str | None = None) -> str:
        """Order dishes at a table; the session."""
        for dish in dishes or (BURGER,):
            body = {"menu_item": dish, "qty": qty, "member": member, "mid": mid()}
            cart = self.post(f"/api/v1/tables/{table}/items", body, 201)
        reply = self.post(f"/api/v1/tables/{table}/order", {"cart_hash": cart["cart_hash"]}, 201)
        assert reply["ticket"].startswith("K-")
        return str(self.get(f"/api/v1/tables/{table}")["table"]["session_pid"])

    def bill(self, session: str) -> Any:
        """The bill as it stands."""
        return self.get(f"/api/v1/bills/{session}")

    def pay(self, session: str, status: int = 201, **what: Any) -> Any:
        """Take money."""
        return self.post(f"/api/v1/bills/{session}/payments", {"mid": mid(), **what}, status)


def opened(ann: Waiter, table: str = T1) -> str:
    """A table that Ann opened; its session."""
    return str(ann.post(f"/api/v1/tables/{table}/open")["session_pid"])
