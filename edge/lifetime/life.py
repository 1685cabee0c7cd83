"""A box's life from start to stop: it serves, is paired, replaced by another, or begins anew after a loss.

Each of these is a whole run of its own on the data directory, one after the other within one process, so a
box that has to begin anew is away for as long as a restart takes.
"""

import asyncio
import gc
import logging
import signal
import sqlite3
import time
from contextlib import closing
from typing import Literal

from edge.adapters.cloud.claiming import ClaimRefused, CloudAway, load_key
from edge.adapters.cloud.link import CloudLink
from edge.adapters.machine.systemd import STOPPING, Supervisor
from edge.config import Config
from edge.journal.database import DatabaseUnusable, fence, open_writer, read_box
from edge.journal.succession import NotEmpty
from edge.lifetime import farewell
from edge.lifetime.replaced import Replaced
from edge.wiring import pairing, renewal
from edge.wiring.app import EdgeApp

log = logging.getLogger(__name__)

Turn = Literal["stop", "replaced", "renewed", "paired"]
#: How soon a renewal that found the cloud away is tried again.
_AGAIN_AFTER_S = 5.0


def _calm_collector() -> None:
    """Hardly anything here forms cycles, yet the default thresholds walk the heap for a tenth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


async def run(config: Config) -> None:
    """Serve until SIGTERM or SIGINT. Raises `DatabaseUnusable`."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await live(config, stop)


async def live(config: Config, stop: asyncio.Event) -> None:
    """As `run`, until `stop` is set."""
    while not stop.is_set():
        pairing.settle(config.directory)
        if renewal.finish(config.directory):
            log.warning("the box begins anew, with what the cloud held of its venue")
        if _is_fenced(config):
            await Replaced(config).run(stop)
            continue
        turn = await _serve(config, stop)
        log.info("turn: %s", turn)


def _is_fenced(config: Config) -> bool:
    with closing(open_writer(config.directory, time.time_ns() // 1_000_000)) as connection:
        return read_box(connection).fenced is not None


async def _serve(config: Config, stop: asyncio.Event) -> Turn:
    """One run of the box at work, and what ended it."""
    app = EdgeApp(config)
    _calm_collector()
    async with app.serving() as address:
        log.info("serving on %s", address)
        turn = await _turn(config, app, stop)
        if turn == "stop":
            Supervisor().tell(STOPPING)
        if turn == "replaced":
            app.writer.fence()
    if turn == "replaced" and app.link is not None:
        with closing(open_writer(config.directory, 0)) as connection:
            fence(connection, app.link.replaced_by)
    return turn


async def _turn(config: Config, app: EdgeApp, stop: asyncio.Event) -> Turn:
    """Wait for the end of this run; meanwhile former journals are sent."""
    key = load_key(config.directory / "node.key")
    async with asyncio.TaskGroup() as group:
        former = renewal.orphans(config.directory)
        sending = group.create_task(farewell.send_all(former, key, app.clock), name="former journals")
        stopping = group.create_task(stop.wait())
        turning = group.create_task(_turned(config, app))
        done, _ = await asyncio.wait((stopping, turning), return_when=asyncio.FIRST_COMPLETED)
        for task in (sending, stopping, turning):
            task.cancel()
    return turning.result() if turning in done and not turning.cancelled() else "stop"


async def _turned(config: Config, app: EdgeApp) -> Turn:
    """Until this box has a place, is replaced, or has to begin anew and has what it needs for that."""
    link = app.link
    if link is None or app.box.cloud_url is None:
        await app.pairing.run()
        return "paired"
    while True:
        ticket = renewal.under_way(config.directory) or link.ticket
        if ticket and await _renew(config, app.box.cloud_url, ticket, link):
            return "renewed"
        if link.replaced_by and not renewal.under_way(config.directory):
            return "replaced"
        if not renewal.under_way(config.directory):
            await link.turned.wait()
            link.turned.clear()


async def _renew(config: Config, cloud_url: str, ticket: str, link: CloudLink) -> bool:
    """Fetch the new journal; False if that has to be tried again, with this ticket or with another."""
    log.warning("the disk has lost facts that the cloud holds; fetching them")
    try:
        await renewal.prepare(config.directory, cloud_url, ticket, load_key(config.directory / "node.key"))
    except CloudAway as error:
        log.warning("%s", error)
        await asyncio.sleep(_AGAIN_AFTER_S)
        return False
    except (DatabaseUnusable, sqlite3.Error, OSError) as error:
        log.error("the new journal cannot be written: %s", error)
        await asyncio.sleep(_AGAIN_AFTER_S)
        return False
    except (ClaimRefused, NotEmpty) as error:
        log.error("the box cannot begin anew: %s", error)
        renewal.give_up(config.directory)
        link.ticket = ""
        return False
    return True
