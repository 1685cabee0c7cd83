"""Looks every minute for what is wrong, and tells whoever wants to know, when it begins and when it is over.

Rule of the file: that something was told is written in the transaction that writes the mails and asks for the
calls, so nobody is told twice and nobody is forgotten, whoever is killed when.
"""

import msgspec

from cloud.jobs import letters
from cloud.jobs.letters import Letter
from cloud.jobs.registry import Kind, Nothing, Work
from cloud.jobs.webhooks import WEBHOOK, Call
from cloud.store.bell import NEWS, tell
from cloud.store.jobs import alert_settings, alerts
from cloud.store.jobs.alerts import KINDS, Telling


class AlertBody(msgspec.Struct, frozen=True):
    """What a webhook is sent. `state` is `began` or `over`; times are ISO 8601 in UTC."""

    alert_id: str
    kind: str
    state: str
    venue_id: str | None
    words: str
    began_at: str
    over_at: str | None


async def look(work: Work, _nothing: Nothing) -> None:
    """One look at everything."""
    async with work.pool.acquire() as connection, connection.transaction():
        await alerts.look(connection)
    async with work.pool.acquire() as connection, connection.transaction():
        told = await alerts.take_untold(connection)
        for each in told:
            settings = await alert_settings.of(connection, each.organisation_id)
            for recipient in settings.recipients:
                if each.kind in recipient.kinds:
                    await letters.post(
                        connection,
                        each.organisation_id,
                        f"alert:{_key(each)}",
                        recipient.email,
                        letter(each, work.config.public_url),
                    )
            if settings.webhook_url is not None:
                body = msgspec.json.encode(body_of(each)).decode()
                await WEBHOOK.ask(connection, Call(_key(each), body), each.organisation_id, key=_key(each))
    for organisation_id in {each.organisation_id for each in told}:
        await tell(work.pool, NEWS, f"{organisation_id} alerts")


def _key(each: Telling) -> str:
    return f"{each.alert_id}:{'over' if each.over else 'began'}"


def body_of(each: Telling) -> AlertBody:
    """For the webhook."""
    return AlertBody(
        alert_id=each.alert_id,
        kind=each.kind,
        state="over" if each.over else "began",
        venue_id=each.venue_id,
        words=each.words,
        began_at=each.began_at.isoformat(),
        over_at=each.over_at.isoformat() if each.over_at else None,
    )


def letter(each: Telling, public_url: str | None) -> Letter:
    """For people."""
    link = None if public_url is None else ("Open the dashboard", f"{public_url}/#alerts")
    footer = "Sent by Holdfast. Who is told of what is set on the dashboard, under Alerts."
    if each.over:
        return Letter(
            subject=f"Over: {KINDS[each.kind].lower()}",
            paragraphs=("This is over:", each.words),
            rows=(("Began", _moment(each.began_at.isoformat())), ("Over", _moment(str(each.over_at)))),
            link=link,
            footer=footer,
        )
    return Letter(
        subject=KINDS[each.kind],
        paragraphs=(each.words, "You are told again when it is over."),
        rows=(("Began", _moment(each.began_at.isoformat())),),
        link=link,
        footer=footer,
    )


def _moment(iso: str) -> str:
    return f"{iso[:10]} {iso[11:16]} UTC"


LOOK = Kind(name="look-for-trouble", body=Nothing, do=look, attempts=1, longest_run_s=120)
