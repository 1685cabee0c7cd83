"""Decisions about table sessions: who sits where, who is host, and whether the pass word was given."""

from edge.core.clock import Now
from edge.core.commands import CloseTable, JoinTable, ValidatePass
from edge.core.orders import courses
from edge.core.orders.settling import abandoning
from edge.core.view import Proposal, VenueView
from protocol.errors import Refusal, refuse
from protocol.facts.table import MemberJoined, PassValidated, TableClosed, TableOpened, TableSession

#: More phones than this at one table are a mistake or an attack.
MOST_MEMBERS = 40


def aggregate_of(session_pid: str) -> str:
    """`table:{session_pid}`."""
    return f"table:{session_pid}"


def seated(view: VenueView, session_pid: str, member_pid: str) -> TableSession | Refusal:
    """The open session in which the member sits."""
    session = view.table(session_pid)
    if session is None:
        return refuse("unknown_session")
    if session.status != "open":
        return refuse("session_closed")
    if member_pid not in session.members:
        return refuse("not_authorised", "You are not a member of this table.")
    return session


def join(view: VenueView, command: JoinTable, _now: Now) -> list[Proposal] | Refusal:
    """Open the table for its first guest, or seat one more."""
    venue = view.venue()
    if venue is None:
        return refuse("not_configured")
    table = venue.tables.get(command.table_code)
    if table is None:
        return refuse("unknown_table")
    session_pid = view.open_session_at(command.table_code)
    session = view.table(session_pid) if session_pid else None
    if session is None:
        return _open(command, table.name)
    if len(session.members) >= MOST_MEMBERS:
        return refuse("rate_limited", "This table is full; please ask the staff.")
    leads = session.host is None
    seat = MemberJoined(command.member_pid, command.name, command.token_digest, host=leads)
    return [(aggregate_of(session.session_pid), seat)]


def _open(command: JoinTable, table_name: str) -> list[Proposal]:
    aggregate = aggregate_of(command.session_pid)
    return [
        (aggregate, TableOpened(command.session_pid, command.table_code, table_name)),
        (aggregate, MemberJoined(command.member_pid, command.name, command.token_digest, host=True)),
    ]


def validate_pass(view: VenueView, command: ValidatePass, _now: Now) -> list[Proposal] | Refusal:
    """Compare digests (seed 000 §1A); the right word a second time changes nothing."""
    session = seated(view, command.session_pid, command.member_pid)
    if isinstance(session, Refusal):
        return session
    venue = view.venue()
    if venue is None:
        return refuse("not_configured")
    if command.word_digest != venue.config.pass_word_hash:
        return refuse("wrong_pass")
    if session.pass_validated:
        return []
    return [(aggregate_of(session.session_pid), PassValidated(command.member_pid))]


def close(view: VenueView, command: CloseTable, _now: Now) -> list[Proposal] | Refusal:
    """End the session; closing twice changes nothing."""
    session = view.table(command.session_pid)
    if session is None:
        return refuse("unknown_session")
    cart = view.cart(command.session_pid)
    if cart is not None and cart.lock is not None:
        return refuse("order_in_progress")
    if session.status != "open":
        return []
    closed: Proposal = (aggregate_of(session.session_pid), TableClosed(command.reason))
    return [
        closed,
        *abandoning(view, session.session_pid, "the table was closed"),
        *courses.given_up(view, session),
    ]
