"""`python -m edge.demo.broker PLAN.json`: amqtt as a process of its own, where no Mosquitto is installed.

amqtt speaks MQTT 3.1.1 and forgets everything when it stops; both are all right, because the journal is the
truth and the box says everything again. Passwords and permissions come from the same plan as Mosquitto's.
"""

import asyncio
import hmac
import logging
import signal
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
from amqtt.broker import Broker
from amqtt.contexts import Action
from amqtt.plugins.base import BaseAuthPlugin, BaseTopicPlugin

from edge.demo.access import Account, BrokerPlan


def matches(pattern: str, topic: str) -> bool:
    """Whether a topic falls under a filter (MQTT 3.1.1 §4.7)."""
    wanted, given = pattern.split("/"), topic.split("/")
    for at, level in enumerate(wanted):
        if level == "#":
            return True
        if at >= len(given) or level not in ("+", given[at]):
            return False
    return len(wanted) == len(given)


class Doorman(BaseAuthPlugin, BaseTopicPlugin):
    """Lets in whom the plan knows, and passes what it permits. Like Mosquitto, it judges what is
    delivered and not what is subscribed to, so a device may subscribe to more than it will hear."""

    @dataclass
    class Config:
        """What amqtt hands over from its configuration: the plan's accounts, as plain values."""

        accounts: list[dict[str, Any]] = field(default_factory=list)

    def __init__(self, context: Any) -> None:
        super().__init__(context)
        accounts = msgspec.convert(context.config.accounts, tuple[Account, ...])
        self._accounts = {account.user: account for account in accounts}

    async def authenticate(self, *, session: Any) -> bool:
        """User and password are the plan's."""
        account = self._accounts.get(session.username or "")
        password = (session.password or "").encode()
        return account is not None and hmac.compare_digest(account.password.encode(), password)

    async def topic_filtering(
        self, *, session: Any = None, topic: str | None = None, action: Action | None = None
    ) -> bool:
        """The account may publish to, or be given, this topic."""
        account = self._accounts.get(session.username or "") if session else None
        if account is None or topic is None:
            return False
        if action == Action.SUBSCRIBE:
            return True
        permitted = account.writes if action == Action.PUBLISH else account.reads
        return any(matches(pattern, topic) for pattern in permitted)


class _Subscriptions(dict[str, Any]):
    """Walked as it was when the walk began."""

    def __iter__(self) -> Iterator[str]:
        return iter(list(super().__iter__()))

    def items(self) -> Any:
        return dict(self).items()


class SteadyBroker(Broker):
    """amqtt 0.12 without two of its faults, which a venue's broker cannot have.

    It walks its subscriptions with waits in between, and breaks off (a new client is never answered, a
    message never delivered) when another client comes meanwhile. And it gives every new client the
    retained messages of everybody else's subscriptions.
    """

    def __init__(self, configuration: dict[str, Any]) -> None:
        super().__init__(configuration)
        self._subscriptions = _Subscriptions()

    async def _publish_retained_messages_for_subscription(
        self, subscription: tuple[str, int], session: Any
    ) -> None:
        subscribed = self._subscriptions.get(subscription[0], ())
        if any(each.client_id == session.client_id for each, _ in subscribed):
            await super()._publish_retained_messages_for_subscription(subscription, session)


async def serve(plan: BrokerPlan) -> None:
    """Serve until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    doorman = f"{Doorman.__module__}.{Doorman.__qualname__}"
    configuration = {
        "listeners": {"default": {"type": "tcp", "bind": f"{plan.host}:{plan.port}"}},
        "plugins": {doorman: {"accounts": [msgspec.to_builtins(each) for each in plan.accounts]}},
    }
    broker = SteadyBroker(configuration)
    await broker.start()
    await stop.wait()
    await broker.shutdown()


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    asyncio.run(serve(msgspec.json.decode(Path(sys.argv[1]).read_bytes(), type=BrokerPlan)))
