"""`holdfast-agent`: the program on a gaming PC, and the page on its screen.

`run` is the service: it needs the box's address, the station's id and the token the station was enrolled
with, which is best kept in a file that only the service can read. `overlay` shows the page and runs in
the guest's own session.
"""

import argparse
import asyncio
import contextlib
import json
import logging
import os
import platform
import signal
import sys
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import psutil

from edge.agent.actions import Actions, Rehearsal, for_this_system
from edge.agent.failure import ActionFailed
from edge.agent.kiosk import Kiosk, find_browser
from edge.agent.runner import Agent, Settings
from protocol.station import AgentHello

#: Where the token is looked for when no option names it.
TOKEN_VARIABLE = "HOLDFAST_AGENT_TOKEN"
OVERLAY_PORT = 7841


def arguments(given: Sequence[str] | None = None) -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(prog="holdfast-agent", description=__doc__)
    parser.add_argument("--verbose", action="store_true", help="tell what goes on")
    jobs = parser.add_subparsers(dest="job", required=True)
    run = jobs.add_parser("run", help="count paid time down and enforce it")
    run.add_argument("--server", required=True, help="the box, for example http://holdfast.local")
    run.add_argument("--station", required=True, help="this station's id")
    run.add_argument("--token", help=f"the station's token; better --token-file or {TOKEN_VARIABLE}")
    run.add_argument("--token-file", type=Path)
    run.add_argument("--state", type=Path, default=_state_file(), help="the agent's one file")
    run.add_argument("--overlay-port", type=int, default=OVERLAY_PORT, help="0 takes any")
    run.add_argument("--dry-run", action="store_true", help="say what would be done, do nothing to the PC")
    overlay = jobs.add_parser("overlay", help="show the page in the guest's session")
    overlay.add_argument("--url", default=f"http://127.0.0.1:{OVERLAY_PORT}")
    overlay.add_argument("--browser")
    return parser.parse_args(given)


def main() -> None:
    """The installed program."""
    asked = arguments()
    logging.basicConfig(level=logging.INFO if asked.verbose else logging.WARNING, stream=sys.stderr)
    try:
        asyncio.run(_until_stopped(asked))
    except (ActionFailed, OSError) as error:
        sys.exit(f"holdfast-agent: {error}")


async def _until_stopped(asked: argparse.Namespace) -> None:
    """Do the job until SIGINT or SIGTERM."""
    job = asyncio.current_task()
    loop = asyncio.get_running_loop()

    def stop(*_signal: object) -> None:
        if job is not None:
            loop.call_soon_threadsafe(job.cancel)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    with contextlib.suppress(asyncio.CancelledError):
        await (_overlay(asked) if asked.job == "overlay" else _run(asked))


async def _run(asked: argparse.Namespace) -> None:
    settings = Settings(
        server=asked.server,
        station_id=asked.station,
        token=_token(asked),
        state=asked.state,
        overlay_port=asked.overlay_port,
    )
    actions: Actions = Rehearsal() if asked.dry_run else for_this_system()
    await Agent(settings, actions, AgentHello(_version(), platform.platform(), _specs())).run(
        lambda url: print(json.dumps({"overlay": url, "station": asked.station}), flush=True)
    )


async def _overlay(asked: argparse.Namespace) -> None:
    browser = asked.browser or find_browser()
    if browser is None:
        raise ActionFailed("no browser found; name one with --browser")
    await Kiosk(browser, asked.url).run()


def _token(asked: argparse.Namespace) -> str:
    if asked.token_file is not None:
        return str(asked.token_file.read_text("utf-8")).strip()
    token = asked.token or os.environ.get(TOKEN_VARIABLE, "")
    if not token:
        raise ActionFailed(f"this station's token is missing: --token-file, --token or {TOKEN_VARIABLE}")
    return str(token)


def _state_file() -> Path:
    """Where a system service keeps things on this system."""
    windows = os.environ.get("PROGRAMDATA")
    return Path(windows, "Holdfast", "agent.json") if windows else Path("/var/lib/holdfast-agent/agent.json")


def _version() -> str:
    try:
        return version("holdfast")
    except PackageNotFoundError:
        return "unpackaged"


def _specs() -> dict[str, Any]:
    """What the staff page shows of the machine."""
    return {
        "host": platform.node(),
        "processor": platform.processor() or platform.machine(),
        "cores": psutil.cpu_count(),
        "ram_mib": psutil.virtual_memory().total // 2**20,
    }


if __name__ == "__main__":
    main()
