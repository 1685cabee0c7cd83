"""The pages that a guest's browser is sent to: type the card in, ask the bank, go back to the shop."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from firmware_profiles.emulators.stripe import hosted
from firmware_profiles.emulators.stripe.books import Books
from firmware_profiles.emulators.stripe.refusals import StripeRefusal

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class HostedPages:
    """The handlers. `origin` says where they are reached, `save` keeps what they have done."""

    def __init__(self, books: Books, origin: Callable[[], str], save: Callable[[], None]) -> None:
        self._books = books
        self._origin = origin
        self._save = save

    def rows(self) -> list[tuple[str, str, Handler]]:
        """Methods, paths and handlers."""
        return [
            ("GET", "/c/pay/{name}", self.show),
            ("POST", "/c/pay/{name}", self.pay),
            ("GET", "/authenticate/{name}", self.ask),
            ("POST", "/authenticate/{name}", self.authenticate),
        ]

    async def show(self, request: web.Request) -> web.StreamResponse:
        """`GET /c/pay/{session}`."""
        session = self._books.things["session"].get(request.match_info["name"])
        if session is None or session["status"] != "open":
            return _page(
                hosted.words_page("This page is no longer open. Nothing more can be paid here."), 410
            )
        return _page(hosted.payment_page(session))

    async def pay(self, request: web.Request) -> web.StreamResponse:
        """`POST /c/pay/{session}`: on to the shop, to the bank, or back with what is wrong."""
        name = request.match_info["name"]
        number = str((await request.post()).get("number", ""))
        try:
            session = self._books.pay_session(name, number, self._origin())
        except StripeRefusal as refusal:
            known = self._books.things["session"].get(name)
            wrong = refusal.body["error"]["message"]
            return _page(hosted.payment_page(known, wrong) if known else hosted.words_page(wrong), 402)
        finally:
            self._save()
        intent = self._books.find("payment_intent", session["payment_intent"])
        if intent["next_action"] is not None:
            raise web.HTTPSeeOther(intent["next_action"]["redirect_to_url"]["url"])
        raise web.HTTPSeeOther(_back(session))

    async def ask(self, request: web.Request) -> web.StreamResponse:
        """`GET /authenticate/{intent}`."""
        intent = self._books.find("payment_intent", request.match_info["name"])
        return _page(hosted.bank_page(intent))

    async def authenticate(self, request: web.Request) -> web.StreamResponse:
        """`POST /authenticate/{intent}`."""
        name = request.match_info["name"]
        agreed = (await request.post()).get("agreed") == "yes"
        try:
            intent = self._books.authenticate(name, agreed=agreed)
        except StripeRefusal as refusal:
            return _page(hosted.words_page(str(refusal)), 400)
        of = [each for each in self._books.things["session"].values() if each["payment_intent"] == name]
        if of and intent["status"] == "succeeded":
            self._books.complete_session(of[0])
        self._save()
        if not of:
            return _page(hosted.words_page("Thank you. You can close this page."))
        raise web.HTTPSeeOther(_back(of[0]) if intent["status"] == "succeeded" else of[0]["url"])


def _back(session: dict[str, str]) -> str:
    return session["success_url"].replace("{CHECKOUT_SESSION_ID}", session["id"])


def _page(text: str, status: int = 200) -> web.Response:
    return web.Response(status=status, text=text, content_type="text/html")
