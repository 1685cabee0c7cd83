"""Keeping the link up: connect, talk, back off with full jitter, for as long as the box runs.

Nothing waits for the cloud: the journal goes on, and this task sends what is there. A connection that was
good starts the waits anew; one that the cloud welcomed and that broke at once does not, so a box that
stumbles over the same entry every time does not hammer.
"""

import asyncio
import random
from contextlib import closing

import aiohttp

from edge.adapters.cloud_link.conversation import Conversation
from edge.adapters.cloud_link.side import Side
from edge.journal.database import open_reader
from protocol import link
from protocol.link_patience import CONNECT_WITHIN_S

FIRST_BACKOFF_S = 0.5
MOST_BACKOFF_S = 30.0
#: The most for a cloud that is there and welcomes the box.
MOST_WELCOMED_S = 4.0
#: A conversation that was live for so long was a good one.
GOOD_AFTER_S = 5.0


def next_backoff_s(backoff_s: float, lived_s: float | None) -> float:
    """The longest wait before the next attempt. `lived_s`: how long the last one was live; None: never."""
    if lived_s is None:
        return min(backoff_s * 2, MOST_BACKOFF_S)
    return FIRST_BACKOFF_S if lived_s >= GOOD_AFTER_S else min(backoff_s * 2, MOST_WELCOMED_S)


class CloudLink(Side):
    """Keeps the link up for ever; `run` is the task."""

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
                await asyncio.sleep(random.uniform(0, backoff_s))

    async def _connect_once(self, session: aiohttp.ClientSession) -> float | None:
        """One conversation; for how long it was live."""
        try:
            async with asyncio.timeout(CONNECT_WITHIN_S):
                socket = await session.ws_connect(
                    f"{self.box.cloud_url}/link", max_msg_size=link.MOST_FRAME_BYTES, compress=0
                )
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            self.down(str(error) or type(error).__name__)
            return None
        conversation = Conversation(self, socket)
        async with socket:
            why = await conversation.run()
        self.down(why)
        return conversation.lived_s
