"""Every command about bookings has its row: where its `mid` is remembered, and what comes first."""

from typing import get_args

import pytest

from edge.core.bookings.commands import BookingCommand, LapseBooking
from edge.core.commands import Command
from edge.core.decide import author, begins, decide, scope
from protocol.errors import Refusal
from tests.unit.edge.core.bookings.diary import ANN, Diary, book, cancel, check_in, miss, move, pay

EXAMPLES: list[Command] = [
    *(book(booking="b9"), pay(), move(300), check_in()),
    *(cancel(), miss(by=ANN), LapseBooking("b1")),
]


def test_the_examples_are_all_there_are() -> None:
    assert {type(each) for each in EXAMPLES} == set(get_args(BookingCommand))


@pytest.mark.parametrize("command", EXAMPLES, ids=lambda each: type(each).__name__)
def test_a_mid_is_remembered_where_the_command_writes_first(command: Command) -> None:
    venue = Diary()
    if command is not EXAMPLES[0]:
        venue.do(book(method=None))
        venue.at(200)
    proposals = decide(venue, command, venue.now)
    assert not isinstance(proposals, Refusal), proposals
    aggregate, event = proposals[0]
    assert aggregate == scope(venue, command)
    assert begins(command, event)
    assert author(command) == (None if isinstance(command, LapseBooking) else ANN)
