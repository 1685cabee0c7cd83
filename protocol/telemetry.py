"""What the things of a venue are like at the moment: latest readings, shown to the owner and then forgotten.

They travel beside the journal (`link.Status.readings`), coalesced: of each thing only the newest word, and
only where there is room for it. What gets lost is told again a little later, so nothing waits for a reading
and no reading is ever a fact. They are packed by themselves, so that one which a peer cannot read costs that
reading and not the link: a cloud that does not know the lane skips a field, a box that does not know it
leaves it out.

Counterparts: `edge/core/afar/lane.py` decides what is told when, `cloud/store/link/telemetry.py` keeps the
latest.
"""

import math

import msgspec

from protocol.codec import UNREADABLE

#: Readings in one telling, and their bytes: about fifty stations with all that hangs on them.
MOST_READINGS = 256
MOST_BYTES = 48 * 1024
LONGEST_NAME = 120
LONGEST_WORDS = 200
_MOST_FIGURES = 16
_MOST_MS = 10**12


class Reading(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing as it was `age_ms` ago, in `state` for `since_ms` or longer; durations, so no clocks meet.

    `kind` is box, plug, gate, agent, printer, kitchen or broker. `thing` names it within the venue
    (`plug:ps5-1`), `name` is for people. Of states, `well` is one, `shaky` wants a look soon, `alarmed` one
    now; `lost` does not answer; `away` may be absent, as a PC at night; of `unknown` nobody has heard yet.
    `figures` end in their units: `power_w`, `energy_wh`, `disk_free_bytes`, `temperature_c`.
    """

    thing: str
    kind: str
    name: str
    state: str
    age_ms: int = 0
    since_ms: int = 0
    figures: dict[str, float] = {}
    words: str = ""


_encode = msgspec.msgpack.Encoder().encode
_decoder = msgspec.msgpack.Decoder(list[msgspec.Raw])
_one = msgspec.msgpack.Decoder(Reading)


def pack(readings: tuple[Reading, ...]) -> bytes:
    """Readings as they travel."""
    return _encode(readings)


def unpack(packed: bytes) -> tuple[Reading, ...]:
    """Those that can be read; none where there is too much, or nothing that makes sense."""
    if not packed or len(packed) > MOST_BYTES:
        return ()
    try:
        raw = _decoder.decode(packed)[:MOST_READINGS]
    except UNREADABLE:
        return ()
    return tuple(reading for each in raw if (reading := _read(each)) is not None)


def _read(raw: msgspec.Raw) -> Reading | None:
    try:
        reading = _one.decode(raw)
    except UNREADABLE:
        return None
    return reading if _sound(reading) else None


def _sound(reading: Reading) -> bool:
    """Whether it can be kept and shown; kinds and states of a later release can."""
    names = (reading.thing, reading.kind, reading.name, reading.state, *reading.figures)
    return (
        all(0 < len(name) <= LONGEST_NAME and "\0" not in name for name in names)
        and len(reading.words) <= LONGEST_WORDS
        and "\0" not in reading.words
        and len(reading.figures) <= _MOST_FIGURES
        and all(map(math.isfinite, reading.figures.values()))
        and 0 <= reading.age_ms <= _MOST_MS
        and 0 <= reading.since_ms <= _MOST_MS
    )
