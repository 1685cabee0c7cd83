"""A venue that a box serves before any cloud knows it: files become its first facts.

The box gives the place an id and a number of its own, from a range that no cloud hands out. When it is paired
later, the cloud founds the place under these, so table codes, kitchen topics and the numbers of orders stay.
Counterparts: `protocol/venue_file.py` is the file, `cloud/owners/venues/pairing.py` takes it over.
"""

import asyncio
import secrets
from collections.abc import Callable
from pathlib import Path

import msgspec

from edge.core.clock import Now
from edge.core.commands import AdoptMenu, Command, ConfigureVenue
from edge.journal.database import bind, open_writer, read_box, read_head
from edge.journal.hot import Hot
from edge.journal.writer import Writer
from protocol import menu_file, venue_file
from protocol.errors import Refusal
from protocol.facts.menu import Menu
from protocol.facts.venue import TableConfig, VenueConfig
from protocol.identity import uuid7
from protocol.pairing import OWN_NUMBERS
from protocol.venue_file import VenueFile


class CannotFound(Exception):
    """Nothing was changed; the text says why, for a person."""


class Founded(msgspec.Struct, frozen=True):
    """What a guest and an installer have to know."""

    venue_id: str
    name: str
    pass_word: str
    tables: tuple[TableConfig, ...]
    dishes: int


def read_menu(path: Path, currency: str) -> Menu:
    """A menu file, CSV or JSON. Raises `CannotFound` with everything that is wrong with it."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise CannotFound(f"{path} cannot be read: {error}") from error
    menu = menu_file.parse(text, "json" if path.suffix.lower() == ".json" else "csv", currency)
    if isinstance(menu, list):
        raise CannotFound("\n".join(str(complaint) for complaint in menu))
    return menu


def found(
    directory: Path, file: VenueFile, menu: Menu, hash_pin: Callable[[str], str], clock: Callable[[], Now]
) -> Founded:
    """Make the box serve this venue. Raises `CannotFound` or `DatabaseUnusable`."""
    connection = open_writer(directory, clock().wall_ms)
    try:
        box = read_box(connection)
        if box.cloud_url is not None or read_head(connection)[0]:
            raise CannotFound(f"This box serves venue {box.venue_id} already.")
        hot = Hot(connection)
        venue_id = uuid7(clock().wall_ms, secrets.token_bytes(10))
        number = secrets.choice(OWN_NUMBERS)
        config = venue_file.configure(file, file.name, venue_id, number, secrets.token_bytes, hash_pin)
        _check_stations(config, menu)
        commands = ConfigureVenue(config), AdoptMenu(msgspec.structs.replace(menu, menu_version=1))
        # First the identity, because it is no fact; cut after it, founding begins anew.
        bind(connection, venue_id, 0, None)
        asyncio.run(_carry_out(Writer(connection, hot, clock), commands))
    finally:
        connection.close()
    return Founded(venue_id, config.name, file.pass_word, config.tables, len(menu.items))


def _check_stations(config: VenueConfig, menu: Menu) -> None:
    known = {station.id for station in config.stations}
    lost = sorted({item.station for item in menu.items} - known)
    if lost:
        raise CannotFound(f"The menu names stations that the venue has not: {', '.join(lost)}.")


async def _carry_out(writer: Writer, commands: tuple[Command, ...]) -> None:
    async with asyncio.TaskGroup() as group:
        writing = group.create_task(writer.run(), name="founding")
        try:
            for command in commands:
                outcome = await writer.execute(command)
                if isinstance(outcome, Refusal):
                    raise CannotFound(outcome.message)
        finally:
            writer.stop()
            await writing
