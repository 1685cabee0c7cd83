"""`holdfast-edge devices` against emulated devices: what is expected is found, taken in, tested, reported."""

import asyncio
import contextlib
import json
import secrets
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from edge.cli import main
from firmware_profiles.emulators.announcing import announced
from firmware_profiles.emulators.escpos import EscPosEmulator
from firmware_profiles.emulators.routeros import RouterBox
from firmware_profiles.emulators.routeros_rest import RouterOsRestEmulator
from firmware_profiles.emulators.shelly_gen1 import ShellyGen1Emulator
from firmware_profiles.emulators.shelly_gen2 import ShellyGen2Emulator
from tests.integration.devices.adopting_box import CONSOLE, a_mac, in_service, journal
from tests.integration.edge.play.floor_box import FloorBox
from tests.integration.installer.conftest import Console
from tests.open_box import until
from tests.sample_venue import PS5

HEAD = 'name = "The Harbour"\nversion = "0.1.0"\n[board]\nkind = "x86-64"\n'


def profile(path: Path, *devices: str, kitchen: tuple[str, ...] = ()) -> str:
    """A profile that expects these devices; where it lies."""
    screens = [f'[[kitchen]]\nname = "{each}-screen"\nstation = "{each}"\n' for each in kitchen]
    (path / "box.toml").write_text(
        HEAD + "".join(f"[[device]]\n{each}\n" for each in devices) + "".join(screens)
    )
    return str(path / "box.toml")


@contextlib.asynccontextmanager
async def screen(box: FloorBox) -> AsyncIterator[list[str]]:
    """A kitchen page that acknowledges what it is shown, as ours does; the states in which it saw tickets."""
    seen: list[str] = []
    headers = {"Authorization": f"Bearer {box.token}"}

    async def follow() -> None:
        async with box.http.ws_connect(f"{box.url}/ws/kitchen?station=grill", headers=headers) as socket:
            async for frame in socket:
                told = json.loads(frame.data)
                if told["type"] == "snapshot":
                    open_.set()
                elif told["type"] == "ticket":
                    seen.append(told["state"])
                    ack = {"type": "ack", "ticket": told["ticket"], "station": told["station"]}
                    if told["state"] == "fired":
                        await socket.send_json({**ack, "state": "received"})

    open_ = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        task = group.create_task(follow())
        await asyncio.wait_for(open_.wait(), 30)
        yield seen
        task.cancel()


async def at_rest(box: FloorBox) -> None:
    """The box has looked at its new plug, and leaves it alone for a minute."""
    await box.until_station(PS5, lambda station: station["devices"].get("plug") == "well")


async def test_a_whole_list_is_fitted_out_and_a_second_run_only_tests(
    box: FloorBox, console: Console, tmp_path: Path
) -> None:
    router = RouterBox(password="sesame", serial=f"R{secrets.token_hex(5)}")
    router.lease_address(CONSOLE, "192.168.88.52")
    plug, printer = (
        ShellyGen2Emulator(mac=a_mac(), load_w=61.0),
        EscPosEmulator(serial=f"X{secrets.token_hex(5)}"),
    )
    async with plug, announced(plug), RouterOsRestEmulator(router) as rest, printer, screen(box) as seen:
        wanted = profile(
            tmp_path,
            f'kind = "plug"\nstation = "PS5-1"\nmac = "{plug.mac}"',
            f'kind = "router"\nname = "Hall"\naddress = "{rest.url}"\nuser = "holdfast"\n'
            f'password = "sesame"\nmachines = {{ "PS5-1" = "{CONSOLE}" }}',
            f'kind = "printer"\nname = "Grill printer"\naddress = "{printer.host}:{printer.port}"\n'
            'kitchen = ["grill"]\nreceipts = true',
            kitchen=("grill",),
        )
        first = await console("devices", "fit", wanted)
        assert first.status == 0, first.out + first.err
        lines = first.out.splitlines()
        assert lines[0].startswith(
            "PS5-1's plug: taken into service; passed: prepare, on, read power (61.0 W), off"
        )
        assert lines[1] == "Hall: taken into service; passed: prepare, allow, block"
        assert lines[2] == "Grill printer: taken into service; passed: status, print"
        assert lines[3] == "Kitchen grill: answers; passed: send, answer on its page"
        await until(lambda: seen == ["fired", "served"])  # it leaves the screen when it was seen
        assert "This printer works." in printer.slips[-1].text
        assert not plug.relay.on
        plug.reboot()
        assert not plug.relay.on, "it stays off after a power cut"
        serving = await in_service(box)
        assert serving[plug.mac]["station_id"] == PS5
        assert serving[f"sn-{router.serial}"]["machines"] == {PS5: CONSOLE}
        assert serving[f"sn-{printer.head.serial}"]["stations"] == ["grill"]

        before = await journal(box)
        again = await console("devices", "fit", wanted, "--json")
        assert again.status == 0, again.out + again.err
        assert [each["outcome"] for each in again.json] == ["serving"] * 4
        assert await journal(box) == before, "nothing is written twice"

        listed = await console("devices", "--json")
        assert listed.status == 0
        assert {each["tested"].get("failed") for each in listed.json["devices"]} == {None}
        assert listed.json["kitchen"]["grill"]["passed"] == ["send", "answer on its page"]
        await at_rest(box)


async def test_each_thing_that_goes_wrong_is_named_and_holds_up_no_other(
    box: FloorBox, console: Console, tmp_path: Path
) -> None:
    locked, old = (
        ShellyGen2Emulator(mac=a_mac(), password="sesame"),
        ShellyGen2Emulator(mac=a_mac(), firmware="0.9.3"),
    )
    gone, well = ShellyGen1Emulator(mac=a_mac()), ShellyGen1Emulator(mac=a_mac())
    async with locked, old, gone:
        gone_at = gone.url
    async with locked, old, well:
        wanted = profile(
            tmp_path,
            f'kind = "plug"\nname = "locked"\nstation = "PC-1"\naddress = "{locked.url}"\npassword = "guess"',
            f'kind = "plug"\nname = "old"\nstation = "PC-2"\naddress = "{old.url}"',
            f'kind = "router"\nname = "gone"\naddress = "{gone_at}"',
            f'kind = "plug"\nname = "other"\nstation = "PS5"\naddress = "{well.url}"\nmac = "{a_mac()}"',
            'kind = "printer"\nname = "lost"\naddress = "127.0.0.1"\nkitchen = ["cellar"]',
            f'kind = "plug"\nname = "well"\nstation = "{PS5}"\naddress = "{well.url}"',
            kitchen=("bar",),
        )
        before = await journal(box)
        said = await console("devices", "fit", wanted, "--json")
        assert said.status == 1
        assert [(each["title"], each.get("code")) for each in said.json] == [
            ("locked", "device_refused"),
            ("old", "device_outdated"),
            ("gone", "device_unreachable"),
            ("other", "unknown_station"),
            ("lost", "unknown_station"),
            ("well", None),
            ("Kitchen bar", "kitchen_silent"),
        ]
        assert "0.9.3" in said.json[1]["words"]
        await at_rest(box)
        assert (await journal(box), list(await in_service(box))) == (before + 1, [well.mac])
        assert locked.config["initial_state"] == old.config["initial_state"] == "restore_last"
        failed = await console("devices", "try", "bar")
        assert failed.status == 1
        assert "bar: FAILED at 'answer'" in failed.out
        everything = await console("devices", "try", "--json")
        assert set(everything.json) == {well.mac, "bar"}, "nobody said that there is a screen at the grill"
        await at_rest(box)
        listed = await console("devices")
        assert listed.status == 1
        assert "kitchen bar: FAILED at 'answer': No screen of this kitchen station answered" in listed.out


async def test_a_plug_that_asks_to_be_left_alone_is_asked_again(
    box: FloorBox, console: Console, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge.installer.fitting_out._AGAIN_AFTER_S", 0.01)
    async with ShellyGen2Emulator(mac=a_mac()) as plug:
        wanted = profile(tmp_path, f'kind = "plug"\nstation = "{PS5}"\naddress = "{plug.url}"')
        plug.faults.busy = True
        said = await console("devices", "fit", wanted, "--json")
        assert (said.status, said.json[0]["code"]) == (1, "device_busy")
        plug.faults.busy = False
        said = await console("devices", "fit", wanted, "--json")
        assert (said.status, said.json[0]["outcome"]) == (0, "adopted")
        await at_rest(box)


async def test_one_after_the_other_is_typed_by_hand(box: FloorBox, console: Console, tmp_path: Path) -> None:
    secret = tmp_path / "word"
    secret.write_text("sesame\n")
    async with ShellyGen2Emulator(mac=a_mac(), password="sesame") as plug, announced(plug):
        looked = await console("devices", "look", "plug", plug.url)
        assert looked.status == 0
        assert plug.mac in looked.out
        found = await console("devices", "find", "--wait", "0")
        assert plug.mac in found.out
        refused = await console("devices", "adopt", plug.mac, "--station", "PS5-1")
        assert (refused.status, "device_refused" in refused.err) == (1, True)
        word = ("--password-file", str(secret))
        adopted = await console("devices", "adopt", plug.mac, "--station", "PS5-1", "--name", "Left", *word)
        assert adopted.status == 0, adopted.err
        assert "Left is in service: prepare, on" in adopted.out
        tried = await console("devices", "try", plug.mac)
        assert (tried.status, tried.out.startswith("Left: passed: prepare, on")) == (0, True)
        plug.faults.drop = True
        assert (await console("devices", "try", plug.mac)).status == 1
        listed = await console("devices")
        assert (listed.status, "FAILED at 'prepare'" in listed.out) == (1, True)
        plug.faults.drop = False
        assert (await console("devices", "release", plug.mac)).status == 0
        assert not await in_service(box)
        by = box.app.reader.execute(
            "SELECT count(*) FROM journal WHERE record LIKE '%DeviceAdopted%'"
        ).fetchone()
        assert by == (1,)


async def test_the_report_says_what_is_expected_and_how_the_visit_went(
    box: FloorBox, console: Console, tmp_path: Path
) -> None:
    async with ShellyGen2Emulator(mac=a_mac()) as plug:
        gone = 'kind = "router"\nname = "Hall"\naddress = "127.0.0.1:9"'
        wanted = profile(tmp_path, f'kind = "plug"\nstation = "PS5-1"\naddress = "{plug.url}"', gone)
        assert (await console("devices", "fit", wanted)).status == 1
        await at_rest(box)
    from edge.provision import expected
    from edge.provision.profile import load

    laid = tmp_path / "devices.json"
    laid.write_bytes(expected.encode(load(Path(wanted)).device, ()))
    target = tmp_path / "report.html"
    words = ["report", "--data", str(tmp_path / "box"), "--address", "http://box.example", str(target)]
    assert await asyncio.to_thread(main, [*words, "--expected", str(laid)]) == 0
    report = target.read_text()
    assert "PS5-1&#x27;s plug" in report
    assert "; passed on " in report
    assert "Expected, and not in service" in report
    assert "The device does not answer" in report
    assert report.count("<figure><svg") == 2


async def test_nobody_without_the_boxs_secret_may(box: FloorBox, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "token.secret").write_bytes(secrets.token_bytes(32))
    words = ["devices", "find", "--wait", "0", "--data", str(tmp_path / "elsewhere"), "--box", box.url]
    assert await asyncio.to_thread(main, words) == 1


def test_a_box_that_does_not_run_is_said_to_be_silent(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["devices", "--data", str(tmp_path), "--box", "http://127.0.0.1:9"]
    assert main(words) == 1
    assert "No box has run" in capsys.readouterr().err
    (tmp_path / "token.secret").write_bytes(secrets.token_bytes(32))
    assert main(words) == 1
    assert "The box does not answer" in capsys.readouterr().err
