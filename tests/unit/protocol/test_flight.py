"""Credit in bytes and the orphaned state: what may be under way, counted alike at both ends."""

import msgspec
import pytest

from protocol import link
from protocol.facts.fact import chain, genesis
from protocol.flight import Flight
from protocol.link_machine import CloudEnd, EdgeEnd, Greet, Judge, Live, Orphaned, ProtocolViolation, Run

LOG = "log-1"
RECORDS = [f'{{"seq":{seq},"padding":"{"x" * 80}"}}'.encode() for seq in range(1, 9)]
SIZE_BYTES = len(RECORDS[0])


def _hash(count: int) -> bytes:
    value = genesis(LOG)
    for record in RECORDS[:count]:
        value = chain(value, record)
    return value


def _welcome(**change: object) -> link.Welcome:
    plain = link.Welcome("ok", 2, 0, genesis(LOG), "i", 100, 0, credit_bytes=3 * SIZE_BYTES)
    return msgspec.structs.replace(plain, **change)


def _pair(welcome: link.Welcome, newest: int = 2) -> tuple[EdgeEnd, CloudEnd]:
    edge, cloud = EdgeEnd(), CloudEnd(b"nonce")
    assert isinstance(edge.receive(cloud.outbox.pop()), Greet)
    greeting = link.Greeting(
        b"nonce", "v", "n", 1, LOG, (1, newest), "b", 8, 0, genesis(LOG), {}, "", True, 0
    )
    edge.hello(link.encode(greeting), b"signature")
    assert isinstance(cloud.receive(edge.outbox.pop(), 0), Judge)
    cloud.welcome(welcome)
    answer = cloud.outbox.pop()
    assert isinstance(edge.receive(answer), Live | Orphaned)
    return edge, cloud


def _send(edge: EdgeEnd, first: int, last: int) -> link.ToCloud:
    edge.send_run(tuple(RECORDS[first - 1 : last]), _hash(last))
    return edge.outbox.pop()


def test_a_flight_weighs_what_is_neither_landed_nor_called_back() -> None:
    flight = Flight()
    for last, size in ((3, 30), (5, 20), (9, 40)):
        flight.left(last, size)
    flight.landed(4)
    assert flight.bytes == 60
    flight.recalled(5)
    assert flight.bytes == 20
    flight.landed(5)
    assert flight.bytes == 0


def test_a_box_sends_no_more_bytes_than_it_was_told() -> None:
    edge, _ = _pair(_welcome())
    with pytest.raises(ProtocolViolation):
        edge.send_run(tuple(RECORDS[:4]), _hash(4))
    _send(edge, 1, 2)
    assert edge.room_bytes() == SIZE_BYTES
    _send(edge, 3, 3)
    assert edge.room() == 0
    edge.receive(link.UpAck(2, _hash(2), 100, 3 * SIZE_BYTES))
    assert edge.room_bytes() == 2 * SIZE_BYTES


def test_a_record_larger_than_the_credit_can_travel_alone() -> None:
    edge, cloud = _pair(_welcome(credit_bytes=10))
    assert isinstance(cloud.receive(_send(edge, 1, 1), 0), Run)
    assert edge.room() == 0


def test_a_cloud_ends_a_box_that_sends_more_than_it_was_told() -> None:
    _, cloud = _pair(_welcome())
    with pytest.raises(ProtocolViolation, match="bytes under way"):
        cloud.receive(link.Up(1, tuple(RECORDS[:4]), _hash(4)), 0)


def test_a_box_of_the_former_release_is_held_by_facts_alone() -> None:
    _, cloud = _pair(_welcome(protocol=1), newest=1)
    assert isinstance(cloud.receive(link.Up(1, tuple(RECORDS), _hash(8)), 0), Run)


def test_bytes_are_given_back_once_they_are_durable() -> None:
    edge, cloud = _pair(_welcome())
    cloud.receive(_send(edge, 1, 3), 0)
    cloud.committed(3, _hash(3))
    edge.receive(cloud.outbox.pop())
    assert isinstance(cloud.receive(_send(edge, 4, 6), 0), Run)


def test_an_orphan_sends_its_facts_and_nothing_else() -> None:
    edge, cloud = _pair(_welcome(verdict="fenced", replaced_by=2))
    assert (edge.state, cloud.state) == ("orphaned", "orphaned")
    assert isinstance(cloud.receive(_send(edge, 1, 2), 0), Run)
    for message in (link.DownAck("menu", 1), link.Status(8, True), link.Digest(8, 0, 0, b"")):
        with pytest.raises(ProtocolViolation):
            cloud.receive(message, 0)
    with pytest.raises(ProtocolViolation):
        edge.receive(link.Down("menu", ()))


def test_without_a_successor_a_fenced_box_is_only_turned_away() -> None:
    cloud = CloudEnd(b"nonce")
    cloud.welcome(_welcome(verdict="fenced"))
    assert cloud.state == "refused"


def test_digests_are_kept_from_a_cloud_that_has_no_ear_for_them() -> None:
    edge, _ = _pair(_welcome(protocol=1))
    edge.digest(link.Digest(0, 0, 0, b""))
    assert not edge.outbox
    edge, _ = _pair(_welcome())
    edge.digest(link.Digest(0, 0, 0, b""))
    assert len(edge.outbox) == 1
