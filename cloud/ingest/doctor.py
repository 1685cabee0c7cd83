"""Is the cloud's copy of every venue well? One finding a line, for `holdfast-cloud doctor`.

Chains are hashed again from their first fact, tables are folded again from the facts and compared row by
row, which is more than digests could say; what box and cloud found by digests meanwhile is told, too. Then
money, months, jobs, mails and webhooks are asked about (`cloud/store/link/checking.py`).
A finding is `ok`, `warn` (somebody should act soon) or `bad` (the data is not what it must be), in words that
name a remedy. Counterpart: `edge/journal/doctor.py` examines a box.
"""

from typing import Literal

import asyncpg
import msgspec

from cloud.ingest.ledger import resumed
from cloud.store.link import checking, examining
from cloud.store.link.examining import Log
from cloud.store.months import archives
from cloud.store.reading import roll_ups
from protocol.bucket import Key, Row, key_of
from protocol.facts.fact import ImpossibleFact, chain, genesis
from protocol.facts.fold import SHAPES, BadRecord, State, UnknownEvent, decode_record, rows

_MOST_TOLD = 5


Verdict = Literal["ok", "warn", "bad"]


class Finding(msgspec.Struct, frozen=True):
    """One thing that was looked at."""

    subject: str
    verdict: Verdict
    words: str

    def line(self) -> str:
        """For a terminal."""
        return f"{self.verdict:<4}  {self.subject}: {self.words}"


async def examine(pool: asyncpg.Pool, *, thorough: bool = True) -> list[Finding]:
    """Look at everything. `thorough` also reads every fact of every venue."""
    async with (
        pool.acquire() as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        await connection.execute("SET LOCAL statement_timeout = 0")
        found = await _server(connection)
        for venue_id, name in await examining.venues(connection):
            found += await _venue(connection, venue_id, name, thorough)
        found += await _whole(connection, thorough)
    return found


def verdict(findings: list[Finding]) -> Verdict:
    """The worst of them."""
    said = {finding.verdict for finding in findings}
    return "bad" if "bad" in said else "warn" if "warn" in said else "ok"


async def _whole(connection: asyncpg.Connection, thorough: bool) -> list[Finding]:
    """What belongs to no venue alone."""
    found: list[Finding] = []
    for check in checking.CHECKS:
        if check.thorough and not thorough:
            continue
        wrong = await checking.ask(connection, check)
        found += [Finding(check.subject, check.verdict, f"{each}; {check.remedy}") for each in wrong]
        if not wrong:
            found.append(Finding(check.subject, "ok", check.well))
    return found


async def _server(connection: asyncpg.Connection) -> list[Finding]:
    settings = await examining.standing(connection)
    lazy = [name for name in ("fsync", "full_page_writes", "synchronous_commit") if settings[name] == "off"]
    if lazy:
        words = f"{', '.join(lazy)} off: what boxes were told is safe may not survive a power cut"
        return [Finding("Postgres", "bad", f"{words}; switch on")]
    return [Finding("Postgres", "ok", f"version {settings['server_version']}, commits wait for the disk")]


async def _venue(connection: asyncpg.Connection, venue_id: str, name: str, thorough: bool) -> list[Finding]:
    logs = await examining.logs(connection, venue_id)
    if not logs:
        return [Finding(name, "warn", "no box has claimed this venue yet")]
    orphans = await examining.orphan_logs(connection, venue_id)
    aside = await examining.aside(connection, venue_id)
    found = [
        Finding(
            name, "ok", f"log {log_id}: {count} facts of a box without the venue are kept apart and counted"
        )
        for log_id, count in orphans.items()
    ]
    if undecided := await checking.orphaned_money(connection, venue_id):
        words = f"{undecided} orders and payments of a replaced box wait for a decision; see After an outage"
        found.append(Finding(name, "warn", words))
    found += [Finding(name, "warn", words) for words in await checking.troubles(connection, venue_id)]
    for each in aside[:_MOST_TOLD]:
        words = f"{each.aggregate} is set aside: {each.reason}; a newer release may replay it"
        found.append(Finding(name, "warn", words))
    if len(aside) > _MOST_TOLD:
        found.append(Finding(name, "warn", f"and {len(aside) - _MOST_TOLD} aggregates more are set aside"))
    if thorough:
        folding = _Folding(await archives.gone(connection, venue_id))
        for log in logs:
            found.append(Finding(name, *await folding.read(connection, log)))
        found += [Finding(name, *each) for each in await folding.compare(connection, venue_id)]
        found.append(Finding(name, *await _sums(connection, venue_id)))
    return found


Words = tuple[Verdict, str]


async def _sums(connection: asyncpg.Connection, venue_id: str) -> Words:
    wrong = await roll_ups.differences(connection, venue_id)
    if wrong:
        return "bad", f"sums for reports are wrong ({', '.join(wrong)}); run holdfast-cloud recount"
    return "ok", "the sums for reports are what was sold"


class _Folding:
    """One venue's facts, log after log, and the rows that they come to. `gone`: archived facts by log."""

    def __init__(self, gone: dict[str, int]) -> None:
        self._gone = gone
        self._states: dict[str, State] = {}
        self._expected: dict[Key, Row] = {}
        self._broken: list[str] = []

    async def read(self, connection: asyncpg.Connection, log: Log) -> Words:
        """Hash a log again, and fold what counts."""
        seq, chain_hash = log.base_seq, log.base_hash or genesis(log.log_id)
        missing, may_miss, gap = 0, self._gone.get(log.log_id, 0), ""
        async for at, record, hash_after, set_aside in examining.records(
            connection, log.venue_id, log.log_id
        ):
            if at != seq + 1:
                missing, gap = missing + at - seq - 1, f"{seq + 1} to {at - 1}"
                if missing > may_miss:
                    return "bad", f"log {log.log_id}: facts {gap} are missing; restore a backup"
                chain_hash = hash_after  # what it follows upon is in an archive
            elif (chain_hash := chain(chain_hash, record)) != hash_after:
                return "bad", f"log {log.log_id}: the hash chain breaks at fact {at}; restore a backup"
            seq = at
            if not set_aside:
                self._fold(record)
        missing += log.durable_seq - seq
        if missing != may_miss or (seq == log.durable_seq and chain_hash != log.durable_hash):
            return (
                "bad",
                f"log {log.log_id} ends at {seq}, its cursor says {log.durable_seq}; restore a backup",
            )
        whose = "of the box in charge" if log.in_charge else f"of epoch {log.epoch}"
        archived = f", {may_miss} before are in archives" if may_miss else ""
        count = log.durable_seq - log.base_seq - missing
        return "ok", f"log {log.log_id} {whose}: {count} facts, the hash chain is whole{archived}"

    def _fold(self, record: bytes) -> None:
        try:
            fact = decode_record(record)
            state = resumed(self._states.get(fact.aggregate), fact)
        except (BadRecord, UnknownEvent, ImpossibleFact) as error:
            self._broken.append(str(error))
            return
        self._states[fact.aggregate] = state
        self._expected.update((key_of(table, row), row) for table, row in rows(state, fact))

    async def compare(self, connection: asyncpg.Connection, venue_id: str) -> list[Words]:
        """Every table against what the facts say."""
        found: list[Words] = [
            ("bad", f"a fact that counts cannot be folded: {each}") for each in self._broken
        ]
        wrong: list[str] = []
        seen = resting = 0
        for shape in SHAPES.values():
            async for row in examining.rows(connection, venue_id, shape):
                seen += 1
                key = key_of(shape.name, row)
                if self._gone and key not in self._expected:
                    resting += 1
                elif self._expected.pop(key, None) != row:
                    wrong.append(f"{key[0]} {'/'.join(map(str, key[1]))} is not what the facts say")
        wrong += [f"{table} {'/'.join(map(str, key))} is missing" for table, key in self._expected]
        found += [("bad", each) for each in wrong[:_MOST_TOLD]]
        if len(wrong) > _MOST_TOLD:
            found.append(("bad", f"and {len(wrong) - _MOST_TOLD} rows more"))
        if not found:
            found.append(("ok", f"every one of {seen - resting} rows is what the facts fold into"))
        if resting:
            found.append(("ok", f"{resting} rows rest on facts in archives and were not looked at"))
        return found
