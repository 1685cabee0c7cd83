"""The agent's decisions as scripts: what the box says and what time does, and what the PC then does."""

from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.agent.commands import Beat, Command, Kept, Lock, LogOff, Remember, Send, Show, Unlock
from edge.agent.machine import CHECKPOINT_S, PASSING_S, RELOCK_S, TABLE, Machine
from protocol import station
from protocol.station import AgentAck, Lease, SignedLease

KEY = station.lease_key("token")
HELLO = station.AgentHello("0.1.0", "test", {})


class Pc:
    """A machine and the two clocks it is told."""

    def __init__(self, kept: Kept | None = None, wall_ms: int = 0) -> None:
        self.machine = Machine("PC-1", KEY, HELLO)
        self.now_s = 1000.0
        self.wall_ms = wall_ms
        self.first = self.machine.boot(kept or Kept(), self.now_s, wall_ms)

    def hears(self, message: station.FromBox) -> list[Command]:
        return self.machine.heard(message, self.now_s, self.wall_ms)

    def waits(self, seconds: float) -> list[Command]:
        """Let time pass as the runner does: from one wake-up to the next."""
        done: list[Command] = []
        end_s = self.now_s + seconds
        while (wake_s := self.machine.wake_s(self.now_s)) is not None and self.now_s + wake_s <= end_s:
            self.now_s += wake_s
            done += self.machine.tick(self.now_s, self.wall_ms)
        self.now_s = end_s
        return done

    def plays(self, seconds: float = 3600.0, **more: Any) -> list[Command]:
        return self.hears(station.SessionStart("s1", seconds / 60, lease(seconds, **more)))

    @property
    def left_s(self) -> float | None:
        return self.machine.view(self.now_s).remaining_s


def lease(
    remaining_s: float = 3600.0, *, session: str = "s1", seq: int = 10, key: bytes = KEY, **more: Any
) -> SignedLease:
    fields: dict[str, Any] = {
        "station_id": "PC-1",
        "session_id": session,
        "epoch": 1,
        "seq": seq,
        "remaining_s": remaining_s,
    }
    return station.sign_lease(Lease(**{**fields, **more}), key)


def acts(commands: Iterable[Command]) -> list[str]:
    """What is done to the PC, without words and notes."""
    return [type(command).__name__ for command in commands if isinstance(command, Lock | Unlock | LogOff)]


def said(commands: Iterable[Command]) -> list[station.FromAgent]:
    return [command.message for command in commands if isinstance(command, Send)]


def shown(commands: Iterable[Command]) -> list[str]:
    return [command.text for command in commands if isinstance(command, Show) and command.text]


def kept(commands: Iterable[Command]) -> Kept:
    return [command.kept for command in commands if isinstance(command, Remember)][-1]


# ── start (seed 003 §1) ─────────────────────────────────────────────────────────────────────────
def test_it_boots_locked() -> None:
    pc = Pc()
    assert acts(pc.first) == ["Lock"]
    assert pc.machine.view(pc.now_s).state == "locked"


def test_it_says_hello_and_asks_how_things_stand() -> None:
    pc = Pc()
    assert said(pc.machine.connected(pc.now_s)) == [HELLO, station.SyncRequest(None)]


def test_a_start_unlocks_counts_and_is_acknowledged() -> None:
    pc = Pc()
    commands = pc.plays(3600)
    assert acts(commands) == ["Unlock"]
    assert said(commands) == [AgentAck("session_start", "s1")]
    pc.waits(600)
    assert pc.left_s == 3000


def test_a_start_without_a_word_of_the_box_unlocks_nothing() -> None:
    pc = Pc()
    for signed in (None, lease(key=b"guessed"), lease(station_id="PC-2")):
        commands = pc.hears(station.SessionStart("s1", 60, signed))
        assert acts(commands) == []
        assert said(commands) == [station.SyncRequest(None)]
    assert pc.machine.state == "locked"


# ── extension (§2) ──────────────────────────────────────────────────────────────────────────────
def test_time_added_is_counted_said_and_acknowledged() -> None:
    pc = Pc()
    pc.plays(600)
    pc.waits(300)
    commands = pc.hears(station.SessionExtend("s1", 1800, lease(2100, seq=11)))
    assert shown(commands) == ["Time added!"]
    assert said(commands) == [AgentAck("session_extend", "s1")]
    assert pc.left_s == 2100


def test_an_extension_heard_twice_counts_once() -> None:
    pc = Pc()
    pc.plays(600)
    extension = station.SessionExtend("s1", 1800, lease(2400, seq=11))
    pc.hears(extension)
    pc.waits(100)
    pc.hears(extension)
    assert pc.left_s == pytest.approx(2300, abs=5)


def test_a_recorded_lease_brings_no_time_back() -> None:
    pc = Pc()
    start = station.SessionStart("s1", 60, lease(3600, seq=10))
    pc.hears(start)
    pc.waits(3000)
    pc.hears(start)
    assert pc.left_s == pytest.approx(600, abs=5)
    pc.hears(station.SessionExtend("s1", 1800, lease(2400, seq=12)))
    assert said(pc.hears(start)) == [station.SyncRequest("s1")]
    assert pc.left_s == 2400


def test_a_replaced_box_is_not_listened_to() -> None:
    pc = Pc()
    pc.plays(600, epoch=2, seq=5)
    pc.hears(station.SessionExtend("s1", 1800, lease(2400, epoch=1, seq=900)))
    assert pc.left_s == 600


# ── warnings and the end (§3) ───────────────────────────────────────────────────────────────────
def test_it_warns_at_ten_and_at_two_minutes() -> None:
    pc = Pc()
    pc.plays(3600)
    assert shown(pc.waits(2999)) == []
    assert shown(pc.waits(2)) == ["10 minutes left. Save your game."]
    assert shown(pc.waits(478)) == []
    assert shown(pc.waits(2)) == ["2 minutes left. Save your game."]


def test_more_time_brings_the_warnings_back() -> None:
    pc = Pc()
    pc.plays(700)
    pc.waits(150)
    pc.hears(station.SessionExtend("s1", 600, lease(1150, seq=11)))
    assert shown(pc.waits(600)) == ["10 minutes left. Save your game."]


def test_a_passing_message_goes_away() -> None:
    pc = Pc()
    pc.plays(601)
    pc.waits(1)
    assert "10 minutes" in pc.machine.view(pc.now_s).message
    pc.waits(PASSING_S)
    assert pc.machine.view(pc.now_s).message == ""


def test_the_end_locks_says_so_waits_half_a_minute_and_logs_off() -> None:
    pc = Pc()
    pc.plays(60)
    assert acts(pc.waits(59)) == []
    ending = pc.waits(1)
    assert acts(ending) == ["Lock"]
    assert (shown(ending), pc.left_s) == (["Session ended."], 30.0)
    assert "LogOff" not in acts(pc.waits(29))
    assert acts(pc.waits(1))[:2] == ["LogOff", "Lock"]
    assert pc.machine.state == "locked"


def test_an_expiry_is_acknowledged_after_the_log_off_and_a_repeat_changes_nothing() -> None:
    pc = Pc()
    pc.plays(3600)
    expired = station.SessionExpired("s1")
    assert said(pc.hears(expired)) == []
    pc.waits(20)
    assert pc.hears(expired) == []
    commands = pc.waits(10)
    assert "LogOff" in acts(commands)
    assert said(commands) == [AgentAck("session_expired", "s1")]
    assert said(pc.hears(expired)) == [AgentAck("session_expired", "s1")]


def test_time_paid_while_saving_lets_the_guest_go_on() -> None:
    pc = Pc()
    pc.plays(60)
    pc.waits(70)
    assert pc.machine.state == "saving"
    assert acts(pc.hears(station.SessionExtend("s1", 600, lease(600, seq=11)))) == ["Unlock"]
    assert "LogOff" not in acts(pc.waits(100))


# ── stop (§4) ───────────────────────────────────────────────────────────────────────────────────
def test_a_stop_locks_and_does_not_log_off() -> None:
    pc = Pc()
    pc.plays()
    commands = pc.hears(station.SessionStop("s1"))
    assert acts(commands) == ["Lock"]
    assert said(commands) == [AgentAck("session_stop", "s1")]
    assert "LogOff" not in acts(pc.waits(120))


def test_the_end_of_another_session_is_none_of_ours() -> None:
    pc = Pc()
    pc.plays()
    assert acts(pc.hears(station.SessionStop("old"))) == []
    assert acts(pc.hears(station.SessionExpired("old"))) == []
    assert pc.machine.state == "playing"


# ── heartbeats (§5) and recovery (§10) ──────────────────────────────────────────────────────────
def test_a_heartbeat_every_half_minute_while_connected() -> None:
    pc = Pc()
    pc.machine.connected(pc.now_s)
    pc.plays(3600)
    beats = [command for command in pc.waits(95) if isinstance(command, Beat)]
    assert beats == [Beat("s1", 3570), Beat("s1", 3540), Beat("s1", 3510)]
    pc.machine.disconnected()
    assert not any(isinstance(command, Beat) for command in pc.waits(95))


def test_without_the_box_it_counts_warns_and_ends_alone() -> None:
    pc = Pc()
    pc.plays(1000)
    pc.machine.disconnected()
    commands = pc.waits(1100)
    assert shown(commands) == [
        "10 minutes left. Save your game.",
        "2 minutes left. Save your game.",
        "Session ended.",
    ]
    assert "LogOff" in acts(commands)


def test_on_return_it_asks_about_the_session_it_knew() -> None:
    pc = Pc()
    pc.plays(60)
    pc.machine.disconnected()
    pc.waits(200)
    assert station.SyncRequest("s1") in said(pc.machine.connected(pc.now_s))


def synced(status: station.SessionStatus, signed: SignedLease | None = None) -> station.SyncResponse:
    return station.SyncResponse(
        station.StationSession("s1", "PC-1", status, 0), "2026-11-21T00:00:00Z", signed
    )


def test_a_session_still_active_sets_the_countdown() -> None:
    pc = Pc()
    pc.plays(600)
    pc.waits(100)
    pc.hears(synced("ACTIVE", lease(1300, seq=20)))
    assert pc.left_s == 1300


def test_a_session_that_ended_meanwhile_is_ended_here() -> None:
    pc = Pc()
    pc.plays(600)
    assert acts(pc.hears(synced("EXPIRED"))) == ["Lock"]
    assert pc.machine.state == "saving"
    other = Pc()
    other.plays(600)
    assert acts(other.hears(synced("STOPPED"))) == ["Lock"]
    assert other.machine.state == "locked"


def test_no_session_clears_what_is_remembered() -> None:
    pc = Pc()
    pc.plays(600)
    commands = pc.hears(station.NoSession())
    assert acts(commands) == ["Lock"]
    assert kept(commands).lease is None
    assert said(pc.machine.connected(pc.now_s))[1] == station.SyncRequest(None)


def test_an_answer_that_cannot_be_believed_is_not_asked_for_again_at_once() -> None:
    pc = Pc()
    assert pc.hears(synced("ACTIVE", lease(key=b"guessed"))) == []


def test_a_pause_locks_and_stops_the_count_and_a_resume_goes_on() -> None:
    pc = Pc()
    pc.plays(600)
    pc.waits(100)
    assert acts(pc.hears(synced("PAUSED", lease(500, seq=11, paused=True)))) == ["Lock"]
    pc.waits(1000)
    assert pc.left_s == 500
    assert acts(pc.hears(synced("ACTIVE", lease(500, seq=12)))) == ["Unlock"]


# ── service (§9) ────────────────────────────────────────────────────────────────────────────────
def test_staff_may_take_it_out_of_service_and_give_it_back() -> None:
    pc = Pc()
    commands = pc.machine.service(True, pc.now_s, 0)
    assert acts(commands) == ["Unlock"]
    assert said(commands) == [station.StatusChange("MAINTENANCE")]
    assert pc.machine.service(True, pc.now_s, 0) == []
    assert acts(pc.plays(600)) == []
    commands = pc.machine.service(False, pc.now_s, 0)
    assert acts(commands) == ["Lock"]
    assert said(commands) == [station.StatusChange("ONLINE"), station.SyncRequest("s1")]


# ── restarts ────────────────────────────────────────────────────────────────────────────────────
def test_a_restarted_pc_goes_on_from_its_last_note() -> None:
    before = Pc(wall_ms=1_000_000)
    before.plays(3600)
    note = kept(before.waits(600))
    after = Pc(note, wall_ms=1_000_000 + 3_600_000)
    assert acts(after.first) == ["Lock", "Unlock"]
    assert after.left_s == pytest.approx(3000, abs=CHECKPOINT_S)


def test_by_the_other_policy_the_time_it_was_off_counts() -> None:
    before = Pc(wall_ms=1_000_000)
    before.plays(3600, off_policy="charge")
    note = kept(before.waits(600))
    after = Pc(note, wall_ms=1_000_000 + 1_000_000)
    assert after.left_s == pytest.approx(2000, abs=CHECKPOINT_S)
    assert Pc(note, wall_ms=1_000_000 + 9_000_000).machine.state == "locked"
    assert Pc(note, wall_ms=0).left_s == pytest.approx(3000, abs=CHECKPOINT_S)


def test_a_forged_note_unlocks_nothing_and_none_holds_more_than_was_leased() -> None:
    assert acts(Pc(Kept(1, 1, lease(key=b"guessed"), 9999.0)).first) == ["Lock"]
    assert Pc(Kept(1, 10, lease(600), 99_999.0)).left_s == 600


def test_what_was_newest_before_the_restart_still_is() -> None:
    pc = Pc(Kept(epoch=3, seq=50))
    assert acts(pc.plays(600, epoch=3, seq=49)) == []
    assert acts(pc.plays(600, epoch=3, seq=50)) == ["Unlock"]


def test_a_locked_pc_is_locked_again_and_again() -> None:
    pc = Pc()
    assert acts(pc.waits(RELOCK_S * 3)) == ["Lock"] * 3


# ── anything may come at any time ───────────────────────────────────────────────────────────────
def test_every_state_of_the_table_can_be_reached_and_left() -> None:
    assert {state for ways in TABLE.values() for state in ways.values()} == TABLE.keys()


MESSAGES = st.one_of(
    st.builds(station.SessionStart, st.just("s1"), st.just(60.0), st.just(lease(600, seq=10))),
    st.builds(station.SessionExtend, st.just("s1"), st.just(600), st.just(lease(900, seq=11))),
    st.builds(station.SessionExpired, st.sampled_from(["s1", "s2"])),
    st.builds(station.SessionStop, st.sampled_from(["s1", "s2"])),
    st.just(station.NoSession()),
    st.just(station.HeartbeatAck()),
    st.just(synced("PAUSED", lease(300, seq=12, paused=True))),
    st.just(synced("ACTIVE", lease(300, seq=13))),
    st.just(synced("ACTIVE", lease(300, key=b"guessed"))),
)


@settings(deadline=None)
@given(st.lists(st.tuples(MESSAGES, st.floats(0, 400), st.sampled_from([None, None, None, True, False]))))
def test_it_is_open_exactly_while_it_plays_or_is_in_service(
    script: list[tuple[station.FromBox, float, bool | None]],
) -> None:
    pc = Pc()
    open_now = False
    for message, seconds, service in script:
        commands = pc.hears(message)
        if service is not None:
            commands += pc.machine.service(service, pc.now_s, 0)
        commands += pc.waits(seconds)
        for command in commands:
            if isinstance(command, Lock | Unlock):
                open_now = isinstance(command, Unlock)
        assert open_now == (pc.machine.state in ("playing", "maintenance"))
        assert pc.left_s is None or pc.left_s >= 0
    pc.machine.service(False, pc.now_s, 0)
    pc.waits(2000)
    if pc.machine.state != "paused":
        assert pc.machine.state == "locked"
