"""A plug flashed with Tasmota: console commands by `GET /cm?cmnd=`.

Source: tasmota.github.io/docs/Commands and the firmware's `support_command.ino`, `support.ino`: setting
`PulseTime` starts the pulse at once, `Power On` starts it anew and `Power Off` clears it, while the setting
stays; 1–111 are tenths of a second, above that seconds plus 100, and what remains is told in the same
way. Without `user` and `password` a protected device answers 401 (before 8.2.3: 200) with a `WARNING`.

Counterpart: `edge/adapters/devices/tasmota.py`.
"""

from typing import Any

from aiohttp import web

from firmware_profiles.emulators.clock import Clock
from firmware_profiles.emulators.http_device import HttpDevice
from firmware_profiles.emulators.relay import Relay

_POWER_WORDS = {"ON": True, "1": True, "OFF": False, "0": False}
#: PowerOnState: relays off, on, toggled, as saved, always on, off with pulse.
_AFTER_POWER_CUT = {0: "off", 1: "on", 3: "last", 4: "on", 5: "off"}
#: Above this a pulse is told in seconds plus 100.
_TENTHS_UP_TO = 111


class TasmotaEmulator(HttpDevice):
    """A single-relay plug. `meter` False leaves `ENERGY` out, as on plugs without one."""

    def __init__(
        self,
        *,
        template: str = "NOUS A1T",
        mac: str = "2CF432000001",
        user: str = "admin",
        password: str = "",
        firmware: str = "14.2.0(release-tasmota)",
        load_w: float = 45.0,
        meter: bool = True,
        clock: Clock | None = None,
        port: int = 0,
    ) -> None:
        super().__init__(clock=clock, port=port)
        self.template, self.mac, self.firmware = template, mac, firmware
        self.user, self.password, self.meter = user, password, meter
        self.relay = Relay(self.clock, load_w)
        self.pulse_time = 0
        self.power_on_state = 3

    # ── what can happen to the thing itself ─────────────────────────────────────────────────────
    def press_button(self) -> None:
        """The button toggles like the console command does, so a pulse starts with it."""
        self._power(not self.relay.on, "button")

    def trip(self, load_w: float | None = None) -> None:
        """The thing plugged in draws more than `MaxPower`."""
        self.relay.trip(load_w)

    def reboot(self, state: bool | None = None) -> None:
        """Mains went and came back; with `state` it comes up other than its settings say."""
        self.relay.after_power_cut = _AFTER_POWER_CUT.get(self.power_on_state, "last")
        self.relay.restart(state)

    def lose_config(self) -> None:
        """`Reset 1`."""
        self.password, self.pulse_time, self.power_on_state = "", 0, 3
        self.relay.restart(False)

    # ── HTTP ────────────────────────────────────────────────────────────────────────────────────
    def authorised(self, request: web.Request) -> bool:
        """User and pass word travel in the query of `/cm`; what is not there at all needs none."""
        sent = (request.query.get("user"), request.query.get("password"))
        return not self.password or request.path != "/cm" or sent == (self.user, self.password)

    def refusal(self, request: web.Request) -> web.Response:
        """In Tasmota's words."""
        warning = {"WARNING": "Need user=<username>&password=<password>"}
        return web.json_response(warning, status=401)

    async def answer(self, request: web.Request) -> web.Response:
        """One console command."""
        if request.path != "/cm":
            return web.Response(status=404, text="File Not Found")
        return web.json_response(self.command(request.query.get("cmnd", "")))

    # ── console ─────────────────────────────────────────────────────────────────────────────────
    def command(self, line: str) -> dict[str, Any]:
        """What the console would print for `line`."""
        name, _, argument = line.strip().partition(" ")
        argument = argument.strip()
        match name.upper():
            case "POWER" | "POWER1":
                return self._power_command(argument.upper())
            case "PULSETIME1":
                return self._pulse_command(argument)
            case "POWERONSTATE":
                self.power_on_state = int(argument) if argument else self.power_on_state
                return {"PowerOnState": self.power_on_state}
            case "MODULE":
                return {"Module": {"0": self.template}}
            case "STATUS":
                return self._status(argument)
            case "WEBPASSWORD":
                self.password = "" if argument == "0" else argument
                return {"WebPassword": "****" if self.password else ""}
            case "RESTART":
                self.reboot()
                return {"Restart": "Restarting"}
            case _:
                return {"Command": "Unknown"}

    def _power_command(self, argument: str) -> dict[str, Any]:
        if argument in _POWER_WORDS:
            self._power(_POWER_WORDS[argument], "http")
        elif argument in ("TOGGLE", "2"):
            self._power(not self.relay.on, "http")
        elif argument:
            return {"Command": "Error"}
        return {"POWER": "ON" if self.relay.on else "OFF"}

    def _power(self, on: bool, source: str) -> None:
        self.relay.switch(on, source, self._pulse_s() if on else None)

    def _pulse_command(self, argument: str) -> dict[str, Any]:
        if argument.isdigit() and int(argument) < 65536:
            self.pulse_time = int(argument)
            relay = self.relay
            relay.timer_s, relay.timer_started_s = self._pulse_s(), self.clock.now_s()
            if not relay.on:
                relay.timer_s = None
        return {"PulseTime1": {"Set": self.pulse_time, "Remaining": self._pulse_left()}}

    def _pulse_s(self) -> float | None:
        if not self.pulse_time:
            return None
        return self.pulse_time / 10 if self.pulse_time <= _TENTHS_UP_TO else self.pulse_time - 100.0

    def _pulse_left(self) -> int:
        left_s = self.relay.timer_remaining_s or 0.0
        return int(left_s) + 100 if left_s > _TENTHS_UP_TO / 10 else int(left_s * 10)

    def _status(self, argument: str) -> dict[str, Any]:
        parts: dict[str, dict[str, Any]] = {
            "": {"Status": {"DeviceName": "Plug", "FriendlyName": ["Plug"], "Power": int(self.relay.on)}},
            "2": {"StatusFWR": {"Version": self.firmware, "Hardware": "ESP8266EX"}},
            "5": {"StatusNET": {"Hostname": "plug", "Mac": _colons(self.mac)}},
            "8": {"StatusSNS": {"Time": "2026-11-21T00:00:00", **self._energy()}},
            "11": {"StatusSTS": {"UptimeSec": int(self.relay.uptime_s), "POWER": self._on_word()}},
        }
        if argument == "0":
            return {name: part for parts_of in parts.values() for name, part in parts_of.items()}
        return parts.get(argument, {"Command": "Error"})

    def _on_word(self) -> str:
        return "ON" if self.relay.on else "OFF"

    def _energy(self) -> dict[str, Any]:
        if not self.meter:
            return {}
        return {
            "ENERGY": {"Total": round(self.relay.energy_ws / 3.6e6, 3), "Power": round(self.relay.power_w)}
        }


def _colons(mac: str) -> str:
    return ":".join(mac[place : place + 2] for place in range(0, 12, 2))
