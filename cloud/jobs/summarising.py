"""The nightly summary: each venue's business day by mail, each day once, when the morning has come there.

Rule of the file: that a day was told of is written in the transaction that writes its mails.
"""

from cloud.jobs import letters
from cloud.jobs.letters import Letter
from cloud.jobs.registry import Kind, Nothing, Work
from cloud.store.jobs import alert_settings
from cloud.store.reading import summing
from cloud.store.reading.summing import DaySum, Due
from protocol import money

_MOST_AT_ONCE = 500


async def summarise(work: Work, _nothing: Nothing) -> None:
    """Every day that is due."""
    for each in await summing.due(work.pool, _MOST_AT_ONCE):
        async with work.pool.acquire() as connection, connection.transaction():
            if not await summing.take(connection, each.venue_id, each.day):
                continue
            figures = await summing.of_day(connection, each.venue_id, each.day)
            settings = await alert_settings.of(connection, each.organisation_id)
            for recipient in settings.recipients:
                if recipient.summaries:
                    await letters.post(
                        connection,
                        each.organisation_id,
                        f"summary:{each.venue_id}:{each.day}",
                        recipient.email,
                        letter(each, figures, work.config.public_url),
                    )
        work.pause()


def letter(each: Due, figures: DaySum, public_url: str | None) -> Letter:
    """The mail."""
    day = f"{each.day:%A}, {each.day.day} {each.day:%B %Y}"
    said = [f"This is {day} at {each.venue}."]
    if figures.missing is None:
        said.append("The venue is not connected now: what it has not sent yet is not in here.")
    elif figures.missing > 0:
        said.append(f"The venue has {figures.missing} entries still to send: they are not in here.")
    return Letter(
        subject=f"{each.venue}: {_money(each, figures.total_minor)} on {day}",
        paragraphs=tuple(said),
        rows=tuple(_rows(each, figures)),
        link=None if public_url is None else ("Open the reports", f"{public_url}/#reports/7/{each.venue_id}"),
        footer="Sent by Holdfast once for each business day. Who gets it is set under Alerts.",
    )


def _rows(each: Due, figures: DaySum) -> list[tuple[str, str]]:
    found = [("Sales", _money(each, figures.total_minor)), ("Orders", str(figures.orders))]
    if figures.orders:
        found.append(("Per order", _money(each, round(figures.total_minor / figures.orders))))
    if figures.best is not None:
        found.append(("Brought most", figures.best))
    for taken in figures.taken:
        words = f"{_money(each, taken.amount_minor)} ({taken.payments})"
        found.append((f"Paid by {taken.method.lower()}", words))
    prepaid = figures.prepaid
    if prepaid.payments:
        left = _money(each, prepaid.amount_minor - prepaid.refunded_minor)
        found.append(("Paid in on balances, no sale yet", f"{left} ({prepaid.payments})"))
    tips = sum(taken.tip_minor for taken in figures.taken)
    refunded = sum(taken.refunded_minor for taken in figures.taken)
    if tips:
        found.append(("Tips", _money(each, tips)))
    if refunded:
        found.append(("Given back", _money(each, refunded)))
    if figures.sessions:
        found.append(("Play sessions", f"{figures.sessions}, {_hours(figures.played_s)}"))
    if figures.outages:
        found.append(("Internet away", f"{_hours(round(figures.outage_s))}, in {figures.outages}"))
    return found


def _money(each: Due, minor: int) -> str:
    return f"{money.written(minor, each.currency)} {each.currency}"


def _hours(seconds: int) -> str:
    minutes = seconds // 60
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"


SUMMARISE = Kind(name="summaries", body=Nothing, do=summarise, attempts=3)
