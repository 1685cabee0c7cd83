"""RouterOS 7 menus over REST, in the words of manual.mikrotik.com 'REST API'.

GET prints, PUT adds, PATCH sets, DELETE removes; every value is a string. HTTPS with the router's own
certificate, pinned by its SHA-256 fingerprint, or checked against the usual authorities when none is
given; plain HTTP only where somebody has asked for it.

Counterpart: `firmware_profiles/emulators/routeros_rest.py`; the port is `Menus` in `routeros_gate.py`.
"""

import base64
from typing import Self

import aiohttp
import msgspec

from edge.core.devices.ports import DeviceConfused, DeviceUnreachable, expect_answered
from firmware_profiles.dialects.routeros_rows import Ask, Row, Trap

_METHODS = {"print": "GET", "add": "PUT", "set": "PATCH", "remove": "DELETE"}


class _Failure(msgspec.Struct):
    error: int
    message: str = ""
    detail: str = ""


class RouterOsRest:
    """The wire to one router at `url` (`https://192.168.88.1`). Enter before use."""

    def __init__(
        self,
        name: str,
        url: str,
        *,
        user: str,
        password: str,
        fingerprint: bytes | None = None,
        timeout_s: float = 5.0,
    ) -> None:
        self.name = name
        self._url = url
        secret = base64.b64encode(f"{user}:{password}".encode()).decode()
        self._headers = {"Authorization": f"Basic {secret}"}
        self._ssl = aiohttp.Fingerprint(fingerprint) if fingerprint else True
        self._timeout = aiohttp.ClientTimeout(total=timeout_s)
        self._session: aiohttp.ClientSession

    async def __aenter__(self) -> Self:
        connector = aiohttp.TCPConnector(limit=1, ssl=self._ssl)
        self._session = aiohttp.ClientSession(
            self._url, headers=self._headers, timeout=self._timeout, connector=connector
        )
        return self

    async def __aexit__(self, *_exc: object) -> None:
        await self._session.close()

    async def ask(self, ask: Ask) -> list[Row]:
        """One command."""
        path = f"/rest{ask.menu}/{ask.id}" if ask.id else f"/rest{ask.menu}"
        asked = dict(ask.where)
        if ask.only:
            asked[".proplist"] = ",".join(ask.only)
        body = msgspec.json.encode(ask.values) if ask.values else None
        try:
            async with self._session.request(
                _METHODS[ask.verb],
                path,
                params=asked,
                data=body,
                headers={"Content-Type": "application/json"},
            ) as response:
                raw = await response.read()
        except aiohttp.ServerFingerprintMismatch as error:
            raise DeviceConfused(self.name, "shows another certificate than it was adopted with") from error
        except (aiohttp.ClientError, TimeoutError) as error:
            raise DeviceUnreachable(self.name, f"{path}: {error!r}") from error
        return self._rows(ask, response.status, raw)

    def _rows(self, ask: Ask, status: int, raw: bytes) -> list[Row]:
        """RouterOS's own no is a JSON object with `error`; any other status stands for itself."""
        try:
            if status in (400, 404, 406, 500):
                failure = msgspec.json.decode(raw, type=_Failure)
                raise Trap(failure.detail or failure.message, missing=status == 404)
            expect_answered(self.name, status)
            if ask.verb != "print":
                return []
            return _printed(raw)
        except msgspec.MsgspecError as error:
            raise DeviceConfused(self.name, f"{ask.menu}: {error}") from error


def _printed(raw: bytes) -> list[Row]:
    """Menus of one row (`/system/resource`) come as an object, all others as a list."""
    printed = msgspec.json.decode(raw, type=list[Row] | Row)
    return [printed] if isinstance(printed, dict) else printed
