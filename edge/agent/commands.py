"""What the machine asks of the shells around it, and what they show.

The machine never acts; it returns these, in order, and `runner.py` is the one place that carries them
out.
"""

from typing import Literal

import msgspec

from protocol import station

State = Literal["locked", "playing", "paused", "saving", "maintenance"]


class Send(msgspec.Struct, frozen=True):
    """Say this to the box; lost if it is not there."""

    message: station.FromAgent


class Beat(msgspec.Struct, frozen=True):
    """Send a heartbeat; the shell adds how busy the machine is."""

    active_session: str | None
    remaining_seconds: int | None


class Lock(msgspec.Struct, frozen=True):
    """Nobody can use this PC. Harmless when it is locked already."""


class Unlock(msgspec.Struct, frozen=True):
    """It can be used."""


class LogOff(msgspec.Struct, frozen=True):
    """End the guest's session with everything in it."""


class Show(msgspec.Struct, frozen=True):
    """A message on the overlay; a `passing` one goes away by itself."""

    text: str
    passing: bool = False


class Remember(msgspec.Struct, frozen=True):
    """Write down what a restart of the PC must not lose."""

    kept: "Kept"


class Kept(msgspec.Struct, frozen=True):
    """What is on the PC's disk: the newest lease, how much of it is left, and since when (Unix ms).

    (`epoch`, `seq`) stays when the lease is gone, so that an old one cannot come back.
    """

    epoch: int = 0
    seq: int = 0
    lease: station.SignedLease | None = None
    left_s: float = 0.0
    wall_ms: int = 0


class View(msgspec.Struct, frozen=True):
    """What the overlay shows. `remaining_s` is of play, or until the log-off; None: no time is counted."""

    state: State
    remaining_s: float | None
    paused: bool
    online: bool
    message: str


Command = Send | Beat | Lock | Unlock | LogOff | Show | Remember
