"""What a gaming PC's agent and the box say to each other, and the lease the agent counts down from.

Names are those of seed 003 §1–5, §9, §10 and of contract.md, to the letter; fields beside them are
additions that an older peer may leave out. A `Lease` is the box's signed word on how long a station may
go on: with the box gone the agent counts it down alone. It carries seconds left, never an hour of the
day, because neither clock can be trusted to agree; the agent pins it to its own monotonic clock.

Rule of the file: shapes and signatures only. Counterpart: `edge/agent/machine.py` decides what the agent
does with them.
"""

import hashlib
import hmac
from typing import Any, Literal

import msgspec

from protocol import codec

Status = Literal["ONLINE", "OFFLINE", "MAINTENANCE"]
SessionStatus = Literal["ACTIVE", "EXPIRED", "STOPPED", "PAUSED"]
#: What happens to paid time while a PC is switched off: core.md §5.
OffPolicy = Literal["pause", "charge"]

#: Seconds between heartbeats (seed 003 §5).
HEARTBEAT_S = 30
#: Seconds left at which a player is warned (devices.md, 'Rules').
WARN_AT_S = (600, 120)
#: Seconds between 'Session ended' and the log-off (seed 003 §3).
SAVE_S = 30


class LeaseRejected(Exception):
    """Not to be obeyed. `code` is `bad_signature`, `malformed`, `other_station` or `outdated`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Lease(msgspec.Struct, frozen=True):
    """`remaining_s` seconds of play for one session on one station, counted from the moment of receipt.

    (`epoch`, `seq`) is the box's epoch and the journal position the lease rests on. It never falls, so a
    recorded lease cannot be played again and a replaced box cannot speak up later (sync.md, 'Rewinds').
    """

    station_id: str
    session_id: str
    epoch: int
    seq: int
    remaining_s: float
    paused: bool = False
    off_policy: OffPolicy = "pause"
    warn_at_s: tuple[int, ...] = WARN_AT_S
    save_s: int = SAVE_S


class SignedLease(msgspec.Struct, frozen=True):
    """`text` is the JSON of a `Lease` byte for byte as signed, `mac` HMAC-SHA256 over it in lowercase hex."""

    text: str
    mac: str


class StationSession(msgspec.Struct, frozen=True, omit_defaults=True):
    """A play session as its station sees it. Times are RFC 3339 in UTC."""

    id: str
    station_id: str
    status: SessionStatus
    remaining_seconds: int
    scheduled_end_at: str | None = None
    extended_minutes: int = 0
    version: int = 0


# ── agent to box ────────────────────────────────────────────────────────────────────────────────
class AgentHello(msgspec.Struct, frozen=True, tag="agent_hello"):
    """First words after connecting: the agent's version, the operating system, the machine's parts."""

    version: str
    os: str
    specs: dict[str, Any] = {}


class Heartbeat(msgspec.Struct, frozen=True, tag="heartbeat"):
    """Every `HEARTBEAT_S`. `cpu` and `ram` are per cent in use."""

    cpu: float
    ram: float
    active_session: str | None = None
    remaining_seconds: int | None = None


class AgentAck(msgspec.Struct, frozen=True, tag="ack", omit_defaults=True):
    """The message of type `of` has been carried out."""

    of: str
    session_id: str | None = None


class StatusChange(msgspec.Struct, frozen=True, tag="status_change"):
    """Staff at the PC took it out of service, or gave it back (seed 003 §9)."""

    status: Status


class SyncRequest(msgspec.Struct, frozen=True, tag="sync_request"):
    """After a lost connection: what the agent believes is running (seed 003 §10)."""

    last_known_session: str | None = None


# ── box to agent ────────────────────────────────────────────────────────────────────────────────
class SessionStart(msgspec.Struct, frozen=True, tag="session_start", omit_defaults=True):
    """Play begins. `duration` is minutes, the number given at the counter; the lease says it in seconds."""

    session_id: str
    duration: float
    lease: SignedLease | None = None


class SessionExtend(msgspec.Struct, frozen=True, tag="session_extend", omit_defaults=True):
    """More time was paid for. The lease holds the new total, so a repeat adds nothing twice."""

    session_id: str
    additional_seconds: int
    lease: SignedLease | None = None


class SessionExpired(msgspec.Struct, frozen=True, tag="session_expired"):
    """The time is used up: lock, say so, wait `SAVE_S`, log off (seed 003 §3)."""

    session_id: str
    action: Literal["logoff"] = "logoff"


class SessionStop(msgspec.Struct, frozen=True, tag="session_stop"):
    """Staff ended it early: lock, no log-off, overlay hidden (seed 003 §4)."""

    session_id: str
    action: Literal["lock"] = "lock"


class HeartbeatAck(msgspec.Struct, frozen=True, tag="heartbeat_ack"):
    """The box heard the heartbeat."""


class SyncResponse(msgspec.Struct, frozen=True, tag="sync_response", omit_defaults=True):
    """The session as the box has it. Also sent unasked when a session is paused or resumed."""

    session: StationSession
    server_time: str
    lease: SignedLease | None = None


class NoSession(msgspec.Struct, frozen=True, tag="no_session"):
    """Nothing runs on this station: clear what is remembered."""


FromAgent = AgentHello | Heartbeat | AgentAck | StatusChange | SyncRequest
FromBox = (
    SessionStart | SessionExtend | SessionExpired | SessionStop | HeartbeatAck | SyncResponse | NoSession
)

_from_agent: msgspec.json.Decoder[FromAgent] = msgspec.json.Decoder(FromAgent)
_from_box: msgspec.json.Decoder[FromBox] = msgspec.json.Decoder(FromBox)
_lease: msgspec.json.Decoder[Lease] = msgspec.json.Decoder(Lease)


def from_agent(raw: bytes | str) -> FromAgent:
    """One message of an agent. Raises `protocol.errors.Refused`."""
    return codec.decode(_from_agent, raw)


def from_box(raw: bytes | str) -> FromBox:
    """One message of the box. Raises `protocol.errors.Refused`."""
    return codec.decode(_from_box, raw)


def lease_key(agent_token: str) -> bytes:
    """The key that box and agent share, drawn from the token the agent was enrolled with."""
    return hmac.digest(agent_token.encode(), b"holdfast lease 1", "sha256")


def sign_lease(lease: Lease, key: bytes) -> SignedLease:
    """Seal a lease for its station."""
    text = codec.encode(lease).decode()
    return SignedLease(text, hmac.new(key, text.encode(), hashlib.sha256).hexdigest())


def open_lease(signed: SignedLease, key: bytes, station_id: str) -> Lease:
    """The lease inside, or `LeaseRejected`. Order in time is the caller's to judge: it knows the last one."""
    expected = hmac.new(key, signed.text.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected.encode(), signed.mac.encode("utf-8", "surrogatepass")):
        raise LeaseRejected("bad_signature")
    try:
        lease = _lease.decode(signed.text)
    except msgspec.MsgspecError as error:
        raise LeaseRejected("malformed") from error
    if lease.station_id != station_id:
        raise LeaseRejected("other_station")
    return lease
