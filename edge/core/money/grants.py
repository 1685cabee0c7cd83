"""Decisions about money that the cloud has set aside for this venue: it comes in like money at the counter.

Spending draws on the balance here and on nothing else, so two venues without internet can never spend the
same money (sync.md, 'wallet'). A grant counts once by its id; what the cloud wants back is given only as
far as it is there, because what was spent is spent. Counterparts: `protocol/facts/account.py`,
`cloud/store/money/wallets.py`.
"""

from edge.core.afar.commands import AcceptGrant, GiveBackGrant
from edge.core.clock import Now
from edge.core.money import credit
from edge.core.money.credit import NO_CREDIT, Terms
from edge.core.view import Proposal, VenueView
from protocol.errors import Refusal, refuse
from protocol.facts import account
from protocol.facts.account import GIVEN_BACK, GRANTED, BalanceCredited, BalanceDebited

REFUND = "refund"


def accept(view: VenueView, command: AcceptGrant, _now: Now) -> list[Proposal] | Refusal:
    """More to spend here."""
    venue = view.venue()
    if venue is None:
        return refuse("not_configured")
    holder = view.account(command.user_id)
    if holder is not None and command.grant_id in holder.grants:
        return []
    balance_minor = (holder.balance_minor if holder else 0) + command.amount_minor
    credited = BalanceCredited(
        command.grant_id, command.amount_minor, balance_minor, GRANTED, venue.config.currency
    )
    return [(account.aggregate_of(command.user_id), credited)]


def give_back(view: VenueView, command: GiveBackGrant, _now: Now) -> list[Proposal] | Refusal:
    """As much of it as is not spent."""
    holder = view.account(command.user_id)
    if holder is not None and command.return_id in holder.grants:
        return []
    if holder is None or not holder.balance_minor:
        return refuse("insufficient_balance", "Nothing of it is left here.")
    back_minor = min(holder.balance_minor, command.amount_minor)
    left_minor = holder.balance_minor - back_minor
    debited = BalanceDebited(command.return_id, back_minor, left_minor, GIVEN_BACK, holder.currency)
    return [(account.aggregate_of(command.user_id), debited)]


def spend(
    view: VenueView,
    user_id: str | None,
    entry: str,
    amount_minor: int,
    currency: str,
    reason: str,
    terms: Terms = NO_CREDIT,
) -> list[Proposal] | Refusal:
    """Take an amount from a balance, all or nothing; `entry` is the id of what it is spent on.

    Where the venue stands in for what is lacking, that is on the balance first.
    """
    known = view.account(user_id) if user_id else None
    holder = known if known and known.currency == currency else None
    balance_minor = holder.balance_minor if holder else 0
    lent = credit.lent(view, holder, entry, amount_minor - balance_minor, terms)
    if isinstance(lent, Refusal):
        return lent
    if lent:
        balance_minor = amount_minor
    if holder is None or user_id is None or balance_minor < amount_minor:
        return refuse("insufficient_balance", "Insufficient balance", detail={"balance_minor": balance_minor})
    spent = BalanceDebited(entry, amount_minor, balance_minor - amount_minor, reason, currency)
    return [*lent, (account.aggregate_of(user_id), spent)]


def returned(view: VenueView, user_id: str, entry: str, amount_minor: int) -> list[Proposal]:
    """What was spent is there again; `entry` is the id of the refund."""
    holder = view.account(user_id)
    if holder is None:
        return []
    balance_minor = holder.balance_minor + amount_minor
    back = BalanceCredited(entry, amount_minor, balance_minor, REFUND, holder.currency)
    return [(account.aggregate_of(user_id), back)]
