"""Designs from a browser at home: whose they are, how they change, previews, and the one final picture."""

import asyncio
import io
from uuid import uuid4

import aiohttp
import asyncpg
import pytest
from PIL import Image

from cloud.app import Serving
from cloud.store.shop import designs
from protocol.design.templates import TEMPLATES
from tests.integration.shop.conftest import looks, photo, until
from tests.integration.shop.guest import Guest


async def test_the_catalogue_is_what_the_owner_configured(guest: Guest) -> None:
    found = (await guest.ask("GET", f"/shop/{guest.venue_id}/catalogue")).body
    assert [each["product_id"] for each in found["products"]] == ["mug", "coaster", "shirt", "cake", "print"]
    assert found["currency"] == "EUR"
    assert {each["id"] for each in found["templates"]} == set(TEMPLATES)


async def test_a_draft_changes_under_its_version_and_is_nobody_elses(guest: Guest, cloud: Serving) -> None:
    design_id = await guest.begin(looks())
    change = {"version": 1, "parameters": looks(text="Hello")}
    assert (await guest.ask("PATCH", f"/designs/{design_id}", change)).body["version"] == 2
    assert (await guest.ask("PATCH", f"/designs/{design_id}", change)).status == 200  # sent once more
    late = await guest.ask("PATCH", f"/designs/{design_id}", {"version": 1, "parameters": looks(text="Late")})
    assert (late.status, late.code) == (409, "design_conflict")
    assert late.body["error"]["detail"]["design"]["parameters"]["text"]["text"] == "Hello"
    stranger = Guest(guest._http, cloud.url, guest.venue_id, "s" * 43)
    for method, path, body in (
        ("GET", "", None),
        ("PATCH", "", change),
        ("POST", "/preview", {}),
        ("POST", "/finalize", {"version": 2}),
    ):
        answer = await stranger.ask(method, f"/designs/{design_id}{path}", body)
        assert (answer.status, answer.code) == (404, "unknown_design")


async def test_the_same_preview_is_painted_once(guest: Guest) -> None:
    design_id = await guest.begin(looks())
    first, second = await guest.preview(design_id), await guest.preview(design_id)
    assert (first.headers["X-Cache"], second.headers["X-Cache"]) == ("miss", "hit")
    assert first.body["preview_url"] == second.body["preview_url"]
    assert (await guest.design(design_id))["preview_image_url"] == first.body["preview_url"]
    shown = await guest.ask("GET", first.body["preview_url"])
    assert Image.open(io.BytesIO(shown.body)).size == TEMPLATES["mug"].pixels(
        TEMPLATES["mug"].dpi_within(800)
    )
    assert shown.headers["ETag"] == first.headers["ETag"]


async def test_designs_of_one_crc32_are_not_taken_for_each_other(
    guest: Guest, sql: asyncpg.Connection
) -> None:
    """CRC32 collides: the row that is found by it is somebody else's design."""
    design_id = await guest.begin(looks())
    first = await guest.preview(design_id)
    await sql.execute("UPDATE previews SET spelled = spelled || ' '")
    again = await guest.preview(design_id)
    assert (again.headers["X-CRC32"], again.headers["X-Cache"]) == (first.headers["X-CRC32"], "miss")
    assert await sql.fetchval("SELECT count(*) FROM previews") == 2


async def test_a_picture_is_stripped_and_painted(guest: Guest) -> None:
    taken = await guest.upload(photo())
    assert taken.status == 201, taken.body
    kept = await guest.ask("GET", taken.body["url"])
    assert not Image.open(io.BytesIO(kept.body)).getexif()
    design_id = await guest.begin(looks(taken.body["blob"]))
    assert (await guest.preview(design_id)).status == 200
    lost = await guest.preview(design_id, looks("0" * 64))
    assert (lost.status, lost.code) == (409, "picture_missing")


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "picture_unreadable"),
        (photo()[:500], "picture_unreadable"),
        (b"", "picture_unreadable"),
        (photo("GIF"), "picture_unreadable"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\x7f\xff\xff\xff\x7f\xff\xff\xff", "picture_too_large"),
        (b"\xff" * (12 * 1024 * 1024 + 1), "picture_too_large"),
    ],
    ids=["svg", "cut off", "empty", "gif", "bomb", "heavy"],
)
async def test_what_is_no_picture_is_refused_by_name(guest: Guest, raw: bytes, code: str) -> None:
    answer = await guest.upload(raw)
    assert (answer.status // 100, answer.code) == (4, code)


@pytest.mark.parametrize(
    ("text", "code"),
    [("नमस्ते", "text_not_printable"), ("🇩🇪", "text_not_printable"), ("w" * 120, "text_too_long")],
)
async def test_what_cannot_be_printed_is_said_before_it_is_ordered(
    guest: Guest, text: str, code: str
) -> None:
    design_id = await guest.begin(looks(text=text))
    assert (await guest.preview(design_id)).code == code
    assert (await guest.ask("POST", f"/designs/{design_id}/finalize", {"version": 1})).code == code
    assert (await guest.design(design_id))["status"] == "draft"


async def test_nothing_is_handed_over_with_nothing_on_it(guest: Guest) -> None:
    design_id = await guest.begin(looks(text=""))
    assert (await guest.ask("POST", f"/designs/{design_id}/finalize", {"version": 1})).code == "design_empty"


async def test_handing_over_twice_at_once_paints_one_final_picture(
    guest: Guest, sql: asyncpg.Connection
) -> None:
    design_id = await guest.begin(looks())
    asked = [guest.ask("POST", f"/designs/{design_id}/finalize", {"version": 1}) for _ in range(3)]
    assert [each.status for each in await asyncio.gather(*asked)] == [202] * 3

    async def ready() -> bool:
        return bool((await guest.design(design_id))["status"] == "ready")

    await until(ready)
    assert await sql.fetchval("SELECT count(*) FROM render_jobs WHERE kind = 'final'") == 1
    final = await guest.ask("GET", f"/designs/{design_id}/final")
    picture = Image.open(io.BytesIO(final.body))
    assert (picture.format, picture.size) == ("PNG", TEMPLATES["mug"].pixels())
    late = await guest.ask("PATCH", f"/designs/{design_id}", {"version": 1, "parameters": looks(text="x")})
    assert late.code == "design_final"
    with pytest.raises(asyncpg.CheckViolationError):
        await sql.execute("UPDATE designs SET params = '{}'")
    with pytest.raises(asyncpg.CheckViolationError):
        await sql.execute("UPDATE designs SET status = 'draft', final_image = NULL, finalized_at = NULL")


async def test_a_high_preview_is_told_over_the_socket(
    guest: Guest, cloud: Serving, http: aiohttp.ClientSession
) -> None:
    design_id = await guest.begin(looks())
    protocols = ("holdfast.v1", f"bearer.{guest.key}")
    async with http.ws_connect(f"{cloud.url}/ws/designs/{design_id}", protocols=protocols) as socket:
        asked = await guest.preview(design_id, quality="high")
        assert asked.status == 202
        async with asyncio.timeout(60):
            while True:
                job = (await socket.receive_json())["job"]
                assert job["job_id"] == asked.body["job_id"]
                if job["status"] == "completed":
                    break
    image = await guest.ask("GET", job["image_url"])
    assert max(Image.open(io.BytesIO(image.body)).size) > 1900
    shown = await guest.ask("GET", (await guest.design(design_id))["preview_image_url"])
    assert (shown.status, shown.body) == (200, image.body), "seed 004 §3: the design has it now"


async def test_a_copy_is_a_draft_that_names_what_it_was_copied_from(guest: Guest, cloud: Serving) -> None:
    design_id, copy_id = await guest.begin(looks()), str(uuid4())
    digest = await cloud.pool.fetchval("SELECT guest_digest FROM designs")
    async with cloud.pool.acquire() as connection, connection.transaction():
        assert await designs.finalized(connection, guest.venue_id, design_id)
        assert not await designs.finalized(connection, guest.venue_id, design_id)
        assert await designs.copied(connection, guest.venue_id, design_id, copy_id, digest)
        frozen = await designs.frozen(connection, guest.venue_id, copy_id)
    assert frozen is not None
    assert (frozen.status, frozen.original_design_id, frozen.unit_minor) == ("draft", design_id, 1490)
    assert frozen.parameters == looks()


async def test_a_stranger_learns_nothing_at_the_socket(
    cloud: Serving, guest: Guest, http: aiohttp.ClientSession
) -> None:
    design_id = await guest.begin(looks())
    for protocols, status in ((("holdfast.v1",), 401), (("holdfast.v1", "bearer." + "s" * 43), 404)):
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await http.ws_connect(f"{cloud.url}/ws/designs/{design_id}", protocols=protocols)
        assert refused.value.status == status
