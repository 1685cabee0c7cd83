"""Rules of stations and play sessions: a row for each command of `play/commands.py`."""

from typing import Any

from edge.core.money import paying_in
from edge.core.play import commands as commands
from edge.core.play import session as play
from edge.core.play import start as play_start
from edge.core.play import station
from edge.core.rule import Rule
from edge.core.view import VenueView
from protocol.facts import play_clock, play_code
from protocol.facts import play_events as events
from protocol.facts.account import BalanceCredited
from protocol.facts.payment import PaymentInitiated
from protocol.facts.play_clock import ClockTicked
from protocol.facts.play_code import CodeIssued
from protocol.facts.station import MaintenanceBegun, MaintenanceEnded, StationDescribed, StationTaken
from protocol.facts.station import aggregate_of as station_aggregate

#: What was consumed before a boot may have to be said before anything else.
_RECKONED = events.TimeReckoned


def _station(
    view: VenueView, command: commands.StartPlay | commands.SetMaintenance | commands.DescribeStation
) -> str:
    return station_aggregate(command.station_id)


def _session(view: VenueView, command: Any) -> str:
    return play.aggregate_of(command.session_id)


RULES: dict[type, Rule] = {
    commands.StartPlay: Rule(play_start.start, (StationTaken,), _station),
    commands.ExtendPlay: Rule(play.extend, (_RECKONED, events.TimeAdded, events.TimeOffered), _session),
    commands.ConfirmPlayPayment: Rule(
        play.confirm, (_RECKONED, events.PlayBegun, events.TimeAdded, events.RefundOwed), _session
    ),
    commands.StopPlay: Rule(play.stop, (_RECKONED, events.PlayStopped, events.PlayAbandoned), _session),
    commands.PausePlay: Rule(play.pause, (_RECKONED, events.PlayPaused), _session),
    commands.ResumePlay: Rule(play.resume, (_RECKONED, events.PlayResumed), _session),
    commands.MovePlay: Rule(play.move, (_RECKONED, events.PlayMoved), _session),
    commands.CallStaff: Rule(play.call, (_RECKONED, events.StaffCalled), _session),
    commands.ExpirePlay: Rule(play.expire, (_RECKONED, events.PlayExpired), _session),
    commands.AbandonPlay: Rule(play.abandon, (events.PlayAbandoned,), _session),
    commands.ReckonPlay: Rule(play.reckon, (_RECKONED,), _session),
    commands.TickClock: Rule(play.tick, (ClockTicked,), lambda view, command: play_clock.AGGREGATE),
    commands.SetMaintenance: Rule(station.set_maintenance, (MaintenanceBegun, MaintenanceEnded), _station),
    commands.DescribeStation: Rule(station.describe, (StationDescribed,), _station),
    commands.CreditAccount: Rule(paying_in.credit, (BalanceCredited, PaymentInitiated), paying_in.scope),
    commands.IssueCode: Rule(
        station.issue_code, (CodeIssued,), lambda view, command: play_code.aggregate_of(command.code)
    ),
}
