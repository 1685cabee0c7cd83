"""What guests owe the venue, because it let them play on its own credit while the cloud could not be reached.

    (none) --CreditGiven--> open --CreditCollected, whole--> collected
                             |  `--in part--> open
                             `--CreditWrittenOff--> written_off

Without a grant a balance is spent up to what is there. Where the owner allows it, up to a cap, the venue
stands in for the rest and bears the risk: the guest's wallet is somewhere else and may be empty (sync.md,
'wallet'). One aggregate holds all of a venue's credit, so that what is owed is counted against the cap by
whoever gives more, after any restart. It is collected from the guest's next money here, once.

Counterparts: `edge/core/money/credit.py` decides, `account.py` is the ledger that the money goes through,
`cloud/store/money/credits.py` sets money of the wallet aside for it.
"""

import msgspec

from protocol.facts.fact import Fact, ImpossibleFact, Row, shape

AGGREGATE = "credit:venue"
#: Reasons of entries in an account: what the venue lent, and what went back to it.
LENT = "venue_credit"
REPAID = "credit_repaid"

TRANSITIONS: dict[str, dict[str, str]] = {
    "open": {"CreditCollected": "collected", "CreditWrittenOff": "written_off"},
    "collected": {},
    "written_off": {},
}


class CreditGiven(msgspec.Struct, frozen=True, tag=True):
    """The venue stood in for `amount_minor` of what `user_id` spent on `entry`.

    `owed_minor` is what all guests owe with it, which was never more than `cap_minor` when it was given.
    """

    entry: str
    user_id: str
    amount_minor: int
    owed_minor: int
    cap_minor: int
    currency: str


class CreditCollected(msgspec.Struct, frozen=True, tag=True):
    """`amount_minor` of it came back, from the money that `source` brought; all owe `owed_minor` now."""

    entry: str
    source: str
    amount_minor: int
    owed_minor: int


class CreditWrittenOff(msgspec.Struct, frozen=True, tag=True):
    """What was left of it is the venue's loss; `note` says why."""

    entry: str
    amount_minor: int
    owed_minor: int
    note: str


CreditEvent = CreditGiven | CreditCollected | CreditWrittenOff


class Credit(msgspec.Struct, frozen=True):
    """One guest's debt to the venue. Amounts in minor units."""

    given: CreditGiven
    given_by: str | None
    given_ms: int
    collected_minor: int = 0
    written_off_minor: int = 0
    note: str = ""
    settled_by: str | None = None
    settled_ms: int | None = None

    @property
    def owed_minor(self) -> int:
        """What is still to come."""
        return self.given.amount_minor - self.collected_minor - self.written_off_minor

    @property
    def status(self) -> str:
        """`open`, or how it ended."""
        if self.owed_minor:
            return "open"
        return "written_off" if self.written_off_minor else "collected"


class Credits(msgspec.Struct, frozen=True):
    """The state that the events fold into: what is open, oldest first, and what the last event moved."""

    version: int
    owed_minor: int
    last: Credit
    open: dict[str, Credit]

    def of(self, user_id: str) -> list[Credit]:
        """What a guest owes, oldest first."""
        return [credit for credit in self.open.values() if credit.given.user_id == user_id]


def given(credits: Credits | None, event: CreditGiven, fact: Fact[CreditEvent]) -> Credits:
    """One more debt, within the cap."""
    owed_minor = (credits.owed_minor if credits else 0) + event.amount_minor
    held = credits.open if credits else {}
    wrong = event.amount_minor <= 0 or owed_minor != event.owed_minor or owed_minor > event.cap_minor
    if wrong or event.entry in held:
        raise ImpossibleFact(f"{event.entry} cannot bring {fact.aggregate} to {event.owed_minor}")
    credit = Credit(event, fact.by, fact.wall_ms)
    return Credits(fact.version, owed_minor, credit, {**held, event.entry: credit})


def settled(
    credits: Credits | None, event: CreditCollected | CreditWrittenOff, fact: Fact[CreditEvent]
) -> Credits:
    """Less is owed; a debt that comes to nothing is not open any more."""
    known = credits.open.get(event.entry) if credits else None
    if credits is None or known is None or not 0 < event.amount_minor <= known.owed_minor:
        raise ImpossibleFact(f"{event.amount_minor} of {event.entry} are not owed to {fact.aggregate}")
    owed_minor = credits.owed_minor - event.amount_minor
    if owed_minor != event.owed_minor:
        raise ImpossibleFact(f"{fact.aggregate} comes to {owed_minor}, not to {event.owed_minor}")
    credit = _after(known, event, fact)
    rest = {entry: each for entry, each in credits.open.items() if entry != event.entry}
    still = {**credits.open, event.entry: credit} if credit.owed_minor else rest
    return Credits(fact.version, owed_minor, credit, still)


def _after(known: Credit, event: CreditCollected | CreditWrittenOff, fact: Fact[CreditEvent]) -> Credit:
    if isinstance(event, CreditCollected):
        credit = msgspec.structs.replace(known, collected_minor=known.collected_minor + event.amount_minor)
    else:
        written_off_minor = known.written_off_minor + event.amount_minor
        credit = msgspec.structs.replace(known, written_off_minor=written_off_minor, note=event.note)
    if credit.owed_minor:
        return credit
    return msgspec.structs.replace(credit, settled_by=fact.by, settled_ms=fact.wall_ms)


EVOLVE = {CreditGiven: given, CreditCollected: settled, CreditWrittenOff: settled}

SHAPES = (
    shape(
        "venue_credits",
        "entry",
        "entry =user_id =amount_minor:int =cap_minor:int =currency =given_by =given_ms:int "
        "collected_minor:int written_off_minor:int status note settled_by settled_ms:int version:int",
    ),
)


def rows(credits: Credits, _fact: Fact[CreditEvent]) -> list[Row]:
    """The debt that the event was about."""
    credit = credits.last
    first = credit.given
    what = first.entry, first.user_id, first.amount_minor, first.cap_minor, first.currency
    how = credit.collected_minor, credit.written_off_minor, credit.status, credit.note
    end = credit.settled_by, credit.settled_ms, credits.version
    return [("venue_credits", (*what, credit.given_by, credit.given_ms, *how, *end))]
