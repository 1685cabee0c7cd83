"""Decisions about guests who pay in on a balance: cash is there at once, a card when it has come.

The entry's id is the payment's, so money and balance cannot come apart, and the client's `mid` leads to the
same id every time: money is taken once however often it is asked for. Credits for any other reason than
money at the counter bring none into the drawer.

Counterparts: `prepaid.py` says what follows when the money is there, `edge/web/money/paying_in_desk.py` asks.
"""

from edge.core.clock import Now
from edge.core.money import payment as payments
from edge.core.money import prepaid, shift
from edge.core.play.commands import CreditAccount
from edge.core.view import Proposal, VenueView
from protocol.errors import Refusal, refuse
from protocol.facts import account
from protocol.facts.account import COUNTER, BalanceCredited
from protocol.facts.payment import PaymentCompleted, PaymentInitiated
from protocol.facts.shift import CASH, TakingsCounted
from protocol.money import cash_step_minor
from protocol.taxes import cash_rounding


def credit(view: VenueView, command: CreditAccount, _now: Now) -> list[Proposal] | Refusal:
    """Money for later."""
    venue = view.venue()
    if venue is None:
        return refuse("not_configured")
    currency, holder = venue.config.currency, view.account(command.user_id)
    if holder is not None and holder.currency != currency:
        return refuse("wrong_currency", f"This balance is kept in {holder.currency}.")
    if command.reason == COUNTER and command.amount_minor:
        return _paid_in(view, command, currency, rounds=venue.config.cash_rounding)
    balance_minor = (holder.balance_minor if holder else 0) + command.amount_minor
    credited = BalanceCredited(command.entry, command.amount_minor, balance_minor, command.reason, currency)
    return [(account.aggregate_of(command.user_id), credited)]


def _paid_in(
    view: VenueView, command: CreditAccount, currency: str, *, rounds: bool
) -> list[Proposal] | Refusal:
    if command.method not in (CASH, payments.CARD):
        return refuse("method_unavailable", "A balance is paid in on in cash or by card.")
    if view.payment(command.entry) is not None:
        return refuse("mid_reused")
    first = _initiated(command, currency, rounds=rounds)
    if isinstance(first, Refusal):
        return first
    aggregate = payments.aggregate_of(command.entry)
    if command.method == payments.CARD:
        return [(aggregate, first)]
    till = shift.Till(first.till, command.entry)
    takings = TakingsCounted(command.entry, CASH, first.amount_minor, rounding_minor=first.rounding_minor)
    counted = [takings, *prepaid.counted(first, "paid_in", first.amount_minor)]
    return [
        *prepaid.came(view, first),
        (aggregate, first),
        *shift.counting(view, till, currency, counted),
        (aggregate, PaymentCompleted(shift.pid_at(view, till))),
    ]


def _initiated(command: CreditAccount, currency: str, *, rounds: bool) -> PaymentInitiated | Refusal:
    if command.method != CASH and command.tendered_minor is not None:
        return refuse("invalid", "Only cash is handed over.")
    in_coins = rounds and command.method == CASH
    rounding_minor = cash_rounding(command.amount_minor, cash_step_minor(currency)) if in_coins else 0
    owed_minor = command.amount_minor + rounding_minor
    if owed_minor == 0:
        return refuse("nothing_due", "That is less than the smallest coin pays.")
    if command.tendered_minor is not None and command.tendered_minor < owed_minor:
        return refuse("tendered_short", detail={"owed_minor": owed_minor})
    return PaymentInitiated(
        command.entry,
        command.method,
        currency,
        command.amount_minor,
        rounding_minor=rounding_minor,
        tendered_minor=command.tendered_minor,
        till=command.till,
        balance_of=command.user_id,
    )


def scope(_view: VenueView, command: CreditAccount) -> str:
    """Whose journal remembers the `mid`: cash is on the balance first, a card is a payment first."""
    if command.method == CASH:
        return account.aggregate_of(command.user_id)
    return payments.aggregate_of(command.entry)
