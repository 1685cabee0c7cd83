"""A whole box at work, in a thread of its own: the real application on a real port over a real disk.

Tests talk to it as strangers do. `facts` counts what the journal holds, so that 'nothing changed' can be
shown after every piece of nonsense.
"""

import asyncio
import sqlite3
import ssl
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp
import httpx
import msgspec
from argon2 import PasswordHasher

from edge.config import Config
from edge.core.commands import AdoptMenu, Command, ConfigureVenue
from edge.journal.database import path_of
from edge.journal.writer import Accepted, Outcome
from edge.wiring.app import EdgeApp
from protocol.facts.venue import StaffAccount
from tests.sample_venue import config, menu

PIN = "4711"
#: Strangers wait for a busy machine. To read certificates that nobody shows would cost more than the asking.
_patient = partial(httpx.request, timeout=60, verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
get, post, put, delete = (partial(_patient, method) for method in ("GET", "POST", "PUT", "DELETE"))
#: Facts that somebody asked for. Time that runs out and devices that move are written down by the box itself.
_FACTS = """
SELECT count(*) FROM journal
WHERE record->>'$.by' LIKE 'staff:%' OR record->>'$.by' LIKE 'member:%'
OR NOT (aggregate LIKE 'play:%' OR aggregate LIKE 'station:%' OR aggregate LIKE 'print:%')
"""
_hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


class ServedBox:
    """Use as a context manager. `url` is its address; `app` belongs to the other thread's loop."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.url = ""
        self.app: EdgeApp
        self._ready = threading.Event()
        self._stop: asyncio.Event
        self._loop: asyncio.AbstractEventLoop
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), name="box")

    def __enter__(self) -> "ServedBox":
        self._thread.start()
        assert self._ready.wait(60), "the box did not start"
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(60)
        assert not self._thread.is_alive(), "the box did not stop"

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        self.app = EdgeApp(Config(directory=self.directory, host="127.0.0.1", port=0))
        async with self.app.serving() as self.url:
            staff = (
                StaffAccount("ann", "Ann", "waiter", _hasher.hash(PIN)),
                StaffAccount("carl", "Carl", "cook", _hasher.hash(PIN)),
                StaffAccount("mia", "Mia", "manager", _hasher.hash(PIN)),
            )
            furnished = ConfigureVenue(msgspec.structs.replace(config(), staff=staff))
            for command in (furnished, AdoptMenu(menu())):
                assert isinstance(await self.app.writer.execute(command), Accepted)
            self._ready.set()
            await self._stop.wait()

    def execute(self, command: Command) -> Outcome:
        """A command from inside the box."""
        doing = asyncio.run_coroutine_threadsafe(self.app.writer.execute(command), self._loop)
        return doing.result(60)

    def on_loop(self, action: Callable[[], object]) -> None:
        """Do something where the box's own things live."""

        async def act() -> None:
            action()

        asyncio.run_coroutine_threadsafe(act(), self._loop).result(60)

    def facts(self) -> int:
        """How many facts are on the disk."""
        connection = sqlite3.connect(f"{path_of(self.directory).as_uri()}?mode=ro", uri=True)
        try:
            count: int = connection.execute(_FACTS).fetchone()[0]
            return count
        finally:
            connection.close()

    def post(self, path: str, body: Any, token: str | None = None) -> httpx.Response:
        """One JSON request."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return post(self.url + path, json=body, headers=headers)

    def get(self, path: str, token: str) -> httpx.Response:
        """One look, as somebody."""
        return get(self.url + path, headers={"Authorization": f"Bearer {token}"})

    def join(self, name: str = "Chinu", table: str = "TABLE1") -> dict[str, Any]:
        """Sit down; the answer to a join."""
        reply: dict[str, Any] = self.post("/session/join", {"table": table, "name": name}).json()
        return reply

    def staff_token(self, user: str = "ann") -> str:
        """A Bearer token of somebody who works here."""
        token: str = self.post("/api/v1/auth/pin", {"user": user, "pin": PIN}).json()["token"]
        return token

    def seated(self, table: str = "TABLE1") -> dict[str, Any]:
        """A guest at a table that has said the word."""
        guest = self.join(table=table)
        body = {"session_pid": guest["session_pid"], "word": "coffee"}
        assert self.post("/session/validate_pass", body, guest["ws_token"]).status_code == 200
        return guest

    @asynccontextmanager
    async def opened(self, path: str, token: str) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
        """A WebSocket, opened as a page opens it."""
        async with (
            aiohttp.ClientSession() as session,
            session.ws_connect(self.url + path, protocols=("holdfast.v1", f"bearer.{token}")) as socket,
        ):
            assert socket.protocol == "holdfast.v1"
            yield socket

    def socket(self, guest: dict[str, Any]) -> AbstractAsyncContextManager[aiohttp.ClientWebSocketResponse]:
        """The socket of a guest's phone."""
        return self.opened(f"/ws/table?sid={guest['session_pid']}", guest["ws_token"])

    def close_table(self, table: str = "TABLE1") -> None:
        """The guests are gone."""
        assert self.post(f"/api/v1/tables/{table}/close", {}, self.staff_token()).status_code == 200
