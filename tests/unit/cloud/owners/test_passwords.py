"""How hard it is to guess a password or a PIN from its hash."""

import argon2
import pytest
from argon2.exceptions import VerifyMismatchError

from cloud.owners import passwords
from cloud.owners.passwords import NOBODY, PasswordChecker, hash_password, hash_pin


def test_passwords_cost_what_rfc_9106_asks_where_memory_is_short() -> None:
    cost = argon2.extract_parameters(hash_password("correct horse"))
    assert cost == argon2.extract_parameters(argon2.PasswordHasher().hash("correct horse"))
    assert (cost.type, cost.memory_cost, cost.time_cost) == (argon2.Type.ID, 64 * 1024, 3)


def test_pins_cost_what_a_small_box_can_pay() -> None:
    cost = argon2.extract_parameters(hash_pin("2468"))
    assert (cost.type, cost.memory_cost, cost.time_cost) == (argon2.Type.ID, 19 * 1024, 2)


def test_nobody_is_as_much_work_as_somebody_and_has_no_password() -> None:
    assert argon2.extract_parameters(NOBODY) == argon2.extract_parameters(hash_password("correct horse"))
    with pytest.raises(VerifyMismatchError):
        argon2.PasswordHasher().verify(NOBODY, "correct horse")


async def test_who_is_not_there_is_looked_for_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[str] = []

    def verify(password_hash: str, password: str) -> bool:
        tried.append(password_hash)
        return True

    monkeypatch.setattr(passwords, "_verify", verify)
    assert not await PasswordChecker().fits(None, "correct horse")
    assert tried == [NOBODY]
