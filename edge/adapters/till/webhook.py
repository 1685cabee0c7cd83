"""A point of sale over HTTP, in the words of docs/pos-webhook.md: three calls, signed, one key per order.

What matters is what is *certain*. A connection that was never made, and an answer that says so, mean that
the order was not taken. A connection that broke, an answer that is late, or one that means nothing, leave it
open; then the till is asked, and told to close the door behind the attempts so far.

Every call opens a connection of its own: orders are rare, and on a kept one nobody could tell a till that had
closed it from one that died while it worked. Counterpart: `edge/core/orders/point_of_sale.py`.
"""

import hashlib
import hmac
import secrets
from collections.abc import Callable
from pathlib import Path

import aiohttp
import msgspec
from yarl import URL

from edge.core.orders.point_of_sale import PosError, PosRefused, PosUnavailable, PosUnknown, Taken
from protocol.codec import UNREADABLE, encode
from protocol.facts.order import OrderLine, OrderPlaced

#: In the data directory.
KEY_NAME = "pos.key"
#: Larger answers are not read.
MOST_ANSWER_BYTES = 64 * 1024
UNAVAILABLE = "POS system unavailable"
REFUSED = "The till does not accept this order"

#: By HTTP's own meaning nothing was done; 408, 409 and 425 do not say so, 429 and 503 may be tried again.
_NOT_DONE = frozenset(range(400, 500)) - {408, 409, 425, 429}
_TRY_AGAIN = frozenset({429, 503})
#: The till has no such call; then its word on the order has to do.
_NO_SUCH_CALL = frozenset({404, 405, 501})


class OrderBody(msgspec.Struct, frozen=True):
    """What a till is told of an order. Prices are in minor units of `currency`."""

    order_id: str
    attempt: int
    table: str
    currency: str
    total_minor: int
    special_instructions: str
    lines: tuple[OrderLine, ...]


class Answer(msgspec.Struct, frozen=True):
    """What a till says: `taken`, `refused`, `pending`, `unknown` or `void`."""

    status: str = ""
    reference: str = ""
    message: str = ""


_answer = msgspec.json.Decoder(Answer)


def load_key(path: Path) -> str:
    """The text that signs what a till is told, made on first use, readable by the box's user only."""
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_hex(32) + "\n", "ascii")
    return path.read_text("ascii").strip()


def signature(key: str, timestamp: str, method: str, path: str, body: bytes) -> str:
    """`v1=` and the hex HMAC-SHA-256 of time, method, path with query, and body, each but the last with a
    line feed behind it."""
    told = f"{timestamp}\n{method}\n{path}\n".encode() + body
    return "v1=" + hmac.digest(key.encode(), told, hashlib.sha256).hex()


class WebhookPointOfSale:
    """Implements `PointOfSale`. `wall_s` is only for the till's log; nobody decides anything by it."""

    def __init__(self, url: str, key: str, timeout_s: float, wall_s: Callable[[], int]) -> None:
        self._orders = URL(url.rstrip("/") + "/orders", encoded=False)
        self._key = key
        self._wall_s = wall_s
        # Half of the time to connect, so that a till that is switched off is told from one that is slow.
        self._timeout = aiohttp.ClientTimeout(total=timeout_s, connect=timeout_s / 2)

    async def place(self, order: OrderPlaced, attempt: int) -> Taken:
        """See `PointOfSale`."""
        body = OrderBody(
            order_id=order.order_id,
            attempt=attempt,
            table=order.table_name,
            currency=order.currency,
            total_minor=order.total_minor,
            special_instructions=order.special_instructions,
            lines=order.lines,
        )
        try:
            status, answer = await self._call("POST", self._orders, order.order_id, attempt, encode(body))
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise PosUnavailable(UNAVAILABLE) from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise PosUnknown(f"{error!r}") from error
        taken = _verdict(answer)
        if taken is not None:
            return taken
        raise _no(status)

    async def find_out(self, order_id: str, attempt: int) -> Taken:
        """See `PointOfSale`."""
        try:
            url = (self._orders / order_id).with_query(attempt=attempt)
            _, answer = await self._call("GET", url, order_id, attempt)
            taken = _verdict(answer)
            if taken is not None:
                return taken
            if answer.status != "unknown":
                raise PosUnknown("the till does not say what became of the order")
            return await self._close(url, order_id, attempt)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise PosUnknown(f"{error!r}") from error

    async def _close(self, url: URL, order_id: str, attempt: int) -> Taken:
        """The till does not have it: have it refuse the attempts so far, which may still be on their way."""
        status, answer = await self._call("DELETE", url, order_id, attempt)
        taken = _verdict(answer)
        if taken is not None:
            return taken
        if answer.status == "void" or (status in _NO_SUCH_CALL and not answer.status):
            raise PosUnavailable(UNAVAILABLE)
        raise PosUnknown(f"the till did not close the order (HTTP {status})")

    async def _call(
        self, method: str, url: URL, order_id: str, attempt: int, body: bytes = b""
    ) -> tuple[int, Answer]:
        timestamp = str(self._wall_s())
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": order_id,
            "Holdfast-Attempt": str(attempt),
            "Holdfast-Timestamp": timestamp,
            "Holdfast-Signature": signature(self._key, timestamp, method, url.raw_path_qs, body),
        }
        async with (
            aiohttp.ClientSession(timeout=self._timeout) as session,
            session.request(
                method, url, data=body or None, headers=headers, allow_redirects=False
            ) as response,
        ):
            return response.status, _parsed(await _read(response))


async def _read(response: aiohttp.ClientResponse) -> bytes:
    raw = b""
    async for chunk in response.content.iter_chunked(4096):
        raw += chunk
        if len(raw) > MOST_ANSWER_BYTES:
            raise aiohttp.ClientPayloadError("the answer of the till is too long")
    return raw


def _parsed(raw: bytes) -> Answer:
    """What the till said; an answer without any status if that is not understood."""
    try:
        return _answer.decode(raw)
    except UNREADABLE:
        return Answer()


def _verdict(answer: Answer) -> Taken | None:
    """The till's yes; raises its no; None where it said neither."""
    if answer.status == "taken":
        return Taken(_plain(answer.reference)[:64])
    if answer.status == "refused":
        raise PosRefused(_plain(answer.message)[:200] or REFUSED)
    return None


def _plain(text: str) -> str:
    """Without what cannot be printed, or kept in every database."""
    return "".join(letter for letter in text if letter.isprintable()).strip()


def _no(status: int) -> PosError:
    """What an answer without a verdict means for an order that was to be placed."""
    if status in _TRY_AGAIN:
        return PosUnavailable(UNAVAILABLE)
    if status in _NOT_DONE:
        return PosRefused(f"{REFUSED} (HTTP {status})")
    return PosUnknown(f"the till answered with HTTP {status}")
