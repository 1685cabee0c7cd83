"""`POST /api/edge/cards`: a box has a bill paid by card, asks how that goes, or calls it off.

The box proves itself with the key it was claimed with. Everything is named by the box's own payment id, so
any call may come twice. How a payment ends is also put into the venue's down stream, in the transaction that
writes the end down (`settled`): a box that was away hears of it later, and its journal takes it once.

Counterparts: `protocol/card.py`, `edge/adapters/cloud/cards.py`.
"""

import base64
import time
from binascii import Error as NotBase64
from typing import Literal
from uuid import UUID

import asyncpg
import msgspec
from aiohttp import web
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from cloud.payments.cards import Cards, Opened
from cloud.payments.gateway import Line, Wanted
from cloud.store import venues
from cloud.store.link import instructions, nodes
from cloud.store.money.card_payments import CardPayment
from cloud.web.answers import Handler, answer
from protocol import codec
from protocol.card import SIGNATURE, SIGNED, CardAnswer, CardCall, State
from protocol.errors import Refused, refuse
from protocol.http import Route
from protocol.instruction import Instruction, SettleCard

PURPOSE = "venue"
#: The provider's shortest is half an hour.
OPEN_FOR_S = 32 * 60
#: An outcome is of use for ever.
FOR_EVER_MS = 2**40

CALL = Route(
    method="POST",
    path="/api/edge/cards",
    summary="A box takes money by card; signed with its own key in `Holdfast-Signature`.",
    request=CardCall,
    response=CardAnswer,
    errors=("unauthenticated", "unknown_payment", "method_unavailable", "mid_reused"),
)

#: To the box a payment that was given back has been paid: what it gave back it knows itself.
_STATES: dict[str, State] = {
    "INITIATED": "UNKNOWN",
    "PENDING": "PENDING",
    "UNKNOWN": "UNKNOWN",
    "COMPLETED": "COMPLETED",
    "FAILED": "FAILED",
    "REFUNDED": "COMPLETED",
}

_decoder = msgspec.json.Decoder(CardCall)


class CardCalls:
    """The handler and what it needs. From now on boxes are told how their payments end."""

    def __init__(self, pool: asyncpg.Pool, cards: Cards) -> None:
        self._pool = pool
        self._cards = cards
        cards.purposes.on(PURPOSE, settled)

    def routes(self) -> list[tuple[Route, Handler]]:
        """Addresses and their handlers."""
        return [(CALL, self.call)]

    async def call(self, request: web.Request) -> web.Response:
        """`POST /api/edge/cards`."""
        if request.content_type != "application/json":
            raise Refused(refuse("unsupported_type"))
        raw = await request.read()
        call = codec.decode(_decoder, raw)
        organisation_id = await self._signed(request, raw, call)
        match call.ask:
            case "begin":
                opened = await self._cards.begin(_wanted(call, organisation_id))
            case "look":
                opened = await self._cards.reopen(organisation_id, call.payment_pid)
            case "cancel":
                opened = Opened(await self._cards.cancel(organisation_id, call.payment_pid))
        return answer(_told(opened))

    async def _signed(self, request: web.Request, raw: bytes, call: CardCall) -> str:
        """The organisation of the box in charge that signed this. Raises `Refused`."""
        venue_id, node_id = _uuid(call.venue_id), _uuid(call.node_id)
        async with self._pool.acquire() as connection:
            node = await nodes.find(connection, venue_id, node_id)
            venue = await venues.find(connection, venue_id)
        if node is None or venue is None or node.epoch != node.charge_epoch:
            raise Refused(refuse("unauthenticated"))
        try:
            signature = base64.b64decode(request.headers.get(SIGNATURE, ""), validate=True)
            Ed25519PublicKey.from_public_bytes(node.public_key).verify(signature, SIGNED + raw)
        except (InvalidSignature, NotBase64, ValueError) as error:
            raise Refused(refuse("unauthenticated")) from error
        return venue.organisation_id


def _uuid(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError as error:
        raise Refused(refuse("unauthenticated")) from error


def _wanted(call: CardCall, organisation_id: str) -> Wanted:
    name = call.words or "Your bill"
    return Wanted(
        payment_id=call.payment_pid,
        organisation_id=organisation_id,
        purpose=PURPOSE,
        subject=call.subject,
        amount_minor=call.amount_minor,
        currency=call.currency,
        description=name,
        venue_id=call.venue_id,
        lines=(Line(name, call.amount_minor),),
        success_url=call.return_url,
        cancel_url=call.return_url,
        expires_s=int(time.time()) + OPEN_FOR_S,
    )


def _told(opened: Opened) -> CardAnswer:
    payment = opened.payment
    return CardAnswer(
        state=_STATES[payment.status],
        reference=payment.reference,
        code=payment.code,
        reason=payment.failure or payment.trouble,
        url=opened.url,
    )


async def settled(connection: asyncpg.Connection, payment: CardPayment) -> None:
    """Have the box told, in the transaction that writes the end down."""
    if payment.venue_id is None or payment.status == "REFUNDED":
        return
    state: Literal["COMPLETED", "FAILED"] = "COMPLETED" if payment.status == "COMPLETED" else "FAILED"
    ask = SettleCard(payment.payment_id, state, payment.reference or "", payment.failure[:200])
    command_id = f"card:{payment.payment_id}:{state}"[:64]
    await instructions.issue(
        connection, payment.venue_id, Instruction(command_id, "stripe", FOR_EVER_MS, ask)
    )
