"""Hourly: drafts that nobody came back to for two weeks are given up, and links and browsers whose time is
over forgotten.

A draft whose payment page is open is left alone. One that was given up and is paid all the same is made all
the same.
"""

from cloud.jobs.registry import Kind, Nothing, Work
from cloud.shop.orders.settling import abandoned
from cloud.store.shop import links as shop_links
from cloud.store.shop import orders as shop_orders

_DAYS = 14
_AT_ONCE = 500


async def _abandon(work: Work, _nothing: Nothing) -> None:
    async with work.pool.acquire() as connection:
        found = await shop_orders.long_unpaid(connection, _DAYS, _AT_ONCE)
        for order_id in found:
            work.pause()
            async with connection.transaction():
                await abandoned(connection, order_id)
    await shop_links.forget_old(work.pool)


ABANDON = Kind(name="shop-abandon", body=Nothing, do=_abandon, attempts=2)
