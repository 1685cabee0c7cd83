"""A whole box at work, and phones that talk to it over HTTP and sockets as the page does (seed 002 §4-5)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple, Self

import aiohttp
import msgspec
from argon2 import PasswordHasher

from edge.adapters.till import webhook as pos_webhook
from edge.config import Config
from edge.core.commands import AdoptMenu, ConfigureVenue
from edge.journal.writer import Accepted
from edge.wiring.app import EdgeApp
from protocol.facts.venue import LocationConfig, PosConfig, StaffAccount
from tests.integration.ordering.till import KEY
from tests.sample_venue import ANYWHERE, BUILTIN, T1, WORD, config, menu

PIN = "4711"
#: Cheap on purpose: how hard a PIN is to guess is tested elsewhere.
_hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


class Served(NamedTuple):
    """A box and where it is."""

    app: EdgeApp
    url: str


@asynccontextmanager
async def serving(
    directory: Path,
    pos: PosConfig = BUILTIN,
    location: LocationConfig = ANYWHERE,
    pace: float = 0.01,
    owner_grace_s: float = 3600.0,
) -> AsyncIterator[Served]:
    """The application on a free port, furnished once; pauses are a hundredth of the real ones."""
    app = EdgeApp(
        Config(directory=directory, host="127.0.0.1", port=0, retry_pace=pace, owner_grace_s=owner_grace_s)
    )
    (directory / pos_webhook.KEY_NAME).write_text(KEY)
    async with app.serving() as url:
        if app.hot.committed_venue() is None:
            people = (("ann", "waiter"), ("carl", "cook"))
            staff = tuple(StaffAccount(user, user, role, _hasher.hash(PIN)) for user, role in people)
            furnished = msgspec.structs.replace(config(pos=pos, location=location), staff=staff)
            for command in (ConfigureVenue(furnished), AdoptMenu(menu())):
                assert isinstance(await app.writer.execute(command), Accepted)
        yield Served(app, url)


class Phone:
    """Somebody at a table. `heard` is everything that came over the socket."""

    def __init__(self, http: aiohttp.ClientSession, url: str, seat: dict[str, Any]) -> None:
        self._http = http
        self._url = url
        self.session_pid: str = seat["session_pid"]
        self.member_pid: str = seat["member_pid"]
        self.token: str = seat["ws_token"]
        self.heard: list[dict[str, Any]] = []
        self._news = asyncio.Event()
        self._socket: aiohttp.ClientWebSocketResponse
        self._stack = AsyncExitStack()

    @classmethod
    async def join(
        cls, http: aiohttp.ClientSession, url: str, name: str = "Chinu", table: str = T1, token: str = ""
    ) -> Self:
        """Scan the code; with an old token, as the same member."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        body = {"table": table, "name": name}
        async with http.post(f"{url}/session/join", json=body, headers=headers) as answer:
            return cls(http, url, await answer.json())

    async def __aenter__(self) -> Self:
        self._socket = await self._http.ws_connect(
            f"{self._url}/ws/table?sid={self.session_pid}", headers=self._headers
        )
        group = await self._stack.enter_async_context(asyncio.TaskGroup())
        group.create_task(self._read())
        self._stack.push_async_callback(self._socket.close)
        return self

    async def __aexit__(self, *_exc: object) -> None:
        await self._stack.aclose()

    @property
    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    async def _read(self) -> None:
        async for frame in self._socket:
            self.heard.append(msgspec.json.decode(frame.data))
            self._news.set()

    async def hears(self, kind: str, times: int = 1) -> dict[str, Any]:
        """Wait for the so many-th message of a type."""
        async with asyncio.timeout(60):
            while len(found := [each for each in self.heard if each["type"] == kind]) < times:
                self._news.clear()
                await self._news.wait()
        return found[times - 1]

    def types(self) -> list[str]:
        """What was heard, by type."""
        return [each["type"] for each in self.heard]

    async def send(self, message: dict[str, Any]) -> None:
        """Say something over the socket."""
        await self._socket.send_json(message)

    async def say_word(self) -> None:
        """The pass word, once a table."""
        status, _ = await self.post("/session/validate_pass", {"word": WORD})
        assert status == 200

    async def add(self, dish: int, qty: int = 1) -> None:
        """Put something into the cart and see it there."""
        before = self.types().count("cart_update")
        await self.send({"type": "cart_mutate", "op": "create", "menu_item": dish, "qty": qty})
        await self.hears("cart_update", before + 1)

    async def post(
        self, path: str, body: dict[str, Any], headers: dict[str, str] | None = None
    ) -> tuple[int, dict[str, Any]]:
        """Status and answer of a request about the own table."""
        async with self._http.post(
            self._url + path,
            json={"session_pid": self.session_pid, **body},
            headers={**self._headers, **(headers or {})},
        ) as answer:
            return answer.status, await answer.json()

    async def snapshot(self) -> dict[str, Any]:
        """The table as the box has it."""
        url = f"{self._url}/cart_snapshot?session_pid={self.session_pid}"
        async with self._http.get(url, headers=self._headers) as answer:
            assert answer.status == 200
            found: dict[str, Any] = await answer.json()
            return found

    async def order(self, headers: dict[str, str] | None = None, **more: Any) -> tuple[int, dict[str, Any]]:
        """`POST /orders` for the cart as it is."""
        seen = more.pop("cart_hash", None) or (await self.snapshot())["cart_hash"]
        return await self.post("/orders", {"cart_hash": seen, **more}, headers)


async def sign_in(http: aiohttp.ClientSession, url: str, user: str) -> dict[str, str]:
    """The headers of somebody of the staff."""
    async with http.post(f"{url}/api/v1/auth/pin", json={"user": user, "pin": PIN}) as answer:
        return {"Authorization": f"Bearer {(await answer.json())['token']}"}
