"""Card money by way of the cloud: signed calls, each naming a payment, none remembered here.

Rule of the file: what is certain and what is not. A connection that was never made and a refusal in words
mean that nothing was done (`NotSent`); a broken or late answer means that nobody knows (UNKNOWN).
Counterpart: `cloud/ingest/card_calls.py`.
"""

import base64
from typing import Literal

import aiohttp
import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge.core.money.cards import NeverHeard, NotSent
from edge.journal.database import Box
from protocol.card import SIGNATURE, SIGNED, CardAnswer, CardCall
from protocol.facts.payment import Payment

_WITHIN = aiohttp.ClientTimeout(total=15, connect=5)
_NO_INTERNET = "The cloud cannot be reached now. Pay at the counter, or try again later."

_answer = msgspec.json.Decoder(CardAnswer)


class CloudCards:
    """Implements `CardPort` for a box that was claimed by a venue."""

    def __init__(self, box: Box, key: Ed25519PrivateKey) -> None:
        self._box = box
        self._key = key

    async def begin(self, payment: Payment, words: str, return_url: str) -> CardAnswer:
        """See `CardPort`."""
        return await self._call("begin", payment, words, return_url)

    async def look(self, payment: Payment, return_url: str) -> CardAnswer:
        """See `CardPort`."""
        return await self._call("look", payment, "", return_url)

    async def cancel(self, payment: Payment, return_url: str) -> CardAnswer:
        """See `CardPort`."""
        return await self._call("cancel", payment, "", return_url)

    async def _call(
        self, ask: Literal["begin", "look", "cancel"], payment: Payment, words: str, return_url: str
    ) -> CardAnswer:
        first = payment.initiated
        call = CardCall(
            venue_id=self._box.venue_id or "",
            node_id=self._box.node_id,
            ask=ask,
            payment_pid=first.payment_pid,
            subject=first.session_pid or "",
            amount_minor=first.amount_minor + first.tip_minor,
            currency=first.currency,
            words=words,
            return_url=return_url,
        )
        body = msgspec.json.encode(call)
        signed = base64.b64encode(self._key.sign(SIGNED + body)).decode()
        headers = {"Content-Type": "application/json", SIGNATURE: signed}
        url = f"{self._box.cloud_url}/api/edge/cards"
        try:
            async with (
                aiohttp.ClientSession(timeout=_WITHIN) as session,
                session.post(url, data=body, headers=headers) as response,
            ):
                return _said(response.status, await response.read())
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise NotSent(_NO_INTERNET) from error
        except (aiohttp.ClientError, TimeoutError, OSError):
            return CardAnswer(state="UNKNOWN", code="no_answer", reason="The cloud did not answer.")


def _said(status: int, body: bytes) -> CardAnswer:
    if 400 <= status < 500:
        refused = _refused(body)
        raise (NeverHeard if refused.code == "unknown_payment" else NotSent)(refused.message)
    try:
        if status == 200:
            return _answer.decode(body)
    except msgspec.MsgspecError:
        pass
    return CardAnswer(state="UNKNOWN", code="no_answer", reason="The cloud's answer means nothing here.")


class _Refused(msgspec.Struct):
    code: str = ""
    message: str = "The cloud does not take this payment."


class _Refusal(msgspec.Struct):
    error: _Refused = msgspec.field(default_factory=_Refused)


def _refused(body: bytes) -> _Refused:
    try:
        return msgspec.json.decode(body, type=_Refusal).error
    except msgspec.MsgspecError:
        return _Refused()
