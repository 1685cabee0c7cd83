"""`/api/edge/pairing`: a box asks for a code to show, and whether somebody has typed it in (RFC 8628 §3).

Strangers may ask, so what they can cost is bounded: by address, by size, and a box has one code at a time.
Nothing is bound here; the box claims its place with its device code afterwards, at `claim.py`.
Counterparts: `edge/adapters/cloud/pairing.py` asks, `cloud/owners/venues/pairing.py` says yes.
"""

import secrets
from base64 import b64decode
from binascii import Error as NotBase64

import asyncpg
import msgspec
from aiohttp import web
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from cloud.config import Config
from cloud.ingest.claim import code_digest
from cloud.store.link import pairings
from cloud.web import limits
from cloud.web.answers import Handler, answer, body_of, caller
from protocol import pairing
from protocol.errors import Refused, refuse
from protocol.http import Route
from protocol.identity import readable_code, token_digest
from protocol.pairing import House, PairingDone, PairingGiven, PairingRequest, PollRequest

ASK = Route(
    method="POST",
    path="/api/edge/pairing",
    summary="A code for a box to show, for an owner to type in. Signed by the box's key.",
    request=PairingRequest,
    response=PairingGiven,
    errors=("rate_limited",),
)
POLL = Route(
    method="POST",
    path="/api/edge/pairing/poll",
    summary="Whether an owner has typed the code in. RFC 8628's words while none has.",
    request=PollRequest,
    response=PairingDone,
    errors=("authorization_pending", "slow_down", "expired_token", "rate_limited"),
)
_asking = msgspec.json.Decoder(PairingRequest)
_polling = msgspec.json.Decoder(PollRequest)
_house = msgspec.json.Decoder(House)


def user_code_digest(code: str) -> str:
    """What is stored of a code that people type."""
    return token_digest("pairing/" + pairing.plain(code))


def house_of(text: str) -> House | None:
    """What a box serves from. Raises `Refused` where nothing can be founded on it."""
    if not text:
        return None
    try:
        house = _house.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise Refused(refuse("invalid", f"house: {error}.")) from error
    fault = pairing.flaw_of(house)
    if fault is not None:
        raise Refused(refuse("invalid", f"house: {fault}"))
    return house


def _key(text: str) -> bytes:
    try:
        raw = b64decode(text, validate=True)
        Ed25519PublicKey.from_public_bytes(raw)
    except (NotBase64, ValueError) as error:
        raise Refused(refuse("invalid", "public_key is not an Ed25519 key in base64.")) from error
    return raw


def _signed(public_key: bytes, signature: str, text: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(b64decode(signature, validate=True), text)
    except (NotBase64, ValueError, InvalidSignature):
        return False
    return True


class Pairings:
    """The handlers and what they need."""

    def __init__(self, config: Config, pool: asyncpg.Pool) -> None:
        self._config = config
        self._pool = pool

    def routes(self) -> list[tuple[Route, Handler]]:
        """Addresses and their handlers."""
        return [(ASK, self.ask), (POLL, self.poll)]

    def _caller(self, request: web.Request) -> str:
        return caller(request, behind_proxy=self._config.behind_proxy)

    async def ask(self, request: web.Request) -> web.Response:
        """Refuses with `rate_limited`, or `invalid` for what is not signed by the key that it names."""
        await limits.check(self._pool, limits.PAIRING_BY_ADDRESS, self._caller(request))
        wanted = await body_of(request, _asking, pairing.MOST_REQUEST_BYTES)
        key = _key(wanted.public_key)
        text = pairing.asking(str(wanted.node_id), wanted.tail_seq, wanted.house)
        if not _signed(key, wanted.signature, text):
            raise Refused(refuse("invalid", "The signature is not this box's."))
        house_of(wanted.house)
        user_code, device_code = (
            readable_code(secrets.token_bytes(letters), letters)
            for letters in (pairing.USER_CODE_LETTERS, pairing.DEVICE_CODE_LETTERS)
        )
        asked = pairings.Asked(
            key, str(wanted.node_id), wanted.tail_seq, wanted.release, wanted.house, self._caller(request)
        )
        await pairings.add(
            self._pool,
            user_code_digest(user_code),
            code_digest(device_code),
            asked,
            pairing.EXPIRES_S,
            pairing.INTERVAL_S,
        )
        origin = request.url.origin()
        where = f"{origin.with_scheme('https') if self._config.behind_tls else origin}/#pair"
        shown = pairing.spelled(user_code)
        return answer(PairingGiven(device_code, shown, pairing.EXPIRES_S, pairing.INTERVAL_S, where))

    async def poll(self, request: web.Request) -> web.Response:
        """Refuses with one of `POLL.errors`."""
        await limits.check(self._pool, limits.PAIRING_POLL_BY_ADDRESS, self._caller(request))
        wanted = await body_of(request, _polling)
        found = await pairings.poll(self._pool, code_digest(wanted.device_code[:100]), pairing.SLOWER_BY_S)
        if found is None or not _signed(
            found.public_key, wanted.signature, pairing.polling(wanted.device_code)
        ):
            raise Refused(refuse("expired_token"))
        if found.venue_id is None:
            raise Refused(
                refuse(
                    "expired_token"
                    if found.late
                    else "slow_down"
                    if found.too_soon
                    else "authorization_pending"
                )
            )
        return answer(PairingDone(found.venue_id, found.venue_name or "", found.replaces))
