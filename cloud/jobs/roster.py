"""Everything that a worker can do, and what is done by itself and when.

Rule of the file: rows only. A kind is described in the module that does it (`registry.py` says how).
"""

from typing import Any

from cloud.guests import wallet_page
from cloud.jobs import alerting, exporting, post, summarising, tidying, webhooks
from cloud.jobs.registry import Kind, Roster, Schedule
from cloud.shop.designs import rendering
from cloud.shop.orders import abandoning, history

KINDS: tuple[Kind[Any], ...] = (
    *(post.MAIL, post.SWEEP),
    *(exporting.EXPORT, exporting.EXPIRE),
    *(alerting.LOOK, webhooks.WEBHOOK, summarising.SUMMARISE),
    *(history.SEND_LINK, abandoning.ABANDON, wallet_page.SEND_LINK),
    *(rendering.RENDER, rendering.SWEEP),
    tidying.TIDY,
)

SCHEDULES = (
    Schedule(cron="* * * * *", kind=post.SWEEP),
    Schedule(cron="* * * * *", kind=alerting.LOOK),
    Schedule(cron="* * * * *", kind=rendering.SWEEP),
    Schedule(cron="*/10 * * * *", kind=summarising.SUMMARISE),
    Schedule(cron="41 * * * *", kind=exporting.EXPIRE),
    Schedule(cron="17 3 * * *", kind=tidying.TIDY),
    Schedule(cron="41 * * * *", kind=abandoning.ABANDON),
)


def roster() -> Roster:
    """What `worker.py` is given."""
    return Roster(KINDS, SCHEDULES)
