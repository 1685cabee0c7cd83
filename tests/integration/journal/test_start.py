"""A start costs the same after an evening and after many: counted in steps of SQLite, not in seconds.

The whole box is started, so whatever reads history then is found here, in whichever room it stands.
"""

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from edge.config import Config
from edge.core.commands import (
    AddItem,
    AdvanceTicket,
    BeginPrint,
    CloseTable,
    Command,
    FinishPrint,
    PlaceOrder,
)
from edge.core.money.commands import CloseShift, OpenShift, TakePayment
from edge.core.play.commands import StopPlay
from edge.wiring.app import EdgeApp
from tests.open_box import OpenBox
from tests.sample_venue import CHIPS, PS5, join, say_word, start

ANN = "staff:ann"


def evening(number: int) -> list[Command]:
    """A till is opened and counted; a table orders, is cooked for, pays and leaves; somebody plays."""
    session, shift, ticket = f"s{number}", f"shift{number}", f"K-{number}"
    played, paid = f"play-{number}", f"paid-{number}"
    return [
        OpenShift(shift, "main", 5000, ANN),
        join("chinu", session),
        say_word("chinu", session),
        AddItem(session, "chinu", CHIPS, 1, mid=f"add-{number}"),
        PlaceOrder(session, "chinu", mid=f"place-{number}"),
        BeginPrint(f"{ticket}@grill", "ticket", "pass"),
        FinishPrint(f"{ticket}@grill", "pass"),
        *(AdvanceTicket(ticket, "grill", state, ANN) for state in ("received", "ready", "served")),
        TakePayment(session_pid=session, payment_pid=paid, method="CASH", by=ANN, shift_pid=shift),
        CloseTable(session, "they left", ANN),
        start(PS5, session=played),
        StopPlay(played, "they left", ANN),
        CloseShift(shift, 5000, ANN),
    ]


class Meter:
    """Steps that all connections opened since took together."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.steps = 0
        connect = sqlite3.connect

        def metered(*arguments: Any, **options: Any) -> sqlite3.Connection:
            connection: sqlite3.Connection = connect(*arguments, **options)
            connection.set_progress_handler(self._step, 1)
            return connection

        monkeypatch.setattr(sqlite3, "connect", metered)

    def _step(self) -> int:
        self.steps += 1
        return 0


async def started(directory: Path) -> int:
    """Steps of a start until the box serves."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        meter = Meter(monkeypatch)
        app = EdgeApp(Config(directory=directory, host="127.0.0.1", port=0, mdns=""))
        async with app.serving():
            return meter.steps


async def test_a_start_reads_no_more_after_fifty_evenings_than_after_one(tmp_path: Path) -> None:
    async with OpenBox(tmp_path) as box:
        await box.opened()
        for command in evening(1):
            await box.accept(command)
    first = await started(tmp_path)

    async with OpenBox(tmp_path, boot="boot-2") as box:
        for number in range(2, 51):
            for command in evening(number):
                await box.accept(command)
    assert await started(tmp_path) < first * 1.1
