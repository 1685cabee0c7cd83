"""Who has a venue's place, as boxes tell one another: proven by what only the two of them know."""

import msgspec
import pytest

from protocol.charge import Charge, announced, heard, proven
from protocol.facts.fact import renewed

FORMER = b"f" * 32
NEW = Charge("venue-1", "node-2", 2, "log-2", 120)
TXT = announced(NEW, renewed(FORMER, NEW.log_id))


def test_who_knows_the_former_journal_believes_its_successor() -> None:
    assert heard(TXT) == (NEW, TXT["proof"])
    assert proven(NEW, TXT["proof"], FORMER)


@pytest.mark.parametrize(
    "change",
    [{"venue_id": "venue-2"}, {"node_id": "x"}, {"epoch": 3}, {"log_id": "log-3"}, {"base_seq": 121}],
)
def test_a_proof_is_good_for_what_was_announced_and_nothing_else(change: dict[str, object]) -> None:
    assert not proven(msgspec.structs.replace(NEW, **change), TXT["proof"], FORMER)


@pytest.mark.parametrize("proof", ["", "00", "ß", TXT["proof"].upper()])
def test_a_guess_proves_nothing(proof: str) -> None:
    assert not proven(NEW, proof, FORMER)
    assert not proven(NEW, TXT["proof"], b"g" * 32)


@pytest.mark.parametrize(
    "change",
    [{"epoch": "-1"}, {"epoch": "9" * 40}, {"epoch": "٣"}, {"venue": ""}, {"base": "x"}, {"log": ""}],
)
def test_nonsense_is_nobody(change: dict[str, str]) -> None:
    assert heard({**TXT, **change}) is None
    assert heard({}) is None


def test_every_entry_fits_a_txt_record() -> None:
    ids = "018f0000-0000-7000-8000-000000000001"
    told = announced(Charge(ids, ids, 2**31, ids, 2**62), FORMER)
    assert all(len(f"{key}={value}") <= 255 for key, value in told.items())
