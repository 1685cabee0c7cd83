"""What a gaming PC does, as one table: seed 003 §1–5, §9 and §10 seen from the PC.

It boots `locked`. A lease from the box makes it `playing`, a pause `paused`; when time is up, by the box's
word or by its own count, it is `saving` for half a minute and then logs off. `maintenance` belongs to the
staff and touches nothing. An event that the table does not know in a state changes nothing.

The connection is no part of the table: whether the box is there decides nothing here. The agent asks for
the state of things whenever it connects (`sync_request`) and whenever a lease cannot be believed.

Sans-IO: messages and time in, commands out. Counterpart: `runner.py` carries them out.
"""

from edge.agent.commands import (
    Beat,
    Command,
    Kept,
    Lock,
    LogOff,
    Remember,
    Send,
    Show,
    State,
    Unlock,
    View,
)
from edge.agent.countdown import Countdown, begun, renewed, warned
from protocol import station
from protocol.station import Lease, LeaseRejected, SignedLease

TABLE: dict[State, dict[str, State]] = {
    "locked": {
        "leased": "playing",
        "held": "paused",
        "service": "maintenance",
    },
    "playing": {
        "leased": "playing",
        "held": "paused",
        "ran_out": "saving",
        "expired": "saving",
        "stopped": "locked",
        "no_session": "locked",
        "service": "maintenance",
    },
    "paused": {
        "leased": "playing",
        "held": "paused",
        "expired": "saving",
        "stopped": "locked",
        "no_session": "locked",
        "service": "maintenance",
    },
    "saving": {
        "leased": "playing",
        "held": "paused",
        "stopped": "locked",
        "saved": "locked",
        "service": "maintenance",
    },
    "maintenance": {"back": "locked"},
}

#: Seconds between two assertions that a locked PC is locked: a guest may know how to open it.
RELOCK_S = 5.0
#: Seconds of play that a PC without power may forget.
CHECKPOINT_S = 10.0
#: Nobody waits for less: adding it to the present always moves the present.
SHORTEST_WAIT_S = 0.001
#: Seconds a passing message stays.
PASSING_S = 8.0

_OfSession = station.SessionStart | station.SessionExtend | station.SessionStop | station.SessionExpired


class Machine:
    """One station's agent. Every method takes the present and returns what to do, in order."""

    def __init__(self, station_id: str, key: bytes, hello: station.AgentHello) -> None:
        self.state: State = "locked"
        self.online = False
        self._station_id = station_id
        self._key = key
        self._hello = hello
        self._newest = (0, 0)
        self._countdown: Countdown | None = None
        self._signed: SignedLease | None = None
        self._last_session: str | None = None
        self._message = ""
        self._message_until_s: float | None = None
        self._expiry_unacknowledged: str | None = None
        self._due_s: dict[str, float] = {}

    # ── from the world ──────────────────────────────────────────────────────────────────────────
    def boot(self, kept: Kept, now_s: float, wall_ms: int) -> list[Command]:
        """Locked, whatever was; then on with a lease that was running, by its own policy."""
        self._newest = (kept.epoch, kept.seq)
        commands: list[Command] = [Lock()]
        self._due_s["relock"] = now_s + RELOCK_S
        if kept.lease is None:
            return commands
        try:
            lease = station.open_lease(kept.lease, self._key, self._station_id)
        except LeaseRejected:
            return commands
        away_s = max(0.0, (wall_ms - kept.wall_ms) / 1000) if lease.off_policy == "charge" else 0.0
        left_s = kept.left_s if lease.paused else kept.left_s - away_s
        if left_s > 0:
            self._countdown, self._signed = begun(lease, now_s, left_s), kept.lease
            self._last_session = lease.session_id
            commands += self._go("held" if lease.paused else "leased", now_s, wall_ms)
        return commands

    def connected(self, now_s: float) -> list[Command]:
        """The box is there: say who we are and ask how things stand."""
        self.online = True
        self._due_s["beat"] = now_s + station.HEARTBEAT_S
        return [Send(self._hello), self._ask()]

    def disconnected(self) -> list[Command]:
        """The box is gone. Nothing changes for the guest."""
        self.online = False
        self._due_s.pop("beat", None)
        return []

    def heard(self, message: station.FromBox, now_s: float, wall_ms: int) -> list[Command]:
        """The box spoke."""
        match message:
            case station.SessionStart():
                return self._lease(message.lease, now_s, wall_ms, _ack(message), [self._ask()])
            case station.SessionExtend():
                return self._extended(message, now_s, wall_ms)
            case station.SyncResponse():
                return self._synced(message, now_s, wall_ms)
            case station.SessionExpired():
                return self._expired(message, now_s, wall_ms)
            case station.SessionStop():
                return [*self._end("stopped", message.session_id, now_s, wall_ms), *_ack(message)]
            case station.NoSession():
                self._last_session = None
                return self._end("no_session", None, now_s, wall_ms)
            case station.HeartbeatAck():
                return []

    def service(self, on: bool, now_s: float, wall_ms: int) -> list[Command]:
        """Staff took the PC out of service, or gives it back (seed 003 §9)."""
        commands = self._go("service" if on else "back", now_s, wall_ms)
        if not commands:
            return []
        status: station.Status = "MAINTENANCE" if on else "ONLINE"
        return [*commands, Send(station.StatusChange(status)), *([] if on else [self._ask()])]

    def tick(self, now_s: float, wall_ms: int) -> list[Command]:
        """Time has passed."""
        commands: list[Command] = []
        if self._message_until_s is not None and now_s >= self._message_until_s:
            commands += self._show("", now_s, passing=False)
        if self.state == "playing":
            commands += self._count(now_s, wall_ms)
        if self._take("save", now_s):
            commands += self._saved(now_s, wall_ms)
        if self._take("relock", now_s):
            self._due_s["relock"] = now_s + RELOCK_S
            commands.append(Lock())
        if self._take("beat", now_s):
            self._due_s["beat"] = now_s + station.HEARTBEAT_S
            commands.append(self._beat(now_s))
        if self._take("checkpoint", now_s):
            self._due_s["checkpoint"] = now_s + CHECKPOINT_S
            commands.append(self._remember(now_s, wall_ms))
        return commands

    # ── to the shells ───────────────────────────────────────────────────────────────────────────
    def wake_s(self, now_s: float) -> float | None:
        """Seconds until `tick` has something to do, None for never."""
        due = [at_s - now_s for at_s in self._due_s.values()]
        if self._message_until_s is not None:
            due.append(self._message_until_s - now_s)
        if self.state == "playing" and self._countdown is not None:
            next_s = self._countdown.next_s(now_s)
            due += [] if next_s is None else [next_s]
        return max(SHORTEST_WAIT_S, min(due)) if due else None

    def view(self, now_s: float) -> View:
        """What the overlay shows now."""
        known = self._countdown
        left_s = known.remaining_s(now_s) if known and self.state in ("playing", "paused") else None
        if self.state == "saving":
            left_s = max(0.0, self._due_s.get("save", now_s) - now_s)
        return View(self.state, left_s, self.state == "paused", self.online, self._message)

    # ── leases ──────────────────────────────────────────────────────────────────────────────────
    def _lease(
        self,
        signed: SignedLease | None,
        now_s: float,
        wall_ms: int,
        after: list[Command],
        doubt: list[Command],
    ) -> list[Command]:
        """Adopt a lease and do `after`; do `doubt` instead where it cannot be believed."""
        lease = self._opened(signed)
        if lease is None:
            return doubt
        known = self._countdown
        same = known is not None and known.lease.session_id == lease.session_id
        self._countdown = renewed(known, lease, now_s) if known and same else begun(lease, now_s)
        self._signed, self._last_session = signed, lease.session_id
        self._newest = (lease.epoch, lease.seq)
        self._expiry_unacknowledged = None
        return [*self._go("held" if lease.paused else "leased", now_s, wall_ms), *after]

    def _opened(self, signed: SignedLease | None) -> Lease | None:
        """The lease, if it is the box's word and not an old one."""
        if signed is None:
            return None
        try:
            lease = station.open_lease(signed, self._key, self._station_id)
        except LeaseRejected:
            return None
        return lease if (lease.epoch, lease.seq) >= self._newest else None

    def _extended(self, message: station.SessionExtend, now_s: float, wall_ms: int) -> list[Command]:
        """Seed 003 §2: acknowledge, count anew, say so."""
        if self._opened(message.lease) is None:
            return [self._ask()]
        commands = self._lease(message.lease, now_s, wall_ms, _ack(message), [])
        return [*commands, *self._show("Time added!", now_s)] if self.state == "playing" else commands

    def _synced(self, message: station.SyncResponse, now_s: float, wall_ms: int) -> list[Command]:
        match message.session.status:
            case "ACTIVE" | "PAUSED":
                return self._lease(message.lease, now_s, wall_ms, [], [])
            case "EXPIRED":
                return self._end("expired", message.session.id, now_s, wall_ms)
            case "STOPPED":
                return self._end("stopped", message.session.id, now_s, wall_ms)

    # ── ends ────────────────────────────────────────────────────────────────────────────────────
    def _expired(self, message: station.SessionExpired, now_s: float, wall_ms: int) -> list[Command]:
        """Seed 003 §3 acknowledges after the log-off; a repeat meanwhile changes nothing."""
        commands = self._end("expired", message.session_id, now_s, wall_ms)
        if self.state != "saving":
            return [*commands, *_ack(message)]
        self._expiry_unacknowledged = message.session_id
        return commands

    def _end(self, event: str, session_id: str | None, now_s: float, wall_ms: int) -> list[Command]:
        """End the session that runs here; the end of another one is none of ours."""
        known = self._countdown
        if known is not None and session_id not in (None, known.lease.session_id):
            return []
        return self._go(event, now_s, wall_ms)

    def _count(self, now_s: float, wall_ms: int) -> list[Command]:
        if self._countdown is None or self._countdown.remaining_s(now_s) <= 0:
            return self._go("ran_out", now_s, wall_ms)
        self._countdown, warning_s = warned(self._countdown, now_s)
        return [] if warning_s is None else self._show(_warning(warning_s), now_s)

    def _saved(self, now_s: float, wall_ms: int) -> list[Command]:
        session_id, self._expiry_unacknowledged = self._expiry_unacknowledged, None
        commands = self._go("saved", now_s, wall_ms)
        if session_id is not None:
            commands.append(Send(station.AgentAck("session_expired", session_id)))
        return commands

    # ── the table ───────────────────────────────────────────────────────────────────────────────
    def _go(self, event: str, now_s: float, wall_ms: int) -> list[Command]:
        """Look the event up; do what belongs to the way from the old state to the new."""
        old, new = self.state, TABLE[self.state].get(event)
        if new is None:
            return []
        self.state = new
        save_s = self._countdown.lease.save_s if self._countdown is not None else station.SAVE_S
        if new in ("locked", "saving", "maintenance"):
            self._countdown, self._signed = None, None
        self._set_timers(now_s, save_s)
        commands = self._entering(old, new, now_s)
        if event == "saved":
            commands = [LogOff(), *commands]
        return [*commands, self._remember(now_s, wall_ms)]

    def _entering(self, old: State, new: State, now_s: float) -> list[Command]:
        match new:
            case "playing":
                return [] if old == "playing" else [Unlock(), *self._show("", now_s, passing=False)]
            case "paused":
                return [Lock(), *self._show("Paused.", now_s, passing=False)]
            case "saving":
                return [Lock(), *self._show("Session ended.", now_s, passing=False)]
            case "locked":
                return [Lock(), *self._show("", now_s, passing=False)]
            case "maintenance":
                return [Unlock(), *self._show("Out of service.", now_s, passing=False)]

    def _set_timers(self, now_s: float, save_s: float) -> None:
        """Each state has its own; what another state left behind is void."""
        for name in ("save", "relock", "checkpoint"):
            self._due_s.pop(name, None)
        if self.state == "saving":
            self._due_s["save"] = now_s + save_s
        if self.state in ("locked", "paused", "saving"):
            self._due_s["relock"] = now_s + RELOCK_S
        if self.state == "playing":
            self._due_s["checkpoint"] = now_s + CHECKPOINT_S

    # ── small things ────────────────────────────────────────────────────────────────────────────
    def _take(self, name: str, now_s: float) -> bool:
        """Whether a timer is due; a due one is gone until it is set anew."""
        if self._due_s.get(name, now_s + 1) > now_s:
            return False
        del self._due_s[name]
        return True

    def _show(self, text: str, now_s: float, *, passing: bool = True) -> list[Command]:
        self._message = text
        self._message_until_s = now_s + PASSING_S if passing else None
        return [Show(text, passing)]

    def _remember(self, now_s: float, wall_ms: int) -> Remember:
        epoch, seq = self._newest
        left_s = self._countdown.remaining_s(now_s) if self._countdown is not None else 0.0
        return Remember(Kept(epoch, seq, self._signed, left_s, wall_ms))

    def _beat(self, now_s: float) -> Beat:
        known = self._countdown
        if known is None:
            return Beat(None, None)
        return Beat(known.lease.session_id, round(known.remaining_s(now_s)))

    def _ask(self) -> Send:
        return Send(station.SyncRequest(self._last_session))


def _ack(message: _OfSession) -> list[Command]:
    return [Send(station.AgentAck(str(message.__struct_config__.tag), message.session_id))]


def _warning(left_s: int) -> str:
    minutes, seconds = divmod(left_s, 60)
    left = f"{left_s} seconds" if seconds else f"{minutes} minutes" if minutes > 1 else "1 minute"
    return f"{left} left. Save your game."
