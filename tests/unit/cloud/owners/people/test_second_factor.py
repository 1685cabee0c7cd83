"""Codes of authenticators, against the vectors of the standard, and recovery codes."""

import base64

import pytest

from cloud.owners.people import second_factor

#: RFC 6238, appendix B, SHA-1; six digits are the last six of its eight.
SECRET = base64.b32encode(b"12345678901234567890").decode()
VECTORS = [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")]


@pytest.mark.parametrize(("at_s", "code"), VECTORS)
def test_the_standards_own_codes_are_known(at_s: int, code: str) -> None:
    assert second_factor.step_of(SECRET, code, lambda: at_s) == at_s // 30
    assert second_factor.step_of(SECRET, f"{code[:3]} {code[3:]}", lambda: at_s) == at_s // 30


@pytest.mark.parametrize(
    ("late_s", "good"), [(-30, True), (-31, False), (0, True), (29, True), (61, False), (-61, False)]
)
def test_a_phone_may_be_a_step_off_and_no_more(late_s: int, good: bool) -> None:
    at_s, code = VECTORS[1]
    at_s -= at_s % 30
    assert (second_factor.step_of(SECRET, code, lambda: at_s + late_s) is not None) == good


@pytest.mark.parametrize("code", ["", "28708", "2870822", "28708a", "٢٨٧٠٨٢", "²²²²²²", "287083"])
def test_what_is_no_code_is_none(code: str) -> None:
    assert second_factor.step_of(SECRET, code, lambda: 59) is None


def test_recovery_codes_are_different_and_forgive_how_they_are_typed() -> None:
    codes = second_factor.recovery_codes()
    assert len(set(codes)) == second_factor.RECOVERY_CODES
    digest = second_factor.recovery_digest("ada", codes[0])
    assert digest == second_factor.recovery_digest("ada", codes[0].lower().replace("-", " "))
    assert digest not in {second_factor.recovery_digest("eve", codes[0]), codes[0]}


def test_the_picture_holds_what_an_authenticator_reads() -> None:
    secret = second_factor.new_secret()
    address = second_factor.address(secret, "ada@example.com")
    assert address.startswith("otpauth://totp/Holdfast:ada%40example.com?")
    assert f"secret={secret}" in address
    assert second_factor.picture(secret, "ada@example.com").startswith("data:image/svg+xml")
