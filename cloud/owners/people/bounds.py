"""What a role or a token is bound to: some of the organisation's brands and venues, or nothing of the kind.

Rule of the file: bounds only ever name what is the organisation's own; a venue that goes later leaves less.
Counterparts: `gate.py` and `cloud/store/tenancy.sql` hold people and programs to them.
"""

from typing import Annotated
from uuid import UUID

import asyncpg
import msgspec

from cloud.store import venues
from cloud.store.people.logins import Reach
from protocol.errors import Refused, refuse

#: As a request names them: ids of brands and venues.
Bounds = Annotated[list[UUID], msgspec.Meta(min_length=1, max_length=500)]


async def checked(connection: asyncpg.Connection, organisation_id: str, bounds: list[UUID] | None) -> Reach:
    """As the database keeps them. Refuses with `unknown_venue`."""
    if bounds is None:
        return None
    reach = frozenset(map(str, bounds))
    if reach != await venues.within(connection, organisation_id, reach):
        raise Refused(refuse("unknown_venue"))
    return reach


def listed(reach: Reach) -> list[str] | None:
    """As an answer and the audit tell them."""
    return None if reach is None else sorted(reach)
