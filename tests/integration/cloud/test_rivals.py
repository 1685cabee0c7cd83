"""Two starts of one box: what is read late, by a process that stood still, proves nothing."""

from uuid import uuid4

import pytest

from cloud.app import Serving
from cloud.store.link import nodes
from cloud.store.link.nodes import ALIVE_S, Node, Sign
from tests.fake_box import FakeBox


async def _beside_a_rival(cloud: Serving, box: FakeBox, heard_s: float) -> str:
    """The box was heard of so many seconds ago, and another start of it knocked half a minute ago."""
    connection = str(uuid4())
    await cloud.pool.execute(
        """
        UPDATE nodes SET connection = $2, life = 'first', heard_at = now() - make_interval(secs => $3),
            rival_life = 'second', rival_since = now() - interval '30 seconds' WHERE node_id = $1
        """,
        box.node_id,
        connection,
        heard_s,
    )
    return connection


async def _found(cloud: Serving, box: FakeBox) -> Node:
    async with cloud.pool.acquire() as connection:
        node = await nodes.find(connection, box.venue_id, box.node_id)
    assert node is not None
    assert node.alive
    return node


@pytest.mark.parametrize("way", ["sign of life", "facts"])
@pytest.mark.parametrize(("heard_s", "proven"), [(ALIVE_S / 4, True), (ALIVE_S + 8, False)])
async def test_only_a_life_that_goes_on_outlives_its_rival(
    cloud: Serving, box: FakeBox, way: str, heard_s: float, proven: bool
) -> None:
    name = await _beside_a_rival(cloud, box, heard_s)
    if way == "facts":
        async with cloud.pool.acquire() as connection:
            await nodes.advance(connection, box.venue_id, box.node_id, 0, b"\0" * 32, 0)
    else:
        await nodes.heard(cloud.pool, [Sign(name, 0.0, 0, True)])
    outlived_s = (await _found(cloud, box)).outlived_s
    assert outlived_s > 20 if proven else outlived_s < 5
