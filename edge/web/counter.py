"""What the staff's desks have in common: who asks, fresh ids, a command and its facts, bills by session."""

import hashlib
import secrets
from collections.abc import Callable

from aiohttp import web

from edge.core.clock import Now
from edge.core.commands import Command
from edge.journal.hot import Hot
from edge.journal.writer import Accepted, Writer
from edge.web.answers import accepted
from edge.web.tokens import Staff, Tokens
from protocol.bill import BillMessage
from protocol.bill_messages import bill_message, empty_bill
from protocol.errors import Refused, refuse
from protocol.facts.bill import Bill
from protocol.facts.table import TableSession
from protocol.facts.venue import VenueConfig
from protocol.identity import uuid7

#: Who may serve guests and take their money.
SERVICE = ("manager", "waiter")
#: Letters of the name that a balance is kept under.
LONGEST_NAME = 64


def balance_name(user_id: str) -> str:
    """The name of a balance, if people can read it and find it again. Raises `Refused`."""
    if not 0 < len(user_id) <= LONGEST_NAME:
        raise Refused(refuse("unknown_balance", f"A balance's name has 1 to {LONGEST_NAME} letters."))
    if not user_id.isprintable() or user_id != user_id.strip():
        raise Refused(refuse("unknown_balance", "A balance's name is printable and has no space around it."))
    return user_id


class Counter:
    """Shared by the desks. Everything that refuses raises `Refused`."""

    def __init__(self, writer: Writer, hot: Hot, tokens: Tokens, clock: Callable[[], Now]) -> None:
        self.hot = hot
        self.clock = clock
        self._writer = writer
        self._tokens = tokens

    def staff(self, request: web.Request, *roles: str) -> Staff:
        """The person behind a request, in one of `roles` (by default who serves guests)."""
        return self._tokens.staff(request, *(roles or SERVICE))

    def anybody(self, request: web.Request) -> Staff:
        """The person behind a request, whatever they do here."""
        return self._tokens.staff(request)

    def by(self, request: web.Request) -> str:
        """Who serves guests, as it stands in facts."""
        return f"staff:{self.staff(request).user}"

    def new_id(self) -> str:
        """A fresh id, in the order of time."""
        return uuid7(self.clock().wall_ms, secrets.token_bytes(10))

    def stable_id(self, by: str, mid: str) -> str:
        """The id that the same person's same request always gets, for what has no aggregate before it."""
        return hashlib.sha256(f"{by}:{mid}".encode()).hexdigest()[:32]

    async def do(self, command: Command) -> Accepted:
        """The facts of a command."""
        return accepted(await self._writer.execute(command))

    def config(self) -> VenueConfig:
        """The venue's configuration."""
        venue = self.hot.committed_venue()
        if venue is None:
            raise Refused(refuse("not_configured"))
        return venue.config

    def bill_state(self, session_pid: str) -> Bill | None:
        """A bill that is on disk."""
        state = self.hot.committed(f"bill:{session_pid}")
        return state if isinstance(state, Bill) else None

    def session(self, session_pid: str) -> TableSession | None:
        """A table session that is on disk."""
        state = self.hot.committed(f"table:{session_pid}")
        return state if isinstance(state, TableSession) else None

    def bill(self, session_pid: str) -> BillMessage:
        """A bill on the wire; an empty one for a table that has ordered nothing yet."""
        bill = self.bill_state(session_pid)
        if bill is not None:
            return bill_message(bill)
        session = self.session(session_pid)
        if session is None:
            raise Refused(refuse("unknown_bill"))
        return empty_bill(session_pid, session.table_name, self.config().currency)
