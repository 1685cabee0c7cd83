"""Rules of what comes from the other end of the link: a row for each command of `afar/commands.py`.

`TakeCommand` is decided with the help of all other rules, so its row stands in `decide.py`.
"""

from typing import Any

from edge.core.afar import commands, drills, owner_commands, owner_refunds, too_late
from edge.core.money import credit, grants
from edge.core.orders import settling
from edge.core.play import session as play
from edge.core.rule import Rule
from edge.core.view import VenueView
from protocol.facts import account, drill, note, owner_command, refund_request
from protocol.facts.account import BalanceCredited, BalanceDebited
from protocol.facts.credit import AGGREGATE as CREDIT
from protocol.facts.credit import CreditWrittenOff
from protocol.facts.drill import DrillBegun, DrillDrained, DrillEnded
from protocol.facts.note import NoteLeft, NoteRead
from protocol.facts.order import OrderAbandoned, OrderFailed
from protocol.facts.owner_command import (
    CommandDone,
    CommandHeld,
    CommandInDoubt,
    CommandRefused,
    CommandReleased,
)
from protocol.facts.play_events import TimeAdded, TimeReckoned
from protocol.facts.refund_request import RefundRequested, RefundSettled


def of_command(view: VenueView, command: Any) -> str:
    """The aggregate of a command from the cloud."""
    return owner_command.aggregate_of(command.command_id)


def _note(view: VenueView, command: Any) -> str:
    return note.aggregate_of(command.note_id)


def _drill(view: VenueView, command: Any) -> str:
    return drill.aggregate_of(command.drill_id)


def _account(view: VenueView, command: Any) -> str:
    return account.aggregate_of(command.user_id)


RULES: dict[type, Rule] = {
    commands.HoldCommand: Rule(owner_commands.hold, (CommandHeld,), of_command),
    commands.ReleaseCommand: Rule(owner_commands.release, (CommandReleased, CommandRefused), of_command),
    commands.FinishCommand: Rule(owner_commands.finish, (CommandDone, CommandRefused), of_command),
    commands.DoubtCommand: Rule(owner_commands.doubt, (CommandInDoubt,), of_command),
    commands.AcceptExtend: Rule(
        too_late.accept_extend,
        (TimeReckoned, TimeAdded, RefundRequested),
        lambda view, command: play.aggregate_of(command.session_id),
    ),
    commands.CancelOrder: Rule(
        too_late.cancel,
        (OrderFailed, OrderAbandoned, RefundRequested),
        lambda view, command: settling.aggregate_of(command.order_id),
    ),
    commands.SettleRefund: Rule(
        too_late.settle_refund,
        (RefundSettled,),
        lambda view, command: refund_request.aggregate_of(command.request_id),
    ),
    commands.ReturnPayment: Rule(
        owner_refunds.give,
        (RefundRequested,),
        lambda view, command: refund_request.aggregate_of(command.refund_id),
    ),
    commands.LeaveNote: Rule(drills.leave_note, (NoteLeft,), _note),
    commands.ReadNote: Rule(drills.read_note, (NoteRead,), _note),
    commands.AcceptGrant: Rule(grants.accept, (BalanceCredited,), _account),
    commands.GiveBackGrant: Rule(grants.give_back, (BalanceDebited,), _account),
    commands.WriteOffCredit: Rule(credit.write_off, (CreditWrittenOff,), lambda view, command: CREDIT),
    commands.BeginDrill: Rule(drills.begin, (DrillBegun,), _drill),
    commands.EndDrill: Rule(drills.end, (DrillEnded,), _drill),
    commands.DrainDrill: Rule(drills.drain, (DrillDrained,), _drill),
}
