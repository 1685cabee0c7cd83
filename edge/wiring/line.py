"""The line to the cloud, wired: the link, what is known of it, and where it is broken when it is.

A part of the composition root; `app.py` makes one. Who runs the link is `afar.py`, which cuts it on purpose.
"""

import asyncio
from collections.abc import Callable
from typing import Any

from edge.adapters.cloud.cards import CloudCards
from edge.adapters.cloud.claiming import load_key
from edge.adapters.cloud.internet_probe import InternetProbe
from edge.adapters.cloud.link import CloudLink
from edge.config import Config
from edge.core.afar.link_state import LinkState
from edge.journal.reading import Unsynced
from edge.web.health import LinkStatus
from edge.wiring.books import Books
from protocol.floor import Fault

_UNCLAIMED = LinkState(message="this box is not claimed by a venue yet")


class Line:
    """`link` and `cards` are None for a box that no venue of a cloud has claimed."""

    def __init__(self, config: Config, books: Books) -> None:
        self._reading = books.reading
        self.link: CloudLink | None = None
        self.cards: CloudCards | None = None
        self.probe = InternetProbe(config.internet_probes, lambda: not self.is_up())
        if books.box.venue_id is not None and books.box.cloud_url is not None:
            key = load_key(config.directory / "node.key")
            self.cards = CloudCards(books.box, key)
            self.link = CloudLink(
                directory=config.directory,
                box=books.box,
                key=key,
                writer=books.writer,
                hot=books.hot,
                clock=books.clock,
                learn_time=books.clock.learn,
            )

    def listen(self, listener: Callable[[], None]) -> None:
        """Tell it whenever the line, or what is known of it, is otherwise."""
        if self.link is not None:
            self.link.listen(listener)
            self.link.listen(self.probe.link_changed)
        self.probe.listen(listener)

    def status(self) -> LinkStatus:
        """As `/status` tells it."""
        state = self.link.state if self.link else _UNCLAIMED
        return LinkStatus(state.state, state.message, state.last_sync_ms, state.acked_seq)

    def is_up(self) -> bool:
        """Whether the cloud can be reached."""
        return self.status().state != "down"

    def fault(self) -> Fault:
        """Where a link that is down is broken."""
        if self.link is None:
            return "unclaimed"
        if self.link.disowned:
            return "disowned"
        reachable = self.probe.reachable
        return "unknown" if reachable is None else "cloud" if reachable else "internet"

    async def unsynced(self) -> Unsynced:
        """What the cloud does not have yet."""
        return await self._reading.unsynced(self.link.state.acked_seq if self.link else 0)

    def running(self, group: asyncio.TaskGroup) -> list["asyncio.Task[Any]"]:
        """Tasks to cancel in the end."""
        return [group.create_task(self.probe.run(), name="internet probe")] if self.link else []
