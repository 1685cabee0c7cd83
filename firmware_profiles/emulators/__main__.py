"""One emulated device as a program: `python -m firmware_profiles.emulators plug --port 8101`.

Prints one line of JSON saying where it answers, then serves until SIGINT or SIGTERM. Lines typed at it
make things happen to the device: `press`, `trip`, `reboot`, `wrong` (reboot into the wrong state), `lose`
(its configuration); `empty`, `open`, `refill` (a printer); `drop`, `hang`, `mend` (the way there). Each is
printed again once it has happened.
"""

import argparse
import asyncio
import json
import os
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from firmware_profiles.emulators.announcing import announced
from firmware_profiles.emulators.escpos import EscPosEmulator
from firmware_profiles.emulators.faults import Faults
from firmware_profiles.emulators.routeros import RouterBox
from firmware_profiles.emulators.routeros_api import RouterOsApiEmulator
from firmware_profiles.emulators.routeros_rest import RouterOsRestEmulator
from firmware_profiles.emulators.shelly_gen1 import ShellyGen1Emulator
from firmware_profiles.emulators.shelly_gen2 import ShellyGen2Emulator
from firmware_profiles.emulators.tasmota import TasmotaEmulator

Happenings = dict[str, Callable[[], object]]


def arguments(given: Sequence[str] | None = None) -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(prog="python -m firmware_profiles.emulators", description=__doc__)
    kinds = parser.add_subparsers(dest="kind", required=True)
    plug = kinds.add_parser("plug", help="a smart plug with something plugged in")
    plug.add_argument("--dialect", choices=["shelly_gen1", "shelly_gen2", "tasmota"], default="shelly_gen2")
    plug.add_argument("--firmware", default="2.0.0", help="of a shelly_gen2")
    plug.add_argument("--load-w", type=float, default=45.2)
    plug.add_argument("--mac", default="AABBCC000001")
    router = kinds.add_parser("router", help="a MikroTik router, REST and binary API")
    router.add_argument("--version", default="7.20.1 (stable)")
    router.add_argument("--api-port", type=int, default=0)
    router.add_argument("--serial", default="A1B2C3D4E5F6")
    router.add_argument("--machine", action="append", default=[], metavar="MAC=ADDRESS")
    printer = kinds.add_parser("printer", help="an ESC/POS printer")
    printer.add_argument("--model", default="TM-T20III")
    printer.add_argument("--serial", default="X7RB000001")
    printer.add_argument("--pictures", type=Path, help="where to draw what was printed")
    for kind in (plug, router, printer):
        kind.add_argument("--port", type=int, default=0)
    for kind in (plug, router):
        kind.add_argument("--password", default="")
    for kind in (plug, printer):
        kind.add_argument("--announce", metavar="ADDRESS", help="announce it by mDNS on this interface")
    return parser.parse_args(given)


async def open_plug(asked: argparse.Namespace, stack: AsyncExitStack) -> tuple[dict[str, Any], Happenings]:
    """A plug; where it is and what can happen to it."""
    emulator: ShellyGen1Emulator | ShellyGen2Emulator | TasmotaEmulator
    same = {"port": asked.port, "password": asked.password, "load_w": asked.load_w, "mac": asked.mac}
    if asked.dialect == "shelly_gen1":
        emulator = ShellyGen1Emulator(**same)
    elif asked.dialect == "tasmota":
        emulator = TasmotaEmulator(**same)
    else:
        emulator = ShellyGen2Emulator(firmware=asked.firmware, **same)
    await stack.enter_async_context(emulator)
    if asked.announce:
        await stack.enter_async_context(announced(emulator, asked.announce))
    happenings: Happenings = {
        "press": emulator.press_button,
        "trip": emulator.trip,
        "reboot": emulator.reboot,
        "wrong": lambda: emulator.reboot(state=True),
        "lose": emulator.lose_config,
        **_faults(emulator.faults),
    }
    return {"url": emulator.url, "dialect": asked.dialect}, happenings


async def open_router(asked: argparse.Namespace, stack: AsyncExitStack) -> tuple[dict[str, Any], Happenings]:
    """A router behind both of its faces."""
    box = RouterBox(version=asked.version, password=asked.password, serial=asked.serial)
    for machine in asked.machine:
        mac, _, address = machine.partition("=")
        box.lease_address(mac, address)
    rest = await stack.enter_async_context(RouterOsRestEmulator(box, port=asked.port))
    api = await stack.enter_async_context(RouterOsApiEmulator(box, port=asked.api_port))
    happenings: Happenings = {
        "reboot": box.reboot,
        "lose": box.lose_config,
        **_faults(rest.faults, api.faults),
    }
    return {"url": rest.url, "api": f"api://{api.host}:{api.port}", "user": box.user}, happenings


async def open_printer(asked: argparse.Namespace, stack: AsyncExitStack) -> tuple[dict[str, Any], Happenings]:
    """A printer."""
    emulator = EscPosEmulator(asked.model, serial=asked.serial, port=asked.port, pictures=asked.pictures)
    await stack.enter_async_context(emulator)
    if asked.announce:
        await stack.enter_async_context(announced(emulator, asked.announce))
    happenings: Happenings = {
        **_faults(emulator.faults),
        "empty": emulator.run_out,
        "open": emulator.open_cover,
        "refill": emulator.mend,
    }
    return {"host": emulator.host, "port": emulator.port, "model": asked.model}, happenings


def _faults(*ways: Faults) -> Happenings:
    def drop() -> None:
        for way in ways:
            way.drop = True

    def hang() -> None:
        for way in ways:
            way.hang()

    def mend() -> None:
        for way in ways:
            way.drop = False
            way.answer()

    return {"drop": drop, "hang": hang, "mend": mend}


def _happen(happenings: Happenings, what: str) -> None:
    if what in happenings:
        happenings[what]()
        print(what, flush=True)
    elif what:
        print(f"Not one of: {' '.join(sorted(happenings))}", file=sys.stderr, flush=True)


OPENERS = {"plug": open_plug, "router": open_router, "printer": open_printer}


async def serve(asked: argparse.Namespace, stop: asyncio.Event) -> None:
    """Open the device, say where it is, and let things happen to it until told to stop."""
    loop = asyncio.get_running_loop()
    async with AsyncExitStack() as stack:
        where, happenings = await OPENERS[asked.kind](asked, stack)
        print(json.dumps(where), flush=True)

        typed = b""

        def hear() -> None:
            nonlocal typed
            came = os.read(sys.stdin.fileno(), 4096)  # several lines may come at once
            if not came:
                loop.remove_reader(sys.stdin)
            *lines, typed = (typed + came).split(b"\n")
            for line in lines:
                _happen(happenings, line.decode(errors="replace").strip())

        loop.add_reader(sys.stdin, hear)
        await stop.wait()
        loop.remove_reader(sys.stdin)


async def _main(asked: argparse.Namespace) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await serve(asked, stop)


if __name__ == "__main__":
    asyncio.run(_main(arguments()))
