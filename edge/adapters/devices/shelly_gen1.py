"""Shelly Gen1 plugs over HTTP, in the words of shelly-api-docs.shelly.cloud/gen1.

`GET /relay/0?turn=on&timer=SEC` switches and sets the one-shot flip back, `/status` tells everything in one
answer, `/settings/relay/0` holds what survives a power cut, `/shelly` says who is there without log-in.

Counterpart: `firmware_profiles/emulators/shelly_gen1.py`; the port is `PowerSwitch` in
`edge/core/devices/ports.py`.
"""

import base64
import math
from typing import Any, TypeVar

import aiohttp
import msgspec

from edge.core.devices.ports import (
    DeviceConfused,
    DeviceIdentity,
    DeviceUnreachable,
    PlugReading,
    expect_answered,
    expect_off,
    expect_on,
)
from edge.reach.http_plug import HttpPlug
from edge.reach.primed import http_request

#: Gen1's word for who switched last, in ours.
_SOURCES = {"http": "box", "timer": "timer", "input": "button", "overpower": "overpower", "init": "boot"}


T = TypeVar("T")


class _Relay(msgspec.Struct):
    ison: bool
    has_timer: bool = False
    timer_remaining: float = 0.0
    overpower: bool = False
    source: str = ""


class _Meter(msgspec.Struct):
    power: float
    is_valid: bool = True
    #: Watt-minutes since it was switched on at the wall.
    total: float | None = None


class _Status(msgspec.Struct):
    relays: list[_Relay]
    meters: list[_Meter] = []
    uptime: float | None = None


class _Shelly(msgspec.Struct):
    type: str
    mac: str
    fw: str = ""


class ShellyGen1Plug(HttpPlug):
    """One plug at `url` (`http://192.168.30.101`). Enter before use; calls wait for each other."""

    def __init__(
        self, name: str, url: str, *, user: str = "admin", password: str = "", timeout_s: float = 5.0
    ) -> None:
        super().__init__(name, url, timeout_s)
        self._user = user
        self._headers = self._login(password)

    async def identify(self) -> DeviceIdentity:
        """From `/shelly`, which asks for no log-in."""
        async with self._one_at_a_time:
            shelly = await self._get("/shelly", _Shelly)
        return DeviceIdentity(shelly.type, shelly.fw, shelly.mac)

    async def prepare(self) -> None:
        """Off after a power cut, and no automatic switching that would fight ours."""
        settings = {"default_state": "off", "auto_on": "0", "auto_off": "0"}
        async with self._one_at_a_time:
            kept = await self._get("/settings/relay/0", dict[str, Any], **settings)
        if kept.get("default_state") != "off":
            raise DeviceConfused(self.name, f"default_state reads {kept.get('default_state')}")

    async def protect(self, password: str) -> None:
        """`/settings/login`; from the next request on it asks for the new one."""
        login = {"enabled": "1" if password else "0", "username": self._user, "password": password}
        async with self._one_at_a_time:
            kept = await self._get("/settings/login", dict[str, Any], **login)
            if kept.get("enabled") is not bool(password):
                raise DeviceConfused(self.name, f"was asked to protect itself and reads {kept}")
            self._headers = self._login(password)

    def _login(self, password: str) -> dict[str, str]:
        secret = base64.b64encode(f"{self._user}:{password}".encode()).decode()
        return {"Authorization": f"Basic {secret}"} if password else {}

    async def turn_on(self, off_after_s: float) -> PlugReading:
        """`turn=on` with `timer`; whole seconds, rounded up in the guest's favour."""
        async with self._one_at_a_time:
            self._off.drop()
            await self._get("/relay/0", _Relay, turn="on", timer=str(math.ceil(off_after_s)))
            return expect_on(self.name, await self._status(), off_after_s)

    async def turn_off(self) -> PlugReading:
        """`turn=off`, which takes the timer with it."""
        async with self._one_at_a_time:
            if not await self._off.landed():
                await self._get("/relay/0", _Relay, turn="off")
            return expect_off(self.name, await self._status())

    def _off_request(self) -> bytes:
        return http_request("GET", self._url, "/relay/0?turn=off", self._headers)

    async def _status(self) -> PlugReading:
        status = await self._get("/status", _Status)
        if not status.relays:
            raise DeviceConfused(self.name, "has no relay")
        relay = status.relays[0]
        meter = next((each for each in status.meters[:1] if each.is_valid), None)
        return PlugReading(
            on=relay.ison,
            power_w=meter.power if meter else None,
            timer_remaining_s=relay.timer_remaining if relay.has_timer else None,
            overpower=relay.overpower,
            source=_SOURCES.get(relay.source, "other"),
            uptime_s=status.uptime,
            energy_wh=meter.total / 60 if meter and meter.total is not None else None,
        )

    async def _get(self, path: str, shape: type[T], **asked: str) -> T:
        try:
            async with self._session.get(path, params=asked, headers=self._headers) as response:
                expect_answered(self.name, response.status)
                return msgspec.json.decode(await response.read(), type=shape)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise DeviceUnreachable(self.name, f"{path}: {error!r}") from error
        except msgspec.MsgspecError as error:
            raise DeviceConfused(self.name, f"{path}: {error}") from error
