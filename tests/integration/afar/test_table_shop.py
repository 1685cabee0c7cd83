"""Designed and ordered at the table while the internet is gone; rendered in the cloud when it is back."""

import base64
import hashlib
import io
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec
import pytest

from edge import studio
from edge.adapters.cloud.claiming import load_key
from edge.journal.database import open_reader, read_box
from edge.reach import rounds
from protocol.design.parameters import Parameters
from protocol.pictures import DISHES, FILE, PATH, PIECE_BYTES, signed
from tests.integration.afar.linked import Linked, eventually, linked
from tests.integration.afar.test_wallets import MIA, balances, grant, wallet
from tests.integration.cloud.conftest import CONFIG
from tests.integration.faults.wire import Limit
from tests.integration.shop.conftest import looks, photo
from tests.integration.successions.boxes import claim


@pytest.fixture(autouse=True)
def _impatient_courier(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pictures are brought again at once, so that many broken connections fit into one test."""
    monkeypatch.setattr(rounds, "FIRST_PAUSE_S", 0.05)
    monkeypatch.setattr(rounds, "LONGEST_PAUSE_S", 0.05)


@pytest.fixture
async def stand(tmp_path: Path, database: str) -> AsyncIterator[Linked]:
    """In step, with a cloud that renders."""
    config = msgspec.structs.replace(CONFIG, data=tmp_path / "cloud", works=True, job_silent_s=1)
    async with linked(tmp_path / "box", database, config) as stand:
        yield stand


class Phone:
    """A guest at the table."""

    def __init__(self, stand: Linked, seat: dict[str, Any]) -> None:
        self._stand = stand
        self.session_pid = seat["session_pid"]
        self._token = seat["ws_token"]

    async def ask(self, method: str, path: str, raw: bytes | None = None, **body: object) -> tuple[int, Any]:
        """Status and body."""
        said = msgspec.json.encode({"session_pid": self.session_pid, **body}) if raw is None else raw
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        url, sent = self._stand.box.url + path, io.BytesIO(said)
        async with self._stand.http.request(method, url, headers=headers, data=sent) as answer:
            found = await answer.read()
            plain = answer.content_type == "application/json"
            return answer.status, msgspec.json.decode(found) if plain else found

    async def upload(self, raw: bytes) -> str:
        """The picture's name."""
        status, answer = await self.ask("POST", f"/pictures?session_pid={self.session_pid}", raw)
        assert status == 201, answer
        return str(answer["blob"])

    async def begin(self, parameters: Parameters) -> str:
        """The design's id."""
        design_id = str(uuid4())
        status, answer = await self.ask(
            "POST", "/designs", design_id=design_id, product_id="mug", parameters=parameters
        )
        assert status == 201, answer
        return design_id


def noisy(size: tuple[int, int] = (1200, 900)) -> bytes:
    """A picture that does not get small."""
    from PIL import Image

    out = io.BytesIO()
    Image.effect_noise(size, 90).convert("RGB").save(out, "JPEG", quality=90)
    return out.getvalue()


async def test_what_was_designed_and_paid_offline_is_rendered_once_when_the_line_is_back(
    stand: Linked,
) -> None:
    phone = Phone(stand, await stand.sit_down())
    await stand.offline()
    blob = await phone.upload(noisy())
    assert (stand.directory / "pictures").exists()
    design_id = await phone.begin(looks(blob))
    status, painted = await phone.ask("POST", f"/designs/{design_id}/preview")
    assert (status, painted["cache"]) == (200, "miss")
    assert (await phone.ask("POST", f"/designs/{design_id}/preview"))[1]["cache"] == "hit"
    order: dict[str, Any] = {
        "order_id": str(uuid4()),
        "design_id": design_id,
        "qty": 2,
        "email": "chinu@example.com",
    }
    for _ in range(2):  # the second is the same request once more
        status, placed = await phone.ask("POST", "/shop/orders", **order)
        assert (status, placed["status"], placed["total_minor"]) == (201, "placed", 2980)
    payment = {"method": "CASH", "amount_minor": 2980, "mid": str(uuid4())}
    await stand.staff("POST", f"bills/{phone.session_pid}/payments", payment)
    look = f"/shop/orders/{order['order_id']}?session_pid={phone.session_pid}"
    assert (await phone.ask("GET", look))[1]["status"] == "paid"
    await stand.restart()
    # The line breaks in the middle of the picture, again and again.
    stand.wire.limits.extend(Limit(up=count * PIECE_BYTES) for count in (2, 3, 3))
    await stand.online()

    async def ready() -> bool:
        found = await stand.cloud.pool.fetchrow("SELECT status, final_image FROM designs")
        return found is not None and found["status"] == "ready"

    await eventually(ready)
    pool = stand.cloud.pool
    assert await pool.fetchval("SELECT blob FROM pictures") == blob
    assert await pool.fetchval("SELECT count(*) FROM picture_pieces") == 0
    assert await pool.fetchval("SELECT count(*) FROM render_jobs") == 1
    ordered = await pool.fetchrow("SELECT * FROM table_shop_orders")
    assert (ordered["status"], ordered["paid_by"], ordered["qty"]) == ("paid", "cash", 2)
    await stand.agree()


async def test_a_balance_pays_for_a_mug_offline_as_far_as_it_was_granted(stand: Linked) -> None:
    phone = Phone(stand, await stand.sit_down())
    await wallet(stand, 5000)
    assert (await stand.outcome(await grant(stand, 3000, "grant-01")))["status"] == "DONE"
    await stand.offline()
    orders = []
    for text in ("For Mia", "And for Bo"):
        orders.append(str(uuid4()))
        design_id = await phone.begin(looks(text=text))
        order: dict[str, Any] = {"order_id": orders[-1], "design_id": design_id, "qty": 1}
        assert (await phone.ask("POST", "/shop/orders", **order))[0] == 201
    bill = f"{stand.box.url}/api/v1/bills/{phone.session_pid}/payments"
    by_balance = {"method": "BALANCE", "user_id": MIA, "mid": str(uuid4())}
    for _ in range(2):  # the second is the same request once more
        status, paid = await stand.call("POST", bill, by_balance, stand.staff_token)
        assert status == 201, paid
        assert (paid["payment"]["amount_minor"], len(paid["receipts"])) == (2980, 1)
    for order_id in orders:
        look = f"/shop/orders/{order_id}?session_pid={phone.session_pid}"
        assert (await phone.ask("GET", look))[1]["status"] == "paid"
    design_id = await phone.begin(looks(text="One too many"))
    more: dict[str, Any] = {"order_id": str(uuid4()), "design_id": design_id, "qty": 1}
    assert (await phone.ask("POST", "/shop/orders", **more))[0] == 201
    again = {**by_balance, "mid": str(uuid4())}
    status, refused = await stand.call("POST", bill, again, stand.staff_token)
    assert (status, refused["error"]["code"]) == (400, "insufficient_balance")
    manager = next(each for each in stand.venue.staff if each.role == "manager")
    approval = {"user": manager.user, "pin": manager.pin}
    back = {"reason": "The mug is chipped", "approval": approval, "amount_minor": 1490}
    path = f"payments/{paid['payment']['payment_pid']}/refund"
    await stand.staff("POST", path, {**back, "mid": str(uuid4())})
    await stand.online()
    await stand.agree()
    found = await stand.cloud.pool.fetch("SELECT status, paid_by FROM table_shop_orders ORDER BY placed_ms")
    assert [tuple(row) for row in found] == [("paid", "balance"), ("paid", "balance"), ("placed", None)]
    assert await stand.cloud.pool.fetchval("SELECT count(*) FROM shop_orders WHERE source = 'table'") == 2
    spent = 2980 - 1490
    shared = {"cash": -5000, "wallet": 2000, "grant": 3000 - spent, "revenue": spent, "till": 0}
    assert await balances(stand) == shared


async def test_a_box_without_its_pictures_gets_those_of_open_tables_from_the_cloud(stand: Linked) -> None:
    """As a box that took the venue over: it has the designs, and none of their pictures."""
    phone = Phone(stand, await stand.sit_down())
    blob = await phone.upload(noisy((900, 600)))
    design_id = await phone.begin(looks(blob))

    async def in_the_cloud() -> bool:
        return bool(await stand.cloud.pool.fetchval("SELECT count(*) FROM pictures WHERE blob = $1", blob))

    await eventually(in_the_cloud)
    await stand.box.off()
    for path in (stand.directory / "pictures").iterdir():
        path.unlink()
    stand.wire.limits.append(Limit(down=40_000))
    await stand.box.on(stand.tasks)

    async def painted() -> bool:
        return (await phone.ask("POST", f"/designs/{design_id}/preview"))[0] == 200

    await eventually(painted)
    order: dict[str, Any] = {"order_id": str(uuid4()), "design_id": design_id, "qty": 1}
    assert (await phone.ask("POST", "/shop/orders", **order))[0] == 201
    assert stand.box.app.shopfront.studio.shelf.unsent() == [], "the cloud has it"
    await stand.agree()


async def test_the_painter_dies_and_the_box_goes_on(stand: Linked) -> None:
    phone = Phone(stand, await stand.sit_down())
    design_id = await phone.begin(looks())
    assert (await phone.ask("POST", f"/designs/{design_id}/preview"))[0] == 200
    pid = stand.box.app.shopfront.studio.painter_pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    other = looks(text="Again")

    async def painted() -> bool:
        return (await phone.ask("POST", f"/designs/{design_id}/preview", parameters=other))[0] == 200

    await eventually(painted)


async def test_nobody_paints_where_nobody_designs(stand: Linked, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pillow is in a process that ends, so that a box is as small as before."""
    monkeypatch.setattr(studio, "IDLE_S", 0.05)
    phone = Phone(stand, await stand.sit_down())
    assert stand.box.app.shopfront.studio.painter_pid is None
    design_id = await phone.begin(looks())
    assert (await phone.ask("POST", f"/designs/{design_id}/preview"))[0] == 200

    async def gone() -> bool:
        return stand.box.app.shopfront.studio.painter_pid is None

    await eventually(gone)


async def test_a_design_belongs_to_its_phone(stand: Linked) -> None:
    mine, other = Phone(stand, await stand.sit_down()), Phone(stand, await stand.sit_down("Anshu"))
    design_id = await mine.begin(looks())
    query = f"?session_pid={mine.session_pid}"
    assert (await mine.ask("GET", f"/designs/{design_id}{query}"))[0] == 200
    for method, path, body in (
        ("GET", query, {}),
        ("PATCH", "", {"version": 1, "parameters": looks(text="mine now")}),
        ("POST", "/preview", {}),
        ("POST", "/finalize", {"version": 1}),
    ):
        status, answer = await other.ask(method, f"/designs/{design_id}{path}", **body)
        assert (status, answer["error"]["code"]) == (404, "unknown_design")
    status, answer = await mine.ask("POST", f"/designs/{design_id}/preview", parameters=looks("0" * 64))
    assert (status, answer["error"]["code"]) == (409, "picture_missing")


async def test_a_stranger_leaves_no_picture_at_the_boxes_door(stand: Linked) -> None:
    body = photo()
    blob = hashlib.sha256(body).hexdigest()
    node_id = stand.box.app.box.node_id
    url = f"{stand.cloud.url}/api/edge/pictures/{blob}?begins=0&bytes={len(body)}"
    for proof in ("", "Bearer x", f"Box {stand.venue.venue_id}.{node_id}.AAAA", "Box a.b.c"):
        whole = f"{stand.cloud.url}/api/edge/pictures/{blob}/file"
        async with stand.http.get(whole, headers={"Authorization": proof}) as answer:
            assert answer.status == 401
        async with stand.http.put(url, data=io.BytesIO(body), headers={"Authorization": proof}) as answer:
            assert answer.status == 401
    assert await stand.cloud.pool.fetchval("SELECT count(*) FROM picture_pieces") == 0


async def _asks(
    stand: Linked, directory: Path, path: str, blob: str, piece: bytes | None = None, **place: int
) -> int:
    """The box of a directory gets a picture, or brings a piece of one; the status."""
    reader = open_reader(directory)
    box = read_box(reader)
    reader.close()
    signature = load_key(directory / "node.key").sign(signed(box.venue_id or "", box.node_id, blob))
    proof = f"{box.venue_id}.{box.node_id}.{base64.urlsafe_b64encode(signature).decode()}"
    headers, url = {"Authorization": f"Box {proof}"}, stand.cloud.url + path.format(blob=blob)
    body = None if piece is None else io.BytesIO(piece)
    method = "GET" if piece is None else "PUT"
    async with stand.http.request(method, url, params=place, data=body, headers=headers) as answer:
        return answer.status


async def test_a_box_that_was_replaced_brings_what_it_has_and_is_given_nothing(
    stand: Linked, tmp_path: Path
) -> None:
    phone = Phone(stand, await stand.sit_down())
    blob = await phone.upload(photo())
    await phone.begin(looks(blob))

    async def in_the_cloud() -> bool:
        return bool(await stand.cloud.pool.fetchval("SELECT count(*) FROM pictures WHERE blob = $1", blob))

    await eventually(in_the_cloud)
    await stand.agree()
    await stand.box.off()
    former, new, no_dish = stand.directory, tmp_path / "new", "0" * 64
    assert await _asks(stand, former, FILE, blob) == 200
    assert await _asks(stand, former, DISHES, no_dish) == 404
    code = (await stand.owner("POST", "replace", {"epoch": 1}))["code"]
    status, said = await claim(new, stand.cloud.url, code)
    assert status == 0, said
    assert [await _asks(stand, new, path, blob) for path in (FILE, PATH)] == [200, 200]
    assert await _asks(stand, former, FILE, blob) == 401
    assert await _asks(stand, former, DISHES, no_dish) == 401
    left = hashlib.sha256(b"never sent").hexdigest()
    assert await _asks(stand, former, PATH, left) == 200
    assert await _asks(stand, former, PATH, left, b"never", begins=0, bytes=10) == 200
    await stand.box.on(stand.tasks)
