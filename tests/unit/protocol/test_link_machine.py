"""Both ends of the link over a wire that cuts, delays and forgets: what is durable is dense, whole and once.

The shells are played by the test: a journal and its cursor for the box, a list of records for the cloud.
Frames are encoded and decoded, so what is compared went over a wire.
"""

from itertools import cycle, islice
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protocol import link
from protocol.facts.fact import chain, genesis
from protocol.link_machine import (
    CLOUD_STATES,
    EDGE_STATES,
    Acknowledged,
    Applied,
    Arrived,
    CloudEnd,
    EdgeEnd,
    Greet,
    Heard,
    Judge,
    Live,
    ProtocolViolation,
    Run,
    Telemetry,
    TurnedAway,
)

LOG = "log-1"


class Box:
    """The edge's shell: a journal, and what it was told is durable."""

    def __init__(self, facts: int) -> None:
        self.records = [b'{"seq":%d}' % seq for seq in range(1, facts + 1)]
        self.hashes = [genesis(LOG)]
        for record in self.records:
            self.hashes.append(chain(self.hashes[-1], record))
        self.acked_seq = 0
        self.applied: list[int] = []
        self.end = EdgeEnd()

    def connect(self) -> None:
        self.end = EdgeEnd()

    def take(self, frame: bytes) -> None:
        event = self.end.receive(link.to_edge.decode(frame))
        match event:
            case Greet(nonce=nonce):
                self.end.hello(self._greeting(nonce), b"signature")
            case Acknowledged(seq=seq, chain_hash=chain_hash):
                assert self.hashes[seq] == chain_hash
                assert seq > self.acked_seq
                self.acked_seq = seq
            case Live(welcome=welcome):
                assert self.hashes[welcome.durable_seq] == welcome.durable_hash
                self.acked_seq = max(self.acked_seq, welcome.durable_seq)
            case Arrived(stream=stream, entries=entries):
                for entry in entries:
                    if entry.seq > max(self.applied, default=0):
                        self.applied.append(entry.seq)
                    self.end.applied(stream, entry.seq)

    def _greeting(self, nonce: bytes) -> bytes:
        cursors = {"menu": max(self.applied, default=0)}
        greeting = link.Greeting(
            nonce,
            "venue-1",
            "node-1",
            0,
            LOG,
            (1, 1),
            "boot-1",
            len(self.records),
            self.acked_seq,
            self.hashes[self.acked_seq],
            cursors,
            "",
            True,
            0,
        )
        return link.encode(greeting)

    def send(self, most: int) -> None:
        """One run, as large as there are facts and room for."""
        first = self.end.sent_seq
        count = min(most, self.end.room(), len(self.records) - first)
        if count > 0:
            run = tuple(self.records[first : first + count])
            self.end.send_run(run, self.hashes[first + count])


class Cloud:
    """The cloud's shell: what Postgres holds, and runs that it has not committed yet."""

    def __init__(self, credit: int, menus: int) -> None:
        self.durable: list[bytes] = []
        self.credit = credit
        self.menus = menus
        self.applied: list[int] = []
        self.under_way: list[Run] = []
        self.connection = 0
        self.end = CloudEnd(b"nonce-0")

    def connect(self) -> None:
        self.connection += 1
        self.under_way.clear()
        self.end = CloudEnd(b"nonce-%d" % self.connection)

    def take(self, frame: bytes) -> None:
        match self.end.receive(link.to_cloud.decode(frame), 7):
            case Judge(greeting=greeting):
                self._welcome(greeting)
            case Run() as run:
                self.under_way.append(run)
            case Applied(seq=seq):
                self.applied.append(seq)

    def _welcome(self, greeting: link.Greeting) -> None:
        self.applied.append(greeting.down_cursors["menu"])  # an ack that was lost is told again here
        seq = len(self.durable)
        welcome = link.Welcome("ok", 1, seq, self.hash_at(seq), "incarnation-1", self.credit, 7)
        self.end.welcome(welcome)
        entries = tuple(
            link.Entry(each, b"{}") for each in range(greeting.down_cursors["menu"] + 1, self.menus + 1)
        )
        if entries:
            self.end.send_down("menu", entries)

    def commit(self) -> None:
        """One run into Postgres: it must join on, and its hash must be right."""
        if self.under_way:
            run = self.under_way.pop(0)
            assert run.first_seq == len(self.durable) + 1
            self.durable.extend(run.records)
            assert self.hash_at(len(self.durable)) == run.chain_hash
            self.end.committed(len(self.durable), run.chain_hash)

    def hash_at(self, seq: int) -> bytes:
        value = genesis(LOG)
        for record in self.durable[:seq]:
            value = chain(value, record)
        return value


class Wire:
    """Two queues of frames in order, as TCP keeps them; `cut` loses what is under way."""

    def __init__(self, box: Box, cloud: Cloud) -> None:
        self.box, self.cloud = box, cloud
        self.up: list[bytes] = []
        self.down: list[bytes] = []

    def cut(self) -> None:
        self.up.clear()
        self.down.clear()
        self.box.connect()
        self.cloud.connect()
        self.collect()

    def collect(self) -> None:
        self.up += map(link.encode, self.box.end.outbox)
        self.down += map(link.encode, self.cloud.end.outbox)
        self.box.end.outbox.clear()
        self.cloud.end.outbox.clear()

    def step(self, action: str, most: int) -> None:
        match action:
            case "up" if self.up:
                self.cloud.take(self.up.pop(0))
            case "down" if self.down:
                self.box.take(self.down.pop(0))
            case "send":
                self.box.send(most)
            case "commit":
                self.cloud.commit()
            case "cut":
                self.cut()
        self.collect()

    def settle(self, most: int) -> None:
        """Let everything flow until nothing moves."""
        for _ in range(20 * (len(self.box.records) + self.cloud.menus + 10)):
            for action in ("down", "up", "send", "commit"):
                self.step(action, most)


def healed(wire: Wire) -> None:
    """The box's whole journal is in the cloud, and the box knows; every menu was applied once."""
    assert wire.cloud.durable == wire.box.records
    assert wire.box.acked_seq == len(wire.box.records)
    assert wire.box.applied == list(range(1, wire.cloud.menus + 1))
    assert max(wire.cloud.applied, default=0) == wire.cloud.menus


actions = st.sampled_from(["up", "down", "down", "up", "send", "commit", "cut"])


@given(
    facts=st.integers(0, 12),
    credit=st.integers(1, 8),
    menus=st.integers(0, 3),
    most=st.integers(1, 5),
    script=st.lists(actions, max_size=80),
)
@settings(max_examples=300, deadline=None)
def test_any_order_of_sends_commits_and_cuts_heals(
    facts: int, credit: int, menus: int, most: int, script: list[str]
) -> None:
    wire = Wire(Box(facts), Cloud(credit, menus))
    wire.cut()
    for action in script:
        wire.step(action, most)
        assert wire.cloud.durable == wire.box.records[: len(wire.cloud.durable)]
        assert wire.box.acked_seq <= len(wire.cloud.durable)
    wire.cut()
    wire.settle(most)
    healed(wire)


@pytest.mark.parametrize("at", range(25))
def test_a_cut_at_every_message_heals(at: int) -> None:
    wire = Wire(Box(9), Cloud(4, 2))
    wire.cut()
    for action in islice(cycle(("down", "up", "send", "commit")), at):
        wire.step(action, 2)
    wire.cut()
    wire.settle(2)
    healed(wire)


def connected(facts: int = 9, credit: int = 4) -> Wire:
    """Greeted, judged, welcomed; nothing sent yet."""
    wire = Wire(Box(facts), Cloud(credit, 0))
    wire.cut()
    for action in ("down", "up", "down"):
        wire.step(action, 1)
    assert (wire.box.end.state, wire.cloud.end.state) == ("live", "live")
    return wire


def test_no_more_facts_are_under_way_than_the_credit_allows() -> None:
    wire = connected(credit=4)
    for _ in range(5):
        wire.step("send", 3)
    assert wire.box.end.sent_seq == 4
    assert wire.box.end.room() == 0
    with pytest.raises(ProtocolViolation):
        wire.box.end.send_run((b"one too many",), b"")


def test_an_empty_run_is_not_sent() -> None:
    with pytest.raises(ProtocolViolation):
        connected().box.end.send_run((), b"")


def test_stale_and_doubled_acks_change_nothing() -> None:
    wire = connected()
    wire.step("send", 4)
    wire.box.end.receive(link.UpAck(3, b"h", 4))
    for seq in (3, 2, 0):
        assert wire.box.end.receive(link.UpAck(seq, b"h", 4)) is None
    assert wire.box.end.acked_seq == 3


@pytest.mark.parametrize(
    "message",
    [link.UpAck(5, b"h", 4), link.Resend(5), link.Challenge(b"n"), link.Welcome("ok", 1, 0, b"", "", 1, 0)],
)
def test_a_cloud_that_says_what_cannot_be_is_not_believed(message: Any) -> None:
    wire = connected()
    wire.step("send", 4)
    with pytest.raises(ProtocolViolation):
        wire.box.end.receive(message)


def test_a_resend_goes_back_but_never_behind_what_is_durable() -> None:
    wire = connected()
    wire.step("send", 4)
    wire.box.end.receive(link.UpAck(2, b"h", 4))
    wire.box.end.receive(link.Resend(3))
    assert wire.box.end.sent_seq == 3
    wire.box.end.receive(link.Resend(0))
    assert wire.box.end.sent_seq == 2


@pytest.mark.parametrize("verdict", ["fenced", "resnapshot", "upgrade", "something new"])
def test_a_box_that_is_turned_away_says_nothing_more(verdict: str) -> None:
    end = EdgeEnd()
    end.receive(link.Challenge(b"n"))
    event = end.receive(link.Welcome(verdict, 1, 0, b"", "i", 9, 0, "because"))
    assert isinstance(event, TurnedAway)
    assert (end.state, end.room()) == ("refused", 0)
    end.ping(1)
    end.status(link.Status(1, True))
    assert end.outbox == []
    with pytest.raises(ProtocolViolation):
        end.receive(link.Ping(1))


def test_an_answer_to_another_challenge_is_not_accepted() -> None:
    wire = Wire(Box(1), Cloud(4, 0))
    wire.cut()
    hello = link.Hello(wire.box._greeting(b"yesterday's nonce"), b"signature")
    with pytest.raises(ProtocolViolation):
        wire.cloud.end.receive(hello, 0)
    with pytest.raises(ProtocolViolation):
        CloudEnd(b"n").receive(link.Hello(b"not a greeting", b""), 0)


def test_signs_of_life_both_ways() -> None:
    wire = connected()
    wire.box.end.ping(5)
    wire.cloud.end.ping(6)
    wire.box.end.status(link.Status(9, True))
    wire.collect()
    assert wire.cloud.end.receive(link.to_cloud.decode(wire.up.pop(0)), 77) is None
    assert isinstance(wire.cloud.end.receive(link.to_cloud.decode(wire.up.pop(0)), 77), Telemetry)
    assert wire.box.end.receive(link.to_edge.decode(wire.down.pop(0))) is None
    wire.collect()
    assert wire.box.end.receive(link.to_edge.decode(wire.down.pop(0))) == Heard(5, 77)
    assert wire.cloud.end.receive(link.to_cloud.decode(wire.up.pop(0)), 0) == Heard(6, 0)


EDGE_MESSAGES: list[Any] = [
    link.Challenge(b"n"),
    link.Welcome("ok", 1, 0, b"", "i", 4, 0),
    link.UpAck(0, b"", 4),
    link.Resend(0),
    link.Down("menu", ()),
    link.Ping(1),
    link.Pong(1),
]
CLOUD_MESSAGES: list[Any] = [
    link.Hello(b"", b""),
    link.Up(1, (), b""),
    link.DownAck("menu", 1),
    link.Status(1, True),
    link.Ping(1),
    link.Pong(1),
]


@pytest.mark.parametrize("state", EDGE_STATES)
@pytest.mark.parametrize("message", EDGE_MESSAGES, ids=lambda each: type(each).__name__)
def test_the_box_takes_only_what_its_state_names(state: str, message: Any) -> None:
    end = EdgeEnd()
    end.state = state
    if type(message) in EDGE_STATES[state]:
        end.receive(message)
        assert end.state == EDGE_STATES[state][type(message)]
    else:
        with pytest.raises(ProtocolViolation):
            end.receive(message)


@pytest.mark.parametrize("state", CLOUD_STATES)
@pytest.mark.parametrize("message", CLOUD_MESSAGES, ids=lambda each: type(each).__name__)
def test_the_cloud_takes_only_what_its_state_names(state: str, message: Any) -> None:
    end = CloudEnd(b"n")
    end.state = state
    if type(message) in CLOUD_STATES[state] and not isinstance(message, link.Hello):
        end.receive(message, 0)
    else:
        with pytest.raises(ProtocolViolation):
            end.receive(message, 0)


@given(st.binary(max_size=200))
def test_no_frame_does_more_than_fail_to_decode(frame: bytes) -> None:
    for decoder in (link.to_cloud, link.to_edge, link.greeting):
        try:
            decoder.decode(frame)
        except msgspec.DecodeError:
            continue
