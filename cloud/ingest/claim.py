"""`POST /api/edge/claim`: a box exchanges the owner's code for its place in a venue.

From here on only the holder of the private key can speak as this box. Codes are short enough to be typed
on a box's page, so they work once, run out, and may be guessed at only a few times a minute.
"""

from base64 import b64decode
from binascii import Error as NotBase64
from uuid import UUID

import asyncpg
import msgspec
import structlog
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from cloud.config import Config
from cloud.store import nodes
from cloud.web import limits
from cloud.web.answers import Handler, answer, body_of, caller
from protocol.errors import Refused, refuse
from protocol.http import Route
from protocol.identity import token_digest

log = structlog.get_logger()


class ClaimRequest(msgspec.Struct, frozen=True):
    """`public_key` is the 32 bytes of an Ed25519 key in base64; the ids are UUIDs that the box has made."""

    code: str
    public_key: str
    node_id: UUID
    log_id: UUID


class ClaimAnswer(msgspec.Struct, frozen=True):
    """The box's place: it says hello under this epoch."""

    venue_id: str
    restaurant_id: int
    epoch: int


CLAIM = Route(
    method="POST",
    path="/api/edge/claim",
    summary="Exchange the owner's code for this box's place in a venue. Works once a code.",
    request=ClaimRequest,
    response=ClaimAnswer,
    errors=("claim_unknown", "claim_used", "rate_limited"),
)

_decoder = msgspec.json.Decoder(ClaimRequest)


def code_digest(code: str) -> str:
    """What is stored of a claim code. Blanks, dashes and case are for the eye."""
    return token_digest("claim/" + "".join(letter for letter in code.upper() if letter.isalnum()))


def _key(text: str) -> bytes:
    try:
        raw = b64decode(text, validate=True)
        Ed25519PublicKey.from_public_bytes(raw)
    except (NotBase64, ValueError) as error:
        raise Refused(refuse("invalid", "public_key is not an Ed25519 key in base64.")) from error
    return raw


class Claims:
    """The handler and what it needs."""

    def __init__(self, config: Config, pool: asyncpg.Pool) -> None:
        self._config = config
        self._pool = pool

    def routes(self) -> list[tuple[Route, Handler]]:
        """Addresses and their handlers."""
        return [(CLAIM, self.claim)]

    async def claim(self, request: web.Request) -> web.Response:
        """Bind the box. Refuses with `claim_unknown`, `claim_used`, `rate_limited` or `invalid`."""
        await limits.check(
            self._pool, limits.CLAIM_BY_ADDRESS, caller(request, behind_proxy=self._config.behind_proxy)
        )
        wanted = await body_of(request, _decoder)
        key = _key(wanted.public_key)
        try:
            claim = await nodes.claim(
                self._pool, code_digest(wanted.code), key, str(wanted.node_id), str(wanted.log_id)
            )
        except nodes.ClaimUnknown as error:
            raise Refused(refuse("claim_unknown")) from error
        except nodes.ClaimUsed as error:
            raise Refused(refuse("claim_used")) from error
        log.info("claimed", venue_id=claim.venue_id, node_id=str(wanted.node_id), epoch=claim.epoch)
        return answer(ClaimAnswer(claim.venue_id, claim.restaurant_id, claim.epoch))
