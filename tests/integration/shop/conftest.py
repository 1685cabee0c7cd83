"""A cloud that paints: real Postgres, real painters, a directory for pictures, and its own worker."""

import io
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import msgspec
import pytest
from PIL import Image, ImageDraw

from cloud.app import Serving, serving
from cloud.owners.samples import sample
from cloud.owners.venues import founding, venue_file
from cloud.owners.venues.founding import NewVenue
from protocol.design.parameters import Parameters, PlacedPicture, PlacedText
from tests.integration.cloud.conftest import CONFIG as PLAIN
from tests.integration.cloud.conftest import (
    OWNER,
    PASSWORD,
    box,
    database,
    empty_database,
    http,
    postgres,
    sql,
    template,
)
from tests.integration.jobs.conftest import until
from tests.integration.shop.guest import Guest

__all__ = ["box", "database", "empty_database", "http", "postgres", "sql", "template", "until"]

CONFIG = msgspec.structs.replace(PLAIN, job_silent_s=1)


@pytest.fixture(autouse=True)
def looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lost jobs are looked for at once, so that no test has to wait for a minute."""
    monkeypatch.setattr("cloud.jobs.worker._LOOK_EVERY_S", 0.2)


@pytest.fixture
async def cloud(database: str, tmp_path: Path) -> AsyncIterator[Serving]:
    """One process that serves and works."""
    config = msgspec.structs.replace(CONFIG, data=tmp_path / "cloud", works=True)
    async with serving(config, database) as served:
        yield served


@pytest.fixture
async def venue(cloud: Serving) -> NewVenue:
    """The sample venue, whose shop sells five things."""
    await founding.create_owner(cloud.pool, OWNER, PASSWORD)
    return await founding.create_venue(cloud.pool, OWNER, None, venue_file.load(sample("venue.json")))


@pytest.fixture
def guest(cloud: Serving, venue: NewVenue, http: aiohttp.ClientSession) -> Guest:
    """Somebody at home."""
    return Guest(http, cloud.url, venue.venue_id, "k" * 43)


def photo(kind: str = "JPEG", size: tuple[int, int] = (640, 480)) -> bytes:
    """A picture with something to see on it."""
    image = Image.linear_gradient("L").resize(size).convert("RGB")
    ImageDraw.Draw(image).ellipse((60, 40, 300, 280), fill="#d64545")
    out = io.BytesIO()
    image.save(out, kind)
    return out.getvalue()


def looks(blob: str | None = None, text: str = "Ahoy!") -> Parameters:
    """A text, and a picture behind it if there is one."""
    return Parameters(picture=PlacedPicture(blob) if blob else None, text=PlacedText(text))


@pytest.fixture
async def guest_without_worker(
    database: str, tmp_path: Path, http: aiohttp.ClientSession
) -> AsyncIterator[Guest]:
    """Somebody at home, of a cloud whose jobs nobody does."""
    config = msgspec.structs.replace(CONFIG, data=tmp_path / "cloud", works=False)
    async with serving(config, database) as served:
        await founding.create_owner(served.pool, OWNER, PASSWORD)
        made = await founding.create_venue(served.pool, OWNER, None, venue_file.load(sample("venue.json")))
        yield Guest(http, served.url, made.venue_id, "k" * 43)
