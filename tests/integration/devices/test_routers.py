"""The gate for single machines over every wire to a router: may it play, and does that end by itself?"""

import asyncio
import hashlib
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

from edge.adapters.devices.routeros_api import RouterOsApi
from edge.adapters.devices.routeros_gate import Menus, RouterOsGate
from edge.adapters.devices.routeros_rest import RouterOsRest
from edge.core.devices.ports import (
    AddressUnknown,
    DeviceConfused,
    DeviceRefused,
    DeviceUnreachable,
    NetworkGate,
)
from firmware_profiles.emulators.clock import ManualClock
from firmware_profiles.emulators.routeros import RouterBox
from firmware_profiles.emulators.routeros_api import RouterOsApiEmulator
from firmware_profiles.emulators.routeros_packets import Packet, forward
from firmware_profiles.emulators.routeros_rest import RouterOsRestEmulator

MAC = "AA:BB:CC:00:00:01"
NEIGHBOUR = "AA:BB:CC:00:00:02"
CONSOLE, SERVER = "192.168.30.50", "203.0.113.7"
CONSOLE_SIX, SERVER_SIX = "2001:db8::50", "2001:db8:ffff::7"
PATIENT_S, IMPATIENT_S = 60.0, 0.2
SECRET = "swordfish"


@dataclass
class Wired:
    """A router, the gate that steers it, and its clock."""

    box: RouterBox
    emulator: RouterOsRestEmulator | RouterOsApiEmulator
    gate: NetworkGate
    clock: ManualClock

    def can_send(self, mac: str = MAC, six: bool = False) -> bool:
        source, target = (CONSOLE_SIX, SERVER_SIX) if six else (CONSOLE, SERVER)
        return forward(self.box, Packet(source, target, mac))

    def can_receive(self, six: bool = False) -> bool:
        source, target = (SERVER_SIX, CONSOLE_SIX) if six else (SERVER, CONSOLE)
        return forward(self.box, Packet(source, target))


def menus_for(
    emulator: RouterOsRestEmulator | RouterOsApiEmulator, password: str = SECRET, timeout_s: float = PATIENT_S
) -> Menus:
    if isinstance(emulator, RouterOsRestEmulator):
        return RouterOsRest("router", emulator.url, user="holdfast", password=password, timeout_s=timeout_s)
    return RouterOsApi(
        "router",
        emulator.host,
        emulator.port,
        user="holdfast",
        password=password,
        tls=False,
        timeout_s=timeout_s,
    )


@asynccontextmanager
async def wired(kind: str, *, leased: bool = True) -> AsyncIterator[Wired]:
    clock = ManualClock()
    dialect, _, version = kind.partition(" ")
    box = RouterBox(
        version=version,
        password=SECRET,
        clock=clock,
        ipv6=not version.startswith("6.40"),
        changes_timeouts=not version.startswith("6."),
    )
    box.lease_address(MAC, CONSOLE)
    if not version.startswith("6.40"):
        box.hear(MAC, CONSOLE_SIX)
        box.hear(MAC, "fe80::1234")
    emulator = RouterOsRestEmulator(box) if dialect == "rest" else RouterOsApiEmulator(box)
    async with emulator, RouterOsGate(menus_for(emulator), leased=leased) as gate:
        yield Wired(box, emulator, gate, clock)


KINDS = ["rest 7.20.1 (stable)", "api 7.20.1 (stable)", "api 7.10 (stable)", "api 6.49.17", "api 6.40.9"]


@pytest.fixture(params=KINDS)
async def router(request: pytest.FixtureRequest) -> AsyncIterator[Wired]:
    async with wired(request.param) as made:
        yield made


@pytest.fixture(params=KINDS)
async def plain(request: pytest.FixtureRequest) -> AsyncIterator[Wired]:
    async with wired(request.param, leased=False) as made:
        yield made


# ── the leased gate ─────────────────────────────────────────────────────────────────────────────
async def test_an_allowed_machine_plays_and_is_never_fast_tracked(router: Wired) -> None:
    await router.gate.block(MAC)
    reading = await router.gate.allow(MAC, 3600.0)
    assert (reading.allowed, reading.complete, reading.address) == (True, True, CONSOLE)
    assert reading.remaining_s == pytest.approx(3600, abs=1)
    for _ in range(3):
        assert router.can_send()
        assert router.can_receive()
    assert router.box.fasttracked == set()


async def test_a_dead_box_gives_no_free_hours(router: Wired) -> None:
    await router.gate.allow(MAC, 3600.0)
    assert router.can_send()
    assert router.can_receive()
    router.clock.advance(3601.0)
    assert not router.can_receive()
    assert not router.can_send()
    assert not router.can_receive()
    assert router.box.fasttracked == set()


async def test_a_blocked_machine_loses_conversations_under_way(router: Wired) -> None:
    await router.gate.allow(MAC, 3600.0)
    assert router.can_send()
    reading = await router.gate.block(MAC)
    assert (reading.allowed, reading.complete) == (False, True)
    assert router.box.rows("/ip/firewall/connection") == []
    assert not router.can_send()
    assert not router.can_receive()


async def test_nobody_else_is_touched(router: Wired) -> None:
    await router.gate.block(MAC)
    other = Packet("192.168.30.99", SERVER, NEIGHBOUR)
    assert forward(router.box, other)
    assert forward(router.box, Packet(SERVER, "192.168.30.99"))


@pytest.mark.parametrize("router", KINDS[:-1], indirect=True)
async def test_the_six_has_its_twin(router: Wired) -> None:
    await router.gate.block(MAC)
    assert not router.can_send(six=True)
    await router.gate.allow(MAC, 600.0)
    assert router.can_send(six=True)
    assert router.can_receive(six=True)
    router.clock.advance(601.0)
    assert not router.can_send(six=True)
    assert not router.can_receive(six=True)


async def test_doing_it_twice_changes_nothing(router: Wired) -> None:
    await router.gate.prepare()
    await router.gate.block(MAC)
    before = [router.box.rows(menu) for menu in ("/ip/firewall/filter", "/ip/firewall/address-list")]
    await router.gate.prepare()
    await router.gate.block(MAC)
    after = [router.box.rows(menu) for menu in ("/ip/firewall/filter", "/ip/firewall/address-list")]
    assert after == before


async def test_an_extension_renews_the_lease(router: Wired) -> None:
    await router.gate.allow(MAC, 600.0)
    router.clock.advance(300.0)
    reading = await router.gate.allow(MAC, 2100.0)
    assert reading.remaining_s == pytest.approx(2100, abs=1)
    router.clock.advance(2000.0)
    assert router.can_send()


async def test_a_restarted_router_refuses_until_asked_again(router: Wired) -> None:
    await router.gate.allow(MAC, 3600.0)
    router.clock.advance(10.0)
    router.box.reboot()
    if isinstance(router.emulator, RouterOsApiEmulator):
        router.emulator.hang_up()
        with pytest.raises(DeviceUnreachable):
            await router.gate.read(MAC)
    reading = await router.gate.read(MAC)
    assert (reading.allowed, reading.uptime_s) == (False, 0.0)
    assert not router.can_send()
    assert (await router.gate.allow(MAC, 3590.0)).allowed
    assert router.can_send()


async def test_a_rule_slipped_in_above_ours_is_noticed_and_mended(router: Wired) -> None:
    await router.gate.block(MAC)
    menu = "/ip/firewall/filter"
    jump = next(row for row in router.box.rows(menu) if row.get("comment") == "holdfast:jump")
    rule = {"chain": "forward", "action": "fasttrack-connection", "connection-state": "established,related"}
    router.box.add(menu, {**rule, "place-before": jump[".id"]})
    assert not (await router.gate.read(MAC)).complete
    assert (await router.gate.block(MAC)).complete
    comments = [row.get("comment") for row in router.box.rows(menu) if row["chain"] == "forward"]
    assert comments[1] == "holdfast:jump"
    assert comments.count("holdfast:jump") == 1


@pytest.mark.parametrize("damage", ["disable", "remove", "reorder"])
async def test_a_damaged_chain_is_noticed_and_mended(router: Wired, damage: str) -> None:
    await router.gate.block(MAC)
    menu = "/ip/firewall/filter"
    chain = [row for row in router.box.rows(menu) if row["chain"] == "holdfast"]
    if damage == "disable":
        router.box.set(menu, chain[-1][".id"], {"disabled": "true"})
    elif damage == "remove":
        router.box.remove(menu, chain[4][".id"])
    else:
        router.box.move(menu, chain[4][".id"], chain[0][".id"])
    assert not (await router.gate.read(MAC)).complete
    assert (await router.gate.block(MAC)).complete
    assert not router.can_send()
    assert (await router.gate.allow(MAC, 60.0)).complete
    assert router.can_send()


async def test_a_router_reset_to_factory_is_laid_anew(router: Wired) -> None:
    await router.gate.allow(MAC, 60.0)
    router.box.lose_config()
    router.box.lease_address(MAC, CONSOLE)
    assert not (await router.gate.read(MAC)).complete
    assert (await router.gate.block(MAC)).complete
    assert not router.can_send()


async def test_a_machine_that_moved_to_another_address_takes_its_lease_along(router: Wired) -> None:
    await router.gate.allow(MAC, 3600.0)
    lease = router.box.rows("/ip/dhcp-server/lease")[0]
    router.box.set("/ip/dhcp-server/lease", lease[".id"], {"address": "192.168.30.77"})
    assert not (await router.gate.read(MAC)).allowed
    await router.gate.allow(MAC, 3500.0)
    assert {row["address"] for row in router.box.rows("/ip/firewall/address-list")} == {"192.168.30.77"}
    assert forward(router.box, Packet("192.168.30.77", SERVER, MAC))
    assert not router.can_send()


async def test_a_machine_the_router_never_saw_has_no_address(router: Wired) -> None:
    with pytest.raises(AddressUnknown):
        await router.gate.allow(NEIGHBOUR, 60.0)
    assert not (await router.gate.read(NEIGHBOUR)).allowed
    router.box.hear(NEIGHBOUR, "192.168.30.60")
    assert (await router.gate.allow(NEIGHBOUR, 60.0)).address == "192.168.30.60"


async def test_a_mac_may_be_written_in_any_way(router: Wired) -> None:
    assert (await router.gate.allow("aa-bb-cc-00-00-01", 60.0)).allowed
    assert (await router.gate.read("aabbcc000001")).allowed


# ── the plain gate of the seed ──────────────────────────────────────────────────────────────────
async def test_the_seeds_drop_rule_comes_and_goes(plain: Wired) -> None:
    await plain.gate.prepare()
    assert plain.can_send()
    reading = await plain.gate.block(MAC)
    assert (reading.allowed, reading.complete, reading.keeps_time) == (False, True, False)
    rule = next(
        row for row in plain.box.rows("/ip/firewall/filter") if row.get("comment") == f"holdfast:{MAC}"
    )
    assert (rule["chain"], rule["src-mac-address"], rule["action"]) == ("forward", MAC, "drop")
    assert not plain.can_send()
    reading = await plain.gate.allow(MAC, 60.0)
    assert (reading.allowed, reading.remaining_s) == (True, None)
    assert plain.can_send()


async def test_the_seeds_rule_ends_fast_tracked_conversations(plain: Wired) -> None:
    plain.can_send()
    plain.can_receive()
    plain.can_send()
    assert plain.box.fasttracked
    await plain.gate.block(MAC)
    await plain.gate.block(MAC)
    assert not plain.can_send()


async def test_the_seeds_rule_survives_a_reboot_of_the_router(plain: Wired) -> None:
    await plain.gate.block(MAC)
    plain.box.reboot()
    assert not plain.can_send()


async def test_a_seeds_rule_that_slid_below_fast_track_is_put_back(plain: Wired) -> None:
    await plain.gate.block(MAC)
    menu = "/ip/firewall/filter"
    rule = next(row for row in plain.box.rows(menu) if row.get("comment") == f"holdfast:{MAC}")
    plain.box.add(menu, {"chain": "forward", "action": "accept", "place-before": rule[".id"]})
    assert (await plain.gate.read(MAC)).allowed
    assert not (await plain.gate.block(MAC)).allowed
    assert [row.get("comment") for row in plain.box.rows(menu)].count(f"holdfast:{MAC}") == 1


# ── the way there ───────────────────────────────────────────────────────────────────────────────
async def test_who_it_is(router: Wired) -> None:
    identity = await router.gate.identify()
    assert (identity.model, identity.firmware) == ("RB760iGS", router.box.version)


@pytest.mark.parametrize("kind", KINDS)
async def test_a_wrong_pass_word_is_refused(kind: str) -> None:
    async with wired(kind) as router, RouterOsGate(menus_for(router.emulator, "wrong")) as gate:
        with pytest.raises(DeviceRefused):
            await gate.read(MAC)


@pytest.mark.parametrize("fault", ["drop", "lose_answers", "gone"])
async def test_faults_of_the_way_are_unreachable_and_heal(router: Wired, fault: str) -> None:
    await router.gate.allow(MAC, 600.0)
    if fault == "gone":
        await router.emulator.stop()
    else:
        setattr(router.emulator.faults, fault, True)
    with pytest.raises(DeviceUnreachable):
        await router.gate.block(MAC)
    if fault == "gone":
        await router.emulator.start()
    else:
        setattr(router.emulator.faults, fault, False)
    assert not (await router.gate.block(MAC)).allowed


async def test_a_silent_router_is_unreachable_and_heals(router: Wired) -> None:
    router.emulator.faults.hang()
    async with RouterOsGate(menus_for(router.emulator, timeout_s=IMPATIENT_S)) as impatient:
        with pytest.raises(DeviceUnreachable):
            await impatient.block(MAC)
        router.emulator.faults.answer()
    assert not (await router.gate.block(MAC)).allowed


async def test_commands_on_one_router_do_not_mix(router: Wired) -> None:
    macs = [f"AA:BB:CC:00:01:{n:02X}" for n in range(6)]
    for n, mac in enumerate(macs):
        router.box.lease_address(mac, f"192.168.30.{100 + n}")
    async with asyncio.TaskGroup() as group:
        for mac in macs:
            group.create_task(router.gate.allow(mac, 60.0))
    readings = [await router.gate.read(mac) for mac in macs]
    assert all(reading.allowed and reading.complete for reading in readings)


@pytest.mark.parametrize("dialect", ["rest", "api"])
async def test_a_pinned_certificate_is_taken_and_another_is_not(
    dialect: str, certificate: tuple[ssl.SSLContext, bytes]
) -> None:
    tls, der = certificate
    box = RouterBox(password=SECRET, clock=ManualClock())
    box.lease_address(MAC, CONSOLE)
    emulator: RouterOsRestEmulator | RouterOsApiEmulator = (
        RouterOsRestEmulator(box, tls=tls) if dialect == "rest" else RouterOsApiEmulator(box, tls=tls)
    )
    async with emulator:
        async with RouterOsGate(_pinned(emulator, hashlib.sha256(der).digest())) as gate:
            assert (await gate.allow(MAC, 60.0)).allowed
        async with RouterOsGate(_pinned(emulator, b"\0" * 32)) as stranger:
            with pytest.raises(DeviceConfused):
                await stranger.read(MAC)
        async with RouterOsGate(_pinned(emulator, None)) as unknown:
            with pytest.raises(DeviceUnreachable):
                await unknown.read(MAC)


def _pinned(emulator: RouterOsRestEmulator | RouterOsApiEmulator, fingerprint: bytes | None) -> Menus:
    if isinstance(emulator, RouterOsRestEmulator):
        return RouterOsRest("router", emulator.url, user="holdfast", password=SECRET, fingerprint=fingerprint)
    return RouterOsApi(
        "router",
        emulator.host,
        emulator.port,
        user="holdfast",
        password=SECRET,
        fingerprint=fingerprint,
    )
