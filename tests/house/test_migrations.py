"""Migrations are one chain, on the box and in the cloud: two that were written side by side need an order."""

from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("room", ["edge/journal", "cloud/store"])
def test_migrations_are_one_chain(room: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(ROOT / room / "migrations"))
    steps = list(ScriptDirectory.from_config(config).walk_revisions())
    files = list((ROOT / room / "migrations/versions").glob("[mv]0*.py"))
    assert len(steps) == len(files), "two migrations have the same number"
    assert [step.revision for step in steps[::-1]] == [f"{n:04}" for n in range(1, len(steps) + 1)]
