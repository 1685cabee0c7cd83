"""Why a connection ends. The box retries after every one of them, so codes are for logs and people."""

from collections.abc import Coroutine
from enum import IntEnum

import structlog

from cloud.ingest.applier import CursorMoved, Superseded
from cloud.ingest.ledger import ChainBroken
from cloud.store.pool import GONE

log = structlog.get_logger()


class Ending(IntEnum):
    """WebSocket close codes; RFC 6455 §7.4 leaves 4000 to 4999 to us."""

    LEFT = 1000
    GOING_AWAY = 1001
    INTERNAL = 1011
    TRY_AGAIN = 1013
    VIOLATION = 4000
    SUPERSEDED = 4001
    CHAIN_BROKEN = 4002
    SILENT = 4003
    TURNED_AWAY = 4004


class LinkOver(Exception):
    """This connection ends. `trouble` is kept for the owner to see, None where nothing is wrong."""

    def __init__(self, ending: Ending, reason: str, trouble: str | None = None) -> None:
        super().__init__(reason)
        self.ending = ending
        self.reason = reason
        self.trouble = trouble


async def until_over(work: Coroutine[None, None, None]) -> None:
    """Whatever ends a task of a connection, in the words of `Ending`."""
    try:
        await work
    except Superseded as error:
        raise LinkOver(Ending.SUPERSEDED, "a newer connection speaks for this box") from error
    except ChainBroken as error:
        raise LinkOver(Ending.CHAIN_BROKEN, str(error), f"Damaged journal: {error}") from error
    except CursorMoved as error:
        raise LinkOver(Ending.TRY_AGAIN, "the cursor has moved; say hello again") from error
    except GONE as error:
        raise LinkOver(Ending.TRY_AGAIN, "the database is away") from error
    except LinkOver:
        raise
    except Exception as error:
        log.exception("link_failed")
        raise LinkOver(Ending.INTERNAL, "our fault", "The cloud failed; its log tells how.") from error


def brief(reason: str) -> bytes:
    """At most 123 bytes of UTF-8, as a close frame may carry (RFC 6455 §5.5)."""
    return reason.encode("utf-8", "replace")[:120].decode(errors="ignore").encode()
