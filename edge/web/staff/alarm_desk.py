"""HTTP for alarms: somebody looks after one, and all screens say who. It goes when its cause does."""

from collections.abc import Awaitable, Callable

import msgspec
from aiohttp import web

from edge.web.answers import Handler, answer, body_of
from edge.web.counter import Counter
from protocol.errors import Refused, refuse
from protocol.floor import AcknowledgeRequest
from protocol.http import Route


class Acknowledged(msgspec.Struct, frozen=True):
    """Somebody looks after it now, or did already."""

    ok: bool


ACKNOWLEDGE = Route(
    method="POST",
    path="/api/v1/alarms/acknowledge",
    summary="Say that one looks after an alarm; it stays up until its cause is gone.",
    request=AcknowledgeRequest,
    response=Acknowledged,
    auth="staff",
    errors=("unknown_alarm", "storage_failed"),
)

#: Takes an alarm's key, who looks after it and when (ms); False when it is not up. Raises `OSError`.
Acknowledge = Callable[[str, str, int], Awaitable[bool]]

_acknowledge = msgspec.json.Decoder(AcknowledgeRequest)


class AlarmDesk:
    """The handler. Any role will do: whoever stands nearest goes."""

    def __init__(self, counter: Counter, tell: Acknowledge) -> None:
        self._counter = counter
        self._tell = tell

    def routes(self) -> list[tuple[Route, Handler]]:
        """Addresses and their handlers."""
        return [(ACKNOWLEDGE, self.acknowledge)]

    async def acknowledge(self, request: web.Request) -> web.Response:
        """`POST /api/v1/alarms/acknowledge`."""
        staff = self._counter.anybody(request)
        body = await body_of(request, _acknowledge)
        venue = self._counter.hot.committed_venue()
        account = venue.staff.get(staff.user) if venue else None
        name = account.name if account else staff.user
        try:
            known = await self._tell(body.key, name, self._counter.clock().wall_ms)
        except OSError as error:
            raise Refused(refuse("storage_failed")) from error
        if not known:
            raise Refused(refuse("unknown_alarm"))
        return answer(Acknowledged(ok=True))
