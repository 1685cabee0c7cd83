"""A box and its cloud with a wire between them; Postgres is one for the whole run."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from edge.adapters.cloud.link import dialling
from tests.integration.afar.linked import Linked, linked
from tests.integration.cloud.conftest import database, postgres, template

__all__ = ["database", "postgres", "template"]


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The box dials again at once, so that many broken connections fit into one test."""
    monkeypatch.setattr(dialling, "FIRST_BACKOFF_S", 0.05)
    monkeypatch.setattr(dialling, "MOST_BACKOFF_S", 0.05)


@pytest.fixture
async def stand(tmp_path: Path, database: str) -> AsyncIterator[Linked]:
    """In step."""
    async with linked(tmp_path / "box", database) as stand:
        yield stand
