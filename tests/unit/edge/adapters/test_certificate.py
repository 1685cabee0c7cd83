"""The certificate slot with real certificates and TLS connections: taken up late, renewed, spoilt."""

import asyncio
import contextlib
import datetime
import ssl
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from edge.adapters.machine.certificate import CertificateSlot, serve
from tests.integration.faults.programs import free_port


def lay(folder: Path, name: str) -> None:
    """A certificate that vouches for itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + datetime.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    (folder / "fullchain.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "privkey.pem").write_bytes(private)


async def shown(slot: CertificateSlot) -> str:
    """The name in the certificate that a client is shown now."""
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0, ssl=slot.context)
    async with server:
        trusting = ssl.create_default_context()
        trusting.check_hostname = False
        trusting.verify_mode = ssl.CERT_NONE
        port = server.sockets[0].getsockname()[1]
        _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=trusting)
        raw = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
        writer.close()
    names = x509.load_der_x509_certificate(raw).subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(names[0].value)


async def test_a_renewed_certificate_is_shown_to_the_next_client(tmp_path: Path) -> None:
    slot = CertificateSlot(tmp_path)
    assert slot.take_up() is False
    lay(tmp_path, "first")
    assert slot.take_up() is True
    assert await shown(slot) == "first"
    assert slot.take_up() is False
    lay(tmp_path, "second")
    assert slot.take_up() is True
    assert await shown(slot) == "second"


@pytest.mark.parametrize("spoilt", ["fullchain.pem", "privkey.pem"])
async def test_a_pair_that_cannot_be_used_leaves_the_former_one(
    tmp_path: Path, spoilt: str, caplog: pytest.LogCaptureFixture
) -> None:
    slot = CertificateSlot(tmp_path)
    lay(tmp_path, "first")
    slot.take_up()
    (tmp_path / spoilt).write_text("half a file")
    assert slot.take_up() is False
    assert "cannot be used" in caplog.text
    assert await shown(slot) == "first"


async def test_the_door_opens_only_when_there_is_a_pair(tmp_path: Path) -> None:
    slot = CertificateSlot(tmp_path)
    opened = asyncio.Event()
    openings = 0

    async def open_door() -> None:
        nonlocal openings
        openings += 1
        opened.set()

    async with asyncio.TaskGroup() as group:
        watching = group.create_task(slot.watch(open_door, every_s=0.001))
        await asyncio.sleep(0.01)
        assert openings == 0
        lay(tmp_path, "first")
        await opened.wait()
        watching.cancel()
    assert openings == 1


async def test_pages_are_there_by_http_before_and_beside_https(tmp_path: Path) -> None:
    async def page(_request: web.Request) -> web.Response:
        return web.Response(text="here")

    app = web.Application()
    app.router.add_get("/", page)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    plain, door = web.TCPSite(runner, "127.0.0.1", 0), free_port()
    await plain.start()
    trusting = aiohttp.TCPConnector(ssl=False)
    timeout = aiohttp.ClientTimeout(total=30)
    async with (
        aiohttp.ClientSession(connector=trusting, timeout=timeout) as http,
        asyncio.TaskGroup() as group,
    ):
        address = f"http://127.0.0.1:{runner.addresses[0][1]}/"
        assert await (await http.get(address)).text() == "here"
        lay(tmp_path, "first")
        serving = group.create_task(serve(runner, "127.0.0.1", door, tmp_path))
        while True:
            with contextlib.suppress(aiohttp.ClientConnectionError):
                assert await (await http.get(f"https://127.0.0.1:{door}/")).text() == "here"
                break
            await asyncio.sleep(0.01)
        assert await (await http.get(address)).text() == "here"
        serving.cancel()
    await runner.cleanup()
