"""Two kinds of silence."""

from protocol.link_patience import ACKED_WITHIN_S, SILENCE_S, Patience


def test_nothing_at_all_is_silence() -> None:
    patience = Patience(100.0)
    assert patience.complaint(100.0 + SILENCE_S, owed=False) is None
    assert "silent" in (patience.complaint(100.1 + SILENCE_S, owed=False) or "")


def test_pongs_do_not_stand_for_acknowledgements() -> None:
    patience = Patience(0.0)
    for second in range(int(ACKED_WITHIN_S) + 1):
        patience.heard(float(second))
        assert patience.complaint(float(second), owed=True) is None
    patience.heard(ACKED_WITHIN_S + 1)
    assert "acknowledged nothing" in (patience.complaint(ACKED_WITHIN_S + 1, owed=True) or "")
    patience.acknowledged(ACKED_WITHIN_S + 1)
    assert patience.complaint(ACKED_WITHIN_S + 2, owed=True) is None


def test_nobody_waits_for_an_acknowledgement_of_nothing() -> None:
    patience = Patience(0.0)
    patience.heard(ACKED_WITHIN_S + 1)
    assert patience.complaint(ACKED_WITHIN_S + 1, owed=False) is None
    assert patience.complaint(ACKED_WITHIN_S + 2, owed=True) is None
