"""Being a Windows service: the three calls and two callbacks by which the service manager runs a program.

`StartServiceCtrlDispatcherW` hands this process over to the manager, which calls back on a thread of its own;
there `RegisterServiceCtrlHandlerExW` names who hears 'stop', and `SetServiceStatus` says how far we are
(learn.microsoft.com, winsvc.h, 'Service Program Tasks'). A program that is registered as a service and does
not do this is killed after thirty seconds. 64-bit Windows has one calling convention: C callbacks fit.

Rule of the file: nothing of the agent's. `work` runs until its `Stop` says so. Counterpart: `installing.py`
registers the service.
"""

import ctypes
import threading
from collections.abc import Callable
from typing import Any

from edge.agent.failure import ActionFailed

NAME = "HoldfastAgent"

_OWN_PROCESS = 0x10
_STOPPED, _START_PENDING, _STOP_PENDING, _RUNNING = 1, 2, 3, 4
_CONTROL_STOP, _CONTROL_INTERROGATE, _CONTROL_SHUTDOWN = 1, 4, 5
_ACCEPT_STOP, _ACCEPT_SHUTDOWN = 0x1, 0x4
_NO_ERROR, _NOT_IMPLEMENTED, _SERVICE_SPECIFIC = 0, 120, 1066
#: How long the manager may wait between two words of ours.
_HINT_MS = 10_000

_MAIN = ctypes.CFUNCTYPE(None, ctypes.c_uint32, ctypes.c_void_p)
_HANDLER = ctypes.CFUNCTYPE(
    ctypes.c_uint32, ctypes.c_uint32, ctypes.c_uint32, ctypes.c_void_p, ctypes.c_void_p
)


class _Status(ctypes.Structure):
    """SERVICE_STATUS."""

    _fields_ = tuple(
        (name, ctypes.c_uint32)
        for name in ("type", "state", "accepted", "exit_code", "own_exit_code", "check_point", "wait_hint")
    )


class _Entry(ctypes.Structure):
    """SERVICE_TABLE_ENTRYW."""

    _fields_ = (("name", ctypes.c_wchar_p), ("main", _MAIN))


class Stop:
    """Told to end, once; whoever listens is called then, or at once if that was before."""

    def __init__(self) -> None:
        self._told = threading.Event()
        self._listener: Callable[[], object] | None = None

    def listen(self, listener: Callable[[], object]) -> None:
        """Call it, on whatever thread the word comes."""
        self._listener = listener
        if self._told.is_set():
            listener()

    def tell(self) -> None:
        """End."""
        self._told.set()
        if self._listener is not None:
            self._listener()


class Service:
    """This process as the service `NAME`. `library` is advapi32."""

    def __init__(self, library: Any, work: Callable[[Stop], None]) -> None:
        self._library = library
        library.RegisterServiceCtrlHandlerExW.restype = ctypes.c_void_p  # a handle is as wide as a pointer
        library.SetServiceStatus.argtypes = (ctypes.c_void_p, ctypes.c_void_p)
        self._work = work
        self._stop = Stop()
        self._handle = 0
        self._error: Exception | None = None
        self._main = _MAIN(self._service_main)  # kept, for the manager calls it later
        self._handler = _HANDLER(self._handle_control)

    def run(self) -> None:
        """Serve until the manager says stop. Raises `ActionFailed` when nobody but a person started us."""
        table = (_Entry * 2)(_Entry(NAME, self._main), _Entry(None, _MAIN()))
        if not self._library.StartServiceCtrlDispatcherW(table):
            raise ActionFailed("the service manager did not start this; use `run` at a command line")
        if self._error is not None:
            raise ActionFailed(f"the service ended by itself: {self._error!r}") from self._error

    def _service_main(self, _count: int, _arguments: int | None) -> None:
        self._handle = self._library.RegisterServiceCtrlHandlerExW(NAME, self._handler, None)
        self._tell(_START_PENDING)
        try:
            self._tell(_RUNNING)
            self._work(self._stop)
        except Exception as error:  # nothing may pass through the manager, which calls this
            self._error = error
        self._tell(_STOPPED)

    def _handle_control(self, control: int, _kind: int, _data: int | None, _context: int | None) -> int:
        if control in (_CONTROL_STOP, _CONTROL_SHUTDOWN):
            self._tell(_STOP_PENDING)
            self._stop.tell()
            return _NO_ERROR
        return _NO_ERROR if control == _CONTROL_INTERROGATE else _NOT_IMPLEMENTED

    def _tell(self, state: int) -> None:
        """Say how far we are. One that ends with an error is started again by the manager (`sc failure`)."""
        accepted = _ACCEPT_STOP | _ACCEPT_SHUTDOWN if state == _RUNNING else 0
        hint_ms = _HINT_MS if state in (_START_PENDING, _STOP_PENDING) else 0
        failed = self._error is not None and state == _STOPPED
        exit_code = _SERVICE_SPECIFIC if failed else _NO_ERROR
        status = _Status(_OWN_PROCESS, state, accepted, exit_code, int(failed), 0, hint_ms)
        self._library.SetServiceStatus(self._handle, ctypes.byref(status))
