"""`holdfast-cloud`: run the cloud, look after its database, make owners and venues.

Commands answer on stdout (one line of JSON with `--json`), log on stderr, and exit 0, 1 for a refusal in
words, 2 for a command line that cannot be meant.
"""

import argparse
import asyncio
import gc
import getpass
import logging
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar
from uuid import UUID

import asyncpg
import msgspec
import structlog
from structlog.tracebacks import ExceptionDictTransformer

from cloud import config as settings
from cloud.app import serving, working_only
from cloud.config import Config
from cloud.ingest import doctor, replaying
from cloud.jobs.blobs import Blobs
from cloud.operations import release_options, releases, upkeep
from cloud.owners.people import passwords
from cloud.owners.samples import sample
from cloud.owners.venues import founding, venue_file
from cloud.store.embedded_postgres import EmbeddedPostgres, PostgresFailed, embedded_postgres
from cloud.store.migrate import migrate
from cloud.store.months import archives, spreading
from cloud.store.people import accounts
from cloud.store.pool import open_pool

T = TypeVar("T")


class NotWell(Exception):
    """`doctor` found something bad; the exit status says so."""


#: Refusals in words: printed as one sentence, without a traceback.
_REFUSALS = (
    NotWell,
    archives.BadArchive,
    archives.MonthIsBusy,
    accounts.EmailTaken,
    founding.MenuRefused,
    founding.NoSuchOwner,
    founding.NoSuchVenue,
    passwords.TooShort,
    settings.BadConfig,
    venue_file.BadVenueFile,
    PostgresFailed,
    releases.BadRelease,
    releases.NoSuchRelease,
)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="holdfast-cloud", description="Holdfast's cloud.")
    commands = parser.add_subparsers(dest="command", required=True)

    def command(name: str, help_text: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=help_text, description=help_text)
        added.add_argument(
            "--data", type=Path, help="where the embedded Postgres lives when DATABASE_URL is unset"
        )
        return added

    run = command("run", "Serve boxes and owners; migrates first.")
    run.add_argument("--host")
    run.add_argument("--port", type=int, help="0 for any free one")
    run.add_argument("--json", action="store_true", help="say where, in one line of JSON, once it serves")
    worker = command("worker", "Do jobs (exports, mails, renders) and nothing else; any number of these.")
    worker.add_argument("--json", action="store_true", help="say in one line of JSON once it works")
    migrating = command("migrate", "Bring the database to the present schema; earlier processes may go on.")
    migrating.add_argument(
        "--finish", action="store_true", help="also take away what only the former release used"
    )
    postgres = command(
        "postgres", "Run the embedded Postgres until SIGTERM; prints its URL as one line of JSON."
    )
    postgres.add_argument("--port", type=int)
    owner = command("create-owner", "Make an owner with an organisation of their own.")
    owner.add_argument("--email", help="else $HOLDFAST_OWNER_EMAIL, else asked for")
    owner.add_argument("--password", help="else $HOLDFAST_OWNER_PASSWORD, else asked for without showing it")
    owner.add_argument("--json", action="store_true")
    reset = command("reset-login", "Give somebody a new password, and take a lost second factor off.")
    reset.add_argument("--email", required=True)
    reset.add_argument("--password", help="else $HOLDFAST_OWNER_PASSWORD, else asked for without showing it")
    venue = command("create-venue", "Make a venue and a code with which its box can be claimed.")
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
    menu = command("import-menu", "Publish a menu file, CSV or JSON, to a venue's box.")
    menu.add_argument("--venue", required=True, type=UUID, metavar="ID")
    menu.add_argument("file", type=Path, help="CSV or JSON; the word `sample` for one of ours")
    menu.add_argument("--json", action="store_true")
    examine = command("doctor", "Hash every log and fold every table anew; say what is wrong, in words.")
    examine.add_argument("--quick", action="store_true", help="do not read every fact")
    examine.add_argument("--json", action="store_true", help="verdict and findings as one line of JSON")
    command("recount", "Count the sums behind reports anew, and say which were wrong.")
    archive = command("archive", "Take old months of facts out of the database into files.")
    archive.add_argument("--keep-months", type=int, default=13, help="whole months that stay; 13 unless said")
    archive.add_argument("--into", type=Path, required=True, metavar="DIR")
    command("spread-sql", "Print what spreads this schema over machines by venue (Citus).")
    unarchive = command("unarchive", "Put an archived month back into the database.")
    unarchive.add_argument("file", type=Path)
    release_options.add_options(command("release", "Releases for boxes: take in, open by rings, halt, list."))
    replay = command(
        "replay-quarantine", "Try aggregates again that were set aside. Also done at each start."
    )
    replay.add_argument("--json", action="store_true")
    return parser


def main(arguments: list[str] | None = None) -> int:
    """The console script; its exit status."""
    options = _parser().parse_args(arguments)
    _log_as_json()
    try:
        config = settings.from_environment()
        if options.data is not None:
            config = msgspec.structs.replace(config, data=options.data)
        _COMMANDS[options.command](options, config)
    except _REFUSALS as refusal:
        print(refusal, file=sys.stderr)
        return 1
    except (OSError, asyncpg.PostgresError) as error:
        print(f"That needs something that is not there: {error}", file=sys.stderr)
        return 1
    return 0


def _log_as_json() -> None:
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            # Without local variables: they hold tokens and guests' names.
            structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False)),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


@asynccontextmanager
async def _database(config: Config) -> AsyncIterator[str]:
    """The URL of the Postgres to use; an embedded one lives as long as the block unless it ran before."""
    if config.database_url is not None:
        yield config.database_url
        return
    server = EmbeddedPostgres(config.data)
    await asyncio.to_thread(server.start)
    try:
        yield server.url
    finally:
        await asyncio.to_thread(server.stop)


def _loop(work: Coroutine[None, None, T]) -> T:
    """Run on uvloop where there is one."""
    # A backlog is thousands of long-lived facts at once; looking for cycles among them all the time costs a
    # fifth of the process and finds none.
    gc.set_threshold(50_000, 20, 50)
    if sys.platform == "win32":
        return asyncio.run(work)
    import uvloop

    return uvloop.run(work)


async def _in_pool(config: Config, work: Callable[[asyncpg.Pool], Awaitable[T]]) -> T:
    """`work` against the migrated database."""
    async with _database(config) as url:
        await migrate(url)
        async with open_pool(url, 2) as pool:
            return await work(pool)


def _run(options: argparse.Namespace, config: Config) -> None:
    host = config.host if options.host is None else options.host
    port = config.port if options.port is None else options.port

    async def serve() -> None:
        stop = _stop_signal()
        asked = msgspec.structs.replace(config, host=host, port=port)
        async with _database(config) as url, serving(asked, url) as served:
            if options.json:
                _say_json({"url": served.url, "pid": os.getpid()})
            else:
                print(f"Serving at {served.url}", flush=True)
            await stop.wait()

    _loop(serve())


def _work(options: argparse.Namespace, config: Config) -> None:
    async def work() -> None:
        stop = _stop_signal()
        async with _database(config) as url, working_only(config, url) as address:
            if options.json:
                _say_json({"pid": os.getpid(), "watched": address})
            else:
                print(f"Working. How it is stands at {address}/healthz and /metrics.", flush=True)
            await stop.wait()

    _loop(work())


def _stop_signal() -> asyncio.Event:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


def _say_json(body: object) -> None:
    print(msgspec.json.encode(body).decode(), flush=True)


def _migrate(options: argparse.Namespace, config: Config) -> None:
    async def bring_up() -> None:
        async with _database(config) as url:
            await migrate(url, finish=options.finish)

    _loop(bring_up())


def _postgres(options: argparse.Namespace, config: Config) -> None:
    """Blocks until told to stop; a server that dies by itself is an error.

    One that is left over from a killed starter is taken over, and ended when we are.
    """
    stopping = False

    def stop(_number: int, _frame: object) -> None:
        nonlocal stopping
        stopping = True
        server.interrupt()

    with embedded_postgres(config.data, options.port, adopt=True) as server:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, stop)
        _say_json({"url": server.url, "pid": server.pid})
        server.wait()
        if not stopping:
            raise PostgresFailed("Postgres ended by itself; its log is beside its data.")


def _create_owner(options: argparse.Namespace, config: Config) -> None:
    email = options.email or os.environ.get("HOLDFAST_OWNER_EMAIL") or input("E-mail: ")
    password = options.password or os.environ.get("HOLDFAST_OWNER_PASSWORD") or getpass.getpass("Password: ")
    organisation_id = _loop(_in_pool(config, lambda pool: founding.create_owner(pool, email, password)))
    if options.json:
        _say_json({"email": email, "organisation_id": organisation_id})
    else:
        print(f"{email} may log in now.")


def _reset_login(options: argparse.Namespace, config: Config) -> None:
    password = options.password or os.environ.get("HOLDFAST_OWNER_PASSWORD") or getpass.getpass("Password: ")
    _loop(_in_pool(config, lambda pool: founding.reset_login(pool, options.email, password)))
    print(f"{options.email} may log in with the new password, and is logged out everywhere.")


def _create_venue(options: argparse.Namespace, config: Config) -> None:
    file = venue_file.load(options.config or sample("venue.json"))
    for printer in options.printer:
        name, _, address = printer.partition("=")
        file = venue_file.with_printer(file, name, address)
    venue_file.check(file, "the venue")
    venue = _loop(
        _in_pool(config, lambda pool: founding.create_venue(pool, options.owner, options.name, file))
    )
    if options.json:
        _say_json(venue)
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
    version = _loop(_in_pool(config, lambda pool: founding.import_menu(pool, venue_id, file, "operator")))
    if options.json:
        _say_json({"venue_id": venue_id, "menu_version": version})
    else:
        print(f"Menu version {version} is on its way to the venue.")


def _doctor(options: argparse.Namespace, config: Config) -> None:
    findings = _loop(_in_pool(config, lambda pool: doctor.examine(pool, thorough=not options.quick)))
    verdict = doctor.verdict(findings)
    if options.json:
        _say_json({"verdict": verdict, "findings": findings})
    for finding in [] if options.json else findings:
        print(finding.line())
    if verdict == "bad":
        raise NotWell("Something is wrong with the cloud's data; see above.")


def _replay(options: argparse.Namespace, config: Config) -> None:
    replayed = _loop(_in_pool(config, replaying.replay))
    if options.json:
        _say_json(replayed)
        return
    for each in replayed.back:
        print(f"{each.venue_id} {each.aggregate} counts again.")
    for each in replayed.left:
        print(f"{each.venue_id} {each.aggregate} stays aside: {each.reason}")


def _recount(_options: argparse.Namespace, config: Config) -> None:
    wrong = _loop(_in_pool(config, upkeep.recount))
    for venue_id, tables in wrong.items():
        print(f"{venue_id}: {', '.join(tables)} were wrong and are right now.")
    if not wrong:
        print("All sums were right.")


def _archive(options: argparse.Namespace, config: Config) -> None:
    if options.keep_months < 2:
        raise settings.BadConfig("Two months at least have to stay.")
    taken = _loop(_in_pool(config, lambda pool: upkeep.take_out(pool, options.keep_months, options.into)))
    for each in taken:
        print(f"{each.month:%Y-%m}: {each.facts} facts in {each.file}, {each.kept} stay.")
    if not taken:
        print("No month is old enough.")


def _spread(_options: argparse.Namespace, config: Config) -> None:
    async def read(pool: asyncpg.Pool) -> str:
        async with pool.acquire() as connection:
            return await spreading.statements(connection)

    print(_loop(_in_pool(config, read)), end="")


def _unarchive(options: argparse.Namespace, config: Config) -> None:
    month, facts = _loop(_in_pool(config, lambda pool: archives.unarchive(pool, options.file)))
    print(f"{month:%Y-%m}: {facts} facts are back.")


def _release(options: argparse.Namespace, config: Config) -> None:
    blobs = Blobs.of(config)
    print(_loop(_in_pool(config, lambda pool: release_options.carry_out(options, pool, blobs))))


_COMMANDS: dict[str, Callable[[argparse.Namespace, Config], None]] = {
    "run": _run,
    "worker": _work,
    "migrate": _migrate,
    "postgres": _postgres,
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


if __name__ == "__main__":
    sys.exit(main())
