"""How a mail looks: plain text first, the same in plain HTML beside it, nothing fetched from anywhere.

A letter is a few paragraphs, perhaps a small table, perhaps one link. Text and HTML are made of the same
parts, so they cannot say different things. Whoever sends one calls `post`, in the transaction of its cause.
"""

from html import escape

import asyncpg
import msgspec

from cloud.jobs.post import MAIL, Mail
from cloud.store.jobs import outbox

_STYLE = "font:16px/1.5 system-ui,-apple-system,'Segoe UI',sans-serif;color:#1c2321;background:#f4f5f2"
_CARD = (
    "max-width:560px;margin:0 auto;padding:28px;background:#fff;border:1px solid #dde1dc;border-radius:12px"
)
_CELL = "padding:6px 0;border-bottom:1px solid #e7eae6;vertical-align:top"
_BUTTON = (
    "display:inline-block;padding:10px 18px;border-radius:8px;"
    "background:#12564a;color:#fff;text-decoration:none"
)
_TABLE = "width:100%;border-collapse:collapse;margin:0 0 18px"
_PARAGRAPH = "margin:0 0 14px"


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """What a mail says: `rows` are a label and what stands right of it; `link` is words and an address."""

    subject: str
    paragraphs: tuple[str, ...]
    rows: tuple[tuple[str, str], ...] = ()
    link: tuple[str, str] | None = None
    footer: str = "Sent by Holdfast."


async def post(
    connection: asyncpg.Connection, organisation_id: str, key: str, recipient: str, letter: Letter
) -> bool:
    """Put a letter into the outbox; it leaves once the transaction has committed.

    `key` names the cause ("shipped:ORD-7-12"): a cause that has its mail to this recipient already gets no
    second one, and the answer is False.
    """
    mail_id = await outbox.write(
        connection,
        organisation_id,
        f"{key}:{recipient}",
        recipient=recipient,
        subject=" ".join(letter.subject.split()),
        body=text_of(letter),
        html=html_of(letter),
    )
    if mail_id is None:
        return False
    await MAIL.ask(connection, Mail(mail_id), organisation_id, key=mail_id)
    return True


def text_of(letter: Letter) -> str:
    """For readers that show text."""
    parts = ["\n\n".join(letter.paragraphs)]
    if letter.rows:
        width = max(len(label) for label, _ in letter.rows)
        parts.append("\n".join(f"{label:<{width}}  {value}" for label, value in letter.rows))
    if letter.link is not None:
        parts.append(f"{letter.link[0]}: {letter.link[1]}")
    return "\n\n".join([*parts, f"-- \n{letter.footer}"]) + "\n"


def html_of(letter: Letter) -> str:
    """For readers that show HTML: styles stand in their elements, because most readers drop all others."""
    paragraphs = "".join(f'<p style="{_PARAGRAPH}">{escape(text)}</p>' for text in letter.paragraphs)
    rows = "".join(
        f'<tr><td style="{_CELL};color:#5a6662;padding-right:16px">{escape(label)}</td>'
        f'<td style="{_CELL};text-align:right">{escape(value)}</td></tr>'
        for label, value in letter.rows
    )
    table = f'<table role="presentation" style="{_TABLE}">{rows}</table>'
    link = ""
    if letter.link is not None:
        words, address = letter.link
        link = (
            f'<p style="{_PARAGRAPH}"><a href="{escape(address)}" style="{_BUTTON}">{escape(words)}</a></p>'
        )
    footer = f'<p style="margin:18px 0 0;color:#5a6662;font-size:13px">{escape(letter.footer)}</p>'
    head = f'<head><meta charset="utf-8"><title>{escape(letter.subject)}</title></head>'
    title = f'<h1 style="font-size:20px;line-height:1.3;margin:0 0 14px">{escape(letter.subject)}</h1>'
    card = f'<div style="{_CARD}">{title}{paragraphs}{table if rows else ""}{link}{footer}</div>'
    body = f'<body style="margin:0;padding:24px;{_STYLE}">{card}</body>'
    return f'<!doctype html><html lang="en">{head}{body}</html>'
