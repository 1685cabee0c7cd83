"""One row per HTTP address: what it takes, what it answers, how it refuses, who may call.

Edge and cloud build their routers from such rows, and `schema/` builds OpenAPI from the same rows, so the
published description cannot drift from what is served.
"""

from typing import Any

import msgspec


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """An address. `auth` is `none`, `guest`, `balance`, `staff` or `owner`; `query` names required
    parameters.

    Of an owner's route `roles` says which roles may call, and `scope` what an API token has to hold to call
    it; where no scope is named, no token opens it. What is not said stays with owners.
    """

    method: str
    path: str
    summary: str
    response: Any = None
    request: Any = None
    status: int = 200
    #: Further statuses that are no refusals: 202 for 'under way', 304 for 'as you have it'.
    also: tuple[int, ...] = ()
    errors: tuple[str, ...] = ()
    auth: str = "none"
    roles: tuple[str, ...] = ("owner",)
    scope: str = ""
    #: Only for those who are bound to no venues: it is about all of the organisation.
    whole: bool = False
    query: tuple[str, ...] = ()
    #: Query parameters that may be left out.
    filters: tuple[str, ...] = ()
    #: Media type of an answer that is not JSON (pages, metrics).
    media: str = "application/json"
