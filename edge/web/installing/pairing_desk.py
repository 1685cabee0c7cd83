"""Showing the code with which an owner takes this box into a venue, and where nobody works here yet, to all.

A box that serves a venue shows its code to a manager only, on the staff's page: whoever reads it could take
the box for a venue of their own. A box that serves nobody has no staff, and nothing to take: it shows the
code at `/pair` to whoever stands before it, without any script, so that the oldest phone will do.

Counterparts: `edge/wiring/pairing.py` knows how far it is; `cloud/owners/venues/pairing.py` is where the code
goes.
"""

from typing import Protocol
from urllib.parse import urlsplit

import msgspec
from aiohttp import web

from edge.journal.database import Box
from edge.journal.hot import Hot
from edge.web.answers import Handler, answer, body_of
from edge.web.installing import pairing_page
from edge.web.tokens import Tokens
from protocol.errors import Refused, refuse
from protocol.http import Route
from protocol.pairing import Invited, PairingWish

SHOWN = Route(
    method="GET",
    path="/api/v1/pairing",
    summary="The code that pairs this box with the cloud, and how far it is. Managers only, if any.",
    response=Invited,
    auth="staff",
    errors=("forbidden",),
)
BEGIN = Route(
    method="POST",
    path="/api/v1/pairing",
    summary="Ask the cloud for a code to show. One that is shown already stays.",
    request=PairingWish,
    response=Invited,
    auth="staff",
    errors=("forbidden", "already_paired"),
)
END = Route(
    method="DELETE",
    path="/api/v1/pairing",
    summary="Show no code any more.",
    response=Invited,
    auth="staff",
    errors=("forbidden",),
)
PAGE = Route(
    method="GET",
    path="/pair",
    summary="The page of a box that belongs to nobody yet, with the code to type in.",
    media="text/html",
)
PRESSED = Route(
    method="POST",
    path="/pair",
    summary="The page's button.",
    media="text/html",
    status=303,
    errors=("forbidden", "already_paired"),
)
STYLE = Route(method="GET", path="/pair.css", summary="How the page looks.", media="text/css")

_begin = msgspec.json.Decoder(PairingWish)


class Inviting(Protocol):
    """Who sees to it (`edge/wiring/pairing.py`)."""

    usual_cloud: str

    def invited(self) -> Invited: ...

    def begin(self, cloud_url: str) -> None: ...

    def end(self) -> None: ...


class PairingDesk:
    """The handlers and what they need."""

    def __init__(self, tokens: Tokens, hot: Hot, pairing: Inviting, box: Box) -> None:
        self._tokens = tokens
        self._hot = hot
        self._pairing = pairing
        self._paired = box.cloud_url is not None

    def routes(self) -> list[tuple[Route, Handler]]:
        """Addresses and their handlers."""
        return [
            (SHOWN, self.shown),
            (BEGIN, self.begin),
            (END, self.end),
            (PAGE, self.page),
            (PRESSED, self.pressed),
            (STYLE, self.style),
        ]

    def nobody(self) -> bool:
        """Whether this box serves no venue yet."""
        return self._hot.committed_venue() is None and not self._paired

    def _admit(self, request: web.Request) -> None:
        if not self.nobody():
            self._tokens.staff(request, "manager")

    async def shown(self, request: web.Request) -> web.Response:
        """`GET /api/v1/pairing`."""
        self._admit(request)
        return answer(self._pairing.invited())

    async def begin(self, request: web.Request) -> web.Response:
        """`POST /api/v1/pairing`."""
        self._admit(request)
        self._begin((await body_of(request, _begin)).cloud_url)
        return answer(self._pairing.invited())

    async def end(self, request: web.Request) -> web.Response:
        """`DELETE /api/v1/pairing`."""
        self._admit(request)
        self._pairing.end()
        return answer(self._pairing.invited())

    def _begin(self, wished: str) -> None:
        if self._paired:
            raise Refused(refuse("already_paired"))
        self._pairing.begin(cloud_address(wished or self._pairing.usual_cloud))

    async def pressed(self, request: web.Request) -> web.Response:
        """`POST /pair`: the form of the page, from this page only."""
        if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
            raise Refused(refuse("forbidden"))
        if not self.nobody():
            raise Refused(refuse("forbidden", "A manager pairs this box, on the staff's page."))
        fields = await request.post()
        self._begin(str(fields.get("cloud_url", "")))
        return web.Response(status=303, headers={"Location": "/pair"})

    async def page(self, _request: web.Request) -> web.Response:
        """`GET /pair`."""
        if not self.nobody():
            return _html(pairing_page.taken(paired=self._paired))
        return _html(pairing_page.inviting(self._pairing.invited()))

    async def style(self, _request: web.Request) -> web.Response:
        """`GET /pair.css`."""
        return web.Response(text=pairing_page.STYLE, content_type="text/css")


def cloud_address(text: str) -> str:
    """A cloud's address as it is asked. Raises `Refused`."""
    parts = urlsplit(text.strip())
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise Refused(refuse("invalid", "A cloud's address is like https://cloud.example."))
    return text.strip().rstrip("/")


def _html(text: str) -> web.Response:
    return web.Response(text=text, content_type="text/html", headers={"Cache-Control": "no-store"})
