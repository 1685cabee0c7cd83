"""A menu that changes while carts are in flight: lines keep what they were added for, on both sides of an
outage.
"""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from cloud.owners.samples import sample
from cloud.owners.venues import founding
from edge.core.orders import terms
from protocol.facts.cart import Cart
from tests.integration.afar.linked import Linked, eventually

DISH = 17


async def test_a_line_keeps_the_price_and_the_version_it_was_added_for(stand: Linked, tmp_path: Path) -> None:
    seat = await stand.sit_down()
    await _add(stand, seat, "first-of-all")
    (line,) = _cart(stand, seat).live()
    await stand.offline()
    version = await founding.import_menu(stand.cloud.pool, stand.venue.venue_id, _dearer(tmp_path), "test")
    await stand.online()

    async def adopted() -> bool:
        menu = stand.box.app.hot.committed_menu()
        return menu is not None and menu.menu.menu_version == version

    await eventually(adopted)
    await _add(stand, seat, "and-now-another")
    kept, dearer = _cart(stand, seat).live()
    assert (kept.price_minor, kept.menu_version) == (line.price_minor, version - 1)
    assert (dearer.price_minor, dearer.menu_version) == (line.price_minor + 100, version)
    await stand.agree()


async def test_a_price_lapses_in_its_time_and_wants_a_yes(
    stand: Linked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The minutes of the owner's rule pass at once here."""
    rules = await stand.owner("GET", "rules")
    await stand.owner("PUT", "rules", {**rules, "price_hold_minutes": 1})
    seat = await stand.sit_down()
    await _add(stand, seat, "first-of-all")
    (line,) = _cart(stand, seat).live()
    version = await founding.import_menu(stand.cloud.pool, stand.venue.venue_id, _dearer(tmp_path), "test")

    async def adopted() -> bool:
        menu, venue = stand.box.app.hot.committed_menu(), stand.box.app.hot.committed_venue()
        held = venue is not None and venue.config.price_hold_minutes == 1
        return held and menu is not None and menu.menu.menu_version == version

    await eventually(adopted)
    await stand.restart()
    assert (await _snapshot(stand, seat))["recalled"] == []
    monkeypatch.setattr(terms, "MINUTE_NS", 1)
    assert (await _snapshot(stand, seat))["recalled"] == [{"id": line.id, "reason": "repriced"}]
    status, answer = await _order(stand, seat)
    assert (status, answer["error"]["code"]) == (409, "price_lapsed")
    yes = {"id": line.id, "version": line.version, "confirm": True, "mid": "agreed-to-it"}
    await _mutate(stand, seat, op="update", **yes)
    status, answer = await _order(stand, seat)
    assert status == 201, answer
    row = stand.box.app.reader.execute("SELECT total_minor FROM orders").fetchone()
    assert row == (line.price_minor + 100,)
    await stand.agree()


async def _snapshot(stand: Linked, seat: dict[str, Any]) -> dict[str, Any]:
    """What a phone that looks now is shown."""
    url = f"{stand.box.url}/cart_snapshot?session_pid={seat['session_pid']}"
    _, answer = await stand.call("GET", url, token=seat["ws_token"])
    return dict(answer)


async def _order(stand: Linked, seat: dict[str, Any]) -> tuple[int, Any]:
    """The whole cart."""
    cart_hash = (await _snapshot(stand, seat))["cart_hash"]
    body = {"session_pid": seat["session_pid"], "cart_hash": cart_hash, "special_instructions": ""}
    return await stand.call("POST", f"{stand.box.url}/orders", body, seat["ws_token"])


def _dearer(scratch: Path) -> Path:
    """The sample menu, with one dish for a euro more."""
    menu = msgspec.json.decode(sample("menu.json").read_bytes())
    dish = next(each for each in menu["items"] if each["id"] == DISH)
    dish["price"] = f"{float(dish['price']) + 1:.2f}"
    file = scratch / "menu.json"
    file.write_bytes(msgspec.json.encode(menu))
    return file


def _cart(stand: Linked, seat: dict[str, Any]) -> Cart:
    cart = stand.state(f"cart:{seat['session_pid']}")
    assert isinstance(cart, Cart)
    return cart


async def _add(stand: Linked, seat: dict[str, Any], mid: str) -> None:
    """One more of the dish, over the venue's network."""
    await _mutate(stand, seat, op="create", menu_item=DISH, qty=1, tmpId="t", mid=mid)


async def _mutate(stand: Linked, seat: dict[str, Any], **wanted: object) -> None:
    headers = {"Authorization": f"Bearer {seat['ws_token']}"}
    url = f"{stand.box.url}/ws/table?sid={seat['session_pid']}"
    async with stand.http.ws_connect(url, headers=headers) as socket:
        await socket.send_json({"type": "cart_mutate", **wanted})
        while (await socket.receive_json())["type"] != "cart_update":
            pass
