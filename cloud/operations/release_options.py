"""`holdfast-cloud release`: take a signed bundle in, open it ring by ring, halt it, see how boxes fare."""

import argparse
from pathlib import Path

import asyncpg

from cloud.jobs.blobs import Blobs
from cloud.operations import releases
from cloud.store.link import releases as stored
from protocol.upgrade import RINGS


def add_options(parser: argparse.ArgumentParser) -> None:
    """What can be said after `release`."""
    actions = parser.add_subparsers(dest="action", required=True)
    adding = actions.add_parser("add", help="take in a bundle that `holdfast-provision sign` has signed")
    adding.add_argument("bundle", type=Path)
    adding.add_argument("--key", required=True, help="the makers' public key, or a file with it")
    adding.add_argument("--machine", choices=releases.MACHINES, default="any", help="processor of the boxes")
    adding.add_argument(
        "--source", default="", metavar="URL", help="where the bundle lies; else it is kept here"
    )
    opening = actions.add_parser("open", help="offer a release to a ring, and to those before it")
    opening.add_argument("version")
    opening.add_argument("--ring", choices=RINGS, required=True)
    halting = actions.add_parser("halt", help="offer a release to nobody any more; `open` takes that back")
    halting.add_argument("version")
    halting.add_argument("--reason", required=True)
    actions.add_parser("list", help="releases, their rings, and how many boxes run them or took them back")


async def carry_out(options: argparse.Namespace, pool: asyncpg.Pool, blobs: Blobs) -> str:
    """Do it; what to say then. Raises `BadRelease`, `NoSuchRelease`."""
    match options.action:
        case "add":
            release = await releases.add(
                pool, blobs, options.bundle, _key(options.key), options.machine, options.source
            )
            size = f"{release.size_bytes} bytes for {release.machine}"
            return f"Release {release.version}: {size}. Nobody is offered it yet."
        case "open":
            await releases.open_for(pool, options.version, options.ring)
            return f"Release {options.version} is offered to ring {options.ring}."
        case "halt":
            await releases.halt(pool, options.version, options.reason)
            return f"Release {options.version} is offered to nobody."
        case _:
            async with pool.acquire() as connection:
                rings = await stored.rings(connection)
            return "\n".join(_line(ring) for ring in rings) or "No release is offered to anybody."


def _line(ring: stored.Ring) -> str:
    words = f"{ring.version} in ring {ring.ring}: {ring.installed} run it, {ring.rolled_back} took it back"
    return f"{words}; HALTED: {ring.reason}" if ring.halted_at else words


def _key(given: str) -> str:
    path = Path(given)
    try:
        return path.read_text() if path.is_file() else given
    except OSError as error:
        raise releases.BadRelease(f"{given}: {error.strerror}") from None
