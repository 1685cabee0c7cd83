"""A row leads to the right adapter, an unknown plug is recognised, and a trial tells what works."""

import asyncio
import json
import signal
import sys
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from edge.adapters.devices.routeros_gate import RouterOsGate
from edge.core.devices.ports import DeviceConfused, DeviceRefused, DeviceUnreachable
from edge.effects.devices.trial import try_gate, try_plug, try_printer
from edge.wiring import dialects
from firmware_profiles.catalogue.plugs import PLUGS
from firmware_profiles.catalogue.printers import find_printer
from firmware_profiles.catalogue.routers import ROUTER_SOFTWARE
from firmware_profiles.emulators.clock import ManualClock
from firmware_profiles.emulators.escpos import EscPosEmulator
from firmware_profiles.emulators.routeros import RouterBox
from firmware_profiles.emulators.routeros_api import RouterOsApiEmulator
from firmware_profiles.emulators.routeros_rest import RouterOsRestEmulator
from firmware_profiles.emulators.shelly_gen1 import ShellyGen1Emulator
from firmware_profiles.emulators.shelly_gen2 import ShellyGen2Emulator
from firmware_profiles.emulators.tasmota import TasmotaEmulator

MAC = "AA:BB:CC:00:00:01"


class NoWaiting:
    """A trial's patience, without the time."""

    def now_s(self) -> float:
        return 0.0

    async def wait(self, event: asyncio.Event, timeout_s: float) -> None:
        assert not event.is_set()
        assert timeout_s > 0


def test_every_row_of_the_catalogue_has_an_adapter() -> None:
    assert {row.dialect for row in PLUGS} == dialects.PLUGS.keys()
    assert {name for row in ROUTER_SOFTWARE for name in row.dialects} == dialects.GATES.keys()


@pytest.mark.parametrize(
    ("emulator", "dialect", "model"),
    [
        (ShellyGen1Emulator(password="x"), "shelly_gen1", "SHPLG-S"),
        (ShellyGen2Emulator(password="x"), "shelly_gen2", "S3PL-00112EU"),
        (TasmotaEmulator(), "tasmota", "NOUS A1T"),
    ],
    ids=["gen1", "gen2", "tasmota"],
)
async def test_an_unknown_plug_is_recognised(
    emulator: ShellyGen1Emulator | ShellyGen2Emulator | TasmotaEmulator, dialect: str, model: str
) -> None:
    async with emulator:
        found, identity = await dialects.recognise(dialects.Address("?", emulator.url))
    assert (found, identity.model) == (dialect, model)


async def test_a_protected_tasmota_asks_for_its_pass_word_first() -> None:
    async with TasmotaEmulator(password="x") as emulator:
        with pytest.raises(DeviceRefused):
            await dialects.recognise(dialects.Address("?", emulator.url))
        found, _identity = await dialects.recognise(dialects.Address("?", emulator.url, password="x"))
    assert found == "tasmota"


async def test_what_is_no_plug_is_not_taken_for_one() -> None:
    async with RouterOsRestEmulator(RouterBox()) as emulator:
        with pytest.raises(DeviceRefused):
            await dialects.recognise(dialects.Address("?", emulator.url))
    async with TestServer(web.Application()) as server:
        with pytest.raises(DeviceConfused):
            await dialects.recognise(dialects.Address("?", str(server.make_url("")).rstrip("/")))
    with pytest.raises(DeviceUnreachable):
        await dialects.recognise(dialects.Address("?", emulator.url))


@pytest.mark.parametrize("make", [ShellyGen1Emulator, ShellyGen2Emulator, TasmotaEmulator])
async def test_a_good_plug_passes_its_trial_and_is_left_off(
    make: type[ShellyGen1Emulator | ShellyGen2Emulator | TasmotaEmulator],
) -> None:
    async with make(clock=ManualClock(), password="x") as emulator:
        address = dialects.Address("PS5-1", emulator.url, password="x")
        dialect, _identity = await dialects.recognise(address)
        async with dialects.PLUGS[dialect](address) as plug:
            trial = await try_plug(plug, NoWaiting())
    assert trial.ok
    assert trial.passed == ("prepare", "on", "read power", "off")
    assert trial.power_w == pytest.approx(45, abs=0.5)
    assert not emulator.relay.on


async def test_a_trial_names_the_step_that_failed() -> None:
    async with ShellyGen2Emulator(clock=ManualClock()) as emulator:
        emulator.relay.trip()
        async with dialects.PLUGS["shelly_gen2"](dialects.Address("PS5-1", emulator.url)) as plug:
            trial = await try_plug(plug, NoWaiting())
    assert (trial.ok, trial.passed, trial.failed, trial.code) == (
        False,
        ("prepare",),
        "on",
        "device_confused",
    )


async def test_both_wires_to_a_router_pass_their_trial() -> None:
    box = RouterBox(password="x", clock=ManualClock())
    box.lease_address(MAC, "192.168.30.50")
    async with RouterOsRestEmulator(box) as rest, RouterOsApiEmulator(box) as api:
        for dialect, url in (("routeros_rest", rest.url), ("routeros_api", f"api://{api.host}:{api.port}")):
            address = dialects.Address("router", url, user=box.user, password="x")
            async with dialects.GATES[dialect](address) as gate:
                assert isinstance(gate, RouterOsGate)
                assert (await try_gate(gate, MAC)).passed == ("prepare", "allow", "block")
                assert (await try_gate(gate, "AA:BB:CC:00:00:09")).code == "address_unknown"


async def test_a_printer_passes_its_trial_or_says_why_not() -> None:
    model = find_printer("TM-T20III")
    assert model is not None
    async with EscPosEmulator() as emulator:
        printer = dialects.printer("kitchen", emulator.host, emulator.port, model)
        assert (await try_printer(printer, "Café Nord")).ok
        assert "Café Nord" in emulator.slips[0].text
        emulator.run_out()
        trial = await try_printer(printer, "Café Nord")
    assert (trial.failed, trial.why) == ("print", "paper_end")


@pytest.mark.parametrize("kind", ["plug", "router", "printer"])
async def test_an_emulator_runs_as_a_program(kind: str, tmp_path: Path) -> None:
    more = {"printer": ["--pictures", str(tmp_path)], "router": ["--machine", f"{MAC}=192.168.30.50"]}
    program = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "firmware_profiles.emulators",
        kind,
        *more.get(kind, []),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert program.stdout is not None
    where = json.loads(await program.stdout.readline())
    if kind == "plug":
        await _press_and_see(program, where["url"])
    program.send_signal(signal.SIGTERM)
    assert await program.wait() == 0


async def _press_and_see(program: asyncio.subprocess.Process, url: str) -> None:
    assert program.stdin is not None
    program.stdin.write(b"press\n")
    await program.stdin.drain()
    async with aiohttp.ClientSession() as session:
        output = False
        while not output:  # the line is heard as soon as the program's loop comes round
            async with session.get(f"{url}/rpc/Switch.GetStatus", params={"id": "0"}) as response:
                output = (await response.json())["output"]
