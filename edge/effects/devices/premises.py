"""Every plug and gate of the floor under its reconciler, for as long as the box runs.

What each should do is worked out anew at every look from committed sessions
(`edge/core/devices/enforced.py`), so nothing is lost in a crash. Every change of a session nudges its
station's devices. What devices do by themselves becomes news, and an alarm where somebody has to act; what
they measure becomes telemetry.

Rule of the file: no vendor's word. `Opened` makes switches and gates from addresses; the composition root
knows how.
"""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

from edge.core.clock import Now
from edge.core.devices import enforced
from edge.core.devices.bindings import Bindings, DeviceAddress, GateBinding, StationBinding
from edge.core.devices.desired import OFF, DeviceEvent, Standing, Wanted
from edge.core.devices.ports import NetworkGate, PlugReading, PowerSwitch
from edge.effects.alarms import Alarm, Alarms
from edge.effects.devices.enforcement import Enforcement, Network, Power, Reconciler, Target, Timekeeper
from edge.effects.devices.volley import Volley
from edge.journal.floor import Floor
from protocol.facts.play import NS, PlaySession
from protocol.facts.play_config import PlayStation
from protocol.facts.play_events import PlayBegun, PlayEvent, PlayMoved, PlayResumed, TimeAdded

MakePlug = Callable[[str, DeviceAddress], PowerSwitch]
MakeGate = Callable[[str, DeviceAddress], NetworkGate]
#: Gets a station's id, `plug` or `gate`, and what it did.
DeviceNews = Callable[[str, str, DeviceEvent], None]

#: What somebody at the counter did: a plug that tripped before may be tried again.
_ASKED_BY_PEOPLE = (PlayBegun, TimeAdded, PlayResumed, PlayMoved)
_ALARMS = {
    "unreachable": "does not answer",
    "enforcement_failed": "cannot be told what to do; somebody has to go there",
    "overpower": "has switched off because too much was drawn",
}


class Premises:
    """Made before the writer runs; `running` looks after all devices within its block."""

    def __init__(
        self,
        floor: Floor,
        alarms: Alarms,
        clock: Callable[[], Now],
        *,
        make_plug: MakePlug,
        make_gate: MakeGate,
        keeper: Timekeeper,
        chance: Callable[[], float],
    ) -> None:
        self._floor = floor
        self._alarms = alarms
        self._clock = clock
        self._make_plug = make_plug
        self._make_gate = make_gate
        self._keeper = keeper
        self._chance = chance
        self._bindings = Bindings()
        self._news: list[DeviceNews] = []
        self._ending_s: dict[str, float] = {}
        self._asked: Counter[str] = Counter()
        self._seats: dict[str, str] = {each.session_id: each.station_id for each in floor.live()}
        self._stacks: dict[str, AsyncExitStack] = {}
        self._gates: dict[str, tuple[NetworkGate, _Once]] = {}
        self._ends_s: dict[str, float] = {}
        for session in floor.live():  # what ended while the box was away has had its grace
            self._foresee(session)
        self._enforcement: Enforcement | None = None
        self._volley = Volley(keeper)
        self._one_at_a_time = asyncio.Lock()
        floor.listen(plays=self._follow, stations=self._nudge)

    def listen(self, news: DeviceNews) -> None:
        """Tell `news` of what devices do by themselves."""
        self._news.append(news)

    @property
    def bindings(self) -> Bindings:
        """What is looked after."""
        return self._bindings

    @contextlib.asynccontextmanager
    async def running(self, group: asyncio.TaskGroup, bindings: Bindings) -> AsyncIterator[None]:
        """Look after these devices while the block lasts; they stay as they are when it ends."""
        self._enforcement = Enforcement(group)
        volley = group.create_task(self._volley.run(), name="off commands")
        self._bindings = bindings
        try:
            for name, router in bindings.routers.items():
                await self._open_router(name, router)
            for station_id, binding in bindings.stations.items():
                await self.bind(station_id, binding)
            yield
        finally:
            volley.cancel()
            self._enforcement.close()
            for stack in self._stacks.values():
                await stack.aclose()
            self._stacks.clear()
            self._gates.clear()

    def fire_due(self) -> None:
        """Send every off command whose second has come, before anything else that this second asks for."""
        self._volley.fire_due()

    async def _open_router(self, name: str, address: DeviceAddress) -> None:
        stack = self._stacks[f"router/{name}"] = AsyncExitStack()
        gate = await stack.enter_async_context(self._make_gate(name, address))
        self._gates[name] = gate, _Once(gate.prepare)

    async def bind(self, station_id: str, binding: StationBinding) -> None:
        """Let a station be enforced by these devices, in place of those it had."""
        await self._unbind(station_id)
        self._bindings = self._bindings.bound(station_id, binding)
        stack = self._stacks[station_id] = AsyncExitStack()
        if binding.plug is not None:
            plug = await stack.enter_async_context(self._make_plug(station_id, binding.plug))
            self._take_on(station_id, "plug", self._power(station_id, plug))
        if binding.gate is not None and binding.gate.router in self._gates:
            self._take_on(station_id, "gate", self._network(station_id, binding.gate))

    async def _unbind(self, station_id: str) -> None:
        stack = self._stacks.pop(station_id, None)
        if stack is None or self._enforcement is None:
            return
        for part in ("plug", "gate"):
            self._enforcement.let_go(f"{station_id}/{part}")
            self._alarms.clear(f"device:{station_id}/{part}")
        self._floor.note(station_id, health={}, power_w=None, energy_wh=None, measured_s=None)
        await stack.aclose()

    async def apply(self, wanted: Bindings) -> None:
        """Look after these devices from now on; those that stay the same are not disturbed.

        A station of which a device changes is told its due at once, so a guest keeps playing on a new plug.
        """
        async with self._one_at_a_time:
            before = self._bindings
            routers = {
                name
                for name in {*before.routers, *wanted.routers}
                if before.routers.get(name) != wanted.routers.get(name)
            }
            for name in routers:
                await self._change_router(name, wanted.routers.get(name))
            for station_id in {*before.stations, *wanted.stations}:
                binding = wanted.stations.get(station_id, StationBinding())
                stale = binding.gate is not None and binding.gate.router in routers
                if stale or before.stations.get(station_id, StationBinding()) != binding:
                    await self.bind(station_id, binding)
            self._bindings = wanted

    async def _change_router(self, name: str, address: DeviceAddress | None) -> None:
        self._gates.pop(name, None)
        stack = self._stacks.pop(f"router/{name}", None)
        if stack is not None:
            await stack.aclose()
        if address is not None:
            await self._open_router(name, address)

    def _power(self, station_id: str, plug: PowerSwitch) -> Reconciler:
        def measured(reading: PlugReading) -> None:
            now_s = self._keeper.now_s()
            self._floor.note(
                station_id, power_w=reading.power_w, energy_wh=reading.energy_wh, measured_s=now_s
            )

        target = _Prepared(Power(plug, self._keeper.now_s, measured), _Once(plug.prepare))
        return self._reconciler(station_id, "plug", target, lambda: self.wanted_power(station_id))

    def _network(self, station_id: str, binding: GateBinding) -> Reconciler:
        gate, ready = self._gates[binding.router]
        target = _Prepared(Network(gate, binding.mac, self._keeper.now_s), ready)
        return self._reconciler(station_id, "gate", target, lambda: self.wanted_network(station_id))

    def _reconciler(
        self, station_id: str, part: str, target: Target, wanted: Callable[[], Wanted]
    ) -> Reconciler:
        def report(event: DeviceEvent) -> None:
            self._report(station_id, part, event)

        return Reconciler(
            target, wanted, report, keeper=self._keeper, chance=self._chance, trigger=self._volley
        )

    def _take_on(self, station_id: str, part: str, reconciler: Reconciler) -> None:
        assert self._enforcement is not None  # devices are bound within `running` only
        self._set_health(station_id, part, "well")
        self._enforcement.take_on(f"{station_id}/{part}", reconciler)

    # ── what is wanted ───────────────────────────────────────────────────────────────────────────

    def wanted_power(self, station_id: str) -> Wanted:
        """What the station's plug should do now."""
        station = self._floor.station(station_id)
        if station is None:
            return OFF
        return enforced.power(
            station,
            self._floor.session_at(station_id),
            maintenance=self._out_of_service(station),
            ending_s=self._grace_s(station_id),
            power_w=self._floor.things(station_id).power_w,
            asked=self._asked[station_id],
        )

    def wanted_network(self, station_id: str) -> Wanted:
        """What the station's gate should do now."""
        station = self._floor.station(station_id)
        if station is None:
            return OFF
        return enforced.network(
            self._floor.session_at(station_id),
            maintenance=self._out_of_service(station),
            ending_s=self._grace_s(station_id),
        )

    def _out_of_service(self, station: PlayStation) -> bool:
        stands = self._floor.stands(station.id)
        return stands is not None and stands.stands.maintenance

    def _grace_s(self, station_id: str) -> float:
        """Until when the last session keeps its grace; 0 once that is over."""
        until_s = self._ending_s.get(station_id, 0.0)
        return until_s if until_s > self._keeper.now_s() else 0.0

    # ── what changes ─────────────────────────────────────────────────────────────────────────────

    def ask_again(self, station_id: str) -> None:
        """Somebody has seen to what tripped the plug: power may flow again."""
        self._asked[station_id] += 1
        self._alarms.clear(f"device:{station_id}/plug/overpower")
        self._nudge(station_id)

    def _follow(self, event: PlayEvent, session: PlaySession) -> None:
        if isinstance(event, _ASKED_BY_PEOPLE):
            self._asked[session.station_id] += 1
        left = self._seats.get(session.session_id)
        if session.live:
            self._seats[session.session_id] = session.station_id
            self._ending_s.pop(session.station_id, None)
            self._foresee(session)
        elif self._seats.pop(session.session_id, None) is not None:
            ended_s = self._ends_s.pop(session.session_id, self._clock().mono_ns / NS)
            self._ending_s[session.station_id] = enforced.grace_ends_s(session, ended_s)
        for station_id in {session.station_id, left or session.station_id}:
            self._alarms.clear(f"device:{station_id}/plug/overpower")
            self._nudge(station_id)

    def _foresee(self, session: PlaySession) -> None:
        """Remember when a session's time is used up, on the clock of this boot.

        One that a reckoning finds used up ended while the power was off, and so did its grace.
        """
        running, ends_ns = session.running, session.ends_mono_ns
        if running is None or ends_ns is None or running.boot != self._clock().boot:
            return
        self._ends_s[session.session_id] = ends_ns / NS if ends_ns > running.mono_ns else 0.0

    def _nudge(self, station_id: str) -> None:
        if self._enforcement is not None:
            self._enforcement.nudge(f"{station_id}/plug")
            self._enforcement.nudge(f"{station_id}/gate")

    def _report(self, station_id: str, part: str, event: DeviceEvent) -> None:
        key = f"device:{station_id}/{part}"
        health = {"unreachable": "lost", "enforcement_failed": "alarmed", "recovered": "well"}
        if event.kind in health:
            self._set_health(station_id, part, health[event.kind])
        if event.kind in ("recovered", "enforcement_failed"):
            self._alarms.clear(key)  # a worse one takes the place of the one that is up
        if event.kind in _ALARMS:
            own = f"{key}/overpower" if event.kind == "overpower" else key
            self._alarms.raise_(self._alarm(own, station_id, part, event))
        for news in self._news:
            news(station_id, part, event)

    def _alarm(self, key: str, station_id: str, part: str, event: DeviceEvent) -> Alarm:
        station = self._floor.station(station_id)
        name = station.name if station else station_id
        message = f"The {part} of {name} {_ALARMS[event.kind]}."
        detail = {"station_id": station_id, "device": part, "error": event.code}
        return Alarm(key, f"device_{event.kind}", message, self._clock().wall_ms, detail)

    def _set_health(self, station_id: str, part: str, health: str) -> None:
        things = self._floor.things(station_id)
        self._floor.note(station_id, health={**things.health, part: health})


class _Once:
    """Prepares a device before its first use, whenever it comes to answer."""

    def __init__(self, prepare: Callable[[], Awaitable[None]]) -> None:
        self._prepare = prepare
        self._done = False

    async def __call__(self) -> None:
        if not self._done:
            await self._prepare()
            self._done = True


class _Prepared:
    """A target whose device is prepared first. Counterpart: `Target`."""

    def __init__(self, target: Target, ready: _Once) -> None:
        self._target = target
        self._ready = ready

    async def look(self) -> Standing:
        """See `Target`."""
        await self._ready()
        return await self._target.look()

    async def grant(self, for_s: float) -> Standing:
        """See `Target`."""
        await self._ready()
        return await self._target.grant(for_s)

    async def revoke(self) -> Standing:
        """See `Target`."""
        return await self._target.revoke()

    async def aim(self) -> None:
        """See `Target`."""
        await self._target.aim()

    def fire(self) -> None:
        """See `Target`."""
        self._target.fire()
