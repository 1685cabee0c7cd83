"""The kitchen, wired: its board, its devices behind a broker, its page, and its printers.

A part of the composition root; `app.py` makes one.
"""

import asyncio
from collections.abc import Callable
from typing import Any

from edge.adapters.kitchen.mqtt import MqttClient, Session, address_of
from edge.config import Config
from edge.core.deadlines import NEVER
from edge.effects.alarms import Alarms
from edge.effects.kitchen.plan import Limits
from edge.effects.kitchen.printing import Printing
from edge.effects.kitchen.stream import KitchenStream, nobody_listens
from edge.journal.board import KitchenBoard
from edge.web.kitchen_socket import KitchenSocket
from edge.web.tokens import Tokens
from edge.wiring.books import Books
from edge.wiring.dialects import configured_printer
from protocol import kitchen
from protocol.facts.venue import PrinterConfig


class Cooking:
    """Make it before the writer runs. `board` has the tickets, `stream` takes them to devices."""

    def __init__(
        self,
        config: Config,
        books: Books,
        alarms: Alarms,
        adopted: Callable[[], tuple[PrinterConfig, ...]],
        told: Callable[[], None],
    ) -> None:
        """`adopted` are printers that were found here; `told` hears that the broker came or went."""
        self._books = books
        self._told = told
        self.board = KitchenBoard(books.reader, books.hot, books.clock)
        books.writer.listen(self.board.follow)
        venue_id = books.box.venue_id or ""
        broker = config.mqtt_url if venue_id else None
        self.stream = KitchenStream(
            venue_id,
            self.board,
            books.writer,
            alarms,
            books.clock,
            Limits(
                resend_s=config.ticket_resend_s,
                alarm_s=config.ticket_alarm_s,
                broker_alarm_s=Limits().broker_alarm_s if broker else NEVER,
            ),
            books.box.epoch,
        )
        self._mqtt = MqttClient(address_of(broker), self._session(venue_id)) if broker else None
        self.printing = Printing(
            self.board,
            books.hot,
            books.reader,
            books.writer,
            alarms,
            books.clock,
            configured_printer,
            adopted=adopted,
        )
        books.writer.listen(self.printing.hear)

    def _session(self, venue_id: str) -> Session:
        box, clock = self._books.box, self._books.clock
        return Session(
            identifier=f"holdfast-{box.node_id}",
            subscription=kitchen.ack_filter(venue_id),
            will=kitchen.offline_publication(venue_id),
            greeting=lambda: kitchen.online_publication(venue_id, box.epoch, clock().wall_ms),
            received=self.stream.receive,
            connected=self._broker_changed,
        )

    def _broker_changed(self, up: bool) -> None:
        self.stream.connection(up)
        self._told()

    def broker(self) -> str:
        """How it is with the broker, as `/status` tells it."""
        return "off" if self._mqtt is None else self._mqtt.trouble or "ok"

    def socket(self, tokens: Tokens) -> KitchenSocket:
        """What the kitchen's page talks to."""
        return KitchenSocket(self._books.writer, self.board, tokens, self.stream.practice)

    def running(self, group: asyncio.TaskGroup) -> list["asyncio.Task[Any]"]:
        """Tasks to cancel in the end."""
        publish = self._mqtt.publish if self._mqtt else nobody_listens
        tasks = [
            group.create_task(self.stream.run(publish), name="kitchen"),
            group.create_task(self.printing.run(), name="printing"),
        ]
        if self._mqtt is not None:
            tasks.append(group.create_task(self._mqtt.run(), name="mqtt"))
        return tasks
