"""Boxes that take a release back at the same instant: together they are one too many, whoever is first."""

import asyncio
from uuid import uuid4

import asyncpg

from cloud.operations.releases import halt_if_too_many
from cloud.store.link import releases
from cloud.store.link.releases import Release, Ring
from protocol.upgrade import Standing
from tests.integration.afar.linked import eventually

BACK = Standing("0.2.0", "aarch64", "0.3.0", "rolled_back", "it died and had to be started anew")
_WAITS = "SELECT wait_event_type = 'Lock' FROM pg_stat_activity WHERE pid = $1"


async def _takes_back(connection: asyncpg.Connection) -> None:
    """A box of a venue in the second ring says so."""
    venue_id = str(uuid4())
    await releases.choose_ring(connection, venue_id, "some")
    assert await releases.tell(connection, venue_id, BACK)


async def test_two_boxes_that_take_it_back_at_once_halt_their_ring(database: str) -> None:
    first, second, beside = [await asyncpg.connect(database) for _ in range(3)]
    await releases.add(beside, Release("0.3.0", "any", "{}", "", "", 0))
    await releases.open_for(beside, "0.3.0", "some")
    both = [connection.transaction() for connection in (first, second)]
    for transaction, connection in zip(both, (first, second), strict=True):
        await transaction.start()
        await _takes_back(connection)

    assert await halt_if_too_many(first, "0.3.0") is None
    async with asyncio.TaskGroup() as group:
        counting = group.create_task(halt_if_too_many(second, "0.3.0"))

        async def waits() -> bool:
            return counting.done() or bool(await beside.fetchval(_WAITS, second.get_server_pid()))

        await eventually(waits)
        await both[0].commit()
    await both[1].commit()

    halted: Ring | None = counting.result()
    assert halted is not None
    assert (halted.ring, halted.rolled_back) == ("some", 2)
    assert {ring.reason for ring in await releases.rings(beside)} == {
        "2 of 2 boxes in ring some took it back"
    }
    for connection in (first, second, beside):
        await connection.close()
