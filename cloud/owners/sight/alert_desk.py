"""`/api/alerts`: what is wrong, what was, who is told of it; and how it stands with the mails.

Rule of the file: whoever may run venues decides who is told. The webhook's key is made here when its address
is first set and shown to them only.

Counterparts: `cloud/jobs/alerting.py` looks and tells, `cloud/jobs/webhooks.py` calls.
"""

import secrets
from datetime import datetime, time
from email.utils import parseaddr

import asyncpg
import msgspec
from aiohttp import web

from cloud.config import Config
from cloud.jobs import letters, webhooks
from cloud.jobs.letters import Letter
from cloud.owners.people import roles
from cloud.owners.people.account import Done
from cloud.owners.people.login import Logins
from cloud.store.jobs import alert_settings, alerts, outbox
from cloud.store.jobs.alert_settings import Recipient, Settings
from cloud.store.jobs.alerts import KINDS, AlertRow
from cloud.store.tenancy import on_behalf_of
from cloud.web.answers import Handler, answer, body_of
from protocol.errors import Refused, refuse
from protocol.http import Route

_MOST_LISTED = 100
_MOST_RECIPIENTS = 20
_LONGEST = 200
_SHORTEST_SILENCE_S, _LONGEST_SILENCE_S = 60, 86_400


class AlertView(msgspec.Struct, frozen=True):
    """One alert. `over_at` is null while it lasts, `told_at` where nobody was told (yet); times in UTC."""

    alert_id: str
    kind: str
    venue_id: str | None
    words: str
    began_at: str
    told_at: str | None
    over_at: str | None


class KindRow(msgspec.Struct, frozen=True):
    """Something that one can be told of."""

    kind: str
    words: str


class Alerts(msgspec.Struct, frozen=True):
    """What lasts first, then the newest. `mail` says whether mails leave, `waiting` how many have not."""

    kinds: list[KindRow]
    alerts: list[AlertView]
    mail: bool
    waiting: int


class SettingsRequest(msgspec.Struct, frozen=True):
    """Instead of what was set. Hours are `HH:MM`, local to each venue; both quiet ones or none."""

    silent_after_s: int
    quiet_from: str | None
    quiet_until: str | None
    summary_at: str
    webhook_url: str | None
    recipients: list[Recipient]


class SettingsView(SettingsRequest, frozen=True):
    """As it is set. `webhook_key` signs what the webhook is sent."""

    webhook_key: str | None


LIST = Route(
    method="GET",
    path="/api/alerts",
    summary="What is wrong and what was, and whether mails leave.",
    response=Alerts,
    auth="owner",
    roles=roles.EVERYBODY,
    scope="alerts:read",
)
SETTINGS = Route(
    method="GET",
    path="/api/alerts/settings",
    summary="Who is told of what, and when not.",
    response=SettingsView,
    auth="owner",
    whole=True,
    roles=roles.RUNNERS,
)
CHANGE = Route(
    method="PUT",
    path="/api/alerts/settings",
    summary="Say who is told of what, and when not.",
    request=SettingsRequest,
    response=SettingsView,
    auth="owner",
    whole=True,
    roles=roles.RUNNERS,
)
TRY = Route(
    method="POST",
    path="/api/alerts/test",
    summary="Send a mail to oneself, to see that mails arrive.",
    response=Done,
    auth="owner",
    roles=roles.RUNNERS,
)


class AlertDesk:
    """The handlers and what they need."""

    def __init__(self, config: Config, pool: asyncpg.Pool, logins: Logins) -> None:
        self._config = config
        self._pool = pool
        self._logins = logins

    def routes(self) -> list[tuple[Route, Handler]]:
        """Addresses and their handlers."""
        return [
            *((LIST, self.listed), (SETTINGS, self.settings)),
            *((CHANGE, self.change), (TRY, self.try_mail)),
        ]

    async def listed(self, request: web.Request) -> web.Response:
        """Everybody sees what is wrong."""
        login = await self._logins.require(request)
        async with on_behalf_of(self._pool, login) as connection:
            found = await alerts.listed(connection, login.organisation_id, _MOST_LISTED)
            waiting = await outbox.waiting(connection, login.organisation_id)
        kinds = [KindRow(kind, words) for kind, words in KINDS.items()]
        return answer(Alerts(kinds, [_view(row) for row in found], self._config.smtp is not None, waiting))

    async def settings(self, request: web.Request) -> web.Response:
        """As they are."""
        login = await self._logins.require(request)
        async with on_behalf_of(self._pool, login) as connection:
            return answer(_shown(await alert_settings.of(connection, login.organisation_id)))

    async def change(self, request: web.Request) -> web.Response:
        """Refuses with `invalid`, in words that say what would do."""
        login = await self._logins.require(request)
        asked = await body_of(request, msgspec.json.Decoder(SettingsRequest))
        wanted = _checked(asked, private=self._config.private_webhooks)
        async with on_behalf_of(self._pool, login) as connection:
            before = await alert_settings.of(connection, login.organisation_id)
            if wanted.webhook_url is not None:
                key = before.webhook_key or secrets.token_urlsafe(32)
                wanted = msgspec.structs.replace(wanted, webhook_key=key)
            await alert_settings.keep(connection, login.organisation_id, wanted)
            await self._logins.witness(
                connection,
                request,
                login,
                "changed who is told of alerts",
                before=msgspec.structs.replace(before, webhook_key=None),
                after=msgspec.structs.replace(wanted, webhook_key=None),
            )
        return answer(_shown(wanted))

    async def try_mail(self, request: web.Request) -> web.Response:
        """One mail at a time of day; without a mail server it waits like all others."""
        login = await self._logins.require(request)
        moment = datetime.now().astimezone()
        letter = Letter(
            subject="Mails of Holdfast arrive",
            paragraphs=(
                f"{login.email} asked for this mail, to see that alerts and summaries would arrive.",
            ),
        )
        async with on_behalf_of(self._pool, login) as connection:
            key = f"test:{moment.isoformat()}"
            await letters.post(connection, login.organisation_id, key, login.email, letter)
            await self._logins.witness(connection, request, login, "asked for a test mail")
        return answer(Done())


def _checked(asked: SettingsRequest, *, private: bool) -> Settings:
    if not _SHORTEST_SILENCE_S <= asked.silent_after_s <= _LONGEST_SILENCE_S:
        raise Refused(refuse("invalid", "A venue may be silent for a minute to a day before you are told."))
    if (asked.quiet_from is None) != (asked.quiet_until is None):
        raise Refused(refuse("invalid", "Quiet hours have a beginning and an end."))
    if asked.webhook_url is not None:
        wrong = webhooks.fault(asked.webhook_url, private=private)
        if wrong is not None or len(asked.webhook_url) > 2 * _LONGEST:
            raise Refused(refuse("invalid", wrong or "This address is too long."))
    if len(asked.recipients) > _MOST_RECIPIENTS:
        raise Refused(refuse("invalid", f"{_MOST_RECIPIENTS} people can be told, no more."))
    people = {each.email: each for each in map(_person, asked.recipients)}
    return Settings(
        silent_after_s=asked.silent_after_s,
        quiet_from=_hour(asked.quiet_from),
        quiet_until=_hour(asked.quiet_until),
        summary_at=_hour(asked.summary_at) or time(6),
        webhook_url=asked.webhook_url,
        recipients=tuple(people.values()),
    )


def _person(asked: Recipient) -> Recipient:
    email = asked.email.strip().lower()
    name, address = parseaddr(email)
    user, _, domain = address.rpartition("@")
    plain = email.isascii() and email.isprintable() and " " not in email and len(email) <= _LONGEST
    if name or address != email or not user or "." not in domain or not plain:
        raise Refused(refuse("invalid", f"“{asked.email[:_LONGEST]}” is not an e-mail address."))
    if not set(asked.kinds) <= set(KINDS):
        raise Refused(refuse("invalid", f"What one can be told of: {', '.join(KINDS)}."))
    return Recipient(email, sorted(set(asked.kinds)), asked.summaries)


def _hour(text: str | None) -> time | None:
    if text is None:
        return None
    try:
        at = time.fromisoformat(text)
    except ValueError as error:
        raise Refused(refuse("invalid", "An hour is like 06:00.")) from error
    return at.replace(second=0, microsecond=0, tzinfo=None)


def _shown(settings: Settings) -> SettingsView:
    def hour(at: time | None) -> str | None:
        return None if at is None else f"{at:%H:%M}"

    return SettingsView(
        silent_after_s=settings.silent_after_s,
        quiet_from=hour(settings.quiet_from),
        quiet_until=hour(settings.quiet_until),
        summary_at=f"{settings.summary_at:%H:%M}",
        webhook_url=settings.webhook_url,
        recipients=list(settings.recipients),
        webhook_key=settings.webhook_key,
    )


def _view(row: AlertRow) -> AlertView:
    return AlertView(
        alert_id=row.alert_id,
        kind=row.kind,
        venue_id=row.venue_id,
        words=row.words,
        began_at=row.began_at.isoformat(),
        told_at=row.told_at.isoformat() if row.told_at else None,
        over_at=row.over_at.isoformat() if row.over_at else None,
    )
