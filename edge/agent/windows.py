"""Locking and logging off on Windows from a service, which has no screen of its own (session 0).

`WTSGetActiveConsoleSessionId` names the session at the screen, `WTSDisconnectSession` takes it back to
the log-in screen with everything in it left running, `WTSLogoffSession` ends it (learn.microsoft.com,
wtsapi32). `LockWorkStation` would have to run inside the guest's session, where a guest can end the program
that calls it; the service's way needs nobody's help. Unlocking is the guest's own, at the log-in screen.
"""

import ctypes
from collections.abc import Callable
from typing import Any

from edge.agent.failure import ActionFailed

#: WTS_CURRENT_SERVER_HANDLE, and what stands for 'nobody is at the screen'.
_THIS_COMPUTER = None
_NOBODY = 0xFFFF_FFFF


def library(name: str) -> Any:
    """A library of the system. Raises `ActionFailed` where there is none such."""
    loader: Callable[[str], Any] | None = getattr(ctypes, "WinDLL", None)
    if loader is None:
        raise ActionFailed(f"{name} is a library of Windows")
    return loader(name)


class WindowsActions:
    """Actions on the console session. `load` gives a system library by name."""

    def __init__(self, load: Callable[[str], Any] = library) -> None:
        self._kernel = load("kernel32")
        self._terminal = load("wtsapi32")

    async def lock(self) -> None:
        """See `Actions`."""
        self._on_console(self._terminal.WTSDisconnectSession)

    async def unlock(self) -> None:
        """Nothing to do: Windows lets no program open the log-in screen."""

    async def log_off(self) -> None:
        """See `Actions`."""
        self._on_console(self._terminal.WTSLogoffSession)

    def _on_console(self, call: Callable[..., int]) -> None:
        session = self._kernel.WTSGetActiveConsoleSessionId() & _NOBODY
        if session != _NOBODY and not call(_THIS_COMPUTER, session, False):
            raise ActionFailed(f"Windows error {self._kernel.GetLastError()} on session {session}")
