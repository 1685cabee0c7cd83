"""A real mail server on loopback (aiosmtpd) whose moods a test decides, and what has arrived at it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd import smtp as aiosmtpd
from aiosmtpd.smtp import Envelope, Session

from cloud.config import Smtp


class Mailbox:
    """What arrived, in order.

    `moods` are answers, used up one mail at a time; `None` takes the mail and cuts the connection without a
    word. Afterwards everything is taken.
    """

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.moods: list[str | None] = []
        self.refuses: dict[str, str] = {}
        self.hangs = False
        self.leaves_rudely = False
        self.port = 0

    @property
    def smtp(self) -> Smtp:
        """How the cloud reaches it."""
        return Smtp(
            host="127.0.0.1", port=self.port, tls="never", sender="Holdfast <mail@holdfast.test>", within_s=20
        )

    async def handle_RCPT(  # noqa: N802 - the name that aiosmtpd calls
        self, _server: aiosmtpd.SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Takes a recipient, or not."""
        if address in self.refuses:
            return self.refuses[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_QUIT(  # noqa: N802 - the name that aiosmtpd calls
        self, server: aiosmtpd.SMTP, _session: Session, _envelope: Envelope
    ) -> str:
        """Says good-bye, or is gone."""
        if self.leaves_rudely:
            assert isinstance(server.transport, asyncio.WriteTransport)
            server.transport.abort()
        return "221 Bye"

    async def handle_DATA(  # noqa: N802 - the name that aiosmtpd calls
        self, server: aiosmtpd.SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """Takes a mail, or does what its mood is; what it answers is what the other side hears."""
        if self.hangs:
            await asyncio.Event().wait()
        mood = self.moods.pop(0) if self.moods else "250 kept"
        if mood is None or mood.startswith("250"):
            content = envelope.content
            assert isinstance(content, bytes)
            mail = message_from_bytes(content, policy=policy.default)
            assert isinstance(mail, EmailMessage)
            self.mails.append(mail)
        if mood is None:
            assert isinstance(server.transport, asyncio.WriteTransport)
            server.transport.abort()
            return "250 never heard"
        return mood


@asynccontextmanager
async def mail_server() -> AsyncIterator[Mailbox]:
    """It listens while the block lasts."""
    mailbox = Mailbox()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: aiosmtpd.SMTP(mailbox, hostname="mail.test", loop=loop), "127.0.0.1", 0
    )
    mailbox.port = server.sockets[0].getsockname()[1]
    try:
        yield mailbox
    finally:
        server.close()
