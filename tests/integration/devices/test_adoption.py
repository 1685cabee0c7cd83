"""Taking plugs into service: tried, closed and recorded, or refused by name with nothing changed."""

import asyncio
import contextlib

import aiohttp
import pytest

from firmware_profiles.emulators.announcing import announced
from firmware_profiles.emulators.shelly_gen1 import ShellyGen1Emulator
from firmware_profiles.emulators.shelly_gen2 import ShellyGen2Emulator
from firmware_profiles.emulators.tasmota import TasmotaEmulator
from tests.integration.devices.adopting_box import (
    a_mac,
    adopt,
    in_service,
    journal,
    look,
    until_found,
)
from tests.integration.edge.play.floor_box import PIN, FloorBox
from tests.sample_venue import PS5


@pytest.mark.parametrize("emulator", [ShellyGen1Emulator, ShellyGen2Emulator, TasmotaEmulator])
async def test_a_plug_is_heard_tried_closed_and_put_to_work(
    box: FloorBox, emulator: type[ShellyGen1Emulator | ShellyGen2Emulator | TasmotaEmulator]
) -> None:
    async with emulator(mac=a_mac(), load_w=61.0) as plug, announced(plug):
        found = await until_found(box, id=plug.mac)
        assert (found["state"], found["kind"], found["announced"]) == ("new", "plug", True)
        assert found["model_name"] in ("Shelly Plug S", "Shelly Plug S Gen3", "Nous A1T")

        status, reply = await adopt(box, plug.mac, station_id=PS5)
        assert status == 201, reply
        assert reply["trial"]["passed"] == ["prepare", "on", "read power", "off"]
        assert reply["trial"]["power_w"] == pytest.approx(61.0, abs=1)
        assert (reply["device"]["station_id"], reply["device"]["protected"]) == (PS5, True)
        assert not plug.relay.on
        plug.reboot()
        assert not plug.relay.on, "it stays off after a power cut"

        plug.heard.clear()
        await _knock(plug.url)
        assert any(not each.authorised for each in plug.heard), "strangers are kept out"

        session = await box.start(PS5, 60)
        await box.until_station(PS5, lambda station: plug.relay.on)
        assert plug.relay.timer_remaining_s == pytest.approx(3630, abs=10)
        await box.ask("DELETE", f"/api/v1/sessions/{session['id']}")
        await box.until_station(PS5, lambda station: not plug.relay.on)


async def _knock(url: str) -> None:
    """Somebody without the pass word tries to switch it on, in every dialect."""
    async with aiohttp.ClientSession() as http:
        for path in ("/relay/0?turn=on", "/rpc/Switch.Set?id=0&on=true", "/cm?cmnd=Power1%20On"):
            with contextlib.suppress(aiohttp.ClientError):
                async with http.get(url + path) as answer:
                    await answer.read()


async def test_a_waiter_may_not_adopt(box: FloorBox) -> None:
    async with ShellyGen2Emulator(mac=a_mac()) as plug:
        await look(box, "plug", plug.url)
        _, signed = await box.ask("POST", "/api/v1/auth/pin", {"user": "ben", "pin": PIN})
        box.token = signed["token"]
        status, reply = await adopt(box, plug.mac, station_id=PS5)
        assert (status, reply["error"]["code"]) == (403, "forbidden")


async def test_a_plug_with_a_pass_word_is_adopted_with_it_and_not_without(box: FloorBox) -> None:
    async with ShellyGen2Emulator(mac=a_mac(), password="sesame") as plug:
        await look(box, "plug", plug.url)
        before = await journal(box)
        status, reply = await adopt(box, plug.mac, station_id=PS5, password="wrong")
        assert (status, reply["error"]["code"], reply["error"]["step"]) == (409, "device_refused", "identify")
        assert await journal(box) == before
        assert not await in_service(box)
        assert plug.config["initial_state"] == "restore_last", "nothing was configured either"
        status, reply = await adopt(box, plug.mac, station_id=PS5, password="sesame")
        assert status == 201, reply


async def test_a_tasmota_with_a_pass_word_says_who_it_is_once_it_hears_it(box: FloorBox) -> None:
    async with TasmotaEmulator(mac=a_mac(), password="sesame") as plug, announced(plug):
        found = await until_found(box, url=plug.url, state="locked")
        status, reply = await adopt(box, found["id"], station_id=PS5, password="sesame")
        assert status == 201, reply
        assert reply["device"]["id"] == plug.mac


async def test_a_device_that_goes_away_in_the_middle_changes_nothing(box: FloorBox) -> None:
    async with ShellyGen1Emulator(mac=a_mac()) as plug:
        await look(box, "plug", plug.url)
        before = await journal(box)
        plug.faults.drop = True
        status, reply = await adopt(box, plug.mac, station_id=PS5)
        assert (status, reply["error"]["code"]) == (409, "device_unreachable")
        plug.faults.drop = False
        plug.faults.lose_answers = True
        status, reply = await adopt(box, plug.mac, station_id=PS5)
        assert (status, reply["error"]["code"]) == (409, "device_unreachable")
        plug.faults.lose_answers = False
        assert (await journal(box), await in_service(box)) == (before, {})
        status, reply = await adopt(box, plug.mac, station_id=PS5)
        assert status == 201, reply


async def test_two_of_the_staff_adopt_the_same_plug_at_once(box: FloorBox) -> None:
    async with ShellyGen2Emulator(mac=a_mac()) as plug:
        await look(box, "plug", plug.url)
        answers = await asyncio.gather(*(adopt(box, plug.mac, station_id=PS5) for _ in range(2)))
        assert sorted(status for status, _ in answers) == [201, 409]
        refused = next(reply for status, reply in answers if status == 409)
        assert refused["error"]["code"] == "device_adopted"
        assert list(await in_service(box)) == [plug.mac]


async def test_a_repeat_under_the_same_mid_gets_the_same_device(box: FloorBox) -> None:
    async with ShellyGen2Emulator(mac=a_mac()) as plug:
        await look(box, "plug", plug.url)
        first = await adopt(box, plug.mac, station_id=PS5, mid="adopt-0001")
        again = await adopt(box, plug.mac, station_id=PS5, mid="adopt-0001")
        assert (first[0], again[0]) == (201, 201), again
        assert again[1]["device"]["id"] == plug.mac


async def test_a_station_has_one_plug_until_it_is_replaced_and_its_guest_plays_on(box: FloorBox) -> None:
    async with ShellyGen2Emulator(mac=a_mac()) as old, ShellyGen1Emulator(mac=a_mac()) as new:
        for plug in (old, new):
            await look(box, "plug", plug.url)
        assert (await adopt(box, old.mac, station_id=PS5))[0] == 201
        status, reply = await adopt(box, new.mac, station_id=PS5)
        assert (status, reply["error"]["code"]) == (409, "station_has_plug")

        session = await box.start(PS5, 60)
        await box.until_station(PS5, lambda station: old.relay.on)
        await old.stop()  # it burnt out
        status, reply = await adopt(box, new.mac, replaces=old.mac)
        assert status == 201, reply
        assert reply["device"]["station_id"] == PS5
        await box.until_station(PS5, lambda station: new.relay.on)
        assert new.relay.timer_remaining_s == pytest.approx(3630, abs=10)
        assert list(await in_service(box)) == [new.mac]
        _, still = await box.ask("GET", f"/api/v1/sessions/{session['id']}")
        assert still["status"] == "ACTIVE"


async def test_a_plug_that_was_let_go_lets_everybody_in_and_can_be_adopted_again(box: FloorBox) -> None:
    async with ShellyGen2Emulator(mac=a_mac()) as plug:
        await look(box, "plug", plug.url)
        assert (await adopt(box, plug.mac, station_id=PS5))[0] == 201
        assert plug.heard[-1].authorised
        status, reply = await box.ask("POST", f"/api/v1/devices/{plug.mac}/release", {"reason": "moved"})
        assert (status, reply) == (200, {"id": plug.mac, "unlocked": True})
        plug.heard.clear()
        await _knock(plug.url)
        assert all(each.authorised for each in plug.heard)
        assert not await in_service(box)
        assert (await box.stations())[PS5]["devices"] == {}
        status, reply = await box.ask("POST", f"/api/v1/devices/{plug.mac}/release", {})
        assert (status, reply["error"]["code"]) == (404, "unknown_device")
        assert (await adopt(box, plug.mac, station_id=PS5))[0] == 201


async def test_a_plug_of_which_the_release_could_not_be_told_is_adopted_again_with_its_old_pass_word(
    box: FloorBox,
) -> None:
    async with ShellyGen2Emulator(mac=a_mac()) as plug:
        await look(box, "plug", plug.url)
        assert (await adopt(box, plug.mac, station_id=PS5))[0] == 201
        await plug.stop()
        _, reply = await box.ask("POST", f"/api/v1/devices/{plug.mac}/release", {})
        assert reply["unlocked"] is False
        await plug.start()
        assert (await adopt(box, plug.mac, station_id=PS5))[0] == 201
