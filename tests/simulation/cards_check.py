"""Cards that a terminal stored, as a journal tells them (invariant 3): within the owner's limits or on a
manager's word, in one sum that fits at every moment, and each sent or declined once.
"""

from typing import ClassVar

from tests.simulation.reading import Complaints, Json, Reader

_NO_RULES: Json = {}


class CardReader(Reader):
    """Reads what the terminal keeps."""

    EVENTS: ClassVar = {
        "VenueConfigured": "_configured",
        "PaymentInitiated": "_initiated",
        "PaymentCompleted": "_completed",
        "PaymentRefunded": "_returned",
        "PaymentPartlyRefunded": "_returned",
        "CardStored": "_stored",
        "StoredCardSent": "_sent",
        "StoredCardDeclined": "_declined",
        "UnsentChanged": "_told",
        "CutOffNoted": "_told",
    }

    def __init__(self, said: Complaints) -> None:
        super().__init__(said)
        self._rules = _NO_RULES
        self._payments: dict[str, Json] = {}
        self._completed_ones: set[str] = set()
        #: What of each payment is not given back.
        self._left: dict[str, int] = {}
        self._unsent: dict[str, int] = {}
        #: Limits that the card which was stored last went beyond, all but that of time.
        self._over: list[str] = []
        self._last: Json = {}
        #: payment -> whether the money came.
        self.ends: dict[str, bool] = {}
        self.overridden: set[str] = set()

    def _configured(self, _venue: str, event: Json, _fact: Json) -> None:
        self._rules = event["config"].get("offline_cards", _NO_RULES)

    def _initiated(self, payment: str, event: Json, _fact: Json) -> None:
        self._payments[payment] = event
        self._left[payment] = event["amount_minor"] + event.get("tip_minor", 0)

    def _completed(self, payment: str, _event: Json, _fact: Json) -> None:
        self._completed_ones.add(payment)

    def _returned(self, payment: str, event: Json, _fact: Json) -> None:
        self._left[payment] -= event["amount_minor"] + event["tip_minor"]

    def _stored(self, payment: str, event: Json, _fact: Json) -> None:
        begun = self._payments.get(payment, {})
        amount = begun.get("amount_minor", 0) + begun.get("tip_minor", 0)
        self._say(
            event["amount_minor"] == amount, f"{event['amount_minor']} is stored of {payment}: {amount}"
        )
        self._say(begun.get("method") == "CARD", f"{payment} is stored and no card")
        self._say(payment in self._completed_ones, f"{payment} is stored and does not count")
        known = payment in self._unsent or payment in self.ends
        self._say(not known, f"DOUBLED: {payment} was stored twice")
        self._say(self._rules.get("allowed", False), f"{payment} was stored, which the owner does not allow")
        self._hold_against_limits(payment, event, amount)
        self._unsent[payment] = amount

    def _hold_against_limits(self, payment: str, event: Json, amount: int) -> None:
        over, rules = event.get("over", []), self._rules
        sums = {
            "payment": amount > rules.get("most_minor", 5_000),
            "total": sum(self._unsent.values()) + amount > rules.get("most_unsent_minor", 50_000),
        }
        beyond = [name for name, is_beyond in sums.items() if is_beyond]
        told = [name for name in over if name in sums]
        self._say(told == beyond, f"{payment} goes beyond {beyond} and says {told}")
        word = bool(event.get("approved_by") and event.get("reason"))
        self._say(word == bool(over), f"{payment} goes beyond {over}, approved: {word}")
        if word:
            self.overridden.add(payment)
        self._last = event

    def _sent(self, payment: str, _event: Json, _fact: Json) -> None:
        self._end(payment, True)

    def _declined(self, payment: str, _event: Json, _fact: Json) -> None:
        self._end(payment, False)

    def _end(self, payment: str, came: bool) -> None:
        self._say(payment in self._unsent, f"DOUBLED: {payment} was sent or declined and is not stored")
        self._unsent.pop(payment, None)
        self.ends[payment] = came

    def _told(self, _terminal: str, event: Json, fact: Json) -> None:
        """The sum that limits are held against, and for how long the outage had lasted by then."""
        stands = event["stands"]
        told = stands.get("unsent", 0), stands.get("unsent_minor", 0)
        found = len(self._unsent), sum(self._unsent.values())
        self._say(told == found, f"fact {fact['seq']} tells of {told} unsent cards, there are {found}")
        if self._last:
            late = stands.get("cut_off_s", 0) > self._rules.get("most_hours", 24) * 3600
            named = "time" in self._last.get("over", [])
            self._say(named or not late, f"{self._last['payment_pid']} was stored too late in an outage")
        self._last = {}

    @property
    def rarities(self) -> set[str]:
        """Which of the rare things of `sometimes.py` have happened, by the name of what tells of them."""
        found = {"CardStored"} if self.ends or self._unsent else set()
        found |= {"StoredCardSent" if came else "StoredCardDeclined" for came in self.ends.values()}
        return found | ({"overridden"} if self.overridden else set())

    def finish(self) -> None:
        """A card that was declined is not paid."""
        for payment, came in self.ends.items():
            left = 0 if came else self._left[payment]
            self._say(not left, f"{payment} was declined, and {left} of it counts as paid")
