"""Play sessions: who may play where, what counts, what an end is, and what it costs."""

import msgspec
import pytest

from edge.core.clock import Now
from edge.core.play.commands import (
    AbandonPlay,
    ConfirmPlayPayment,
    CreditAccount,
    ExpirePlay,
    IssueCode,
    MovePlay,
    PausePlay,
    ResumePlay,
    SetMaintenance,
    StopPlay,
)
from protocol.facts.play import NS, PlaySession
from tests.sample_venue import PC1, PC2, PS5, extend, now, opening, start
from tests.unit.edge.core.script import Script

ANN = "staff:ann"


class Play(Script):
    """A venue with hands on its clock."""

    def __init__(self) -> None:
        super().__init__(*opening())

    def at(self, second: float) -> "Play":
        """So many seconds after the box started."""
        self.now = Now("boot-1", int(second * NS), 1_700_000_000_000 + int(second * 1000), True)
        return self

    def played(self, session: str = "play-1") -> PlaySession:
        found = self.play(session)
        assert found is not None
        return found

    def left_s(self, session: str = "play-1") -> float:
        return self.played(session).left_ns(self.now.boot, self.now.mono_ns) / NS

    def status(self, session: str = "play-1") -> str:
        return self.played(session).status


@pytest.fixture
def venue() -> Play:
    """Before anybody plays, one second after the start."""
    return Play().at(1)


def test_an_hour_runs_from_the_moment_it_is_paid(venue: Play) -> None:
    venue.do(start())
    assert (venue.status(), venue.left_s()) == ("ACTIVE", 3600)
    assert venue.at(601).left_s() == 3000
    assert venue.played().ends_ms == 1_700_000_000_000 + 3_601_000


def test_a_station_has_one_session_at_a_time(venue: Play) -> None:
    venue.do(start())
    refusal = venue.refusal(start(session="play-2"))
    assert (refusal.code, refusal.status) == ("station_busy", 409)
    venue.do(StopPlay("play-1", "left", ANN))
    venue.do(start(session="play-2"))
    assert venue.status("play-2") == "ACTIVE"


@pytest.mark.parametrize(
    ("asked", "code", "status"),
    [
        ({"station": "ps5-9"}, "unknown_station", 404),
        ({"amount_minor": None}, "payment_required", 402),
        ({"amount_minor": 0}, "payment_required", 402),
        ({"station": PC1, "amount_minor": 599}, "payment_required", 402),
        ({"method": "BALANCE", "user_id": "mia"}, "insufficient_balance", 400),
        ({"method": "BALANCE"}, "insufficient_balance", 400),
        ({"method": "CODE", "code": "NOSUCH"}, "unknown_code", 404),
    ],
)
def test_who_does_not_start(venue: Play, asked: dict[str, object], code: str, status: int) -> None:
    refusal = venue.refusal(start(**asked))  # type: ignore[arg-type]
    assert (refusal.code, refusal.status) == (code, status)
    assert venue.play("play-1") is None


def test_a_tariff_names_the_price_where_nobody_does(venue: Play) -> None:
    venue.do(start(PC1, amount_minor=None))
    assert venue.played().paid_minor == 600


def test_without_a_tariff_more_time_costs_as_much_as_the_beginning_did(venue: Play) -> None:
    venue.do(start(PS5))
    venue.do(extend(minutes=25, amount_minor=None))
    assert venue.played().paid_minor == 1000 + 417


def test_without_a_tariff_time_for_a_code_has_no_price_to_go_by(venue: Play) -> None:
    venue.do(IssueCode("KB7T", 1800, 400, "CASH", ANN))
    venue.do(start(PS5, method="CODE", code="KB7T", amount_minor=None))
    assert venue.code(extend(amount_minor=None)) == "payment_required"


def test_a_balance_pays_once_and_is_never_overdrawn(venue: Play) -> None:
    venue.do(CreditAccount("mia", "entry-1", 2500, "counter", ANN))
    venue.do(start(method="BALANCE", user_id="mia", amount_minor=2000))
    assert venue.account("mia").balance_minor == 500  # type: ignore[union-attr]
    assert venue.code(extend(amount_minor=501)) == "insufficient_balance"
    venue.do(extend(amount_minor=500))
    assert venue.account("mia").balance_minor == 0  # type: ignore[union-attr]
    assert venue.left_s() == 5400


def test_a_card_keeps_the_station_and_begins_when_it_is_confirmed(venue: Play) -> None:
    venue.do(start(method="CARD"))
    assert venue.status() == "AWAITING"
    assert venue.code(start(session="play-2")) == "station_busy"
    venue.at(61).do(ConfirmPlayPayment("play-1", "play-1:first", ANN))
    assert (venue.status(), venue.left_s()) == ("ACTIVE", 3600)
    assert venue.do(ConfirmPlayPayment("play-1", "play-1:first", ANN)) == []


def test_a_card_that_never_came_frees_the_station_and_is_owed_back_if_it_does(venue: Play) -> None:
    venue.do(start(method="CARD"))
    venue.at(601).do(AbandonPlay("play-1"))
    assert venue.status() == "ABANDONED"
    venue.do(start(session="play-2"))
    venue.do(ConfirmPlayPayment("play-1", "play-1:first", ANN))
    venue.do(ConfirmPlayPayment("play-1", "play-1:first", ANN))
    assert venue.played().refunds == {"play-1:first": 1000}
    assert venue.status() == "ABANDONED"


def test_an_extension_by_card_that_comes_after_the_end_is_owed_back_once(venue: Play) -> None:
    venue.do(start(minutes=1))
    venue.do(extend(method="CARD"))
    assert venue.left_s() == 60
    venue.at(61).do(ExpirePlay("play-1"))
    for _ in range(2):
        venue.do(ConfirmPlayPayment("play-1", "play-1:more", ANN))
    assert (venue.status(), venue.played().refunds) == ("EXPIRED", {"play-1:more": 500})


def test_two_extensions_in_one_instant_both_count_once(venue: Play) -> None:
    venue.do(start())
    venue.do(extend(entitlement_id="a", mid="extend-a"))
    venue.do(extend(entitlement_id="b", mid="extend-b"))
    assert venue.left_s() == 2 * 3600
    assert (venue.played().extended_s, venue.played().paid_minor) == (3600, 2000)


def test_one_extension_that_arrives_on_two_ways_counts_once(venue: Play) -> None:
    venue.do(start())
    venue.do(extend(entitlement_id="a", mid="on the spot"))
    assert venue.do(extend(entitlement_id="a", mid="by the cloud")) == []
    assert (venue.played().extended_s, venue.played().paid_minor) == (1800, 1500)


@pytest.mark.parametrize("how", ["stop", "expire", "pause", "wait for a card"])
def test_only_a_session_that_runs_is_extended(venue: Play, how: str) -> None:
    venue.do(start(minutes=1, method="CARD" if how == "wait for a card" else "CASH"))
    if how == "stop":
        venue.do(StopPlay("play-1", "left", ANN))
    elif how == "expire":
        venue.at(61).do(ExpirePlay("play-1"))
    elif how == "pause":
        venue.do(PausePlay("play-1", "phone", ANN))
    refusal = venue.refusal(extend())
    assert (refusal.status, refusal.message) == (400, "Cannot extend inactive session")


def test_an_end_that_was_overtaken_changes_nothing(venue: Play) -> None:
    venue.do(start(minutes=1))
    venue.at(60.5).do(extend())
    assert venue.at(61).do(ExpirePlay("play-1")) == []
    assert (venue.status(), venue.left_s()) == ("ACTIVE", 1800)
    venue.at(1861).do(ExpirePlay("play-1"))
    assert (venue.status(), venue.played().reason) == ("EXPIRED", "time_used_up")
    assert venue.do(ExpirePlay("play-1")) == []


def test_an_end_that_is_noticed_late_takes_no_more_than_was_paid(venue: Play) -> None:
    venue.do(start(minutes=1))
    venue.at(4000).do(ExpirePlay("play-1"))
    assert venue.played().consumed_ns == 60 * NS


def test_it_is_stopped_once(venue: Play) -> None:
    venue.do(start())
    venue.do(StopPlay("play-1", "left", ANN))
    refusal = venue.refusal(StopPlay("play-1", "left", ANN))
    assert (refusal.status, refusal.message) == (400, "Session already ended")
    assert venue.code(StopPlay("play-9", "left", ANN)) == "unknown_play_session"


def test_a_pause_takes_no_time(venue: Play) -> None:
    venue.do(start())
    venue.at(601).do(PausePlay("play-1", "phone", ANN))
    assert venue.at(5000).left_s() == 3000
    assert venue.played().ends_ms is None
    assert venue.do(PausePlay("play-1", "phone", ANN)) == []
    venue.do(ResumePlay("play-1", ANN))
    assert venue.do(ResumePlay("play-1", ANN)) == []
    assert venue.at(5100).left_s() == 2900
    venue.do(PausePlay("play-1", "again", ANN))
    venue.do(StopPlay("play-1", "left", ANN))
    assert venue.code(PausePlay("play-1", "phone", ANN)) == "session_ended"
    assert venue.code(ResumePlay("play-1", ANN)) == "session_ended"


def test_a_session_moves_with_its_time(venue: Play) -> None:
    venue.do(start())
    venue.do(start(PC1, session="play-2"))
    assert venue.code(MovePlay("play-1", PC1, ANN)) == "station_busy"
    assert venue.code(MovePlay("play-1", "pc-9", ANN)) == "unknown_station"
    venue.at(601).do(MovePlay("play-1", PC2, ANN))
    assert (venue.played().station_id, venue.left_s()) == (PC2, 3000)
    assert venue.do(MovePlay("play-1", PC2, ANN)) == []
    venue.do(start(PS5, session="play-3"))
    assert venue.code(start(PC2, session="play-4")) == "station_busy"


def test_nobody_starts_on_a_station_out_of_service(venue: Play) -> None:
    venue.do(SetMaintenance(PS5, True, ANN))
    assert venue.do(SetMaintenance(PS5, True, ANN)) == []
    assert venue.code(start()) == "station_in_maintenance"
    venue.do(SetMaintenance(PS5, False, ANN))
    venue.do(start())
    assert venue.code(SetMaintenance("pc-9", True, ANN)) == "unknown_station"


def test_a_guest_code_is_played_once(venue: Play) -> None:
    venue.do(IssueCode("KB7T", 1800, 400, "CASH", ANN))
    assert venue.code(IssueCode("KB7T", 1800, 400, "CASH", ANN)) == "code_used"
    venue.do(start(method="CODE", code="KB7T", amount_minor=None))
    assert (venue.left_s(), venue.played().paid_minor) == (1800, 0)
    assert venue.code(start(PC1, session="play-2", method="CODE", code="KB7T")) == "code_used"
    assert venue.code(extend(method="CODE")) == "invalid"


def test_postpaid_play_is_charged_by_what_was_played(venue: Play) -> None:
    command = start(PC1, method="POSTPAID", amount_minor=None)
    venue.do(msgspec.structs.replace(command, seconds=None))
    assert venue.left_s() == 12 * 3600
    venue.at(1 + 41 * 60).do(StopPlay("play-1", "left", ANN))
    assert venue.played().due_minor == 450  # 45 minutes in steps of five, at six euros an hour


def test_what_is_not_configured_is_not_sold() -> None:
    empty = Script()
    assert empty.code(start()) == "not_configured"
    assert empty.code(CreditAccount("mia", "e", 5, "counter", ANN)) == "not_configured"
    assert empty.code(IssueCode("KB7T", 60, 5, "CASH", ANN)) == "not_configured"
    assert now(1) == empty.now
