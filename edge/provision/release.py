"""Whose release this is: a manifest over every file of a bundle, signed with Ed25519 (RFC 8032).

The makers keep the private key; every box has the public one from the day it was laid down. A bundle whose
manifest was not signed with that key, or with one file more, less or other than the manifest lists, is
refused before anything of it is run.
"""

import hashlib
from base64 import b64decode, b64encode
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from edge.provision.bundle import BundleFailed
from protocol.upgrade import BadManifest, Manifest, read_manifest

MANIFEST = "manifest.json"
SIGNATURE = "manifest.sig"


class BadRelease(BundleFailed):
    """The bundle is not what the makers signed; the text names what differs."""


def make_key() -> tuple[str, str]:
    """A new pair: private and public key, 32 bytes each, in base64."""
    key = Ed25519PrivateKey.generate()
    return (
        b64encode(key.private_bytes_raw()).decode(),
        b64encode(key.public_key().public_bytes_raw()).decode(),
    )


def sign(bundle: Path, private_key: str) -> None:
    """Sign a sealed bundle. Raises `BadRelease` for what is no key."""
    try:
        key = Ed25519PrivateKey.from_private_bytes(b64decode(private_key, validate=True))
    except ValueError as error:
        raise BadRelease(f"the private key cannot be used: {error}") from None
    (bundle / SIGNATURE).write_bytes(b64encode(key.sign((bundle / MANIFEST).read_bytes())) + b"\n")


def verify(bundle: Path, public_key: str) -> Manifest:
    """The manifest of a bundle that is wholly what was signed. Raises `BadRelease`."""
    try:
        signed, signature = (bundle / MANIFEST).read_bytes(), (bundle / SIGNATURE).read_bytes()
    except OSError as error:
        raise BadRelease(f"{error.filename}: {error.strerror}") from None
    check_signature(signed, signature, public_key, str(bundle / MANIFEST))
    try:
        manifest = read_manifest(signed)
    except BadManifest as error:
        raise BadRelease(f"{bundle / MANIFEST}: {error}") from None
    _compare(bundle, manifest)
    return manifest


def check_signature(signed: bytes, signature: bytes, public_key: str, what: str) -> None:
    """Raises `BadRelease`, naming `what`, unless the makers signed it."""
    try:
        key = Ed25519PublicKey.from_public_bytes(b64decode(public_key, validate=True))
        key.verify(b64decode(signature.strip(), validate=True), signed)
    except (InvalidSignature, ValueError):
        raise BadRelease(f"{what} was not signed by the makers of this box") from None


def _compare(bundle: Path, manifest: Manifest) -> None:
    there = {
        path.relative_to(bundle).as_posix()
        for path in bundle.rglob("*")
        if path.is_symlink() or not path.is_dir()
    } - {MANIFEST, SIGNATURE}
    for name in sorted(there ^ manifest.files.keys()):
        raise BadRelease(f"{name} is {'not in the manifest' if name in there else 'missing'}")
    for name, expected in manifest.files.items():
        path = bundle / name
        if path.is_symlink() or hashlib.sha256(path.read_bytes()).hexdigest() != expected:
            raise BadRelease(f"{name} is not what was signed")
