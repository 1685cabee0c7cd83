"""Codes of an authenticator (TOTP, RFC 6238) and recovery codes: making and matching them.

Rule of the file: no database. That a code works once is the store's business
(`cloud/store/people/factors.py`).
"""

import secrets
import time
from collections.abc import Callable

import pyotp
import segno

from protocol.identity import readable_code, token_digest

RECOVERY_CODES = 10
_STEP_S = 30
#: Clocks of phones run up to a step early or late.
_STEPS_OFF = 1
_ISSUER = "Holdfast"
_CODE_LETTERS = 10

Clock = Callable[[], float]


def new_secret() -> str:
    """160 random bits in base32, as authenticators take them."""
    return pyotp.random_base32()


def address(secret: str, email: str) -> str:
    """The `otpauth://` address that the QR code holds."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=_ISSUER)


def picture(secret: str, email: str) -> str:
    """The QR code as a `data:` address of an SVG, for an `<img>`."""
    drawn = segno.make(address(secret, email), error="m")
    return drawn.svg_data_uri(scale=5, border=3, dark="#11292e", light="#ffffff")


def step_of(secret: str, code: str, clock: Clock = time.time) -> int | None:
    """The time step whose code this is, None where it is of none about now. Blanks in it are for the eye."""
    digits = code.replace(" ", "")
    if len(digits) != 6 or not (digits.isascii() and digits.isdecimal()):
        return None
    generator, now = pyotp.TOTP(secret), int(clock()) // _STEP_S
    near = range(now - _STEPS_OFF, now + _STEPS_OFF + 1)
    return next((step for step in near if secrets.compare_digest(generator.at(step * _STEP_S), digits)), None)


def recovery_codes() -> list[str]:
    """Fresh codes as they are shown, once."""
    codes = [readable_code(secrets.token_bytes(_CODE_LETTERS), _CODE_LETTERS) for _ in range(RECOVERY_CODES)]
    return [f"{code[:5]}-{code[5:]}" for code in codes]


def recovery_digest(user_id: str, code: str) -> str:
    """What is stored of a recovery code; it is random enough that a plain digest is safe."""
    letters = "".join(letter for letter in code.upper() if letter.isalnum())
    return token_digest(f"recovery/{user_id}/{letters}")
