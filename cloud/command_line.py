"""The command line of `holdfast-cloud`, in words. Counterparts: `cli.py` and `chores.py` carry it out."""

import argparse
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

from cloud.operations import release_options

#: Adds a command by its name and its help.
Add = Callable[[str, str], argparse.ArgumentParser]


def parser() -> argparse.ArgumentParser:
    """Of all commands; `command` in what it parses is the name of the one."""
    made = argparse.ArgumentParser(prog="holdfast-cloud", description="Holdfast's cloud.")
    commands = made.add_subparsers(dest="command", required=True)

    def add(name: str, help_text: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=help_text, description=help_text)
        added.add_argument(
            "--data", type=Path, help="where the embedded Postgres lives when DATABASE_URL is unset"
        )
        return added

    for group in (_processes, _people, _venues, _upkeep, _months):
        group(add)
    release_options.add_options(add("release", "Releases for boxes: take in, open by rings, halt, list."))
    return made


def _processes(add: Add) -> None:
    run = add("run", "Serve boxes and owners; migrates first.")
    run.add_argument("--host")
    run.add_argument("--port", type=int, help="0 for any free one")
    run.add_argument("--json", action="store_true", help="say where, in one line of JSON, once it serves")
    worker = add("worker", "Do jobs (exports, mails, renders) and nothing else; any number of these.")
    worker.add_argument("--json", action="store_true", help="say in one line of JSON once it works")
    migrating = add("migrate", "Bring the database to the present schema; earlier processes may go on.")
    migrating.add_argument(
        "--finish", action="store_true", help="also take away what only the former release used"
    )
    postgres = add("postgres", "Run the embedded Postgres until SIGTERM; prints its URL as one line of JSON.")
    postgres.add_argument("--port", type=int)


def _people(add: Add) -> None:
    owner = add("create-owner", "Make an owner with an organisation of their own.")
    owner.add_argument("--email", help="else $HOLDFAST_OWNER_EMAIL, else asked for")
    owner.add_argument("--password", help="else $HOLDFAST_OWNER_PASSWORD, else asked for without showing it")
    owner.add_argument("--json", action="store_true")
    reset = add("reset-login", "Give somebody a new password, and take a lost second factor off.")
    reset.add_argument("--email", required=True)
    reset.add_argument("--password", help="else $HOLDFAST_OWNER_PASSWORD, else asked for without showing it")


def _venues(add: Add) -> None:
    venue = add("create-venue", "Make a venue and a code with which its box can be claimed.")
    venue.add_argument("--owner", required=True, metavar="EMAIL")
    venue.add_argument("--name")
    venue.add_argument(
        "--config", type=Path, metavar="FILE.json", help="tables, stations, staff; else a sample"
    )
    venue.add_argument(
        "--printer",
        action="append",
        default=[],
        metavar="NAME=HOST:PORT",
        help="an ESC/POS printer for all stations, besides those of the file",
    )
    venue.add_argument("--json", action="store_true")
    menu = add("import-menu", "Publish a menu file, CSV or JSON, to a venue's box.")
    menu.add_argument("--venue", required=True, type=UUID, metavar="ID")
    menu.add_argument("file", type=Path, help="CSV or JSON; the word `sample` for one of ours")
    menu.add_argument("--json", action="store_true")


def _upkeep(add: Add) -> None:
    examine = add("doctor", "Hash every log and fold every table anew; say what is wrong, in words.")
    examine.add_argument("--quick", action="store_true", help="do not read every fact")
    examine.add_argument("--json", action="store_true", help="verdict and findings as one line of JSON")
    add("recount", "Count the sums behind reports anew, and say which were wrong.")
    add("spread-sql", "Print what spreads this schema over machines by venue (Citus).")
    replay = add("replay-quarantine", "Try aggregates again that were set aside. Also done at each start.")
    replay.add_argument("--json", action="store_true")


def _months(add: Add) -> None:
    archive = add("archive", "Take old months of facts out of the database into files.")
    archive.add_argument("--keep-months", type=int, default=13, help="whole months that stay; 13 unless said")
    archive.add_argument("--into", type=Path, required=True, metavar="DIR")
    unarchive = add("unarchive", "Put an archived month back into the database.")
    unarchive.add_argument("file", type=Path)
