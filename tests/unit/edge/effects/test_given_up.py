"""Payments on the provider's page that nobody waits for: found beside many others, and after a disk fault."""

import asyncio
import sqlite3
from collections.abc import Mapping
from pathlib import Path

import pytest

from edge.effects.money import given_up
from edge.effects.money.given_up import GivenUp
from edge.journal.hot import Hot
from protocol.errors import Refused, refuse
from protocol.facts.booking import Booking, BookingMade
from protocol.facts.fold import State
from protocol.facts.payment import Payment, PaymentInitiated
from protocol.facts.play import PlaySession
from protocol.facts.play_clock import Instant
from protocol.facts.play_events import Entitlement, PlayOrdered
from tests.open_box import until

_TABLE = "CREATE TABLE payments (payment_pid TEXT, status TEXT, method TEXT, initiated_ms INTEGER)"
_OVER = PlaySession(
    1,
    PlayOrdered("play-1", "station-1", "EUR", "pause", 0, Entitlement("e", 60, 100, "CARD")),
    "station-1",
    "ENDED",
    Instant("boot", 0, 0, True),
)


class Known(Hot):
    """States that were read before."""

    def __init__(self, states: Mapping[str, State]) -> None:
        self._states = states

    def committed(self, aggregate: str) -> State | None:
        return self._states.get(aggregate)


def _payment(pid: str, provider: str) -> Payment:
    first = PaymentInitiated(pid, "CARD", "EUR", 100, session_pid="play-1")
    return Payment(1, first, "UNKNOWN", 0, provider=provider)


def _over(*payments: Payment) -> Known:
    """Payments of a session that is over."""
    states: dict[str, State] = {f"payment:{each.initiated.payment_pid}": each for each in payments}
    return Known({**states, "play:play-1": _OVER})


def _stand(reader: sqlite3.Connection, called: list[str]) -> GivenUp:
    """One payment of the provider's, and 200 of a terminal from before it."""
    payments = [_payment(f"terminal-{number}", "") for number in range(200)] + [_payment("online", "stripe")]

    async def call_off(pid: str) -> None:
        called.append(pid)

    return GivenUp(_over(*payments), reader, call_off, lambda: True)


def _fill(writer: sqlite3.Connection) -> None:
    with writer:
        writer.execute(_TABLE)
        rows = [(f"terminal-{number}", number) for number in range(200)] + [("online", 200)]
        writer.executemany("INSERT INTO payments VALUES (?, 'UNKNOWN', 'CARD', ?)", rows)


def test_a_booking_that_is_over_leaves_its_deposit_behind_and_one_that_stands_does_not(
    tmp_path: Path,
) -> None:
    reader = sqlite3.connect(tmp_path / "journal.sqlite3")
    _fill(reader)
    made = BookingMade("play-1", "station-1", "Anna", 0, 1, "EUR", 0, 0, 0, deposit_minor=100)

    def left(status: str) -> list[str]:
        booking = Booking(1, made, status, "due", Instant("boot", 0, 0, True))
        known = Known({"payment:online": _payment("online", "stripe"), "booking:play-1": booking})
        return list(GivenUp(known, reader, _never, lambda: True).left())

    assert left("HELD") == []
    assert left("CANCELLED") == left("NO_SHOW") == ["online"]
    reader.close()


async def _never(pid: str) -> None:
    raise AssertionError(pid)


async def test_a_disk_that_cannot_be_read_holds_it_up_and_old_payments_do_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(given_up, "AGAIN_S", 0.001)
    path, called = tmp_path / "journal.sqlite3", list[str]()
    reader, writer = sqlite3.connect(path), sqlite3.connect(path)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(_stand(reader, called).run())
        await until(lambda: "wait for the disk" in caplog.text)
        _fill(writer)
        await until(lambda: bool(called))
        task.cancel()
    assert set(called) == {"online"}
    reader.close()
    writer.close()


async def test_one_that_is_always_refused_does_not_hold_up_those_behind_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(given_up, "AGAIN_S", 0.001)
    book, called = sqlite3.connect(tmp_path / "journal.sqlite3"), list[str]()
    with book:
        book.execute(_TABLE)
        rows = [("behind", 0), ("stubborn", 1)]  # the newest is looked at first
        book.executemany("INSERT INTO payments VALUES (?, 'PENDING', 'CARD', ?)", rows)

    async def call_off(pid: str) -> None:
        called.append(pid)
        if pid == "stubborn":
            raise Refused(refuse("unknown_payment"))

    known = _over(_payment("stubborn", "stripe"), _payment("behind", "stripe"))
    async with asyncio.TaskGroup() as group:
        task = group.create_task(GivenUp(known, book, call_off, lambda: True).run())
        await until(lambda: called.count("stubborn") > 2)
        task.cancel()
    assert called[:4] == ["stubborn", "behind", "stubborn", "behind"]
    book.close()
