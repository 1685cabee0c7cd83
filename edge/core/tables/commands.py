"""What the staff asks about tables: look after one, move its guests, put two together, part them.

`by` is who asks, as it stands in the facts (`staff:ann`). Counterparts: `commands.py` has everything else,
`seating.py` decides these.
"""

import msgspec


class AttendTable(msgspec.Struct, frozen=True):
    """Open a table for guests, or look after an open one; with `seat`, be able to order for them.

    `session_pid` is fresh and dropped when the table is open already.
    """

    table_code: str
    session_pid: str
    name: str
    by: str
    seat: bool = False
    mid: str | None = None


class MoveTable(msgspec.Struct, frozen=True):
    """The guests of a session sit down at the free table `table_code`."""

    session_pid: str
    table_code: str
    by: str
    mid: str | None = None


class MergeTables(msgspec.Struct, frozen=True):
    """The guests of a session join those of the session `into`: one cart, one bill."""

    session_pid: str
    into: str
    by: str
    mid: str | None = None


class SplitTable(msgspec.Struct, frozen=True):
    """Some guests sit down at the table `table_code`, free or not, and take lines of the bill with them.

    `lines` None means those that these members ordered. `to` is fresh and dropped when somebody sits there.
    """

    session_pid: str
    table_code: str
    to: str
    members: tuple[str, ...]
    by: str
    lines: tuple[str, ...] | None = None
    mid: str | None = None


FloorCommand = AttendTable | MoveTable | MergeTables | SplitTable
