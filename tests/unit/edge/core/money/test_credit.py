"""The venue's own credit: only in an outage, only for somebody known, only up to the cap, collected once."""

import msgspec
import pytest

from edge.core.afar.commands import AcceptGrant, GiveBackGrant, WriteOffCredit
from edge.core.commands import ConfigureVenue
from edge.core.play.commands import CreditAccount, ExtendPlay, StartPlay, StopPlay
from protocol.facts.account import BalanceCredited, BalanceDebited
from protocol.facts.credit import CreditCollected, CreditGiven, CreditWrittenOff
from protocol.facts.fact import Fact, ImpossibleFact
from protocol.facts.fold import evolve
from protocol.facts.play_config import PlayConfig, PlayStation
from protocol.instruction import CreditGrant
from tests.sample_venue import config, told
from tests.unit.edge.core.script import Script

PLAY = PlayConfig(stations=(PlayStation("one", "One", "console"), PlayStation("two", "Two", "console")))
MIA = "mia"


def capped(cap_minor: int, version: int = 1) -> ConfigureVenue:
    """The venue with a cap, as the cloud has it in that version."""
    limited = msgspec.structs.replace(config(), play=PLAY, wallet_credit_cap_minor=cap_minor)
    return ConfigureVenue(limited, version)


def venue(cap_minor: int = 2000, granted_minor: int = 500) -> Script:
    """A venue with that cap, where Mia may spend so much."""
    return Script(capped(cap_minor), AcceptGrant(MIA, "grant-1", granted_minor, "owner:o"))


def start(amount_minor: int, name: str = "1", **more: object) -> StartPlay:
    """Mia plays for that much, on credit where need be, while the cloud is away."""
    given: dict[str, object] = {"user_id": MIA, "cloud_away": True, "on_credit": True, **more}
    return StartPlay(f"s{name}", f"e{name}", "one", 3600, "BALANCE", amount_minor, "staff:ana", **given)  # type: ignore[arg-type]


def books(script: Script) -> tuple[int, int]:
    """Mia's balance, and what all guests owe."""
    holder, owed = script.account(MIA), script.credits()
    return (holder.balance_minor if holder else 0, owed.owed_minor if owed else 0)


def test_the_venue_stands_in_for_what_the_balance_lacks() -> None:
    script = venue()
    events = script.do(start(1200))
    (given,) = [event for event in events if isinstance(event, CreditGiven)]
    assert given == CreditGiven("e1", MIA, 700, 700, 2000, "EUR")
    assert books(script) == (0, 700)
    moved = [event for event in events if isinstance(event, BalanceCredited | BalanceDebited)]
    assert [(each.amount_minor, each.balance_minor) for each in moved] == [(700, 1200), (1200, 0)]


@pytest.mark.parametrize(
    ("script", "command", "code"),
    [
        (venue(), start(1200, cloud_away=False), "insufficient_balance"),
        (venue(), start(1200, on_credit=False), "insufficient_balance"),
        (venue(), start(1200, user_id="nobody"), "insufficient_balance"),
        (venue(), start(1200, user_id=None), "insufficient_balance"),
        (venue(cap_minor=0), start(1200), "insufficient_balance"),
        (venue(cap_minor=699), start(1200), "credit_exhausted"),
    ],
)
def test_otherwise_it_does_not(script: Script, command: StartPlay, code: str) -> None:
    assert script.code(command) == code
    assert books(script) == (500, 0)


def test_the_staff_is_told_what_would_be_lent_before_it_is() -> None:
    detail = venue().refusal(start(1200, on_credit=False)).detail
    assert detail == {
        "balance_minor": 500,
        "short_minor": 700,
        "credit_left_minor": 2000,
        "credit_cap_minor": 2000,
    }
    told = venue().refusal(start(1200, cloud_away=False)).detail
    assert told == {"balance_minor": 500}, "no word of a credit that there is not"


def test_the_cap_counts_what_all_guests_owe() -> None:
    script = venue()
    script.do(start(2000))
    script.do(StopPlay("s1", "over", "staff:ana"))
    script.do(AcceptGrant("ben", "grant-2", 100, "owner:o"))
    assert script.code(start(700, "2", user_id="ben")) == "credit_exhausted"
    script.do(start(600, "2", user_id="ben"))
    assert script.credits().owed_minor == 2000  # type: ignore[union-attr]


def test_a_cap_that_was_lowered_lends_nothing_more_and_takes_nothing_back() -> None:
    script = venue()
    script.do(start(1500))
    script.do(capped(100, 2))
    assert (
        script.code(ExtendPlay("s1", "e2", 60, "staff:ana", None, 1, None, True, True)) == "credit_exhausted"
    )
    assert books(script) == (0, 1000)


def test_more_time_goes_on_credit_too() -> None:
    script = venue()
    script.do(start(500))
    script.do(ExtendPlay("s1", "e2", 1800, "staff:ana", None, 300, None, True, True))
    assert books(script) == (0, 300)


@pytest.mark.parametrize(
    ("came_minor", "balance_minor", "owed_minor"), [(300, 0, 400), (700, 0, 0), (1000, 300, 0)]
)
@pytest.mark.parametrize("way", ["wallet", "counter"])
def test_the_next_money_pays_the_debt_first(
    way: str, came_minor: int, balance_minor: int, owed_minor: int
) -> None:
    script = venue()
    script.do(start(1200))
    if way == "wallet":
        events = script.do(AcceptGrant(MIA, "grant-2", came_minor, "owner:o"))
    else:
        events = script.do(CreditAccount(MIA, "paid-in", came_minor, "counter", "staff:ana"))
    (collected,) = [event for event in events if isinstance(event, CreditCollected)]
    assert collected.amount_minor == min(came_minor, 700)
    assert books(script) == (balance_minor, owed_minor)


def test_a_grant_that_comes_twice_collects_once() -> None:
    script = venue()
    script.do(start(1200))
    script.do(AcceptGrant(MIA, "grant-2", 300, "owner:o"))
    assert script.do(AcceptGrant(MIA, "grant-2", 300, "owner:o")) == []
    assert books(script) == (0, 400)


def test_money_that_comes_by_a_command_of_the_cloud_collects_once() -> None:
    script = venue()
    script.do(start(1200))
    events = script.do(told(CreditGrant(MIA, "grant-2", 700)))
    assert len([event for event in events if isinstance(event, CreditCollected)]) == 1
    assert script.do(told(CreditGrant(MIA, "grant-2", 700))) == []
    assert books(script) == (0, 0)


def test_the_oldest_debt_is_paid_first_and_others_pay_nothing() -> None:
    script = venue()
    script.do(start(1000))
    script.do(ExtendPlay("s1", "e2", 60, "staff:ana", None, 300, None, True, True))
    script.do(AcceptGrant("ben", "grant-b", 5000, "owner:o"))
    assert script.credits().owed_minor == 800  # type: ignore[union-attr]
    events = script.do(AcceptGrant(MIA, "grant-2", 600, "owner:o"))
    collected = [event for event in events if isinstance(event, CreditCollected)]
    assert [(each.entry, each.amount_minor, each.owed_minor) for each in collected] == [
        ("e1", 500, 300),
        ("e2", 100, 200),
    ]


def test_what_is_written_off_is_not_collected() -> None:
    script = venue()
    script.do(start(1200))
    script.do(AcceptGrant(MIA, "grant-2", 300, "owner:o"))
    (event,) = script.do(WriteOffCredit("e1", "never came back", "owner:o"))
    assert event == CreditWrittenOff("e1", 400, 0, "never came back")
    assert script.code(WriteOffCredit("e1", "again", "owner:o")) == "nothing_owed"
    script.do(AcceptGrant(MIA, "grant-3", 900, "owner:o"))
    assert books(script) == (900, 0)


def test_nothing_of_a_debt_is_given_back_to_the_wallet() -> None:
    script = venue()
    script.do(start(1200))
    assert script.code(GiveBackGrant(MIA, "return-1", 500, "owner:o")) == "insufficient_balance"


@pytest.mark.parametrize(
    "event",
    [
        CreditGiven("e2", MIA, 100, 800, 750, "EUR"),
        CreditGiven("e2", MIA, 100, 900, 2000, "EUR"),
        CreditGiven("e1", MIA, 100, 800, 2000, "EUR"),
        CreditGiven("e2", MIA, 0, 700, 2000, "EUR"),
        CreditCollected("e1", "grant-2", 701, -1),
        CreditCollected("e9", "grant-2", 1, 699),
        CreditCollected("e1", "grant-2", 100, 500),
        CreditWrittenOff("e1", 0, 700, ""),
    ],
)
def test_books_that_cannot_be_are_refused(event: CreditGiven | CreditCollected | CreditWrittenOff) -> None:
    """Box and cloud fold with this, so neither takes a debt beyond the cap or a payment beyond the debt."""
    script = venue()
    script.do(start(1200))
    state = script.credits()
    assert state is not None
    with pytest.raises(ImpossibleFact):
        evolve(state, Fact(99, "credit:venue", state.version + 1, event, "boot", 1, 1))
