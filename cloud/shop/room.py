"""The shop's designs, wired: a part of the composition root, with the painters that its desks share."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
from aiohttp import web

from cloud.config import Config
from cloud.jobs.blobs import Blobs
from cloud.shop.designs.desk import DesignDesk
from cloud.shop.designs.page import ShopPage
from cloud.shop.designs.painters import Painters
from cloud.shop.designs.painting_desk import PaintingDesk
from cloud.shop.designs.picture_desk import PictureDesk
from cloud.shop.designs.render_socket import RenderSocket
from cloud.store.bell import Bell
from cloud.web.answers import Handler
from protocol.http import Route


class DesignRoom:
    """Desks, socket and painters; `open_room` makes one."""

    def __init__(self, config: Config, pool: asyncpg.Pool, blobs: Blobs, bell: Bell) -> None:
        self.painters = Painters()
        self.socket = RenderSocket(pool, bell)
        self._desks = (
            ShopPage(),
            DesignDesk(config, pool),
            PaintingDesk(config, pool, blobs, self.painters),
            PictureDesk(config, pool, blobs, self.painters),
        )

    def routes(self) -> list[tuple[Route, Handler]]:
        """Addresses and their handlers."""
        return [row for desk in self._desks for row in desk.routes()]

    def attach(self, application: web.Application) -> None:
        """The socket, and its end with the process."""
        application.router.add_get("/ws/designs/{design_id}", self.socket.serve)
        application.on_shutdown.append(self.socket.close)


@asynccontextmanager
async def open_room(
    config: Config, pool: asyncpg.Pool, blobs: Blobs, bell: Bell
) -> AsyncIterator[DesignRoom]:
    """The room; its painters end with the block."""
    room = DesignRoom(config, pool, blobs, bell)
    try:
        yield room
    finally:
        room.painters.close()
