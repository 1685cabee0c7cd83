"""A certificate such as a router makes for itself, a plug of every dialect, a box that hears devices."""

import datetime
import ssl
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from firmware_profiles.emulators.clock import ManualClock
from tests.integration.devices.adopting_box import listening_box
from tests.integration.devices.plug_pairs import KINDS, SECRET, Emulator, Pair, adapter_for
from tests.integration.edge.play.floor_box import FloorBox


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[ssl.SSLContext, bytes]:
    """A server context with a self-signed certificate, and that certificate's DER bytes."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "router")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "router.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context, made.public_bytes(serialization.Encoding.DER)


@pytest.fixture(params=KINDS)
async def pair(request: pytest.FixtureRequest) -> AsyncIterator[Pair]:
    """Every dialect in turn."""
    make: Callable[[ManualClock, str], Emulator] = request.param
    clock = ManualClock()
    emulator = make(clock, SECRET)
    async with emulator, adapter_for(emulator, SECRET) as plug:
        yield Pair(emulator, plug, clock)


@pytest_asyncio.fixture
async def box(tmp_path: Path) -> AsyncIterator[FloorBox]:
    async with listening_box(tmp_path / "box") as made:
        yield made
