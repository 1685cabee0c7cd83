"""A row of `nodes` in memory, and what the link makes of it; for `page.py`."""

import msgspec

from cloud.store.link.nodes import ALIVE_S, Node
from protocol.facts.fact import genesis


class NodeRow(msgspec.Struct, frozen=True):
    """A row of `nodes`. Times are the history's own seconds."""

    venue_id: str
    node_id: str
    epoch: int
    log_id: str
    public_key: bytes
    durable_seq: int
    durable_hash: bytes
    connection: str | None = None
    tail_seq: int | None = None
    clock_trusted: bool | None = None
    trouble: str | None = None
    life: str | None = None
    heard_s: float = -1e9
    rival_life: str | None = None
    rival_since_s: float = 0.0
    hellos: int = 0
    unsynced_minor: int | None = None
    base_seq: int = 0
    base_hash: bytes | None = None


def since(row: NodeRow, heard_s: float) -> float:
    """Since when a life proves that it goes on beside its rival; a silence begins the proof anew."""
    return heard_s if heard_s - row.heard_s > ALIVE_S else row.rival_since_s


def node_of(row: NodeRow, charge_epoch: int, now_s: float) -> Node:
    """See `cloud.store.link.nodes.find`."""
    outlived_s = row.heard_s - row.rival_since_s if row.rival_life is not None else 0.0
    here = row.connection is not None and row.heard_s > now_s - ALIVE_S
    base = row.base_seq, row.base_hash or genesis(row.log_id)
    return Node(
        row.venue_id, row.node_id, row.epoch, charge_epoch, row.log_id, row.public_key, row.durable_seq,
        row.durable_hash, *base, row.life, here, row.rival_life, outlived_s,
    )  # fmt: skip
