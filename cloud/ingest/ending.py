"""Why a connection ends. The box retries after every one of them, so codes are for logs and people."""

from enum import IntEnum


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
