"""A box of the sample venue as a process, for tests that do not kill it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.integration.faults.pair import Person, person
from tests.integration.faults.premises import furnish
from tests.integration.faults.programs import Server, edge_program


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
