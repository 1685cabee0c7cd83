"""Supervised processes: small real ones that speak, die, refuse to die, and lose their parent."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from edge.demo.children import Child, ChildFailed, Surroundings, leashed, step
from tests.demo_process import process_is_gone
from tests.open_box import until

SPEAKS = "import signal; print('{\"port\": 7}', flush=True); print('more', flush=True); signal.pause()"
STUBBORN = "import signal; signal.signal(15, signal.SIG_IGN); print('{}', flush=True); signal.pause()"


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


@pytest.fixture
def around(tmp_path: Path) -> Surroundings:
    return Surroundings(tmp_path)


async def test_says_what_it_is_and_ends_when_told(around: Surroundings) -> None:
    async with asyncio.TaskGroup() as group:
        async with Child("child", python(SPEAKS), around, speaks=True).running(group) as child:
            assert await child.said() == {"port": 7}
            pid = child.pid
            assert pid is not None
            await until(lambda: "more" in child.log.read_text())
        assert process_is_gone(pid)
        assert child.pid is None


async def test_is_started_again_when_killed(around: Surroundings) -> None:
    async with (
        asyncio.TaskGroup() as group,
        Child("child", python(SPEAKS), around, speaks=True).running(group) as child,
    ):
        await child.said()
        first = child.pid
        child.kill()
        await until(lambda: child.pid not in (None, first))


async def test_is_left_dead_where_that_was_asked_for(tmp_path: Path) -> None:
    async with (
        asyncio.TaskGroup() as group,
        Child("child", python(SPEAKS), Surroundings(tmp_path, again=False), speaks=True).running(
            group
        ) as child,
    ):
        await child.said()
        child.kill()
        await until(lambda: child.pid is None)
        with pytest.raises(ChildFailed, match="child does not come up"):
            child.check()


async def test_one_that_never_comes_up_is_given_up_in_its_own_words(around: Surroundings) -> None:
    broken = python("import sys; sys.exit('no database here')")
    async with (
        asyncio.TaskGroup() as group,
        Child("child", broken, around, speaks=True).running(group) as child,
    ):
        with pytest.raises(ChildFailed, match="no database here"):
            await child.said()
        with pytest.raises(ChildFailed, match="no database here"):
            child.check()


async def test_one_that_will_not_end_is_made_to(
    around: Surroundings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge.demo.children._STOP_WITHIN_S", 0.1)
    async with asyncio.TaskGroup() as group:
        async with Child("child", python(STUBBORN), around, speaks=True).running(group) as child:
            await child.said()
            pid = child.pid
        await until(lambda: process_is_gone(pid or 0))


async def test_a_step_gives_its_output_or_its_complaint(around: Surroundings) -> None:
    said = await step("hello", python("import os; print(os.environ['WORD'])"), around, {"WORD": "pier"})
    assert said == b"pier\n"
    with pytest.raises(ChildFailed, match="hello failed: not today"):
        await step("hello", python("import sys; sys.exit('not today')"), around, {})


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_leash_outlives_even_a_kill(number: signal.Signals) -> None:
    """A parent that starts a leashed child and is then killed with -9."""
    child = python("import os, signal; print(os.getpid(), flush=True); signal.pause()")
    parent = (
        "import signal, subprocess, sys\n"
        f"sys.path.insert(0, {str(Path(__file__).parents[4])!r})\n"
        "from edge.demo.children import leashed\n"
        f"subprocess.Popen(leashed({child!r}, {int(number)}))\n"
        "signal.pause()\n"
    )
    with subprocess.Popen(python(parent), stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        pid = int(process.stdout.readline())
        assert not process_is_gone(pid)
        process.kill()
    _wait_for(lambda: process_is_gone(pid))


def _wait_for(condition: Callable[[], bool]) -> None:
    async def wait() -> None:
        await until(condition)

    asyncio.run(wait())


def test_nobody_is_leashed_to_a_parent_that_has_gone() -> None:
    command = leashed(python("print('free')"))
    command[5] = str(os.getppid())  # somebody who did not start it
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout) == (1, "")
    assert "nobody holds it" in ran.stderr
