"""Decisions about the venue's own credit: how much of it a guest may use, and how it is collected.

A balance is spent up to what is there. Only while the cloud cannot be reached, only for somebody whom this
venue knows, and only as far as the owner's cap goes with all that is owed already, the venue stands in for
the rest; and only once somebody of the staff has been shown the amount and said yes. Every money that comes
to such a guest here later, from the wallet or over the counter, pays the debt first, in the transaction in
which it comes in: so it is collected once, whichever way it comes.

Counterparts: `grants.py` spends balances, `protocol/facts/credit.py`.
"""

from collections.abc import Sequence

import msgspec

from edge.core.afar.commands import WriteOffCredit
from edge.core.clock import Now
from edge.core.view import Proposal, VenueView
from protocol.errors import Refusal, refuse
from protocol.facts import account
from protocol.facts.account import Account, BalanceCredited, BalanceDebited
from protocol.facts.credit import (
    AGGREGATE,
    LENT,
    REPAID,
    CreditCollected,
    CreditGiven,
    Credits,
    CreditWrittenOff,
)


class Terms(msgspec.Struct, frozen=True):
    """`cloud_away`: the cloud cannot be reached; `on_credit`: somebody of the staff has agreed to lend."""

    cloud_away: bool = False
    on_credit: bool = False


NO_CREDIT = Terms()


def cap_minor(view: VenueView) -> int:
    """How much guests may owe the venue together."""
    venue = view.venue()
    return venue.config.wallet_credit_cap_minor if venue else 0


def left_minor(view: VenueView) -> int:
    """How much of the cap is not owed."""
    owed = view.credits()
    return max(0, cap_minor(view) - (owed.owed_minor if owed else 0))


def lent(
    view: VenueView, holder: Account | None, entry: str, short_minor: int, terms: Terms
) -> list[Proposal] | Refusal:
    """The venue stands in for what a balance lacks, which is on it then. Nothing where it does not.

    A refusal says what the venue would lend, for whoever has to agree to that first.
    """
    cap = cap_minor(view)
    if holder is None or short_minor <= 0 or not terms.cloud_away or not cap:
        return []
    left = left_minor(view)
    amounts = {"short_minor": short_minor, "credit_left_minor": left, "credit_cap_minor": cap}
    detail = {"balance_minor": holder.balance_minor, **amounts}
    if short_minor > left:
        return refuse("credit_exhausted", detail=detail)
    if not terms.on_credit:
        return refuse("insufficient_balance", "Insufficient balance", detail=detail)
    owed_minor = cap - left + short_minor
    given = CreditGiven(entry, holder.user_id, short_minor, owed_minor, cap, holder.currency)
    balance_minor = holder.balance_minor + short_minor
    credited = BalanceCredited(f"lent:{entry}", short_minor, balance_minor, LENT, holder.currency)
    return [(AGGREGATE, given), (account.aggregate_of(holder.user_id), credited)]


def collected(view: VenueView, proposals: Sequence[Proposal]) -> list[Proposal]:
    """What of the money that `proposals` bring to guests goes back to the venue, oldest debt first."""
    owed = view.credits()
    if owed is None or not owed.open:
        return []
    for aggregate, event in proposals:
        if isinstance(event, BalanceCredited) and event.reason != LENT:
            return _repaid(owed, aggregate, event)
    return []


def _repaid(owed: Credits, aggregate: str, came: BalanceCredited) -> list[Proposal]:
    """One command brings money to one guest at the most."""
    left_minor, owed_minor = came.balance_minor, owed.owed_minor
    back: list[Proposal] = []
    for debt in owed.of(aggregate.partition(":")[2]):
        amount_minor = min(left_minor, debt.owed_minor)
        if amount_minor:
            left_minor, owed_minor = left_minor - amount_minor, owed_minor - amount_minor
            back.append((AGGREGATE, CreditCollected(debt.given.entry, came.entry, amount_minor, owed_minor)))
    if not back:
        return []
    paid_minor = came.balance_minor - left_minor
    repaid = BalanceDebited(f"repaid:{came.entry}", paid_minor, left_minor, REPAID, came.currency)
    return [*back, (aggregate, repaid)]


def write_off(view: VenueView, command: WriteOffCredit, _now: Now) -> list[Proposal] | Refusal:
    """The venue bears what is left of it."""
    owed = view.credits()
    debt = owed.open.get(command.entry) if owed else None
    if owed is None or debt is None:
        return refuse("nothing_owed")
    left_minor = owed.owed_minor - debt.owed_minor
    return [(AGGREGATE, CreditWrittenOff(command.entry, debt.owed_minor, left_minor, command.note))]
