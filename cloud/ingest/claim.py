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
from cloud.store.link import claims
from cloud.web import limits
from cloud.web.answers import Handler, answer, body_of, caller
from protocol.errors import Refused, refuse
from protocol.http import Route
from protocol.identity import token_digest
from protocol.link import Place
from protocol.snapshot import Claimed, Standing

log = structlog.get_logger()


class ClaimRequest(msgspec.Struct, frozen=True):
    """`public_key` is the 32 bytes of an Ed25519 key in base64; the ids are UUIDs that the box has made.

    `tail_seq` is how much the box has journalled by itself, `protocol` the newest version that it speaks.
    `standing` is sent by one that has a place already and is not known any more.
    """

    code: str
    public_key: str
    node_id: UUID
    log_id: UUID
    tail_seq: Place = 0
    protocol: int = 1
    standing: Standing | None = None


CLAIM = Route(
    method="POST",
    path="/api/edge/claim",
    summary="Exchange the owner's code for this box's place in a venue. Works once a code.",
    request=ClaimRequest,
    response=Claimed,
    errors=(
        "claim_unknown",
        "claim_used",
        "claim_stale",
        "claim_not_empty",
        "claim_elsewhere",
        "claim_needless",
        "claim_too_old",
        "rate_limited",
    ),
)

_REFUSALS: dict[type[Exception], str] = {
    claims.ClaimUnknown: "claim_unknown",
    claims.ClaimUsed: "claim_used",
    claims.ClaimStale: "claim_stale",
    claims.ClaimNotEmpty: "claim_not_empty",
    claims.ClaimElsewhere: "claim_elsewhere",
    claims.ClaimNeedless: "claim_needless",
    claims.ClaimTooOld: "claim_too_old",
}
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


def _checked(standing: Standing) -> Standing:
    try:
        for each in (standing.venue_id, standing.node_id, standing.log_id):
            UUID(each)
    except ValueError as error:
        raise Refused(refuse("invalid", "A standing names venue, node and log by their ids.")) from error
    if len(standing.base_hash) not in (0, 32):
        raise Refused(refuse("invalid", "base_hash is a SHA-256."))
    return standing


class Claims:
    """The handler and what it needs."""

    def __init__(self, config: Config, pool: asyncpg.Pool) -> None:
        self._config = config
        self._pool = pool

    def routes(self) -> list[tuple[Route, Handler]]:
        """Addresses and their handlers."""
        return [(CLAIM, self.claim)]

    async def claim(self, request: web.Request) -> web.Response:
        """Bind the box. Refuses with one of `CLAIM.errors` or `invalid`."""
        await limits.check(
            self._pool, limits.CLAIM_BY_ADDRESS, caller(request, behind_proxy=self._config.behind_proxy)
        )
        wanted = await body_of(request, _decoder)
        key = _key(wanted.public_key)
        node_id, log_id = str(wanted.node_id), str(wanted.log_id)
        standing = _checked(wanted.standing) if wanted.standing else None
        who = claims.Claimant(key, node_id, log_id, wanted.tail_seq, wanted.protocol, standing)
        try:
            claimed = await claims.claim(self._pool, code_digest(wanted.code), who)
        except tuple(_REFUSALS) as error:
            raise Refused(refuse(_REFUSALS[type(error)])) from error
        log.info("claimed", venue_id=claimed.venue_id, node_id=who.node_id, epoch=claimed.epoch)
        return answer(claimed)
