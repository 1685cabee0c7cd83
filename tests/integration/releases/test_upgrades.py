"""A release on its way from its makers to a box: offered, fetched, put in place or taken back, and told."""

import json
from typing import Any

import aiohttp
import pytest

from cloud.operations import releases
from edge.provision.asked import FETCHED, WANTED
from edge.provision.release import make_key
from edge.provision.upgrade import Progress
from tests.integration.afar.linked import eventually
from tests.integration.releases.makers import IN_USE, Makers, Mirror, Root, Stand

WHEEL = "wheels/holdfast-0.3.0-py3-none-any.whl"
DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
ALWAYS_OPEN = [{"begins": "00:00", "ends": "00:00"}]


async def hello(venue: Stand) -> dict[str, Any]:
    """What a screen of the staff is greeted with."""
    headers = {"Authorization": f"Bearer {venue.at.staff_token}"}
    async with (
        aiohttp.ClientSession(venue.at.box.url) as http,
        http.ws_connect("/ws/staff", headers=headers) as socket,
    ):
        greeted: dict[str, Any] = json.loads(await socket.receive_str())
    return greeted


async def test_a_release_waits_until_somebody_says_now_and_its_end_is_told(
    venue: Stand, root: Root, makers: Makers
) -> None:
    assert (await venue.until(None))["box"]["running"] == IN_USE
    await venue.add(makers.release("0.3.0"), makers)
    shown = await venue.until("waiting", "0.3.0")
    assert shown["box"]["reason"] == "nobody has said when the venue is closed"
    assert (await hello(venue))["afar"]["upgrade"] == {
        "version": "0.3.0",
        "installing": False,
        "why": "nobody has said when the venue is closed",
    }

    command_id = await venue.order(version="0.3.0")
    wanted = await root.take_up()
    assert (wanted.version, wanted.asked, wanted.insist) == ("0.3.0", command_id, False)
    root.note(Progress("switched", IN_USE, "0.3.0", asked=command_id))
    await venue.restart_as("0.3.0", root)
    assert (await venue.until("installing", "0.3.0"))["box"]["running"] == "0.3.0"
    await venue.at.outcome(command_id, "TAKEN")

    root.note(Progress("kept", IN_USE, "0.3.0", asked=command_id))
    done = await venue.at.outcome(command_id)
    assert (done["status"], done["message"]) == ("DONE", "Release 0.3.0 serves.")
    shown = await venue.until("installed", "0.3.0")
    assert [(each["version"], each["state"]) for each in shown["trials"]] == [("0.3.0", "installed")]
    assert (await hello(venue))["afar"]["upgrade"] is None
    await venue.at.agree()


async def test_a_venue_that_is_closed_is_upgraded_by_itself_and_one_that_is_open_waits(
    venue: Stand, root: Root, makers: Makers
) -> None:
    await venue.at.owner("PUT", "release", {"opening": ALWAYS_OPEN})
    await venue.add(makers.release("0.3.0"), makers)
    assert (await venue.until("waiting", "0.3.0"))["box"]["reason"] == "the venue is open"
    assert (await hello(venue))["afar"]["upgrade"]["why"] == "the venue is open"
    # Open on one day a week that is neither today nor tomorrow.
    today = venue.at.box.app.clock().wall_ms // 86_400_000 + 3
    shut = [{"begins": "12:00", "ends": "12:01", "days": [DAYS[(today + 3) % 7]]}]
    answered = await venue.at.owner("PUT", "release", {"opening": shut, "ring": "first"})
    assert (answered["opening"], answered["box"]["ring"]) == (shut, "first")
    wanted = await root.take_up()
    assert (wanted.version, wanted.insist) == ("0.3.0", False)


async def test_open_tickets_keep_an_upgrade_waiting_unless_somebody_insists(
    venue: Stand, root: Root, makers: Makers
) -> None:
    seat = await venue.at.sit_down()
    body = {"menu_item": 12, "qty": 1, "mid": "line-of-this-test"}
    url = f"{venue.at.box.url}/api/v1/tables/{venue.at.venue.tables[0].code}"
    status, cart = await venue.at.call("POST", f"{url}/items", body, venue.at.staff_token)
    assert status == 201, cart
    status, told = await venue.at.call(
        "POST", f"{url}/order", {"cart_hash": cart["cart_hash"]}, venue.at.staff_token
    )
    assert (status, seat["session_pid"] != "") == (201, True), told
    await venue.add(makers.release("0.3.0"), makers)
    await venue.until("waiting", "0.3.0")
    in_vain = await venue.order(ttl_s=5)
    assert await eventually_reason(venue) == "1 ticket is open in the kitchen"
    late = await venue.at.outcome(in_vain)
    assert (late["status"], late["code"]) == ("REFUSED", "too_late")
    assert "1 ticket is open in the kitchen" in late["message"]
    insisting = await venue.order(insist=True)
    wanted = await root.take_up()
    assert (wanted.asked, wanted.insist) == (insisting, True)


async def eventually_reason(venue: Stand) -> str:
    """Why the box waits, once hours are no reason any more."""

    async def told() -> bool:
        return "ticket" in venue.standing.reason and "closed" not in venue.standing.reason

    await eventually(told)
    return venue.standing.reason


async def test_a_release_that_is_taken_back_halts_its_ring_and_is_not_tried_again(
    venue: Stand, root: Root, makers: Makers
) -> None:
    await venue.at.owner("PUT", "release", {"ring": "first"})
    await venue.add(makers.release("0.3.0"), makers, ring="first")
    command_id = await venue.order()
    await root.take_up()
    root.note(Progress("returned", IN_USE, "0.3.0", "it died and had to be started anew", command_id))
    await venue.at.restart()
    failed = await venue.at.outcome(command_id)
    assert (failed["status"], failed["code"]) == ("REFUSED", "rolled_back")
    shown = await venue.until("rolled_back", "0.3.0")
    assert shown["box"]["reason"] == "it died and had to be started anew"
    async with venue.at.cloud.pool.acquire() as connection:
        reason = await connection.fetchval("SELECT reason FROM release_rings WHERE halted_at IS NOT NULL")
        audited = await connection.fetchval("SELECT count(*) FROM audit WHERE action = 'release halted'")
    assert (reason, audited) == ("1 of 1 boxes in ring first took it back", 1)
    # Halted, it is there for nobody; opened again, it is still not tried by itself.
    assert (await venue.at.outcome(await venue.order()))["code"] == "no_release"
    await releases.open_for(venue.at.cloud.pool, "0.3.0", "first")
    await venue.until("rolled_back", "0.3.0")
    again = await venue.order()
    assert (await root.take_up()).asked == again


async def test_a_download_goes_on_where_it_broke_off_and_borrows_what_is_there(
    venue: Stand, root: Root, makers: Makers
) -> None:
    bundle = makers.release("0.3.0")
    async with Mirror(bundle).serving() as mirror:
        mirror.breaks = [300_000, 200_000]
        await venue.add(bundle, makers, source=mirror.url)
        await venue.until("waiting", "0.3.0")
        # What was still on its way within the box when the line broke is asked for again.
        assert {path for path, _ in mirror.asked} == {WHEEL}
        first, second, third = (begins for _, begins in mirror.asked)
        assert first == 0 < second <= 300_000
        assert second < third <= second + 200_000
    gathered = venue.at.directory / FETCHED / "0.3.0"
    assert (gathered / WHEEL).read_bytes() == (bundle / WHEEL).read_bytes()


async def test_a_download_outlives_the_box_s_restart(venue: Stand, makers: Makers) -> None:
    bundle = makers.release("0.3.0")
    async with Mirror(bundle).serving() as mirror:
        mirror.breaks = [300_000, *([0] * 2_000)]
        await venue.add(bundle, makers, source=mirror.url)

        async def begun() -> bool:
            return len(mirror.asked) > 1

        await eventually(begun)
        await venue.at.box.off()
        mirror.breaks.clear()
        await venue.at.box.on(venue.at.tasks)
        await venue.until("waiting", "0.3.0")
        (begins,) = {begins for _, begins in mirror.asked[1:]}
        assert 0 < begins <= 300_000


async def test_what_was_not_signed_by_the_makers_is_refused_by_name(
    venue: Stand, root: Root, makers: Makers
) -> None:
    stranger = Makers(makers.folder)
    await venue.add(makers.release("0.3.0", private=stranger.private), stranger)
    shown = await venue.until("refused", "0.3.0")
    assert shown["box"]["reason"] == "the offered release was not signed by the makers of this box"
    refused = await venue.at.outcome(await venue.order())
    assert (refused["status"], refused["code"]) == ("REFUSED", "refused")
    assert not (venue.at.directory / FETCHED / "0.3.0").exists()


async def test_a_file_that_is_not_what_was_signed_never_gets_further(venue: Stand, makers: Makers) -> None:
    bundle = makers.release("0.3.0")
    async with Mirror(bundle).serving() as mirror:
        await venue.blobs.put("releases/unused", b"x")
        good = (bundle / WHEEL).read_bytes()
        await venue.add(bundle, makers, source=mirror.url)
        await venue.until("waiting", "0.3.0")
        (venue.at.directory / FETCHED / "0.3.0" / WHEEL).unlink()
        (bundle / WHEEL).write_bytes(b"y" * len(good))
        await venue.until("downloading", "0.3.0")

        async def thrown_away() -> bool:
            return len(mirror.asked) > 3

        await eventually(thrown_away)
        assert "not what was signed" in venue.standing.reason
        assert not (venue.at.directory / WANTED).exists()
        (bundle / WHEEL).write_bytes(good)
        await venue.until("waiting", "0.3.0")


async def test_a_downgrade_is_neither_offered_nor_taken(venue: Stand, root: Root, makers: Makers) -> None:
    await venue.add(makers.release("0.1.0"), makers)
    await venue.add(makers.release("0.2.0"), makers)
    nothing = await venue.at.outcome(await venue.order())
    assert (nothing["status"], nothing["code"]) == ("REFUSED", "no_release")
    assert (await venue.shown())["box"]["state"] == ""


async def test_an_order_that_the_power_cut_forgot_says_so(venue: Stand, makers: Makers) -> None:
    seat = await venue.at.sit_down()
    await venue.at.play()
    await venue.add(makers.release("0.3.0"), makers)
    await venue.until("waiting", "0.3.0")
    command_id = await venue.order()
    await venue.at.outcome(command_id, "TAKEN")
    assert seat["session_pid"]
    await venue.at.restart()
    told = await venue.at.outcome(command_id)
    assert (told["status"], told["code"]) == ("REFUSED", "restarted")


async def test_a_box_without_the_makers_key_says_so(venue: Stand, root: Root, makers: Makers) -> None:
    root.key.unlink()
    await venue.add(makers.release("0.3.0"), makers)
    refused = await venue.at.outcome(await venue.order())
    assert (refused["status"], refused["code"]) == ("REFUSED", "no_release_key")


async def test_only_the_box_in_charge_is_heard(venue: Stand) -> None:
    body, own = {"running": "9.9.9"}, venue.at.venue.venue_id
    for proof in ("", "Box", "Box a.b.c", f"Box {own}.{own}.AAAA"):
        for method, path in (("POST", "release"), ("GET", f"release/files/{'0' * 64}")):
            headers = {"Authorization": proof}
            url = f"{venue.at.cloud.url}/api/edge/{path}"
            async with venue.at.http.request(method, url, json=body, headers=headers) as answer:
                assert answer.status == 401
    assert (await venue.shown())["box"]["running"] == IN_USE


def test_a_bundle_that_was_touched_is_not_taken_in(makers: Makers) -> None:
    bundle = makers.release("0.3.0")
    with pytest.raises(releases.BadRelease, match="not signed with this key"):
        releases.read(bundle, make_key()[1])
    (bundle / WHEEL).write_bytes(b"other")
    with pytest.raises(releases.BadRelease, match="is not what was signed"):
        releases.read(bundle, makers.public)
