"""Being a Windows service, against a service manager that keeps to winsvc.h and runs in this process."""

import ctypes
import threading
from collections.abc import Callable
from typing import Any

import pytest

from edge.agent.failure import ActionFailed
from edge.agent.scm import Service, Stop

START_PENDING, RUNNING, STOP_PENDING, STOPPED = 2, 4, 3, 1
STOP, INTERROGATE, SHUTDOWN, PAUSE = 1, 4, 5, 2


class Manager:
    """advapi32 as far as a service uses it. `meanwhile` is done once the service runs."""

    def __init__(self, meanwhile: Callable[["Manager"], None], *, starts: bool = True) -> None:
        self.states: list[tuple[int, int]] = []
        self.answers: list[int] = []
        self._meanwhile = meanwhile
        self._starts = starts
        self._handler: Any = None
        self._running = threading.Event()
        self.StartServiceCtrlDispatcherW = lambda table: self._dispatch(table)
        self.RegisterServiceCtrlHandlerExW = lambda name, handler, context: self._register(handler)
        self.SetServiceStatus = lambda handle, status: self._told(status)

    def control(self, number: int) -> None:
        """Somebody at the service manager presses a button."""
        self.answers.append(self._handler(number, 0, None, None))

    def _dispatch(self, table: Any) -> int:
        if not self._starts:
            return 0
        assert table[0].name == "HoldfastAgent"
        assert table[1].name is None
        service = threading.Thread(target=table[0].main, args=(0, None))
        service.start()
        assert self._running.wait(60)
        self._meanwhile(self)
        service.join(60)
        return 1

    def _register(self, handler: Any) -> int:
        self._handler = handler
        return 7

    def _told(self, status: Any) -> int:
        words = ctypes.cast(status, ctypes.POINTER(ctypes.c_uint32))
        self.states.append((words[1], words[3]))
        if words[1] == RUNNING:
            self._running.set()
        return 1


def until_told(stop: Stop) -> None:
    """Work that waits for the word."""
    told = threading.Event()
    stop.listen(told.set)
    assert told.wait(60)


@pytest.mark.parametrize("button", [STOP, SHUTDOWN])
def test_it_runs_until_it_is_told_to_stop(button: int) -> None:
    manager = Manager(lambda manager: manager.control(button))
    Service(manager, until_told).run()
    assert [state for state, _ in manager.states] == [START_PENDING, RUNNING, STOP_PENDING, STOPPED]
    assert manager.states[-1] == (STOPPED, 0)
    assert manager.answers == [0]


def test_other_buttons_change_nothing() -> None:
    def press(manager: Manager) -> None:
        for button in (INTERROGATE, PAUSE, STOP):
            manager.control(button)

    manager = Manager(press)
    Service(manager, until_told).run()
    assert manager.answers == [0, 120, 0]


def test_work_that_breaks_is_an_error_of_the_service_so_that_it_is_started_again() -> None:
    manager = Manager(lambda _manager: None)
    service = Service(manager, lambda _stop: broken())
    with pytest.raises(ActionFailed, match="no disk"):
        service.run()
    assert manager.states[-1] == (STOPPED, 1066)


def broken() -> None:
    """Work that ends at once."""
    raise OSError("no disk")


def test_at_a_command_line_it_says_what_to_type_instead() -> None:
    with pytest.raises(ActionFailed, match="use `run`"):
        Service(Manager(lambda _manager: None, starts=False), until_told).run()


def test_a_word_that_came_early_is_heard_all_the_same() -> None:
    stop, heard = Stop(), list[str]()
    stop.tell()
    stop.listen(lambda: heard.append("stop"))
    assert heard == ["stop"]
