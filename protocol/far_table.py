"""What a phone that is not on the venue's network is told of its table.

Counterparts: `cloud/guests/table_page.py`, `cloud/pages/table`.
"""

from typing import Literal

import msgspec


class FarTable(msgspec.Struct, frozen=True):
    """Answer to `GET /v/{venue_id}/tables/{code}`.

    `reached` says whether the venue's box is heard of now, `silent_s` how long ago it last was (None: never).
    `location_policy` is from where the venue takes orders.
    """

    venue_name: str
    table_name: str
    reached: bool
    silent_s: int | None
    location_policy: Literal["off", "ip", "gps", "either"]


class FarOutcome(msgspec.Struct, frozen=True):
    """How a request by way of the cloud stands: WAITING, OVERDUE, TAKEN, HELD, DONE, REFUSED, EXPIRED or
    UNKNOWN.
    """

    status: str
    code: str
    message: str
    result: dict[str, str]
