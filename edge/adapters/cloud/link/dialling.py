"""Keeping the link up: connect, talk, back off with full jitter, for as long as the box runs.

Nothing waits for the cloud: the journal goes on, and this task sends what is there. A connection that was
good starts the waits anew; one that the cloud welcomed and that broke at once does not, so a box that
stumbles over the same entry every time does not hammer. A cloud that is asked by too many at once says when
to come again (`Retry-After`), and each box comes a little after that, so that they do not all come together.
"""

import asyncio
import random
from collections.abc import Mapping
from contextlib import closing
from http import HTTPStatus

import aiohttp

from edge.adapters.cloud.link.conversation import Conversation
from edge.adapters.cloud.link.side import Side
from edge.journal.database import open_reader
from protocol import link
from protocol.link_patience import CONNECT_WITHIN_S

FIRST_BACKOFF_S = 0.5
MOST_BACKOFF_S = 30.0
#: The most for a cloud that is there and welcomes the box.
MOST_WELCOMED_S = 4.0
#: The longest that a cloud may put the box off, and how much later than it says the box may come.
MOST_PUT_OFF_S = 120.0
LATER = 1.5
#: A conversation that was live for so long was a good one.
GOOD_AFTER_S = 5.0


def next_backoff_s(backoff_s: float, lived_s: float | None) -> float:
    """The longest wait before the next attempt. `lived_s`: how long the last one was live; None: never."""
    if lived_s is None:
        return min(backoff_s * 2, MOST_BACKOFF_S)
    return FIRST_BACKOFF_S if lived_s >= GOOD_AFTER_S else min(backoff_s * 2, MOST_WELCOMED_S)


def put_off_s(status: int, headers: Mapping[str, str] | None) -> float:
    """For how long the cloud asks not to be asked, in seconds; 0 where it does not say (RFC 9110 §10.2.3)."""
    retry_after = headers.get("Retry-After", "") if headers else ""
    if status != HTTPStatus.SERVICE_UNAVAILABLE or not (retry_after.isascii() and retry_after.isdecimal()):
        return 0.0
    return float(min(int(retry_after[:9]), MOST_PUT_OFF_S))


def wait_s(backoff_s: float, asked_s: float) -> float:
    """How long to wait before the next attempt: as it was asked for, else anything up to the back-off."""
    return random.uniform(asked_s, asked_s * LATER) if asked_s else random.uniform(0, backoff_s)


class CloudLink(Side):
    """Keeps the link up for ever; `run` is the task."""

    _asked_s = 0.0

    async def run(self) -> None:
        """Connect, talk, back off with full jitter, for ever."""
        with closing(open_reader(self.directory)) as self.reader:
            await self._keep_connecting()

    async def _keep_connecting(self) -> None:
        backoff_s = FIRST_BACKOFF_S
        async with aiohttp.ClientSession() as session:
            while True:
                lived_s = await self._connect_once(session)
                backoff_s = next_backoff_s(backoff_s, lived_s)
                await asyncio.sleep(wait_s(backoff_s, self._asked_s))

    async def _connect_once(self, session: aiohttp.ClientSession) -> float | None:
        """One conversation; for how long it was live. `_asked_s` is for how long the cloud put us off."""
        self._asked_s = 0.0
        try:
            async with asyncio.timeout(CONNECT_WITHIN_S):
                socket = await session.ws_connect(
                    f"{self.box.cloud_url}/link", max_msg_size=link.MOST_FRAME_BYTES, compress=0
                )
        except aiohttp.WSServerHandshakeError as error:
            self._asked_s = put_off_s(error.status, error.headers)
            again = f"; it asks to come again in {self._asked_s:.0f} s" if self._asked_s else ""
            self.down(f"the cloud answered {error.status}{again}")
            return None
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            self.down(str(error) or type(error).__name__)
            return None
        conversation = Conversation(self, socket)
        async with socket:
            why = await conversation.run()
        self.down(why)
        return conversation.lived_s
