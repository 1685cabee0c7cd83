"""Signing in: whoever tries names must not learn from the clock which of them exist."""

import argon2
import pytest
from argon2.exceptions import VerifyMismatchError

from edge.web.staff import pins


def test_an_unknown_user_costs_as_much_as_a_wrong_pin() -> None:
    real = argon2.PasswordHasher().hash("2468")
    assert argon2.extract_parameters(pins.NOBODY) == argon2.extract_parameters(real)
    with pytest.raises(VerifyMismatchError):  # a malformed hash would be refused without any work
        argon2.PasswordHasher().verify(pins.NOBODY, "2468")
