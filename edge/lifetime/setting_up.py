"""`holdfast-edge found` and `holdfast-edge pair`: a box that nobody has claimed is made to serve, and paired.

The command line of a box shares its data directory with the box at work. `pair` leaves a wish there and
shows what the box answers; only while no box runs does it go the whole way itself. Counterpart: `pairing.py`.
"""

import argparse
import asyncio
import sqlite3
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from edge.provision import expected
from protocol.pairing import Invited

if TYPE_CHECKING:
    from edge.wiring.pairing import Pairing

DEFAULT_DIRECTORY = Path("/var/lib/holdfast")
_LOOK_EVERY_S = 0.3


def found_command(parser: argparse.ArgumentParser) -> None:
    """Options of `found`."""
    parser.add_argument("--data", type=Path, default=DEFAULT_DIRECTORY, help="data directory of the box")
    parser.add_argument("venue", type=Path, help="JSON with tables, stations and staff")
    parser.add_argument("--menu", type=Path, required=True, help="CSV or JSON")
    parser.set_defaults(action=_found)


def _found(options: argparse.Namespace) -> int:
    from argon2 import PasswordHasher

    from edge.adapters.machine.system_clock import SystemClock
    from edge.journal.database import DatabaseUnusable
    from edge.journal.founding import CannotFound, found, read_menu
    from edge.wiring import pairing
    from protocol import venue_file
    from protocol.venue_file import BadVenueFile

    try:
        file = venue_file.parse(options.venue.read_bytes(), str(options.venue))
        menu = read_menu(options.menu, file.currency)
        made = found(options.data, file, menu, PasswordHasher().hash, SystemClock())
        pairing.forget(options.data)
    except (OSError, BadVenueFile, CannotFound, DatabaseUnusable) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{made.name} is served from here: {len(made.tables)} tables, {made.dishes} dishes.")
    print(
        f"Guests' pass word: {made.pass_word}. Pair it with a cloud whenever there is one: holdfast-edge pair"
    )
    for table in made.tables:
        print(f"  table {table.name}: {table.code}")
    return 0


def pair_command(parser: argparse.ArgumentParser) -> None:
    """Options of `pair`."""
    parser.add_argument("--data", type=Path, default=DEFAULT_DIRECTORY, help="data directory of the box")
    parser.add_argument("--cloud", required=True, metavar="URL", help="address of the cloud, https://…")
    parser.add_argument(
        "--no-wait", action="store_true", help="show the code and leave it to the running box"
    )
    parser.set_defaults(action=_pair)


def _pair(options: argparse.Namespace) -> int:
    from edge.adapters.cloud.claiming import load_key
    from edge.journal.database import (
        DatabaseUnusable,
        DirectoryTaken,
        open_reader,
        open_writer,
        read_box,
        read_head,
    )
    from edge.journal.hot import Hot
    from edge.wiring import pairing

    try:
        try:
            open_writer(options.data, time.time_ns() // 1_000_000).close()
            running = False
        except DirectoryTaken:
            running = True
        with closing(open_reader(options.data)) as reader:
            box = read_box(reader)
            if box.cloud_url is not None:
                print(f"This box already belongs to venue {box.venue_id}.", file=sys.stderr)
                return 1
            waiting = pairing.Pairing(
                options.data,
                box,
                load_key(options.data / "node.key"),
                head=lambda: read_head(reader)[0],
                house=lambda: pairing.house_of(Hot(reader)),
            )
            waiting.begin(options.cloud.rstrip("/"))
            asyncio.run(_watch(waiting) if not running else _follow(waiting, options.data, options.no_wait))
        if not running:
            pairing.settle(options.data)
    except (DatabaseUnusable, OSError, sqlite3.Error) as error:
        print(error, file=sys.stderr)
        return 1
    return _outcome(options.data, options.no_wait)


def _outcome(directory: Path, left: bool) -> int:
    from edge.journal.database import open_reader, read_box
    from edge.wiring import pairing

    with closing(open_reader(directory)) as reader:
        box = read_box(reader)
    if box.cloud_url is not None:
        print(f"This box now belongs to venue {box.venue_id}.")
        return 0
    return 0 if left and pairing.read(directory) is not None else 1


async def _watch(waiting: "Pairing") -> None:
    """Go the way ourselves, and tell how far it is; over when it comes to nothing."""
    async with asyncio.TaskGroup() as group:
        going = group.create_task(waiting.run())
        await _tell(waiting, going.done)
        going.cancel()


async def _follow(waiting: "Pairing", directory: Path, no_wait: bool) -> None:
    """Tell how far the running box is."""
    from edge.journal.database import open_reader, read_box

    def over() -> bool:
        with closing(open_reader(directory)) as reader:
            paired = read_box(reader).cloud_url is not None
        return paired or (no_wait and waiting.invited().state == "showing")

    await _tell(waiting, over)


async def _tell(waiting: "Pairing", over: Callable[[], bool]) -> None:
    told = ""
    while True:
        invited = waiting.invited()
        words = _words(invited)
        if words and words != told:
            print(words, flush=True)
            told = words
        if over() or invited.state == "off":
            return
        await asyncio.sleep(_LOOK_EVERY_S)


def _words(invited: Invited) -> str:
    if invited.state == "showing":
        return (
            f"Type  {invited.user_code}  into {invited.verification_uri}\n"
            f"The dashboard has to show this box as {invited.fingerprint}."
        )
    if invited.state == "done":
        return f"{invited.venue_name} has taken this box in."
    return invited.trouble or (f"Asking {invited.cloud_url} for a code…" if invited.state == "asking" else "")


def report_command(parser: argparse.ArgumentParser) -> None:
    """Options of `report`."""
    parser.add_argument("--data", type=Path, default=DEFAULT_DIRECTORY, help="data directory of the box")
    parser.add_argument("--address", required=True, metavar="URL", help="how phones reach the box")
    parser.add_argument("--wifi", default="", metavar="NAME", help="a card for the guests' Wi-Fi as well")
    parser.add_argument(
        "--wifi-password-file", type=Path, help="file with its pass word; without, it is open"
    )
    parser.add_argument(
        "--expected", type=Path, default=expected.LIST, help="list of devices that shall be there"
    )
    parser.add_argument("target", type=Path, help="file to write, .pdf or .html")
    parser.set_defaults(action=_report)


def _report(options: argparse.Namespace) -> int:
    import msgspec

    from edge.adapters.cloud.claiming import load_key
    from edge.adapters.machine import services
    from edge.effects.devices.trial_book import read_trials
    from edge.installer import visit
    from edge.journal.database import open_reader
    from edge.journal.handover import ServiceState, gather
    from edge.journal.hot import Hot
    from edge.web.installing.handover_page import page
    from edge.web.installing.handover_paper import paper
    from protocol.pairing import fingerprint

    try:
        with closing(open_reader(options.data)) as reader:
            own = fingerprint(load_key(options.data / "node.key").public_key().public_bytes_raw())
            hot, now_ms = Hot(reader), time.time_ns() // 1_000_000
            trials = read_trials(options.data)
            about = gather(reader, hot, own, options.address, now_ms, trials)
            missing = visit.missing_here(options.data, hot, options.expected)
        if about is None:
            print("This box serves no venue yet: pair it, or `holdfast-edge found` one.", file=sys.stderr)
            return 1
        states = tuple(ServiceState(*state) for state in services.states())
        about = msgspec.structs.replace(about, services=states, missing=missing)
        if options.target.suffix == ".html":
            options.target.write_text(page(about))
        else:
            wifi = _wifi(options.wifi, options.wifi_password_file)
            options.target.write_bytes(paper(about, wifi=wifi, network=options.wifi))
    except (OSError, sqlite3.Error, expected.BadList) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{options.target}: {about.venue}, {len(about.tables)} table codes")
    return 0


def _wifi(name: str, password_file: Path | None) -> str:
    """What phones make of a Wi-Fi code (`WIFI:T:WPA;S:…;P:…;;`); empty for none."""
    if not name:
        return ""
    from segno.helpers import make_wifi_data

    word = password_file.read_text().strip() if password_file else None
    return make_wifi_data(ssid=name, password=word, security="WPA" if word else None)
