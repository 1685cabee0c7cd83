"""Digest log-in from the client's side: the RFC's own example, the device that checks it, and rubbish."""

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from firmware_profiles.dialects.digest_login import Challenge, DigestLogin, read_challenge
from firmware_profiles.emulators import digest

#: RFC 7616 §3.9.1.
REALM, NONCE = "http-auth@example.org", "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"
CNONCE = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"
ANSWER = "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"
HEADER = (
    f'Digest realm="{REALM}", qop="auth, auth-int", algorithm=SHA-256, nonce="{NONCE}", '
    'opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
)


def test_the_rfcs_own_example() -> None:
    login = DigestLogin("Mufasa", "Circle of Life", lambda: CNONCE)
    assert login.header("GET", "/dir/index.html") is None
    assert login.challenged(HEADER)
    sent = digest.fields(login.header("GET", "/dir/index.html") or "")
    assert (sent["response"], sent["nc"], sent["username"]) == (ANSWER, "00000001", "Mufasa")
    assert sent["opaque"].startswith("FQhe/")


def test_each_header_takes_the_next_count_and_a_new_nonce_begins_at_one() -> None:
    login = DigestLogin("admin", "secret", lambda: "own")
    login.challenged(digest.challenge("plug", "first=", stale=False))
    counts = [digest.fields(login.header("GET", "/") or "")["nc"] for _ in range(3)]
    assert counts == ["00000001", "00000002", "00000003"]
    login.challenged(digest.challenge("plug", "second=", stale=True))
    sent = digest.fields(login.header("GET", "/") or "")
    assert (sent["nc"], sent["nonce"]) == ("00000001", "second=")
    login.forget()
    assert login.header("GET", "/") is None


@given(st.text(st.characters(codec="ascii", exclude_characters='"\\'), max_size=20), st.text(max_size=20))
def test_a_device_that_knows_the_pass_word_is_satisfied(path: str, password: str) -> None:
    login = DigestLogin("admin", password, lambda: "own")
    login.challenged(digest.challenge("plug", "nonce", stale=False))
    sent = digest.fields(login.header("POST", f"/{path}") or "")
    assert digest.response_fits(sent, "POST", "admin", known(password))
    assert not digest.response_fits(sent, "POST", "admin", known(password + "!"))


def known(password: str) -> str:
    """What a device keeps of a pass word."""
    return hashlib.sha256(f"admin:plug:{password}".encode()).hexdigest()


@given(st.text())
def test_what_is_no_challenge_is_none(header: str) -> None:
    assert read_challenge(header) is None
    assert not DigestLogin("admin", "secret", lambda: "own").challenged(f"Basic {header}")


def test_an_algorithm_that_is_not_spoken_is_not_answered() -> None:
    assert read_challenge('Digest realm="x", nonce="y", algorithm=MD5') is None
    assert read_challenge('Digest realm="x", nonce="y", qop="auth-int", algorithm=SHA-256') is None
    assert read_challenge('Digest realm="x", nonce="y", algorithm=SHA-256') == Challenge("x", "y")
