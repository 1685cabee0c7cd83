"""Listening through changes of the network: an interface that comes late, or changes; nonsense."""

import asyncio
import socket
from collections.abc import Callable

import pytest
from zeroconf import IPVersion, ServiceInfo
from zeroconf.asyncio import AsyncZeroconf

from edge.adapters.devices import mdns
from edge.adapters.devices.mdns import Mdns, Sighting, interface_for
from firmware_profiles.catalogue.announcements import SERVICES, find_announcement
from firmware_profiles.emulators.announcing import LOOPBACK, announced
from firmware_profiles.emulators.shelly_gen2 import ShellyGen2Emulator
from tests.integration.devices.adopting_box import a_mac


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while True:
            if condition():
                return
            await asyncio.sleep(0.01)


async def test_a_box_that_starts_before_its_network_hears_devices_once_it_is_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    interfaces = ["203.0.113.7"]
    monkeypatch.setattr(mdns, "interface_for", lambda host: interfaces[-1])
    monkeypatch.setattr(mdns, "_AGAIN_S", 0.02)
    heard: list[Sighting] = []
    listening = Mdns("0.0.0.0", SERVICES, heard.append)
    plug = ShellyGen2Emulator(mac=a_mac())
    async with asyncio.TaskGroup() as group, plug, announced(plug):
        task = group.create_task(listening.run("Pier 9", 8080))
        await _until(lambda: "multicast on 203.0.113.7" in (listening.trouble or ""))
        interfaces.append(LOOPBACK)
        await _until(lambda: any(each.instance == plug.device_id for each in heard))
        await _until(lambda: listening.trouble is None)
        interfaces.append("203.0.113.8")
        await _until(lambda: "multicast on 203.0.113.8" in (listening.trouble or ""))
        task.cancel()


async def test_what_announces_an_address_elsewhere_is_not_asked() -> None:
    heard: list[Sighting] = []
    listening = Mdns(LOOPBACK, SERVICES, heard.append)
    name = f"shelly{a_mac().lower()}"
    elsewhere = ServiceInfo(
        "_shelly._tcp.local.",
        f"{name}._shelly._tcp.local.",
        addresses=[socket.inet_aton("192.0.2.77"), socket.inet_aton("8.8.8.8")],
        port=80,
        properties={b"gen": b"\xff\xfe", b"": b"x"},
        server=f"{name}.local.",
    )
    plug = ShellyGen2Emulator(mac=a_mac())
    zeroconf = AsyncZeroconf(interfaces=[LOOPBACK], ip_version=IPVersion.V4Only)
    async with asyncio.TaskGroup() as group, plug:
        task = group.create_task(listening.run("Pier 9", 8080))
        await zeroconf.async_register_service(elsewhere, cooperating_responders=True)
        async with announced(plug):
            await _until(lambda: any(each.instance == plug.device_id for each in heard))
        assert not any(each.instance == name for each in heard)
        await zeroconf.async_close()
        task.cancel()


def test_the_interface_is_the_one_the_box_serves_on_or_the_first_that_leads_out() -> None:
    assert interface_for("192.168.1.20") == "192.168.1.20"
    assert interface_for("0.0.0.0") not in ("", "0.0.0.0")


@pytest.mark.parametrize(
    ("service", "instance", "txt", "kind"),
    [
        ("_shelly._tcp.local.", "shellyplugsg3-aabb", {"gen": "3"}, "plug"),
        ("_http._tcp.local.", "ShellyPlug-S-AABB", {"id": "x"}, "plug"),
        ("_http._tcp.local.", "tasmota-AABB-1", {}, "plug"),
        ("_pdl-datastream._tcp.local.", "EPSON TM-m30", {}, "printer"),
        ("_http._tcp.local.", "Living room TV", {}, None),
        ("_ssh._tcp.local.", "shelly", {}, None),
    ],
)
def test_announcements_are_told_apart(
    service: str, instance: str, txt: dict[str, str], kind: str | None
) -> None:
    row = find_announcement(service, instance, txt)
    assert (row.kind if row else None) == kind
