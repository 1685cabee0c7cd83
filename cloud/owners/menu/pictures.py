"""`/api/brands/{brand_id}/menu/pictures`: pictures of dishes, uploaded by whoever edits a menu.

Whatever comes is decoded in a painters' process, stripped and encoded anew in two sizes: a small one for
lists and a large one for the dish itself. Each is kept under the SHA-256 of its bytes, so a name is its
picture for ever and the same picture is kept once. Menus name pictures (`protocol/facts/menu.py`); boxes
fetch what theirs names (`cloud/ingest/dish_door.py`).
"""

import asyncpg
from aiohttp import web

from cloud.jobs.blobs import Blobs, NoSuchBlob
from cloud.owners.menu.brand_menu import BrandMenu
from cloud.owners.people import roles
from cloud.owners.people.login import Logins
from cloud.shop.designs.painters import Painters
from cloud.store.tenancy import on_behalf_of
from cloud.web.answers import Handler, answer
from cloud.web.uploads import file_of
from protocol.drawing.commissions import DishTaken, TakeDish
from protocol.errors import Refused, refuse
from protocol.facts.menu import DishPicture, is_picture
from protocol.http import Route
from protocol.pictures import is_name

_FOR_EVER = {"Cache-Control": "private, max-age=31536000, immutable"}

UPLOAD = Route(
    method="POST",
    path="/api/brands/{brand_id}/menu/pictures",
    summary="Upload a dish's picture: JPEG, PNG or WebP, as the body. Kept in two sizes, stripped.",
    response=DishPicture,
    status=201,
    auth="owner",
    roles=roles.RUNNERS,
    scope="menu:write",
    errors=("picture_unreadable", "picture_too_large", "painter_busy", "invalid"),
)
PICTURE = Route(
    method="GET",
    path="/api/brands/{brand_id}/menu/pictures/{blob}",
    summary="A dish's picture.",
    media="image/jpeg",
    auth="owner",
    roles=roles.EVERYBODY,
    scope="menu:read",
    errors=("unknown_picture",),
)


def key_of(organisation_id: str, blob: str) -> str:
    """Where a dish's picture lies in the blob store."""
    return f"{organisation_id}/dishes/{blob}"


async def missing(
    blobs: Blobs, organisation_id: str, brand: BrandMenu, published: BrandMenu | None
) -> list[str]:
    """A sentence for each dish whose picture nobody has uploaded here; `published` ones were looked for."""
    found = []
    known = {item.picture for item in published.menu.items} if published else set()
    for item in brand.menu.items:
        if item.picture is None or item.picture in known or not is_picture(item.picture):
            continue
        try:
            for blob in (item.picture.small, item.picture.large):
                await blobs.size(key_of(organisation_id, blob))
        except NoSuchBlob:
            found.append(f"The picture of {item.name} is not here; upload it again.")
    return found


class DishPictureDesk:
    """The handlers and what they need."""

    def __init__(self, pool: asyncpg.Pool, logins: Logins, blobs: Blobs, painters: Painters) -> None:
        self._pool = pool
        self._logins = logins
        self._blobs = blobs
        self._painters = painters

    def routes(self) -> list[tuple[Route, Handler]]:
        """Addresses and their handlers."""
        return [(UPLOAD, self.upload), (PICTURE, self.picture)]

    async def upload(self, request: web.Request) -> web.Response:
        """Refuses with one of `UPLOAD.errors`."""
        login = await self._logins.require(request)
        taken = await self._painters.ask(TakeDish(await file_of(request)))
        assert isinstance(taken, DishTaken)
        for each in (taken.large, taken.small):
            await self._blobs.put(key_of(login.organisation_id, each.blob), each.body)
        picture = DishPicture(taken.small.blob, taken.large.blob, taken.large.width_px, taken.large.height_px)
        async with on_behalf_of(self._pool, login) as connection:
            await self._logins.witness(connection, request, login, "dish picture uploaded", after=picture)
        return answer(picture, 201)

    async def picture(self, request: web.Request) -> web.Response:
        """Refuses with `unknown_picture`."""
        login, blob = await self._logins.require(request), request.match_info["blob"]
        if not is_name(blob):
            raise Refused(refuse("unknown_picture"))
        try:
            body = await self._blobs.read(key_of(login.organisation_id, blob))
        except NoSuchBlob as error:
            raise Refused(refuse("unknown_picture")) from error
        return web.Response(body=body, content_type="image/jpeg", headers=_FOR_EVER)
