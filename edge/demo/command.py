"""Runs `holdfast-edge demo`, in one of its two ways of showing the venue.

Headless prints one line of JSON once everything is up and then serves until SIGTERM or SIGINT; what goes
wrong is said on stderr, with exit status 1. Otherwise there is a screen for people (`screen.py`).
"""

import argparse
import asyncio
import contextlib
import signal
import sys

import msgspec

from edge.demo.broker_files import BrokerMissing
from edge.demo.children import ChildFailed
from edge.demo.options import PORTS
from edge.demo.record import BadDirectory, load, lock
from edge.demo.screen import Screen
from edge.demo.venue import Demo, Options


def run(asked: argparse.Namespace) -> int:
    """Run the demo; its exit status."""
    wishes = {name: getattr(asked, f"{name}_port") for name in PORTS}
    options = Options(
        data=asked.data.absolute(),
        host=asked.host,
        ports={name: port for name, port in wishes.items() if port},
        broker=asked.broker,
        again=not asked.no_restart,
    )
    wrong: list[BaseException] = []
    try:
        held = lock(options.data)
        asyncio.run(_serve(options, held, headless=asked.headless, as_json=asked.json))
    except* (BadDirectory, BrokerMissing, ChildFailed) as errors:
        wrong = _leaves(errors)
    for error in wrong:
        print(error, file=sys.stderr)
    return 1 if wrong else 0


def _leaves(group: BaseExceptionGroup[BaseException]) -> list[BaseException]:
    found: list[BaseException] = []
    for each in group.exceptions:
        found += _leaves(each) if isinstance(each, BaseExceptionGroup) else [each]
    return found


async def _serve(options: Options, held: int, *, headless: bool, as_json: bool) -> None:
    """Bring the venue up, show it, and take it down when told to stop, also while it comes up."""
    task, stop = asyncio.current_task(), asyncio.Event()

    def leave() -> None:
        if not stop.is_set() and task is not None:
            stop.set()
            task.cancel()

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, leave)
    if not headless:
        print(f"Bringing up a venue in {options.data}; the first time takes a moment.", file=sys.stderr)
    with contextlib.suppress(asyncio.CancelledError):
        async with Demo(options, load(options.data), held).running() as demo:
            if as_json:
                print(msgspec.json.encode(demo.announce()).decode(), flush=True)
            if headless:
                await stop.wait()
            else:
                await Screen(demo).show()
