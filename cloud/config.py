"""What a cloud process can be told, and where it hears it from: the environment, then the command line.

`DATABASE_URL` names a Postgres of your own. Without it the cloud brings its own Postgres and keeps it in
the data directory, which is what the demo and a first look want.
"""

import os
from collections.abc import Mapping
from email.utils import parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import msgspec


class BadConfig(ValueError):
    """A setting that cannot be meant; the message says which and what would do."""


class Smtp(msgspec.Struct, frozen=True, kw_only=True):
    """A mail server. `tls` is `implicit` (smtps), `upgrade` (STARTTLS or nothing) or `never`."""

    host: str
    port: int
    tls: str
    user: str | None = None
    password: str | None = None
    sender: str
    within_s: float = 60.0


class Config(msgspec.Struct, frozen=True, kw_only=True):
    """Settings of one process. Durations in seconds.

    `credit_facts` and `credit_bytes` bound what a box may have on its way unacknowledged. Of two boxes with
    one key the second is fenced for good once the first was heard of `rival_proof_s` after it had knocked.
    `catch_ups` of them may have that at once; whoever else is far behind waits (`cloud/ingest/catch_ups.py`).
    `hellos` are judged at once (`cloud/ingest/door.py`).
    `transactions` bounds how many runs one process applies at once, so that a herd of boxes coming back
    queues here and not in Postgres.
    `stripe_secret` and `stripe_webhook_secret` are the account's; without the first no cards are taken.
    `stripe_api` names another Stripe than the real one, `card_ask_every_s` how often it is asked about what
    nobody knows.
    Once told to stop, a process answers for `linger_s` more but is not ready any more, then has `drain_s` to
    let go of its links and to finish.
    `behind_tls` marks cookies `Secure`; `behind_proxy` believes the last `X-Forwarded-For`.
    A process that only works is watched at `worker_port`, 0 for any that is free.
    `works` has a process that serves do jobs as well, `jobs_at_once` of them; a job whose worker was not
    heard of for `job_silent_s` goes to another. `smtp` is where mails go, and without it they wait. `blobs`
    is where files are kept: a directory's or a bucket's URL, else a directory within `data`. `public_url` is
    how the outside reaches us, for links in mails. `private_webhooks` lets owners have addresses called that
    are not on the internet.
    """

    database_url: str | None = None
    data: Path = Path("holdfast-cloud-data")
    host: str = "127.0.0.1"
    port: int = 8080
    worker_port: int = 0
    behind_tls: bool = False
    behind_proxy: bool = False
    connections: int = 12
    transactions: int = 6
    hellos: int = 4
    credit_facts: int = 20_000
    credit_bytes: int = 8 * 1024 * 1024
    catch_ups: int = 5
    rival_proof_s: float = 10.0
    ping_every_s: float = 5.0
    dead_after_s: float = 15.0
    presence_every_s: float = 2.0
    refresh_every_s: float = 5.0
    drain_s: float = 10.0
    linger_s: float = 0.0
    stripe_secret: str | None = None
    stripe_webhook_secret: str = ""
    stripe_api: str | None = None
    stripe_timeout_s: float = 10.0
    card_ask_every_s: float = 5.0
    works: bool = True
    jobs_at_once: int = 4
    job_silent_s: float = 30.0
    smtp: Smtp | None = None
    blobs: str | None = None
    public_url: str | None = None
    private_webhooks: bool = False


def _flag(environment: Mapping[str, str], name: str) -> bool:
    value = environment.get(name, "").strip().lower()
    if value in ("", "0", "no", "false"):
        return False
    if value in ("1", "yes", "true"):
        return True
    raise BadConfig(f"{name} is {value!r}; say yes or no")


def _seconds(environment: Mapping[str, str], name: str, unsaid: float) -> float:
    text = environment.get(name, "")
    try:
        seconds = float(text) if text else unsaid
    except ValueError:
        seconds = -1.0
    if text and not 1 <= seconds <= 3600:
        raise BadConfig(f"{name} is {text!r}; a number of seconds from 1 to 3600 is needed")
    return seconds


def _port(environment: Mapping[str, str], name: str, unsaid: str) -> int:
    text = environment.get(name, unsaid)
    if not (text.isascii() and text.isdecimal()) or int(text) > 65535:
        raise BadConfig(f"{name} is {text!r}; a number up to 65535 is needed")
    return int(text)


def _smtp(environment: Mapping[str, str]) -> Smtp | None:
    """As `smtp://user:password@host:587`, `smtps://…`, or `smtp://host:25?tls=never` within one machine."""
    text = environment.get("HOLDFAST_SMTP_URL", "")
    if not text:
        return None
    try:
        url = urlsplit(text)
        port = url.port or {"smtp": 587, "smtps": 465}[url.scheme]
    except (ValueError, KeyError) as error:
        raise BadConfig("HOLDFAST_SMTP_URL has to be like smtp://user:password@host:587") from error
    tls = dict(parse_qsl(url.query)).get("tls", "implicit" if url.scheme == "smtps" else "upgrade")
    sender = environment.get("HOLDFAST_MAIL_FROM", "")
    if not url.hostname or tls not in ("implicit", "upgrade", "never"):
        raise BadConfig("HOLDFAST_SMTP_URL needs a host, and tls=never or tls=upgrade if anything")
    if not parseaddr(sender)[1].count("@") or "\n" in sender or "\r" in sender:
        raise BadConfig("HOLDFAST_MAIL_FROM has to be an address, like: Holdfast <mail@example.com>")
    return Smtp(
        host=url.hostname,
        port=port,
        tls=tls,
        user=unquote(url.username) if url.username else None,
        password=unquote(url.password) if url.password else None,
        sender=sender,
    )


def from_environment(environment: Mapping[str, str] = os.environ) -> Config:
    """Settings as the environment has them. Raises `BadConfig`."""
    return Config(
        database_url=environment.get("DATABASE_URL") or None,
        data=Path(environment.get("HOLDFAST_CLOUD_DATA", "holdfast-cloud-data")),
        host=environment.get("HOLDFAST_CLOUD_HOST", "127.0.0.1"),
        port=_port(environment, "HOLDFAST_CLOUD_PORT", "8080"),
        worker_port=_port(environment, "HOLDFAST_WORKER_PORT", "0"),
        behind_tls=_flag(environment, "HOLDFAST_BEHIND_TLS"),
        behind_proxy=_flag(environment, "HOLDFAST_BEHIND_PROXY"),
        linger_s=_seconds(environment, "HOLDFAST_LINGER_S", 0.0),
        **_stripe(environment),
        works=_flag({"HOLDFAST_WORKS": "yes", **environment}, "HOLDFAST_WORKS"),
        job_silent_s=_seconds(environment, "HOLDFAST_JOB_SILENT_S", 30.0),
        private_webhooks=_flag(environment, "HOLDFAST_PRIVATE_WEBHOOKS"),
        smtp=_smtp(environment),
        blobs=environment.get("HOLDFAST_BLOBS_URL") or None,
        public_url=(environment.get("HOLDFAST_PUBLIC_URL") or "").rstrip("/") or None,
    )


def _stripe(environment: Mapping[str, str]) -> dict[str, Any]:
    secret = environment.get("HOLDFAST_STRIPE_SECRET_KEY") or None
    webhook_secret = environment.get("HOLDFAST_STRIPE_WEBHOOK_SECRET", "")
    if secret is not None and not webhook_secret:
        raise BadConfig("HOLDFAST_STRIPE_WEBHOOK_SECRET is needed beside HOLDFAST_STRIPE_SECRET_KEY")
    return {
        "stripe_secret": secret,
        "stripe_webhook_secret": webhook_secret,
        "stripe_api": environment.get("HOLDFAST_STRIPE_API") or None,
    }
