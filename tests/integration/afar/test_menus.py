"""A menu that changes while carts are in flight: lines keep what they were added for, on both sides of an
outage.
"""

from pathlib import Path
from typing import Any

import msgspec

from cloud.owners import founding
from cloud.owners.samples import sample
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
    headers = {"Authorization": f"Bearer {seat['ws_token']}"}
    url = f"{stand.box.url}/ws/table?sid={seat['session_pid']}"
    async with stand.http.ws_connect(url, headers=headers) as socket:
        dish = {"menu_item": DISH, "qty": 1, "note": "", "modifiers": [], "tmpId": "t", "mid": mid}
        await socket.send_json({"type": "cart_mutate", "op": "create", **dish})
        while (await socket.receive_json())["type"] != "cart_update":
            pass
