"""HTTP for devices: what was found, taking it into service, letting it go. For managers.

Thin, as every desk: what is done to devices is the workshop's (`edge/wiring/hardware.py`), which knows
adapters.
"""

from typing import Protocol

import msgspec
from aiohttp import web

from edge.web.answers import Handler, answer, body_of
from edge.web.tokens import Tokens
from protocol.devices import (
    AdoptedReply,
    AdoptRequest,
    DeviceReply,
    DevicesReply,
    FoundDevice,
    FoundReply,
    LookRequest,
    MachineRequest,
    ReleasedReply,
    ReleaseRequest,
    TrialReply,
)
from protocol.errors import Refused
from protocol.http import Route

_ASKED = (
    "device_unreachable",
    "device_busy",
    "device_refused",
    "device_confused",
    "printer_stopped",
    "address_unknown",
)

DEVICES = Route(
    method="GET",
    path="/api/v1/devices",
    summary="Plugs, routers and printers in service, and how they are.",
    response=DevicesReply,
    auth="staff",
)
FOUND = Route(
    method="GET",
    path="/api/v1/devices/found",
    summary="Devices that answer in the venue's network, in service or not.",
    response=FoundReply,
    auth="staff",
)
LOOK = Route(
    method="POST",
    path="/api/v1/devices/look",
    summary="Ask at an address, for what does not announce itself.",
    request=LookRequest,
    response=FoundDevice,
    auth="staff",
    errors=_ASKED,
)
ADOPT = Route(
    method="POST",
    path="/api/v1/devices/{id}/adopt",
    summary="Try a device, configure it, take it into service. If any of it fails, nothing is changed.",
    request=AdoptRequest,
    response=AdoptedReply,
    status=201,
    auth="staff",
    errors=(
        *_ASKED,
        "unknown_device",
        "unknown_station",
        "station_busy",
        "device_adopted",
        "device_other",
        "device_nameless",
        "device_outdated",
        "station_has_plug",
        "station_has_gate",
        "mid_reused",
    ),
)
TRY = Route(
    method="POST",
    path="/api/v1/devices/{id}/try",
    summary="Try a device in service again, while nobody plays there.",
    response=TrialReply,
    auth="staff",
    errors=(*_ASKED, "unknown_device", "station_busy"),
)
TRY_KITCHEN = Route(
    method="POST",
    path="/api/v1/kitchen_stations/{id}/try",
    summary="Send a test ticket to a kitchen station and wait until a screen there has it.",
    response=TrialReply,
    auth="staff",
    errors=("unknown_station", "kitchen_silent"),
)
MACHINE = Route(
    method="PUT",
    path="/api/v1/devices/{id}/machines/{station_id}",
    summary="Let a router care for the machine at a station.",
    request=MachineRequest,
    response=DeviceReply,
    auth="staff",
    errors=("unknown_device", "unknown_station", "station_has_gate"),
)
NO_MACHINE = Route(
    method="DELETE",
    path="/api/v1/devices/{id}/machines/{station_id}",
    summary="Let a router not care for a station any more.",
    response=DeviceReply,
    auth="staff",
    errors=("unknown_device",),
)
RELEASE = Route(
    method="POST",
    path="/api/v1/devices/{id}/release",
    summary="Take a device out of service. Who plays there goes on.",
    request=ReleaseRequest,
    response=ReleasedReply,
    auth="staff",
    errors=("unknown_device",),
)

_look = msgspec.json.Decoder(LookRequest)
_adopt = msgspec.json.Decoder(AdoptRequest)
_machine = msgspec.json.Decoder(MachineRequest)
_release = msgspec.json.Decoder(ReleaseRequest)


class Workshop(Protocol):
    """Where devices are worked on. Everything raises `Refused`."""

    def found(self) -> FoundReply:
        """What answers."""

    def devices(self) -> DevicesReply:
        """What serves."""

    async def look(self, asked: LookRequest) -> FoundDevice:
        """Ask at an address."""

    async def adopt(self, key: str, asked: AdoptRequest, by: str) -> AdoptedReply:
        """Take into service."""

    async def try_again(self, key: str) -> TrialReply:
        """Test once more."""

    async def try_kitchen(self, station_id: str) -> TrialReply:
        """Test whether tickets reach a kitchen station."""

    async def bind(self, key: str, station_id: str, mac: str | None, by: str) -> DeviceReply:
        """Say what stands behind a router."""

    async def release(self, key: str, reason: str, by: str) -> ReleasedReply:
        """Take out of service."""


class DeviceDesk:
    """Handlers of the devices' addresses."""

    def __init__(self, tokens: Tokens, workshop: Workshop) -> None:
        self._tokens = tokens
        self._workshop = workshop

    def routes(self) -> list[tuple[Route, Handler]]:
        """Addresses and their handlers."""
        return [
            (FOUND, self.found),
            (DEVICES, self.devices),
            (LOOK, self.look),
            (ADOPT, self.adopt),
            (TRY, self.try_again),
            (TRY_KITCHEN, self.try_kitchen),
            (MACHINE, self.bind),
            (NO_MACHINE, self.unbind),
            (RELEASE, self.release),
        ]

    def _by(self, request: web.Request) -> str:
        return self._tokens.installer(request)

    async def found(self, request: web.Request) -> web.Response:
        """`GET /api/v1/devices/found`."""
        self._by(request)
        return answer(self._workshop.found())

    async def devices(self, request: web.Request) -> web.Response:
        """`GET /api/v1/devices`; any of the staff may look."""
        try:
            self._tokens.installer(request)
        except Refused:
            self._tokens.staff(request)
        return answer(self._workshop.devices())

    async def look(self, request: web.Request) -> web.Response:
        """`POST /api/v1/devices/look`."""
        self._by(request)
        return answer(await self._workshop.look(await body_of(request, _look)))

    async def adopt(self, request: web.Request) -> web.Response:
        """`POST /api/v1/devices/{id}/adopt`."""
        by = self._by(request)
        asked = await body_of(request, _adopt)
        return answer(await self._workshop.adopt(request.match_info["id"], asked, by), 201)

    async def try_again(self, request: web.Request) -> web.Response:
        """`POST /api/v1/devices/{id}/try`."""
        self._by(request)
        return answer(await self._workshop.try_again(request.match_info["id"]))

    async def try_kitchen(self, request: web.Request) -> web.Response:
        """`POST /api/v1/kitchen_stations/{id}/try`."""
        self._by(request)
        return answer(await self._workshop.try_kitchen(request.match_info["id"]))

    async def bind(self, request: web.Request) -> web.Response:
        """`PUT /api/v1/devices/{id}/machines/{station_id}`."""
        by = self._by(request)
        mac = (await body_of(request, _machine)).mac
        key, station_id = request.match_info["id"], request.match_info["station_id"]
        return answer(await self._workshop.bind(key, station_id, mac, by))

    async def unbind(self, request: web.Request) -> web.Response:
        """`DELETE /api/v1/devices/{id}/machines/{station_id}`."""
        by = self._by(request)
        key, station_id = request.match_info["id"], request.match_info["station_id"]
        return answer(await self._workshop.bind(key, station_id, None, by))

    async def release(self, request: web.Request) -> web.Response:
        """`POST /api/v1/devices/{id}/release`."""
        by = self._by(request)
        reason = (await body_of(request, _release)).reason
        return answer(await self._workshop.release(request.match_info["id"], reason, by))
