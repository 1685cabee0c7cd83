"""A brand's draft and published menu as the person who asks may see and change them.

Rule of the file: what somebody's bounds leave is worked out here, once, for all that the menu editor asks;
whoever has none gets the documents as they are. Counterparts: `menu/reach.py` cuts, `menu/desk.py` asks.
"""

import asyncpg
import msgspec

from cloud.owners.menu import publishing as publishing
from cloud.owners.menu import reach as menu_reach
from cloud.owners.menu.brand_menu import BrandMenu
from cloud.store import menus
from cloud.store.menus import Draft
from cloud.store.people.logins import Login
from protocol.errors import Refusal, Refused, refuse
from protocol.facts.menu import Menu

#: Of an empty menu at a brand that has no venue yet.
NO_CURRENCY = "EUR"


class Look(msgspec.Struct, frozen=True):
    """Draft and published menu as somebody sees them, and whole; `bounds` are venues, None for all."""

    draft: BrandMenu
    published: BrandMenu | None
    bounds: frozenset[str] | None
    whole_draft: BrandMenu
    whole_published: BrandMenu | None

    def to_publish(self) -> BrandMenu:
        """The menu that comes of publishing now. Raises `Refused` with `beyond_reach`."""
        if self.bounds is None:
            return self.whole_draft
        if self.whole_published is None:
            raise Refused(refuse("beyond_reach", _FIRST))
        return menu_reach.put(self.whole_published, self.draft, self.bounds, self.whole_published.menu)


_FIRST = "This brand's menu was never published; that is for somebody who runs the whole brand."
_NOTHING = BrandMenu(Menu(menu_version=0, currency=NO_CURRENCY, categories=(), items=()))


async def bounds_of(connection: asyncpg.Connection, login: Login, brand_id: str) -> frozenset[str] | None:
    """Venues of the brand that the person is bound to; None for all of it."""
    if login.reach is None or brand_id in login.reach:
        return None
    # Postgres shows no others.
    return frozenset(each.venue_id for each in await menus.venues_of(connection, brand_id))


async def look(connection: asyncpg.Connection, login: Login, brand_id: str, saved: Draft | None) -> Look:
    """What the person sees of the brand's menu, within their transaction."""
    bounds = await bounds_of(connection, login, brand_id)
    draft = publishing.read(saved.body) if saved else _NOTHING
    published = None
    if saved is not None and saved.published_version:
        body = await menus.body_of(connection, brand_id, saved.published_version)
        published = publishing.read(body) if body is not None else None
    if bounds is None:
        return Look(draft, published, None, draft, published)
    base = published or draft
    theirs = published and menu_reach.seen(published, published, bounds)
    return Look(menu_reach.seen(base, draft, bounds), theirs, bounds, draft, published)


def taken(look: Look, saved: Draft | None, wanted: BrandMenu, published_version: int | None) -> BrandMenu:
    """The draft from now on. Raises `Refused` with `draft_changed` or `beyond_reach`."""
    if look.bounds is None:
        return wanted
    if saved is None or look.whole_published is None:
        raise Refused(refuse("beyond_reach", _FIRST))
    if published_version not in (None, saved.published_version):
        raise Refused(changed(saved, look))
    if not menu_reach.is_theirs(wanted, look.whole_published, look.bounds):
        raise Refused(refuse("beyond_reach"))
    return menu_reach.put(look.whole_draft, wanted, look.bounds, look.whole_published.menu)


def changed(saved: Draft, look: Look) -> Refusal:
    """`draft_changed` with the draft of now; and with the published menu, for who works on that."""
    return refuse(
        "draft_changed",
        detail={
            "draft_version": saved.version,
            "saved_by": saved.saved_by,
            "saved_at": saved.saved_at.isoformat(),
            "draft": look.draft,
            "published_version": saved.published_version,
            **({} if look.bounds is None else {"published": look.published}),
        },
    )
