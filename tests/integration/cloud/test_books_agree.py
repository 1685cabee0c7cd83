"""The books of the simulation answer as Postgres does: the same turns on both, answer by answer.

What the simulation proves about ingest it proves about `tests/simulation/books.py`; this is why it holds for
Postgres. Each script is a series of turns; whatever a turn answers or refuses goes into its story, and both
books have to tell the same one. Rows that no venue would ever have are made by chance, because the guards of
the folded tables exist twice: as SQL, and as what `constraints.py` reads out of it.
"""

import random
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any
from uuid import uuid4

import msgspec
import pytest

from cloud.app import Serving
from cloud.ingest.books import Books, Page
from cloud.ingest.ledger import Folded, Ledger
from cloud.owners.venues.founding import NewVenue
from cloud.store.link.facts import UNFIT, Uuid
from cloud.store.link.nodes import Node, Sign
from cloud.store.link.streams import Mark
from cloud.store.link.telemetry import Told
from cloud.store.postgres import PostgresBooks
from protocol.facts.fold import SHAPES
from protocol.telemetry import Reading
from tests.fake_box import FakeBox
from tests.simulation.books import CalmBooks, MemoryBooks

Story = list[object]
Script = Callable[[Books, FakeBox], Awaitable[Story]]

_ODD_ROWS = 400
_ODD_TEXTS = ("", "open", "closed", "no such state", "pending", "ORD-1", "nul \0", "𝄞", "x" * 300)
_ODD_NUMBERS = (-1, 0, 1, 2**31, 2**63 - 1, 2**63, 2**70)


@pytest.fixture
def memory(box: FakeBox) -> CalmBooks:
    """Where nobody has written anything but the claim."""
    books = MemoryBooks("incarnation")
    public = box.key.public_key().public_bytes_raw()
    books.claim(box.venue_id, box.node_id, box.log_id, public, box.epoch)
    return CalmBooks(books)


async def _told(turn: Awaitable[object]) -> object:
    """What it answers; refusals of any kind are one."""
    try:
        answer = await turn
    except UNFIT:
        return "refused"
    return _plain(answer)


def _plain(answer: object) -> object:
    """Without what only one of them can know: whether somebody was heard of lately."""
    if isinstance(answer, Node):
        return msgspec.structs.astuple(msgspec.structs.replace(answer, alive=False, outlived_s=0.0))
    if isinstance(answer, msgspec.Struct):
        return msgspec.structs.astuple(answer)
    return answer


async def _in_turn(books: Books, act: Callable[[Page], Awaitable[object]]) -> object:
    async def turn() -> object:
        async with books.transaction() as page:
            return await act(page)

    return await _told(turn())


def _folded(box: FakeBox, first: int = 1) -> Folded:
    """The box's day as a ledger folds it."""
    ledger = Ledger(Uuid(box.venue_id), Uuid(box.log_id), set())
    day = box.day
    return ledger.fold(ledger.read(first, day.records[first - 1 :], day.hashes[first - 1], day.hashes[-1]))


# ── scripts ──────────────────────────────────────────────────────────────────────────────────────


async def _a_node_comes_and_goes(books: Books, box: FakeBox) -> Story:
    one, other = str(uuid4()), str(uuid4())
    who = box.venue_id, box.node_id
    found: Story = [
        await _in_turn(books, lambda page: page.find(*who)),
        await _in_turn(books, lambda page: page.find(box.venue_id, str(uuid4()))),
    ]
    async with books.transaction() as page:
        node = await page.find(*who)
        assert node is not None
        found.append(_plain(await page.take(node, one, 7, True, box.life)))
    for name, trouble in ((other, "not mine"), (one, "left"), (one, None)):
        async with books.transaction() as page:
            lock = await page.lock(*who)
        found.append((_plain(msgspec.structs.replace(lock, connection=None)), lock.connection == one))
        signs = [Sign(one, 0.0, 9, False), Sign(other, 0.0, 5, True)]
        async with books.glance() as page:
            found.append(sorted("one" if each == one else "other" for each in await page.heard(signs)))
            await page.left(*who, name, trouble)
    return found


async def _readings_come_late(books: Books, box: FakeBox) -> Story:
    one, nobody = str(uuid4()), str(uuid4())
    plug = Reading("plug:1", "plug", "PS5", "well", 1, 2, {"power_w": 3.5}, "")
    lamp = msgspec.structs.replace(plug, thing="plug:2")
    told = [
        [Told(one, 5, 0.0, plug), Told(one, 5, 0.0, lamp)],
        [Told(one, 4, 0.0, plug)],
        [Told(nobody, 9, 0.0, plug)],
        [],
        [Told(one, 6, 0.0, plug), Told(nobody, 9, 0.0, lamp)],
    ]
    found: Story = []
    for _ in range(2):
        async with books.transaction() as page:
            node = await page.find(box.venue_id, box.node_id)
            assert node is not None
            found.append((await page.take(node, one, 7, True, box.life)).hellos)
        found += [await _in_turn(books, partial(_keeping, some)) for some in told]
        found.append(await _in_turn(books, lambda page: page.forget_untold({one: 6, nobody: 7})))
        found.append(await _in_turn(books, partial(_keeping, told[0])))
    return found


async def _keeping(told: list[Told], page: Page) -> int:
    return len(await page.keep_told(told))


async def _facts_once(books: Books, box: FakeBox) -> Story:
    box.day.serve(2)
    folded = _folded(box)
    again = folded.facts[3:5]
    other_place = [(*row[:2], row[2] + 1000, *row[3:]) for row in again]
    aside = [(*row[:8], True) for row in other_place]
    names = sorted({row[3] for row in folded.facts})
    return [
        await _in_turn(books, lambda page: page.store(folded.facts)),
        await _in_turn(books, lambda page: page.store(again)),
        await _in_turn(books, lambda page: page.store(other_place)),
        await _in_turn(books, lambda page: page.store(aside)),
        await _in_turn(books, lambda page: page.store([(*again[0][:3], "nul \0", *again[0][4:])])),
        await _in_turn(books, lambda page: page.records_of(Uuid(box.venue_id), [*names, "cart:nobody"])),
        await _in_turn(books, lambda page: _hashes(page, box)),
    ]


async def _hashes(page: Page, box: FakeBox) -> list[bytes | None]:
    node = await page.find(box.venue_id, box.node_id)
    assert node is not None
    return [await page.hash_at(node, seq) for seq in (0, 1, 5, 5000)]


async def _a_turn_that_fails_leaves_nothing(books: Books, box: FakeBox) -> Story:
    box.day.serve(1)
    folded, story = _folded(box), Story()
    who = box.venue_id, box.node_id

    async def half(page: Page) -> None:
        await page.store(folded.facts)
        await page.advance(*who, 5, b"5" * 32, 9)
        await page.store(folded.facts)

    async def saved(page: Page) -> object:
        try:
            async with page.savepoint():
                await page.store(folded.facts[:2])
                await page.store(folded.facts[:2])
        except UNFIT:
            pass
        await page.store(folded.facts[:3])
        await page.advance(*who, 3, b"3" * 32, 9)
        lock = await page.lock(*who)
        return (lock.durable_seq, lock.durable_hash)

    for act in (half, saved):
        story.append(await _in_turn(books, act))
        story.append(await _in_turn(books, lambda page: page.records_of(Uuid(box.venue_id), ["table:x"])))
        story.append(await _in_turn(books, lambda page: page.find(*who)))
    return story


async def _what_is_set_aside(books: Books, box: FakeBox) -> Story:
    venue_id, log_id = Uuid(box.venue_id), Uuid(box.log_id)
    return [
        await _in_turn(books, lambda page: page.quarantine(venue_id, log_id, {"cart:a": (3, "why \0")})),
        await _in_turn(books, lambda page: page.quarantine(venue_id, log_id, {"cart:a": (9, "later")})),
        await _in_turn(books, lambda page: page.quarantined(venue_id)),
    ]


async def _streams_and_cursors(books: Books, box: FakeBox) -> Story:
    who = box.venue_id, box.node_id
    story: Story = [
        await _in_turn(books, lambda page: page.entries(box.venue_id, "menu", 0, 50, 1000)),
        await _in_turn(books, lambda page: page.behind(box.venue_id, {"menu": 4})),
        await _in_turn(books, lambda page: page.outrun(box.venue_id, box.node_id, {"menu": 4})),
        await _in_turn(books, lambda page: page.behind(box.venue_id, {"menu": 4})),
    ]
    for seq in (2, 5, 3):
        mark = Mark("menu", seq)
        async with books.glance() as page:
            await page.applied(*who, mark)
        story.append(await _in_turn(books, lambda page: page.entries(box.venue_id, "menu", 1, 50, 1000)))
    return story


@pytest.mark.parametrize(
    "script",
    [
        _a_node_comes_and_goes,
        _readings_come_late,
        _facts_once,
        _a_turn_that_fails_leaves_nothing,
        _what_is_set_aside,
        _streams_and_cursors,
    ],
)
async def test_both_tell_the_same_story(
    script: Script, cloud: Serving, venue: NewVenue, box: FakeBox, memory: CalmBooks
) -> None:
    real, simulated = FakeBox(), FakeBox()
    for each in (real, simulated):
        each.__dict__.update(box.__dict__)
        each.day = type(box.day)(box.log_id, venue.restaurant_id, 3)
    assert await script(PostgresBooks(cloud.pool), real) == await script(memory, simulated)


# ── folded tables ────────────────────────────────────────────────────────────────────────────────


async def test_both_guards_let_the_same_rows_in(
    cloud: Serving, venue: NewVenue, box: FakeBox, memory: CalmBooks
) -> None:
    """True rows of a day, then the same with odd values, on top of whatever was let in before."""
    box.day.serve(6)
    folded = _folded(box)
    true = [
        (table, row)
        for rows in (folded.new, folded.changed)
        for table in rows
        for row in rows[table].values()
    ]
    dice, refused, differing = random.Random(8), 0, []
    postgres = PostgresBooks(cloud.pool)
    for number in range(len(true) + _ODD_ROWS):
        table, row = true[number] if number < len(true) else _odd(*dice.choice(true), dice)
        how = "upsert" if dice.random() < 0.8 else "add"
        answers = [await _put(books, how, box, table, row) for books in (postgres, memory)]
        refused += answers[0] == "refused"
        if answers[0] != answers[1]:
            differing.append((how, table, row, answers))
    assert differing == []
    assert 50 < refused < _ODD_ROWS


async def _put(books: Books, how: str, box: FakeBox, table: str, row: tuple[Any, ...]) -> object:
    return await _in_turn(books, lambda page: getattr(page, how)(Uuid(box.venue_id), table, [row]))


def _odd(table: str, row: tuple[Any, ...], dice: random.Random) -> tuple[str, tuple[Any, ...]]:
    """The row with one value that may be wrong, of the column's own kind."""
    columns = SHAPES[table].columns
    place = dice.randrange(len(columns))
    kind = columns[place][1]
    odd: object = dice.random() < 0.5
    if kind == "text":
        odd = dice.choice(_ODD_TEXTS)
    elif kind == "int":
        odd = dice.choice(_ODD_NUMBERS)
    return table, (*row[:place], odd, *row[place + 1 :])
