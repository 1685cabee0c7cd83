"""The link dials again for ever, hammers nobody, and goes when it is told to."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge.adapters.cloud.link import CloudLink, dialling
from edge.adapters.cloud.link.conversation import Conversation
from edge.adapters.cloud.link.dialling import (
    FIRST_BACKOFF_S,
    GOOD_AFTER_S,
    LATER,
    MOST_PUT_OFF_S,
    MOST_WELCOMED_S,
    next_backoff_s,
    put_off_s,
    wait_s,
)
from edge.core.afar.lane import Lane, Telling
from edge.journal.database import bind, read_box
from edge.journal.handed import NotNow
from protocol.telemetry import Reading
from tests.open_box import OpenBox


@pytest.fixture
async def cloud() -> AsyncIterator[str]:
    """Takes a connection and says nothing."""

    async def silent(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.receive()
        return socket

    app = web.Application()
    app.router.add_get("/link", silent)
    async with TestServer(app) as server:
        yield f"http://{server.host}:{server.port}"


def link_of(box: OpenBox, cloud: str) -> CloudLink:
    bind(box.connection, "venue-1", 1, cloud)
    return CloudLink(
        directory=box.directory,
        box=read_box(box.connection),
        key=Ed25519PrivateKey.generate(),
        writer=box.writer,
        hot=box.hot,
        clock=box.clock,
        learn_time=lambda _ms: None,
    )


async def test_readings_that_cannot_be_had_cost_no_link(tmp_path: Path) -> None:
    async with OpenBox(tmp_path) as box:
        link = link_of(box, "http://cloud")

        def broken() -> tuple[Reading, ...]:
            raise KeyError("a defect")

        link.gauges = broken
        assert link.readings(Lane()) == Telling()
        assert await link.unsynced_minor() == 0, "an empty journal"


async def test_a_link_that_stumbles_while_it_is_cut_is_cut_all_the_same(
    tmp_path: Path, cloud: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A journal that is stopping refuses an entry in the very moment in which the link is told to end."""
    speaking = asyncio.Event()

    async def refused_in_that_moment(_conversation: Conversation) -> None:
        speaking.set()
        try:
            await asyncio.Event().wait()
        finally:
            raise NotNow("commands entry 1 was refused: rate_limited")

    monkeypatch.setattr(Conversation, "_receive", refused_in_that_moment)
    monkeypatch.setattr(dialling, "FIRST_BACKOFF_S", 0.0)
    async with OpenBox(tmp_path) as box:
        link = link_of(box, cloud)
        async with asyncio.timeout(30), asyncio.TaskGroup() as group:
            running = group.create_task(link.run())
            await speaking.wait()
            running.cancel()
        assert running.cancelled()


@pytest.mark.parametrize(
    ("before_s", "lived_s", "then_s"),
    [
        (FIRST_BACKOFF_S, None, 2 * FIRST_BACKOFF_S),
        (20.0, None, 30.0),
        (30.0, GOOD_AFTER_S, FIRST_BACKOFF_S),
        (FIRST_BACKOFF_S, 0.1, 2 * FIRST_BACKOFF_S),
        (30.0, 0.1, MOST_WELCOMED_S),
    ],
)
def test_a_cloud_that_welcomes_and_breaks_off_is_not_hammered(
    before_s: float, lived_s: float | None, then_s: float
) -> None:
    assert next_backoff_s(before_s, lived_s) == then_s


@pytest.mark.parametrize(
    ("status", "retry_after", "asked_s"),
    [
        (503, "12", 12.0),
        (503, "0", 0.0),
        (503, "", 0.0),
        (503, "86400", MOST_PUT_OFF_S),
        (503, "9" * 5000, MOST_PUT_OFF_S),
        (503, "-5", 0.0),
        (503, "1.5", 0.0),
        (503, "\u0664", 0.0),
        (503, "Fri, 31 Dec 1999 23:59:59 GMT", 0.0),
        (404, "12", 0.0),
    ],
)
def test_a_cloud_that_is_asked_by_too_many_says_when_to_come(
    status: int, retry_after: str, asked_s: float
) -> None:
    assert put_off_s(status, {"Retry-After": retry_after}) == asked_s
    assert put_off_s(status, {}) == put_off_s(status, None) == 0.0


def test_nobody_comes_before_it_was_asked_to_and_not_all_come_together() -> None:
    waits = [wait_s(30.0, 10.0) for _ in range(200)]
    assert min(waits) >= 10.0
    assert max(waits) <= 10.0 * LATER
    assert max(waits) - min(waits) > 1.0
    unasked = [wait_s(30.0, 0.0) for _ in range(200)]
    assert min(unasked) < 10.0
    assert max(unasked) <= 30.0


async def test_a_box_that_is_put_off_waits_as_it_was_asked_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(_request: web.Request) -> web.Response:
        return web.Response(status=503, headers={"Retry-After": "7"})

    asked: asyncio.Queue[float] = asyncio.Queue()

    def waits(_backoff_s: float, asked_s: float) -> float:
        asked.put_nowait(asked_s)
        return 0.0

    monkeypatch.setattr(dialling, "wait_s", waits)
    app = web.Application()
    app.router.add_get("/link", full)
    async with TestServer(app) as server, OpenBox(tmp_path) as box:
        link = link_of(box, f"http://{server.host}:{server.port}")
        async with asyncio.timeout(30), asyncio.TaskGroup() as group:
            running = group.create_task(link.run())
            assert [await asked.get(), await asked.get()] == [7.0, 7.0]
            assert link.state.message == "the cloud answered 503; it asks to come again in 7 s"
            await server.close()
            while await asked.get():
                """What was asked for holds for one attempt."""
            running.cancel()
