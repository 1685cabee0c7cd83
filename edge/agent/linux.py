"""Locking and logging off on Linux through systemd-logind, which needs no access to the guest's desktop.

`loginctl lock-session`, `unlock-session` and `terminate-session` on the session that owns the screen of seat0
(loginctl(1)); the desktop's own screen lock answers the signal. The agent runs as a system service.
"""

import asyncio

from edge.agent.failure import ActionFailed

_SEAT = "seat0"


class LinuxActions:
    """Actions on whoever sits at the screen; without anybody there is nothing to do."""

    def __init__(self, loginctl: str = "loginctl") -> None:
        self._loginctl = loginctl

    async def lock(self) -> None:
        """See `Actions`."""
        await self._on_guest("lock-session")

    async def unlock(self) -> None:
        """See `Actions`."""
        await self._on_guest("unlock-session")

    async def log_off(self) -> None:
        """See `Actions`."""
        await self._on_guest("terminate-session")

    async def _on_guest(self, verb: str) -> None:
        session = await self._run("show-seat", _SEAT, "--property=ActiveSession", "--value")
        if not session:
            return
        kind = await self._run("show-session", session, "--property=Class", "--value")
        if kind == "user":
            await self._run(verb, session)

    async def _run(self, *words: str) -> str:
        try:
            process = await asyncio.create_subprocess_exec(
                self._loginctl, *words, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
            )
        except OSError as error:
            raise ActionFailed(f"{self._loginctl}: {error}") from error
        out, complaint = await process.communicate()
        if process.returncode != 0:
            raise ActionFailed(f"loginctl {' '.join(words)}: {complaint.decode(errors='replace').strip()}")
        return out.decode(errors="replace").strip()
