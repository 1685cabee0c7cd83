"""The link dials again for ever, hammers nobody, and goes when it is told to."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge.adapters.cloud_link import CloudLink, dialling
from edge.adapters.cloud_link.conversation import Conversation
from edge.adapters.cloud_link.dialling import FIRST_BACKOFF_S, GOOD_AFTER_S, MOST_WELCOMED_S, next_backoff_s
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
