"""A venue's configuration as its owner's desks read and change it: whole, and one change after the other.

Every change publishes all of it anew, on the newest one; the box adopts it whole. Whoever changes it holds
the stream first, which makes the others wait, so nothing that a colleague has just changed is undone.
What changes nothing is not published, for the box would adopt it in vain.

Counterpart: `edge/core/afar/adoption.py`.
"""

import asyncpg
import msgspec

from cloud.store.link import streams
from protocol.errors import Refused, refuse
from protocol.facts.venue import VenueConfig

_STREAM = "config"
_decoder = msgspec.json.Decoder(VenueConfig)


async def find(connection: asyncpg.Connection, venue_id: str) -> VenueConfig | None:
    """The one in force, or on its way to the venue; None where none was ever published."""
    body = await streams.latest(connection, venue_id, _STREAM)
    return _decoder.decode(body) if body else None


async def latest(connection: asyncpg.Connection, venue_id: str) -> VenueConfig:
    """The same. Raises `Refused` with `not_configured`."""
    config = await find(connection, venue_id)
    if config is None:
        raise Refused(refuse("not_configured"))
    return config


async def newest(connection: asyncpg.Connection, venue_id: str) -> VenueConfig:
    """The same, and nobody else changes it until the transaction ends. Raises `Refused` likewise."""
    await streams.hold(connection, venue_id, _STREAM)
    return await latest(connection, venue_id)


async def publish(
    connection: asyncpg.Connection, venue_id: str, before: VenueConfig, after: VenueConfig
) -> bool:
    """`after` instead of `before`, which is what `newest` gave; whether that is anything new."""
    if after == before:
        return False
    await begin(connection, venue_id, after)
    return True


async def begin(connection: asyncpg.Connection, venue_id: str, config: VenueConfig) -> None:
    """The first one of a venue."""
    seq = await streams.next_seq(connection, venue_id, _STREAM)
    await streams.publish(connection, venue_id, _STREAM, seq, msgspec.json.encode(config))
