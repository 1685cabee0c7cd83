"""A box that hears devices on loopback, and what staff asks of it; for tests of finding and adopting.

Machines that run tests share their loopback, so every device has a MAC of its own, and tests look for that
one among whatever else is announced.
"""

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import msgspec

from edge.config import Config
from edge.core.commands import ConfigureVenue
from edge.core.devices.bindings import Bindings
from edge.journal.writer import Accepted
from edge.wiring.app import EdgeApp
from firmware_profiles.emulators.announcing import LOOPBACK
from protocol.facts.venue import StaffAccount
from tests.integration.edge.play.floor_box import PIN, FloorBox, _hasher, bind
from tests.sample_venue import config

Json = dict[str, Any]
CONSOLE = "00:D9:D1:00:00:02"


def a_mac() -> str:
    return f"A8032A{secrets.token_hex(3)}".upper()


@contextlib.asynccontextmanager
async def listening_box(
    directory: Path,
    bindings: Bindings | None = None,
    mdns: str | None = LOOPBACK,
    kitchen_trial_s: float = 10.0,
) -> AsyncIterator[FloorBox]:
    """A box that announces itself and hears devices, with a manager signed in."""
    if bindings is not None:
        bind(directory, bindings)
    settings = Config(directory=directory, host=LOOPBACK, port=0, mdns=mdns, trial_settle_s=0.01)
    app = EdgeApp(msgspec.structs.replace(settings, kitchen_trial_s=kitchen_trial_s))
    async with app.serving() as url, aiohttp.ClientSession() as http:
        staff = (
            StaffAccount("ana", "Ana", "manager", _hasher.hash(PIN)),
            StaffAccount("ben", "Ben", "waiter", _hasher.hash(PIN)),
        )
        rules = msgspec.structs.replace(config(), staff=staff)
        assert isinstance(await app.writer.execute(ConfigureVenue(rules)), Accepted)
        box = FloorBox(app, url, http)
        _, signed = await box.ask("POST", "/api/v1/auth/pin", {"user": "ana", "pin": PIN})
        box.token = signed["token"]
        yield box


async def until_found(box: FloorBox, **wanted: Any) -> Json:
    """The found device that is as wanted; announcements take a moment to come round."""
    async with asyncio.timeout(60):
        while True:
            _, reply = await box.ask("GET", "/api/v1/devices/found")
            for each in reply["devices"]:
                if all(each[name] == value for name, value in wanted.items()):
                    return dict(each)
            await asyncio.sleep(0.02)


async def look(box: FloorBox, kind: str, address: str, **given: Any) -> Json:
    """A device that must answer at an address."""
    body = {"kind": kind, "address": address, **given}
    status, found = await box.ask("POST", "/api/v1/devices/look", body)
    assert status == 200, found
    return found


async def adopt(box: FloorBox, key: str, **given: Any) -> tuple[int, Json]:
    return await box.ask("POST", f"/api/v1/devices/{key}/adopt", given)


async def in_service(box: FloorBox) -> dict[str, Json]:
    _, reply = await box.ask("GET", "/api/v1/devices")
    return {each["id"]: each for each in reply["devices"]}


async def journal(box: FloorBox) -> int:
    """How many facts there are."""
    row = box.app.reader.execute("SELECT count(*) FROM journal").fetchone()
    return int(row[0])
