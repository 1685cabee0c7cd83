"""Passwords and PINs are kept as argon2id. Checking costs some 50 ms and memory: in threads, few at once."""

import asyncio

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

#: Cheaper parameters for PINs: they are checked by a small box, and four digits are guarded by limits.
_password_hasher = PasswordHasher()
_pin_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_AT_ONCE = 2

#: Verified against when there is no such user, so that time does not tell which e-mails exist. Nobody knows
#: what hashes to zeros, and writing them down spares every command the making of a real hash (64 MiB, 0.2 s).
NOBODY = (
    f"$argon2id$v=19$m={_password_hasher.memory_cost},t={_password_hasher.time_cost}"
    f",p={_password_hasher.parallelism}${'A' * 22}${'A' * 43}"
)

SHORTEST_PASSWORD = 10


class TooShort(ValueError):
    """The password is shorter than `SHORTEST_PASSWORD`."""


def hash_password(password: str) -> str:
    """argon2id of a person's password. Raises `TooShort`."""
    if len(password) < SHORTEST_PASSWORD:
        raise TooShort(f"A password needs at least {SHORTEST_PASSWORD} characters.")
    return _password_hasher.hash(password)


async def hash_in_thread(password: str) -> str:
    """As `hash_password`, away from the event loop. Raises `TooShort`."""
    return await asyncio.to_thread(hash_password, password)


def hash_pin(pin: str) -> str:
    """argon2id of a staff PIN, light enough for the box to check."""
    return _pin_hasher.hash(pin)


class PasswordChecker:
    """Checks passwords away from the event loop, a few at a time."""

    def __init__(self) -> None:
        self._turns = asyncio.Semaphore(_AT_ONCE)

    async def fits(self, password_hash: str | None, password: str) -> bool:
        """Whether the password is right; just as slow when there is no such user."""
        async with self._turns:
            right = await asyncio.to_thread(_verify, password_hash or NOBODY, password)
        return right and password_hash is not None


def _verify(password_hash: str, password: str) -> bool:
    try:
        return _password_hasher.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False
