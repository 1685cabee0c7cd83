"""Who may say and hear what on the venue's broker, and the files by which Mosquitto enforces it. Pure.

One account for the box and one for the kitchen's devices, as devices.md asks for in the field. The embedded
broker reads the same table, so a device that works with one works with the other.
"""

import base64
import hashlib
from pathlib import Path
from urllib.parse import quote

import msgspec

from protocol.kitchen import ack_filter, status_topic, topic

#: Mosquitto's own default; passwords here are random, so more rounds would protect nothing.
_ROUNDS = 101


class Account(msgspec.Struct, frozen=True):
    """A user of the broker and the topic filters it may publish to and receive from."""

    user: str
    password: str
    writes: tuple[str, ...]
    reads: tuple[str, ...]


class BrokerPlan(msgspec.Struct, frozen=True):
    """Everything a broker has to be told."""

    host: str
    port: int
    accounts: tuple[Account, ...]

    def url(self, user: str, host: str = "127.0.0.1") -> str:
        """How `user` reaches the broker."""
        password = next(account.password for account in self.accounts if account.user == user)
        return f"mqtt://{quote(user, '')}:{quote(password, '')}@{host}:{self.port}"


def accounts_of(venue_id: str, box_password: str, kitchen_password: str) -> tuple[Account, Account]:
    """The box, which owns the venue's topics, and `kitchen`, which hears tickets and acknowledges them."""
    everything = (f"v1/{venue_id}/#",)
    heard = tuple(topic(venue_id, "+", leaf) for leaf in ("ticket", "snapshot", "error"))
    return (
        Account("box", box_password, writes=everything, reads=everything),
        Account(
            "kitchen",
            kitchen_password,
            writes=(ack_filter(venue_id),),
            reads=(status_topic(venue_id), *heard),
        ),
    )


def mosquitto_passwords(plan: BrokerPlan, salts: list[bytes]) -> str:
    """Mosquitto's password file (`mosquitto_passwd(1)`, PBKDF2-SHA512); one 12-byte salt an account."""
    lines = []
    for account, salt in zip(plan.accounts, salts, strict=True):
        digest = hashlib.pbkdf2_hmac("sha512", account.password.encode(), salt, _ROUNDS)
        parts = (f"$7${_ROUNDS}", base64.b64encode(salt).decode(), base64.b64encode(digest).decode())
        lines.append(f"{account.user}:{'$'.join(parts)}\n")
    return "".join(lines)


def mosquitto_acl(plan: BrokerPlan) -> str:
    """Mosquitto's ACL file (`mosquitto.conf(5)`, acl_file)."""
    lines = []
    for account in plan.accounts:
        lines.append(f"user {account.user}")
        lines += [f"topic write {name}" for name in account.writes]
        lines += [f"topic read {name}" for name in account.reads]
    return "\n".join(lines) + "\n"


def mosquitto_config(plan: BrokerPlan, directory: Path, as_root: bool) -> str:
    """`mosquitto.conf(5)`. Started by root, Mosquitto would change to a user who cannot read our files."""
    return "\n".join(
        [
            *(["user root"] if as_root else []),
            f"listener {plan.port} {plan.host}",
            "allow_anonymous false",
            f"password_file {directory / 'passwords'}",
            f"acl_file {directory / 'acl'}",
            "persistence true",
            f"persistence_location {directory}/",
            "log_dest stderr",
            "",
        ]
    )
