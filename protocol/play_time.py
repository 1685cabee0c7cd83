"""Play time as guests' phones hear it: what their table plays on, how long still, and what happened just now.

A play session belongs to a table when the staff said so (`session_pid` of `POST /api/v1/sessions/start`).
Counterparts: `play.py`, what staff screens hear; `station.py`, what a PC's agent hears.
"""

from typing import Annotated, Literal

import msgspec

Happened = Literal["started", "extended", "changed", "warning", "expired", "stopped"]


class PlayTime(msgspec.Struct, frozen=True):
    """One station that the table plays on. `remaining_seconds` counts; postpaid play has `due_minor` instead.

    `called` says that the staff was asked for more time and has not answered yet.
    """

    play_session_id: str
    station: str
    kind: Literal["pc", "console"]
    status: Literal["ACTIVE", "EXPIRED", "STOPPED", "PAUSED"]
    postpaid: bool
    remaining_seconds: int
    played_seconds: int
    due_minor: int
    currency: str
    called: bool


class PlayTimes(msgspec.Struct, frozen=True):
    """Answer to `GET /play_time`."""

    sessions: tuple[PlayTime, ...]


class CallRequest(msgspec.Struct, frozen=True):
    """`POST /play_time/call`: ask the staff for more time."""

    session_pid: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    play_session_id: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]


class PlayTimeMessage(msgspec.Struct, frozen=True, tag="play_time", tag_field="type"):
    """Everything that the table plays on, after something `happened` on the station named `station`.

    `seconds` are those that were added, or that are left at a warning; 0 otherwise.
    """

    happened: Happened
    station: str
    seconds: int
    sessions: tuple[PlayTime, ...]
