"""The gaming floor: live play sessions by station, and how each station's things are at this moment.

Sessions come from committed facts only: read once from the folded tables (the partial index
`live_play_sessions`), then kept by the batches that the writer commits. What agents, plugs and routers report
is told to it by whoever hears them; that is telemetry, held in memory and never written.

Counterparts: `edge/effects/play/timers.py` ends sessions on time, `edge/effects/devices/premises.py` switches
plugs and gates, `edge/web/play/agent_socket.py` talks to PCs; all of them listen here.
"""

import sqlite3
from collections.abc import Callable
from typing import Any

import msgspec

from edge.core.clock import Now
from edge.core.play import session as play
from edge.journal.hot import Hot
from edge.journal.writer import Committed
from protocol.facts.payment import UNDER_WAY, Payment
from protocol.facts.play import PlaySession
from protocol.facts.play_config import PlayConfig, PlayStation
from protocol.facts.play_events import PlayEvent
from protocol.facts.station import Station, aggregate_of
from protocol.facts.venue import Venue
from protocol.play import StationStatus

_LIVE = "SELECT session_id FROM play_sessions WHERE status IN ('AWAITING', 'ACTIVE', 'PAUSED')"
_ENDED = "SELECT session_id FROM play_sessions WHERE ended_ms IS NOT NULL ORDER BY ended_ms DESC LIMIT ?"
_PAID_FOR = "SELECT session_id FROM play_entitlements WHERE id = ?"
#: Ended sessions told beside the live ones.
MOST_ENDED = 50

#: Gets an event of a play session and the session right after it.
PlayListener = Callable[[PlayEvent, PlaySession], None]
#: Gets the id of a station whose status may be another now.
StationListener = Callable[[str], None]


class Things(msgspec.Struct):
    """What a station's agent and devices said last. `health` is by device: well, shaky, lost, alarmed.

    Its plug was measured at `measured_s` of the boot's clock.
    """

    agent_online: bool = False
    heard_ms: int | None = None
    cpu: float | None = None
    ram: float | None = None
    agent_remaining_s: int | None = None
    power_w: float | None = None
    energy_wh: float | None = None
    measured_s: float | None = None
    health: dict[str, str] = {}


class Floor:
    """Make it before the writer runs and hand `follow` to `Writer.listen`, so that no batch is missed."""

    def __init__(self, reader: sqlite3.Connection, hot: Hot) -> None:
        self._reader = reader
        self._hot = hot
        self._live: dict[str, PlaySession] = {}
        self._by_id: tuple[PlayConfig | None, dict[str, PlayStation]] = (None, {})
        self._things: dict[str, Things] = {}
        self._plays: list[PlayListener] = []
        self._stations: list[StationListener] = []
        for (session_id,) in reader.execute(_LIVE).fetchall():
            session = hot.committed(f"play:{session_id}")
            if isinstance(session, PlaySession):
                self._live[session_id] = session

    # ── what is ──────────────────────────────────────────────────────────────────────────────────

    @property
    def config(self) -> PlayConfig:
        """Stations and rules in force."""
        venue = self._hot.committed_venue()
        return venue.config.play if venue else PlayConfig()

    def station(self, station_id: str) -> PlayStation | None:
        """The station of that id. Looked up, for it is asked at every step of every device."""
        config = self.config
        if self._by_id[0] is not config:
            self._by_id = config, {each.id: each for each in config.stations}
        return self._by_id[1].get(station_id)

    def live(self) -> list[PlaySession]:
        """Sessions that hold a station."""
        return list(self._live.values())

    def session(self, session_id: str) -> PlaySession | None:
        """A session, live or ended."""
        state = self._hot.committed(f"play:{session_id}")
        return state if isinstance(state, PlaySession) else None

    def session_at(self, station_id: str) -> PlaySession | None:
        """Who holds a station."""
        state = self._hot.committed(aggregate_of(station_id))
        session_id = state.stands.session_id if isinstance(state, Station) else None
        return self._live.get(session_id) if session_id else None

    def ended(self, most: int = MOST_ENDED) -> list[PlaySession]:
        """Sessions that ended last, newest first."""
        found = (self.session(row[0]) for row in self._reader.execute(_ENDED, (most,)).fetchall())
        return [session for session in found if session is not None]

    def due_minor(self, session: PlaySession, now: Now) -> int:
        """What a session that runs would cost if it were ended now; nothing where it was paid ahead."""
        return play.due_minor(self._hot, session, now)

    def waits_for(self, session: PlaySession) -> str | None:
        """The card payment that a session's beginning, or its last offer of more time, waits for."""
        for offer in reversed(session.offered) if session.live else ():
            payment = self._hot.committed(f"payment:{offer}")
            if isinstance(payment, Payment) and payment.status in UNDER_WAY:
                return offer
        return None

    def paid_for(self, payment_id: str) -> str | None:
        """The session that a payment is for."""
        row = self._reader.execute(_PAID_FOR, (payment_id,)).fetchone()
        return str(row[0]) if row else None

    def stands(self, station_id: str) -> Station | None:
        """What is on disk of a station."""
        state = self._hot.committed(aggregate_of(station_id))
        return state if isinstance(state, Station) else None

    def things(self, station_id: str) -> Things:
        """How a station's things are."""
        return self._things.setdefault(station_id, Things())

    def status(self, station: PlayStation) -> StationStatus:
        """The one word for a station. A PC is there while its agent is, a console while devices answer."""
        stands = self.stands(station.id)
        if stands is not None and stands.stands.maintenance:
            return "MAINTENANCE"
        if stands is not None and stands.stands.session_id is not None:
            return "IN_USE"
        things = self.things(station.id)
        if station.kind == "pc":
            return "ONLINE" if things.agent_online else "OFFLINE"
        return "OFFLINE" if {"lost", "alarmed"} & set(things.health.values()) else "ONLINE"

    # ── what changes ─────────────────────────────────────────────────────────────────────────────

    def listen(
        self, plays: PlayListener | None = None, stations: StationListener | None = None
    ) -> Callable[[], None]:
        """Tell of every change from now on; call what is returned to end it."""
        if plays is not None:
            self._plays.append(plays)
        if stations is not None:
            self._stations.append(stations)

        def end() -> None:
            if plays is not None:
                self._plays.remove(plays)
            if stations is not None:
                self._stations.remove(stations)

        return end

    def note(self, station_id: str, **changes: Any) -> None:
        """Something was heard of a station's things."""
        things = self.things(station_id)
        before = things.agent_online, dict(things.health)
        for name, value in changes.items():
            setattr(things, name, value)
        if before != (things.agent_online, things.health):
            self._tell_stations([station_id])

    def follow(self, batch: list[Committed]) -> None:
        """Take in what was committed; first all of it, then the news, so that nobody sees half a batch."""
        plays = [each for each in batch if isinstance(each.state, PlaySession)]
        for each in plays:
            session: Any = each.state
            if session.live:
                self._live[session.session_id] = session
            else:
                self._live.pop(session.session_id, None)
        for each in plays:
            event: Any = each.fact.event
            state: Any = each.state
            for listener in tuple(self._plays):
                listener(event, state)
        self._tell_stations(_touched(batch))

    def _tell_stations(self, station_ids: list[str]) -> None:
        for station_id in station_ids:
            for listener in tuple(self._stations):
                listener(station_id)


def _touched(batch: list[Committed]) -> list[str]:
    """Stations of which a batch says something; all that a new configuration names."""
    touched: dict[str, None] = {}
    for each in batch:
        if isinstance(each.state, Station):
            touched[each.state.station_id] = None
        elif isinstance(each.state, Venue):
            touched.update((station.id, None) for station in each.state.config.play.stations)
    return list(touched)
