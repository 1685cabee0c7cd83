"""An owner's change of a venue's configuration: taken, published and witnessed in one transaction.

Desks say what becomes of the configuration, and what of it the audit shows; a change that changes nothing is
neither published nor witnessed. Counterpart: `configuration.py` says why whoever changes it waits for others.
"""

from collections.abc import Callable

import asyncpg
from aiohttp import web

from cloud.owners.people.login import Logins
from cloud.owners.venues import configuration
from cloud.store.people.logins import Login
from protocol.facts.venue import VenueConfig


class Rewriting:
    """`shown` is what the audit gets of a configuration, and `action` what it calls a change of it."""

    def __init__(self, logins: Logins, action: str, shown: Callable[[VenueConfig], object]) -> None:
        self._logins = logins
        self._action = action
        self._shown = shown

    async def rewrite(
        self,
        connection: asyncpg.Connection,
        request: web.Request,
        login: Login,
        rewritten: Callable[[VenueConfig], VenueConfig],
    ) -> VenueConfig:
        """The configuration of the venue in the path from now on. Raises `Refused` with `not_configured`."""
        venue_id = request.match_info["venue_id"]
        before = await configuration.newest(connection, venue_id)
        after = rewritten(before)
        if await configuration.publish(connection, venue_id, before, after):
            shown = {"before": self._shown(before), "after": self._shown(after)}
            await self._logins.witness(connection, request, login, self._action, venue_id=venue_id, **shown)
        return after
