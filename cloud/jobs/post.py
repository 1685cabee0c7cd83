"""Sends the mails of the outbox, one job each.

Rule of the file: a mail is claimed before the server is spoken to, and marked as handed over before its text
goes out. Whoever finds it claimed waits until that is over; a claim outlasts every conversation.
A 4xx of the server is tried again for a day, a 5xx is final, a server that hangs is left after `within_s`.
Without a server configured mails stay where they are; `left_lying` picks them up once there is one.

Counterparts: `cloud/store/jobs/outbox.py`, which says what SMTP cannot promise; `letters.py` writes.
"""

import asyncio
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as WIRE
from email.utils import format_datetime, parseaddr
from typing import NoReturn

import aiosmtplib
import asyncpg
import msgspec
from aiosmtplib import SMTP, SMTPException, SMTPRecipientsRefused, SMTPResponseException

from cloud.config import Smtp
from cloud.jobs.registry import Hopeless, Kind, Nothing, Work
from cloud.store.jobs import outbox
from cloud.store.jobs.outbox import Claimed
from cloud.store.pool import GONE

#: More than a conversation may take, so that nobody takes a mail out of somebody's hands.
_LEASE_OVER_S = 60
_MOST_SWEPT = 500
_ASK_AGAIN_S = 0.5


class NotNow(Exception):
    """The server did not take it this time, or somebody else has it in hand."""


class Mail(msgspec.Struct, frozen=True):
    """A row of the outbox."""

    mail_id: str


async def _send(work: Work, what: Mail) -> None:
    smtp = work.config.smtp
    if smtp is None:
        return
    mail = await outbox.claim(work.pool, what.mail_id, smtp.within_s + _LEASE_OVER_S)
    if mail is None:
        if await outbox.free_in_s(work.pool, what.mail_id) is not None:
            raise NotNow("another worker has this mail in hand")
        return
    await _deliver(work.pool, smtp, mail)


async def _deliver(pool: asyncpg.Pool, smtp: Smtp, mail: Claimed) -> None:
    try:
        message = message_of(mail, smtp.sender)
    except (ValueError, IndexError) as error:
        raise Hopeless(f"This is no address to write to: {error}") from error
    handed, reply = False, None
    try:
        async with asyncio.timeout(smtp.within_s), _connection(smtp) as client:
            handed = await outbox.handing_over(pool, mail)
            if not handed:
                raise NotNow("sending took too long and another worker has this mail")
            _, reply = await client.send_message(message, recipients=[mail.recipient])
            await _hold_on(pool, mail, reply)
    except SMTPRecipientsRefused as error:
        worst = error.recipients[0]
        await _refused(pool, mail, worst.code, worst.message)
    except SMTPResponseException as error:
        await _refused(pool, mail, error.code, error.message)
    except (SMTPException, OSError, TimeoutError) as error:
        if reply is not None:
            return  # it was taken; what went wrong is the good-bye
        words = f"{type(error).__name__}: {error}"
        await outbox.not_sent(pool, mail, words, handed=handed)
        raise NotNow(words) from error


async def _hold_on(pool: asyncpg.Pool, mail: Claimed, reply: str) -> None:
    """Write down that the server has it, if need be once Postgres is back: until then it is a doubt."""
    while True:
        try:
            await outbox.sent(pool, mail, reply)
        except GONE:
            await asyncio.sleep(_ASK_AGAIN_S)
        else:
            return


async def _refused(pool: asyncpg.Pool, mail: Claimed, code: int, message: str) -> NoReturn:
    """The server said no, so it does not have it (RFC 5321 §4.2.1)."""
    words = f"{code} {message}"
    await outbox.not_sent(pool, mail, words, handed=False)
    # 535 and its kin are about us and not about the mail: whoever runs the cloud can mend that.
    if 500 <= code < 600 and code not in (530, 534, 535, 538):
        raise Hopeless(f"The mail server refused it: {words}")
    raise NotNow(words)


def _connection(smtp: Smtp) -> SMTP:
    """A conversation for as long as its block lasts; with a password only under TLS."""
    return aiosmtplib.SMTP(
        hostname=smtp.host,
        port=smtp.port,
        username=smtp.user,
        password=smtp.password,
        use_tls=smtp.tls == "implicit",
        start_tls={"upgrade": True, "never": False}.get(smtp.tls),
        timeout=smtp.within_s,
    )


def message_of(mail: Claimed, sender: str) -> EmailMessage:
    """As it goes out: text and HTML; its Message-ID and Date are the row's, however often it is sent."""
    name, address = parseaddr(sender)
    user, _, domain = address.rpartition("@")
    message = EmailMessage(policy=WIRE)
    message["From"] = Address(name, user, domain)
    message["To"] = Address(addr_spec=mail.recipient)
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(mail.written_at)
    message["Message-ID"] = f"<{mail.mail_id}@{domain}>"
    # Nobody's absence note shall answer (RFC 3834).
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.body)
    message.add_alternative(mail.html, subtype="html")
    return message


async def _gave_up(connection: asyncpg.Connection, _work: Work, what: Mail, reason: str) -> None:
    await outbox.undeliverable(connection, what.mail_id, reason)


MAIL = Kind(
    name="mail",
    body=Mail,
    do=_send,
    gave_up=_gave_up,
    # 10 s, 20 s, … then every hour: a day and more, as RFC 5321 §4.5.4.1 asks of whoever delivers.
    attempts=40,
    at_once=4,
    longest_run_s=300,
)


async def _sweep(work: Work, _nothing: Nothing) -> None:
    """Mails that were written while no server was configured, or whose job was lost."""
    if work.config.smtp is None:
        return
    for mail_id, organisation_id in await outbox.left_lying(work.pool, _MOST_SWEPT):
        async with work.pool.acquire() as connection, connection.transaction():
            await MAIL.ask(connection, Mail(mail_id), organisation_id, key=mail_id)


SWEEP = Kind(name="mails-left-lying", body=Nothing, do=_sweep, attempts=1)
