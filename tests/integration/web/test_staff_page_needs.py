"""What the staff's page needs beside tables and money: colleagues, alarms with a name, slips once more."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from edge.core.commands import AdoptMenu, AdvanceTicket, ConfigureVenue
from edge.effects.alarms import Alarm
from edge.effects.lookouts import FILE_NAME
from edge.journal.writer import Accepted
from protocol.facts.printout import Printout
from protocol.facts.venue import PrinterConfig
from tests.integration.web.served import ServedBox
from tests.integration.web.waiter import APPROVAL, Waiter, mid, opened
from tests.sample_venue import BURGER, CHIPS, T1, T2, WINE, menu


@pytest.fixture
def box(tmp_path: Path) -> Iterator[ServedBox]:
    with ServedBox(tmp_path) as served:
        yield served


@pytest.fixture
def ann(box: ServedBox) -> Waiter:
    return Waiter(box)


def test_colleagues_are_known_by_name_and_role_and_by_nothing_secret(ann: Waiter) -> None:
    staff = ann.get("/api/v1/staff")["staff"]
    assert {"user": "mia", "name": "Mia", "role": "manager"} in staff
    assert all(set(each) == {"user", "name", "role"} for each in staff)


async def test_whoever_looks_after_an_alarm_is_named_on_every_screen(box: ServedBox) -> None:
    async with box.opened("/ws/staff", box.staff_token("mia")) as screen:
        await screen.receive_json()
        words, detail = "The bar's printer is out of paper.", {"printer": "bar"}
        alarm = Alarm("printer:bar", "printer_stopped", words, 1, detail)
        box.on_loop(lambda: box.app.alarms.raise_(alarm))
        up = await screen.receive_json()
        assert (up["type"], up["key"], up["up"], up["seen_by"]) == ("alarm", "printer:bar", True, "")
        assert up["detail"] == {"printer": "bar"}
        carl = Waiter(box, "carl")
        assert carl.post("/api/v1/alarms/acknowledge", {"key": "printer:bar"}) == {"ok": True}
        seen = await screen.receive_json()
        assert (seen["up"], seen["seen_by"]) == (True, "Carl")
        assert seen["seen_ms"] > 0
        Waiter(box, "ann").post("/api/v1/alarms/acknowledge", {"key": "printer:bar"})
    kept = msgspec.json.decode((box.directory / FILE_NAME).read_bytes())
    assert kept["printer:bar"]["by"] == "Carl", "for the box's next life"
    async with box.opened("/ws/staff", box.staff_token("ann")) as later:
        assert [each["seen_by"] for each in (await later.receive_json())["alarms"]] == ["Carl"]


def test_an_alarm_that_is_over_cannot_be_looked_after(ann: Waiter) -> None:
    path = "/api/v1/alarms/acknowledge"
    assert ann.refused(path, {"key": "printer:gone"}) == (404, "unknown_alarm")
    assert ann.refused(path, {}) == (400, "invalid")


class TestReprints:
    def test_each_station_gets_its_slip_once_more_and_once_for_a_mid(self, box: ServedBox) -> None:
        printers = (
            PrinterConfig("grill-printer", "127.0.0.1:9", stations=("grill",)),
            PrinterConfig("till-printer", "127.0.0.1:9", receipts=True),
        )
        venue = box.app.hot.committed_venue()
        assert venue is not None
        furnished = ConfigureVenue(msgspec.structs.replace(venue.config, printers=printers))
        assert isinstance(box.execute(furnished), Accepted)
        ann = Waiter(box)
        ann.post(f"/api/v1/tables/{T1}/open")
        ann.order(T1, BURGER, WINE)
        (order,) = ann.get(f"/api/v1/tables/{T1}")["cart"]["orders"]
        path, body = f"/api/v1/orders/{order['order_id']}/reprint", {"mid": mid()}
        jobs = ann.post(path, body)["jobs"]
        assert [job.partition("/")[0] for job in jobs] == ["K-1@bar", "K-1@grill"]
        assert ann.post(path, body)["jobs"] == jobs
        found = [box.app.hot.committed(f"print:{job}") for job in jobs]
        asked = [each.asked for each in found if isinstance(each, Printout)]
        assert [each.printer for each in asked] == ["", "grill-printer"]
        assert [each.slip.reprint for each in asked if each.slip] == [True, True]

    def test_without_an_order_or_a_printer_nothing_is_promised(self, ann: Waiter) -> None:
        assert ann.refused("/api/v1/orders/ORD-7-9/reprint") == (404, "unknown_order")
        ann.post(f"/api/v1/tables/{T1}/open")
        ann.order(T1, BURGER)
        (order,) = ann.get(f"/api/v1/tables/{T1}")["cart"]["orders"]
        assert ann.refused(f"/api/v1/orders/{order['order_id']}/reprint")[1] == "no_printer"


def test_guests_read_their_own_receipts_and_nobody_elses(box: ServedBox, ann: Waiter) -> None:
    guest, stranger = box.seated(T1), box.seated(T2)
    session = ann.order(T1, BURGER)
    path = f"/bill/receipts?session_pid={session}"
    assert box.get(path, guest["ws_token"]).json() == {"receipts": []}
    paid = ann.pay(session, amount_minor=950)
    assert box.get(path, guest["ws_token"]).json()["receipts"] == paid["receipts"]
    assert box.get(path, stranger["ws_token"]).json()["error"]["code"] == "not_authorised"


def test_an_order_that_the_kitchen_cannot_make_wants_somebody_until_it_is_off_the_bill(ann: Waiter) -> None:
    opened(ann)
    session = ann.order(T1, BURGER, CHIPS)
    (order,) = ann.get(f"/api/v1/tables/{T1}")["cart"]["orders"]
    refused = AdvanceTicket(order["ticket"], "grill", "rejected", "staff:carl")
    assert isinstance(ann.box.execute(refused), Accepted)
    assert ann.get(f"/api/v1/tables/{T1}")["table"]["refused"] == 1
    for line in ann.bill(session)["lines"]:
        body = {"line": line["id"], "reason": "out of it", "approval": APPROVAL}
        ann.post(f"/api/v1/bills/{session}/void", body)
    assert ann.get(f"/api/v1/tables/{T1}")["table"]["refused"] == 0


async def test_another_menu_is_told_to_the_screens(box: ServedBox) -> None:
    async with box.opened("/ws/staff", box.staff_token()) as screen:
        await screen.receive_json()
        assert isinstance(box.execute(AdoptMenu(menu(2))), Accepted)
        while (told := await screen.receive_json())["type"] != "menu_changed":
            pass
        assert told["menu_version"] == 2
