"""A venue whose box was laid down with the makers' key, and somebody who does what root would do on it."""

from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from tests.integration.cloud.conftest import CONFIG, database, empty_database, postgres, template
from tests.integration.releases.makers import Makers, Root, Stand, stand

__all__ = ["database", "empty_database", "postgres", "template"]


@pytest.fixture
def makers(tmp_path: Path) -> Makers:
    """Who signs releases."""
    return Makers(tmp_path / "makers")


@pytest.fixture
def root(tmp_path: Path, makers: Makers) -> Root:
    """The system of the box, with release 0.2.0 in use."""
    return Root(tmp_path / "opt", tmp_path / "box", makers)


@pytest.fixture
async def venue(tmp_path: Path, database: str, root: Root, makers: Makers) -> AsyncIterator[Stand]:
    """Box and cloud at work, in step."""
    config = msgspec.structs.replace(CONFIG, data=tmp_path / "cloud")
    async with stand(tmp_path / "box", database, config, root, makers) as made:
        yield made
