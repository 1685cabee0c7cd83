"""A real Postgres for the whole run of a worker, and a fresh, migrated database for every test."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from uuid import uuid4

import aiohttp
import asyncpg
import pytest

from cloud.app import Serving, serving
from cloud.config import Config
from cloud.owners import founding, venue_file
from cloud.owners.founding import NewVenue
from cloud.owners.samples import sample
from cloud.store.embedded_postgres import EmbeddedPostgres
from cloud.store.migrate import migrate
from tests.fake_box import FakeBox

OWNER, PASSWORD = "owner@example.com", "correct horse"

#: Quick to notice and to tell, so that nothing in a test has to be slept over.
CONFIG = Config(port=0, connections=6, presence_every_s=0.05, refresh_every_s=0.2, drain_s=1, works=False)


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """One server for all tests of this worker."""
    server = EmbeddedPostgres(tmp_path_factory.mktemp("postgres"))
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def template(postgres: EmbeddedPostgres) -> str:
    """The name of a migrated database to copy."""

    async def make() -> None:
        await _administer(postgres, "CREATE DATABASE template_holdfast")
        await migrate(_url(postgres, "template_holdfast"))

    asyncio.run(make())
    return "template_holdfast"


@pytest.fixture
async def database(postgres: EmbeddedPostgres, template: str) -> AsyncIterator[str]:
    """URL of a migrated database that only this test has."""
    async with own_database(postgres, template) as url:
        yield url


@pytest.fixture
async def empty_database(postgres: EmbeddedPostgres) -> AsyncIterator[str]:
    """URL of a database with nothing in it."""
    async with own_database(postgres, "template1") as url:
        yield url


@asynccontextmanager
async def own_database(postgres: EmbeddedPostgres, template: str) -> AsyncIterator[str]:
    """URL of a copy of the template that is dropped after the block."""
    name = f"test_{uuid4().hex}"
    await _administer(postgres, f"CREATE DATABASE {name} TEMPLATE {template}")
    yield _url(postgres, name)
    await _administer(postgres, f"DROP DATABASE {name} WITH (FORCE)")


def _url(postgres: EmbeddedPostgres, name: str) -> str:
    return postgres.url.rpartition("/")[0] + f"/{name}"


async def _administer(postgres: EmbeddedPostgres, statement: str) -> None:
    connection = await asyncpg.connect(_url(postgres, "postgres"))
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


@pytest.fixture
async def sql(database: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection beside the cloud's, to look and to meddle."""
    connection = await asyncpg.connect(database)
    yield connection
    await connection.close()


@pytest.fixture
async def cloud(database: str) -> AsyncIterator[Serving]:
    """One cloud process's worth, in this process."""
    async with serving(CONFIG, database) as served:
        yield served


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    """A client that keeps no cookies unless a test gives it some."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        yield session


@pytest.fixture
async def venue(cloud: Serving) -> NewVenue:
    """The sample venue of an owner, not yet claimed."""
    await founding.create_owner(cloud.pool, OWNER, PASSWORD)
    return await founding.create_venue(cloud.pool, OWNER, None, venue_file.load(sample("venue.json")))


@pytest.fixture
async def box(cloud: Serving, venue: NewVenue, http: aiohttp.ClientSession) -> FakeBox:
    """A box that has been claimed for the venue and holds an empty journal."""
    box = FakeBox()
    status, answer = await box.claim(http, cloud.url, venue.claim_code)
    assert status == 200, answer
    return box
