"""The box's device desk (`edge/web/installing/device_desk.py`), asked from its own console.

Whoever may read the box's secret may speak as the console; no PIN is asked for, and the facts name the
console. Every answer is a struct of `protocol/devices.py`, every refusal a named one.
"""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

import aiohttp
import msgspec

from edge.web.tokens import console_token
from protocol import devices as told

T = TypeVar("T")
#: A router that is laid from nothing is asked a hundred things; nobody waits longer than this for any of it.
_WITHIN_S = 120.0


class BoxSilent(Exception):
    """The box at work could not be asked; the text says why and what to do."""


class BoxRefused(Exception):
    """The box said no. `code` is its name for it, `step` what failed, `passed` what had worked before."""

    def __init__(self, code: str, message: str, detail: dict[str, Any]) -> None:
        said = detail.get("detail") or ""
        super().__init__(f"{message} ({said})" if said else message)
        self.code = code
        self.step = str(detail.get("step", ""))
        self.passed = tuple(detail.get("passed", ()))


class Desk:
    """Made by `at_desk`. Everything raises `BoxSilent` and `BoxRefused`."""

    def __init__(self, session: aiohttp.ClientSession, secret: bytes) -> None:
        self._session = session
        self._secret = secret

    async def devices(self) -> told.DevicesReply:
        """What serves."""
        return await self._ask("GET", "devices", told.DevicesReply)

    async def found(self) -> told.FoundReply:
        """What answers."""
        return await self._ask("GET", "devices/found", told.FoundReply)

    async def look(self, asked: told.LookRequest) -> told.FoundDevice:
        """Ask at an address."""
        return await self._ask("POST", "devices/look", told.FoundDevice, asked)

    async def adopt(self, key: str, asked: told.AdoptRequest) -> told.AdoptedReply:
        """Try, configure, take into service."""
        return await self._ask("POST", f"devices/{_safe(key)}/adopt", told.AdoptedReply, asked)

    async def try_again(self, key: str) -> told.TrialReply:
        """Test a device in service."""
        return await self._ask("POST", f"devices/{_safe(key)}/try", told.TrialReply)

    async def try_kitchen(self, station_id: str) -> told.TrialReply:
        """Send a test ticket and wait for its answer."""
        return await self._ask("POST", f"kitchen_stations/{_safe(station_id)}/try", told.TrialReply)

    async def bind(self, key: str, station_id: str, mac: str) -> told.DeviceReply:
        """Say what stands behind a router."""
        path = f"devices/{_safe(key)}/machines/{_safe(station_id)}"
        return await self._ask("PUT", path, told.DeviceReply, told.MachineRequest(mac))

    async def release(self, key: str, reason: str) -> told.ReleasedReply:
        """Take out of service."""
        path = f"devices/{_safe(key)}/release"
        return await self._ask("POST", path, told.ReleasedReply, told.ReleaseRequest(reason))

    async def _ask(self, method: str, path: str, kind: type[T], body: Any = None) -> T:
        # Made for each question: a long list may take longer than a token is good for.
        headers = {"Authorization": f"Bearer {console_token(self._secret, int(time.time()))}"}
        sent = msgspec.json.encode(body) if body is not None else None
        address = f"/api/v1/{path}"
        try:
            async with self._session.request(method, address, data=sent, headers=headers) as answer:
                raw, status = await answer.read(), answer.status
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise BoxSilent(f"The box does not answer: {error}. Does `holdfast-edge run` run?") from error
        try:
            if status >= 300:
                said = msgspec.json.decode(raw, type=dict[str, dict[str, Any]])["error"]
                raise BoxRefused(str(said["code"]), str(said["message"]), said)
            return msgspec.json.decode(raw, type=kind)
        except (msgspec.DecodeError, KeyError) as error:
            raise BoxSilent(f"What answers there is no box of this release ({status}).") from error


def _safe(part: str) -> str:
    return quote(part, safe="")


@asynccontextmanager
async def at_desk(directory: Path, url: str) -> AsyncIterator[Desk]:
    """The desk of the box that works on this directory. Raises `BoxSilent`."""
    try:
        secret = (directory / "token.secret").read_bytes()
    except FileNotFoundError:
        raise BoxSilent(f"No box has run on {directory} yet: name its --data, or start it.") from None
    except OSError as error:
        raise BoxSilent(f"{error.filename}: {error.strerror}; use sudo.") from None
    timeout = aiohttp.ClientTimeout(total=_WITHIN_S)
    async with aiohttp.ClientSession(url, timeout=timeout, trust_env=False) as session:
        yield Desk(session, secret)
