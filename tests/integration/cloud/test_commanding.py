"""Commands to a venue as the owner's API has them: once by their id, in the stream, with the box's own
outcome.
"""

from datetime import timedelta
from typing import Any

import aiohttp
import asyncpg
import msgspec
import pytest

from cloud.app import Serving
from cloud.owners.venues.founding import NewVenue
from cloud.store.reading import reports
from cloud.store.reading.reports import Span
from protocol import instruction
from protocol.facts import owner_command as facts
from protocol.facts.account import BalanceCredited, BalanceDebited
from protocol.facts.drill import DrillBegun, DrillEnded, Finding
from protocol.facts.payment import PaymentCompleted, PaymentInitiated, PaymentPending
from protocol.facts.refund_request import RefundRequested
from protocol.facts.shift import ShiftOpened
from protocol.facts.stock import StockCounted, StockTaken
from protocol.instruction import Instruction, StopSession
from protocol.link_machine import Acknowledged, Arrived
from tests.fake_box import FakeBox
from tests.integration.cloud.conftest import OWNER, PASSWORD

STOP = {"kind": "stop_session", "session_id": "play-1", "reason": "closing"}


class Owner:
    """An owner who is logged in and looks after one venue."""

    def __init__(self, http: aiohttp.ClientSession, url: str, venue_id: str, csrf: str) -> None:
        self._http = http
        self._base = f"{url}/api/venues/{venue_id}"
        self._headers = {"X-CSRF-Token": csrf}

    async def post(self, path: str, body: object) -> tuple[int, Any]:
        async with self._http.post(f"{self._base}/{path}", json=body, headers=self._headers) as response:
            return response.status, await response.json()

    async def get(self, path: str) -> Any:
        async with self._http.get(f"{self._base}/{path}") as response:
            assert response.status == 200, await response.text()
            return await response.json()

    async def commands(self) -> list[dict[str, Any]]:
        listed: list[dict[str, Any]] = (await self.get("commands"))["commands"]
        return listed

    async def items(self) -> dict[str, dict[str, Any]]:
        return {item["key"]: item for item in (await self.get("reconciliation"))["items"]}


@pytest.fixture
async def owner(cloud: Serving, venue: NewVenue, http: aiohttp.ClientSession) -> Owner:
    body = {"email": OWNER, "password": PASSWORD}
    async with http.post(f"{cloud.url}/api/login", json=body) as response:
        csrf = (await response.json())["csrf"]
    return Owner(http, cloud.url, venue.venue_id, csrf)


async def test_a_command_waits_for_its_box_and_says_how_long_it_waited(
    cloud: Serving, owner: Owner, box: FakeBox, http: aiohttp.ClientSession, sql: asyncpg.Connection
) -> None:
    status, row = await owner.post("commands", {"ask": STOP, "ttl_s": 60})
    assert (status, row["status"], row["kind"]) == (202, "WAITING", "stop_session")
    await sql.execute("UPDATE down_entries SET created_at = created_at - interval '45 s'")
    box.cursors = {"config": 1}
    async with box.online(http, cloud.url) as wire:
        arrived = await wire.next(Arrived)
    assert arrived.stream == "commands"
    (entry,) = arrived.entries
    assert 45_000 <= entry.age_ms < 60_000
    read = instruction.read(entry.body)
    assert isinstance(read, Instruction)
    assert read == Instruction(row["command_id"], f"owner:{OWNER}", 60_000, StopSession("play-1", "closing"))


async def test_the_outcome_is_what_the_box_says(
    cloud: Serving, owner: Owner, box: FakeBox, http: aiohttp.ClientSession
) -> None:
    _, row = await owner.post("commands", {"ask": STOP})
    of_command = facts.aggregate_of(row["command_id"])
    taken = facts.CommandTaken(row["command_id"], 1, "stop_session", f"owner:{OWNER}", 60_000)
    async with box.online(http, cloud.url) as wire:
        box.day.happen(of_command, taken)
        await wire.push()
        await wire.next(Acknowledged)
        assert (await owner.commands())[0]["status"] == "TAKEN"
        box.day.happen(of_command, facts.CommandRefused("session_ended", "Session already ended"))
        await wire.push()
        await wire.next(Acknowledged)
    (told,) = await owner.commands()
    assert (told["status"], told["code"]) == ("REFUSED", "session_ended")


async def test_asking_again_under_the_same_id_asks_once(
    owner: Owner, sql: asyncpg.Connection, venue: NewVenue
) -> None:
    body = {"ask": STOP, "command_id": "my-own-id-1"}
    first, again = await owner.post("commands", body), await owner.post("commands", body)
    assert first[0] == again[0] == 202
    assert await sql.fetchval("SELECT count(*) FROM down_entries WHERE stream = 'commands'") == 1
    assert await sql.fetchval("SELECT count(*) FROM audit WHERE action = 'command: stop_session'") == 1
    other = {"ask": {"kind": "ask_backup"}, "command_id": "my-own-id-1"}
    status, answer = await owner.post("commands", other)
    assert (status, answer["error"]["code"]) == (409, "mid_reused")


async def test_nobody_takes_an_id_that_the_cloud_needs_for_its_own_instructions(
    owner: Owner, venue: NewVenue, sql: asyncpg.Connection
) -> None:
    for prefix in ("card:", "collect:", "credit:", "grant:", "return:"):
        status, answer = await owner.post("commands", {"ask": STOP, "command_id": f"{prefix}pay-1:COMPLETED"})
        assert (status, answer["error"]["code"]) == (400, "invalid")
    assert await sql.fetchval("SELECT count(*) FROM instructions WHERE venue_id = $1", venue.venue_id) == 0
    assert (await owner.post("commands", {"ask": STOP, "command_id": "till:card:1"}))[0] == 202


async def test_payments_of_one_millisecond_are_all_listed_across_pages(
    owner: Owner, venue: NewVenue, sql: asyncpg.Connection
) -> None:
    await sql.execute(
        """
        INSERT INTO payments (venue_id, payment_pid, method, currency, amount_minor, tip_minor,
            rounding_minor, till, status, refunded_minor, refunded_tip_minor, initiated_ms, version)
        SELECT $1, 'pay-' || n, 'CASH', 'EUR', 100, 0, 0, 'main', 'INITIATED', 0, 0, 1000, 1
        FROM generate_series(1, 70) AS n
        """,
        venue.venue_id,
    )
    first = await owner.get("payments")
    rest = await owner.get(f"payments?before={first['next']}")
    listed = [each["payment_pid"] for each in first["payments"] + rest["payments"]]
    assert (len(first["payments"]), rest["next"]) == (50, None)
    assert sorted(listed) == sorted(f"pay-{number}" for number in range(1, 71))
    assert (await owner.get("payments?before=1000"))["payments"] == []


async def test_one_whose_time_is_over_is_not_called_expired_before_the_box_says_so(
    owner: Owner, sql: asyncpg.Connection
) -> None:
    await owner.post("commands", {"ask": STOP, "ttl_s": 5})
    await sql.execute("UPDATE instructions SET expires_at = now() - interval '1 s'")
    assert (await owner.commands())[0]["status"] == "OVERDUE"


@pytest.mark.parametrize(
    "ask",
    [
        {},
        {"kind": "paint_walls"},
        {"kind": "stop_session"},
        {"kind": "start_drill", "minutes": 0},
        {"kind": "start_drill", "minutes": 61},
        {"kind": "extend_session", "session_id": "p", "seconds": -60},
        {"kind": "tell_staff", "text": ""},
        {"kind": "guest_order", "session_pid": "s", "member_pid": "m", "token_digest": "x", "mid": "m"},
        {"kind": "credit_grant", "user_id": "mia", "grant_id": "g", "amount_minor": 100},
    ],
    ids=str,
)
async def test_what_makes_no_sense_is_refused_and_sends_nothing(
    owner: Owner, sql: asyncpg.Connection, ask: dict[str, object]
) -> None:
    status, answer = await owner.post("commands", {"ask": ask})
    assert (status, answer["error"]["code"]) == (400, "invalid")
    assert await sql.fetchval("SELECT count(*) FROM down_entries WHERE stream = 'commands'") == 0


async def test_what_is_to_be_looked_at_is_listed_and_ticked_off(
    cloud: Serving, owner: Owner, box: FakeBox, http: aiohttp.ClientSession, sql: asyncpg.Connection
) -> None:
    box.day.happen("refund:r1", RefundRequested("r1", "order:ORD-7-1", 950, "EUR", "late"))
    of_command = facts.aggregate_of("c1")
    box.day.happen(of_command, facts.CommandTaken("c1", 1, "guest_order", "guest", 0))
    box.day.happen(of_command, facts.CommandHeld("an outage"))
    box.day.append(b"no fact at all")
    await box.persist(http, cloud.url)
    items = await owner.items()
    kinds = {key.partition(":")[0]: item["kind"] for key, item in items.items()}
    assert kinds == {"refund": "refund", "command": "approval", "quarantine": "quarantined"}
    assert items["refund:r1"]["amount_minor"] == 950
    key = next(key for key in items if key.startswith("quarantine"))
    status, answer = await owner.post("reconciliation", {"key": key, "note": "seen"})
    assert status == 200
    assert answer["items"][-1]["settled_by"] == OWNER
    assert await sql.fetchval("SELECT count(*) FROM audit WHERE action LIKE 'reconciliation%'") == 1
    status, answer = await owner.post("reconciliation", {"key": "refund:r2", "note": "seen"})
    assert (status, answer["error"]["code"]) == (404, "unknown_item")


async def test_what_a_replaced_box_left_is_in_reports_and_decided_about(
    cloud: Serving, owner: Owner, box: FakeBox, http: aiohttp.ClientSession, sql: asyncpg.Connection
) -> None:
    _, made = await owner.post("replace", {"epoch": 1})
    await FakeBox().claim(http, cloud.url, made["code"])
    box.day.serve(2)
    box.day.happen("account:mia", BalanceCredited("e1", 900, 900, "granted", "EUR"))
    box.day.happen("account:mia", BalanceDebited("e2", 400, 500, "play", "EUR"))
    async with box.online(http, cloud.url) as wire:
        await wire.catch_up()
    now_ms = await sql.fetchval("SELECT (extract(epoch FROM now()) * 1000)::bigint")
    await sql.execute("UPDATE orphan_orders SET placed_ms = $1", now_ms)
    organisation, day = await sql.fetchrow("SELECT organisation_id::text, now()::date FROM venues")
    span = Span(organisation, day - timedelta(days=1), day + timedelta(days=1))

    async def told() -> dict[str, int]:
        rows = await reports.left_behind(cloud.pool, span)
        return {row.decision: row.total_minor for row in rows if row.kind == "order"}

    items = [item for item in (await owner.items()).values() if item["kind"] == "orphan"]
    (spent,) = (item for item in items if item["about"] == "Balance of mia")
    assert (spent["amount_minor"], spent["currency"]) == (400, "EUR")
    orders = [item for item in items if item["about"].startswith("ORD-")]
    assert await told() == {"open": sum(item["amount_minor"] for item in orders)}
    for item, decision in zip(orders, ("accepted", "written_off"), strict=True):
        body = {"key": item["key"], "note": "compared with the slips", "decision": decision}
        assert (await owner.post("reconciliation", body))[0] == 200
        assert (await owner.items())[item["key"]]["decision"] == decision
    accepted, written_off = (item["amount_minor"] for item in orders)
    assert await told() == {"accepted": accepted, "written_off": written_off}
    noted = "SELECT count(*) FROM audit WHERE action = 'reconciliation item settled'"
    assert await sql.fetchval(noted) == 2
    status, answer = await owner.post(
        "reconciliation", {"key": "refund:r1", "note": "no", "decision": "accepted"}
    )
    assert (status, answer["error"]["code"]) == (400, "invalid")


async def test_what_was_paid_in_on_a_replaced_box_is_told_from_sales(
    cloud: Serving, owner: Owner, box: FakeBox, http: aiohttp.ClientSession, sql: asyncpg.Connection
) -> None:
    """On its balance it is not; and what was handed back, or went back to the wallet, was not spent."""
    await sql.execute(
        "INSERT INTO wallets (organisation_id, wallet_id, name, currency) "
        "SELECT organisation_id, 'mia', 'Mia', 'EUR' FROM venues"
    )
    box.day.happen("payment:known", PaymentInitiated("known", "CARD", "EUR", 700, balance_of="mia"))
    await box.persist(http, cloud.url)
    _, made = await owner.post("replace", {"epoch": 1})
    await FakeBox().claim(http, cloud.url, made["code"])
    box.day.happen("shift:s1", ShiftOpened("s1", "main", "EUR", 0))
    box.day.happen("payment:known", PaymentCompleted("s1"))
    box.day.happen("payment:other", PaymentInitiated("other", "CARD", "EUR", 500, balance_of="noa"))
    box.day.happen("payment:bill", PaymentInitiated("bill", "CASH", "EUR", 950, session_pid="s"))
    box.day.happen("payment:bill", PaymentCompleted("s1"))
    box.day.happen("account:mia", BalanceCredited("in", 900, 900, "counter", "EUR"))
    box.day.happen("account:mia", BalanceDebited("play", 400, 500, "play", "EUR"))
    box.day.happen("account:mia", BalanceDebited("out", 300, 200, "paid_out", "EUR"))
    box.day.happen("account:mia", BalanceDebited("home", 200, 0, "given_back", "EUR"))
    async with box.online(http, cloud.url) as wire:
        await wire.catch_up()
    items = await owner.items()
    only = "Only a box that was replaced knew of this"
    assert {pid: items[f"orphan:{pid}"]["detail"] for pid in ("known", "other", "bill")} == {
        "known": f"{only}, paid in on the balance of Mia. It is not on it.",
        "other": f"{only} payment on the balance of noa.",
        "bill": f"{only} payment.",
    }
    words = {
        item["amount_minor"]: item["detail"] for item in items.values() if item["about"] == "Balance of mia"
    }
    assert "this was spent" in words[400]
    assert "this was handed back at the counter" in words[300]
    assert "this went back to the wallet" in words[200]
    await sql.execute("UPDATE orphan_payments SET initiated_ms = (extract(epoch FROM now()) * 1000)::bigint")
    organisation, day = await sql.fetchrow("SELECT organisation_id::text, now()::date FROM venues")
    span = Span(organisation, day - timedelta(days=1), day + timedelta(days=1))
    rows = await reports.left_behind(cloud.pool, span)
    assert {row.kind: row.total_minor for row in rows} == {"pay_in": 700, "payment": 950}


async def test_a_drills_report_reaches_the_owner(
    cloud: Serving, owner: Owner, box: FakeBox, http: aiohttp.ClientSession
) -> None:
    box.day.happen("drill:d1", DrillBegun("d1", 5))
    finding = Finding("printers", "good", "Every slip came out.")
    box.day.happen("drill:d1", DrillEnded("completed", 300, 12, (finding,)))
    await box.persist(http, cloud.url)
    (drill,) = (await owner.get("drills"))["drills"]
    assert (drill["status"], drill["unsynced"]) == ("catching_up", 12)
    assert drill["findings"] == [msgspec.to_builtins(finding)]


async def test_stock_below_zero_and_one_reference_for_two_payments_are_flagged(
    cloud: Serving, owner: Owner, box: FakeBox, http: aiohttp.ClientSession
) -> None:
    box.day.happen("stock:17", StockCounted(17, 1))
    box.day.happen("stock:17", StockTaken(17, 3, "ORD-7-1"))
    box.day.happen("shift:s1", ShiftOpened("s1", "main", "EUR", 0))
    for number in (1, 2):
        box.day.happen(f"payment:p{number}", PaymentInitiated(f"p{number}", "CARD", "EUR", 950))
        box.day.happen(f"payment:p{number}", PaymentPending("slip-1"))
        box.day.happen(f"payment:p{number}", PaymentCompleted("s1", "slip-1"))
    await box.persist(http, cloud.url)
    items = await owner.items()
    assert items["stock:17"]["detail"] == "Sold 2 more than were counted."
    assert [key for key in items if key.startswith("reference:")] == ["reference:p2"]
