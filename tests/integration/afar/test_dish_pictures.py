"""Pictures of dishes, from an owner's file to a guest's phone without internet, over a line that breaks."""

import hashlib
import io
import random
import shutil
from typing import Any

import msgspec
import pytest
from PIL import Image

from edge.reach import rounds
from protocol.drawing.taking import DISH_PX, DISH_SMALL_PX
from tests.integration.afar.linked import Linked, eventually
from tests.integration.faults.wire import Limit

DISH = 17


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was cut off is asked for again at once."""
    monkeypatch.setattr(rounds, "FIRST_PAUSE_S", 0.02)
    monkeypatch.setattr(rounds, "LONGEST_PAUSE_S", 0.02)


def photo(seed: int = 1) -> bytes:
    """Noise, which no encoder makes small."""
    image = Image.frombytes("RGB", (1200, 900), random.Random(seed).randbytes(1200 * 900 * 3))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=80)
    return out.getvalue()


async def uploaded(stand: Linked, raw: bytes) -> tuple[int, Any]:
    _, answer = await stand.call("GET", f"{stand.cloud.url}/api/brands")
    path = f"{stand.cloud.url}/api/brands/{answer['brands'][0]['brand_id']}/menu"
    headers = {"X-CSRF-Token": stand.csrf}
    async with stand.http.post(f"{path}/pictures", data=io.BytesIO(raw), headers=headers) as response:
        return response.status, await response.json()


async def published(stand: Linked, dish_id: int, **changes: object) -> tuple[int, Any]:
    """The menu as it is, with these changes of a dish."""
    _, answer = await stand.call("GET", f"{stand.cloud.url}/api/brands")
    path = f"{stand.cloud.url}/api/brands/{answer['brands'][0]['brand_id']}/menu"
    _, seen = await stand.call("GET", path)
    dish = next(item for item in seen["draft"]["menu"]["items"] if item["id"] == dish_id)
    dish.update(changes)
    saving = {"draft": seen["draft"], "draft_version": seen["draft_version"]}
    status, saved = await stand.call("PUT", f"{path}/draft", saving)
    assert status == 200, saved
    wish = {
        "draft_version": saved["draft_version"],
        "published_version": seen["published_version"],
        "venues": [stand.venue.venue_id],
    }
    return await stand.call("POST", f"{path}/publish", wish)


async def _dish(stand: Linked) -> dict[str, Any]:
    _, menu = await stand.call("GET", f"{stand.box.url}/menu")
    return dict(next(item for item in menu["items"] if item["id"] == DISH))


async def _seen(stand: Linked, blob: str) -> bytes | None:
    """What a phone on the venue's network is shown."""
    async with stand.http.get(f"{stand.box.url}/dishes/{blob}") as response:
        return await response.read() if response.status == 200 else None


async def _has(stand: Linked, picture: dict[str, Any]) -> None:
    async def so() -> bool:
        return all([await _seen(stand, picture[size]) is not None for size in ("small", "large")])

    await eventually(so)


async def test_guests_see_a_picture_without_internet_and_a_box_that_lost_it_gets_it_again(
    stand: Linked,
) -> None:
    status, picture = await uploaded(stand, photo())
    assert status == 201, picture
    assert (picture["width_px"], picture["height_px"]) == (DISH_PX, DISH_PX * 3 // 4)
    # A line on which no file gets through in one piece.
    stand.wire.limits.extend([Limit(down=40_000)] * 60)
    status, answer = await published(stand, DISH, picture=picture)
    assert status == 200, answer
    await _has(stand, picture)
    assert stand.wire.cuts > 2
    assert stand.wire.limits, "each piece was fetched once"
    stand.wire.limits.clear()

    await stand.offline()
    assert (await _dish(stand))["picture"] == picture
    for size, pixels in (("small", (DISH_SMALL_PX, DISH_SMALL_PX)), ("large", (DISH_PX, DISH_PX * 3 // 4))):
        body = await _seen(stand, picture[size])
        assert body is not None
        assert hashlib.sha256(body).hexdigest() == picture[size]
        assert Image.open(io.BytesIO(body)).size == pixels
    assert await _seen(stand, "0" * 64) is None

    await stand.box.off()
    shutil.rmtree(stand.directory / "dishes")
    await stand.box.on(stand.tasks)
    assert (await _dish(stand))["picture"] == picture, "the menu is there, with or without"
    assert await _seen(stand, picture["small"]) is None
    await stand.online()
    await _has(stand, picture)

    _, other = await uploaded(stand, photo(2))
    assert (await published(stand, DISH, picture=other))[0] == 200
    await _has(stand, other)
    assert await _seen(stand, picture["large"]) is None, "no menu names it any more"
    await stand.agree()


async def test_what_is_no_picture_and_one_of_nobody_s_are_refused(stand: Linked) -> None:
    for raw in (b"", b"GIF89a" + bytes(400), b"\xff\xd8\xff" + bytes(100), photo()[:2000]):
        status, answer = await uploaded(stand, raw)
        assert (status, answer["error"]["code"]) == (415, "picture_unreadable"), raw[:10]
    status, answer = await uploaded(stand, bytes(12 * 1024 * 1024 + 1))
    assert (status, answer["error"]["code"]) == (413, "picture_too_large")
    nobody = {"small": "1" * 64, "large": "2" * 64, "width_px": 960, "height_px": 720}
    for picture in (nobody, {**nobody, "small": "../../secrets"}, {**nobody, "width_px": -1}):
        status, answer = await published(stand, DISH, picture=picture)
        assert (status < 500, answer["error"]["code"]) == (True, "menu_flawed"), picture
    assert (await _dish(stand))["picture"] is None


async def test_only_boxes_of_the_organisation_fetch_pictures(stand: Linked) -> None:
    _, picture = await uploaded(stand, photo())
    address = f"{stand.cloud.url}/api/edge/dishes/{picture['small']}"
    for headers in ({}, {"Authorization": "Box a.b.c"}, {"X-CSRF-Token": stand.csrf}):
        async with stand.http.get(address, headers=headers) as response:
            assert response.status == 401
            assert msgspec.json.decode(await response.read())["error"]["code"] == "unauthenticated"
