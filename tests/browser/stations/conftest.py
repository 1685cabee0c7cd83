"""A box with a gaming floor that hears devices on loopback, and a browser for each test."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from firmware_profiles.emulators.announcing import LOOPBACK
from tests.browser.stations.floor import commands, play
from tests.browser.venue import Box


@pytest.fixture
async def box(tmp_path: Path, tasks: asyncio.TaskGroup) -> AsyncIterator[Box]:
    running = Box(tmp_path / "box", commands(play()), mdns=LOOPBACK, trial_settle_s=0.01)
    await running.on(tasks)
    yield running
    await running.off()
