"""Pictures at the venue, wired: the shop's studio and desks, the courier that brings guests' pictures to the
cloud, and dishes' pictures, which come from there.

A part of the composition root; `app.py` makes one and serves its addresses.
"""

import asyncio
from typing import Any

from edge.adapters.cloud.claiming import load_key
from edge.adapters.cloud.dish_fetcher import DishFetcher
from edge.adapters.cloud.picture_courier import PictureCourier
from edge.journal.dishes import DishShelf
from edge.journal.hot import Hot
from edge.journal.pictures import PictureShelf
from edge.journal.writer import Committed
from edge.studio import Studio
from edge.web.answers import Handler
from edge.web.guests.dish_desk import DishDesk
from edge.web.shop.desk import ShopDesk
from edge.web.shop.pictures import ShopPictures
from edge.web.tokens import Tokens
from edge.wiring.books import Books
from edge.wiring.line import Line
from protocol.facts.design import Design
from protocol.facts.menu import Menu, MenuBook
from protocol.http import Route


class Shopfront:
    """Make it before the writer runs; `running` lists what has to run beside it."""

    def __init__(
        self,
        books: Books,
        tokens: Tokens,
        line: Line,
    ) -> None:
        directory, writer, hot = books.directory, books.writer, books.hot
        self.studio = Studio(directory, PictureShelf(directory / "pictures"), books.monotonic_s)
        dishes = DishShelf(directory / "dishes")
        self._desks = (
            DishDesk(dishes),
            ShopDesk(writer, hot, tokens, self.studio),
            ShopPictures(hot, tokens, self.studio, books.monotonic_s),
        )
        self._courier: PictureCourier | None = None
        self._fetcher: DishFetcher | None = None
        if line.link is not None:
            proven = books.box, load_key(directory / "node.key")
            self._courier = PictureCourier(*proven, self.studio.shelf, books.reader, line.is_up)
            self._fetcher = DishFetcher(*proven, dishes, lambda: _menu(hot), line.is_up)
            writer.listen(self._hear)
            line.link.listen(self.link_changed)

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
