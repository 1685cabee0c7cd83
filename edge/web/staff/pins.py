"""Checking PINs: to sign in, and to approve one thing in somebody else's name.

argon2id in a thread, so that the loop goes on; as much work for a user that does not exist; five wrong ones a
minute. Works with no internet, because the hashes came with the configuration.
"""

import asyncio
from collections.abc import Callable

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from edge.core.clock import Now
from edge.journal.hot import Hot
from edge.web.throttle import Throttle
from protocol.bill import Approval
from protocol.errors import Refused, refuse
from protocol.facts.venue import StaffAccount

_hasher = PasswordHasher()
#: Verified in place of an unknown user's PIN, so that the answer takes as long either way. Nobody knows what
#: hashes to zeros, and writing them down spares every start-up the making of a real hash (64 MiB, 0.2 s).
NOBODY = (
    f"$argon2id$v=19$m={_hasher.memory_cost},t={_hasher.time_cost},p={_hasher.parallelism}"
    f"${'A' * 22}${'A' * 43}"
)


class Pins:
    """Who somebody is by user and PIN. One for the whole box, so that wrong ones count together."""

    def __init__(self, hot: Hot, clock: Callable[[], Now]) -> None:
        self._hot = hot
        self._wrong = Throttle(5, 60.0, lambda: clock().mono_ns / 1e9)

    async def account(self, user: str, pin: str, remote: str | None) -> StaffAccount:
        """The account whose PIN it is. Raises `Refused`: `wrong_pin`, `rate_limited`, `not_configured`."""
        venue = self._hot.committed_venue()
        if venue is None:
            raise Refused(refuse("not_configured"))
        key = f"{user}@{remote}"
        self._wrong.check(key)
        account = venue.staff.get(user)
        matches = await asyncio.to_thread(_matches, account.pin_hash if account else NOBODY, pin)
        if account is None or not matches:
            self._wrong.failed(key)
            raise Refused(refuse("wrong_pin"))
        self._wrong.succeeded(key)
        return account

    async def approver(self, approval: Approval, remote: str | None) -> str:
        """The manager who approves. Raises `Refused`, `forbidden` for anybody else's PIN."""
        account = await self.account(approval.user, approval.pin, remote)
        if account.role != "manager":
            raise Refused(refuse("forbidden", "A manager has to approve this with a PIN."))
        return account.user


def _matches(pin_hash: str, pin: str) -> bool:
    try:
        return _hasher.verify(pin_hash, pin)
    except (Argon2Error, InvalidHashError):
        return False
