"""Money that is given back, as a journal tells it (invariant 3): never more than was paid, once by its id.

What an owner asks for is a record of its own. Granted, it is exactly one give-back under its own id, in the
same transaction; declined, it is none. A balance gets back what was paid from it, and nobody else's does.
"""

from collections import defaultdict
from typing import ClassVar

from tests.simulation.reading import Complaints, Json, Reader

_ABOUT = "payment:"


class RefundReader(Reader):
    """Reads what is asked back and what is given back."""

    EVENTS: ClassVar = {
        "PaymentInitiated": "_initiated",
        "PaymentCompleted": "_completed",
        "PaymentRefunded": "_given",
        "PaymentPartlyRefunded": "_given",
        "RefundRequested": "_asked",
        "RefundSettled": "_settled",
        "BalanceCredited": "_credited",
        "PlayOrdered": "_played",
    }

    def __init__(self, said: Complaints) -> None:
        super().__init__(said)
        self._payments: dict[str, Json] = {}
        self._completed_ones: set[str] = set()
        #: Play session -> who plays.
        self._players: dict[str, str | None] = {}
        self._back: dict[str, int] = defaultdict(int)
        #: refund -> payment and amount, tip and all.
        self._refunds: dict[str, tuple[str, int]] = {}
        #: Requests of owners about payments, and what was decided about each.
        self._requests: dict[str, tuple[str, int]] = {}
        self._decided: dict[str, str] = {}
        #: (user, refund) -> what came back to the balance.
        self._credits: dict[tuple[str, str], int] = {}

    def _initiated(self, payment: str, event: Json, _fact: Json) -> None:
        self._payments[payment] = event

    def _played(self, session: str, event: Json, _fact: Json) -> None:
        self._players[session] = event.get("user_id")

    def _paid_by(self, payment: str) -> str | None:
        """Whose balance it was paid from, if it was from any."""
        begun = self._payments.get(payment, {})
        if begun.get("method") != "BALANCE":
            return None
        return begun.get("user_id") or self._players.get(begun.get("session_pid", ""))

    def _completed(self, payment: str, _event: Json, _fact: Json) -> None:
        self._completed_ones.add(payment)

    def _given(self, payment: str, event: Json, _fact: Json) -> None:
        refund, amount = event["refund_pid"], event["amount_minor"] + event["tip_minor"]
        self._say(refund not in self._refunds, f"DOUBLED: {refund} was given back twice")
        self._say(payment in self._completed_ones, f"{payment} never came and is given back")
        self._refunds[refund] = payment, amount
        self._back[payment] += amount
        begun = self._payments.get(payment, {})
        paid = begun.get("amount_minor", 0) + begun.get("tip_minor", 0)
        self._say(self._back[payment] <= paid, f"{self._back[payment]} of {payment} went back, it was {paid}")

    def _asked(self, request: str, event: Json, _fact: Json) -> None:
        if event["about"].startswith(_ABOUT):
            self._requests[request] = event["about"].removeprefix(_ABOUT), event["amount_minor"]

    def _settled(self, request: str, event: Json, fact: Json) -> None:
        if request not in self._requests:
            return
        self._say(request not in self._decided, f"DOUBLED: {request} was decided twice")
        self._decided[request] = event["decision"]
        payment, _ = self._requests[request]
        by_hand = event["decision"] == "granted" and self._paid_by(payment) is None
        there = not str(fact.get("by", "")).startswith("owner:")
        self._say(there or not by_hand, f"{request} was handed out by somebody who is far away")

    def _credited(self, user: str, event: Json, _fact: Json) -> None:
        if event["reason"] == "refund":
            self._credits[user, event["entry"]] = event["amount_minor"]

    @property
    def rarities(self) -> set[str]:
        """Which of the rare things of `sometimes.py` have happened, by the name of what tells of them."""
        given = {f"refund {decision}" for decision in self._decided.values()}
        itself = {"refund by itself"} if any(name in self._requests for _, name in self._credits) else set()
        return given | itself | ({"refund asked"} if self._requests else set())

    def finish(self) -> None:
        """What was granted is with the guest, and nothing else of what owners asked for."""
        for request, wanted in self._requests.items():
            given, decision = self._refunds.get(request), self._decided.get(request)
            right = given == wanted if decision == "granted" else given is None
            self._say(right, f"{request} asks for {wanted}, was {decision}, and {given} went back")
        for refund, (payment, amount) in self._refunds.items():
            user = self._paid_by(payment)
            credited = self._credits.get((user, refund)) if user else amount
            self._say(credited == amount, f"{refund}: {amount} of {payment} came to {user} as {credited}")
