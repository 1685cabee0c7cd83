"""A refusal may name a line, and must name it as it stands after all the news that has been told."""

from typing import Any

import aiohttp

from tests.integration.web.served import ServedBox
from tests.sample_venue import BURGER

CREATE = {"type": "cart_mutate", "op": "create", "menu_item": BURGER, "qty": 1}


async def _heard(socket: aiohttp.ClientWebSocketResponse, wanted: str) -> dict[str, Any]:
    """The next message of a type."""
    while (message := await socket.receive_json(timeout=60))["type"] != wanted:
        pass
    found: dict[str, Any] = message
    return found


async def test_a_conflict_never_brings_a_removed_line_back(box: ServedBox) -> None:
    """A stale change and a removal decided in one batch: the news went out first."""
    guest = box.seated()
    async with box.socket(guest) as socket:
        for _ in range(20):
            await socket.send_json(CREATE)
            line = (await _heard(socket, "cart_update"))["item"]
            stale = {"type": "cart_mutate", "op": "update", "id": line["id"], "version": 99, "qty": 5}
            removal = {"type": "cart_mutate", "op": "delete", "id": line["id"], "version": line["version"]}
            await socket.send_json(stale)
            await socket.send_json(removal)
            removed_first = (first := await socket.receive_json(timeout=60))["type"] == "cart_update"
            second = await socket.receive_json(timeout=60)
            if removed_first:
                assert second["code"] == "version_conflict"
                assert second["item"]["state"] == "removed"
            else:
                assert (first["code"], second["op"]) == ("version_conflict", "delete")
