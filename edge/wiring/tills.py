"""Which point of sale takes the orders: the box itself, a simulator, or a till behind a webhook.

A part of the composition root: the only place that knows all kinds. One adapter is kept for each
configuration, also while the owner changes to another, because an order in doubt is asked about where it
was sent.
"""

from collections.abc import Callable
from pathlib import Path

from edge.adapters.till import webhook as pos_webhook
from edge.adapters.till.builtin import BuiltInPointOfSale
from edge.adapters.till.simulator import SimulatedPointOfSale
from edge.core.clock import Now
from edge.core.orders.point_of_sale import PointOfSale
from protocol.facts.venue import PosConfig


class Tills:
    """Call it with a configuration for its point of sale."""

    def __init__(self, directory: Path, clock: Callable[[], Now]) -> None:
        self._directory = directory
        self._clock = clock
        self._made: dict[PosConfig, PointOfSale] = {}

    def __call__(self, pos: PosConfig) -> PointOfSale:
        """The one that there is, or a new one."""
        if pos not in self._made:
            self._made[pos] = self._make(pos)
        return self._made[pos]

    def _make(self, pos: PosConfig) -> PointOfSale:
        match pos.kind:
            case "builtin":
                return BuiltInPointOfSale()
            case "simulator":
                return SimulatedPointOfSale(pos.simulation)
            case "webhook":
                key = pos_webhook.load_key(self._directory / pos_webhook.KEY_NAME)
                return pos_webhook.WebhookPointOfSale(pos.url, key, pos.timeout_s, self._wall_s)

    def _wall_s(self) -> int:
        return self._clock().wall_ms // 1000
