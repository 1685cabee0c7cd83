"""Boards that a venue's box may be: a row per model, keyed by the start of `/proc/device-tree/model`.

Only 64-bit systems: asyncpg, greenlet and msgspec have no wheels for armv7. `clock` tells whether the
hour survives a power cut: a Pi before the 5 has none, the 5's needs a battery that most do not fit, so
boot time is trusted on neither (devices.md, 'Board'). `watchdog_s` is the most the hardware watchdog
waits; 15 s on every Broadcom board (bcm2835_wdt).
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BoardModel:
    """One board. `clock` is `none`, `battery_optional` or `battery`."""

    model: str
    name: str
    clock: str
    watchdog_s: int
    supported: bool = True


BOARDS = (
    BoardModel("Raspberry Pi 5", "Raspberry Pi 5", "battery_optional", 15),
    BoardModel("Raspberry Pi Compute Module 5", "Compute Module 5", "battery_optional", 15),
    BoardModel("Raspberry Pi 500", "Raspberry Pi 500", "none", 15),
    BoardModel("Raspberry Pi 4", "Raspberry Pi 4", "none", 15),
    BoardModel("Raspberry Pi Compute Module 4", "Compute Module 4", "none", 15),
    BoardModel("Raspberry Pi 400", "Raspberry Pi 400", "none", 15),
    BoardModel("Raspberry Pi 3", "Raspberry Pi 3 (1 GiB: too small)", "none", 15, supported=False),
)

#: A PC has no device tree; its firmware keeps a battery clock.
PC = BoardModel("", "64-bit PC", "battery", 0)


def find_board(device_tree_model: str) -> BoardModel | None:
    """The row whose name begins the text; the PC's for an empty one; None for an unknown board."""
    if not device_tree_model:
        return PC
    found = [row for row in BOARDS if device_tree_model.startswith(row.model)]
    return max(found, key=lambda row: len(row.model), default=None)
