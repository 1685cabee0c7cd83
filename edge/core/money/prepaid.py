"""Money that guests have paid in on their balances: when it is there, and what of it can be handed back.

It is the guest's until it pays for something, so it stands in the drawer's takings and in no sale. What was
paid in comes onto the balance in the transaction in which the money is there, and is handed back only as far
as it lies on the balance still: what was spent is spent. It can be spent at once, and at this venue alone
(sync.md, 'wallet'); it gets elsewhere by way of the wallet in the cloud, as a grant does.

Counterparts: `paying_in.py` begins it, `payment.py` moves it along and gives it back.
"""

from edge.core.view import Proposal, VenueView
from protocol.errors import Refusal, refuse
from protocol.facts import account
from protocol.facts.account import COUNTER, PAID_OUT, BalanceCredited, BalanceDebited
from protocol.facts.payment import Payment, PaymentInitiated
from protocol.facts.shift import Counted, PrepaidCounted


def came(view: VenueView, first: PaymentInitiated) -> list[Proposal]:
    """The money is there, so it is on the balance."""
    if first.balance_of is None:
        return []
    holder = view.account(first.balance_of)
    balance_minor = (holder.balance_minor if holder else 0) + first.amount_minor
    credited = BalanceCredited(first.payment_pid, first.amount_minor, balance_minor, COUNTER, first.currency)
    return [(account.aggregate_of(first.balance_of), credited)]


def counted(first: PaymentInitiated, kind: str, amount_minor: int) -> list[Counted]:
    """What the shift says of it beside the takings."""
    if first.balance_of is None:
        return []
    return [PrepaidCounted(first.payment_pid, kind, amount_minor)]


def spent(view: VenueView, payment: Payment, amount_minor: int) -> Refusal | None:
    """Why so much of a payment cannot be handed back: it does not lie on the balance any more."""
    first = payment.initiated
    if first.balance_of is None:
        return _forgotten(first)
    holder = view.account(first.balance_of)
    balance_minor = holder.balance_minor if holder else 0
    if amount_minor <= balance_minor:
        return None
    words = "Some of it is spent; no more can be given back than lies on the balance."
    return refuse("insufficient_balance", words, detail={"balance_minor": balance_minor})


def _forgotten(first: PaymentInitiated) -> Refusal | None:
    """Boxes once wrote down that money was paid in and not by whom; the codes they sold are no balances."""
    if first.session_pid is not None or first.payment_pid.startswith("code-"):
        return None
    words = "This was paid in before payments said on whose balance; ask the owner to take it off there."
    return refuse("method_unavailable", words)


def taken_off(view: VenueView, first: PaymentInitiated, entry: str, amount_minor: int) -> list[Proposal]:
    """What is handed back leaves the balance; `entry` is the id of the refund."""
    holder = view.account(first.balance_of) if first.balance_of is not None else None
    if holder is None or not amount_minor:
        return []
    left_minor = holder.balance_minor - amount_minor
    debited = BalanceDebited(entry, amount_minor, left_minor, PAID_OUT, holder.currency)
    return [(account.aggregate_of(holder.user_id), debited)]
