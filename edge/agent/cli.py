"""`holdfast-agent`: the program on a gaming PC, and the page on its screen.

`install` makes this PC a station of the box: a service that counts and enforces, and a page in each session
that begins; `remove` takes both away. They are `run` (under Windows' service manager: `service`), which needs
the box's address, the station's id and the token the station was enrolled with, and `overlay`.
"""

import argparse
import asyncio
import contextlib
import functools
import json
import logging
import os
import platform
import signal
import sys
from collections.abc import Callable, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import psutil

from edge.agent.actions import Actions, Rehearsal, for_this_system
from edge.agent.failure import ActionFailed
from edge.agent.installing import Place, install, remove, state_directory
from edge.agent.kiosk import Kiosk, find_browser
from edge.agent.runner import Agent, Settings
from edge.agent.scm import Service, Stop
from edge.agent.setup import carry_out, told
from edge.agent.windows import library
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
    service = jobs.add_parser("service", help="the same, started by Windows' service manager")
    for job in (run, service):
        _station_options(job)
        job.add_argument("--state", type=Path, default=_directory() / "agent.json", help="its one file")
        job.add_argument("--overlay-port", type=int, default=OVERLAY_PORT, help="0 takes any")
        job.add_argument("--dry-run", action="store_true", help="only tell what would be done")
    fit = jobs.add_parser("install", help="make this PC a station; needs an administrator")
    _station_options(fit)
    for job in (fit, jobs.add_parser("remove", help="make it an ordinary PC again")):
        job.add_argument("--dry-run", action="store_true", help="only tell the steps")
    overlay = jobs.add_parser("overlay", help="show the page in the guest's session")
    overlay.add_argument("--url", default=f"http://127.0.0.1:{OVERLAY_PORT}")
    overlay.add_argument("--browser")
    return parser.parse_args(given)


def _station_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--server", required=True, help="the box, for example http://holdfast.local")
    parser.add_argument("--station", required=True, help="this station's id")
    parser.add_argument("--token", help=f"the station's token; better --token-file or {TOKEN_VARIABLE}")
    parser.add_argument("--token-file", type=Path)


def main() -> None:
    """The installed program."""
    asked = arguments()
    logging.basicConfig(level=logging.INFO if asked.verbose else logging.WARNING, stream=sys.stderr)
    try:
        _JOBS[asked.job](asked)
    except (ActionFailed, OSError) as error:
        sys.exit(f"holdfast-agent: {error}")


def _at_a_command_line(asked: argparse.Namespace) -> None:
    asyncio.run(_until_stopped(asked))


def _as_a_service(asked: argparse.Namespace) -> None:
    Service(library("advapi32"), lambda stop: asyncio.run(_until_told(asked, stop))).run()


async def _until_told(asked: argparse.Namespace, stop: Stop) -> None:
    """Do the job until the service manager says stop, on whatever thread it says so."""
    job, loop = asyncio.current_task(), asyncio.get_running_loop()
    if job is not None:
        stop.listen(functools.partial(loop.call_soon_threadsafe, job.cancel))
    with contextlib.suppress(asyncio.CancelledError):
        await _run(asked)


def _fit(asked: argparse.Namespace) -> None:
    """Plan for this system, then carry it out or tell it."""
    windows = sys.platform == "win32"
    directory = _directory()
    if asked.job == "install":
        program = (sys.executable, "-m", "edge.agent.cli")
        quiet = Path(sys.executable).with_name("pythonw.exe")
        helper = (str(quiet), *program[1:]) if quiet.exists() else program
        steps = install(
            Place(program, helper, asked.server, asked.station, _token(asked), directory), windows=windows
        )
    else:
        steps = remove(directory, windows=windows)
    if asked.dry_run:
        print("\n".join(map(told, steps)))
    else:
        carry_out(steps, print)


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


def _directory() -> Path:
    """Where a system service keeps things on this system."""
    program_data = os.environ.get("PROGRAMDATA", r"C:\\ProgramData")
    return Path(state_directory(windows=sys.platform == "win32", program_data=program_data))


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


_JOBS: dict[str, Callable[[argparse.Namespace], None]] = {
    "run": _at_a_command_line,
    "overlay": _at_a_command_line,
    "service": _as_a_service,
    "install": _fit,
    "remove": _fit,
}


if __name__ == "__main__":
    main()
