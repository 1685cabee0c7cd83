"""Making owners, venues and menus: each one transaction, each written to the audit.

A venue is made together with its first configuration, its streams and a code for claiming the box, so
there is no moment at which a box could claim a venue that has nothing to tell it.
"""

import secrets
import time
from pathlib import Path

import asyncpg
import msgspec

from cloud.ingest.claim import code_digest
from cloud.owners.people.passwords import hash_password
from cloud.owners.venues import configuration, venue_file
from cloud.owners.venues.venue_file import BadVenueFile, VenueFile
from cloud.store import venues
from cloud.store.link import streams
from cloud.store.people import accounts, factors, logins
from cloud.store.people.accounts import User
from protocol import menu_file
from protocol.facts.menu import Menu
from protocol.facts.play_config import PlayStation
from protocol.facts.venue import TableConfig
from protocol.identity import readable_code, uuid7
from protocol.link import STREAMS

_CLAIM_LETTERS = 12
_CLAIM_DAYS = 30
_ORIGIN = "command line"


class NoSuchOwner(Exception):
    """Nobody has an account under this e-mail address."""


class NoSuchVenue(Exception):
    """No venue has this id."""


class NewVenue(msgspec.Struct, frozen=True):
    """Everything somebody needs to set the venue up. Claim code, pass word and PINs are shown this once."""

    venue_id: str
    restaurant_id: int
    name: str
    currency: str
    timezone: str
    claim_code: str
    pass_word: str
    tables: tuple[TableConfig, ...]
    staff: tuple[venue_file.Staff, ...]
    play_stations: tuple[PlayStation, ...]


def new_id() -> str:
    """A fresh UUIDv7."""
    return uuid7(time.time_ns() // 1_000_000, secrets.token_bytes(10))


async def create_owner(pool: asyncpg.Pool, email: str, password: str) -> str:
    """An owner with an organisation of their own; the organisation's id.

    Raises `passwords.TooShort` or `accounts.EmailTaken`.
    """
    address, organisation_id = email.strip().lower(), new_id()
    user = User(new_id(), organisation_id, address, "owner", hash_password(password))
    async with pool.acquire() as connection, connection.transaction():
        await venues.add_organisation(connection, organisation_id, new_id(), address)
        await accounts.add_user(connection, user)
        await venues.audit(
            connection,
            actor=address,
            action="owner created",
            origin=_ORIGIN,
            organisation_id=organisation_id,
            after={"email": address},
        )
    return organisation_id


async def reset_login(pool: asyncpg.Pool, email: str, password: str) -> None:
    """A new password, no second factor, no open login session: for whoever has lost both.

    Raises `passwords.TooShort` or `NoSuchOwner`.
    """
    address, hashed = email.strip().lower(), hash_password(password)
    async with pool.acquire() as connection, connection.transaction():
        user = await accounts.find_user(connection, address)
        if user is None:
            raise NoSuchOwner(f"Nobody has an account under {address}.")
        await accounts.set_password(connection, user.user_id, hashed)
        await factors.end(connection, user.user_id)
        await logins.close_all(connection, user.user_id)
        await venues.audit(
            connection,
            actor="operator",
            action="login reset",
            origin=_ORIGIN,
            organisation_id=user.organisation_id,
            after={"email": address},
        )


async def create_venue(pool: asyncpg.Pool, owner_email: str, name: str | None, file: VenueFile) -> NewVenue:
    """A venue of the owner's organisation. Raises `NoSuchOwner` or `BadVenueFile`."""
    venue_id, name = new_id(), name or file.name
    letters = readable_code(secrets.token_bytes(_CLAIM_LETTERS), _CLAIM_LETTERS)
    claim_code = "-".join(letters[start : start + 4] for start in range(0, _CLAIM_LETTERS, 4))
    async with pool.acquire() as connection, connection.transaction():
        owner = await accounts.find_user(connection, owner_email.strip().lower())
        if owner is None:
            raise NoSuchOwner(f"Nobody has an account under {owner_email}; run create-owner first.")
        if not await venues.knows_timezone(connection, file.timezone):
            raise BadVenueFile(f"{file.timezone} is no time zone, such as Europe/Berlin.")
        restaurant_id = await venues.add_venue(
            connection, venue_id, owner.organisation_id, name, file.currency, file.timezone
        )
        config = venue_file.configure(file, name, venue_id, restaurant_id, secrets.token_bytes)
        await streams.open_streams(connection, venue_id, STREAMS)
        await configuration.begin(connection, venue_id, config)
        await venues.add_claim_code(connection, code_digest(claim_code), venue_id, _CLAIM_DAYS)
        await venues.audit(
            connection,
            actor=owner.email,
            action="venue created",
            origin=_ORIGIN,
            organisation_id=owner.organisation_id,
            venue_id=venue_id,
            after={"name": name, "restaurant_id": restaurant_id},
        )
    return NewVenue(
        venue_id=venue_id,
        restaurant_id=restaurant_id,
        name=name,
        currency=file.currency,
        timezone=file.timezone,
        claim_code=claim_code,
        pass_word=file.pass_word,
        tables=config.tables,
        staff=file.staff,
        play_stations=config.play.stations,
    )


class MenuRefused(Exception):
    """The menu does not fit the venue or cannot be read; `complaints` are sentences for the restaurateur."""

    def __init__(self, complaints: list[str]) -> None:
        super().__init__("\n".join(complaints))
        self.complaints = complaints


async def import_menu(pool: asyncpg.Pool, venue_id: str, path: Path, actor: str) -> int:
    """Publish a menu file to the venue's box; its version, which is its place in the stream.

    Raises `NoSuchVenue`, or `MenuRefused` with everything that is wrong with the file.
    """
    async with pool.acquire() as connection, connection.transaction():
        venue = await venues.find(connection, venue_id)
        if venue is None:
            raise NoSuchVenue(f"There is no venue {venue_id}.")
        menu = _read_menu(path, venue.currency)
        version = await streams.next_seq(connection, venue_id, "menu")
        await _check_stations(connection, venue_id, menu)
        published = msgspec.structs.replace(menu, menu_version=version)
        await streams.publish(connection, venue_id, "menu", version, msgspec.json.encode(published))
        await venues.audit(
            connection,
            actor=actor,
            action="menu published",
            origin=_ORIGIN,
            organisation_id=venue.organisation_id,
            venue_id=venue_id,
            after={"menu_version": version, "items": len(menu.items)},
        )
    return version


def _read_menu(path: Path, currency: str) -> Menu:
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise MenuRefused([f"{path} cannot be read: {error.strerror}."]) from error
    except UnicodeDecodeError as error:
        raise MenuRefused([f"{path} is not UTF-8 text; save it as 'CSV UTF-8'."]) from error
    result = menu_file.parse(text, "json" if path.suffix.lower() == ".json" else "csv", currency)
    if isinstance(result, list):
        raise MenuRefused([str(complaint) for complaint in result])
    return result


async def _check_stations(connection: asyncpg.Connection, venue_id: str, menu: Menu) -> None:
    config = await configuration.find(connection, venue_id)
    stations = {station.id for station in config.stations} if config else set()
    lost = [item for item in menu.items if item.station not in stations]
    if lost:
        known = ", ".join(sorted(stations))
        raise MenuRefused(
            [f"{item.name}: the venue has no station '{item.station}', only {known}." for item in lost]
        )
