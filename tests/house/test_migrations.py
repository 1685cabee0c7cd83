"""Migrations are one chain, on the box and in the cloud: two that were written side by side need an order.

In the cloud processes of the release before go on working meanwhile, so a step that takes away what they use
says that it comes afterwards (`phase = "post"`), and none keeps others waiting for long.
"""

import re
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


#: The first step of the cloud that was made under this rule; those before had nobody beside them.
FIRST_BESIDE_OTHERS = 30
TAKES_AWAY = re.compile(
    r"\bDROP\s+(TABLE|COLUMN)|\bRENAME\b|\bSET\s+NOT\s+NULL|\bALTER\s+COLUMN\s+\w+\s+TYPE|\bLOCK\s+TABLE",
    re.I,
)
#: They look at every row while they keep everybody else from the table.
STOPS_OTHERS = re.compile(
    r"\bADD\s+CONSTRAINT\b(?![^;]*NOT\s+VALID)|\bVACUUM\s+FULL|\bCLUSTER\b|\bREINDEX\b(?!\s+\w+\s+CONCURRENTLY)",
    re.I,
)


def _offence(sql: str, phase: str) -> str | None:
    """What of a step would hurt a process of the former release."""
    told = re.sub(r"--.*", "", sql)
    if phase == "pre" and (found := TAKES_AWAY.search(told)):
        return found[0]
    found = STOPS_OTHERS.search(told)
    return found[0] if found else None


def test_steps_leave_the_former_release_at_work() -> None:
    config = Config()
    config.set_main_option("script_location", str(ROOT / "cloud/store/migrations"))
    steps = [
        step
        for step in ScriptDirectory.from_config(config).walk_revisions()
        if int(step.revision) >= FIRST_BESIDE_OTHERS
    ]
    assert steps
    for step in steps:
        sql = Path(step.path).with_suffix(".sql").read_text("utf-8")
        assert _offence(sql, getattr(step.module, "phase", "pre")) is None, step.path


@pytest.mark.parametrize(
    ("sql", "phase", "hurts"),
    [
        ("ALTER TABLE venues ADD COLUMN motto text;", "pre", False),
        ("ALTER TABLE venues DROP COLUMN name;", "pre", True),
        ("ALTER TABLE venues DROP COLUMN name;", "post", False),
        ("ALTER TABLE venues RENAME name TO title;", "pre", True),
        ("ALTER TABLE venues ADD CONSTRAINT c CHECK (epoch > 0) NOT VALID;", "pre", False),
        ("ALTER TABLE venues ADD CONSTRAINT c CHECK (epoch > 0);", "post", True),
        ("-- DROP TABLE venues\nSELECT 1;", "pre", False),
    ],
)
def test_what_would_hurt_is_known(sql: str, phase: str, hurts: bool) -> None:
    assert (_offence(sql, phase) is not None) is hurts
