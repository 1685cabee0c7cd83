"""The provider's books beside ours: fees, payouts, and whatever stands in one of them only.

Rule of the file: reading at the provider, writing down here; every line once by its own id, so a run may be
repeated and cut at any point. Several processes may run it at once. What differs is found by asking
(`cloud/store/money/books.py`), not remembered.
"""

import asyncio
import time
from collections import defaultdict
from contextlib import suppress

import structlog

from cloud.payments.cards import Cards
from cloud.payments.gateway import ProviderSilent
from cloud.store.money import provider_books
from cloud.store.money.provider_books import Movement, PaidOut
from cloud.store.pool import GONE

EVERY_S = 3600.0
#: Payouts are followed for so long: a bank may send one back.
_BACK_S = 35 * 24 * 3600
_AT_ONCE = 200

log = structlog.get_logger()


class Reconciling:
    """Runs by itself, and sooner when it is woken."""

    def __init__(self, cards: Cards) -> None:
        self._cards = cards
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """The provider has something new."""
        self._woken.set()

    async def run(self) -> None:
        """Until cancelled; outlives every outage of Postgres and of the provider."""
        while self._cards.available:
            with suppress(TimeoutError):
                async with asyncio.timeout(EVERY_S):
                    await self._woken.wait()
            self._woken.clear()
            with suppress(*GONE):
                try:
                    await self.once()
                except ProviderSilent as error:
                    log.warning("provider_silent", error=str(error))

    async def once(self) -> None:
        """Read what is new. Raises `ProviderSilent`, or `Refused` where no cards are taken."""
        since_s = int(time.time()) - _BACK_S
        await self._take(None, since_s)
        async for payout in self._cards.gateway.payouts(since_s):
            parts = await self._take(payout.payout_id, since_s)
            await self._share(payout, parts)

    async def _take(self, payout_id: str | None, since_s: int) -> dict[str, int]:
        """Write lines down; what they come to for each organisation, the payout's own line left out."""
        parts: defaultdict[str, int] = defaultdict(int)
        gathered: list[Movement] = []
        async for line in self._cards.gateway.movements(payout_id, since_s):
            if line.kind != "payout":
                gathered.append(line)
            if len(gathered) == _AT_ONCE:
                await self._note(gathered, payout_id, parts)
                gathered = []
        await self._note(gathered, payout_id, parts)
        return parts

    async def _note(self, lines: list[Movement], payout_id: str | None, parts: defaultdict[str, int]) -> None:
        async with self._cards.pool.acquire() as connection, connection.transaction():
            known = await provider_books.owners(
                connection, [line.payment_reference for line in lines if line.payment_reference]
            )
            only = await provider_books.only_organisation(connection)
            for line in lines:
                of: tuple[str, str | None] | None = known.get(line.payment_reference or "")
                of = of or ((only, None) if only else None)
                if of is None:
                    continue  # of somebody who shares the account and whom this cloud does not know
                await provider_books.note(connection, of, line, payout_id)
                parts[of[0]] += line.net_minor

    async def _share(self, payout: PaidOut, parts: dict[str, int]) -> None:
        async with self._cards.pool.acquire() as connection, connection.transaction():
            for organisation_id, part_minor in parts.items():
                await provider_books.paid_out(connection, organisation_id, payout, part_minor)
