"""A box of the sample venue as a process; and a Postgres of our own, because here it is killed, too."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from cloud.store.embedded_postgres import EmbeddedPostgres
from tests.integration.cloud.conftest import database, template
from tests.integration.faults.pair import Person, person
from tests.integration.faults.premises import furnish
from tests.integration.faults.programs import Server, edge_program

__all__ = ["database", "template"]


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """A server that tests may kill, if they start it again."""
    server = EmbeddedPostgres(tmp_path_factory.mktemp("postgres"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
async def box(tmp_path: Path) -> AsyncIterator[Server]:
    """It serves until the test is over."""
    directory = tmp_path / "box"
    await furnish(directory)
    program = edge_program(directory)
    try:
        await program.up()
        yield program
    finally:
        program.kill()


@pytest.fixture
async def pair(box: Server) -> AsyncIterator[tuple[Person, Person]]:
    """Chinu, who hosts, and Anshu, at the same table."""
    async with person(box.url, "TABLE1", "Chinu") as chinu, person(box.url, "TABLE1", "Anshu") as anshu:
        yield chinu, anshu
