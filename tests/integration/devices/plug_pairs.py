"""A plug of every dialect and its stand-in, for the tests that hold all of them to the same behaviour."""

from dataclasses import dataclass

from edge.adapters.devices.shelly_gen1 import ShellyGen1Plug
from edge.adapters.devices.shelly_gen2 import ShellyGen2Plug
from edge.adapters.devices.tasmota import TasmotaPlug
from edge.core.devices.ports import PowerSwitch
from firmware_profiles.emulators.clock import ManualClock
from firmware_profiles.emulators.shelly_gen1 import ShellyGen1Emulator
from firmware_profiles.emulators.shelly_gen2 import ShellyGen2Emulator
from firmware_profiles.emulators.tasmota import TasmotaEmulator

Emulator = ShellyGen1Emulator | ShellyGen2Emulator | TasmotaEmulator
SECRET = "open sesame"
#: Long enough for a busy machine to answer within, and short enough to wait for where nobody answers.
PATIENT_S, IMPATIENT_S = 60.0, 0.2


@dataclass
class Pair:
    """A stand-in and the adapter that talks to it, on one hand-moved clock."""

    emulator: Emulator
    plug: PowerSwitch
    clock: ManualClock


def gen1(clock: ManualClock, password: str) -> Emulator:
    return ShellyGen1Emulator(clock=clock, password=password)


def gen2_before_two(clock: ManualClock, password: str) -> Emulator:
    return ShellyGen2Emulator(clock=clock, password=password, firmware="1.7.5")


def gen2_from_two(clock: ManualClock, password: str) -> Emulator:
    return ShellyGen2Emulator(clock=clock, password=password, firmware="2.0.0")


def tasmota(clock: ManualClock, password: str) -> Emulator:
    return TasmotaEmulator(clock=clock, password=password)


KINDS = [gen1, gen2_before_two, gen2_from_two, tasmota]


def adapter_for(
    emulator: Emulator, password: str, timeout_s: float = PATIENT_S
) -> ShellyGen1Plug | ShellyGen2Plug | TasmotaPlug:
    if isinstance(emulator, ShellyGen1Emulator):
        return ShellyGen1Plug("PS5-1", emulator.url, password=password, timeout_s=timeout_s)
    if isinstance(emulator, ShellyGen2Emulator):
        return ShellyGen2Plug("PS5-1", emulator.url, password=password, timeout_s=timeout_s)
    return TasmotaPlug("PS5-1", emulator.url, password=password, timeout_s=timeout_s)
