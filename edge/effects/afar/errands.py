"""Carries out what the cloud asks for and the journal cannot do by itself: guests' orders, a backup, a new
hello.

An errand begins when its command is on disk as TAKEN and ends with its outcome there. What guests ask is
done in `guest_errands.py`; doing it twice does it once. After a restart nobody knows how far an errand was: a
guest's order is held for the staff rather than fired late, a backup is UNKNOWN, anything else is simply done
again. An upgrade is handed on to `upgrading.py`, which tells its end: it outlives this very process.

Counterpart: `edge/core/afar/owner_commands.py` takes commands and says which are errands.
"""

import asyncio
import logging
import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path

from edge.core.afar import commands as remote
from edge.core.afar.owner_commands import ERRANDS
from edge.core.clock import Now
from edge.core.commands import Command
from edge.effects.afar.guest_errands import Done, GuestErrands
from edge.journal.backup import BackupRefused, backup
from edge.journal.hot import Hot
from edge.journal.writer import Accepted, Committed, Outcome, Writer
from protocol import instruction
from protocol.errors import Refusal
from protocol.facts.owner_command import CommandReleased, CommandTaken, OwnerCommand, aggregate_of

BACKUPS = "backups"
#: Copies that owners asked for; older ones make room.
MOST_BACKUPS = 3
#: A full queue or a disk that cannot be written is tried again after this.
AGAIN_S = 1.0
_ANOTHER_TIME = ("storage_failed", "rate_limited")
_OPEN = "SELECT command_id FROM command_outcomes WHERE status = 'TAKEN' ORDER BY seq"
RESTARTED = "The box was restarted before this was done."

log = logging.getLogger(__name__)


class Errands:
    """Made before the writer runs; `hear` is a journal listener, `run` the task."""

    def __init__(
        self,
        *,
        writer: Writer,
        hot: Hot,
        reader: sqlite3.Connection,
        directory: Path,
        clock: Callable[[], Now],
        hello_anew: Callable[[], None],
        upgrade: Callable[[OwnerCommand, bool], None],
    ) -> None:
        self._writer = writer
        self._hot = hot
        self._directory = directory
        self._clock = clock
        self._hello_anew = hello_anew
        self._upgrade = upgrade
        self._left_over = [str(row[0]) for row in reader.execute(_OPEN).fetchall()]
        self._waiting: asyncio.Queue[str] = asyncio.Queue()
        self._guests = GuestErrands(hot, self._insist)

    def hear(self, batch: list[Committed]) -> None:
        """Queue what was taken or released."""
        for each in batch:
            begun = isinstance(each.fact.event, CommandTaken | CommandReleased)
            if begun and isinstance(each.state, OwnerCommand) and each.state.status == "TAKEN":
                self._waiting.put_nowait(each.state.taken.command_id)

    async def run(self) -> None:
        """Settle what a restart left open, then one errand after the other, for ever."""
        for command_id in self._left_over:
            await self._until_readable(self._resume, command_id)
        while True:
            await self._until_readable(self._carry_out, await self._waiting.get())

    async def _until_readable(self, work: Callable[[str], Awaitable[None]], command_id: str) -> None:
        """A disk that cannot be read holds errands up, and nothing else of the box."""
        while True:
            try:
                return await work(command_id)
            except sqlite3.Error as error:
                log.error("command %s waits for the disk: %s", command_id, error)
                await asyncio.sleep(AGAIN_S)

    async def _resume(self, command_id: str) -> None:
        command = self._command(command_id)
        match command.taken.ask if command else None:
            case instruction.GuestOrder():
                await self._insist(remote.HoldCommand(command_id, RESTARTED))
            case instruction.AskBackup():
                await self._insist(remote.DoubtCommand(command_id, f"{RESTARTED} Ask again if you need it."))
            case instruction.Upgrade() if command is not None:
                self._upgrade(command, True)
            case None:
                pass
            case _:
                await self._carry_out(command_id)

    def _command(self, command_id: str) -> OwnerCommand | None:
        """The command, if it still has to be carried out."""
        state = self._hot.committed(aggregate_of(command_id))
        return state if isinstance(state, OwnerCommand) and state.status == "TAKEN" else None

    async def _carry_out(self, command_id: str) -> None:
        command = self._command(command_id)
        ask = command.taken.ask if command else None
        if command is None or not isinstance(ask, ERRANDS):
            return  # settled meanwhile, or settled as it was taken
        if isinstance(ask, instruction.Upgrade):
            self._upgrade(command, False)  # it takes minutes, and others wait in this line
            return
        match ask:
            case instruction.GuestJoin():
                finished = await self._join(command_id, ask)
            case instruction.GuestOrder():
                finished = await self._order(command, ask)
            case instruction.AskBackup():
                finished = await self._back_up(command_id)
            case _:
                finished = remote.FinishCommand(
                    command_id, "The box says hello again and sends what is missing."
                )
        await self._insist(finished)
        if isinstance(ask, instruction.AskResend):
            self._hello_anew()

    async def _insist(self, command: Command) -> Outcome:
        """Its outcome, whenever the disk can be written."""
        while True:
            outcome = await self._writer.execute(command)
            if isinstance(outcome, Accepted) or outcome.code not in _ANOTHER_TIME:
                return outcome
            await asyncio.sleep(AGAIN_S)

    async def _join(self, command_id: str, ask: instruction.GuestJoin) -> remote.FinishCommand:
        return _finished(command_id, await self._guests.join(command_id, ask), "You are at the table.")

    async def _order(self, command: OwnerCommand, ask: instruction.GuestOrder) -> remote.FinishCommand:
        return _finished(command.taken.command_id, await self._guests.order(command, ask), "The order is in.")

    # ── the box itself ───────────────────────────────────────────────────────────────────────────

    async def _back_up(self, command_id: str) -> remote.FinishCommand:
        folder = self._directory / BACKUPS
        target = folder / f"journal-{self._clock().wall_ms}.sqlite3"
        try:
            made = await asyncio.to_thread(_copy, self._directory, target)
        except (BackupRefused, OSError, sqlite3.Error) as error:
            log.error("a backup failed: %s", error)
            return remote.FinishCommand(command_id, f"The backup failed: {error}", "storage_failed")
        size = made // 1024
        words = f"A checked copy of {size:,} KiB is on the box."
        return remote.FinishCommand(command_id, words, result={"file": f"{BACKUPS}/{target.name}"})


def _copy(directory: Path, target: Path) -> int:
    """Copy and check, then make room; the size in bytes."""
    target.parent.mkdir(mode=0o700, exist_ok=True)
    size = backup(directory, target).size_bytes
    for old in sorted(target.parent.glob("journal-*.sqlite3"))[:-MOST_BACKUPS]:
        old.unlink()
    return size


def _finished(command_id: str, done: Done, words: str) -> remote.FinishCommand:
    if isinstance(done, Refusal):
        return remote.FinishCommand(command_id, done.message, done.code)
    return remote.FinishCommand(command_id, words, result=done)
