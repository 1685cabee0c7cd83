"""The kitchen's board against the journal that it is read from."""

import random
from pathlib import Path

import msgspec

from edge.core.clock import Now
from edge.core.commands import AdvanceTicket, ConfigureVenue
from edge.journal.board import _OPEN, MOST_TICKETS, KitchenBoard
from edge.journal.hot import Hot
from protocol.facts.ticket import OPEN_STATES, TRANSITIONS, Ticket
from protocol.facts.venue import KitchenStation
from tests.open_box import OpenBox
from tests.sample_venue import CHIPS, WINE, add, config, join, place, say_word

DAY_MS = 24 * 3600 * 1000


class DriftingBox(OpenBox):
    """Its wall clock is wrong by as much as a test says, and believed or not."""

    off_ms = 0
    trusted = True

    def clock(self) -> Now:
        """Only the wall clock can be wrong; nobody can set the other."""
        now = super().clock()
        return msgspec.structs.replace(now, wall_ms=now.wall_ms + self.off_ms, clock_trusted=self.trusted)


def advance(ticket: str, state: str, station: str = "grill") -> AdvanceTicket:
    return AdvanceTicket(ticket, station, state, by="test")


def shown(board: KitchenBoard, station: str | None = None) -> list[tuple[str, str, str]]:
    return [(each.fired.ticket, each.fired.station, each.state) for each in board.tickets(station)]


async def test_shows_what_is_open_by_station_in_order(tmp_path: Path) -> None:
    async with OpenBox(tmp_path) as box:
        await box.opened()
        board = KitchenBoard(box.reader, box.hot, box.clock)
        box.writer.listen(board.follow)
        for command in (join("chinu"), say_word()):
            await box.accept(command)
        for dishes in ((CHIPS, WINE), (CHIPS,), (WINE,)):
            for dish in dishes:
                await box.accept(add(dish=dish))
            await box.accept(place())

        assert shown(board) == [
            ("K-1", "bar", "fired"),
            ("K-1", "grill", "fired"),
            ("K-2", "grill", "fired"),
            ("K-3", "bar", "fired"),
        ]
        await box.accept(advance("K-1", "rejected"))
        assert shown(board, "grill") == [("K-2", "grill", "fired")]
        assert board.stations == ("grill", "bar")


async def test_a_station_without_a_place_in_the_venue_stays_while_it_has_tickets(tmp_path: Path) -> None:
    async with OpenBox(tmp_path) as box:
        await box.opened()
        board, told = KitchenBoard(box.reader, box.hot, box.clock), list[list[Ticket]]()
        box.writer.listen(board.follow)
        board.listen(told.append)
        for command in (join("chinu"), say_word(), add(dish=CHIPS), place()):
            await box.accept(command)

        stations = (KitchenStation("bar", "Bar"), KitchenStation("oven", "Oven"))
        await box.accept(ConfigureVenue(msgspec.structs.replace(config(), stations=stations)))
        assert list(board.stations) == ["bar", "oven", "grill"]
        assert told[-1] == []
        await box.accept(advance("K-1", "rejected"))
        assert list(board.stations) == ["bar", "oven"]


async def test_several_steps_in_one_batch_are_told_as_one_and_leaving_ends_it(tmp_path: Path) -> None:
    async with OpenBox(tmp_path) as box:
        await box.opened()
        board, told = KitchenBoard(box.reader, box.hot, box.clock), list[list[str]]()
        box.writer.listen(board.follow)
        leave = board.listen(lambda tickets: told.append([each.state for each in tickets]))
        for command in (join("chinu"), say_word(), add(dish=CHIPS), place()):
            await box.accept(command)
        steps = [advance("K-1", state) for state in ("received", "accepted", "preparing")]
        for outcome in box.together(*steps):
            await outcome
        assert told == [["fired"], ["preparing"]]

        leave()
        await box.accept(advance("K-1", "ready"))
        assert len(told) == 2


async def test_a_board_that_followed_equals_one_that_is_read_anew(tmp_path: Path) -> None:
    chance, states = random.Random(7), set[str]()
    async with OpenBox(tmp_path) as box:
        await box.opened()
        board = KitchenBoard(box.reader, box.hot, box.clock)
        box.writer.listen(board.follow)
        for command in (join("chinu"), say_word()):
            await box.accept(command)
        for _ in range(12):
            await box.accept(add(dish=CHIPS))
            await box.accept(place())
            for ticket in chance.sample(board.tickets(), k=min(3, len(board.tickets()))):
                onwards = TRANSITIONS[ticket.state]
                await box.accept(advance(ticket.fired.ticket, chance.choice(onwards)))
            fresh = KitchenBoard(box.reader, Hot(box.reader), box.clock)
            assert fresh.tickets() == board.tickets()
            states |= {state for _, _, state in shown(board)}
        assert states <= set(OPEN_STATES)
        assert len(states) > 3


async def test_holds_the_newest_of_what_nobody_bumps_now_and_after_a_restart(tmp_path: Path) -> None:
    async with OpenBox(tmp_path) as box:
        await box.opened()
        board = KitchenBoard(box.reader, box.hot, box.clock, most=3)
        box.writer.listen(board.follow)
        for command in (join("chinu"), say_word()):
            await box.accept(command)
        for _ in range(5):
            await box.accept(add(dish=CHIPS))
            await box.accept(place())
        newest = [("K-3", "grill", "fired"), ("K-4", "grill", "fired"), ("K-5", "grill", "fired")]
        assert shown(board) == newest
        assert shown(KitchenBoard(box.reader, Hot(box.reader), box.clock, most=3)) == newest

        await box.accept(advance("K-1", "received"))
        assert shown(board) == newest


async def test_counts_what_the_kitchen_has_in_hand_and_not_what_it_has_forgotten(tmp_path: Path) -> None:
    async with OpenBox(tmp_path) as box:
        await box.opened()
        board = KitchenBoard(box.reader, box.hot, box.clock)
        box.writer.listen(board.follow)
        for command in (join("chinu"), say_word(), add(dish=CHIPS), place(), add(dish=CHIPS), place()):
            await box.accept(command)
        box.second += 3600
        assert board.moved_within(1_800_000) == 0
        await box.accept(advance("K-1", "received"))
        assert board.moved_within(1_800_000) == 1


async def test_a_clock_that_went_back_throws_no_new_ticket_off_the_board(tmp_path: Path) -> None:
    async with DriftingBox(tmp_path) as box:
        await box.opened()
        board = KitchenBoard(box.reader, box.hot, box.clock, most=2)
        box.writer.listen(board.follow)
        for command in (join("chinu"), say_word()):
            await box.accept(command)
        for ticket in range(1, 13):
            box.off_ms = -ticket * DAY_MS
            await box.accept(add(dish=CHIPS))
            await box.accept(place())
        newest = [("K-11", "grill", "fired"), ("K-12", "grill", "fired")]
        assert shown(board) == newest
        assert shown(KitchenBoard(box.reader, Hot(box.reader), box.clock, most=2)) == newest


async def test_what_moved_before_the_clock_was_learned_is_still_in_hand(tmp_path: Path) -> None:
    async with DriftingBox(tmp_path) as box:
        box.off_ms, box.trusted = -3 * DAY_MS, False
        await box.opened()
        board = KitchenBoard(box.reader, box.hot, box.clock)
        box.writer.listen(board.follow)
        for command in (join("chinu"), say_word(), add(dish=CHIPS), place()):
            await box.accept(command)
        box.off_ms, box.trusted = 0, True
        assert board.moved_within(DAY_MS) == 1
        box.second += 25 * 3600
        assert board.moved_within(DAY_MS) == 0


async def test_what_was_found_at_the_start_counts_until_the_clock_can_be_believed(tmp_path: Path) -> None:
    async with DriftingBox(tmp_path) as box:
        await box.opened()
        for command in (join("chinu"), say_word(), add(dish=CHIPS), place()):
            await box.accept(command)
        board = KitchenBoard(box.reader, box.hot, box.clock)
        assert board.moved_within(DAY_MS) == 1
        box.off_ms, box.trusted = 3 * DAY_MS, False
        assert board.moved_within(DAY_MS) == 1
        box.trusted = True
        assert board.moved_within(DAY_MS) == 0


async def test_is_read_by_the_index_of_open_tickets_alone(tmp_path: Path) -> None:
    async with OpenBox(tmp_path) as box:
        plan = box.rows(f"EXPLAIN QUERY PLAN {_OPEN}", MOST_TICKETS)
    assert [str(row[-1]) for row in plan] == ["SCAN tickets USING INDEX open_tickets"]
