"""A box at work, and the installer's command line beside it, as somebody types it on the box's console."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
import pytest_asyncio

from edge.cli import main
from tests.integration.devices.adopting_box import listening_box
from tests.integration.edge.play.floor_box import FloorBox


class Said(msgspec.Struct, frozen=True):
    """How a command ended and what it printed."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Console = Callable[..., Awaitable[Said]]


@pytest_asyncio.fixture
async def box(tmp_path: Path) -> AsyncIterator[FloorBox]:
    async with listening_box(tmp_path / "box", kitchen_trial_s=0.3) as made:
        yield made


@pytest.fixture
def console(box: FloorBox, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Console:
    """`await console("devices", "fit", …)` on the box that works."""

    async def typed(*words: str) -> Said:
        capsys.readouterr()
        at = ("--data", str(tmp_path / "box"), "--box", box.url)
        status = await asyncio.to_thread(main, ["--log-level", "error", *words, *at])
        out, err = capsys.readouterr()
        return Said(status, out, err)

    return typed
