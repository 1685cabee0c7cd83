"""Who decides what: the tables of rules joined, and what holds for all commands.

    decide(view, command, now) -> proposals | Refusal

An empty list of proposals means 'already so': accepted, and nothing to write. Orders that a command confirms
are charged here, so that every way of confirming one reaches the bill; so is play time, whichever way its
money goes, and so are deposits of bookings. What a guest owes the venue is paid from whatever money comes to
that guest.
"""

from edge.core.afar import owner_commands
from edge.core.afar import rules as remote_rules
from edge.core.afar.commands import ReturnPayment, TakeCommand
from edge.core.bookings import deposits
from edge.core.bookings import rules as booking_rules
from edge.core.clock import Now
from edge.core.commands import Command
from edge.core.devices import rules as device_rules
from edge.core.money import bill, credit
from edge.core.money import rules as money_rules
from edge.core.money.commands import AdvancePayment, RefundPayment, StoreCard
from edge.core.orders import rules as ordering_rules
from edge.core.play import money as play_money
from edge.core.play import rules as play_rules
from edge.core.rule import Rule
from edge.core.shop import rules as shop_rules
from edge.core.tables import rules as table_rules
from edge.core.view import Proposal, VenueView
from protocol.errors import Refusal
from protocol.facts.fold import Event
from protocol.facts.order import OrderConfirmed
from protocol.facts.owner_command import CommandTaken


def _take(view: VenueView, command: TakeCommand, now: Now) -> list[Proposal] | Refusal:
    """What the cloud asks for is decided by the rule for it."""
    return owner_commands.take(view, command, now, decide)


RULES: dict[type, Rule] = {
    **ordering_rules.RULES,
    **play_rules.RULES,
    **booking_rules.RULES,
    **table_rules.RULES,
    **money_rules.RULES,
    **remote_rules.RULES,
    TakeCommand: Rule(_take, (CommandTaken,), remote_rules.of_command),
    **device_rules.RULES,
    **shop_rules.RULES,
}


def decide(view: VenueView, command: Command, now: Now) -> list[Proposal] | Refusal:
    """What follows from `command`, given the present."""
    decided = RULES[type(command)].decide(view, command, now)
    if isinstance(decided, Refusal):
        return decided
    if isinstance(command, TakeCommand):
        return decided  # what it asks for has been decided by way of here
    proposals = _with_money(view, command, decided, now)
    proposals += deposits.followed(view, proposals)
    return [*proposals, *credit.collected(view, proposals)]


def _with_money(view: VenueView, command: Command, proposals: list[Proposal], now: Now) -> list[Proposal]:
    if type(command) in play_rules.RULES or type(command) in booking_rules.RULES:
        return [*proposals, *play_money.settled(view, proposals, now)]
    if isinstance(command, AdvancePayment | RefundPayment | StoreCard | ReturnPayment):
        return [*proposals, *play_money.delivered(view, command, proposals, now)]
    for _, event in proposals:
        if isinstance(event, OrderConfirmed):
            return [*proposals, *bill.charges(view, proposals, now)]
    return proposals


def scope(view: VenueView, command: Command) -> str | None:
    """The aggregate whose journal remembers the command's `mid`; None where it cannot have been used yet."""
    return RULES[type(command)].aggregate(view, command)


def begins(command: Command, event: Event) -> bool:
    """Whether `event` can be the first that such a command led to."""
    return isinstance(event, RULES[type(command)].first)


def author(command: Command) -> str | None:
    """Who stands behind a command, for the fact's `by`."""
    return RULES[type(command)].author(command)
