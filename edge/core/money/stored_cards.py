"""Decisions about cards that a terminal of the venue's own stores while nothing can be asked (product.md 18).

Only where the owner allows it, only while the cloud is really away, and within three limits: a payment, all
that is unsent, and how long the outage has lasted. What goes beyond needs a manager's word and a reason. The
sum of what is unsent is one aggregate, held against the limit in the transaction that adds to it, so of two
tills that race for the last of it one is told `over_offline_limit`.

How long the outage has lasted is counted on the clock that nobody can set, over restarts from the last word
on disk; time without power counts where the wall clock was believed on both sides. Counterparts: `payment.py`
completes the payment, `edge/effects/afar/cut_off.py` notes the time.
"""

import msgspec

from edge.core.clock import Now
from edge.core.money import payment as payments
from edge.core.money import shift
from edge.core.money.commands import AdvancePayment, NoteCutOff, SettleStoredCard, StoreCard
from edge.core.view import Proposal, VenueView
from protocol.errors import Refusal, refuse
from protocol.facts.card_config import OfflineCards
from protocol.facts.payment import UNDER_WAY, Payment
from protocol.facts.stored_card import CardStored, StoredCardDeclined, StoredCardSent, aggregate_of
from protocol.facts.terminal import AGGREGATE, CutOffNoted, Standing, Terminal, UnsentChanged

_NS = 1_000_000_000


def store(view: VenueView, command: StoreCard, now: Now) -> list[Proposal] | Refusal:
    """The terminal has it: the payment counts, and what is unsent is so much more."""
    venue, payment = view.venue(), view.payment(command.payment_pid)
    if venue is None:
        return refuse("not_configured")
    if payment is None:
        return refuse("unknown_payment")
    if view.stored_card(command.payment_pid) is not None:
        return []
    away_s = cut_off_s(view.terminal(), command.cut_off_s, command.heard_since, now)
    rules = venue.config.offline_cards
    refused = _unfit(payment, rules, away_s)
    if refused is not None or away_s is None:
        return refused or refuse("cloud_reachable")
    stands = standing(view.terminal())
    amount_minor = payment.initiated.amount_minor + payment.initiated.tip_minor
    over = _over(rules, stands, amount_minor, away_s)
    if over and not (command.approved_by and command.reason):
        return _refuse_over(rules, stands, over)
    first = payment.initiated
    completed = AdvancePayment(
        first.payment_pid, "COMPLETED", command.by, command.shift_pid, command.reference
    )
    paid = payments.advance(view, completed, now)
    if isinstance(paid, Refusal):
        return paid
    word = (command.reason, command.approved_by) if over else ("", "")
    stored = CardStored(first.payment_pid, amount_minor, first.currency, over, *word)
    after = Standing(
        stands.unsent + 1, stands.unsent_minor + amount_minor, rules.most_unsent_minor, int(away_s)
    )
    return [*paid, (aggregate_of(first.payment_pid), stored), (AGGREGATE, UnsentChanged(after))]


def _unfit(payment: Payment, rules: OfflineCards, away_s: float | None) -> Refusal | None:
    """Why no limit and nobody's word makes this possible."""
    if not rules.allowed:
        return refuse("offline_cards_off")
    if payment.initiated.method != payments.CARD:
        return refuse("method_unavailable", "Only cards are stored by a terminal.")
    if payment.initiated.balance_of is not None:
        words = "A balance is spent at once, and a stored card may be declined later. Take cash instead."
        return refuse("method_unavailable", words)
    if payment.provider:
        return refuse("payment_online")
    if payment.status not in UNDER_WAY:
        return refuse("payment_final", detail={"status": payment.status})
    return refuse("cloud_reachable") if away_s is None else None


def _over(rules: OfflineCards, stands: Standing, amount_minor: int, away_s: float) -> tuple[str, ...]:
    """The limits that it would go beyond."""
    limits = (
        ("payment", amount_minor > rules.most_minor),
        ("total", stands.unsent_minor + amount_minor > rules.most_unsent_minor),
        ("time", away_s > rules.most_hours * 3600),
    )
    return tuple(name for name, beyond in limits if beyond)


_WORDS = {
    "payment": "This is more than one stored card may come to.",
    "total": "All stored cards together would come to more than is allowed.",
    "time": "The outage has lasted for too long to store cards.",
}


def _refuse_over(rules: OfflineCards, stands: Standing, over: tuple[str, ...]) -> Refusal:
    detail = {
        "limits": list(over),
        "most_minor": rules.most_minor,
        "left_minor": max(0, rules.most_unsent_minor - stands.unsent_minor),
    }
    words = " ".join(_WORDS[name] for name in over)
    return refuse("over_offline_limit", f"{words} A manager may answer for it.", detail=detail)


def standing(terminal: Terminal | None) -> Standing:
    """What is unsent now."""
    return terminal.stands if terminal is not None else Standing()


def near_limit(unsent_minor: int, most_unsent_minor: int) -> bool:
    """Whether four fifths of what may be unsent are."""
    return most_unsent_minor > 0 and unsent_minor * 5 >= most_unsent_minor * 4


def cut_off_s(
    terminal: Terminal | None, counted_s: float | None, heard_since: bool, now: Now
) -> float | None:
    """For how long the cloud has been away; None while it is there.

    `counted_s` is what this run of the box has counted. Unless the cloud was `heard_since` the last word on
    disk, the outage is still the one that it told of.
    """
    if counted_s is None or terminal is None or heard_since:
        return counted_s
    if terminal.boot == now.boot:
        since_s = (now.mono_ns - terminal.mono_ns) / _NS
    elif terminal.trusted and now.clock_trusted:
        since_s = max(0.0, (now.wall_ms - terminal.wall_ms) / 1000)
    else:
        since_s = counted_s
    return max(counted_s, terminal.stands.cut_off_s + since_s)


def settle(view: VenueView, command: SettleStoredCard, now: Now) -> list[Proposal] | Refusal:
    """Somebody knows its end; saying the same again changes nothing."""
    card, payment = view.stored_card(command.payment_pid), view.payment(command.payment_pid)
    if card is None or payment is None:
        return refuse("unknown_payment")
    if card.status != "unsent":
        same = card.status == ("sent" if command.sent else "declined")
        return [] if same else refuse("payment_final", detail={"status": card.status})
    stands = standing(view.terminal())
    away_s = cut_off_s(view.terminal(), command.cut_off_s, command.heard_since, now)
    after = msgspec.structs.replace(
        stands,
        unsent=stands.unsent - 1,
        unsent_minor=stands.unsent_minor - card.stored.amount_minor,
        cut_off_s=int(away_s or 0),
    )
    aggregate, less = aggregate_of(command.payment_pid), (AGGREGATE, UnsentChanged(after))
    if command.sent:
        return [(aggregate, StoredCardSent()), less]
    declined = StoredCardDeclined(command.reason)
    return [(aggregate, declined), less, *_owed_again(view, command, payment, now)]


def _owed_again(view: VenueView, command: SettleStoredCard, payment: Payment, now: Now) -> list[Proposal]:
    """What was not given back meanwhile is taken off the bill's payments and out of the shift's cards."""
    if not (payment.left_minor or payment.left_tip_minor):
        return []
    given = payments.Back(
        refund_pid=f"declined-{command.payment_pid}",
        amount_minor=payment.left_minor,
        tip_minor=payment.left_tip_minor,
        reason=f"declined: {command.reason}"[:280],
        approved_by=command.by.removeprefix("staff:"),
    )
    till = shift.Till(payment.initiated.till, command.shift_pid)
    return payments.give_back(view, payment, given, till, now)


def note_cut_off(view: VenueView, command: NoteCutOff, now: Now) -> list[Proposal] | Refusal:
    """So that a restart does not begin to count anew; where no cards are stored nobody needs to know."""
    venue = view.venue()
    if venue is None or not venue.config.offline_cards.allowed:
        return []
    away_s = cut_off_s(view.terminal(), command.cut_off_s, command.heard_since, now)
    stands = msgspec.structs.replace(standing(view.terminal()), cut_off_s=int(away_s or 0))
    return [(AGGREGATE, CutOffNoted(stands))]
