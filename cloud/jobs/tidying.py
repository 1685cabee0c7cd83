"""Nightly: what ended long ago is forgotten, so that neither queue nor outbox grows for ever."""

from cloud.jobs.registry import Kind, Nothing, Work
from cloud.store.jobs import alerts, outbox, queue
from cloud.store.money import wallet_links

#: Long enough to look into what went wrong last month.
_JOBS_DAYS = 30
#: As long as somebody may ask 'did you write to me?'.
_MAILS_DAYS = 180
_ALERTS_DAYS = 400


async def _tidy(work: Work, _nothing: Nothing) -> None:
    await queue.forget_old(work.pool, _JOBS_DAYS)
    await outbox.forget_old(work.pool, _MAILS_DAYS)
    await alerts.forget_old(work.pool, _ALERTS_DAYS)
    await wallet_links.forget_old(work.pool)


TIDY = Kind(name="tidy", body=Nothing, do=_tidy, attempts=3)
