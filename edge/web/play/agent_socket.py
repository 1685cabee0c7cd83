"""`/ws/agent/{station_id}`: the box's end of the talk with a gaming PC (seed 003 §1–5, §9, §10).

What a PC is told follows from committed facts. Every word about time carries a lease: signed with a key only
this station's agent has, and numbered with the journal's tail, so an old one is worth nothing. The agent
counts it down alone when the box is gone; whatever was missed is asked for with `sync_request`.

Counterpart: `edge/agent/machine.py`.
"""

from collections.abc import Callable

import msgspec
from aiohttp import WSMsgType, web

from edge.core.clock import Now
from edge.core.commands import Command
from edge.core.play.commands import DescribeStation, SetMaintenance
from edge.journal.floor import Floor
from edge.journal.writer import Outcome, Writer
from edge.web.guests.phones import Phone
from edge.web.guests.table_socket import MOST_BAD, MOST_FRAME_BYTES, POLICY_VIOLATION, SUB_PROTOCOL
from edge.web.tokens import Tokens
from protocol import station
from protocol.errors import Refusal, Refused, refuse
from protocol.facts import play_events
from protocol.facts.play import NS, PlaySession
from protocol.play import rfc3339, station_session
from protocol.station import FromAgent, FromBox, Lease, SignedLease
from protocol.table import error_message

_MOST_SPECS = 4096


class _Agent:
    """One PC that is connected."""

    def __init__(self, screen: Phone, station_id: str, key: bytes) -> None:
        self.screen = screen
        self.station_id = station_id
        self.key = key


class AgentSocket:
    """The handler, and all agents that are connected. `epoch` is the box's."""

    def __init__(
        self, writer: Writer, floor: Floor, tokens: Tokens, clock: Callable[[], Now], epoch: int
    ) -> None:
        self._writer = writer
        self._floor = floor
        self._tokens = tokens
        self._clock = clock
        self._epoch = epoch
        self._agents: dict[str, _Agent] = {}
        self._seats: dict[str, str] = {each.session_id: each.station_id for each in floor.live()}
        floor.listen(plays=self._follow)

    def __len__(self) -> int:
        return len(self._agents)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Upgrade and talk until the PC goes away. An unknown station is 404, a wrong token 401."""
        station_id = request.match_info["station_id"]
        own_id, token = self._tokens.agent(request)
        if self._floor.station(station_id) is None:
            raise Refused(refuse("unknown_station"))
        if own_id != station_id:
            raise Refused(refuse("token_invalid", "This token belongs to another station."))
        socket = web.WebSocketResponse(
            protocols=(SUB_PROTOCOL,), heartbeat=20.0, max_msg_size=MOST_FRAME_BYTES, compress=False
        )
        await socket.prepare(request)
        if request.transport is None:
            return socket
        screen = Phone(request.transport, "", station_id)
        agent = _Agent(screen, station_id, station.lease_key(token))
        self._agents[station_id] = agent
        self._floor.note(station_id, agent_online=True, heard_ms=self._clock().wall_ms)
        try:
            await self._read(socket, agent)
        finally:
            if self._agents.get(station_id) is agent:  # a newer connection has taken its place otherwise
                del self._agents[station_id]
                self._floor.note(station_id, agent_online=False)
        return socket

    async def _read(self, socket: web.WebSocketResponse, agent: _Agent) -> None:
        bad = 0
        async for frame in socket:
            if frame.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
                return
            try:
                self._hear(station.from_agent(frame.data), agent)
            except Refused as error:
                agent.screen.tell(error_message(error.refusal, None))
                bad += 1
                if bad >= MOST_BAD:
                    await socket.close(code=POLICY_VIOLATION, message=b"too many bad messages")
                    return

    # ── what a PC says ───────────────────────────────────────────────────────────────────────────

    def _hear(self, message: FromAgent, agent: _Agent) -> None:
        heard_ms = self._clock().wall_ms
        match message:
            case station.AgentHello():
                self._described(message, agent)
            case station.Heartbeat():
                self._floor.note(
                    agent.station_id,
                    heard_ms=heard_ms,
                    cpu=message.cpu,
                    ram=message.ram,
                    agent_remaining_s=message.remaining_seconds,
                )
                agent.screen.tell(station.HeartbeatAck())
            case station.StatusChange():
                by = f"agent:{agent.station_id}"
                on = message.status == "MAINTENANCE"
                self._submit(SetMaintenance(agent.station_id, on, by), agent)
            case station.SyncRequest():
                agent.screen.tell(self._synced(message, agent))
            case station.AgentAck():
                self._floor.note(agent.station_id, heard_ms=heard_ms)

    def _described(self, hello: station.AgentHello, agent: _Agent) -> None:
        specs = msgspec.json.encode(hello.specs, order="sorted").decode()
        if len(specs) > _MOST_SPECS or len(hello.version) > 64 or len(hello.os) > 200:
            raise Refused(refuse("invalid", "An agent's hello is shorter."))
        self._submit(DescribeStation(agent.station_id, hello.version, hello.os, specs), agent)

    def _submit(self, command: Command, agent: _Agent) -> None:
        def settle(outcome: Outcome) -> None:
            if isinstance(outcome, Refusal):
                agent.screen.tell(error_message(outcome, None))

        self._writer.submit(command, settle)

    def _synced(self, request: station.SyncRequest, agent: _Agent) -> FromBox:
        """Seed 003 §10: still active, expired meanwhile, or nothing."""
        session = self._floor.session_at(agent.station_id)
        if session is not None and session.status in ("ACTIVE", "PAUSED"):
            return self._sync(session, agent)
        last = self._floor.session(request.last_known_session) if request.last_known_session else None
        if last is not None and last.status == "EXPIRED" and last.station_id == agent.station_id:
            return station.SessionExpired(last.session_id)
        return station.NoSession()

    # ── what a PC is told ────────────────────────────────────────────────────────────────────────

    def _follow(self, event: play_events.PlayEvent, session: PlaySession) -> None:
        """Tell the PC of a session, and the one it left, what an event means for them."""
        session_id = session.session_id
        left = self._seats.get(session_id)
        if session.live:
            self._seats[session_id] = session.station_id
        else:
            self._seats.pop(session_id, None)
        if left is not None and left != session.station_id and left in self._agents:
            self._agents[left].screen.tell(station.SessionStop(session_id))
        agent = self._agents.get(session.station_id)
        message = self._message(event, session, agent) if agent else None
        if agent is not None and message is not None:
            agent.screen.tell(message)

    def _message(self, event: play_events.PlayEvent, session: PlaySession, agent: _Agent) -> FromBox | None:
        session_id = session.session_id
        match event:
            case play_events.PlayBegun():
                return self._start(session, agent)
            case play_events.PlayMoved() if session.status == "ACTIVE":
                return self._start(session, agent)
            case play_events.TimeAdded(entitlement=added):
                return station.SessionExtend(session_id, added.seconds, self._lease(session, agent))
            case play_events.PlayExpired():
                return station.SessionExpired(session_id)
            case play_events.PlayStopped():
                return station.SessionStop(session_id)
            case play_events.PlayPaused() | play_events.PlayResumed() | play_events.PlayMoved():
                return self._sync(session, agent)
            case play_events.TimeReckoned():
                return self._sync(session, agent)
            case _:
                return None

    def _start(self, session: PlaySession, agent: _Agent) -> station.SessionStart:
        now = self._clock()
        minutes = session.left_ns(now.boot, now.mono_ns) / (60 * NS)
        return station.SessionStart(session.session_id, round(minutes, 3), self._lease(session, agent))

    def _sync(self, session: PlaySession, agent: _Agent) -> station.SyncResponse:
        now = self._clock()
        told = station_session(session, now.boot, now.mono_ns)
        server_time = rfc3339(now.wall_ms) or ""
        return station.SyncResponse(told, server_time, self._lease(session, agent))

    def _lease(self, session: PlaySession, agent: _Agent) -> SignedLease:
        now, config = self._clock(), self._floor.config
        lease = Lease(
            station_id=agent.station_id,
            session_id=session.session_id,
            epoch=self._epoch,
            seq=self._writer.durable_seq,
            remaining_s=session.left_ns(now.boot, now.mono_ns) / NS,
            paused=session.status == "PAUSED",
            off_policy=session.ordered.off_policy,
            warn_at_s=config.warn_at_s,
        )
        return station.sign_lease(lease, agent.key)
