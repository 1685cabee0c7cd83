"""Asking a cloud for a code to show, and whether somebody has typed it in: RFC 8628, signed.

Two questions; what becomes of the answers is the caller's business.
Counterpart: `cloud/ingest/pairing.py`.
"""

import base64
from typing import Any, TypeVar

import aiohttp
import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from protocol import pairing
from protocol.pairing import PairingDone, PairingGiven, PairingRequest, PollRequest

T = TypeVar("T", PairingGiven, PairingDone)
_WITHIN_S = 20.0


class PairingRefused(Exception):
    """The cloud said no; `code` is its word for it, the text is for a person."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class CloudSilent(Exception):
    """The cloud could not be reached, or had trouble of its own; asking again may help."""


async def ask(
    cloud_url: str, key: Ed25519PrivateKey, node_id: str, tail_seq: int, house: str, release: str
) -> PairingGiven:
    """A code for this box. `house` is the text of a `pairing.House`, empty for none.

    Raises `PairingRefused` or `CloudSilent`.
    """
    wanted = {
        "public_key": base64.b64encode(key.public_key().public_bytes_raw()).decode(),
        "node_id": node_id,
        "tail_seq": tail_seq,
        "signature": _signature(key, pairing.asking(node_id, tail_seq, house)),
        "release": release[:60],
        "house": house,
    }
    msgspec.convert(wanted, PairingRequest)
    return await _post(f"{cloud_url}/api/edge/pairing", wanted, PairingGiven)


async def poll(cloud_url: str, key: Ed25519PrivateKey, device_code: str) -> PairingDone:
    """Where this box shall be. Raises `CloudSilent`, or `PairingRefused` with RFC 8628's codes meanwhile."""
    wanted = PollRequest(device_code, _signature(key, pairing.polling(device_code)))
    return await _post(f"{cloud_url}/api/edge/pairing/poll", msgspec.to_builtins(wanted), PairingDone)


def _signature(key: Ed25519PrivateKey, text: bytes) -> str:
    return base64.b64encode(key.sign(text)).decode()


async def _post(address: str, body: Any, kind: type[T]) -> T:
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_WITHIN_S)) as session,
            session.post(address, json=body) as response,
        ):
            raw = await response.read()
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
        raise CloudSilent(f"The cloud does not answer at {address}: {error}") from error
    if response.status >= 500:
        raise CloudSilent(f"The cloud at {address} has trouble of its own ({response.status}).")
    try:
        if response.status != 200:
            refusal = msgspec.json.decode(raw, type=dict[str, dict[str, Any]])["error"]
            raise PairingRefused(str(refusal["code"]), str(refusal["message"]))
        return msgspec.json.decode(raw, type=kind)
    except (msgspec.DecodeError, KeyError, TypeError) as error:
        words = f"{address} answered something strange; is it a Holdfast cloud of today?"
        raise PairingRefused("strange", words) from error
