"""A box and its cloud with a wire between them, and browsers that look at both."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.browser.venue import Browser, open_browser
from tests.integration.afar.linked import Linked, linked
from tests.integration.cloud.conftest import database, postgres, template

__all__ = ["database", "postgres", "template"]


@pytest.fixture
async def stand(tmp_path: Path, database: str) -> AsyncIterator[Linked]:
    """In step."""
    async with linked(tmp_path / "box", database) as stand:
        yield stand


@pytest.fixture
async def browser(stand: Linked) -> AsyncIterator[Browser]:
    """Leaves before the box does, so that its sockets close in good order."""
    async with open_browser() as opened:
        yield opened
    assert opened.complaints == []
