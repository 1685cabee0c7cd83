"""Reads everything that hangs on the box, and the box itself, for the telemetry lane.

Nothing is measured for it: plugs were read by whoever looks after them, agents have said how they are, the
printers' troubles are known to whoever prints. A reading says how old it is and since when its thing has been
so, in durations of the boot's own clock; of what was so already at the start nobody knows more than that.

Counterparts: `edge/core/afar/lane.py` decides what is told, `protocol/telemetry.py` says what a reading is.
"""

from collections.abc import Callable

from edge.core.clock import Now
from edge.effects.alarms import Alarms
from edge.effects.kitchen.printing import UNACKNOWLEDGED, printer_alarm
from edge.effects.kitchen.printing_plan import Condition
from edge.journal.board import KitchenBoard
from edge.journal.floor import Floor
from edge.journal.hot import Hot
from edge.journal.writer import Writer
from protocol.facts.play_config import PlayStation
from protocol.telemetry import LONGEST_NAME, LONGEST_WORDS, Reading

#: A disk that is fuller wants a look, or somebody at once (core.md §7).
_DISK_SHAKY_PERCENT, _DISK_ALARMED_PERCENT = 80.0, 95.0
#: A Raspberry Pi slows down from here on.
_HOT_C = 80.0


class Gauges:
    """Call it for the readings of this moment."""

    def __init__(
        self,
        *,
        clock: Callable[[], Now],
        machine: Callable[[], dict[str, float]],
        writer: Writer,
        hot: Hot,
        floor: Floor,
        board: KitchenBoard,
        alarms: Alarms,
        printers: Callable[[], list[Condition]],
        mqtt: Callable[[], str],
    ) -> None:
        self._clock = clock
        self._machine = machine
        self._writer = writer
        self._hot = hot
        self._floor = floor
        self._board = board
        self._alarms = alarms
        self._printers = printers
        self._mqtt = mqtt
        self._since: dict[str, tuple[str, int]] = {}

    def __call__(self) -> tuple[Reading, ...]:
        """All of them; the box first."""
        now = self._clock()
        readings = [self._box(now)]
        if (broker := self._mqtt()) != "off":
            state = "well" if broker == "ok" else "lost"
            readings.append(self._read(now, "broker", "broker", "MQTT broker", state, words=_said(broker)))
        readings += self._kitchen(now)
        readings += [self._printer(now, each) for each in self._printers()]
        for station in self._floor.config.stations:
            readings += self._station(now, station)
        present = {each.thing for each in readings}
        self._since = {thing: since for thing, since in self._since.items() if thing in present}
        return tuple(readings)

    def _read(
        self,
        now: Now,
        thing: str,
        kind: str,
        name: str,
        state: str,
        *,
        age_ms: float = 0,
        figures: dict[str, float] | None = None,
        words: str = "",
    ) -> Reading:
        """A reading that knows since when its thing has been so."""
        before, since_ns = self._since.get(thing, ("", now.mono_ns))
        if before != state:
            since_ns = now.mono_ns
            self._since[thing] = state, since_ns
        since_ms = (now.mono_ns - since_ns) // 1_000_000
        told = (name or thing)[:LONGEST_NAME]
        return Reading(thing, kind, told, state, max(0, int(age_ms)), since_ms, figures or {}, words)

    def _box(self, now: Now) -> Reading:
        figures = self._machine() | {
            "clock_trusted": float(now.clock_trusted),
            "alarms": float(len(self._alarms.current())),
        }
        state, words = _how_it_is(figures, self._writer.failure)
        return self._read(now, "box", "box", "The box", state, figures=figures, words=words)

    def _kitchen(self, now: Now) -> list[Reading]:
        """What each station of the kitchen has before it, and whether anybody there has seen it."""
        overdue = [
            each.detail.get("station") for each in self._alarms.current() if each.code == UNACKNOWLEDGED
        ]
        venue = self._hot.committed_venue()
        names = {each.id: each.name for each in venue.config.stations} if venue else {}
        readings = []
        for station in self._board.stations:
            tickets = self._board.tickets(station)
            fired = sum(each.state == "fired" for each in tickets)
            figures = {"open_tickets": float(len(tickets)), "unacknowledged": float(fired)}
            late = station in overdue
            words = "Nobody there acknowledges its tickets." if late else ""
            readings.append(
                self._read(
                    *(now, f"kitchen:{station}", "kitchen", names.get(station, station)),
                    "alarmed" if late else "well",
                    figures=figures,
                    words=words,
                )
            )
        return readings

    def _printer(self, now: Now, printer: Condition) -> Reading:
        """It is asked when there is something to print, so what it said last may be old."""
        alarm = next(
            (each for each in self._alarms.current() if each.key == printer_alarm(printer.name)), None
        )
        heard_s = printer.heard_s
        return self._read(
            *(now, f"printer:{printer.name}", "printer", printer.name),
            "alarmed" if printer.out else "unknown" if heard_s is None else "well",
            age_ms=0.0 if heard_s is None else now.mono_ns / 1e6 - heard_s * 1e3,
            figures={"waiting": float(printer.waiting)},
            words=_brief(alarm.message) if alarm else "" if heard_s is not None else "Not used yet.",
        )

    def _station(self, now: Now, station: PlayStation) -> list[Reading]:
        things, readings = self._floor.things(station.id), []
        for part, health in things.health.items():
            figures, age_ms = {}, 0.0
            if part == "plug" and things.measured_s is not None:
                measured = {"power_w": things.power_w, "energy_wh": things.energy_wh}
                figures = {name: value for name, value in measured.items() if value is not None}
                age_ms = now.mono_ns / 1e6 - things.measured_s * 1e3
            readings.append(
                self._read(
                    *(now, f"{part}:{station.id}", part, station.name, health),
                    age_ms=age_ms,
                    figures=figures,
                )
            )
        if station.kind == "pc":
            readings.append(self._agent(now, station))
        return readings

    def _agent(self, now: Now, station: PlayStation) -> Reading:
        """A PC without a guest may be switched off; one that somebody plays on may not be gone."""
        things = self._floor.things(station.id)
        if things.agent_online:
            told = {"cpu_percent": things.cpu, "ram_percent": things.ram}
            figures = {name: value for name, value in told.items() if value is not None}
            return self._read(now, f"agent:{station.id}", "agent", station.name, "well", figures=figures)
        missed = self._floor.session_at(station.id) is not None
        words = "Somebody plays on it and its agent is not heard." if missed else ""
        state = "lost" if missed else "away"
        return self._read(now, f"agent:{station.id}", "agent", station.name, state, words=words)


def _how_it_is(figures: dict[str, float], failure: str | None) -> tuple[str, str]:
    """The box's state, and the worst of what is amiss in words."""
    used = figures.get("disk_used_percent", 0.0)
    if failure is not None:
        return "alarmed", _brief(f"It cannot write: {failure}")
    if used >= _DISK_ALARMED_PERCENT:
        return "alarmed", "Its disk is full."
    if used >= _DISK_SHAKY_PERCENT:
        return "shaky", "Its disk is filling up."
    if figures.get("temperature_c", 0.0) >= _HOT_C:
        return "shaky", "It is too hot."
    if not figures["clock_trusted"]:
        return "shaky", "Nobody has told it the time."
    return "well", ""


def _said(broker: str) -> str:
    return "" if broker == "ok" else _brief(broker)


def _brief(words: str | None) -> str:
    return (words or "").replace("\0", "")[:LONGEST_WORDS]
