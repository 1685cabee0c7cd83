"""A real Postgres for the whole run of a worker, and a fresh, migrated database for every test."""

import asyncio
import contextlib
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import aiohttp
import asyncpg
import msgspec
import pytest

from cloud.app import Serving, serving
from cloud.config import Config
from cloud.owners.samples import sample
from cloud.owners.venues import founding, venue_file
from cloud.owners.venues.founding import NewVenue
from cloud.store.embedded_postgres import EmbeddedPostgres, embedded_postgres
from cloud.store.migrate import migrate
from tests.fake_box import FakeBox

OWNER, PASSWORD = "owner@example.com", "correct horse"

#: Quick to notice and to tell, so that nothing in a test has to be slept over.
CONFIG = Config(port=0, connections=6, presence_every_s=0.05, refresh_every_s=0.2, drain_s=1, works=False)


#: A thousand small files are copied for every test; in memory that costs a tenth of what it does on a disk.
_MEMORY, _ROOM_BYTES = Path("/dev/shm"), 2 * 1024**3
_TEMPLATE = "template_holdfast"
#: Databases of this process that are migrated already.
COPIES: set[str] = set()


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """One server for all tests of this worker, in memory where there is room."""
    with contextlib.ExitStack() as stack:
        directory = tmp_path_factory.mktemp("postgres")
        if _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > _ROOM_BYTES:
            directory = Path(stack.enter_context(TemporaryDirectory(prefix="holdfast-", dir=_MEMORY)))
        server = stack.enter_context(embedded_postgres(directory))
        few = "ALTER SYSTEM SET max_wal_size = '128MB'"
        asyncio.run(_administer(server, few, "SELECT pg_reload_conf()"))
        yield server


@pytest.fixture(scope="session")
def template(postgres: EmbeddedPostgres) -> str:
    """The name of a migrated database to copy."""

    async def make() -> None:
        await _administer(postgres, f"CREATE DATABASE {_TEMPLATE}")
        await migrate(_url(postgres, _TEMPLATE))

    asyncio.run(make())
    return _TEMPLATE


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
    await _administer(postgres, f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
    url = _url(postgres, name)
    if template == _TEMPLATE:
        COPIES.add(url)
    yield url
    await _administer(postgres, f"DROP DATABASE {name} WITH (FORCE)")


def _url(postgres: EmbeddedPostgres, name: str) -> str:
    return postgres.url.rpartition("/")[0] + f"/{name}"


async def _administer(postgres: EmbeddedPostgres, *statements: str) -> None:
    connection = await asyncpg.connect(_url(postgres, "postgres"))
    try:
        for statement in statements:
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
async def cloud(database: str, tmp_path: Path) -> AsyncIterator[Serving]:
    """One cloud process's worth, in this process."""
    config = msgspec.structs.replace(CONFIG, data=tmp_path / "cloud")
    async with serving(config, database) as served:
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
