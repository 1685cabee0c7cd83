"""What the service manager hears, over a real socket: ready, alive while things work, else nothing."""

import asyncio
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.adapters.machine.systemd import ALIVE, READY, Supervisor


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        listening.settimeout(5)
        yield listening


def supervisor(manager: socket.socket, watchdog_us: str = "") -> Supervisor:
    return Supervisor({"NOTIFY_SOCKET": manager.getsockname(), "WATCHDOG_USEC": watchdog_us})


def test_ready_is_said(manager: socket.socket) -> None:
    supervisor(manager).tell(READY)
    assert manager.recv(100) == b"READY=1"


def test_an_abstract_address_is_understood() -> None:
    name = f"holdfast-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind("\0" + name)
        listening.settimeout(5)
        Supervisor({"NOTIFY_SOCKET": "@" + name}).tell(READY)
        assert listening.recv(100) == b"READY=1"


def test_a_manager_that_is_gone_stops_nobody(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    Supervisor({"NOTIFY_SOCKET": str(tmp_path / "nobody")}).tell(READY)
    assert "cannot be told" in caplog.text


async def test_without_a_watchdog_nothing_is_awaited() -> None:
    for environment in ({}, {"WATCHDOG_USEC": "0"}, {"WATCHDOG_USEC": "x"}, {"WATCHDOG_PID": "1"}):
        await Supervisor(environment).reassure(never)


async def never() -> None:
    raise AssertionError("there was nobody to reassure")


async def test_alive_is_said_only_after_the_work_was_done(
    manager: socket.socket, caplog: pytest.LogCaptureFixture
) -> None:
    manager.setblocking(False)
    works = False
    asked = asyncio.Event()

    async def work() -> None:
        asked.set()
        if not works:
            raise OSError("no answer")

    async with asyncio.TaskGroup() as group:
        task = group.create_task(supervisor(manager, "15000").reassure(work))
        await asked.wait()
        with pytest.raises(BlockingIOError):
            manager.recv(100)
        works = True
        assert await asyncio.get_running_loop().sock_recv(manager, 100) == ALIVE.encode()
        task.cancel()
    assert "no answer" in caplog.text


async def test_a_database_that_hangs_is_no_sign_of_life(manager: socket.socket) -> None:
    manager.setblocking(False)
    hung = asyncio.Event()
    times = 0

    async def hang() -> None:
        nonlocal times
        times += 1
        if times == 2:
            hung.set()
        await asyncio.Event().wait()

    async with asyncio.TaskGroup() as group:
        task = group.create_task(supervisor(manager, "15000").reassure(hang))
        await hung.wait()
        with pytest.raises(BlockingIOError):
            manager.recv(100)
        task.cancel()
