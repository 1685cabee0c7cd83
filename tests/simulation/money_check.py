"""Bills, payments and receipts, as a journal tells them (invariant 3).

A confirmed order's lines are charged once each, at the order's prices. A payment is taken once, never more is
paid than is owed, and receipts are numbered without a hole and come to what was paid.
"""

from collections import defaultdict
from typing import ClassVar

from tests.simulation.order_check import OrderReader
from tests.simulation.reading import Complaints, Json, Reader


class MoneyReader(Reader):
    """Reads what is owed and paid."""

    EVENTS: ClassVar = {
        "LinesCharged": "_charged",
        "PaymentBegun": "_begun",
        "PaymentSettled": "_settled",
        "PaymentReturned": "_returned",
        "PaymentInitiated": "_initiated",
        "PaymentCompleted": "_completed",
        "ReceiptIssued": "_receipted",
    }

    def __init__(self, said: Complaints, orders: OrderReader) -> None:
        super().__init__(said)
        self._orders = orders
        self._charged_lines: dict[str, Json] = {}
        self._owed: dict[str, int] = defaultdict(int)
        self._paid: dict[str, int] = defaultdict(int)
        self._receipts: dict[str, int] = defaultdict(int)
        self._held: dict[str, tuple[str, int]] = {}
        self._initiated_once: set[str] = set()
        self._completed_once: set[str] = set()
        self._last_receipt = 0

    def _charged(self, bill: str, event: Json, _fact: Json) -> None:
        for line in event["lines"]:
            self._say(line["id"] not in self._charged_lines, f"DOUBLED: {line['id']} was charged twice")
            self._charged_lines[line["id"]] = line
            self._owed[bill] += line["qty"] * line["price_minor"]

    def _begun(self, bill: str, event: Json, _fact: Json) -> None:
        self._say(event["payment_pid"] not in self._held, f"DOUBLED: {event['payment_pid']} was begun twice")
        self._held[event["payment_pid"]] = bill, event["amount_minor"]

    def _settled(self, bill: str, event: Json, _fact: Json) -> None:
        _, amount = self._held.get(event["payment_pid"], (bill, 0))
        self._paid[bill] += amount
        paid, owed = self._paid[bill], self._owed[bill]
        self._say(paid <= owed, f"{bill} has paid {paid} and owed {owed}")

    def _returned(self, bill: str, event: Json, _fact: Json) -> None:
        self._paid[bill] -= event["amount_minor"]
        self._say(self._paid[bill] >= 0, f"{bill} got back {-self._paid[bill]} more than was paid")

    def _initiated(self, payment: str, _event: Json, _fact: Json) -> None:
        self._say(payment not in self._initiated_once, f"DOUBLED: payment {payment} was initiated twice")
        self._initiated_once.add(payment)

    def _completed(self, payment: str, _event: Json, _fact: Json) -> None:
        self._say(payment not in self._completed_once, f"DOUBLED: payment {payment} was captured twice")
        self._completed_once.add(payment)

    def _receipted(self, bill: str, event: Json, _fact: Json) -> None:
        receipt = event["receipt"]
        expected = self._last_receipt + 1
        self._say(receipt["number"] == expected, f"receipt {receipt['number']} follows {self._last_receipt}")
        self._last_receipt = receipt["number"]
        self._receipts[bill] += sum(line["amount_minor"] for line in receipt["lines"])

    def finish(self) -> None:
        """Everything that was confirmed was charged, and what was paid whole has its receipts."""
        for order_id in self._orders.confirmed:
            for line in self._orders.placed[order_id]["lines"]:
                charged = self._charged_lines.get(f"order_line:{line['id']}")
                same = charged is not None and all(
                    charged[name] == line[name] for name in ("qty", "price_minor")
                )
                self._say(same, f"{order_id}: line {line['id']} is on the bill as {charged}")
        for bill, owed in self._owed.items():
            if owed and self._paid[bill] == owed:
                got = self._receipts[bill]
                self._say(got == owed, f"the receipts of {bill} come to {got} instead of {owed}")
