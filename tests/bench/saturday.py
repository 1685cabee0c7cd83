"""A Saturday night: 40 tables, 160 phones, three kitchen stations, 1,200 orders from six to eleven, at 60×.

Every phone is a socket of its own, every station an MQTT device that acknowledges, cooks and serves its
tickets; guests change their minds before they order, some eat in courses and somebody of the staff fires
these; the cloud is away all evening. It is one real box, with real brokers and real fsyncs. What is measured
is what a guest feels meanwhile, and what the box has used up in the end. An order lost, doubled or not
served fails the measure.

Limits: a bare relay and a bare broker, used at a guest's pace on the same machine throughout the evening, and
two fsyncs of the disk as it was meanwhile, each at the same quantile as ours.
"""

import asyncio
import random
import sqlite3
import sys
import tempfile
import time
from asyncio import TaskGroup
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import aiohttp
import msgspec
import psutil
from argon2 import PasswordHasher

from edge.core.commands import AdoptMenu, ConfigureVenue
from protocol.facts.menu import ComboChoice, ComboSlot, Menu, MenuItem
from protocol.facts.venue import KitchenStation, StaffAccount
from tests.bench import boxes, probes
from tests.bench.boxes import box, ended, free_port, journal, process, quantile
from tests.bench.evening import Diary, Floor, Kitchen, Party, sim
from tests.bench.m1_cart import PAYLOAD
from tests.bench.rows import Row

TABLES, PHONES, ORDERS, EVENING_MINUTES = 40, 4, 1200, 300
STATIONS = ("grill", "cold", "bar")
PIN = "4711"
_BROKER = "listener {port} 127.0.0.1\nallow_anonymous true\nset_tcp_nodelay true\nlog_type error\n"


class Beside(NamedTuple):
    """What bare things took meanwhile, in seconds."""

    relay_s: list[float]
    broker_s: list[float]
    disk_s: list[float]


def menu() -> Menu:
    """Sixty dishes at three stations, a third of them in courses, and two combos."""
    courses = {"grill": "main", "cold": "starter", "bar": ""}
    plain = [
        MenuItem(
            n, f"Dish number {n}", "Food", 100 * n, "", station, course=courses[station] if n % 3 == 0 else ""
        )
        for n in range(1, 61)
        for station in (STATIONS[n % 7 % 3],)
    ]
    slots = (
        ComboSlot(1, "Main", (ComboChoice(1), ComboChoice(4, 150))),
        ComboSlot(2, "Drink", (ComboChoice(2), ComboChoice(5))),
    )
    combos = [MenuItem(n, f"Combo {n}", "Deals", 1900, slots=slots) for n in (61, 62)]
    return Menu(2, "EUR", ("Deals", "Food"), (*combos, *plain))


async def furnish(directory: Path) -> None:
    """The venue on disk, claimed by a cloud that is away."""
    hashed = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PIN)
    config = msgspec.structs.replace(
        boxes.CONFIG,
        stations=tuple(KitchenStation(station, station.title()) for station in STATIONS),
        staff=(StaffAccount("ana", "Ana", "manager", hashed),),
    )
    async with journal(directory, claimed=True) as writer:
        await writer.execute(ConfigureVenue(config))
        await writer.execute(AdoptMenu(menu()))


async def serve(url: str, broker_port: int, diary: Diary, minutes: float, orders: int) -> None:
    """The whole evening, until the last ticket is served."""
    dice = random.Random(1)
    async with (
        aiohttp.ClientSession(url, connector=aiohttp.TCPConnector(limit=0)) as http,
        asyncio.TaskGroup() as group,
    ):
        kitchens = [Kitchen(station, broker_port, diary, random.Random(station)) for station in STATIONS]
        cooking = [group.create_task(kitchen.run()) for kitchen in kitchens]
        parties = [Party(http, f"T{n}", PHONES, diary, random.Random(n)) for n in range(1, TABLES + 1)]
        async with asyncio.TaskGroup() as seating:
            for party in parties:
                seating.create_task(party.sit_down(group))
        staff = await _sign_in(http)
        floor = group.create_task(Floor(http, staff, diary, random.Random(2)).run())
        await asyncio.sleep(0.3)  # until the tablet and the kitchen listen
        async with asyncio.TaskGroup() as dining:
            for party, times in zip(parties, _times(dice, minutes, orders), strict=True):
                dining.create_task(party.dine(times))
        await diary.all_served()
        await ended(*cooking, floor)
        for party in parties:
            await party.leave()


def _times(dice: random.Random, minutes: float, orders: int) -> Iterator[list[float]]:
    """For each table the minutes of the evening at which it orders; fuller around eight."""
    per_table = [orders // TABLES] * TABLES
    for count in per_table:
        yield sorted(dice.triangular(3, minutes, minutes * 0.45) for _ in range(count))


async def _sign_in(http: aiohttp.ClientSession) -> dict[str, str]:
    async with http.post("/api/v1/auth/pin", json={"user": "ana", "pin": PIN}) as answer:
        return {"Authorization": f"Bearer {(await answer.json())['token']}"}


def usage(pid: int) -> tuple[float, float]:
    """Seconds of processor time and MiB of memory that a process has used."""
    box_process = psutil.Process(pid)
    spent = box_process.cpu_times()
    return spent.user + spent.system, box_process.memory_info().rss / 2**20


def check(directory: Path, orders: int) -> None:
    """Every order there once, and everything served."""
    with sqlite3.connect(f"file:{directory / 'journal.sqlite3'}?mode=ro", uri=True) as journal_file:
        (confirmed,) = journal_file.execute(
            "SELECT count(*) FROM orders WHERE status = 'confirmed'"
        ).fetchone()
        (left,) = journal_file.execute("SELECT count(*) FROM tickets WHERE state <> 'served'").fetchone()
    assert (confirmed, left) == (orders, 0), f"{confirmed} of {orders} orders, {left} tickets not served"


async def measure(minutes: float = EVENING_MINUTES, orders: int = ORDERS) -> list[Row]:
    """One evening."""
    diary, beside = Diary(orders), Beside([], [], [])
    with tempfile.TemporaryDirectory() as scratch:
        directory, port, relay_port = Path(scratch) / "box", free_port(), free_port()
        settings = Path(scratch) / "mosquitto.conf"
        settings.write_text(_BROKER.format(port=port))
        await furnish(directory)
        with (
            process("mosquitto", "-c", str(settings), python=False),
            process("-m", "tests.bench.relay", str(relay_port)) as relay,
        ):
            assert relay.stdout is not None
            relay.stdout.readline()
            async with (
                box(directory, "--mqtt", f"mqtt://127.0.0.1:{port}") as (url, pid),
                TaskGroup() as group,
            ):
                watching = [
                    group.create_task(
                        probes.relay(f"http://127.0.0.1:{relay_port}", PAYLOAD, beside.relay_s)
                    ),
                    group.create_task(probes.broker(port, beside.broker_s)),
                    group.create_task(probes.disk(Path(scratch), beside.disk_s)),
                ]
                begun_s, (cpu_s, _) = time.perf_counter(), usage(pid)
                await serve(url, port, diary, minutes, orders)
                took_s, (after_s, rss_mib) = time.perf_counter() - begun_s, usage(pid)
                await ended(*watching)
        check(directory, orders)
    return _rows(diary, beside, (after_s - cpu_s) / took_s, rss_mib)


def _rows(diary: Diary, beside: Beside, share: float, rss_mib: float) -> list[Row]:
    told, answered, tickets = sorted(diary.told_s), sorted(diary.answered_s), sorted(diary.tickets_s)
    relay, broker, disk = sorted(beside.relay_s), sorted(beside.broker_s), sorted(beside.disk_s)

    def row(name: str, ours: list[float], limit: list[float], at: float, target: str = "") -> Row:
        allowed_s = quantile(limit, at) + 2 * quantile(disk, at)
        return Row.latency(f"Saturday: {name}, p{at * 100:.0f}", quantile(ours, at), allowed_s, target)

    return [
        row(f"{len(told)} mutations", told, relay, 0.5),
        row(f"{len(told)} mutations", told, relay, 0.99, "<= 1 (relay + 2 fsyncs)"),
        row(f"{len(answered)} orders", answered, relay, 0.5),
        row(f"{len(answered)} orders", answered, relay, 0.99),
        row(f"{len(tickets)} tickets", tickets, broker, 0.99, "<= 1 (broker + 2 fsyncs)"),
        Row.latency("Saturday: one fsync meanwhile, p99", quantile(disk, 0.99), quantile(disk, 0.5)),
        Row.ratio("Saturday: share of one core", 100 * share, 100, "%", "every order, once"),
        Row.ratio("Saturday: RSS at the end", rss_mib, 100, "MiB", "", "<= 1 (M5's limit)"),
    ]


if __name__ == "__main__":
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else EVENING_MINUTES
    print(f"{minutes:.0f} minutes in {sim(minutes):.0f} s")
    for row in asyncio.run(measure(minutes, round(ORDERS * minutes / EVENING_MINUTES / TABLES) * TABLES)):
        print(row)
