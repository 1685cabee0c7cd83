"""Who may say what on the demo's broker, and the files that make Mosquitto think so too."""

import base64
import hashlib
from pathlib import Path

import pytest

from edge.demo.access import (
    BrokerPlan,
    accounts_of,
    mosquitto_acl,
    mosquitto_config,
    mosquitto_passwords,
)
from edge.demo.broker import matches

PLAN = BrokerPlan("127.0.0.1", 1883, accounts_of("V", "box pw", "p/w:@"))


@pytest.mark.parametrize(
    ("pattern", "topic", "fits"),
    [
        ("v1/V/kds/+/ack", "v1/V/kds/grill/ack", True),
        ("v1/V/kds/+/ack", "v1/V/kds/grill/bar/ack", False),
        ("v1/V/kds/+/ack", "v1/V/kds/grill/ticket", False),
        ("v1/V/kds/+/ack", "v1/W/kds/grill/ack", False),
        ("v1/V/#", "v1/V/status", True),
        ("v1/V/#", "v1/V", True),
        ("v1/V/#", "v1/W/status", False),
        ("v1/V/status", "v1/V/status/more", False),
        ("v1/V/status", "v1/V", False),
    ],
)
def test_filters(pattern: str, topic: str, fits: bool) -> None:
    assert matches(pattern, topic) is fits


def test_urls_survive_any_password() -> None:
    assert PLAN.url("kitchen") == "mqtt://kitchen:p%2Fw%3A%40@127.0.0.1:1883"
    assert PLAN.url("box", "10.0.0.9") == "mqtt://box:box%20pw@10.0.0.9:1883"


def test_password_file_has_salted_digests_only() -> None:
    salts = [bytes(12), bytes(range(12))]
    lines = mosquitto_passwords(PLAN, salts).splitlines()
    for account, salt, line in zip(PLAN.accounts, salts, lines, strict=True):
        user, _, secret = line.partition(":")
        _, kind, rounds, shown_salt, digest = secret.split("$")
        assert (user, kind, base64.b64decode(shown_salt)) == (account.user, "7", salt)
        wanted = hashlib.pbkdf2_hmac("sha512", account.password.encode(), salt, int(rounds))
        assert base64.b64decode(digest) == wanted
        assert account.password not in line


def test_the_kitchen_hears_tickets_and_says_acks_and_nothing_else() -> None:
    kitchen = mosquitto_acl(PLAN).split("user kitchen\n")[1].splitlines()
    assert kitchen == [
        "topic write v1/V/kds/+/ack",
        "topic read v1/V/status",
        "topic read v1/V/kds/+/ticket",
        "topic read v1/V/kds/+/snapshot",
        "topic read v1/V/kds/+/error",
    ]


def test_mosquitto_stays_root_only_where_it_is_root() -> None:
    directory = Path("/data")
    assert mosquitto_config(PLAN, directory, as_root=True).startswith("user root\n")
    assert "user root" not in mosquitto_config(PLAN, directory, as_root=False)
    assert "allow_anonymous false" in mosquitto_config(PLAN, directory, as_root=False)
