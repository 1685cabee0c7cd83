"""How long the box waits for the cloud before it takes a link for dead, whatever TCP believes.

Two kinds of silence are told apart: nothing comes at all, and pongs come but no acknowledgement of what was
sent, because a frame got lost on the way or the other side is stuck. Either way the next connection starts
from the cloud's durable place. Counterpart: `cloud/ingest/socket.py` watches boxes.
"""

#: Longest time that opening the connection may take, and giving one frame to the network.
CONNECT_WITHIN_S = 10.0
SENT_WITHIN_S = 15.0
#: Longest time without any frame.
SILENCE_S = 15.0
#: Longest time without an acknowledgement while one is due.
ACKED_WITHIN_S = 60.0


class Patience:
    """Times are of any clock that only goes forward, in seconds."""

    def __init__(self, now_s: float) -> None:
        self._heard_s = now_s
        self._acked_s = now_s

    def heard(self, now_s: float) -> None:
        """A frame came."""
        self._heard_s = now_s

    def acknowledged(self, now_s: float) -> None:
        """Facts were acknowledged."""
        self._acked_s = now_s

    def complaint(self, now_s: float, *, owed: bool) -> str | None:
        """Why it is over, in words; None while it is not. `owed` says whether an acknowledgement is due."""
        if not owed:
            self._acked_s = now_s
        if now_s - self._heard_s > SILENCE_S:
            return f"the cloud has been silent for {SILENCE_S:.0f} s"
        if now_s - self._acked_s > ACKED_WITHIN_S:
            return f"the cloud has acknowledged nothing for {ACKED_WITHIN_S:.0f} s"
        return None
