"""Which readings a telling carries: what changed soon, everything now and then, never more than fits.

Rule of the file: pure, and forgetful on purpose. A telling that is left out because facts need the line
loses nothing, for the next one carries what is newest by then.

Counterparts: `protocol/telemetry.py` is what travels, `edge/effects/gauges.py` reads the things,
`cloud/store/link/telemetry.py` keeps the latest.
"""

import msgspec

from protocol.telemetry import MOST_BYTES, MOST_READINGS, Reading, pack

#: Figures that moved wait so long for each other; a thing that is otherwise than it was is told at once.
MOVED_EVERY_S = 15.0
#: Everything is told so often, which makes an age of each reading and forgets things that have gone.
ALL_EVERY_S = 60.0


class Telling(msgspec.Struct, frozen=True):
    """Packed readings; `whole` when they are all that there is."""

    readings: bytes = b""
    whole: bool = False


class Lane:
    """One connection's memory of what it has told. Seconds are of any clock that only goes forward."""

    def __init__(self) -> None:
        self._told: dict[str, tuple[float, Reading]] = {}
        self._all_s: float | None = None

    def take(self, readings: tuple[Reading, ...], now_s: float) -> Telling:
        """What to tell now of the things as they are."""
        everything = self._all_s is None or now_s - self._all_s >= ALL_EVERY_S
        due = [each for each in readings if everything or self._due(each, now_s)]
        due.sort(key=self._told_s)
        chosen, packed = _fitting(due)
        if everything:
            self._all_s = now_s
            present = {each.thing for each in readings}
            self._told = {thing: told for thing, told in self._told.items() if thing in present}
        self._told.update((each.thing, (now_s, each)) for each in chosen)
        return Telling(packed if chosen or everything else b"", everything and len(chosen) == len(readings))

    def _told_s(self, reading: Reading) -> float:
        """Those that were told longest ago come first, so that each gets its turn."""
        told = self._told.get(reading.thing)
        return told[0] if told else float("-inf")

    def _due(self, reading: Reading, now_s: float) -> bool:
        told = self._told.get(reading.thing)
        if told is None:
            return True
        at_s, before = told
        if (reading.state, reading.words) != (before.state, before.words):
            return True
        quiet_s = now_s - at_s
        return quiet_s >= ALL_EVERY_S or (quiet_s >= MOVED_EVERY_S and reading.figures != before.figures)


def _fitting(due: list[Reading]) -> tuple[tuple[Reading, ...], bytes]:
    """As many of the first as may travel together."""
    chosen = tuple(due[:MOST_READINGS])
    while len(packed := pack(chosen)) > MOST_BYTES:
        chosen = chosen[: len(chosen) // 2]
    return chosen, packed
