"""The down feed of one connection: entries after the box's cursors, then whatever is published, at once.

The cursor starts where the box says it has applied everything, and an entry is sent once a connection.
What gets lost with a connection is sent again on the next, because the box's cursor moves only after it
has an entry on its disk.
"""

from collections.abc import Awaitable, Callable

from cloud.ingest.books import Books
from cloud.store.bell import DOWN, Bell
from protocol import link

_ENTRIES_A_MESSAGE = 50
_BYTES_A_MESSAGE = 4 * 1024 * 1024

Send = Callable[[str, tuple[link.Entry, ...]], Awaitable[None]]


async def feed(books: Books, bell: Bell, venue_id: str, cursors: dict[str, int], send: Send) -> None:
    """Send entries of every stream until cancelled; one stream's order is kept, streams are independent."""
    sent = {stream: cursors.get(stream, 0) for stream in link.STREAMS}
    with bell.listen(DOWN) as ear:
        ear.follow([venue_id])
        while True:
            for stream in link.STREAMS:
                sent[stream] = await _catch_up(books, venue_id, stream, sent[stream], send)
            await ear.take()


async def _catch_up(books: Books, venue_id: str, stream: str, seq: int, send: Send) -> int:
    """Send everything after `seq`; where it ends now."""
    while True:
        async with books.glance() as page:
            entries = await page.entries(venue_id, stream, seq, _ENTRIES_A_MESSAGE, _BYTES_A_MESSAGE)
        if not entries:
            return seq
        await send(stream, entries)
        seq = entries[-1].seq
