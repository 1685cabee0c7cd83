"""Who decides what about play: one row per command, its first fact, and where its `mid` is unique.

The part of `decide.py` that is about stations and play sessions, kept apart because it is long.
"""

from collections.abc import Callable
from typing import Any

from edge.core import play, play_commands, play_start, station
from edge.core.clock import Now
from edge.core.play_commands import PlayCommand
from edge.core.view import Proposal, VenueView
from protocol.errors import Refusal
from protocol.facts import account, play_clock, play_code, play_events
from protocol.facts.account import BalanceCredited
from protocol.facts.play_clock import ClockTicked
from protocol.facts.play_code import CodeIssued
from protocol.facts.station import MaintenanceBegun, MaintenanceEnded, StationDescribed, StationTaken
from protocol.facts.station import aggregate_of as station_aggregate

DECIDERS: dict[type, Callable[[VenueView, Any, Now], list[Proposal] | Refusal]] = {
    play_commands.StartPlay: play_start.start,
    play_commands.ExtendPlay: play.extend,
    play_commands.ConfirmPlayPayment: play.confirm,
    play_commands.StopPlay: play.stop,
    play_commands.PausePlay: play.pause,
    play_commands.ResumePlay: play.resume,
    play_commands.MovePlay: play.move,
    play_commands.ExpirePlay: play.expire,
    play_commands.AbandonPlay: play.abandon,
    play_commands.ReckonPlay: play.reckon,
    play_commands.TickClock: play.tick,
    play_commands.SetMaintenance: station.set_maintenance,
    play_commands.DescribeStation: station.describe,
    play_commands.CreditAccount: station.credit,
    play_commands.IssueCode: station.issue_code,
}

#: What was consumed before a boot may have to be said before anything else.
_FIRST = play_events.TimeReckoned

FIRST_EVENTS: dict[type, tuple[type, ...]] = {
    play_commands.StartPlay: (StationTaken,),
    play_commands.ExtendPlay: (_FIRST, play_events.TimeAdded, play_events.TimeOffered),
    play_commands.ConfirmPlayPayment: (
        _FIRST,
        play_events.PlayBegun,
        play_events.TimeAdded,
        play_events.RefundOwed,
    ),
    play_commands.StopPlay: (_FIRST, play_events.PlayStopped, play_events.PlayAbandoned),
    play_commands.PausePlay: (_FIRST, play_events.PlayPaused),
    play_commands.ResumePlay: (_FIRST, play_events.PlayResumed),
    play_commands.MovePlay: (_FIRST, play_events.PlayMoved),
    play_commands.ExpirePlay: (_FIRST, play_events.PlayExpired),
    play_commands.AbandonPlay: (play_events.PlayAbandoned,),
    play_commands.ReckonPlay: (_FIRST,),
    play_commands.TickClock: (ClockTicked,),
    play_commands.SetMaintenance: (MaintenanceBegun, MaintenanceEnded),
    play_commands.DescribeStation: (StationDescribed,),
    play_commands.CreditAccount: (BalanceCredited,),
    play_commands.IssueCode: (CodeIssued,),
}


def scope(command: PlayCommand) -> str:
    """The aggregate whose journal remembers the command's `mid`."""
    match command:
        case play_commands.StartPlay(station_id=station_id):
            return station_aggregate(station_id)
        case play_commands.SetMaintenance(station_id=station_id):
            return station_aggregate(station_id)
        case play_commands.DescribeStation(station_id=station_id):
            return station_aggregate(station_id)
        case play_commands.CreditAccount(user_id=user_id):
            return account.aggregate_of(user_id)
        case play_commands.IssueCode(code=code):
            return play_code.aggregate_of(code)
        case play_commands.TickClock():
            return play_clock.AGGREGATE
        case _:
            return play.aggregate_of(command.session_id)


def author(command: PlayCommand) -> str | None:
    """Who stands behind a command; the box itself for what its timers and agents say."""
    by: str | None = getattr(command, "by", None)
    return by
