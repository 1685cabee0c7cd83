"""What staff screens and HTTP answers say about the floor, made from what is on disk now."""

from collections.abc import Callable
from typing import Any

import msgspec

from edge.core.clock import Now
from edge.core.local_time import local
from edge.journal.agenda import Agenda
from edge.journal.floor import Floor
from protocol import play
from protocol.facts import play_events
from protocol.facts.play import PlaySession
from protocol.facts.play_config import PlayStation
from protocol.play import NextBooking, PlayNews, SessionReply, StationReply


class FloorTeller:
    """Sessions, stations and news in the contract's words."""

    def __init__(
        self, floor: Floor, agenda: Agenda, clock: Callable[[], Now], timezone: Callable[[], str]
    ) -> None:
        self._floor = floor
        self._agenda = agenda
        self._clock = clock
        self._timezone = timezone

    def session(self, session: PlaySession) -> SessionReply:
        """A session as it stands now."""
        now = self._clock()
        told = play.session_reply(session, now.boot, now.mono_ns)
        if not session.live:
            return told
        due_minor = self._floor.due_minor(session, now)
        return msgspec.structs.replace(told, due_minor=due_minor, payment_id=self._floor.waits_for(session))

    def station(self, station: PlayStation) -> StationReply:
        """A station as it stands now."""
        things, session = self._floor.things(station.id), self._floor.session_at(station.id)
        return StationReply(
            id=station.id,
            name=station.name,
            kind=station.kind,
            zone=station.zone,
            status=self._floor.status(station),
            session=self.session(session) if session else None,
            power_w=things.power_w,
            devices=things.health,
            agent=self._agent(station) if station.kind == "pc" else {},
            booked=self.booked(station.id),
        )

    def booked(self, station_id: str) -> NextBooking | None:
        """The booking that comes next at a station."""
        found = self._agenda.next_at(station_id, self._clock().wall_ms)
        if found is None:
            return None
        first = found.made
        wall = local(first.starts_ms, self._timezone())
        starts_at = play.rfc3339(first.starts_ms) or ""
        return NextBooking(
            id=found.booking_id,
            name=first.name,
            date=wall.date().isoformat(),
            at=f"{wall:%H:%M}",
            starts_at=starts_at,
            starts_ms=first.starts_ms,
            ends_ms=first.ends_ms,
        )

    def _agent(self, station: PlayStation) -> dict[str, Any]:
        things, stands = self._floor.things(station.id), self._floor.stands(station.id)
        told = stands.stands if stands else None
        return {
            "online": things.agent_online,
            "heard_ms": things.heard_ms,
            "cpu": things.cpu,
            "ram": things.ram,
            "version": told.agent if told else "",
            "os": told.os if told else "",
            "specs": msgspec.json.decode(told.specs) if told else {},
        }

    def stations(self) -> tuple[StationReply, ...]:
        """All stations in the owner's order."""
        return tuple(self.station(each) for each in self._floor.config.stations)

    def station_status(self, station_id: str) -> play.StationStatusNews | None:
        """The news that a station stands so; None for one that is not configured."""
        station = self._floor.station(station_id)
        return play.StationStatusNews(station_id, self._floor.status(station)) if station else None

    def news(self, event: play_events.PlayEvent, session: PlaySession) -> PlayNews | None:
        """What an event is told as; None for what is nobody's business."""
        session_id, told = session.session_id, self.session(session)
        match event:
            case play_events.PlayBegun():
                return play.SessionStartedNews(session_id, told)
            case play_events.TimeAdded(entitlement=entitlement):
                return play.SessionExtendedNews(session_id, entitlement.seconds, told)
            case play_events.PlayExpired():
                return play.SessionExpiredNews(session_id, told)
            case play_events.PlayStopped():
                return play.SessionStoppedNews(session_id, told)
            case play_events.PlayPaused() | play_events.PlayResumed() | play_events.PlayMoved():
                return play.SessionChangedNews(session_id, told)
            case play_events.PlayOrdered(entitlement=offer) if offer.method == "CARD":
                return play.SessionChangedNews(session_id, told)
            case play_events.PlayAbandoned() | play_events.TimeOffered():
                return play.SessionChangedNews(session_id, told)
            case play_events.TimeReckoned():
                return play.SessionChangedNews(session_id, told)
            case _:
                return None
