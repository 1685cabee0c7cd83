"""What a till can rely on without asking us: the signature of docs/pos-webhook.md, and a key that stays."""

import stat
from pathlib import Path

from edge.adapters.till.webhook import load_key, signature


def test_a_call_is_signed_as_the_page_says() -> None:
    """Worked out with openssl: `printf '…' | openssl dgst -sha256 -hmac 'key'`."""
    path = "/holdfast/orders/ORD-7-1?attempt=2"
    expected = "v1=fa13b4832f1741bc7ad8546d0dac41422ed5a806dc1e40062c6fe2b384816978"
    assert signature("key", "1790000000", "GET", path, b"") == expected


def test_every_part_counts() -> None:
    parts = ("key", "1790000000", "POST", "/orders", b"{}")
    changed = (
        ("yek", *parts[1:]),
        (parts[0], "1790000001", *parts[2:]),
        (*parts[:2], "PUT", *parts[3:]),
        (*parts[:3], "/orders/", parts[4]),
        (*parts[:4], b"{ }"),
    )
    assert len({signature(*each) for each in (parts, *changed)}) == 6


def test_the_key_is_made_once_and_for_the_box_alone(tmp_path: Path) -> None:
    path = tmp_path / "pos.key"
    key = load_key(path)
    assert (len(key), load_key(path)) == (64, key)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load_key(tmp_path / "other.key") != key
