"""The ports through which the box reaches plugs, routers and printers, in the box's words.

A port says what the box wants of a thing; the files in `edge/adapters` say it in the vendor's words.
Rule of the file: shapes, protocols and named errors only. Every write reads back what the device
then reports and returns that reading, because a command that was sent is not a command that was obeyed.

Counterpart: `desired.py` decides what to ask for, `edge/effects/devices/enforcement.py` asks.
"""

from typing import Protocol, Self

import msgspec

from protocol.facts.printout import Slip


class DeviceError(Exception):
    """A device did not do what was asked. `code` is stable and goes to staff screens and logs."""

    code = "device_error"

    def __init__(self, device: str, detail: str) -> None:
        super().__init__(f"{device}: {detail}")
        self.device = device
        self.detail = detail


class DeviceUnreachable(DeviceError):
    """No answer in time, or no connection. Somebody has to look at cable, Wi-Fi or mains."""

    code = "device_unreachable"


class DeviceBusy(DeviceError):
    """It is there and asks to be left alone for `retry_after_s`; this is not 'offline'."""

    code = "device_busy"

    def __init__(self, device: str, detail: str, retry_after_s: float) -> None:
        super().__init__(device, detail)
        self.retry_after_s = retry_after_s


class DeviceRefused(DeviceError):
    """Wrong user or pass word, or not allowed. The installer has to act; trying again will not help."""

    code = "device_refused"


class DeviceConfused(DeviceError):
    """It answered, but not with what its documents promise, or it reads back something else than was set."""

    code = "device_confused"


class AddressUnknown(DeviceError):
    """The router has not yet seen the machine with this MAC, so there is no address to allow."""

    code = "address_unknown"


class PrinterStopped(DeviceError):
    """It is there and cannot print: `paper_end`, `cover_open` or `fault` stands in `detail`."""

    code = "printer_stopped"


class DeviceIdentity(msgspec.Struct, frozen=True):
    """Who a device says it is. `model` is the vendor's own model code, the key of the catalogue."""

    model: str
    firmware: str
    mac: str
    device_id: str = ""


class PlugReading(msgspec.Struct, frozen=True):
    """What a plug reports of itself.

    `timer_remaining_s` is how long until it switches off by itself, None when no such timer runs.
    `power_w` is None when the model has no meter, and so is `energy_wh`, what it has counted so far: models
    begin anew at a restart, or now and then. `source` names who switched last, in our words:
    `box`, `timer`, `button`, `overpower`, `boot` or `other`. `uptime_s` falls when it restarted.
    """

    on: bool
    power_w: float | None = None
    timer_remaining_s: float | None = None
    overpower: bool = False
    source: str = "other"
    uptime_s: float | None = None
    energy_wh: float | None = None


class GateReading(msgspec.Struct, frozen=True):
    """What a router lets one machine do.

    `remaining_s` is how long until the permission lapses by itself, None when it does not; `keeps_time`
    tells whether this gate can do that at all. `complete` tells whether every rule and address that a
    refusal or a permission rests on is in place; if not, asking once more puts it right.
    """

    allowed: bool
    remaining_s: float | None = None
    complete: bool = True
    keeps_time: bool = True
    address: str | None = None
    uptime_s: float | None = None


class PrinterReading(msgspec.Struct, frozen=True):
    """What a printer reports: `paper` is `ok`, `near_end` or `end`."""

    online: bool
    paper: str = "ok"
    cover_open: bool = False
    fault: bool = False


def stopped_by(reading: PrinterReading) -> str | None:
    """Why a printer that reads like this cannot print: `paper_end`, `cover_open` or `fault`."""
    if reading.paper == "end":
        return "paper_end"
    if reading.cover_open:
        return "cover_open"
    return "fault" if reading.fault or not reading.online else None


#: How far a timer may read back from what was asked: whole seconds on the device, and the way there.
TIMER_SLACK_S = 5.0


def expect_answered(device: str, status: int) -> None:
    """Turn an HTTP status that is no answer into the error it stands for."""
    if status in (401, 403):
        raise DeviceRefused(device, f"HTTP {status}: user or pass word not accepted")
    if status == 429:
        raise DeviceBusy(device, "HTTP 429: asked to wait", retry_after_s=2.0)
    if not 200 <= status < 300:
        raise DeviceConfused(device, f"HTTP {status}")


def expect_on(device: str, reading: PlugReading, off_after_s: float) -> PlugReading:
    """The reading, if it shows power and a timer that ends it in time. Raises `DeviceConfused`."""
    left_s = reading.timer_remaining_s
    if not reading.on:
        raise DeviceConfused(device, "was switched on and reads off")
    if left_s is None or abs(left_s - off_after_s) > TIMER_SLACK_S:
        raise DeviceConfused(device, f"was given {off_after_s:.0f} s and reads {left_s}")
    return reading


def expect_off(device: str, reading: PlugReading) -> PlugReading:
    """The reading, if it shows no power and no timer that would bring it back. Raises `DeviceConfused`."""
    if reading.on:
        raise DeviceConfused(device, "was switched off and reads on")
    if reading.timer_remaining_s is not None:
        raise DeviceConfused(device, "is off with a timer that would switch it on again")
    return reading


class PowerSwitch(Protocol):
    """A plug. Every call raises a `DeviceError`; calls on one plug wait for each other."""

    async def identify(self) -> DeviceIdentity:
        """Who is there, if the vendor tells it without a pass word."""

    async def prepare(self) -> None:
        """Make it stay off after a power cut. May be repeated."""

    async def protect(self, password: str) -> None:
        """Let nobody in who does not know `password`; the empty one lets everybody in again."""

    async def read(self) -> PlugReading:
        """Its state now."""

    async def turn_on(self, off_after_s: float) -> PlugReading:
        """On, and off by itself after `off_after_s` even if nobody ever calls again."""

    async def turn_off(self) -> PlugReading:
        """Off now, with no timer left behind; what was fired is not sent again."""

    async def aim(self) -> None:
        """Get ready to switch off: within seconds `fire` or `turn_off` follows, or any other call ends it."""

    def fire(self) -> None:
        """Send the off command if it is aimed. Never fails: what became of it is for `turn_off` to say."""

    async def __aenter__(self) -> Self: ...

    async def __aexit__(self, *exc: object) -> None: ...


class NetworkGate(Protocol):
    """A router that lets machines through by MAC. Every call raises a `DeviceError`."""

    async def identify(self) -> DeviceIdentity:
        """Model and version of the router."""

    async def prepare(self) -> None:
        """Lay the rules once, above those that would bypass them. May be repeated."""

    async def read(self, mac: str) -> GateReading:
        """What the machine may do now."""

    async def allow(self, mac: str, for_s: float) -> GateReading:
        """Let it through, and stop by itself after `for_s` where the router can do that."""

    async def block(self, mac: str) -> GateReading:
        """Stop it now, conversations under way included."""

    async def __aenter__(self) -> Self: ...

    async def __aexit__(self, *exc: object) -> None: ...


class Printer(Protocol):
    """A receipt or kitchen printer. Calls on one printer wait for each other."""

    async def identify(self) -> DeviceIdentity:
        """Model and serial number, empty where it does not tell them. Raises `PrinterStopped`."""

    async def read(self) -> PrinterReading:
        """Whether it could print now. Raises `DeviceUnreachable`."""

    async def print(self, slip: Slip) -> None:
        """Put the slip on paper.

        Returns when the printer says that it took all of it and still stands ready. Raises
        `PrinterStopped` or `DeviceUnreachable`; then the slip may be on paper, so a repeat must be
        marked `reprint`.
        """
