"""Decisions about stations and what hangs on no session: seats, service, guest codes."""

import msgspec

from edge.core.clock import Now
from edge.core.play.commands import DescribeStation, IssueCode, SetMaintenance
from edge.core.view import Proposal, VenueView
from protocol.errors import Refusal, refuse
from protocol.facts import play_code
from protocol.facts.play_code import CodeIssued
from protocol.facts.station import (
    MaintenanceBegun,
    MaintenanceEnded,
    Standing,
    StationDescribed,
    StationFreed,
    StationTaken,
    aggregate_of,
)


def standing(view: VenueView, station_id: str) -> Standing:
    """How a station stands; one nobody has said anything about yet is free."""
    station = view.station(station_id)
    return station.stands if station else Standing()


def known(view: VenueView, station_id: str) -> bool:
    """Whether the venue has such a station."""
    venue = view.venue()
    return venue is not None and venue.config.play.station(station_id) is not None


def taken(view: VenueView, station_id: str, session_id: str) -> Proposal | Refusal:
    """The seat, if it is free and in service."""
    if not known(view, station_id):
        return refuse("unknown_station")
    stands = standing(view, station_id)
    if stands.maintenance:
        return refuse("station_in_maintenance")
    if stands.session_id is not None:
        return refuse("station_busy", detail={"session_id": stands.session_id})
    seat = msgspec.structs.replace(stands, session_id=session_id)
    return (aggregate_of(station_id), StationTaken(seat))


def freed(view: VenueView, station_id: str) -> Proposal:
    """The seat is free again."""
    stands = msgspec.structs.replace(standing(view, station_id), session_id=None)
    return (aggregate_of(station_id), StationFreed(stands))


def set_maintenance(view: VenueView, command: SetMaintenance, _now: Now) -> list[Proposal] | Refusal:
    """Out of service, or back in it (seed 003 §9); a session that runs there goes on."""
    if not known(view, command.station_id):
        return refuse("unknown_station")
    stands = standing(view, command.station_id)
    if stands.maintenance == command.on:
        return []
    after = msgspec.structs.replace(stands, maintenance=command.on)
    event = MaintenanceBegun(after) if command.on else MaintenanceEnded(after)
    return [(aggregate_of(command.station_id), event)]


def describe(view: VenueView, command: DescribeStation, _now: Now) -> list[Proposal] | Refusal:
    """What the agent said of its machine, if that is news."""
    if not known(view, command.station_id):
        return refuse("unknown_station")
    stands = standing(view, command.station_id)
    after = msgspec.structs.replace(stands, agent=command.agent, os=command.os, specs=command.specs)
    return [] if after == stands else [(aggregate_of(command.station_id), StationDescribed(after))]


def issue_code(view: VenueView, command: IssueCode, _now: Now) -> list[Proposal] | Refusal:
    """A code that nobody else has."""
    venue = view.venue()
    if venue is None:
        return refuse("not_configured")
    if view.play_code(command.code) is not None:
        return refuse("code_used")
    issued = CodeIssued(
        command.code, command.seconds, command.amount_minor, command.method, venue.config.currency
    )
    return [(play_code.aggregate_of(command.code), issued)]
