"""Shelly plugs of generation 2 to 4 over HTTP RPC, in the words of shelly-api-docs.shelly.cloud/gen2.

`POST /rpc/Switch.Set {id, on, toggle_after}` switches and sets the flip back; `Shelly.GetStatus` tells switch
and clock in one answer; `GET /shelly` says who is there without log-in. Authentication is digest with
SHA-256, user `admin`.

Firmware 2.0 lets a nonce live one hour, counts its uses from 1 and keeps 32 of them; with none free it
answers 429 for 2 s, also to a nonce that has lost its slot, and goes on doing so for as long as that one
is replayed (openhab-addons#21179, home-assistant/core#177257 and #178327). Hence one client, one nonce
and one lock per plug, and after a 429 the nonce is thrown away: the next call comes without credentials
and is handed a fresh one.

Counterpart: `firmware_profiles/emulators/shelly_gen2.py`; the port is `PowerSwitch` in
`edge/core/devices/ports.py`.
"""

import hashlib
import secrets
from typing import Any, TypeVar

import aiohttp
import msgspec

from edge.core.devices.ports import (
    DeviceBusy,
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
from firmware_profiles.dialects.digest_login import DigestLogin

T = TypeVar("T")

_USER = "admin"
_OFF = msgspec.json.encode({"id": 0, "on": False})
#: The device's word for who switched last, in ours.
_SOURCES = {
    "HTTP_in": "box",
    "http": "box",
    "timer": "timer",
    "button": "button",
    "switch": "button",
    "input": "button",
    "limit": "overpower",
    "init": "boot",
}


class _Counter(msgspec.Struct, frozen=True):
    total: float | None = None


class _Switch(msgspec.Struct):
    output: bool
    source: str = ""
    apower: float | None = None
    aenergy: _Counter = _Counter()
    timer_started_at: float | None = None
    timer_duration: float | None = None
    errors: list[str] = []


class _Sys(msgspec.Struct):
    uptime: float | None = None
    unixtime: float | None = None


class _Status(msgspec.Struct):
    switch: _Switch = msgspec.field(name="switch:0")
    sys: _Sys


class _Shelly(msgspec.Struct):
    id: str
    mac: str
    model: str
    ver: str = ""


class ShellyGen2Plug(HttpPlug):
    """One plug at `url` (`http://192.168.30.102`). Enter before use; calls wait for each other."""

    def __init__(self, name: str, url: str, *, password: str = "", timeout_s: float = 5.0) -> None:
        super().__init__(name, url, timeout_s)
        self._login = _login_with(password)

    async def identify(self) -> DeviceIdentity:
        """From `/shelly`, which asks for no log-in."""
        async with self._one_at_a_time:
            shelly = await self._ask("GET", "/shelly", _Shelly)
        return DeviceIdentity(shelly.model, shelly.ver, shelly.mac, shelly.id)

    async def prepare(self) -> None:
        """Off after a power cut, and no automatic switching that would fight ours."""
        config = {"initial_state": "off", "auto_on": False, "auto_off": False}
        async with self._one_at_a_time:
            await self._call("Switch.SetConfig", dict[str, Any], id=0, config=config)
            kept = await self._call("Switch.GetConfig", dict[str, Any], id=0)
        if any(kept.get(name) != value for name, value in config.items()):
            raise DeviceConfused(self.name, f"was configured {config} and reads {kept}")

    async def protect(self, password: str) -> None:
        """`Shelly.SetAuth` with the digest of pass word and realm, the realm being the device's id.

        The answer still comes under the old pass word; the state of the digest is begun anew after it.
        """
        async with self._one_at_a_time:
            realm = (await self._ask("GET", "/shelly", _Shelly)).id
            digest = hashlib.sha256(f"{_USER}:{realm}:{password}".encode()).hexdigest()
            ha1 = digest if password else None
            await self._call("Shelly.SetAuth", dict[str, Any] | None, user=_USER, realm=realm, ha1=ha1)
            self._off.drop()
            self._login = _login_with(password)

    async def turn_on(self, off_after_s: float) -> PlugReading:
        """`Switch.Set` with `toggle_after`."""
        async with self._one_at_a_time:
            self._off.drop()
            await self._call("Switch.Set", dict[str, Any], id=0, on=True, toggle_after=round(off_after_s, 1))
            return expect_on(self.name, await self._status(), off_after_s)

    async def turn_off(self) -> PlugReading:
        """`Switch.Set`, which takes the timer with it."""
        async with self._one_at_a_time:
            if not await self._off.landed():
                await self._call("Switch.Set", dict[str, Any], id=0, on=False)
            return expect_off(self.name, await self._status())

    def _off_request(self) -> bytes:
        path = "/rpc/Switch.Set"
        return http_request("POST", self._url, path, self._credentials("POST", path), _OFF)

    async def _status(self) -> PlugReading:
        status = await self._call("Shelly.GetStatus", _Status)
        switch = status.switch
        return PlugReading(
            on=switch.output,
            power_w=switch.apower,
            timer_remaining_s=_timer_remaining_s(switch, status.sys.unixtime),
            overpower="overpower" in switch.errors,
            source=_SOURCES.get(switch.source, "other"),
            uptime_s=status.sys.uptime,
            energy_wh=switch.aenergy.total,
        )

    async def _call(self, method: str, shape: Any, **params: object) -> Any:
        return await self._ask("POST", f"/rpc/{method}", shape, params)

    async def _ask(self, verb: str, path: str, shape: type[T], params: object = None) -> T:
        body = None if params is None else msgspec.json.encode(params)
        try:
            status, raw = await self._exchange(verb, path, body)
            expect_answered(self.name, status)
            return msgspec.json.decode(raw, type=shape)
        except DeviceBusy:
            if self._login is not None:
                self._login.forget()
            raise
        except (aiohttp.ClientError, TimeoutError) as error:
            raise DeviceUnreachable(self.name, f"{path}: {error!r}") from error
        except msgspec.MsgspecError as error:
            raise DeviceConfused(self.name, f"{path}: {error}") from error

    async def _exchange(self, verb: str, path: str, body: bytes | None) -> tuple[int, bytes]:
        """Status and body; one 401 with a new nonce is answered, a second one is a no."""
        status, raw, challenge = await self._once(verb, path, body)
        if status == 401 and self._login is not None and self._login.challenged(challenge):
            status, raw, _ = await self._once(verb, path, body)
        return status, raw

    async def _once(self, verb: str, path: str, body: bytes | None) -> tuple[int, bytes, str]:
        headers = self._credentials(verb, path)
        async with self._session.request(verb, path, data=body, headers=headers) as response:
            challenge = response.headers.get("WWW-Authenticate", "")
            return response.status, await response.read(), challenge

    def _credentials(self, verb: str, path: str) -> dict[str, str]:
        header = self._login.header(verb, path) if self._login is not None else None
        return {"Authorization": header} if header is not None else {}


def _login_with(password: str) -> DigestLogin | None:
    """A digest state that has seen no nonce yet; none at all for a plug without a pass word."""
    return DigestLogin(_USER, password, lambda: secrets.token_hex(8)) if password else None


def _timer_remaining_s(switch: _Switch, unixtime_s: float | None) -> float | None:
    """Seconds until the flip back, by the plug's own clock.

    A plug that never learnt the time cannot say when its timer ends; it is credited with the whole
    duration, so that whoever looks sets the timer anew rather than trusting a guess.
    """
    if switch.timer_duration is None:
        return None
    if unixtime_s is None or switch.timer_started_at is None:
        return switch.timer_duration
    return max(0.0, switch.timer_started_at + switch.timer_duration - unixtime_s)
