"""Sealing what a later box needs and nobody else may read, and opening it with the code on the owner's paper.

The box keeps only the public half of the recovery key, so whoever takes the box away, or the cloud, cannot
open what was sealed before. X25519 with a fresh key each time, HKDF-SHA256, ChaCha20-Poly1305 (RFC 7748,
5869, 8439); the venue's id is bound in, so that one venue's cannot be given to another's box.

The code is 25 letters of which none can be mistaken for another: more than 110 bits, so no slow hash is
needed between it and the key.
"""

import os
import secrets
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from pathlib import Path

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from protocol.codec import UNREADABLE
from protocol.identity import readable_code

LETTERS, GROUP = 25, 5
#: In the data directory: the recovery key's public half, and what was sealed to it last.
KEY_NAME, SEALED_NAME = "recovery.pub", "keepsake.sealed"


class CannotOpen(Exception):
    """It was not opened, and nothing was changed; the text says why."""


class Sealed(msgspec.Struct, frozen=True):
    """As it travels and lies about: a fresh public key, and the box's things under it; both in base64."""

    venue_id: str
    public: str
    body: str


class Things(msgspec.Struct, frozen=True):
    """What is sealed: files of the data directory by name."""

    files: dict[str, bytes]


def new_code() -> str:
    """A recovery code, to be written on paper and nowhere else."""
    letters = readable_code(secrets.token_bytes(LETTERS), LETTERS)
    return "-".join(letters[start : start + GROUP] for start in range(0, LETTERS, GROUP))


def public_of(code: str) -> bytes:
    """The public half of a code's key, 32 bytes. Raises `CannotOpen` for what cannot be a code."""
    return _private(code).public_key().public_bytes_raw()


def seal(public: bytes, venue_id: str, things: Things) -> bytes:
    """Only the code opens it. Raises `ValueError` for what is no key."""
    fresh = X25519PrivateKey.generate()
    shared = fresh.exchange(X25519PublicKey.from_public_bytes(public))
    own = fresh.public_key().public_bytes_raw()
    body = _cipher(shared, own + public).encrypt(bytes(12), msgspec.msgpack.encode(things), venue_id.encode())
    return msgspec.json.encode(Sealed(venue_id, b64encode(own).decode(), b64encode(body).decode()))


def unseal(code: str, venue_id: str, raw: bytes) -> Things:
    """What was sealed for this venue. Raises `CannotOpen`."""
    private = _private(code)
    try:
        sealed = msgspec.json.decode(raw, type=Sealed)
        own, body = b64decode(sealed.public, validate=True), b64decode(sealed.body, validate=True)
        shared = private.exchange(X25519PublicKey.from_public_bytes(own))
        public = private.public_key().public_bytes_raw()
        opened = _cipher(shared, own + public).decrypt(bytes(12), body, venue_id.encode())
        return msgspec.msgpack.decode(opened, type=Things)
    except InvalidTag:
        whose = "another venue's" if _venue_of(raw) != venue_id else "damaged, or sealed with another code"
        raise CannotOpen(f"It cannot be opened with this code: it is {whose}.") from None
    except (*UNREADABLE, NotBase64, ValueError):
        raise CannotOpen("This was never sealed by a box, or is damaged.") from None


def write_file(path: Path, content: bytes) -> None:
    """Whole or not at all, for the box's own user alone."""
    scratch = path.with_name(f"{path.name}.new")
    scratch.unlink(missing_ok=True)
    scratch.touch(mode=0o600)
    with scratch.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    scratch.replace(path)


def _venue_of(raw: bytes) -> str:
    return msgspec.json.decode(raw, type=Sealed).venue_id


def _private(code: str) -> X25519PrivateKey:
    letters = "".join(letter for letter in code.upper() if letter.isalnum())
    if len(letters) != LETTERS or not letters.isascii():
        raise CannotOpen(f"A recovery code has {LETTERS} letters.")
    seed = HKDF(SHA256(), 32, None, b"holdfast recovery code").derive(letters.encode())
    return X25519PrivateKey.from_private_bytes(seed)


def _cipher(shared: bytes, keys: bytes) -> ChaCha20Poly1305:
    """Under a key that is used once, which is why the nonce may be nothing."""
    return ChaCha20Poly1305(HKDF(SHA256(), 32, keys, b"holdfast keepsake").derive(shared))
