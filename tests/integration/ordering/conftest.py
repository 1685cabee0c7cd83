"""A till for whole programs to call, and how a box is furnished before its program begins."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from edge.adapters.till import webhook as pos_webhook
from edge.core.commands import Command
from tests.integration.ordering.till import KEY, Till
from tests.open_box import OpenBox


@pytest.fixture
async def till() -> AsyncIterator[Till]:
    """Works until a test says otherwise."""
    async with Till() as opened:
        yield opened


async def furnish(directory: Path, commands: Sequence[Command]) -> None:
    """Have a box that takes these, and that shares a key with the till."""
    async with OpenBox(directory) as box:
        for command in commands:
            await box.accept(command)
    (directory / pos_webhook.KEY_NAME).write_text(KEY)
