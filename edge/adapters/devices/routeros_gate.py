"""A MikroTik router as a gate for single machines, over whichever wire leads to it.

What rows there must be is `firmware_profiles/dialects/routeros_rules.py`; how a command travels is
`routeros_rest.py` (RouterOS 7) or `routeros_api.py` (6 and 7), which satisfy `Menus` here. This file joins
the two under one lock, because a flow of several commands must not mix with another.

The port is `NetworkGate` in `edge/core/devices/ports.py`. `leased` is the default; without it the gate is
the bare drop rule of seed 003 §8, which a dead box leaves as it was.
"""

import asyncio
from typing import Protocol, Self, TypeVar

from edge.core.devices.ports import AddressUnknown, DeviceConfused, DeviceIdentity, GateReading
from firmware_profiles.dialects import routeros_rules as rules
from firmware_profiles.dialects import routeros_time
from firmware_profiles.dialects.routeros_rows import Ask, Flow, Row, Trap, normal_mac, print_if_there

T = TypeVar("T")


class Menus(Protocol):
    """A wire to a router's menus. Raises `Trap` for the router's own no, `DeviceError` for the rest."""

    name: str

    async def ask(self, ask: Ask) -> list[Row]:
        """Run one command; the rows of a print, nothing else."""

    async def __aenter__(self) -> Self: ...

    async def __aexit__(self, *exc: object) -> None: ...


class RouterOsGate:
    """One router. Enter before use; calls wait for each other."""

    def __init__(self, menus: Menus, *, leased: bool = True) -> None:
        self.name = menus.name
        self._menus = menus
        self._leased = leased
        self._one_at_a_time = asyncio.Lock()

    async def __aenter__(self) -> Self:
        await self._menus.__aenter__()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._menus.__aexit__(*exc)

    async def identify(self) -> DeviceIdentity:
        """Board and version; a virtual router has no board, and its licence's id for a serial number."""
        async with self._one_at_a_time:
            resource = await self._first("/system/resource")
            board = await self._first("/system/routerboard")
            license_of = {} if board.get("serial-number") else await self._first("/system/license")
        model = board.get("model") or resource.get("board-name", "")
        serial = board.get("serial-number") or license_of.get("system-id", "")
        return DeviceIdentity(model, resource.get("version", ""), "", serial)

    async def prepare(self) -> None:
        """Lay the chain above FastTrack; the plain gate needs none."""
        if self._leased:
            async with self._one_at_a_time:
                await self._run(rules.lay_leased())

    async def read(self, mac: str) -> GateReading:
        """What the machine may do."""
        async with self._one_at_a_time:
            return await self._read(normal_mac(mac))

    async def allow(self, mac: str, for_s: float) -> GateReading:
        """Lease `for_s` seconds, or take the drop rule away."""
        mac = normal_mac(mac)
        async with self._one_at_a_time:
            await self._run(rules.allow_leased(mac, for_s) if self._leased else rules.allow_plain(mac))
            return self._expect(await self._read(mac), mac, allowed=True)

    async def block(self, mac: str) -> GateReading:
        """Stop it, conversations under way included."""
        mac = normal_mac(mac)
        async with self._one_at_a_time:
            await self._run(rules.block_leased(mac) if self._leased else rules.block_plain(mac))
            return self._expect(await self._read(mac), mac, allowed=False)

    async def _read(self, mac: str) -> GateReading:
        state = await self._run(rules.read_leased(mac) if self._leased else rules.read_plain(mac))
        resource = await self._first("/system/resource")
        return GateReading(
            allowed=state.allowed,
            remaining_s=state.remaining_s,
            complete=state.complete,
            keeps_time=self._leased,
            address=next(iter(state.addresses), None),
            uptime_s=self._seconds(resource.get("uptime", "")),
        )

    def _expect(self, reading: GateReading, mac: str, *, allowed: bool) -> GateReading:
        if reading.allowed is not allowed or not reading.complete:
            raise DeviceConfused(self.name, f"{mac} was to be allowed={allowed} and reads {reading}")
        return reading

    async def _run(self, flow: Flow[T]) -> T:
        try:
            return await rules.drive(flow, self._menus.ask)
        except rules.AddressMissing as error:
            raise AddressUnknown(self.name, f"{error} has no address yet") from error
        except Trap as trap:
            raise DeviceConfused(self.name, str(trap)) from trap
        except (KeyError, ValueError) as error:
            raise DeviceConfused(self.name, f"a row without what every row has: {error!r}") from error

    async def _first(self, menu: str) -> Row:
        rows = await self._run(print_if_there(menu))
        return rows[0] if rows else {}

    def _seconds(self, uptime: str) -> float:
        try:
            return routeros_time.seconds(uptime)
        except ValueError as error:
            raise DeviceConfused(self.name, str(error)) from error
