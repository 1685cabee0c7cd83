"""Commands of `holdfast-cloud` that do one thing and end: owners, venues, menus, releases, upkeep.

Each reads its options, does it in a pool of its own against the migrated database, and says what it did.
Counterpart: `command_line.py` has the options.
"""

import argparse
import getpass
import os
from collections.abc import Callable
from pathlib import Path

import asyncpg

from cloud import config as settings
from cloud.config import Config
from cloud.console import in_pool, run_loop, say_json
from cloud.ingest import doctor, replaying
from cloud.jobs.blobs import Blobs
from cloud.operations import release_options, upkeep
from cloud.owners.samples import sample
from cloud.owners.venues import founding, venue_file
from cloud.store.months import archives, spreading


class NotWell(Exception):
    """`doctor` found something bad; the exit status says so."""


def _create_owner(options: argparse.Namespace, config: Config) -> None:
    email = options.email or os.environ.get("HOLDFAST_OWNER_EMAIL") or input("E-mail: ")
    password = options.password or os.environ.get("HOLDFAST_OWNER_PASSWORD") or getpass.getpass("Password: ")
    organisation_id = run_loop(in_pool(config, lambda pool: founding.create_owner(pool, email, password)))
    if options.json:
        say_json({"email": email, "organisation_id": organisation_id})
    else:
        print(f"{email} may log in now.")


def _reset_login(options: argparse.Namespace, config: Config) -> None:
    password = options.password or os.environ.get("HOLDFAST_OWNER_PASSWORD") or getpass.getpass("Password: ")
    run_loop(in_pool(config, lambda pool: founding.reset_login(pool, options.email, password)))
    print(f"{options.email} may log in with the new password, and is logged out everywhere.")


def _create_venue(options: argparse.Namespace, config: Config) -> None:
    file = venue_file.load(options.config or sample("venue.json"))
    for printer in options.printer:
        name, _, address = printer.partition("=")
        file = venue_file.with_printer(file, name, address)
    venue_file.check(file, "the venue")
    venue = run_loop(
        in_pool(config, lambda pool: founding.create_venue(pool, options.owner, options.name, file))
    )
    if options.json:
        say_json(venue)
        return
    print(f"{venue.name}: venue {venue.venue_id}, restaurant {venue.restaurant_id}")
    print(f"Claim the box with {venue.claim_code} (works once). Guests' pass word: {venue.pass_word}")
    for table in venue.tables:
        print(f"  table {table.name}: {table.code}")
    for person in venue.staff:
        print(f"  {person.role} {person.user}: PIN {person.pin}")


def _import_menu(options: argparse.Namespace, config: Config) -> None:
    venue_id = str(options.venue)
    file = sample("menu.json") if options.file == Path("sample") else options.file
    version = run_loop(in_pool(config, lambda pool: founding.import_menu(pool, venue_id, file, "operator")))
    if options.json:
        say_json({"venue_id": venue_id, "menu_version": version})
    else:
        print(f"Menu version {version} is on its way to the venue.")


def _doctor(options: argparse.Namespace, config: Config) -> None:
    findings = run_loop(in_pool(config, lambda pool: doctor.examine(pool, thorough=not options.quick)))
    verdict = doctor.verdict(findings)
    if options.json:
        say_json({"verdict": verdict, "findings": findings})
    for finding in [] if options.json else findings:
        print(finding.line())
    if verdict == "bad":
        raise NotWell("Something is wrong with the cloud's data; see above.")


def _replay(options: argparse.Namespace, config: Config) -> None:
    replayed = run_loop(in_pool(config, replaying.replay))
    if options.json:
        say_json(replayed)
        return
    for each in replayed.back:
        print(f"{each.venue_id} {each.aggregate} counts again.")
    for each in replayed.left:
        print(f"{each.venue_id} {each.aggregate} stays aside: {each.reason}")


def _recount(_options: argparse.Namespace, config: Config) -> None:
    wrong = run_loop(in_pool(config, upkeep.recount))
    for venue_id, tables in wrong.items():
        print(f"{venue_id}: {', '.join(tables)} were wrong and are right now.")
    if not wrong:
        print("All sums were right.")


def _archive(options: argparse.Namespace, config: Config) -> None:
    if options.keep_months < 2:
        raise settings.BadConfig("Two months at least have to stay.")
    taken = run_loop(in_pool(config, lambda pool: upkeep.take_out(pool, options.keep_months, options.into)))
    for each in taken:
        print(f"{each.month:%Y-%m}: {each.facts} facts in {each.file}, {each.kept} stay.")
    if not taken:
        print("No month is old enough.")


def _spread(_options: argparse.Namespace, config: Config) -> None:
    async def read(pool: asyncpg.Pool) -> str:
        async with pool.acquire() as connection:
            return await spreading.statements(connection)

    print(run_loop(in_pool(config, read)), end="")


def _unarchive(options: argparse.Namespace, config: Config) -> None:
    month, facts = run_loop(in_pool(config, lambda pool: archives.unarchive(pool, options.file)))
    print(f"{month:%Y-%m}: {facts} facts are back.")


def _release(options: argparse.Namespace, config: Config) -> None:
    blobs = Blobs.of(config)
    print(run_loop(in_pool(config, lambda pool: release_options.carry_out(options, pool, blobs))))


CHORES: dict[str, Callable[[argparse.Namespace, Config], None]] = {
    "create-owner": _create_owner,
    "reset-login": _reset_login,
    "create-venue": _create_venue,
    "import-menu": _import_menu,
    "doctor": _doctor,
    "replay-quarantine": _replay,
    "recount": _recount,
    "archive": _archive,
    "unarchive": _unarchive,
    "spread-sql": _spread,
    "release": _release,
}
