"""Plugs flashed with Tasmota over HTTP, in the words of tasmota.github.io/docs/Commands.

`GET /cm?cmnd=Power1 On`. `PulseTime1` is both setting and timer: 1–111 are tenths of a second, above that
seconds plus 100; setting it starts it, `Power1 On` starts it anew, `Power1 Off` clears it but not the
setting. So it is set before switching on, never after, and cleared once off.

Tasmota does not say who switched last nor, over HTTP, that `MaxPower` tripped: such a plug is simply found
off. Counterpart: `firmware_profiles/emulators/tasmota.py`; the port is `PowerSwitch` in
`edge/core/devices/ports.py`.
"""

import math
from typing import TypeVar
from urllib.parse import quote, urlencode

import aiohttp
import msgspec

from edge.core.devices.ports import (
    DeviceConfused,
    DeviceIdentity,
    DeviceRefused,
    DeviceUnreachable,
    PlugReading,
    expect_answered,
    expect_off,
    expect_on,
)
from edge.reach.http_plug import HttpPlug
from edge.reach.primed import http_request

T = TypeVar("T")

#: Up to here a pulse is told in tenths of a second.
_TENTHS_UP_TO = 111


class _Energy(msgspec.Struct):
    power: float | list[float] = msgspec.field(name="Power")
    #: Kilowatt-hours, of all relays together.
    total: float | None = msgspec.field(name="Total", default=None)


class _Sensors(msgspec.Struct):
    energy: _Energy | None = msgspec.field(name="ENERGY", default=None)


class _Status8(msgspec.Struct):
    sensors: _Sensors = msgspec.field(name="StatusSNS")


class _State(msgspec.Struct):
    power: str | None = msgspec.field(name="POWER", default=None)
    power1: str | None = msgspec.field(name="POWER1", default=None)
    uptime_s: float | None = msgspec.field(name="UptimeSec", default=None)


class _Status11(msgspec.Struct):
    state: _State = msgspec.field(name="StatusSTS")


class _Firmware(msgspec.Struct):
    version: str = msgspec.field(name="Version")


class _Network(msgspec.Struct):
    mac: str = msgspec.field(name="Mac")
    hostname: str = msgspec.field(name="Hostname", default="")


class _Status0(msgspec.Struct):
    firmware: _Firmware = msgspec.field(name="StatusFWR")
    network: _Network = msgspec.field(name="StatusNET")


class _Module(msgspec.Struct):
    module: dict[str, str] = msgspec.field(name="Module")


class _PulseTime(msgspec.Struct):
    remaining: int = msgspec.field(name="Remaining")


class _Pulse(msgspec.Struct):
    pulse: _PulseTime = msgspec.field(name="PulseTime1")


class _Warning(msgspec.Struct):
    warning: str = msgspec.field(name="WARNING", default="")


class TasmotaPlug(HttpPlug):
    """One plug at `url` (`http://192.168.30.103`). Enter before use; calls wait for each other."""

    def __init__(
        self, name: str, url: str, *, user: str = "admin", password: str = "", timeout_s: float = 5.0
    ) -> None:
        super().__init__(name, url, timeout_s)
        self._login = {"user": user, "password": password} if password else {}

    async def identify(self) -> DeviceIdentity:
        """The template's name is the model: Tasmota knows no other."""
        async with self._one_at_a_time:
            status = await self._command("Status 0", _Status0)
            module = await self._command("Module", _Module)
        name = next(iter(module.module.values()), "")
        mac = status.network.mac.replace(":", "").upper()
        return DeviceIdentity(name, status.firmware.version, mac, status.network.hostname)

    async def prepare(self) -> None:
        """`PowerOnState 0`: relays stay off after a power cut."""
        async with self._one_at_a_time:
            kept = await self._command("PowerOnState 0", dict[str, int])
        if kept.get("PowerOnState") != 0:
            raise DeviceConfused(self.name, f"was set to PowerOnState 0 and reads {kept}")

    async def protect(self, password: str) -> None:
        """`WebPassword`, where `0` takes it away; the user is always `admin`."""
        async with self._one_at_a_time:
            await self._command(f"WebPassword {password or '0'}", dict[str, str])
            self._login = {"user": "admin", "password": password} if password else {}

    async def turn_on(self, off_after_s: float) -> PlugReading:
        """The pulse first, so that power never flows without an end."""
        async with self._one_at_a_time:
            self._off.drop()
            await self._command(f"PulseTime1 {_pulse_of(off_after_s)}", _Pulse)
            await self._command("Power1 On", dict[str, str])
            return expect_on(self.name, await self._status(), off_after_s)

    async def turn_off(self) -> PlugReading:
        """Off, then no pulse: otherwise the button would start the last guest's time again."""
        async with self._one_at_a_time:
            if not await self._off.landed():
                await self._command("Power1 Off", dict[str, str])
            await self._command("PulseTime1 0", _Pulse)
            return expect_off(self.name, await self._status())

    def _off_request(self) -> bytes:
        query = urlencode({**self._login, "cmnd": "Power1 Off"}, quote_via=quote)
        return http_request("GET", self._url, f"/cm?{query}", {})

    async def _status(self) -> PlugReading:
        state = (await self._command("Status 11", _Status11)).state
        energy = (await self._command("Status 8", _Status8)).sensors.energy
        pulse = (await self._command("PulseTime1", _Pulse)).pulse
        on = (state.power or state.power1) == "ON"
        power = energy.power if energy else None
        return PlugReading(
            on=on,
            power_w=power[0] if isinstance(power, list) else power,
            timer_remaining_s=_seconds_of(pulse.remaining) if on and pulse.remaining else None,
            uptime_s=state.uptime_s,
            energy_wh=energy.total * 1000 if energy and energy.total is not None else None,
        )

    async def _command(self, line: str, shape: type[T]) -> T:
        try:
            async with self._session.get("/cm", params={**self._login, "cmnd": line}) as response:
                expect_answered(self.name, response.status)
                raw = await response.read()
        except (aiohttp.ClientError, TimeoutError) as error:
            raise DeviceUnreachable(self.name, f"{line}: {error!r}") from error
        try:
            return msgspec.json.decode(raw, type=shape)
        except msgspec.MsgspecError as error:
            raise self._complaint(line, raw) from error

    def _complaint(self, line: str, raw: bytes) -> DeviceRefused | DeviceConfused:
        """Firmware before 8.2.3 asks for the pass word with HTTP 200 and a warning."""
        try:
            warning = msgspec.json.decode(raw, type=_Warning).warning
        except msgspec.MsgspecError:
            warning = ""
        if warning:
            return DeviceRefused(self.name, warning)
        return DeviceConfused(self.name, f"{line}: {raw[:200]!r}")


def _pulse_of(seconds: float) -> int:
    """Seconds as `PulseTime` takes them, rounded up in the guest's favour."""
    tenths = math.ceil(seconds * 10)
    return tenths if tenths <= _TENTHS_UP_TO else math.ceil(seconds) + 100


def _seconds_of(pulse: int) -> float:
    return pulse / 10 if pulse <= _TENTHS_UP_TO else pulse - 100.0
