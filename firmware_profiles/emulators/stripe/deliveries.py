"""How events reach an endpoint: signed, again until it says yes, and not always in order or only once.

The signature is `Stripe-Signature: t=SECONDS,v1=HEX`, HMAC-SHA256 over `SECONDS.BODY` with the endpoint's
secret (docs.stripe.com/webhooks/signature). Stripe promises neither order nor 'once', so `Whims` do all of it
on purpose.
"""

import asyncio
import hashlib
import hmac
import json
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import aiohttp

#: Stripe waits 20 s; the first try after a failure comes sooner here than there.
_ANSWER_WITHIN_S = 20.0
_AGAIN_AFTER_S, _MOST_S = 0.1, 5.0


@dataclass(slots=True)
class Whims:
    """`hold` keeps events back until `release`; `twice` brings each one twice; `shuffled` mixes them up;
    `lost` forgets them; `forged` signs with a secret that is not the endpoint's."""

    hold: bool = False
    twice: bool = False
    shuffled: bool = False
    lost: bool = False
    forged: bool = False


def signature(secret: str, body: bytes, at_s: int) -> str:
    """The header `Stripe-Signature`."""
    signed = hmac.new(secret.encode(), f"{at_s}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at_s},v1={signed}"


class Deliveries:
    """One endpoint. `run` it while events are to arrive; `url` None: nobody is told."""

    def __init__(self, url: str | None, secret: str, now_s: Callable[[], float]) -> None:
        self.url = url
        self.secret = secret
        self.whims = Whims()
        #: What the endpoint answered: event type and HTTP status, 0 for no answer.
        self.answered: list[tuple[str, int]] = []
        self._now_s = now_s
        self._waiting: deque[dict[str, Any]] = deque()
        self._work = asyncio.Event()

    def put(self, event: dict[str, Any]) -> None:
        """An event has happened."""
        if self.url is None or self.whims.lost:
            return
        self._waiting.append(event)
        if self.whims.twice:
            self._waiting.append(event)
        self._work.set()

    def release(self) -> None:
        """Bring what was held."""
        self.whims.hold = False
        self._work.set()

    async def run(self) -> None:
        """Bring events until cancelled."""
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_ANSWER_WITHIN_S)) as session:
            wait_s = _AGAIN_AFTER_S
            while True:
                await self._work.wait()
                self._work.clear()
                if self.whims.hold:
                    continue
                if await self._bring_all(session):
                    wait_s = _AGAIN_AFTER_S
                    continue
                await asyncio.sleep(wait_s)
                wait_s = min(_MOST_S, wait_s * 2)
                self._work.set()

    async def _bring_all(self, session: aiohttp.ClientSession) -> bool:
        """Try each once; whether all were taken."""
        events, self._waiting = list(self._waiting), deque()
        if self.whims.shuffled:
            random.shuffle(events)
        for event in events:
            status = await self._bring(session, event)
            self.answered.append((event["type"], status))
            if not 200 <= status < 300:
                self._waiting.append(event)
        return not self._waiting

    async def _bring(self, session: aiohttp.ClientSession, event: dict[str, Any]) -> int:
        body = json.dumps(event).encode()
        secret = "whsec_somebody_elses" if self.whims.forged else self.secret
        headers = {
            "Stripe-Signature": signature(secret, body, int(self._now_s())),
            "Content-Type": "application/json; charset=utf-8",
        }
        try:
            async with session.post(str(self.url), data=body, headers=headers) as answer:
                return answer.status
        except (aiohttp.ClientError, TimeoutError):
            return 0
