"""A table session: the people who sit at one table, from the first scan of its code until it is closed.

    (none) --TableOpened--> open --TableClosed--> closed
                              `----TableMerged----^

The first to join is the host. Nothing may be put into the cart before the venue's pass word was given
(seed 000 §1A). Tokens are random; only their digests are kept. *Table session* is never called just
'session' in code, because paid play time has sessions too.
"""

import msgspec

from protocol.facts.fact import Fact, ImpossibleFact, Row, shape

TRANSITIONS: dict[str, dict[str, str]] = {
    "open": {
        "MemberJoined": "open",
        "PassValidated": "open",
        "TableMoved": "open",
        "TableSplit": "open",
        "TableMerged": "closed",
        "TableClosed": "closed",
    },
    "closed": {},
}


class TableOpened(msgspec.Struct, frozen=True, tag=True):
    """Somebody scanned the code of a table at which no session was open."""

    session_pid: str
    table_code: str
    table_name: str


class MemberJoined(msgspec.Struct, frozen=True, tag=True, omit_defaults=True):
    """A phone became part of the table."""

    member_pid: str
    name: str
    token_digest: str
    host: bool = False


class PassValidated(msgspec.Struct, frozen=True, tag=True):
    """Somebody at the table gave the right pass word; it counts for the whole table."""

    member_pid: str


class TableClosed(msgspec.Struct, frozen=True, tag=True):
    """The guests have left; every token of the session ends here."""

    reason: str


class TableMoved(msgspec.Struct, frozen=True, tag=True):
    """The guests sit at another table now."""

    table_code: str
    table_name: str


class TableSplit(msgspec.Struct, frozen=True, tag=True, omit_defaults=True):
    """These members sit at another table now, in the session `to`; if the host is gone, `host` is it."""

    to: str
    members: tuple[str, ...]
    host: str | None = None


class TableMerged(msgspec.Struct, frozen=True, tag=True):
    """Everybody sits at another table now, in the session `into`; this one is over."""

    into: str


TableEvent = TableOpened | MemberJoined | PassValidated | TableClosed | TableMoved | TableSplit | TableMerged


class Member(msgspec.Struct, frozen=True):
    """One phone at the table, or somebody of the staff who looks after it."""

    member_pid: str
    name: str
    host: bool
    token_digest: str
    joined_ms: int = 0


class TableSession(msgspec.Struct, frozen=True):
    """The state that the events fold into. `gone` are those who went to another table last."""

    version: int
    session_pid: str
    table_code: str
    table_name: str
    status: str
    members: dict[str, Member]
    pass_validated: bool
    opened_ms: int
    closed_ms: int | None = None
    merged_into: str | None = None
    gone: tuple[Member, ...] = ()

    @property
    def host(self) -> Member | None:
        """The member who joined first."""
        return next((member for member in self.members.values() if member.host), None)


def opened(session: TableSession | None, event: TableOpened, fact: Fact[TableEvent]) -> TableSession:
    """A new session with nobody in it yet."""
    if session is not None:
        raise ImpossibleFact(f"{fact.aggregate} was opened twice")
    return TableSession(
        version=fact.version,
        session_pid=event.session_pid,
        table_code=event.table_code,
        table_name=event.table_name,
        status="open",
        members={},
        pass_validated=False,
        opened_ms=fact.wall_ms,
    )


def _next(session: TableSession | None, fact: Fact[TableEvent]) -> tuple[TableSession, str]:
    name = type(fact.event).__name__
    if session is None or name not in TRANSITIONS[session.status]:
        raise ImpossibleFact(f"{name} on {fact.aggregate}")
    return session, TRANSITIONS[session.status][name]


def joined(session: TableSession | None, event: MemberJoined, fact: Fact[TableEvent]) -> TableSession:
    """One more member; joining again under the same pid renews the token."""
    session, _ = _next(session, fact)
    member = Member(event.member_pid, event.name, event.host, event.token_digest, fact.wall_ms)
    members = {**session.members, event.member_pid: member}
    return msgspec.structs.replace(session, version=fact.version, members=members)


def validated(session: TableSession | None, event: PassValidated, fact: Fact[TableEvent]) -> TableSession:
    """The cart is open for changes."""
    session, _ = _next(session, fact)
    return msgspec.structs.replace(session, version=fact.version, pass_validated=True)


def closed(session: TableSession | None, event: TableClosed, fact: Fact[TableEvent]) -> TableSession:
    """The session is over for good."""
    session, status = _next(session, fact)
    return msgspec.structs.replace(session, version=fact.version, status=status, closed_ms=fact.wall_ms)


def moved(session: TableSession | None, event: TableMoved, fact: Fact[TableEvent]) -> TableSession:
    """The same session at another table."""
    session, _ = _next(session, fact)
    return msgspec.structs.replace(
        session, version=fact.version, table_code=event.table_code, table_name=event.table_name
    )


def split(session: TableSession | None, event: TableSplit, fact: Fact[TableEvent]) -> TableSession:
    """The session without those who left it."""
    session, _ = _next(session, fact)
    staying = set(session.members).difference(event.members)
    if not set(event.members) <= set(session.members) or event.host not in (None, *staying):
        raise ImpossibleFact(f"strangers leave or stay in {fact.aggregate}")
    gone = tuple(session.members[pid] for pid in event.members)
    stay = {pid: member for pid, member in session.members.items() if pid not in event.members}
    if event.host is not None:
        stay[event.host] = msgspec.structs.replace(stay[event.host], host=True)
    return msgspec.structs.replace(session, version=fact.version, members=stay, gone=gone)


def merged(session: TableSession | None, event: TableMerged, fact: Fact[TableEvent]) -> TableSession:
    """The session is over, and goes on as another."""
    session, status = _next(session, fact)
    return msgspec.structs.replace(
        session, version=fact.version, status=status, closed_ms=fact.wall_ms, merged_into=event.into
    )


EVOLVE = {
    TableOpened: opened,
    MemberJoined: joined,
    PassValidated: validated,
    TableClosed: closed,
    TableMoved: moved,
    TableSplit: split,
    TableMerged: merged,
}

SHAPES = (
    shape(
        "table_sessions",
        "session_pid",
        "session_pid table_code table_name status pass_validated:bool "
        "opened_ms:int closed_ms:int version:int",
    ),
    shape(
        "table_members",
        "session_pid member_pid",
        "session_pid member_pid name host:bool joined_ms:int left_ms:int",
    ),
)


def rows(session: TableSession, fact: Fact[TableEvent]) -> list[Row]:
    """The session's row after every event, and the member's row when one joins."""
    changed: list[Row] = [
        (
            "table_sessions",
            (
                session.session_pid,
                session.table_code,
                session.table_name,
                session.status,
                session.pass_validated,
                session.opened_ms,
                session.closed_ms,
                session.version,
            ),
        )
    ]
    event = fact.event
    if isinstance(event, MemberJoined):
        changed.append(_member_row(session, session.members[event.member_pid]))
    elif isinstance(event, TableSplit):
        changed.extend(_member_row(session, member, fact.wall_ms) for member in session.gone)
        if event.host is not None:
            changed.append(_member_row(session, session.members[event.host]))
    return changed


def _member_row(session: TableSession, member: Member, left_ms: int | None = None) -> Row:
    host = member.host and left_ms is None
    row = (session.session_pid, member.member_pid, member.name, host, member.joined_ms, left_ms)
    return "table_members", row
