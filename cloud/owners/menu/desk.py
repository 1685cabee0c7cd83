"""The menu editor's addresses: one shared draft a brand, published versions, venues that get them.

A draft is saved whole, with the version that it was made from. Whoever saves from an older one is told
`draft_changed` and gets the newer draft along, so that the page can put both together; nothing is lost.
Publishing names the draft and the published version that were looked at, and fails with `menu_conflict` when
a colleague published in between. Whoever is bound to some venues of the brand works on the published menu
and says what is different at theirs (`menu/reach.py`).
"""

import asyncpg
import msgspec
from aiohttp import web

from cloud.jobs.blobs import Blobs
from cloud.owners.gate import identity
from cloud.owners.menu import look as menu_look
from cloud.owners.menu import pictures as dish_pictures
from cloud.owners.menu import publishing as publishing
from cloud.owners.menu import reach as menu_reach
from cloud.owners.menu.brand_menu import BrandMenu
from cloud.owners.people import roles
from cloud.owners.people.login import Logins
from cloud.store import menus
from cloud.store.menus import Draft, VenueMenu
from cloud.store.tenancy import on_behalf_of
from cloud.web.answers import Handler, answer, body_of
from protocol.errors import Refused, refuse
from protocol.facts.menu import Menu
from protocol.http import Route

MOST_BYTES = 2 * 1024 * 1024
_MOST_VERSIONS = 50
_LONGEST_NOTE = 200


class BrandRow(msgspec.Struct, frozen=True):
    """A brand with how many venues it has."""

    brand_id: str
    name: str
    venues: int


class Brands(msgspec.Struct, frozen=True):
    """The organisation's brands, by name."""

    brands: list[BrandRow]


class VenueMenuRow(msgspec.Struct, frozen=True):
    """A venue and the menu it has.

    `version` is the brand's that it was given last, null if none; `by_hand` tells that it was sent another
    one since. `adopted` tells that the box sells from what it was sent. `stations` are ids of its kitchen.
    """

    venue_id: str
    name: str
    currency: str
    stations: list[str]
    version: int | None
    by_hand: bool
    adopted: bool
    next_due_at: str | None


class VersionRow(msgspec.Struct, frozen=True):
    """A published version, without its body."""

    version: int
    note: str
    published_by: str
    published_at: str


class MenuAnswer(msgspec.Struct, frozen=True):
    """A brand's draft, what was published last (null if nothing), and the venues."""

    draft: BrandMenu
    draft_version: int
    saved_by: str | None
    saved_at: str | None
    published: BrandMenu | None
    published_version: int
    venues: list[VenueMenuRow]
    versions: list[VersionRow]


class SaveRequest(msgspec.Struct, frozen=True):
    """The whole draft, and the version that it was made from.

    Whoever is bound to some venues works on the published menu and names its version, too.
    """

    draft: BrandMenu
    draft_version: int
    published_version: int | None = None


class SaveAnswer(msgspec.Struct, frozen=True):
    """The draft's version now."""

    draft_version: int


class PublishRequest(msgspec.Struct, frozen=True):
    """Publish this draft to these venues; `published_version` is what it was compared with."""

    draft_version: int
    published_version: int
    venues: list[str]
    note: str = ""


class PublishAnswer(msgspec.Struct, frozen=True):
    """The new version, and where each venue's menu stands in its stream."""

    version: int
    menu_versions: dict[str, int]


class VersionAnswer(msgspec.Struct, frozen=True):
    """A published version as it was."""

    version: int
    body: BrandMenu


BRANDS = Route(
    method="GET",
    path="/api/brands",
    summary="Brands of the organisation.",
    response=Brands,
    auth="owner",
    roles=roles.EVERYBODY,
    scope="menu:read",
)
MENU = Route(
    method="GET",
    path="/api/brands/{brand_id}/menu",
    summary="The brand's menu: draft, published, and what each venue has.",
    response=MenuAnswer,
    auth="owner",
    roles=roles.EVERYBODY,
    scope="menu:read",
)
SAVE = Route(
    method="PUT",
    path="/api/brands/{brand_id}/menu/draft",
    summary="Save the draft. `draft_changed` brings the newer one along.",
    request=SaveRequest,
    response=SaveAnswer,
    auth="owner",
    roles=roles.RUNNERS,
    scope="menu:write",
    errors=("draft_changed", "beyond_reach"),
)
PUBLISH = Route(
    method="POST",
    path="/api/brands/{brand_id}/menu/publish",
    summary="Publish the draft to venues, all or none.",
    request=PublishRequest,
    response=PublishAnswer,
    auth="owner",
    roles=roles.RUNNERS,
    scope="menu:write",
    errors=("draft_changed", "menu_conflict", "menu_flawed", "unknown_venue", "beyond_reach"),
)
VERSION = Route(
    method="GET",
    path="/api/brands/{brand_id}/menu/versions/{version}",
    summary="A version as it was published.",
    response=VersionAnswer,
    auth="owner",
    roles=roles.EVERYBODY,
    scope="menu:read",
    errors=("unknown_menu_version",),
)

_save = msgspec.json.Decoder(SaveRequest)
_publish = msgspec.json.Decoder(PublishRequest)


class MenuDesk:
    """The handlers and what they need."""

    def __init__(self, pool: asyncpg.Pool, logins: Logins, blobs: Blobs) -> None:
        self._pool = pool
        self._logins = logins
        self._blobs = blobs

    def routes(self) -> list[tuple[Route, Handler]]:
        """Addresses and their handlers."""
        return [
            (BRANDS, self.brands),
            (MENU, self.menu),
            (SAVE, self.save),
            (PUBLISH, self.publish),
            (VERSION, self.version),
        ]

    async def brands(self, request: web.Request) -> web.Response:
        """`GET /api/brands`."""
        login = await self._logins.require(request)
        async with on_behalf_of(self._pool, login) as connection:
            found = await menus.brands(connection, login.organisation_id)
        return answer(Brands([BrandRow(each.brand_id, each.name, each.venues) for each in found]))

    async def menu(self, request: web.Request) -> web.Response:
        """`GET /api/brands/{brand_id}/menu`. Before the first draft: what a venue was sent last."""
        login, brand_id = await self._logins.require(request), request.match_info["brand_id"]
        async with on_behalf_of(self._pool, login) as connection:
            saved = await menus.draft(connection, brand_id)
            listed = await menus.venues_of(connection, brand_id)
            look = await menu_look.look(connection, login, brand_id, saved)
            first = await _first(connection, brand_id, listed) if saved is None else None
            versions = await menus.versions(connection, brand_id, _MOST_VERSIONS)
        return answer(
            MenuAnswer(
                draft=first or look.draft,
                draft_version=saved.version if saved else 0,
                saved_by=saved.saved_by if saved else None,
                saved_at=saved.saved_at.isoformat() if saved else None,
                published=look.published,
                published_version=saved.published_version if saved else 0,
                venues=[_row(venue) for venue in listed],
                versions=[
                    VersionRow(each.version, each.note, each.published_by, each.published_at.isoformat())
                    for each in versions
                ],
            )
        )

    async def save(self, request: web.Request) -> web.Response:
        """Refuses with `draft_changed` and the newer draft, or with `beyond_reach`."""
        login, brand_id = await self._logins.require(request), request.match_info["brand_id"]
        wanted = await body_of(request, _save, MOST_BYTES)
        async with on_behalf_of(self._pool, login) as connection:
            saved = await menus.lock(connection, brand_id)
            before = saved.version if saved else 0
            look = await menu_look.look(connection, login, brand_id, saved)
            if saved is not None and saved.version != wanted.draft_version:
                raise Refused(menu_look.changed(saved, look))
            body = msgspec.json.encode(
                menu_look.taken(look, saved, wanted.draft, wanted.published_version)
            ).decode()
            await menus.save(connection, login.organisation_id, brand_id, body, before + 1, login.email)
            await self._logins.witness(
                connection,
                request,
                login,
                "menu draft saved",
                before={"draft_version": before},
                after={"draft_version": before + 1, "items": len(wanted.draft.menu.items)},
            )
        return answer(SaveAnswer(before + 1))

    async def publish(self, request: web.Request) -> web.Response:
        """Refuses with `draft_changed`, `menu_conflict`, `menu_flawed`, `unknown_venue` or `beyond_reach`."""
        login, brand_id = await self._logins.require(request), request.match_info["brand_id"]
        wanted = await body_of(request, _publish)
        async with on_behalf_of(self._pool, login) as connection:
            saved = await menus.lock(connection, brand_id)
            look = await menu_look.look(connection, login, brand_id, saved)
            await _check_versions(connection, brand_id, saved, look, wanted)
            assert saved is not None
            targets = await _targets(connection, brand_id, wanted.venues)
            brand, version = look.to_publish(), saved.published_version + 1
            lacking = await dish_pictures.missing(
                self._blobs, login.organisation_id, brand, look.whole_published
            )
            publishing.check(brand, targets, lacking)
            note = wanted.note.strip()[:_LONGEST_NOTE]
            await menus.add_version(
                connection,
                login.organisation_id,
                brand_id,
                msgspec.json.encode(brand).decode(),
                version=version,
                note=note,
                by=login.email,
            )
            await menus.lock_publications(connection, wanted.venues)
            given: dict[str, int] = {}
            for venue in sorted(targets, key=lambda each: each.venue_id):
                given[venue.venue_id] = await publishing.give(
                    connection, brand, brand_id, version, (venue.venue_id, venue.local_now)
                )
                await self._logins.witness(
                    connection,
                    request,
                    login,
                    "menu published",
                    venue_id=venue.venue_id,
                    before={"version": venue.version},
                    after={"version": version, "menu_version": given[venue.venue_id], "note": note},
                )
        return answer(PublishAnswer(version, given))

    async def version(self, request: web.Request) -> web.Response:
        """Refuses with `unknown_menu_version`."""
        login, brand_id = await self._logins.require(request), request.match_info["brand_id"]
        text = request.match_info["version"]
        number = int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
        async with on_behalf_of(self._pool, login) as connection:
            body = await menus.body_of(connection, brand_id, number)
            bounds = await menu_look.bounds_of(connection, login, brand_id)
        if body is None:
            raise Refused(refuse("unknown_menu_version"))
        brand = publishing.read(body)
        return answer(
            VersionAnswer(number, brand if bounds is None else menu_reach.seen(brand, brand, bounds))
        )


async def _first(connection: asyncpg.Connection, brand_id: str, listed: list[VenueMenu]) -> BrandMenu:
    """What an editor begins with: the menu that a venue was sent last, or an empty one."""
    body = await menus.newest_menu(connection, brand_id)
    if body is None:
        currency = listed[0].currency if listed else menu_look.NO_CURRENCY
        return BrandMenu(Menu(menu_version=0, currency=currency, categories=(), items=()))
    return BrandMenu(msgspec.structs.replace(msgspec.json.decode(body, type=Menu), menu_version=0))


async def _check_versions(
    connection: asyncpg.Connection,
    brand_id: str,
    saved: Draft | None,
    look: menu_look.Look,
    wanted: PublishRequest,
) -> None:
    """Raises `Refused` when somebody published or saved since the page looked."""
    published = saved.published_version if saved else 0
    if published != wanted.published_version:
        newest = (await menus.versions(connection, brand_id, 1))[0:1]
        detail = {
            "version": published,
            "published_by": newest[0].published_by if newest else None,
            "published_at": newest[0].published_at.isoformat() if newest else None,
        }
        raise Refused(refuse("menu_conflict", detail=detail))
    if saved is None or saved.version != wanted.draft_version:
        raise Refused(menu_look.changed(saved, look) if saved else refuse("draft_changed"))


async def _targets(connection: asyncpg.Connection, brand_id: str, wanted: list[str]) -> list[VenueMenu]:
    """The venues by their ids. Raises `Refused` with `unknown_venue`, or `invalid` where none is named."""
    if not wanted:
        raise Refused(refuse("invalid", "Name the venues that shall get this menu."))
    ids = {identity(venue_id, "unknown_venue") for venue_id in wanted}
    found = await menus.venues_of(connection, brand_id, ids)
    if len(found) < len(ids):
        raise Refused(refuse("unknown_venue"))
    return found


def _row(venue: VenueMenu) -> VenueMenuRow:
    sold = publishing.selling(venue)
    return VenueMenuRow(
        venue_id=venue.venue_id,
        name=venue.name,
        currency=venue.currency,
        stations=sorted(sold.stations),
        version=venue.version,
        by_hand=venue.head > (venue.menu_version or 0),
        adopted=venue.head > 0 and venue.adopted == venue.head,
        next_due_at=venue.next_due_at.isoformat() if venue.next_due_at else None,
    )
