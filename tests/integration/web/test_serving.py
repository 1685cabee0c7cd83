"""A waiter and a manager at work over HTTP: tables, orders in guests' stead, bills, money, shifts, news.

Everything is done as a till would do it; the box is the real one.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.integration.web.served import PIN, ServedBox, get, put
from tests.integration.web.waiter import APPROVAL, Waiter, mid, opened
from tests.sample_venue import BURGER, CAKE, CHIPS, SOUP, T1, T2, WINE


@pytest.fixture
def box(tmp_path: Path) -> Iterator[ServedBox]:
    """A box of its own, because shifts and receipts are counted from the start."""
    with ServedBox(tmp_path) as served:
        yield served


@pytest.fixture
def ann(box: ServedBox) -> Waiter:
    return Waiter(box)


class TestTables:
    def test_staff_opens_a_table_and_guests_order_without_the_word(self, ann: Waiter) -> None:
        session = opened(ann)
        assert opened(ann) == session
        guest = ann.box.join()
        assert (guest["session_pid"], guest["host"]) == (session, True)
        state = ann.get(f"/api/v1/tables/{T1}")["table"]
        assert (state["status"], state["pass_validated"]) == ("open", True)
        assert [(each["name"], each["host"], each["staff"]) for each in state["members"]] == [
            ("Chinu", True, False)
        ]
        ann.order(T1, CHIPS, member=guest["member_pid"])
        assert ann.bill(session)["lines"][0]["member"] == guest["member_pid"]

    def test_an_order_for_guests_reaches_kitchen_bill_and_phone(self, ann: Waiter) -> None:
        opened(ann)
        guest = ann.box.join()
        session = ann.order(T1, BURGER, SOUP)
        table = ann.get(f"/api/v1/tables/{T1}")
        assert table["table"]["orders"] == 1
        assert [order["ticket"] for order in table["cart"]["orders"]] == ["K-1"]
        path = f"/bill?session_pid={session}"
        mine = ann.box.get(path, guest["ws_token"]).json()
        assert (mine["total_minor"], mine["due_minor"], mine["tax_minor"]) == (1530, 1530, 38)
        assert mine == ann.bill(session)

    def test_lines_of_anybody_may_be_changed_and_taken_out(self, ann: Waiter) -> None:
        guest = ann.box.seated()
        body = {"menu_item": BURGER, "member": guest["member_pid"]}
        (line,) = ann.post(f"/api/v1/tables/{T1}/items", body, 201)["items"]
        path = f"/api/v1/tables/{T1}/items/{line['id']}"
        headers = {"Authorization": f"Bearer {ann.token}"}
        changed = put(ann.box.url + path, json={"version": 1, "qty": 3}, headers=headers)
        assert changed.json()["items"][0]["qty"] == 3
        assert ann.refused(f"{path}/remove", {"version": 1}) == (409, "version_conflict")
        assert ann.post(f"{path}/remove", {"version": 2})["items"] == []
        assert ann.refused(f"/api/v1/tables/{T1}/items/99/remove", {"version": 2}) == (404, "unknown_item")
        assert ann.refused(f"/api/v1/tables/{T1}/items", {"menu_item": BURGER, "member": "nobody"}) == (
            404,
            "unknown_member",
        )

    def test_guests_move_with_their_bill(self, ann: Waiter) -> None:
        opened(ann)
        guest = ann.box.join()
        session = ann.order(T1, BURGER)
        moved = ann.post(f"/api/v1/tables/{T1}/move", {"to": T2})
        assert (moved["code"], moved["session_pid"], moved["due_minor"]) == (T2, session, 950)
        assert ann.get(f"/api/v1/tables/{T1}")["table"]["status"] == "free"
        snapshot = ann.box.get(f"/cart_snapshot?session_pid={session}", guest["ws_token"]).json()
        assert snapshot["table_name"] == "T2"
        assert ann.refused(f"/api/v1/tables/{T1}/move", {"to": T2}) == (409, "table_free")
        assert ann.refused(f"/api/v1/tables/{T2}/move", {"to": "NOSUCH"}) == (404, "unknown_table")

    def test_two_tables_become_one_and_the_phones_go_on(self, ann: Waiter) -> None:
        opened(ann)
        guest = ann.box.join()
        ann.order(T1, BURGER)
        opened(ann, T2)
        into = ann.order(T2, WINE)
        merged = ann.post(f"/api/v1/tables/{T1}/merge", {"into": T2})
        assert (merged["session_pid"], merged["due_minor"]) == (into, 950 + 640)
        assert "Chinu" in [each["name"] for each in merged["members"]]
        snapshot = ann.box.get(f"/cart_snapshot?session_pid={into}", guest["ws_token"])
        assert snapshot.status_code == 200
        paid = ann.pay(into)
        assert paid["bill"]["status"] == "settled"

    def test_some_leave_with_what_they_ordered(self, ann: Waiter) -> None:
        opened(ann)
        chinu, anshu = ann.box.join("Chinu"), ann.box.join("Anshu")
        ann.order(T1, BURGER, member=chinu["member_pid"])
        session = ann.order(T1, WINE, member=anshu["member_pid"])
        left = ann.post(f"/api/v1/tables/{T1}/split", {"to": T2, "members": [anshu["member_pid"]]})
        assert (left["due_minor"], [each["name"] for each in left["members"]]) == (640, ["Anshu"])
        assert ann.bill(session)["due_minor"] == 950
        mine = ann.box.get(f"/bill?session_pid={left['session_pid']}", anshu["ws_token"]).json()
        assert [line["name"] for line in mine["lines"]] == ["Wine"]

    def test_a_closed_table_still_owes(self, ann: Waiter) -> None:
        session = ann.order(T1, BURGER) if opened(ann) else ""
        ann.post(f"/api/v1/tables/{T1}/close")
        assert [each["session_pid"] for each in ann.get("/api/v1/bills")["bills"]] == [session]
        ann.pay(session)
        assert ann.get("/api/v1/bills") == {"bills": []}

    def test_a_cook_serves_nobody(self, box: ServedBox) -> None:
        carl = Waiter(box, "carl")
        assert carl.refused(f"/api/v1/tables/{T1}/open") == (403, "forbidden")
        assert carl.refused("/api/v1/shifts", {"mid": mid()}) == (403, "forbidden")
        assert carl.post("/api/v1/menu/stock", {"menu_item": CAKE, "qty": 0}) == {"ok": True}
        menu = get(box.url + "/menu").json()
        assert [item["id"] for item in menu["items"] if item["sold_out"]] == [CAKE]


class TestMoney:
    def test_cash_change_and_a_receipt_to_read(self, ann: Waiter) -> None:
        opened(ann)
        session = ann.order(T1, BURGER, SOUP)
        paid = ann.pay(session, tip_minor=70, tendered_minor=2000)
        assert (paid["payment"]["status"], paid["payment"]["change_minor"]) == ("COMPLETED", 400)
        (receipt,) = paid["receipts"]
        assert (receipt["number"], receipt["total_minor"], receipt["tax_minor"]) == (1, 1530, 38)
        told = ann.get("/api/v1/receipts/1")
        assert told == receipt
        rows = told["text"].splitlines()
        assert rows[0].strip() == "The Harbour"
        assert any(row.startswith("TOTAL EUR") and row.endswith("15.30") for row in rows)
        assert any("7 %" in row and row.endswith("0.38") for row in rows)
        assert max(map(len, rows)) <= 42
        for number in ("2", "0", "-1", "x", "9" * 40):
            assert ann.get(f"/api/v1/receipts/{number}")["error"]["code"] == "unknown_receipt"

    def test_a_repeat_of_a_payment_takes_nothing_and_says_the_same(self, ann: Waiter) -> None:
        opened(ann)
        session = ann.order(T1, BURGER)
        body = {"mid": mid(), "amount_minor": 950}
        first = ann.post(f"/api/v1/bills/{session}/payments", body, 201)
        assert ann.post(f"/api/v1/bills/{session}/payments", body, 201) == first
        assert ann.refused(f"/api/v1/bills/{session}/payments", {"amount_minor": 950}) == (400, "invalid")
        assert ann.refused(f"/api/v1/bills/{session}/payments", {"mid": mid()}) == (409, "nothing_due")
        assert ann.refused("/api/v1/bills/nobody/payments", {"mid": mid()}) == (404, "unknown_bill")
        assert ann.get("/api/v1/shifts")["shifts"][0]["expected_minor"] == 950

    def test_a_card_is_known_later(self, ann: Waiter) -> None:
        opened(ann)
        session = ann.order(T1, BURGER)
        begun = ann.pay(session, method="CARD")
        pid = begun["payment"]["payment_pid"]
        assert (begun["payment"]["status"], begun["bill"]["held_minor"]) == ("INITIATED", 950)
        assert ann.refused(f"/api/v1/bills/{session}/payments", {"mid": mid(), "amount_minor": 1}) == (
            409,
            "overpays",
        )
        done = ann.post(f"/api/v1/payments/{pid}/progress", {"state": "COMPLETED", "reference": "0042"})
        assert (done["payment"]["status"], done["payment"]["reference"]) == ("COMPLETED", "0042")
        assert len(done["receipts"]) == 1
        assert ann.get(f"/api/v1/payments/{pid}") == done["payment"]
        assert ann.refused(f"/api/v1/payments/{pid}/progress", {"state": "FAILED"}) == (409, "payment_final")
        assert ann.get("/api/v1/payments/nobody")["error"]["code"] == "unknown_payment"

    def test_guests_pay_their_own_shares(self, ann: Waiter) -> None:
        opened(ann)
        chinu, anshu = ann.box.join("Chinu"), ann.box.join("Anshu")
        ann.order(T1, BURGER, member=chinu["member_pid"])
        session = ann.order(T1, WINE, CHIPS, member=anshu["member_pid"])
        split = ann.post(f"/api/v1/bills/{session}/split", {"by": "guest"})
        assert [(each["label"], each["due_minor"]) for each in split["shares"]] == [
            ("Chinu", 950),
            ("Anshu", 965),
        ]
        paid = ann.pay(session, share=2)
        assert [each["label"] for each in paid["receipts"]] == ["Anshu"]
        assert ann.refused(f"/api/v1/bills/{session}/split", {"by": "none"}) == (409, "split_in_use")
        assert ann.pay(session, share=1)["bill"]["status"] == "settled"

    def test_equal_parts_items_and_amounts(self, ann: Waiter) -> None:
        opened(ann)
        session = ann.order(T1, BURGER, BURGER, CHIPS)
        path = f"/api/v1/bills/{session}/split"
        equal = ann.post(path, {"by": "equal", "parts": 3})
        assert [each["due_minor"] for each in equal["shares"]] == [742, 742, 741]
        lines = equal["lines"]
        asked = [{"label": "one", "lines": [{"line": lines[0]["id"], "qty": 1}]}]
        by_item = ann.post(path, {"by": "item", "shares": asked})
        assert [(each["id"], each["due_minor"]) for each in by_item["shares"]] == [(1, 950), (0, 1275)]
        by_amount = ann.post(path, {"by": "amount", "shares": [{"amount_minor": 1000}]})
        assert [each["due_minor"] for each in by_amount["shares"]] == [1000, 1225]
        assert ann.post(path, {"by": "none"})["shares"] == []
        assert ann.refused(path, {"by": "amount", "shares": [{"amount_minor": 9999}]}) == (400, "invalid")
        assert ann.refused(path, {"by": "equal", "parts": 41}) == (400, "invalid")

    def test_voids_comps_and_discounts_need_a_managers_pin(self, ann: Waiter) -> None:
        opened(ann)
        session = ann.order(T1, BURGER, SOUP)
        path, line = f"/api/v1/bills/{session}", ann.bill(session)["lines"][0]["id"]
        body = {"line": line, "reason": "burnt", "approval": APPROVAL}
        own = {"user": "ann", "pin": PIN}
        assert ann.refused(f"{path}/void", {**body, "approval": own}) == (403, "forbidden")
        wrong = {"user": "mia", "pin": "0000"}
        assert ann.refused(f"{path}/void", {**body, "approval": wrong}) == (401, "wrong_pin")
        assert ann.refused(f"{path}/void", {**body, "reason": "  "}) == (400, "invalid")
        assert ann.post(f"{path}/void", body)["total_minor"] == 580
        soup = {"line": ann.bill(session)["lines"][1]["id"], "reason": "hair", "approval": APPROVAL}
        off = {"reason": "slow", "approval": APPROVAL, "percent_bp": 5000}
        assert ann.post(f"{path}/discount", off)["total_minor"] == 290
        assert ann.post(f"{path}/comp", soup)["status"] == "settled"
        rows = ann.get("/api/v1/shifts")["shifts"]
        report = ann.get(f"/api/v1/shifts/{rows[0]['shift_pid']}")["report"]
        assert {each["kind"]: each["amount_minor"] for each in report["adjustments"]} == {
            "void": 950,
            "comp": 290,
            "discount": 290,
        }

    def test_five_wrong_pins_and_the_manager_has_to_wait(self, ann: Waiter) -> None:
        opened(ann)
        session = ann.order(T1, BURGER)
        line = ann.bill(session)["lines"][0]["id"]
        body = {"line": line, "reason": "x", "approval": {"user": "mia", "pin": "0000"}}
        codes = [ann.refused(f"/api/v1/bills/{session}/void", body)[1] for _ in range(6)]
        assert codes == ["wrong_pin"] * 5 + ["rate_limited"]
        assert ann.refused("/api/v1/auth/pin", APPROVAL) == (429, "rate_limited")

    def test_money_goes_back_with_a_reason(self, ann: Waiter) -> None:
        opened(ann)
        session = ann.order(T1, BURGER)
        pid = ann.pay(session)["payment"]["payment_pid"]
        path = f"/api/v1/payments/{pid}/refund"
        body = {"mid": mid(), "reason": "paid twice", "approval": APPROVAL}
        back = ann.post(path, body, 201)
        assert (back["payment"]["status"], back["bill"]["due_minor"]) == ("REFUNDED", 950)
        assert [each["kind"] for each in back["receipts"]] == ["refund"]
        assert ann.post(path, body, 201) == back
        assert ann.refused(path, {**body, "mid": mid()}) == (409, "refund_too_high")

    def test_a_tip_long_after(self, ann: Waiter) -> None:
        opened(ann)
        session = ann.order(T1, BURGER)
        ann.pay(session)
        ann.post(f"/api/v1/tables/{T1}/close")
        tip = ann.post(f"/api/v1/bills/{session}/tip", {"mid": mid(), "tip_minor": 200}, 201)
        assert (tip["bill"]["tip_minor"], tip["bill"]["status"]) == (200, "settled")

    def test_what_is_taken_away(self, ann: Waiter) -> None:
        opened(ann)
        session = ann.order(T1, BURGER, SOUP)
        taken = ann.post(f"/api/v1/bills/{session}/service", {"takeaway": True})
        assert [line["takeaway"] for line in taken["lines"]] == [True, True]
        assert ann.refused(f"/api/v1/bills/{session}/service", {"takeaway": False, "lines": ["x"]}) == (
            404,
            "unknown_line",
        )


class TestShifts:
    def test_a_day_at_the_till(self, ann: Waiter) -> None:
        body = {"mid": mid(), "float_minor": 10_000}
        shift = ann.post("/api/v1/shifts", body, 201)
        pid = shift["shift_pid"]
        assert ann.post("/api/v1/shifts", body, 201) == shift
        assert ann.refused("/api/v1/shifts", {"mid": mid()}) == (409, "shift_open")
        opened(ann)
        session = ann.order(T1, BURGER)
        ann.pay(session, tip_minor=50)
        cash = {"mid": mid(), "direction": "out", "amount_minor": 3000, "reason": "ice"}
        ann.post(f"/api/v1/shifts/{pid}/cash", cash)
        assert ann.post(f"/api/v1/shifts/{pid}/cash", cash)["report"]["cash_out_minor"] == 3000
        report = ann.get(f"/api/v1/shifts/{pid}")
        assert report["text"].splitlines()[1].startswith("X REPORT")
        assert report["report"]["expected_minor"] == 10_000 + 1000 - 3000
        closed = ann.post(f"/api/v1/shifts/{pid}/close", {"counted_minor": 7900})
        assert (closed["z_number"], closed["difference_minor"]) == (1, -100)
        assert closed["text"].splitlines()[1].startswith("Z REPORT 1")
        assert ann.refused(f"/api/v1/shifts/{pid}/close", {"counted_minor": 1}) == (409, "shift_closed")
        (row,) = ann.get("/api/v1/shifts")["shifts"]
        assert (row["status"], row["z_number"], row["difference_minor"]) == ("closed", 1, -100)
        assert ann.get("/api/v1/shifts/nobody")["error"]["code"] == "unknown_shift"

    def test_without_a_printer_nothing_is_promised(self, ann: Waiter) -> None:
        opened(ann)
        session = ann.order(T1, BURGER)
        assert ann.refused(f"/api/v1/bills/{session}/payments", {"mid": mid(), "print": True}) == (
            409,
            "no_printer",
        )
        assert ann.bill(session)["due_minor"] == 950
        ann.pay(session)
        assert ann.refused("/api/v1/receipts/1/print") == (409, "no_printer")


class TestScreens:
    async def test_a_screen_is_greeted_with_everything_and_told_what_changes(
        self, box: ServedBox, ann: Waiter
    ) -> None:
        async with box.opened("/ws/staff", ann.token) as socket:
            hello = await socket.receive_json(timeout=60)
            assert hello["type"] == "hello"
            assert [table["status"] for table in hello["tables"]] == ["free", "free"]
            assert (hello["orders"], hello["link"]["link"]) == ([], "down")
            opened(ann)
            assert (await told(socket, "table:status"))["table"]["status"] == "open"
            session = ann.order(T1, CAKE, qty=3)
            assert (await told(socket, "order:status", ticket="K-1"))["order"]["total_minor"] == 1230
            assert (await told(socket, "menu:stock"))["sold_out"]
            ann.pay(session)
            while (await told(socket, "table:status"))["table"]["paid_minor"] != 1230:
                pass
            ann.post(f"/api/v1/tables/{T1}/move", {"to": T2})
            states: dict[str, str] = {}
            while states.get(T2) != "open" or states.get(T1) != "free":
                table = (await told(socket, "table:status"))["table"]
                states[table["code"]] = table["status"]
        async with box.opened("/ws/staff", ann.token) as socket:
            again = await socket.receive_json(timeout=60)
            assert [order["ticket"] for order in again["orders"]] == ["K-1"]

    async def test_phones_hear_of_their_bill_and_of_where_they_sit(self, box: ServedBox, ann: Waiter) -> None:
        opened(ann)
        guest = box.join()
        session = ann.order(T1, BURGER)
        async with box.socket(guest) as phone:
            ann.pay(session, amount_minor=450)
            news = await told(phone, "bill_changed")
            assert (news["paid_minor"], news["due_minor"]) == (450, 500)
            ann.post(f"/api/v1/tables/{T1}/move", {"to": T2})
            moved = await told(phone, "table_moved")
            assert (moved["session_pid"], moved["table_name"]) == (session, "T2")
            assert guest["member_pid"] in moved["members"]


async def told(socket: aiohttp.ClientWebSocketResponse, kind: str, **order: str) -> Any:
    """The next message of a kind; others are passed over."""
    while True:
        message = json.loads(await socket.receive_str(timeout=60))
        wanted = order.items() <= message.get("order", {}).items() if order else True
        if message["type"] == kind and wanted:
            return message
