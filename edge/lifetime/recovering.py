"""`holdfast-edge recovery-code` and `recover`: what lets a new box speak to the devices of the one before it.

The code is shown once and kept nowhere; another one makes the one before it useless for whatever is sealed
from then on. `recover` fetches what the former box left with the cloud, or takes a copy from the backup
stick, and puts it where the box looks for it.
"""

import argparse
import asyncio
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

DEFAULT_DIRECTORY = Path("/var/lib/holdfast")
_ON_PAPER = """
Recovery code of this venue: {code}

Write it down or print this, and keep it away from the box. It is shown once. With it a new box
speaks to the plugs, routers and printers of this one; without it each has to be reset and adopted.
"""


def code_command(parser: argparse.ArgumentParser) -> None:
    """Options of `recovery-code`."""
    parser.add_argument("--data", type=Path, default=DEFAULT_DIRECTORY, help="data directory of the box")
    parser.set_defaults(action=_code)


def recover_command(parser: argparse.ArgumentParser) -> None:
    """Options of `recover`."""
    parser.add_argument("--data", type=Path, default=DEFAULT_DIRECTORY, help="data directory of the box")
    parser.add_argument("--code", help="the recovery code; asked for if it is not named")
    parser.add_argument("--from", dest="source", type=Path, help="keepsake.sealed on the backup stick")
    parser.add_argument("--force", action="store_true", help="even over devices that were adopted since")
    parser.set_defaults(action=_recover)


def _code(options: argparse.Namespace) -> int:
    from edge.effects.afar.keepsake import KEY_NAME, new_code, public_of, write_file
    from edge.journal.database import give_to_owner

    code = new_code()
    try:
        write_file(options.data / KEY_NAME, public_of(code))
        give_to_owner(options.data / KEY_NAME)
    except OSError as error:
        return _complain(error)
    print(_ON_PAPER.format(code=code))
    return 0


def _recover(options: argparse.Namespace) -> int:
    from edge.adapters.cloud.keepsake_door import NotKept
    from edge.effects.afar.keepsake import CannotOpen
    from edge.journal.database import DatabaseUnusable

    code = options.code or input("Recovery code: ")
    try:
        names = recover(options.data, code, options.source, force=options.force)
    except (CannotOpen, NotKept, DatabaseUnusable, OSError, sqlite3.Error) as error:
        return _complain(error)
    print(f"Back in place: {', '.join(names)}. Start the box anew: systemctl restart holdfast-edge")
    return 0


def recover(directory: Path, code: str, source: Path | None = None, *, force: bool = False) -> list[str]:
    """Put back what the former box sealed; names of files. Raises `CannotOpen`, `NotKept`, `OSError`."""
    from edge.adapters.cloud.claiming import load_key
    from edge.adapters.cloud.keepsake_door import KeepsakeDoor
    from edge.effects.afar.keepsake import KEY_NAME, CannotOpen, public_of, unseal, write_file
    from edge.journal.database import give_to_owner, open_reader, read_box
    from edge.wiring.keepsakes import FILES

    with closing(open_reader(directory)) as reader:
        box = read_box(reader)
    if box.venue_id is None or (source is None and box.cloud_url is None):
        raise CannotOpen("This box belongs to no venue yet: pair it or claim it first.")
    key = load_key(directory / "node.key")
    raw = source.read_bytes() if source else asyncio.run(KeepsakeDoor(box, key).fetch())
    things = unseal(code, box.venue_id, raw)
    names = sorted(name for name in things.files if name in FILES)
    there = [name for name in names if (directory / name).exists()]
    if there and not force:
        raise CannotOpen(f"{', '.join(there)} is here already; --force to put the former box's over it.")
    for name in names:
        write_file(directory / name, things.files[name])
        give_to_owner(directory / name)
    # The same paper is good for this box, too.
    write_file(directory / KEY_NAME, public_of(code))
    give_to_owner(directory / KEY_NAME)
    return names


def _complain(words: object) -> int:
    print(words, file=sys.stderr)
    return 1
