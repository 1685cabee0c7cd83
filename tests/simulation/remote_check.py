"""Commands of the cloud, grants and refunds, as a journal tells them (invariants 3, 5 and 6).

Each command is taken once and has one outcome. More time that was paid for in the cloud is given once or owed
back once, never both. A grant comes in once by its id, an account is never below nought, and its balance is
the sum of its entries. What guests owe the venue is never more than its cap, and comes back at most once.
"""

from collections import Counter, defaultdict
from typing import ClassVar

from tests.simulation.reading import Complaints, Json, Reader

#: An order that lay in the cloud for so long is for the staff to decide about (product.md 20).
_LONG_MS = 20_000
_OUTCOMES = ("CommandDone", "CommandRefused", "CommandExpired", "CommandInDoubt")


class RemoteReader(Reader):
    """Reads what came of the cloud's wishes."""

    EVENTS: ClassVar = {
        "CommandTaken": "_taken",
        **dict.fromkeys(_OUTCOMES, "_ended"),
        "CommandHeld": "_held_up",
        "CommandReleased": "_let_go",
        "TimeAdded": "_added",
        "RefundRequested": "_owed",
        "RefundSettled": "_settled",
        "BalanceCredited": "_credited",
        "BalanceDebited": "_debited",
        "CreditGiven": "_lent",
        "CreditCollected": "_paid_back",
        "CreditWrittenOff": "_paid_back",
    }

    def __init__(self, said: Complaints) -> None:
        super().__init__(said)
        self.taken: dict[str, Json] = {}
        self._outcomes: Counter[str] = Counter()
        self._held: set[str] = set()
        self._must_end: dict[str, tuple[str, ...]] = {}
        self.endings: set[str] = set()
        self._given: set[str] = set()
        self._requests: set[str] = set()
        self._decided: set[str] = set()
        self.balances: dict[str, int] = defaultdict(int)
        #: What came out of wallets and did not go back to them.
        self.set_aside_minor = 0
        self._entries: set[tuple[str, str]] = set()
        #: entry -> whose debt to the venue it is; entry -> what is left of it.
        self._debtors: dict[str, str] = {}
        self._debts: dict[str, int] = {}
        #: What of the money that came to somebody last has to go to the venue, and has not yet.
        self._due: dict[str, int] = {}

    def _taken(self, command: str, event: Json, _fact: Json) -> None:
        self._say(command not in self.taken, f"DOUBLED: {command} was taken twice")
        self.taken[command] = event
        if event["left_ms"] <= 0:
            self._must_end[command] = ("CommandExpired",)
        elif event["kind"] == "guest_order" and event.get("waited_ms", 0) >= _LONG_MS:
            self._must_end[command] = ("CommandHeld",)

    def _comes(self, command: str, name: str) -> None:
        """The first thing that becomes of a command, where its time allows one only."""
        only = self._must_end.pop(command, None)
        self._say(only is None or name in only, f"{command} came to {name} and can only come to {only}")

    def _held_up(self, command: str, _event: Json, _fact: Json) -> None:
        self._comes(command, "CommandHeld")
        self._say(command in self.taken and command not in self._held, f"{command} was held twice")
        self._held.add(command)
        self.endings.add("CommandHeld")

    def _let_go(self, command: str, _event: Json, _fact: Json) -> None:
        self._say(command in self._held, f"{command} was let go and not held")
        self._held.discard(command)
        self.endings.add("CommandReleased")

    def _ended(self, command: str, event: Json, _fact: Json) -> None:
        self.endings.add(event["type"])
        self._comes(command, event["type"])
        self._held.discard(command)
        self._outcomes[command] += 1
        self._say(self._outcomes[command] == 1, f"{command} has ended twice, now as {event['type']}")

    def _added(self, session: str, event: Json, _fact: Json) -> None:
        extend = event["entitlement"]["id"]
        self._say(extend not in self._requests, f"{extend} is owed back and given to {session}")
        self._given.add(extend)

    def _owed(self, request: str, event: Json, _fact: Json) -> None:
        self._say(request not in self._given, f"{request} was given and is owed back")
        self._say(request not in self._requests, f"DOUBLED: {request} is owed back twice")
        self._say(event["amount_minor"] > 0, f"{request} owes nothing")
        self._requests.add(request)
        self.endings.add("RefundRequested")

    def _settled(self, request: str, _event: Json, _fact: Json) -> None:
        self._say(request not in self._decided, f"{request} was decided twice")
        self._decided.add(request)

    def _credited(self, user: str, event: Json, _fact: Json) -> None:
        self._paid_up(user)
        self._move(user, event, event["amount_minor"])
        if event["reason"] == "granted":
            self.set_aside_minor += event["amount_minor"]
        if event["reason"] != "venue_credit":
            owed = sum(left for entry, left in self._debts.items() if self._debtors[entry] == user)
            self._due[user] = min(owed, self.balances[user])

    def _debited(self, user: str, event: Json, _fact: Json) -> None:
        if event["reason"] != "credit_repaid":
            self._paid_up(user)
        self._move(user, event, -event["amount_minor"])
        if event["reason"] == "given_back":
            self.set_aside_minor -= event["amount_minor"]

    @property
    def owed_minor(self) -> int:
        """What guests owe the venue."""
        return sum(self._debts.values())

    def _paid_up(self, user: str) -> None:
        due = self._due.pop(user, 0)
        self._say(not due, f"{due} came to {user} and did not go to the venue, which is owed it")

    def _move(self, user: str, event: Json, amount_minor: int) -> None:
        entry = user, event["entry"]
        self._say(entry not in self._entries, f"DOUBLED: {event['entry']} moved money of {user} twice")
        self._entries.add(entry)
        self.balances[user] += amount_minor
        balance = self.balances[user]
        self._say(balance >= 0, f"{user} has spent more than was granted: {balance}")
        self._say(
            balance == event["balance_minor"], f"{user} has {event['balance_minor']} instead of {balance}"
        )

    def _lent(self, _venue: str, event: Json, _fact: Json) -> None:
        """The venue stands in for a guest, never for more than its cap."""
        entry, amount_minor = event["entry"], event["amount_minor"]
        self._say(entry not in self._debtors, f"DOUBLED: {entry} was lent twice")
        self._debtors[entry], self._debts[entry] = event["user_id"], amount_minor
        owed = sum(self._debts.values())
        self._say(owed <= event["cap_minor"], f"guests owe {owed}, and {event['cap_minor']} is allowed")
        self._say(owed == event["owed_minor"], f"guests owe {event['owed_minor']} instead of {owed}")
        self.endings.add("CreditGiven")

    def _paid_back(self, _venue: str, event: Json, _fact: Json) -> None:
        entry, amount_minor = event["entry"], event["amount_minor"]
        left = self._debts.get(entry, 0) - amount_minor
        self._say(left >= 0, f"DOUBLED: {amount_minor} of {entry} came back, {-left} too much")
        self._debts[entry] = max(0, left)
        if event["type"] == "CreditCollected":
            debtor = self._debtors.get(entry, "")
            self._due[debtor] = max(0, self._due.get(debtor, 0) - amount_minor)
        owed = sum(self._debts.values())
        self._say(owed == event["owed_minor"], f"guests owe {event['owed_minor']} instead of {owed}")
        self.endings.add(event["type"])

    def finish(self) -> None:
        """Every command has its outcome, or waits for a person and says so; and who owes has paid."""
        for user in tuple(self._due):
            self._paid_up(user)
        open_ones = sorted(self.taken.keys() - self._outcomes.keys() - self._held)
        self._say(not open_ones, f"commands without an outcome: {open_ones[:3]}")
