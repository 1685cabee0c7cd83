"""A box with a kitchen: the real journal, stream and MQTT client; and a kitchen device to talk to it."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiomqtt

from edge.adapters.kitchen.mqtt import MqttClient, Session, address_of
from edge.adapters.machine.system_clock import SystemClock
from edge.core.clock import Now
from edge.effects.alarms import Alarms
from edge.effects.kitchen.plan import Limits
from edge.effects.kitchen.stream import KitchenStream
from edge.journal.board import MOST_TICKETS, KitchenBoard
from protocol import kitchen
from protocol.facts.order import OrderConfirmed
from protocol.facts.ticket import Ticket, aggregate_of
from tests.open_box import OpenBox
from tests.sample_venue import BURGER, add, join, opening, place, say_word

PATIENCE_S = 60.0
BRISK = Limits(resend_s=0.1, alarm_s=60.0, gather_s=0.02, broker_alarm_s=60.0)


class KitchenBox(OpenBox):
    """An open box on the machine's clock, with a table at which `chinu` sits, and all the kitchen needs.

    The same directory continues where it was left. `venue_id` only names the topics, so that tests can
    share a broker; `later_s` puts wall time forward.
    """

    def __init__(
        self,
        directory: Path,
        venue_id: str,
        limits: Limits = BRISK,
        later_s: int = 0,
        most_tickets: int = MOST_TICKETS,
    ) -> None:
        self._system_clock = SystemClock()
        self._later_ms = later_s * 1000
        super().__init__(directory)
        self.venue_id = venue_id
        self.board = KitchenBoard(self.reader, self.hot, self.clock, most_tickets)
        self.writer.listen(self.board.follow)
        self.alarms = Alarms()
        self.stream = KitchenStream(venue_id, self.board, self.writer, self.alarms, self.clock, limits)

    def clock(self) -> Now:
        """The machine's, believed."""
        now = self._system_clock()
        return Now(now.boot, now.mono_ns, now.wall_ms + self._later_ms, True)

    async def furnish(self) -> "KitchenBox":
        """Configure the venue and seat a guest, once."""
        if self.writer.seq == 0:
            for command in (*opening(), join("chinu"), say_word()):
                await self.accept(command)
        return self

    @asynccontextmanager
    async def connected(self, url: str, answer_s: float = 1.0) -> AsyncIterator[MqttClient]:
        """The kitchen stream at work over a broker; waits for nothing."""
        session = Session(
            identifier=f"box-{self.venue_id}",
            subscription=kitchen.ack_filter(self.venue_id),
            will=kitchen.offline_publication(self.venue_id),
            greeting=lambda: kitchen.online_publication(self.venue_id, 1, self.clock().wall_ms),
            received=self.stream.receive,
            connected=self.stream.connection,
        )
        client = MqttClient(address_of(url), session, answer_s)
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(client.run()),
                group.create_task(self.stream.run(client.publish)),
            ]
            try:
                yield client
            finally:
                for task in tasks:
                    task.cancel()

    async def order(self, *dishes: int) -> str:
        """The guest orders one of each; the ticket's name."""
        for dish in dishes or (BURGER,):
            await self.accept(add(dish=dish))
        facts = await self.accept(place())
        return next(fact.event.ticket for fact in facts if isinstance(fact.event, OrderConfirmed))

    def state(self, ticket: str, station: str = "grill") -> str:
        """What the journal says of a ticket."""
        found = self.hot.committed(aggregate_of(ticket, station))
        assert isinstance(found, Ticket)
        return found.state

    def stands_at(self, ticket: str, state: str) -> bool:
        """Whether a ticket of the grill is there."""
        return self.state(ticket) == state


class Message:
    """What a device was given; `body` is the parsed payload."""

    def __init__(self, message: aiomqtt.Message) -> None:
        assert isinstance(message.payload, bytes)
        self.topic = message.topic.value
        self.leaf = self.topic.rpartition("/")[2]
        self.retained = message.retain
        self.qos = message.qos
        self.body: dict[str, Any] = json.loads(message.payload)


class Device:
    """A kitchen screen: hears its stations, acknowledges tickets."""

    def __init__(self, client: aiomqtt.Client, venue_id: str) -> None:
        self._client = client
        self._venue_id = venue_id

    async def next(self, leaf: str, **wanted: object) -> Message:
        """The next message of a kind whose body has these values; others are passed over."""
        async with asyncio.timeout(PATIENCE_S):
            async for raw in self._client.messages:
                message = Message(raw)
                if message.leaf == leaf and wanted.items() <= message.body.items():
                    return message
        raise AssertionError("the messages ended")

    async def first(self) -> Message:
        """Whatever comes next."""
        async with asyncio.timeout(PATIENCE_S):
            return Message(await anext(aiter(self._client.messages)))

    async def snapshot(self, station: str, *tickets: str) -> Message:
        """The next snapshot of a station that shows exactly these tickets."""
        while True:
            message = await self.next("snapshot", station=station)
            if [each["ticket"] for each in message.body["tickets"]] == list(tickets):
                return message

    async def shows(self, ticket: str, state: str) -> None:
        """Wait for a snapshot that shows a ticket like that."""
        while True:
            message = await self.next("snapshot")
            if (ticket, state) in {(each["ticket"], each["state"]) for each in message.body["tickets"]}:
                return

    async def say(self, station: str, payload: bytes, retain: bool = False) -> None:
        """Any bytes to a station's ack topic."""
        topic = kitchen.topic(self._venue_id, station, "ack")
        await self._client.publish(topic, payload, qos=1, retain=retain)

    async def ack(self, ticket: str, state: str, station: str = "grill", mid: str | None = None) -> None:
        """Move a ticket."""
        body = {"ticket": ticket, "state": state} | ({"mid": mid} if mid else {})
        await self.say(station, json.dumps(body).encode())


@asynccontextmanager
async def device(url: str, venue_id: str, topic: str | None = None) -> AsyncIterator[Device]:
    """A device that is subscribed to everything of the venue unless a topic is named."""
    address = address_of(url)
    async with aiomqtt.Client(
        address.host, address.port, username=address.user, password=address.password
    ) as client:
        await client.subscribe(topic or f"v1/{venue_id}/#", qos=1)
        yield Device(client, venue_id)
