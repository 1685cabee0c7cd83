"""What holds a pairing up is told by whoever looks on, such as the command line beside a box at work."""

import asyncio
from contextlib import closing
from pathlib import Path

from edge.adapters.cloud.claiming import load_key
from edge.journal.database import open_writer, read_box
from edge.wiring.pairing import Pairing
from tests.open_box import until


async def test_a_cloud_that_does_not_answer_is_told_to_another_process_too(tmp_path: Path) -> None:
    with closing(open_writer(tmp_path, 0)) as connection:
        box = read_box(connection)
    key = load_key(tmp_path / "node.key")
    at_work, beside = (Pairing(tmp_path, box, key, lambda: 0, lambda: "") for _ in range(2))
    beside.begin("http://127.0.0.1:9")
    async with asyncio.TaskGroup() as group:
        running = group.create_task(at_work.run())
        await until(lambda: bool(beside.invited().trouble))
        running.cancel()
    assert "The cloud does not answer at http://127.0.0.1:9" in beside.invited().trouble
    assert beside.invited().state == "asking"
    beside.end()
    assert beside.invited().trouble == ""
