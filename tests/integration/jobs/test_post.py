"""Mails leave once for each cause, whatever the mail server makes of them."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import asyncpg
import msgspec
import pytest

from cloud.config import Config
from cloud.jobs import letters, post
from cloud.jobs.letters import Letter
from cloud.jobs.post import MAIL, SWEEP
from cloud.store.jobs import outbox
from cloud.store.jobs.outbox import Letter as Row
from tests.integration.jobs.conftest import QUICK, Workers, until
from tests.integration.jobs.mailbox import Mailbox, mail_server

ORGANISATION = str(uuid4())
TO = "ada@example.com"
SHIPPED = Letter(
    subject="Your mug & coaster are on their way",
    paragraphs=("The parcel left us today <really>.",),
    rows=(("Order", "ORD-7-12"), ("Sent by", "Post")),
    link=("Follow the parcel", "https://example.com/?a=1&b=2"),
)


@pytest.fixture
async def mailbox() -> AsyncIterator[Mailbox]:
    async with mail_server() as mailbox:
        yield mailbox


@pytest.fixture(autouse=True)
def tries_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mails are tried again after a moment; nothing else about them is another."""
    monkeypatch.setattr(MAIL.__class__, "delay_s", lambda _kind, _attempt: 0.05)


def with_server(mailbox: Mailbox, **changes: Any) -> Config:
    return msgspec.structs.replace(QUICK, smtp=msgspec.structs.replace(mailbox.smtp, **changes))


async def write(pool: asyncpg.Pool, key: str = "shipped:1", recipient: str = TO) -> bool:
    async with pool.acquire() as connection, connection.transaction():
        return await letters.post(connection, ORGANISATION, key, recipient, SHIPPED)


async def rows(pool: asyncpg.Pool) -> list[Row]:
    async with pool.acquire() as connection:
        return await outbox.newest(connection, ORGANISATION, 10)


async def settled(pool: asyncpg.Pool) -> bool:
    return not await pool.fetchval("SELECT count(*) FROM mails WHERE state IN ('waiting', 'sending')")


async def test_one_cause_is_one_mail_in_text_and_html(
    pool: asyncpg.Pool, workers: Workers, mailbox: Mailbox
) -> None:
    assert await write(pool)
    assert not await write(pool)
    async with workers(MAIL, config=with_server(mailbox)):
        await until(lambda: settled(pool))
    (mail,), (row,) = mailbox.mails, await rows(pool)
    assert (row.state, row.tries, row.doubts, row.reply) == ("sent", 1, 0, "kept")
    assert mail["Message-ID"] == f"<{row.mail_id}@holdfast.test>"
    assert (mail["To"], mail["From"]) == (TO, "Holdfast <mail@holdfast.test>")
    assert (mail["Subject"], mail["Auto-Submitted"]) == (SHIPPED.subject, "auto-generated")
    text, html = (part.get_content() for part in mail.iter_parts())
    assert "The parcel left us today <really>." in text
    assert "Order    ORD-7-12" in text
    assert "https://example.com/?a=1&amp;b=2" in html
    assert "&lt;really&gt;" in html
    assert "src=" not in html


async def test_a_server_that_is_busy_is_asked_again(
    pool: asyncpg.Pool, workers: Workers, mailbox: Mailbox
) -> None:
    mailbox.moods = ["451 try later", "421 closing"]
    await write(pool)
    async with workers(MAIL, config=with_server(mailbox)):
        await until(lambda: settled(pool))
    (row,) = await rows(pool)
    assert (row.state, row.tries, row.doubts) == ("sent", 3, 0)
    assert len(mailbox.mails) == 1


async def test_what_a_server_refuses_is_given_up_and_said(
    pool: asyncpg.Pool, workers: Workers, mailbox: Mailbox
) -> None:
    mailbox.refuses = {"gone@example.com": "550 no such person"}
    mailbox.moods = ["554 looks like spam"]
    await write(pool, recipient="gone@example.com")
    await write(pool)
    async with workers(MAIL, config=with_server(mailbox)):
        await until(lambda: settled(pool))
    replies = {row.recipient: (row.state, row.reply) for row in await rows(pool)}
    assert replies == {
        "gone@example.com": ("failed", "The mail server refused it: 550 no such person"),
        TO: ("failed", "The mail server refused it: 554 looks like spam"),
    }
    assert mailbox.mails == []


async def test_a_connection_that_breaks_before_the_answer_is_a_doubt(
    pool: asyncpg.Pool, workers: Workers, mailbox: Mailbox
) -> None:
    """The server has it and could not say so. It is sent again as the same mail, and that is counted."""
    mailbox.moods = [None]
    await write(pool)
    async with workers(MAIL, config=with_server(mailbox)):
        await until(lambda: settled(pool))
    (row,) = await rows(pool)
    assert (row.state, row.doubts) == ("sent", 1)
    assert len(mailbox.mails) == 2
    assert len({mail["Message-ID"] for mail in mailbox.mails}) == 1


async def test_a_server_that_leaves_without_a_good_bye_has_the_mail(
    pool: asyncpg.Pool, workers: Workers, mailbox: Mailbox
) -> None:
    mailbox.leaves_rudely = True
    await write(pool)
    async with workers(MAIL, config=with_server(mailbox)):
        await until(lambda: _no_jobs(pool))
    (row,) = await rows(pool)
    assert (row.state, row.tries, row.doubts) == ("sent", 1, 0)
    assert len(mailbox.mails) == 1


@pytest.mark.parametrize("recipient", ["nobody", "a@b.c, d@e.f", "a@b.c\r\nBcc: d@e.f", ""])
async def test_what_is_no_address_is_written_to_by_nobody(
    pool: asyncpg.Pool, workers: Workers, mailbox: Mailbox, recipient: str
) -> None:
    await write(pool, recipient=recipient)
    async with workers(MAIL, config=with_server(mailbox)):
        await until(lambda: settled(pool))
    (row,) = await rows(pool)
    assert (row.state, row.tries) == ("failed", 1)
    assert mailbox.mails == []


async def test_a_server_that_hangs_or_is_away_is_left(
    pool: asyncpg.Pool, workers: Workers, mailbox: Mailbox
) -> None:
    mailbox.hangs = True
    await write(pool)
    async with workers(MAIL, config=with_server(mailbox, within_s=0.2)):
        await until(lambda: _tried(pool, 2))
    async with workers(MAIL, config=with_server(mailbox, port=1)):
        await until(lambda: _said(pool, "SMTPConnect"))
    mailbox.hangs = False
    async with workers(MAIL, config=with_server(mailbox)):
        await until(lambda: settled(pool))
    assert len(mailbox.mails) == 1


async def test_two_workers_never_both_send_one(
    pool: asyncpg.Pool, workers: Workers, mailbox: Mailbox
) -> None:
    """The same mail asked for twice over, as after a lost row: the claim lets one of them through."""
    for number in range(10):
        await write(pool, f"shipped:{number}")
    for row in await rows(pool):
        async with pool.acquire() as connection, connection.transaction():
            await MAIL.ask(connection, post.Mail(row.mail_id), ORGANISATION)
    config = with_server(mailbox)
    async with workers(MAIL, config=config), workers(MAIL, config=config):
        await until(lambda: settled(pool))
    assert len(mailbox.mails) == 10


async def test_mails_wait_for_a_server_to_be_configured(
    pool: asyncpg.Pool, workers: Workers, mailbox: Mailbox
) -> None:
    await write(pool)
    async with workers(MAIL):
        await until(lambda: _no_jobs(pool))
    (row,) = await rows(pool)
    assert (row.state, row.tries) == ("waiting", 0)
    async with pool.acquire() as connection, connection.transaction():
        assert await outbox.waiting(connection, ORGANISATION) == 1
        await SWEEP.ask(connection, msgspec.convert({}, SWEEP.body), None)
    async with workers(MAIL, SWEEP, config=with_server(mailbox)):
        await until(lambda: settled(pool))
    assert len(mailbox.mails) == 1


async def test_a_worker_that_died_while_sending_is_followed_by_another(
    pool: asyncpg.Pool, workers: Workers, mailbox: Mailbox
) -> None:
    """Its claim is waited for; what it may have handed over goes out again and is counted as a doubt."""
    await write(pool)
    (row,) = await rows(pool)
    claimed = await outbox.claim(pool, row.mail_id, 60)
    assert claimed is not None
    assert await outbox.handing_over(pool, claimed)
    async with workers(MAIL, config=with_server(mailbox)):
        await until(lambda: _failed_once(pool))
        assert mailbox.mails == []
        await pool.execute("UPDATE mails SET claimed_until = now()")
        await until(lambda: settled(pool))
    assert not await outbox.handing_over(pool, claimed)
    (row,) = await rows(pool)
    assert (row.state, row.tries, row.doubts) == ("sent", 2, 1)


async def _tried(pool: asyncpg.Pool, times: int) -> bool:
    return any(row.tries >= times for row in await rows(pool))


async def _said(pool: asyncpg.Pool, words: str) -> bool:
    return any(words in (row.reply or "") for row in await rows(pool))


async def _no_jobs(pool: asyncpg.Pool) -> bool:
    return not await pool.fetchval("SELECT count(*) FROM jobs WHERE state IN ('queued', 'running')")


async def _failed_once(pool: asyncpg.Pool) -> bool:
    return bool(await pool.fetchval("SELECT count(*) FROM jobs WHERE reason LIKE 'NotNow%'"))
