"""Several phones at several tables, all at work until they are told to come to rest."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from tests.integration.faults.diary import Diary
from tests.integration.faults.evidence import Journal, assert_borne_out
from tests.integration.faults.phone import Phone

_WITHIN_S = 60.0


class Crowd:
    """The phones of a test and their one diary."""

    def __init__(
        self,
        url: str,
        tables: Sequence[str],
        word: str,
        seed: str,
        phones: int = 2,
        *,
        patient: bool = False,
    ) -> None:
        self.diary = Diary()
        self.phones = [
            Phone(url, table, word, self.diary, f"{seed}/{table}/{number}", patient=patient)
            for table in tables
            for number in range(phones)
        ]

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator["Crowd"]:
        """All phones run while the block lasts."""
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(phone.run()) for phone in self.phones]
            try:
                yield self
            finally:
                for task in tasks:
                    task.cancel()

    async def rest(self) -> None:
        """Nobody asks for anything new; wait until everybody has all answers and sees the same table."""
        for phone in self.phones:
            phone.active = False
        await self._until(lambda: all(phone.at_rest for phone in self.phones) and self._agreed())

    async def more(self, count: int) -> None:
        """Wait for so many further answers."""
        wanted = self.diary.answers + count
        await self._until(lambda: self.diary.answers >= wanted)

    async def more_orders(self, count: int) -> None:
        """Wait until so many further orders are known to somebody."""
        wanted = len(self.diary.orders) + count
        await self._until(lambda: len(self.diary.orders) >= wanted)

    async def _until(self, condition: Callable[[], bool]) -> None:
        try:
            async with asyncio.timeout(_WITHIN_S):
                await self.diary.until(condition)
        except TimeoutError:
            raise AssertionError("; ".join(phone.plight() for phone in self.phones)) from None

    def _agreed(self) -> bool:
        """Whether all phones of a table show the same; news may still be on its way to some."""
        by_table: dict[str, Phone] = {}
        return all(by_table.setdefault(phone.table, phone).lines == phone.lines for phone in self.phones)

    def assert_borne_out(self, directory: Path) -> Journal:
        """The journal agrees with every word that was told, and with what every phone shows now."""
        journal = assert_borne_out(directory, self.diary)
        for phone in self.phones:
            shown = tuple(sorted((line.id, line.version, line.qty) for line in phone.lines.values()))
            assert shown == journal.lines.get((phone.session_pid, phone.version), ())
        return journal
