"""`holdfast-edge`: run a box, claim it, look after its data, or show a whole venue on one machine."""

import argparse
import asyncio
import logging
import sys
import time
from collections.abc import Coroutine
from pathlib import Path

DEFAULT_DIRECTORY = Path("/var/lib/holdfast")


def main(arguments: list[str] | None = None) -> int:
    """Entry point; returns the exit status."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(
        level=options.log_level.upper(),
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        stream=sys.stderr,
    )
    status: int = options.action(options)
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="holdfast-edge", description=__doc__)
    parser.add_argument("--log-level", default="info", choices=("debug", "info", "warning", "error"))
    actions = parser.add_subparsers(required=True, metavar="COMMAND")
    _run_command(actions.add_parser("run", help="serve the venue until told to stop"))
    _claim_command(actions.add_parser("claim", help="bind this box to a venue with a single-use code"))
    return parser


def _data_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, default=DEFAULT_DIRECTORY, help="data directory of the box")


def _run_command(parser: argparse.ArgumentParser) -> None:
    _data_option(parser)
    parser.add_argument("--host", default="0.0.0.0")
    parser.add_argument("--port", type=int, default=8080)
    parser.add_argument("--public-url", help="how phones reach the box, as printed in QR codes")
    parser.add_argument("--mqtt", help="mqtt://user:password@host:port of the venue's broker")
    parser.set_defaults(action=_run)


def _run(options: argparse.Namespace) -> int:
    from edge import app
    from edge.config import Config
    from edge.journal.database import DatabaseUnusable

    config = Config(
        directory=options.data,
        host=options.host,
        port=options.port,
        public_url=options.public_url,
        mqtt_url=options.mqtt,
    )
    try:
        _run_loop(app.run(config))
    except DatabaseUnusable as error:
        print(f"The box cannot use its disk and will not sell: {error}", file=sys.stderr)
        return 1
    return 0


def _run_loop(main_coroutine: Coroutine[object, object, None]) -> None:
    """Run on uvloop where there is one; asyncio's own loop allocates 256 KiB for every read."""
    try:
        import uvloop
    except ImportError:
        asyncio.run(main_coroutine)
    else:
        uvloop.run(main_coroutine)


def _claim_command(parser: argparse.ArgumentParser) -> None:
    _data_option(parser)
    parser.add_argument("--cloud", required=True, help="address of the cloud, https://…")
    parser.add_argument("--code", required=True, help="single-use code from the owner's page")
    parser.set_defaults(action=_claim)


def _claim(options: argparse.Namespace) -> int:
    from edge.adapters.cloud_link import ClaimRefused, claim, load_key
    from edge.journal.database import bind, open_writer, read_box

    connection = open_writer(options.data, time.time_ns() // 1_000_000)
    box = read_box(connection)
    if box.venue_id is not None:
        print(f"This box already belongs to venue {box.venue_id}.", file=sys.stderr)
        return 1
    cloud_url = options.cloud.rstrip("/")
    key = load_key(options.data / "node.key")
    try:
        venue_id, epoch = asyncio.run(claim(cloud_url, options.code, box, key))
    except ClaimRefused as error:
        print(error, file=sys.stderr)
        return 1
    bind(connection, venue_id, epoch, cloud_url)
    print(f"This box now belongs to venue {venue_id}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
