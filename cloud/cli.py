"""`holdfast-cloud`: run the cloud, look after its database, make owners and venues.

Commands answer on stdout (one line of JSON with `--json`), log on stderr, and exit 0, 1 for a refusal in
words, 2 for a command line that cannot be meant. Here are those that go on until they are told to stop; the
others are in `chores.py`.
"""

import argparse
import asyncio
import logging
import os
import signal
import sys
from collections.abc import Callable

import asyncpg
import msgspec
import structlog
from structlog.tracebacks import ExceptionDictTransformer

from cloud import config as settings
from cloud.app import serving, working_only
from cloud.chores import CHORES, NotWell
from cloud.command_line import parser
from cloud.config import Config
from cloud.console import database, run_loop, say_json
from cloud.operations import releases
from cloud.owners.people import passwords
from cloud.owners.venues import founding, venue_file
from cloud.store.embedded_postgres import PostgresFailed, embedded_postgres
from cloud.store.migrate import migrate
from cloud.store.months import archives
from cloud.store.people import accounts

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


def main(arguments: list[str] | None = None) -> int:
    """The console script; its exit status."""
    options = parser().parse_args(arguments)
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


def _run(options: argparse.Namespace, config: Config) -> None:
    host = config.host if options.host is None else options.host
    port = config.port if options.port is None else options.port

    async def serve() -> None:
        stop = _stop_signal()
        asked = msgspec.structs.replace(config, host=host, port=port)
        async with database(config) as url, serving(asked, url) as served:
            if options.json:
                say_json({"url": served.url, "pid": os.getpid()})
            else:
                print(f"Serving at {served.url}", flush=True)
            await stop.wait()

    run_loop(serve())


def _work(options: argparse.Namespace, config: Config) -> None:
    async def work() -> None:
        stop = _stop_signal()
        async with database(config) as url, working_only(config, url) as address:
            if options.json:
                say_json({"pid": os.getpid(), "watched": address})
            else:
                print(f"Working. How it is stands at {address}/healthz and /metrics.", flush=True)
            await stop.wait()

    run_loop(work())


def _stop_signal() -> asyncio.Event:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


def _migrate(options: argparse.Namespace, config: Config) -> None:
    async def bring_up() -> None:
        async with database(config) as url:
            await migrate(url, finish=options.finish)

    run_loop(bring_up())


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
        say_json({"url": server.url, "pid": server.pid})
        server.wait()
        if not stopping:
            raise PostgresFailed("Postgres ended by itself; its log is beside its data.")


_COMMANDS: dict[str, Callable[[argparse.Namespace, Config], None]] = {
    "run": _run,
    "worker": _work,
    "migrate": _migrate,
    "postgres": _postgres,
    **CHORES,
}


if __name__ == "__main__":
    sys.exit(main())
