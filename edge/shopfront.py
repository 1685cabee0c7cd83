"""Pictures at the venue, wired: the shop's studio and desks, the courier that brings guests' pictures to the
cloud, and dishes' pictures, which come from there.

A part of the composition root; `app.py` makes one and serves its addresses.
"""

import asyncio
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

from edge.adapters.claiming import load_key
from edge.adapters.cloud_link import CloudLink
from edge.adapters.dish_fetcher import DishFetcher
from edge.adapters.picture_courier import PictureCourier
from edge.core.clock import Now
from edge.journal.database import Box
from edge.journal.dishes import DishShelf
from edge.journal.hot import Hot
from edge.journal.pictures import PictureShelf
from edge.journal.writer import Committed, Writer
from edge.studio import Studio
from edge.web.answers import Handler
from edge.web.guests.dish_desk import DishDesk
from edge.web.shop.desk import ShopDesk
from edge.web.shop.pictures import ShopPictures
from edge.web.tokens import Tokens
from protocol.facts.design import Design
from protocol.facts.menu import Menu, MenuBook
from protocol.http import Route


class Shopfront:
    """Make it before the writer runs; `running` lists what has to run beside it."""

    def __init__(
        self,
        directory: Path,
        box: Box,
        writer: Writer,
        hot: Hot,
        reader: sqlite3.Connection,
        tokens: Tokens,
        clock: Callable[[], Now],
        link: CloudLink | None,
    ) -> None:
        monotonic_s = lambda: clock().mono_ns / 1e9  # noqa: E731 - a view of the clock
        self.studio = Studio(directory, PictureShelf(directory / "pictures"), monotonic_s)
        dishes = DishShelf(directory / "dishes")
        self._desks = (
            DishDesk(dishes),
            ShopDesk(writer, hot, tokens, self.studio),
            ShopPictures(hot, tokens, self.studio, monotonic_s),
        )
        self._courier: PictureCourier | None = None
        self._fetcher: DishFetcher | None = None
        if link is not None:
            key = load_key(directory / "node.key")
            is_up = lambda: link.state.state != "down"  # noqa: E731 - a view of the link
            self._courier = PictureCourier(box, key, self.studio.shelf, reader, is_up)
            self._fetcher = DishFetcher(box, key, dishes, lambda: _menu(hot), is_up)
            writer.listen(self._hear)
            link.listen(self.link_changed)

    def _hear(self, batch: list[Committed]) -> None:
        if any(isinstance(each.state, Design | MenuBook) for each in batch):
            self.link_changed()

    def link_changed(self) -> None:
        """There may be a line to the cloud, or something to bring or to fetch."""
        if self._courier is not None:
            self._courier.look()
        if self._fetcher is not None:
            self._fetcher.look()

    def routes(self) -> list[tuple[Route, Handler]]:
        """Addresses and their handlers."""
        return [route for desk in self._desks for route in desk.routes()]

    def running(self, group: asyncio.TaskGroup) -> list["asyncio.Task[Any]"]:
        """Tasks to cancel in the end."""
        tasks = [group.create_task(self.studio.run(), name="studio")]
        if self._courier is not None:
            tasks.append(group.create_task(self._courier.run(), name="pictures"))
        if self._fetcher is not None:
            tasks.append(group.create_task(self._fetcher.run(), name="dishes"))
        return tasks


def _menu(hot: Hot) -> Menu | None:
    book = hot.committed_menu()
    return book.menu if book else None
