"""What devices may get wrong: answered by name on `…/error`, without a change and without a crash."""

import json
from pathlib import Path

import aiomqtt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge.adapters.kitchen.mqtt import address_of
from tests.integration.edge.kitchen.box import KitchenBox, device
from tests.open_box import until

pytestmark = pytest.mark.xdist_group("kitchen brokers")

BAD_PAYLOADS = {
    "not JSON": (b"{", "malformed"),
    "no bytes": (b"", "malformed"),
    "not UTF-8": (b'{"ticket":"\xff\xfe","state":"ready"}', "malformed"),
    "another shape": (b"[]", "invalid"),
    "a number for a name": (b'{"ticket":88,"state":"ready"}', "invalid"),
    "an unknown state": (b'{"ticket":"K-1","state":"eaten"}', "invalid"),
    "a state that only the box sets": (b'{"ticket":"K-1","state":"fired"}', "invalid"),
    "a long name": (b'{"ticket":"' + b"K" * 33 + b'","state":"ready"}', "invalid"),
    "a short mid": (b'{"ticket":"K-1","state":"ready","mid":"1"}', "invalid"),
    "too deep": (b"[" * 50 + b"]" * 50, "invalid"),
    "too large": (b'{"ticket":"' + b"K" * 70_000 + b'","state":"ready"}', "too_large"),
    "no such ticket": (b'{"ticket":"K-999","state":"ready"}', "unknown_ticket"),
}


@pytest.mark.parametrize(("payload", "code"), BAD_PAYLOADS.values(), ids=BAD_PAYLOADS.keys())
async def test_a_bad_payload_is_refused_by_name(
    box: KitchenBox, box_url: str, kitchen_url: str, payload: bytes, code: str
) -> None:
    name = await box.order()
    before = box.writer.durable_seq
    async with device(kitchen_url, box.venue_id) as screen, box.connected(box_url):
        await screen.next("status", status="online")
        await screen.say("grill", payload)
        answer = await screen.next("error")
        assert answer.topic == f"v1/{box.venue_id}/kds/grill/error"
        assert answer.body["code"] == code
        assert answer.body["message"]
        assert box.writer.durable_seq == before

        # The box is well and the next, proper ack goes through.
        await screen.ack(name, "received")
        await until(lambda: box.state(name) == "received")


async def test_a_ticket_cannot_jump(box: KitchenBox, box_url: str, kitchen_url: str) -> None:
    name = await box.order()
    async with device(kitchen_url, box.venue_id) as screen, box.connected(box_url):
        await screen.next("status", status="online")
        await screen.ack(name, "served", mid="jump-0001")
        answer = await screen.next("error")
    assert answer.body | {"message": ""} == {
        "code": "illegal_transition",
        "message": "",
        "ticket": name,
        "mid": "jump-0001",
        "state": "fired",
    }
    assert box.state(name) == "fired"


async def test_a_ticket_of_another_station_is_not_this_ones(
    box: KitchenBox, box_url: str, kitchen_url: str
) -> None:
    name = await box.order()
    async with device(kitchen_url, box.venue_id) as screen, box.connected(box_url):
        await screen.next("status", status="online")
        await screen.ack(name, "received", station="bar")
        answer = await screen.next("error")
    assert (answer.topic.split("/")[3], answer.body["code"]) == ("bar", "unknown_ticket")
    assert box.state(name) == "fired"


async def test_a_repeat_is_no_error_and_no_fact(box: KitchenBox, box_url: str, kitchen_url: str) -> None:
    name = await box.order()
    async with device(kitchen_url, box.venue_id) as screen, box.connected(box_url):
        await screen.next("status", status="online")
        for mid in ("step-0001", "step-0001", None, None):
            await screen.ack(name, "accepted", mid=mid)
        await screen.ack(name, "received")  # late, and older than what is known
        await screen.ack("K-999", "ready")  # answered: by now all of the above has been dealt with
        assert (await screen.next("error")).body["ticket"] == "K-999"
    query = "SELECT count(*) FROM journal WHERE aggregate = ?"
    assert box.rows(query, f"ticket:{name}@grill") == [(2,)]


async def test_one_mid_is_one_command(box: KitchenBox, box_url: str, kitchen_url: str) -> None:
    name = await box.order()
    async with device(kitchen_url, box.venue_id) as screen, box.connected(box_url):
        await screen.next("status", status="online")
        await screen.ack(name, "accepted", mid="step-0001")
        await screen.ack(name, "preparing", mid="step-0002")
        await screen.ack(name, "ready", mid="step-0003")
        await until(lambda: box.state(name) == "ready")
        # A device that comes back sends everything it is not sure of again.
        await screen.ack(name, "preparing", mid="step-0002")
        await screen.ack("K-999", "ready")
        assert (await screen.next("error")).body["ticket"] == "K-999"
    assert box.state(name) == "ready"


async def test_an_ack_published_as_retained_is_not_obeyed_again_and_again(
    box: KitchenBox, box_url: str, kitchen_url: str
) -> None:
    name = await box.order()
    async with device(kitchen_url, box.venue_id) as screen:
        async with box.connected(box_url):
            await screen.next("status", status="online")
            await screen.say(
                "grill", json.dumps({"ticket": name, "state": "preparing"}).encode(), retain=True
            )
            await until(lambda: box.state(name) == "preparing")
            for state in ("ready", "recalled"):
                await screen.ack(name, state)
            await until(lambda: box.state(name) == "recalled")
        # 'preparing' would be a legal step from here; the broker replays it at the new subscription.
        async with box.connected(box_url):
            answer = await screen.next("error")
    assert (answer.body["code"], answer.body["ticket"]) == ("invalid", name)
    assert box.state(name) == "recalled"


class TestAccess:
    async def test_a_device_cannot_speak_for_the_box(
        self, box: KitchenBox, box_url: str, kitchen_url: str
    ) -> None:
        address = address_of(kitchen_url)
        forged = b'{"ticket":"K-1"}'
        async with (
            device(box_url, box.venue_id) as witness,
            aiomqtt.Client(
                address.host, address.port, username=address.user, password=address.password
            ) as forger,
        ):
            for leaf in ("ticket", "snapshot", "error"):
                await forger.publish(f"v1/{box.venue_id}/kds/grill/{leaf}", forged, qos=1, retain=True)
            await forger.publish(f"v1/{box.venue_id}/kds/grill/ack", forged, qos=1)
            assert (await witness.first()).leaf == "ack"

    async def test_a_wrong_password_is_said_and_does_no_harm(self, box: KitchenBox, box_url: str) -> None:
        name = await box.order()
        async with box.connected(box_url.replace("box%20secret", "guess")) as client:
            await until(lambda: client.trouble is not None and "uthori" in client.trouble)
            assert not await client.publish([])
        assert box.state(name) == "fired"


PAYLOADS = st.one_of(
    st.binary(max_size=200),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=20),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
        max_leaves=6,
    ).map(lambda value: json.dumps(value).encode()),
    st.fixed_dictionaries(
        {
            "ticket": st.sampled_from(["K-1", "K-2", ""]) | st.text(max_size=40),
            "state": st.sampled_from(["fired", "served", "recalled"]) | st.text(max_size=10),
            "mid": st.none() | st.text(max_size=70),
        }
    ).map(lambda value: json.dumps(value).encode()),
)
TOPICS = st.sampled_from(
    ["v1/V/kds/grill/ack", "v1/V/kds/bar/ack", "v1/V/kds//ack", "v1/V/status", ""]
) | st.text(max_size=60)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    max_examples=25,
    deadline=None,
)
@given(batch=st.lists(st.tuples(TOPICS, PAYLOADS, st.booleans()), max_size=20))
async def test_nothing_that_a_device_says_breaks_the_box(
    tmp_path: Path, batch: list[tuple[str, bytes, bool]]
) -> None:
    async with KitchenBox(tmp_path / "fuzzed", "V") as box:
        await box.furnish()
        if not box.board.tickets():
            await box.order()
        before = box.state("K-1")
        for topic, payload, replayed in batch:
            box.stream.receive(topic, payload, replayed)
        await box.order()  # decided after everything above
        assert box.state("K-1") == before == "fired"
