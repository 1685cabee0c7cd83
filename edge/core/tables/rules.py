"""Rules of what staff do to tables: a row for each command of `tables/commands.py`.

Guests' own commands about tables (`JoinTable`, `ValidatePass`, `CloseTable`) are ruled with their carts and
orders, in `orders/rules.py`.
"""

from edge.core.rule import Rule
from edge.core.tables import commands, seating, table
from edge.core.view import VenueView
from protocol.facts.table import (
    MemberJoined,
    PassValidated,
    TableMerged,
    TableMoved,
    TableOpened,
    TableSplit,
)


def _open_table(view: VenueView, command: commands.AttendTable) -> str | None:
    session_pid = view.open_session_at(command.table_code)
    return table.aggregate_of(session_pid) if session_pid else None


def _table(view: VenueView, command: commands.MoveTable | commands.MergeTables | commands.SplitTable) -> str:
    return table.aggregate_of(command.session_pid)


RULES: dict[type, Rule] = {
    commands.AttendTable: Rule(seating.attend, (TableOpened, MemberJoined, PassValidated), _open_table),
    commands.MoveTable: Rule(seating.move, (TableMoved,), _table),
    commands.MergeTables: Rule(seating.merge, (TableMerged,), _table),
    commands.SplitTable: Rule(seating.split, (TableSplit,), _table),
}
