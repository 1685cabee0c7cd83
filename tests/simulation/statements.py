"""A connection that answers the statements of `cloud/store/money` and of what they call, in memory.

The product's own functions run on it as they stand: what is free, what was moved before, what is refused. A
statement that is not known here is an error, so none is answered by accident. Where the database would take
the next place of a stream, the place is taken as the turn becomes true, which is when others see it.
"""

from collections.abc import Callable, Iterable
from typing import Any

import asyncpg

from tests.simulation import wallets
from tests.simulation.page import MemoryPage


class Statements:
    """Stands where `asyncpg.Connection` stands, within a transaction."""

    def __init__(self, turn: MemoryPage) -> None:
        self._turn = turn
        self._known: tuple[tuple[str, Callable[..., Any]], ...] = (
            ("SELECT currency FROM wallets WHERE", self._wallet),
            ("SELECT currency FROM venues", lambda venue_id: self._get("venue", venue_id)),
            ("SELECT 1 FROM ledger", lambda _owner, name: self._get("posted", name) and 1),
            ("SELECT coalesce(sum(amount_minor)", lambda _owner, name: wallets.balance(self._turn, name)),
            ("SELECT 1 FROM grants", lambda venue_id, grant_id: self._get("grant", venue_id, grant_id) and 1),
            ("SELECT ask FROM instructions", lambda venue_id, name: self._get("instruction", venue_id, name)),
            ("SELECT user_id, amount_minor", self._debt),
            ("SELECT grant_for_credit", self._grant_for_credit),
            ("SELECT pg_notify", lambda _venue_id: None),
            ("INSERT INTO down_heads", lambda *_names: 0),
            ("INSERT INTO grants", self._add_grant),
            ("INSERT INTO ledger", self._move),
            ("INSERT INTO instructions", self._add_instruction),
            ("INSERT INTO down_entries", self._add_entry),
        )

    async def _answer(self, statement: str, *values: Any) -> Any:
        words = " ".join(statement.split())
        answer = next(answer for begin, answer in self._known if words.startswith(begin))(*values)
        return await answer if hasattr(answer, "__await__") else answer

    async def fetchval(self, statement: str, *values: Any) -> Any:
        """See asyncpg."""
        return await self._answer(statement, *values)

    async def fetchrow(self, statement: str, *values: Any) -> Any:
        """See asyncpg."""
        return await self._answer(statement, *values)

    async def execute(self, statement: str, *values: Any) -> Any:
        """See asyncpg."""
        return await self._answer(statement, *values)

    async def executemany(self, statement: str, rows: Iterable[tuple[Any, ...]]) -> None:
        """See asyncpg. The two halves of a movement come as one."""
        (_, name, source, minus, _), (_, _, target, amount_minor, _) = rows
        assert minus == -amount_minor
        await self._answer(statement, name, source, target, amount_minor)

    def _get(self, *key: Any) -> Any:
        return self._turn.sheets.get(key)

    async def _wallet(self, _owner: str, wallet_id: str) -> Any:
        await self._turn.lock_row(("wallet", wallet_id))
        return self._get("wallet", wallet_id)

    def _add_grant(self, venue_id: str, grant_id: str, wallet_id: str, amount_minor: int) -> None:
        key = "grant", venue_id, grant_id
        if self._get(*key) is not None:
            raise asyncpg.UniqueViolationError(f"there is a grant {grant_id} already")
        self._turn.sheets.put(key, (wallet_id, amount_minor))

    def _move(self, name: str, source: str, target: str, amount_minor: int) -> None:
        if self._get("posted", name) is not None:
            raise asyncpg.UniqueViolationError(f"{name} was moved already")
        wallets.post(self._turn, name, source, target, amount_minor)

    def _add_instruction(self, venue_id: str, command_id: str, *told: Any) -> None:
        self._turn.sheets.put(("instruction", venue_id, command_id), told[3])

    def _add_entry(self, venue_id: str, stream: str, _seq: int, body: bytes) -> None:
        self._turn.publish(venue_id, stream, body)

    def _debt(self, venue_id: str, entry: str) -> Any:
        debt = wallets.debt(self._turn, venue_id, entry)
        return None if debt is None else {"user_id": debt[0], "owed_minor": debt[1]}

    async def _grant_for_credit(self, venue_id: str, user: str, most_minor: int, name: str, by: str) -> Any:
        return await wallets.grant_for_credit(self._turn, venue_id, user, most_minor, name, by)
