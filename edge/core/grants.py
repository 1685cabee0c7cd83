"""Decisions about money that the cloud has set aside for this venue: it comes in like money at the counter.

Spending draws on the balance here and on nothing else, so two venues without internet can never spend the
same money (sync.md, 'wallet'). A grant counts once by its id; what the cloud wants back is given only as
far as it is there, because what was spent is spent. Counterparts: `protocol/facts/account.py`,
`cloud/store/wallets.py`.
"""

from edge.core.clock import Now
from edge.core.remote_commands import AcceptGrant, GiveBackGrant
from edge.core.view import Proposal, VenueView
from protocol.errors import Refusal, refuse
from protocol.facts import account
from protocol.facts.account import GIVEN_BACK, GRANTED, BalanceCredited, BalanceDebited


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
