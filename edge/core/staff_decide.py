"""Who decides what of tables and money: rows for `decide.py`, the scope of each `mid`, first events."""

from collections.abc import Callable
from typing import Any

from edge.core import bill, payment, seating, shift, table
from edge.core import floor_commands as floor
from edge.core import till_commands as till
from edge.core.clock import Now
from edge.core.floor_commands import FloorCommand
from edge.core.till_commands import TillCommand
from edge.core.view import Proposal, VenueView
from protocol.errors import Refusal
from protocol.facts.bill_events import (
    BillSplit,
    DiscountGiven,
    LineComped,
    LineVoided,
    PaymentBegun,
    ServiceChanged,
)
from protocol.facts.payment import (
    PaymentCompleted,
    PaymentFailed,
    PaymentPartlyRefunded,
    PaymentPending,
    PaymentRefunded,
    PaymentUnknown,
)
from protocol.facts.shift import CashMoved, ShiftClosed, ShiftOpened
from protocol.facts.table import (
    MemberJoined,
    PassValidated,
    TableMerged,
    TableMoved,
    TableOpened,
    TableSplit,
)

DECIDERS: dict[type, Callable[[VenueView, Any, Now], list[Proposal] | Refusal]] = {
    floor.AttendTable: seating.attend,
    floor.MoveTable: seating.move,
    floor.MergeTables: seating.merge,
    floor.SplitTable: seating.split,
    till.VoidLine: bill.void,
    till.CompLine: bill.comp,
    till.GiveDiscount: bill.discount,
    till.ChangeService: bill.change_service,
    till.SplitBill: bill.split,
    till.TakePayment: payment.take,
    till.AdvancePayment: payment.advance,
    till.RefundPayment: payment.refund,
    till.OpenShift: shift.open_,
    till.MoveCash: shift.move_cash,
    till.CloseShift: shift.close,
}

FIRST_EVENTS: dict[type, tuple[type, ...]] = {
    floor.AttendTable: (TableOpened, MemberJoined, PassValidated),
    floor.MoveTable: (TableMoved,),
    floor.MergeTables: (TableMerged,),
    floor.SplitTable: (TableSplit,),
    till.VoidLine: (LineVoided,),
    till.CompLine: (LineComped,),
    till.GiveDiscount: (DiscountGiven,),
    till.ChangeService: (ServiceChanged,),
    till.SplitBill: (BillSplit,),
    till.TakePayment: (PaymentBegun,),
    till.AdvancePayment: (PaymentPending, PaymentCompleted, PaymentFailed, PaymentUnknown),
    till.RefundPayment: (PaymentPartlyRefunded, PaymentRefunded),
    till.OpenShift: (ShiftOpened,),
    till.MoveCash: (CashMoved,),
    till.CloseShift: (ShiftClosed,),
}


def scope(command: FloorCommand | TillCommand) -> str:
    """The aggregate whose journal remembers the command's `mid`."""
    match command:
        case floor.AttendTable() | floor.MoveTable() | floor.MergeTables() | floor.SplitTable():
            return table.aggregate_of(command.session_pid)
        case till.AdvancePayment() | till.RefundPayment():
            return payment.aggregate_of(command.payment_pid)
        case till.OpenShift() | till.MoveCash() | till.CloseShift():
            return shift.aggregate_of(command.shift_pid)
        case _:
            return bill.aggregate_of(command.session_pid)
