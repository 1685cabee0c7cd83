"""Any evening whatever: random commands through the real writer on a real disk, beside a venue in memory.

The venue in memory (`Script`) decides one command after the other and never fails, so it says what each
outcome has to be, however the writer batches. In between the box is shut down, killed, its memory dropped
and its disk filled up. After every step: what was answered is on the disk, memory is what the facts fold
into, and listeners heard every fact once, in order. At the end the tables are rebuilt from the journal.
"""

import asyncio
import os
import shutil
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge.core.commands import (
    AddItem,
    AdoptMenu,
    AdvanceTicket,
    ChangeItem,
    CloseTable,
    Command,
    ConfigureVenue,
    CountStock,
    JoinTable,
    PlaceOrder,
    RemoveItem,
    TakeItemOff,
    ValidatePass,
)
from edge.core.decide import author, begins, decide, scope
from edge.journal.rebuild import rebuild
from edge.journal.writer import Accepted, Outcome
from protocol.errors import Refusal
from protocol.facts.cart import Cart, cart_hash
from protocol.facts.fold import AnyFact, decode_record
from protocol.facts.order import Order
from protocol.facts.table import TableSession
from protocol.facts.ticket import TRANSITIONS, Ticket
from protocol.identity import pass_word_digest
from tests.depth import NIGHTLY, so_many
from tests.full_disk import full_disk
from tests.open_box import OpenBox
from tests.sample_venue import (
    BACON,
    BURGER,
    CAKE,
    CHIPS,
    EGG,
    RESTAURANT,
    STEAK,
    T1,
    T2,
    WORD,
    config,
    join,
    menu,
    say_word,
)
from tests.unit.edge.core.script import Script

#: How many random evenings are played; `make evenings EVENINGS=…` plays more.
EVENINGS = int(os.environ.get("EVENINGS", so_many(60, 1000)))
#: Every commit plays the same ones (`tests/conftest.py`); whoever asks for more asks for others.
ALWAYS_THE_SAME = not NIGHTLY and "EVENINGS" not in os.environ

MEMBERS = ("chinu", "anshu", "bela")
DISHES = (BURGER, BURGER, CHIPS, CAKE, CAKE, STEAK, 404)
WISHES = (
    *("add", "add", "add", "place", "place", "join", "join", "word"),
    *("change", "remove", "ticket", "stock", "close"),
)


class Oracle:
    """What every outcome has to be: the pure core, plus the memory of `mid`s."""

    def __init__(self) -> None:
        self.venue = Script()
        self._first: dict[tuple[str, str], tuple[AnyFact, ...]] = {}

    def outcome(self, command: Command) -> Refusal | tuple[bool, tuple[AnyFact, ...]]:
        """A refusal, or whether it is a repeat and the facts."""
        aggregate = scope(self.venue, command)
        if command.mid is not None and (aggregate, command.mid) in self._first:
            facts = self._first[aggregate or "", command.mid]
            if facts[0].by == author(command) and begins(command, facts[0].event):
                return True, facts
            return Refusal("mid_reused", "")
        proposals = decide(self.venue, command, self.venue.now)
        if isinstance(proposals, Refusal):
            return proposals
        before = len(self.venue.facts)
        for proposed, event in proposals:
            self.venue.happened(proposed, event, command)
        facts = tuple(self.venue.facts[before:])
        if facts and command.mid is not None:
            self._first[facts[0].aggregate, command.mid] = facts
        return False, facts


class Evening:
    """One example: the box, the oracle, and what was sent."""

    def __init__(self, directory: Path, data: st.DataObject) -> None:
        self.directory = directory
        self.data = data
        self.oracle = Oracle()
        self.sent: list[Command] = []
        self.runs = self.joins = 0
        self.box: OpenBox

    async def run(self, steps: int) -> None:
        await self._open()
        try:
            await self._all_right([ConfigureVenue(config()), AdoptMenu(menu())])
            if self.data.draw(st.sampled_from((True, True, True, False))):
                await self._all_right([join("chinu", "s0"), join("anshu", "s0"), say_word("chinu", "s0")])
            for _ in range(steps):
                await self._step()
                self._check()
        finally:
            await self.box.__aexit__(None, None, None)
        rebuilt = rebuild(self.directory)
        assert (rebuilt.problems, rebuilt.differences) == ((), ())
        self._check_orders()

    async def _open(self) -> None:
        self.runs += 1
        self.box = await OpenBox(self.directory, boot=f"boot-{self.runs}").__aenter__()
        self.heard = len(self.oracle.venue.facts)

    async def _step(self) -> None:
        kinds = ["batch"] * 8 + ["repeat", "restart", "kill", "forget", "full disk"]
        match self.data.draw(st.sampled_from(kinds)):
            case "batch":
                await self._all_right(self._commands())
            case "repeat" if self.sent:
                await self._all_right([self._again(self.data.draw(st.sampled_from(self.sent)))])
            case "restart":
                await self.box.__aexit__(None, None, None)
                await self._open()
            case "kill":
                await self._kill()
            case "forget":
                self.box.hot.forget()
            case "full disk":
                await self._full_disk()

    def _again(self, command: Command) -> Command:
        """The same request once more; pids are made anew for each attempt, as the web does."""
        if isinstance(command, JoinTable):
            self.joins += 1
            return msgspec.structs.replace(command, session_pid=f"s{self.joins}")
        return command

    def _commands(self) -> list[Command]:
        size = self.data.draw(st.integers(1, 4))
        return [self._command() for _ in range(size)]

    async def _all_right(self, commands: list[Command]) -> None:
        """One batch on a disk that works: every outcome is the oracle's."""
        outcomes = await asyncio.gather(*self.box.together(*commands))
        for command, outcome in zip(commands, outcomes, strict=True):
            self._compare(command, outcome, self.oracle.outcome(command))
        self.sent += [command for command in commands if command.mid is not None]

    def _compare(
        self, command: Command, outcome: Outcome, expected: Refusal | tuple[bool, tuple[AnyFact, ...]]
    ) -> None:
        if isinstance(expected, Refusal):
            assert isinstance(outcome, Refusal), (command, outcome)
            assert outcome.code == expected.code, command
            return
        repeated, facts = expected
        assert isinstance(outcome, Accepted), (command, outcome)
        assert outcome.repeated == repeated, command
        assert list(map(told, outcome.facts)) == list(map(told, facts)), command

    async def _kill(self) -> None:
        """Nothing is closed in order; what the disk holds now is all that is left."""
        left = self.directory.with_name(f"killed-{self.runs}")
        left.mkdir()
        for name in ("journal.sqlite3", "journal.sqlite3-wal"):
            if (self.directory / name).exists():
                shutil.copy(self.directory / name, left)
        await self.box.__aexit__(None, None, None)
        self.directory = left
        await self._open()

    async def _full_disk(self) -> None:
        """Either nothing had to be written, or everybody in the batch is told that it could not be."""
        commands = self._commands()
        before = len(self.oracle.venue.facts)
        with full_disk():
            outcomes = await asyncio.gather(*self.box.together(*commands))
        codes = {getattr(outcome, "code", None) for outcome in outcomes}
        if "storage_failed" in codes:
            assert codes == {"storage_failed"}
            return
        for command, outcome in zip(commands, outcomes, strict=True):
            self._compare(command, outcome, self.oracle.outcome(command))
        assert len(self.oracle.venue.facts) == before

    def _check(self) -> None:
        venue, hot = self.oracle.venue, self.box.hot
        records = self.box.rows("SELECT seq, record FROM journal WHERE seq > ? ORDER BY seq", self.heard)
        assert [seq for seq, _ in records] == list(range(self.heard + 1, len(venue.facts) + 1))
        on_disk = [decode_record(str(record)) for _, record in records]
        assert list(map(told, on_disk)) == list(map(told, venue.facts[self.heard :]))
        assert [each.fact for each in self.box.told] == on_disk
        assert self.box.writer.durable_seq == len(venue.facts)
        for aggregate, state in venue.states.items():
            assert untimed(hot.committed(aggregate)) == untimed(state), aggregate
        for table in (T1, T2):
            assert hot.open_session_at(table) == venue.open_session_at(table)
        counters = (hot.next_item_id, hot.next_order_number, hot.next_ticket_number)
        assert counters == (venue.next_item_id, venue.next_order_number, venue.next_ticket_number)

    def _check_orders(self) -> None:
        orders = [state for state in self.oracle.venue.states.values() if isinstance(state, Order)]
        pressed = [(order.placed.session_pid, order.placed.cart_hash) for order in orders]
        assert len(pressed) == len(set(pressed))

    # ── commands that have a chance ──────────────────────────────────────────────────────────────

    def _command(self) -> Command:
        draw = self.data.draw
        member = draw(st.sampled_from(MEMBERS))
        session = draw(st.sampled_from(self._sessions()))
        mid = draw(st.none() | st.sampled_from([f"mid-{n:05}" for n in range(30)]))
        match draw(st.sampled_from(WISHES)):
            case "join":
                table = draw(st.sampled_from((T1, T1, T2, "NOSUCH")))
                self.joins += 1
                return JoinTable(table, member, f"s{self.joins}", member, "0" * 64, mid)
            case "word":
                word = draw(st.sampled_from((WORD, WORD, "tea")))
                return ValidatePass(session, member, pass_word_digest(RESTAURANT, word), mid)
            case "add":
                modifiers = draw(st.sampled_from(((), (), (), (BACON,), (BACON, EGG), (1,))))
                dish, qty = draw(st.sampled_from(DISHES)), draw(st.sampled_from((1, 1, 2, 3, 0)))
                return AddItem(session, member, dish, qty, modifiers=modifiers, tmp_id="c1", mid=mid)
            case "change":
                item, version = self._line(session)
                return ChangeItem(session, member, item, version, draw(st.integers(0, 4)), mid=mid)
            case "remove":
                item, version = self._line(session)
                return RemoveItem(session, member, item, version, mid)
            case "place":
                return PlaceOrder(
                    session, member, draw(st.sampled_from((None, self._hash(session), "0" * 64))), mid=mid
                )
            case "ticket":
                name, station = draw(st.sampled_from(self._tickets()))
                return AdvanceTicket(name, station, draw(st.sampled_from(sorted(TRANSITIONS))), "cook", mid)
            case "stock":
                if draw(st.booleans()):
                    return TakeItemOff(CAKE, draw(st.booleans()), "cook", mid)
                return CountStock(CAKE, draw(st.sampled_from((None, 0, 1, 5))), "ann", mid)
            case _:
                return CloseTable(session, "left", "staff:ann", mid)

    def _sessions(self) -> list[str]:
        """Open ones first and more often, because more can happen there."""
        states = self.oracle.venue.states.values()
        sessions = [state for state in states if isinstance(state, TableSession)]
        opened = [each.session_pid for each in sessions if each.status == "open"]
        return [*opened * 4, *(each.session_pid for each in sessions)] or ["nobody"]

    def _line(self, session: str) -> tuple[int, int]:
        """A line of the cart and the version it has, or one that is stale or not there."""
        cart = self.oracle.venue.cart(session)
        known = [(item.id, item.version) for item in cart.items.values()] if cart else []
        item, version = self.data.draw(st.sampled_from([*known, (10**6, 1)]))
        return item, max(0, version - self.data.draw(st.sampled_from((0, 0, 0, 1))))

    def _hash(self, session: str) -> str:
        cart = self.oracle.venue.cart(session)
        return cart_hash(cart.live() if isinstance(cart, Cart) else [])

    def _tickets(self) -> list[tuple[str, str]]:
        states = self.oracle.venue.states.values()
        fired = [state.fired for state in states if isinstance(state, Ticket)]
        return [(each.ticket, each.station) for each in fired] or [("K-0", "grill")]


def told(fact: AnyFact) -> tuple[object, ...]:
    """A fact without its time, which the oracle does not know. A lock's end is a time, too."""
    event: Any = fact.event
    return (fact.seq, fact.aggregate, fact.version, untimed(event), fact.mid, fact.by)


TIMES = {"boot", "mono_ns", "wall_ms", "expires_mono_ns", "agreed_boot", "agreed_ns"}


def untimed(value: Any) -> Any:
    """A struct as a mapping without instants."""
    if hasattr(value, "__struct_fields__"):
        names = [name for name in value.__struct_fields__ if name not in TIMES and not name.endswith("_ms")]
        return type(value).__name__, {name: untimed(getattr(value, name)) for name in names}
    if isinstance(value, dict):
        return {name: untimed(each) for name, each in value.items()}
    return value


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated box to copy, because a migration takes longer than an evening."""
    directory = tmp_path_factory.mktemp("empty")
    box = OpenBox(directory)
    box.reader.close()
    box.connection.close()
    return directory


@given(data=st.data())
@settings(
    max_examples=EVENINGS,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=ALWAYS_THE_SAME,
)
def test_any_evening(data: st.DataObject, empty: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    directory = tmp_path_factory.mktemp("evening") / "box"
    shutil.copytree(empty, directory)
    asyncio.run(Evening(directory, data).run(data.draw(st.integers(5, 30))))
