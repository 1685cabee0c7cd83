"""An order that the box cannot answer in time goes on all the same, and is one order however often asked."""

import asyncio
import threading
from pathlib import Path
from typing import Any

import pytest

from edge.journal.writer import Writer
from tests.integration.web.served import ServedBox


def look(box: ServedBox, guest: dict[str, Any]) -> dict[str, Any]:
    """The guest's snapshot."""
    seen: dict[str, Any] = box.get(
        f"/cart_snapshot?session_pid={guest['session_pid']}", guest["ws_token"]
    ).json()
    return seen


async def put_in_cart(box: ServedBox, guest: dict[str, Any]) -> None:
    """Two burgers."""
    async with box.socket(guest) as socket:
        create = {"type": "cart_mutate", "op": "create", "menu_item": 17, "qty": 2, "mid": "mid-of-burger"}
        await socket.send_json(create)
        assert (await socket.receive_json())["item"]["qty"] == 2


def test_202_and_then_the_same_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with ServedBox(tmp_path) as box:
        guest = box.seated()
        asyncio.run(put_in_cart(box, guest))
        body = {"session_pid": guest["session_pid"], "cart_hash": look(box, guest)["cart_hash"]}
        disk_turns, commit = threading.Event(), Writer._timed_commit

        def slow_commit(writer: Writer) -> None:
            disk_turns.wait(60)
            commit(writer)

        monkeypatch.setattr("edge.journal.writer.INLINE_COMMIT_S", -1.0)
        monkeypatch.setattr("edge.web.guests.ordering.ORDER_TIMEOUT_S", 0.05)
        monkeypatch.setattr(Writer, "_timed_commit", slow_commit)
        slow = box.post("/orders", body, guest["ws_token"])
        assert (slow.status_code, slow.json()) == (202, {"order_id": "", "status": "processing"})
        assert look(box, guest)["orders"] == []
        disk_turns.set()
        monkeypatch.setattr("edge.web.guests.ordering.ORDER_TIMEOUT_S", 10.0)
        again = box.post("/orders", body, guest["ws_token"])
        assert (again.status_code, again.json()) == (201, {"order_id": "ORD-7-1", "ticket": "K-1"})
        assert [each["order_id"] for each in look(box, guest)["orders"]] == ["ORD-7-1"]
