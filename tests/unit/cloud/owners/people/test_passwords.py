"""How hard it is to guess a password or a PIN from its hash."""

import importlib.util
from typing import Any

import argon2
import pytest
from argon2.exceptions import VerifyMismatchError


@pytest.fixture
def passwords() -> Any:
    """The module anew: in this process other tests may have made its hashes cheap."""
    spec = importlib.util.find_spec("cloud.owners.people.passwords")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_passwords_cost_what_rfc_9106_asks_where_memory_is_short(passwords: Any) -> None:
    cost = argon2.extract_parameters(passwords.hash_password("correct horse"))
    assert cost == argon2.extract_parameters(argon2.PasswordHasher().hash("correct horse"))
    assert (cost.type, cost.memory_cost, cost.time_cost) == (argon2.Type.ID, 64 * 1024, 3)


def test_pins_cost_what_a_small_box_can_pay(passwords: Any) -> None:
    cost = argon2.extract_parameters(passwords.hash_pin("2468"))
    assert (cost.type, cost.memory_cost, cost.time_cost) == (argon2.Type.ID, 19 * 1024, 2)


def test_nobody_is_as_much_work_as_somebody_and_has_no_password(passwords: Any) -> None:
    cost = argon2.extract_parameters(passwords.NOBODY)
    assert cost == argon2.extract_parameters(passwords.hash_password("correct horse"))
    with pytest.raises(VerifyMismatchError):
        argon2.PasswordHasher().verify(passwords.NOBODY, "correct horse")


async def test_who_is_not_there_is_looked_for_all_the_same(
    passwords: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[str] = []

    def verify(password_hash: str, password: str) -> bool:
        tried.append(password_hash)
        return True

    monkeypatch.setattr(passwords, "_verify", verify)
    assert not await passwords.PasswordChecker().fits(None, "correct horse")
    assert tried == [passwords.NOBODY]
