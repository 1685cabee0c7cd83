"""A Shelly of the first generation: a relay behind a handful of HTTP resources.

Source: shelly-api-docs.shelly.cloud/gen1, 'Shelly Plug/PlugS': `/relay/0?turn=&timer=`, `/status`,
`/settings`, `/settings/relay/0`, `/settings/login`, `/reboot`, and `/shelly`, which alone is served without
Basic authentication once a log-in is set. `timer` is a one-shot flip back in seconds.

Counterpart: `edge/adapters/devices/shelly_gen1.py`.
"""

import base64
from typing import Any

from aiohttp import web

from firmware_profiles.emulators.clock import Clock
from firmware_profiles.emulators.http_device import HttpDevice
from firmware_profiles.emulators.relay import Relay

_SOURCES = {"button": "input", "http": "http", "timer": "timer", "overpower": "overpower", "init": "init"}


class ShellyGen1Emulator(HttpDevice):
    """A plug with a meter. `settings` is what a factory reset would lose."""

    def __init__(
        self,
        *,
        model: str = "SHPLG-S",
        mac: str = "B0F1EC000001",
        user: str = "admin",
        password: str = "",
        firmware: str = "20230913-113421/v1.14.0-gcb84623",
        load_w: float = 45.2,
        clock: Clock | None = None,
        port: int = 0,
    ) -> None:
        super().__init__(clock=clock, port=port)
        self.model, self.mac, self.firmware = model, mac, firmware
        self.user, self.password = user, password
        self.relay = Relay(self.clock, load_w)
        self.settings: dict[str, Any] = {"auto_on": 0.0, "auto_off": 0.0, "max_power": 2500}

    # ── what can happen to the thing itself ─────────────────────────────────────────────────────
    def press_button(self) -> None:
        """Somebody presses the button on its side."""
        self.relay.press_button()

    def trip(self, load_w: float | None = None) -> None:
        """The thing plugged in draws too much."""
        self.relay.trip(load_w)

    def reboot(self, state: bool | None = None) -> None:
        """Mains went and came back; with `state` it comes up other than its settings say."""
        self.relay.restart(state)

    def lose_config(self) -> None:
        """Factory reset by the long press of a curious guest."""
        self.password = ""
        self.relay.after_power_cut = "last"
        self.relay.restart(False)

    # ── HTTP ────────────────────────────────────────────────────────────────────────────────────
    def authorised(self, request: web.Request) -> bool:
        """Basic, and not at all for `/shelly`."""
        if not self.password or request.path == "/shelly":
            return True
        expected = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
        return request.headers.get("Authorization") == f"Basic {expected}"

    def refusal(self, request: web.Request) -> web.Response:
        """401 with the name the plug goes by."""
        realm = f"shellyplug-s-{self.mac[-6:]}"
        return web.Response(
            status=401, text="401 Unauthorized", headers={"WWW-Authenticate": f'Basic realm="{realm}"'}
        )

    async def answer(self, request: web.Request) -> web.Response:
        """Resources by path; arguments come in the query or as a form, as on the device."""
        form = {name: str(value) for name, value in (await request.post()).items()}
        asked = {**request.query, **form}
        match request.path:
            case "/shelly":
                return web.json_response(self._identity())
            case "/relay/0":
                return self._turn(asked)
            case "/status":
                return web.json_response(self._status())
            case "/settings" | "/settings/relay/0":
                return web.json_response(self._configure(asked))
            case "/settings/login":
                return web.json_response(self._protect(asked))
            case "/reboot":
                self.relay.restart()
                return web.json_response({"ok": True})
            case _:
                return web.Response(status=404, text="Not Found")

    def _turn(self, asked: dict[str, str]) -> web.Response:
        turn = asked.get("turn")
        if turn not in (None, "on", "off", "toggle"):
            return web.Response(status=400, text="Bad turn!")
        if turn is not None:
            on = not self.relay.on if turn == "toggle" else turn == "on"
            seconds = float(asked.get("timer", 0)) or (float(self.settings["auto_off"]) if on else 0.0)
            self.relay.switch(on, "http", seconds or None)
        return web.json_response(self._relay())

    def _configure(self, asked: dict[str, str]) -> dict[str, Any]:
        self.relay.after_power_cut = asked.get("default_state", self.relay.after_power_cut)
        for name in ("auto_on", "auto_off", "max_power"):
            if name in asked:
                self.settings[name] = float(asked[name])
        self.relay.limit_w = float(self.settings["max_power"])
        relay = {
            "ison": self.relay.on,
            "default_state": self.relay.after_power_cut,
            "auto_on": self.settings["auto_on"],
            "auto_off": self.settings["auto_off"],
        }
        return {
            "device": {"type": self.model, "mac": self.mac},
            "fw": self.firmware,
            "max_power": self.settings["max_power"],
            "relays": [relay],
            **relay,
        }

    def _protect(self, asked: dict[str, str]) -> dict[str, Any]:
        """As the device: whatever is asked to change holds from the next request on."""
        if "enabled" in asked:
            self.user = asked.get("username", self.user)
            self.password = asked.get("password", "") if asked["enabled"] in ("1", "true") else ""
        return {"enabled": bool(self.password), "unprotected": False, "username": self.user}

    def _identity(self) -> dict[str, Any]:
        return {
            "type": self.model,
            "mac": self.mac,
            "auth": bool(self.password),
            "fw": self.firmware,
            "num_outputs": 1,
            "num_meters": 1,
        }

    def _relay(self) -> dict[str, Any]:
        remaining = self.relay.timer_remaining_s
        return {
            "ison": self.relay.on,
            "has_timer": remaining is not None,
            "timer_started": 0,
            "timer_duration": int(self.relay.timer_s or 0),
            "timer_remaining": int(remaining or 0),
            "overpower": self.relay.overpower,
            "source": _SOURCES[self.relay.source],
        }

    def _status(self) -> dict[str, Any]:
        relay = self._relay()
        return {
            "mac": self.mac,
            "uptime": int(self.relay.uptime_s),
            "unixtime": 0,
            "relays": [relay],
            "meters": [
                {
                    "power": round(self.relay.power_w, 2),
                    "is_valid": True,
                    "total": int(self.relay.energy_ws / 60),
                }
            ],
            "overtemperature": False,
        }
