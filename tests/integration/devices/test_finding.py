"""Finding devices: what moved, what is announced falsely, what only an address leads to; the box itself."""

import asyncio
import secrets
from pathlib import Path

import msgspec
import pytest

from edge.core.devices.bindings import Bindings, DeviceAddress, StationBinding
from firmware_profiles.emulators.announcing import LOOPBACK, announced
from firmware_profiles.emulators.escpos import EscPosEmulator
from firmware_profiles.emulators.routeros import RouterBox
from firmware_profiles.emulators.routeros_rest import RouterOsRestEmulator
from firmware_profiles.emulators.shelly_gen2 import ShellyGen2Emulator
from tests.integration.devices.adopting_box import (
    CONSOLE,
    a_mac,
    adopt,
    in_service,
    listening_box,
    look,
    until_found,
)
from tests.integration.edge.play.floor_box import FloorBox
from tests.sample_venue import PS5


async def test_a_plug_that_gets_another_address_is_found_again(box: FloorBox) -> None:
    plug = ShellyGen2Emulator(mac=a_mac())
    async with plug, announced(plug):
        await until_found(box, id=plug.mac)
        assert (await adopt(box, plug.mac, station_id=PS5))[0] == 201
        session = await box.start(PS5, 60)
        await box.until_station(PS5, lambda station: plug.relay.on)
    before = plug.url
    plug.host, plug.port = "127.0.0.9", 0  # the router gave it another one
    plug.relay.restart(False)
    async with plug, announced(plug):
        assert plug.url != before
        await until_found(box, id=plug.mac, url=plug.url)
        await box.until_station(PS5, lambda station: plug.relay.on)
        assert (await in_service(box))[plug.mac]["url"] == plug.url
        await box.ask("DELETE", f"/api/v1/sessions/{session['id']}")
        await box.until_station(PS5, lambda station: not plug.relay.on)


async def test_somebody_who_announces_the_same_plug_elsewhere_gets_neither_its_place_nor_its_pass_word(
    box: FloorBox,
) -> None:
    plug = ShellyGen2Emulator(mac=a_mac())
    async with plug:
        await look(box, "plug", plug.url)
        assert (await adopt(box, plug.mac, station_id=PS5))[0] == 201
        thief = ShellyGen2Emulator(mac=plug.mac)
        async with thief, announced(thief):
            await until_found(box, id=plug.mac, url=thief.url)
            assert (await in_service(box))[plug.mac]["url"] == plug.url
            assert {each.path for each in thief.heard} == {"/shelly"}


async def test_adopted_devices_work_after_a_restart(tmp_path: Path) -> None:
    async with ShellyGen2Emulator(mac=a_mac()) as plug:
        async with listening_box(tmp_path / "box", mdns=None) as box:
            await look(box, "plug", plug.url)
            assert (await adopt(box, plug.mac, station_id=PS5))[0] == 201
        assert (tmp_path / "box" / "devices.json").stat().st_mode & 0o077 == 0
        async with listening_box(tmp_path / "box", mdns=None) as box:
            await box.start(PS5, 60)
            await box.until_station(PS5, lambda station: plug.relay.on)
            record = box.app.reader.execute("SELECT group_concat(record) FROM journal").fetchone()[0]
            password = (tmp_path / "box" / "devices.json").read_text()
            secret = msgspec.json.decode(password)[plug.mac]["at"]["password"]
            assert secret not in str(record), "pass words never leave the box"


async def test_a_plug_at_work_for_a_guest_is_not_tried_under_him(tmp_path: Path) -> None:
    async with ShellyGen2Emulator(mac=a_mac()) as plug:
        bound = Bindings({}, {PS5: StationBinding(DeviceAddress("shelly_gen2", plug.url))})
        async with listening_box(tmp_path / "box", bound, mdns=None) as box:
            found = await look(box, "plug", plug.url)
            assert found["station_id"] == PS5
            await box.start(PS5, 60)
            await box.until_station(PS5, lambda station: plug.relay.on)
            status, reply = await adopt(box, plug.mac, station_id=PS5)
            assert (status, reply["error"]["code"]) == (409, "station_busy")
            assert plug.relay.on


async def test_a_router_is_looked_for_by_address_and_cares_for_a_machine(box: FloorBox) -> None:
    router = RouterBox(password="sesame", serial=f"R{secrets.token_hex(5)}")
    router.lease_address(CONSOLE, "192.168.88.52")
    async with RouterOsRestEmulator(router) as rest:
        login = {"user": "holdfast", "password": "sesame"}
        status, reply = await box.ask(
            "POST", "/api/v1/devices/look", {"kind": "router", "address": rest.url, **login, "password": "no"}
        )
        assert (status, reply["error"]["code"]) == (409, "device_refused")
        found = await look(box, "router", rest.url, **login)
        assert (found["id"], found["model_name"]) == (f"sn-{router.serial}", "hEX S")
        status, reply = await adopt(box, found["id"], name="hall", station_id=PS5, mac=CONSOLE, **login)
        assert status == 201, reply
        assert reply["trial"]["passed"] == ["prepare", "allow", "block"]
        assert reply["device"]["machines"] == {PS5: CONSOLE}
        await box.start(PS5, 60)
        station = await box.until_station(PS5, lambda station: "gate" in station["devices"])
        assert station["devices"]["gate"] == "well"
        await box.until_station(PS5, lambda _: bool(router.rows("/ip/firewall/address-list")))

        key = found["id"]
        status, reply = await box.ask("DELETE", f"/api/v1/devices/{key}/machines/{PS5}")
        assert (status, reply["machines"]) == (200, {})
        status, reply = await box.ask("PUT", f"/api/v1/devices/{key}/machines/nowhere", {"mac": CONSOLE})
        assert (status, reply["error"]["code"]) == (404, "unknown_station")
        status, reply = await box.ask("PUT", f"/api/v1/devices/{key}/machines/{PS5}", {"mac": "00d9d1000002"})
        assert (status, reply["machines"]) == (200, {PS5: CONSOLE})


async def test_a_printer_is_heard_prints_its_test_and_then_the_kitchens_tickets(box: FloorBox) -> None:
    async with EscPosEmulator(serial=f"X{secrets.token_hex(5)}") as printer, announced(printer):
        found = await until_found(box, id=f"sn-{printer.head.serial}")
        assert (found["kind"], found["model_name"]) == ("printer", "Epson TM-T20III")
        status, reply = await adopt(box, found["id"], name="Grill printer", stations=["nowhere"])
        assert (status, reply["error"]["code"]) == (400, "invalid")
        printer.run_out()
        status, reply = await adopt(box, found["id"], name="Grill printer", stations=["grill"])
        assert (status, reply["error"]["code"]) == (409, "printer_stopped")
        printer.mend()
        status, reply = await adopt(box, found["id"], name="Grill printer", stations=["grill"])
        assert status == 201, reply
        assert "This printer works." in printer.slips[-1].text
        assert [each.name for each in box.app.hardware.printers()] == ["Grill printer"]


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "example.org", "192.168.1.1:99999", "http://192.168.1.1/admin", "u:p@10.0.0.1", "["],
)
async def test_only_the_venues_own_network_is_looked_at(box: FloorBox, address: str) -> None:
    status, reply = await box.ask("POST", "/api/v1/devices/look", {"kind": "plug", "address": address})
    assert (status, reply["error"]["code"]) == (400, "invalid")


async def test_nobody_at_the_address_is_a_named_error(box: FloorBox) -> None:
    status, reply = await box.ask("POST", "/api/v1/devices/look", {"kind": "plug", "address": "127.0.0.1:9"})
    assert (status, reply["error"]["code"]) == (409, "device_unreachable")
    status, reply = await adopt(box, "AABBCCDDEEFF", station_id=PS5)
    assert (status, reply["error"]["code"]) == (404, "unknown_device")


async def test_where_multicast_is_impossible_the_staff_is_told_and_looks_by_address(tmp_path: Path) -> None:
    async with (
        ShellyGen2Emulator(mac=a_mac()) as plug,
        listening_box(tmp_path / "box", mdns="203.0.113.7") as box,  # no interface has this address
    ):
        async with asyncio.timeout(60):
            while True:
                _, reply = await box.ask("GET", "/api/v1/devices/found")
                if "multicast on 203.0.113.7" in reply["trouble"]:
                    break
                await asyncio.sleep(0.01)
        await look(box, "plug", plug.url)
        assert (await adopt(box, plug.mac, station_id=PS5))[0] == 201


async def test_the_box_announces_itself(box: FloorBox) -> None:
    from zeroconf import IPVersion
    from zeroconf.asyncio import AsyncServiceInfo, AsyncZeroconf

    zeroconf = AsyncZeroconf(interfaces=[LOOPBACK], ip_version=IPVersion.V4Only)
    try:
        info = AsyncServiceInfo("_holdfast._tcp.local.", "Holdfast._holdfast._tcp.local.")
        async with asyncio.timeout(60):
            while not await info.async_request(zeroconf.zeroconf, 500):
                pass
        assert info.parsed_addresses() == [LOOPBACK]
    finally:
        await zeroconf.async_close()


async def test_a_box_without_its_book_finds_its_plugs_again_once_they_are_reset(tmp_path: Path) -> None:
    async with ShellyGen2Emulator(mac=a_mac()) as plug:
        async with listening_box(tmp_path / "box", mdns=None) as box:
            await look(box, "plug", plug.url)
            assert (await adopt(box, plug.mac, station_id=PS5))[0] == 201
        (tmp_path / "box" / "devices.json").unlink()
        plug.lose_config()
        async with listening_box(tmp_path / "box") as box, announced(plug):
            await until_found(box, id=plug.mac, state="adopted")
            await box.start(PS5, 60)
            await box.until_station(PS5, lambda _: plug.relay.on)
            assert plug.config["initial_state"] == "off"
