"""A Shelly of the second to fourth generation: JSON-RPC over HTTP, digest authentication.

Source: shelly-api-docs.shelly.cloud/gen2 — 'Switch' (Set, GetStatus, GetConfig, SetConfig), 'Shelly'
(GetDeviceInfo, GetStatus), 'RPC over HTTP' (`POST /rpc`, `POST /rpc/Method`, `GET /rpc/Method?...`),
'Authentication' (not asked for by `/shelly` and GetDeviceInfo); 'RPC Channels': six at once, none kept
alive. What firmware 2.0 changed is in `digest.py`.

Counterpart: `edge/adapters/devices/shelly_gen2.py`.
"""

import json
import re
from collections.abc import Callable
from typing import Any

from aiohttp import web

from firmware_profiles.catalogue.plugs import SHELLY_GEN2_CHANNELS, nonce_rules
from firmware_profiles.emulators import digest
from firmware_profiles.emulators.clock import Clock
from firmware_profiles.emulators.http_device import HttpDevice
from firmware_profiles.emulators.relay import Relay

_USER = "admin"
_SOURCES = {"button": "button", "http": "HTTP_in", "timer": "timer", "overpower": "limit", "init": "init"}
_STATES = {"off": "off", "on": "on", "restore_last": "last", "match_input": "last"}


class RpcError(Exception):
    """What the device answers instead of a result."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class ShellyGen2Emulator(HttpDevice):
    """A plug with one switch. `unixtime_s` None: it never learnt the time."""

    channels = SHELLY_GEN2_CHANNELS

    def __init__(
        self,
        *,
        model: str = "S3PL-00112EU",
        mac: str = "AABBCC000001",
        firmware: str = "2.0.0",
        password: str = "",
        load_w: float = 45.2,
        unixtime_s: float | None = 1_790_000_000.0,
        clock: Clock | None = None,
        port: int = 0,
    ) -> None:
        super().__init__(clock=clock, port=port)
        self.model, self.mac, self.firmware = model, mac, firmware
        self.device_id = f"shellyplugsg3-{mac.lower()}"
        self.set_password(password)
        self.relay = Relay(self.clock, load_w)
        self.nonces = digest.NonceBook(nonce_rules(firmware), self.clock)
        self.config: dict[str, Any] = self._factory_config()
        self._methods: dict[str, Callable[[dict[str, Any]], dict[str, Any] | None]] = {
            "Shelly.GetDeviceInfo": lambda _: self._device_info(),
            "Shelly.GetStatus": lambda _: {"sys": self._sys(), "switch:0": self._switch()},
            "Sys.GetStatus": lambda _: self._sys(),
            "Shelly.SetAuth": self._set_auth,
            "Shelly.Reboot": self._reboot,
            "Switch.Set": self._set,
            "Switch.GetStatus": lambda _: self._switch(),
            "Switch.GetConfig": lambda _: self.config,
            "Switch.SetConfig": self._set_config,
        }
        self._unixtime_offset_s = None if unixtime_s is None else unixtime_s - self.clock.now_s()

    @property
    def unixtime_s(self) -> float | None:
        """What the device takes the time for."""
        return None if self._unixtime_offset_s is None else self.clock.now_s() + self._unixtime_offset_s

    def set_password(self, password: str) -> None:
        """The device keeps a digest of it, and none of the empty one."""
        self.ha1 = digest.secret_of(_USER, self.device_id, password) if password else None

    # ── what can happen to the thing itself ─────────────────────────────────────────────────────
    def press_button(self) -> None:
        """Somebody presses the button on its side."""
        self.relay.press_button()

    def trip(self, load_w: float | None = None) -> None:
        """The thing plugged in draws too much."""
        self.relay.trip(load_w)

    def reboot(self, state: bool | None = None) -> None:
        """Mains went and came back: nonces and timers are gone; with `state` it comes up wrong."""
        self.nonces.forget()
        self.relay.after_power_cut = _STATES[self.config["initial_state"]]
        self.relay.restart(state)

    def lose_config(self) -> None:
        """Factory reset by the long press of a curious guest."""
        self.set_password("")
        self.config = self._factory_config()
        self.reboot(False)

    @staticmethod
    def _factory_config() -> dict[str, Any]:
        return {
            "id": 0,
            "name": None,
            "in_mode": "momentary",
            "initial_state": "restore_last",
            "auto_on": False,
            "auto_on_delay": 60.0,
            "auto_off": False,
            "auto_off_delay": 60.0,
            "power_limit": 2500,
        }

    # ── HTTP ────────────────────────────────────────────────────────────────────────────────────
    def authorised(self, request: web.Request) -> bool:
        """Digest, and not at all for those who only ask who is there."""
        if self.ha1 is None or request.path in ("/shelly", "/rpc/Shelly.GetDeviceInfo"):
            return True
        sent = digest.fields(request.headers.get("Authorization", ""))
        if not sent or sent.get("uri") != request.raw_path:
            return False
        known = digest.response_fits(sent, request.method, _USER, self.ha1)
        return known and self.nonces.take(sent["nonce"], sent["nc"])

    def refusal(self, request: web.Request) -> web.Response:
        """401 with a fresh nonce, or 429 while there is no room for one."""
        stale = bool(digest.fields(request.headers.get("Authorization", "")))
        nonce = self.nonces.issue(replayed=stale)
        if nonce is None:
            return web.Response(status=429, text="Too many failed authentication attempts")
        header = digest.challenge(self.device_id, nonce, stale)
        return web.Response(status=401, headers={"WWW-Authenticate": header})

    async def answer(self, request: web.Request) -> web.Response:
        """RPC by path or by frame."""
        try:
            if request.path == "/shelly":
                return web.json_response(self.call("Shelly.GetDeviceInfo", {}))
            if request.path == "/rpc":
                return await self._frame(request)
            method = request.path.removeprefix("/rpc/")
            params = await request.json() if request.method == "POST" else _from_query(request)
            return web.json_response(self.call(method, params or {}))
        except RpcError as error:
            status = 404 if error.code == 404 else 500
            return web.json_response({"code": error.code, "message": error.message}, status=status)
        except json.JSONDecodeError:
            return web.json_response({"code": -103, "message": "Invalid argument"}, status=500)

    async def _frame(self, request: web.Request) -> web.Response:
        frame = await request.json()
        head = {"id": frame.get("id"), "src": self.device_id, "dst": frame.get("src")}
        try:
            return web.json_response(
                {**head, "result": self.call(frame["method"], frame.get("params") or {})}
            )
        except RpcError as error:
            return web.json_response({**head, "error": {"code": error.code, "message": error.message}})

    # ── methods ─────────────────────────────────────────────────────────────────────────────────
    def call(self, method: str, params: dict[str, Any]) -> dict[str, Any] | None:
        """Run one RPC method. Raises `RpcError`."""
        if method.startswith("Switch.") and params.get("id") != 0:
            raise RpcError(-105, f"Argument 'id', value {params.get('id')} not found!")
        handler = self._methods.get(method)
        if handler is None:
            raise RpcError(404, f"No handler for {method}")
        return handler(params)

    def _reboot(self, _params: dict[str, Any]) -> None:
        self.reboot()

    def _set_auth(self, params: dict[str, Any]) -> None:
        """`ha1` None takes the protection away; user and realm are not for the caller to choose."""
        if (params.get("user"), params.get("realm")) != (_USER, self.device_id):
            raise RpcError(-103, "Invalid argument 'user' or 'realm'!")
        ha1 = params.get("ha1")
        if ha1 is not None and not re.fullmatch("[0-9a-f]{64}", str(ha1)):
            raise RpcError(-103, "Invalid argument 'ha1'!")
        self.ha1 = ha1
        self.nonces.forget()

    def _set(self, params: dict[str, Any]) -> dict[str, Any]:
        on, after_s = params.get("on"), params.get("toggle_after")
        if not isinstance(on, bool):
            raise RpcError(-103, "Missing or bad argument 'on'!")
        if after_s is None and on and self.config["auto_off"]:
            after_s = self.config["auto_off_delay"]
        return {"was_on": self.relay.switch(on, "http", after_s)}

    def _set_config(self, params: dict[str, Any]) -> dict[str, Any]:
        wanted = params.get("config", {})
        unknown = set(wanted) - set(self.config)
        if unknown or wanted.get("initial_state", "off") not in _STATES:
            raise RpcError(-103, "Invalid argument 'config'!")
        self.config.update(wanted)
        self.relay.limit_w = float(self.config["power_limit"])
        return {"restart_required": False}

    def _device_info(self) -> dict[str, Any]:
        return {
            "name": None,
            "id": self.device_id,
            "mac": self.mac,
            "slot": 0,
            "model": self.model,
            "gen": 3,
            "fw_id": f"20260710-101108/{self.firmware}-g87fbfa4",
            "ver": self.firmware,
            "app": "PlugSG3",
            "auth_en": self.ha1 is not None,
            "auth_domain": self.device_id if self.ha1 else None,
        }

    def _sys(self) -> dict[str, Any]:
        unixtime_s = self.unixtime_s
        return {
            "mac": self.mac,
            "restart_required": False,
            "unixtime": None if unixtime_s is None else int(unixtime_s),
            "uptime": int(self.relay.uptime_s),
        }

    def _switch(self) -> dict[str, Any]:
        relay = self.relay
        status: dict[str, Any] = {
            "id": 0,
            "source": _SOURCES[relay.source],
            "output": relay.on,
            "apower": round(relay.power_w, 1),
            "voltage": 230.0,
            "aenergy": {"total": round(relay.energy_ws / 3600, 3)},
        }
        if relay.timer_s is not None:
            started_s = relay.timer_started_s + (self._unixtime_offset_s or 0.0)
            status |= {"timer_started_at": round(started_s, 2), "timer_duration": relay.timer_s}
        if relay.overpower:
            status["errors"] = ["overpower"]
        return status


def _from_query(request: web.Request) -> dict[str, Any]:
    """`?id=0&on=true` as the device reads it."""
    params: dict[str, Any] = {}
    for name, text in request.query.items():
        try:
            params[name] = json.loads(text)
        except json.JSONDecodeError:
            params[name] = text
    return params
