"""Every command about play has a decider, a scope for its `mid`, an author, and a first event."""

from typing import get_args

import pytest

from edge.core.clock import Now
from edge.core.decide import author, begins, decide, scope
from edge.core.play import commands as asked
from edge.core.play.commands import PlayCommand
from protocol.errors import Refusal
from protocol.facts.fold import KINDS
from protocol.facts.play import NS
from tests.sample_venue import PC1, PC2, PS5, extend, opening, start
from tests.unit.edge.core.script import Script

ANN = "staff:ann"
EXAMPLES: list[PlayCommand] = [
    start(PC1, session="play-9"),
    extend(),
    asked.ConfirmPlayPayment("play-2", "play-2:first", ANN),
    asked.StopPlay("play-1", "left", ANN),
    asked.PausePlay("play-1", "phone", ANN),
    asked.ResumePlay("play-3", ANN),
    asked.MovePlay("play-1", PC1, ANN),
    asked.CallStaff("play-1", "Chinu", "member:m1"),
    asked.ExpirePlay("play-1"),
    asked.AbandonPlay("play-2"),
    asked.ReckonPlay("play-1"),
    asked.TickClock(),
    asked.SetMaintenance(PC1, True, ANN),
    asked.DescribeStation(PC1, "1.0", "Windows 11", "{}"),
    asked.CreditAccount("mia", "entry-1", 500, "counter", ANN),
    asked.IssueCode("KB7T", 3600, 500, "CASH", ANN),
]


def test_the_examples_are_all_commands_there_are() -> None:
    assert {type(each) for each in EXAMPLES} == set(get_args(PlayCommand))


@pytest.mark.parametrize("command", EXAMPLES, ids=lambda each: type(each).__name__)
@pytest.mark.parametrize("boot", ["boot-1", "boot-2"])
def test_a_mid_is_remembered_where_the_command_writes_first(command: PlayCommand, boot: str) -> None:
    """Also after a boot, when what was consumed has to be said before anything else."""
    venue = Script(*opening(), start())
    venue.do(start(PC2, session="play-3"))
    venue.do(asked.PausePlay("play-3", "phone", ANN))
    if isinstance(command, asked.ConfirmPlayPayment | asked.AbandonPlay):
        venue.do(start(PC1, session="play-2", method="CARD"))
    late = isinstance(command, asked.ExpirePlay)
    booted = boot == "boot-2" or isinstance(command, asked.ReckonPlay)
    mono_s = 20 if booted else 3700 if late else 50
    venue.now = Now("boot-2" if booted else boot, mono_s * NS, 1_700_000_050_000, True)
    proposals = decide(venue, command, venue.now)
    assert not isinstance(proposals, Refusal), proposals
    aggregate, event = proposals[0]
    assert aggregate == scope(venue, command)
    assert begins(command, event)
    assert aggregate.partition(":")[0] == KINDS[type(event)]


@pytest.mark.parametrize(
    ("command", "name"),
    [
        (start(), ANN),
        (asked.SetMaintenance(PS5, True, "agent:ps5-1"), "agent:ps5-1"),
        (asked.TickClock(), None),
        (asked.ExpirePlay("play-1"), None),
    ],
)
def test_authors(command: PlayCommand, name: str | None) -> None:
    assert author(command) == name
