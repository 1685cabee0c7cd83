"""Decisions about commands that come from the cloud: taken once, carried out at most once, always with an
outcome.

Whatever the journal itself can do is decided and written in the very transaction that records the command,
so there is no moment at which it could be done twice or be half done. What reaches outside it (a backup
file, a guest's order with ids of its own) is only taken here; `edge/effects/afar/errands.py` carries it out
and tells the end.

The time that a command is worth carrying out is counted from its arrival on the box's monotonic clock. An
order of a guest that lay in the cloud while the link was down waits for the staff (product.md 20).
"""

from collections.abc import Callable, Sequence

from edge.core import commands
from edge.core.afar import commands as remote
from edge.core.clock import Now
from edge.core.money.commands import AdvancePayment, SettleStoredCard
from edge.core.play import commands as play_commands
from edge.core.view import Proposal, VenueView
from protocol import instruction
from protocol.card import PROVIDER
from protocol.errors import Refusal, refuse
from protocol.facts.account import BalanceDebited
from protocol.facts.drill import DrillBegun
from protocol.facts.note import NoteLeft
from protocol.facts.owner_command import (
    CommandDone,
    CommandEvent,
    CommandExpired,
    CommandHeld,
    CommandInDoubt,
    CommandRefused,
    CommandReleased,
    CommandTaken,
    OwnerCommand,
    aggregate_of,
)
from protocol.facts.refund_request import RefundRequested, RefundSettled

#: An order that lay in the cloud for longer came during an outage: nobody may be waiting for it any more.
HELD_AFTER_MS = 20_000
#: What is carried out beside the journal.
ERRANDS = (
    instruction.AskBackup,
    instruction.AskResend,
    instruction.GuestJoin,
    instruction.GuestOrder,
    instruction.Upgrade,
)
DURING_AN_OUTAGE = "It was sent while the venue had no internet."

#: Decides a command of the venue: `decide.decide`, handed in because it is made of this file, too.
Decide = Callable[[VenueView, "commands.Command", Now], list[Proposal] | Refusal]


def take(view: VenueView, command: remote.TakeCommand, now: Now, decide: Decide) -> list[Proposal] | Refusal:
    """Record it, and do at once what the journal can do; one that is known changes nothing."""
    if view.owner_command(command.command_id) is not None:
        return []
    left_ms = command.left_ms - _since_ms(command, now)
    taken = CommandTaken(
        command_id=command.command_id,
        seq=command.seq,
        kind=command.kind,
        by=command.by,
        left_ms=max(0, left_ms),
        waited_ms=command.waited_ms,
        ask=command.ask,
    )
    aggregate = aggregate_of(command.command_id)
    first: Proposal = (aggregate, taken)
    if command.ask is None:
        why = "The box runs an older release that does not know this command; update it first."
        return [first, (aggregate, CommandRefused("not_understood", why))]
    if left_ms <= 0:
        return [first, (aggregate, CommandExpired("It reached the box too late, so nothing was done."))]
    if isinstance(command.ask, instruction.GuestOrder) and command.waited_ms >= HELD_AFTER_MS:
        return [first, (aggregate, CommandHeld(DURING_AN_OUTAGE))]
    if isinstance(command.ask, ERRANDS):
        return [first]
    wanted = decide(view, _meant(command.ask, command), now)
    followed = [] if isinstance(wanted, Refusal) else wanted
    return [first, *followed, (aggregate, _end(command.ask, wanted))]


def _since_ms(command: remote.TakeCommand, now: Now) -> int:
    """How long it waited on the box for its turn, on a disk that could not be written for instance."""
    return (now.mono_ns - command.arrived_ns) // 1_000_000 if command.boot == now.boot else 0


def _meant(ask: instruction.Ask, command: remote.TakeCommand) -> commands.Command:
    """The venue's own word for what the cloud asks."""
    by, own = command.by, command.command_id
    match ask:
        case instruction.MarkSoldOut(menu_item=item, sold_out=off):
            return commands.TakeItemOff(item, off, by)
        case instruction.ExtendSession(session_id=session_id, extend_id=extend_id):
            return remote.AcceptExtend(session_id, extend_id or own, ask.seconds, ask.amount_minor, by)
        case instruction.StopSession(session_id=session_id, reason=reason):
            return play_commands.StopPlay(session_id, reason or "stopped by the owner", by)
        case instruction.CancelOrder(order_id=order_id, request_id=request_id, reason=reason):
            return remote.CancelOrder(order_id, request_id or own, reason or "cancelled by the owner", by)
        case instruction.DecideRefund(request_id=request_id, granted=granted, note=note):
            return remote.SettleRefund(request_id, "granted" if granted else "declined", note, by)
        case instruction.StartDrill(drill_id=drill_id, minutes=minutes):
            return remote.BeginDrill(drill_id or own, minutes, by)
        case instruction.TellStaff(note_id=note_id, text=text):
            return remote.LeaveNote(note_id or own, text, by)
        case instruction.WriteOffCredit(entry=entry, note=note):
            return remote.WriteOffCredit(entry, note or "written off by the owner", by)
        case (
            instruction.SettleCard()
            | instruction.CreditGrant()
            | instruction.ReturnGrant()
            | instruction.SettleStoredCard()
            | instruction.ReturnPayment()
        ):
            return _about_money(ask, by, own)
        case _:
            raise AssertionError(f"{type(ask).__name__} is an errand")


def _about_money(
    ask: instruction.SettleCard
    | instruction.CreditGrant
    | instruction.ReturnGrant
    | instruction.SettleStoredCard
    | instruction.ReturnPayment,
    by: str,
    own: str,
) -> commands.Command:
    match ask:
        case instruction.SettleCard(payment_pid=pid, state=state, reference=reference, reason=reason):
            shift_pid = f"card-{pid}"[:64]
            return AdvancePayment(pid, state, by, shift_pid, reference or None, reason, PROVIDER)
        case instruction.ReturnPayment(payment_pid=pid, refund_id=refund_id):
            name = refund_id or own
            return remote.ReturnPayment(pid, name, ask.amount_minor, ask.reason, by, f"back-{name}"[:64])
        case instruction.SettleStoredCard(payment_pid=pid, sent=sent, reason=reason):
            return SettleStoredCard(pid, sent, reason or "declined", by, f"stored-{pid}"[:64])
        case instruction.CreditGrant(user_id=user_id, grant_id=grant_id, amount_minor=amount_minor):
            return remote.AcceptGrant(user_id, grant_id, amount_minor, by)
        case instruction.ReturnGrant(user_id=user_id, return_id=return_id, amount_minor=amount_minor):
            return remote.GiveBackGrant(user_id, return_id, amount_minor, by)


def _end(ask: instruction.Ask, wanted: Sequence[Proposal] | Refusal) -> CommandEvent:
    """The outcome, in words for the owner."""
    if isinstance(wanted, Refusal):
        return CommandRefused(wanted.code, wanted.message)
    refund = next((event for _, event in wanted if isinstance(event, RefundRequested)), None)
    if refund is not None and isinstance(ask, instruction.ReturnPayment):
        by_itself = any(isinstance(event, RefundSettled) for _, event in wanted)
        why = "It goes back by itself." if by_itself else "The staff has it on its list, to give it back."
        return CommandDone(why, {"request_id": refund.request_id})
    if refund is not None and isinstance(ask, instruction.ExtendSession):
        why = "The session was over before this arrived. What was paid for it is to be given back."
        return CommandRefused("session_ended", why)
    if refund is not None:
        why = "The order had gone through already. It is on the list of refunds for a person to decide."
        return CommandDone(why, {"request_id": refund.request_id})
    return CommandDone(_words(ask) if wanted else "It was so already.", _named(wanted))


def _words(ask: instruction.Ask) -> str:
    match ask:
        case instruction.MarkSoldOut(sold_out=sold_out):
            return "Marked as sold out." if sold_out else "It can be ordered again."
        case instruction.ExtendSession(seconds=seconds):
            return f"{seconds // 60} minutes were added."
        case instruction.StopSession():
            return "The session was stopped."
        case instruction.CancelOrder():
            return "The order was cancelled before the kitchen had it."
        case instruction.StartDrill(minutes=minutes):
            return f"The link is cut for {minutes} min. The report follows once it is back."
        case instruction.DecideRefund(granted=granted):
            return "The refund was granted." if granted else "The refund was declined."
        case instruction.SettleStoredCard(sent=sent):
            return "It counts as sent." if sent else "It was taken off; the bill is owed again."
        case instruction.TellStaff():
            return "It is on the staff's screens."
        case instruction.WriteOffCredit():
            return "It is written off."
        case _:
            return "Done."


def _named(wanted: Sequence[Proposal]) -> dict[str, str]:
    """What else the owner's page can find by its id."""
    for _, event in wanted:
        match event:
            case DrillBegun(drill_id=drill_id):
                return {"drill_id": drill_id}
            case NoteLeft(note_id=note_id):
                return {"note_id": note_id}
            case BalanceDebited(amount_minor=amount_minor):
                return {"amount_minor": str(amount_minor)}
            case _:
                pass
    return {}


def _in(view: VenueView, command_id: str, status: str) -> OwnerCommand | Refusal:
    command = view.owner_command(command_id)
    if command is None:
        return refuse("unknown_command")
    return command if command.status == status else refuse("command_settled")


def hold(view: VenueView, command: remote.HoldCommand, _now: Now) -> list[Proposal] | Refusal:
    """Nothing is done before somebody has looked."""
    known = _in(view, command.command_id, "TAKEN")
    if isinstance(known, Refusal):
        return known
    return [(aggregate_of(command.command_id), CommandHeld(command.reason))]


def release(view: VenueView, command: remote.ReleaseCommand, _now: Now) -> list[Proposal] | Refusal:
    """Somebody has looked; whoever says the same again is told that it is so."""
    known = view.owner_command(command.command_id)
    if known is not None and known.status != "HELD":
        approved = known.approved_by is not None
        declined = known.status == "REFUSED" and known.code == "declined"
        same = approved if command.approve else declined
        return [] if same else refuse("command_settled")
    held = _in(view, command.command_id, "HELD")
    if isinstance(held, Refusal):
        return held
    declined_event = CommandRefused("declined", "The venue could not take this order any more.")
    event = CommandReleased(command.by) if command.approve else declined_event
    return [(aggregate_of(command.command_id), event)]


def finish(view: VenueView, command: remote.FinishCommand, _now: Now) -> list[Proposal] | Refusal:
    """The end of an errand."""
    known = _in(view, command.command_id, "TAKEN")
    if isinstance(known, Refusal):
        return known
    refused = CommandRefused(command.code, command.message)
    event = refused if command.code else CommandDone(command.message, command.result)
    return [(aggregate_of(command.command_id), event)]


def doubt(view: VenueView, command: remote.DoubtCommand, _now: Now) -> list[Proposal] | Refusal:
    """An errand that was cut in the middle."""
    known = _in(view, command.command_id, "TAKEN")
    if isinstance(known, Refusal):
        return known
    return [(aggregate_of(command.command_id), CommandInDoubt(command.message))]
