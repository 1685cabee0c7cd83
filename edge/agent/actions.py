"""The port to the operating system: lock, unlock, end the guest's session.

Rule of the room: an action may be repeated at will, and one that fails raises `ActionFailed`; the machine
asserts locks again every few seconds, so nothing here retries. `linux.py` and `windows.py` do it for
real, `Rehearsal` only tells what would be done (`--dry-run`, the demo, the tests).
"""

import json
import sys
from typing import Protocol, TextIO

from edge.agent.linux import LinuxActions
from edge.agent.windows import WindowsActions


class Actions(Protocol):
    """What an agent can do to its PC. Every call raises `ActionFailed`."""

    async def lock(self) -> None:
        """Nobody can use it without the log-in screen."""

    async def unlock(self) -> None:
        """The guest can go on, where the system lets a program decide that."""

    async def log_off(self) -> None:
        """End the session at the screen with everything in it."""


class Rehearsal:
    """Tells in lines of JSON what would be done."""

    def __init__(self, out: TextIO | None = None) -> None:
        self._out = out or sys.stdout

    async def lock(self) -> None:
        """See `Actions`."""
        self._tell("lock")

    async def unlock(self) -> None:
        """See `Actions`."""
        self._tell("unlock")

    async def log_off(self) -> None:
        """See `Actions`."""
        self._tell("log_off")

    def _tell(self, action: str) -> None:
        print(json.dumps({"action": action}), file=self._out, flush=True)


def for_this_system(platform: str = sys.platform) -> Actions:
    """The actions of the system the agent runs on. Raises `ActionFailed` on one it does not know."""
    return WindowsActions() if platform == "win32" else LinuxActions()
